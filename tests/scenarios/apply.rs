//! `apply`: Image Builder ends as the manifest says, whatever it held and whatever happened on the way.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use image_plane::{Mutation, Process, Service};
use stage::aws::{Aws as World, HUB, IRELAND, hours, target};
use stage::table::create_table;
use steward::applying::{ApplyPlan, Before, FleetPlan, Unappliable, Wanted, digest_of, wanted};
use steward::manifest::ManifestFile;
use steward::{ChannelName, FamilyName, Timestamp};
use steward_aws::{Applier, ApplyError, AtTarget, Aws, Bus, FamilyInput, Record};

use crate::hub::{TABLE, environment, hub};

pub(crate) mod container;
mod crash;
mod drift;
mod fleet;
mod import;
mod old_versions;
mod whole;

const NGINX: &str = "name: nginx\nschemaVersion: 1.0\nparameters:\n  - Package:\n      type: string\n      default: nginx\nphases:\n  - name: build\n    steps:\n      - name: install\n        action: ExecuteBash\n        inputs:\n          commands:\n            - dnf install -y '{{ Package }}'\n";

const WEB: &str = r#"
family: web
description: nginx on Amazon Linux 2023
architectures: [x86_64, arm64]
build:
  parent: { parameter: "/base/{architecture}", owner: self }
  components:
    - { arn: "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/x.x.x" }
    - { file: components/nginx.yaml, parameters: { Package: [nginx] } }
  tests: [ { arn: "arn:aws:imagebuilder:eu-west-1:aws:component/simple-boot-test-linux/x.x.x" } ]
  volumes: [ { device: /dev/xvda, size_gb: 20, type: gp3, encrypted: true } ]
  infrastructure:
    instance_types: [t3.medium, t4g.medium]
    instance_profile: ImageBuilder
    logs: s3://logs/web
    tags: { cost: web }
  user_data: boot.sh
  working_directory: /var/tmp
  scanning: {}
"#;

/// A hub whose parents are there, and a manifest that can be changed.
pub(crate) struct Bench {
    pub(crate) world: World,
    pub(crate) manifest: String,
    files: BTreeMap<&'static str, String>,
    follows: Option<(FamilyName, ChannelName)>,
    prune_versions: bool,
    runs: AtomicUsize,
}

/// One run of the command, in a process of its own.
pub(crate) struct Run {
    number: usize,
    at: Arc<AtTarget>,
    pub(crate) record: Record,
    bus: Bus,
    process: Process,
    prune_versions: bool,
}

impl Run {
    fn applier(&self, who: &str) -> Applier<'_> {
        Applier {
            at: &self.at,
            record: &self.record,
            bus: self.bus.clone(),
            who: who.to_owned(),
            run: format!("{who}'s run {}", self.number),
            prune_versions: self.prune_versions.then(Vec::new),
        }
    }
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::in_world(World::calm()).await
    }

    async fn in_world(world: World) -> Self {
        create_table(&world).await;
        for architecture in ["x86_64", "arm64"] {
            let image = world.image(HUB, IRELAND, &format!("base-{architecture}"));
            world
                .plane
                .with(|plane| plane.put_parameter(target(HUB, IRELAND), &format!("/base/{architecture}"), &image));
        }
        world
            .plane
            .with(|plane| plane.publish_vendor_images(IRELAND.parse().unwrap()));
        let nginx = ("components/nginx.yaml", NGINX.to_owned());
        Self {
            world,
            manifest: WEB.to_owned(),
            follows: None,
            prune_versions: false,
            runs: AtomicUsize::new(0),
            files: BTreeMap::from([nginx, ("boot.sh", String::from("#!/bin/sh\necho é\n"))]),
        }
    }

    fn input(&self) -> FamilyInput {
        self.input_of("web")
    }

    /// The same under another family's name.
    fn input_of(&self, family: &str) -> FamilyInput {
        let text = self.manifest.replace("family: web", &format!("family: {family}"));
        let contents = self.files.iter().map(|(name, content)| (*name, content.as_bytes()));
        FamilyInput {
            family: family.parse().unwrap(),
            wanted: self.try_wanted(family, &text).unwrap(),
            follows: self.follows.clone(),
            digest: digest_of(contents.chain([("manifest", text.as_bytes())])),
            text,
        }
    }

    fn try_wanted(&self, family: &str, text: &str) -> Result<Option<Wanted>, Unappliable> {
        let read = ManifestFile::read(&format!("{family}.yaml"), text.as_bytes());
        assert!(read.diagnostics.is_empty(), "{:?}", read.diagnostics);
        let file = |path: &steward::manifest::FilePath| {
            let content = self.files.get(path.as_str()).cloned();
            content.ok_or_else(|| String::from("no such file"))
        };
        wanted(read.file.unwrap().manifest(), hub(), |_| None, file)
    }

    pub(crate) async fn run(&self) -> Run {
        let other = self.world.another_process();
        let access = environment(steward_aws::FirstValue::Running).access;
        let aws = Aws::new(&other.config(HUB, IRELAND), hub(), access);
        Run {
            number: self.runs.fetch_add(1, Ordering::Relaxed),
            at: aws.at(hub()).await,
            record: Record::new(aws.tables(), TABLE, hub()),
            bus: aws.bus(),
            process: other.process,
            prune_versions: self.prune_versions,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.world.plane.now().to_string().parse().unwrap()
    }

    async fn fleet_plan(&self) -> FleetPlan {
        self.run().await.applier("ann").plan(&[self.input()]).await.unwrap()
    }

    async fn plan(&self) -> ApplyPlan {
        self.fleet_plan().await.families.remove(0).builder.unwrap()
    }

    pub(crate) async fn apply(&self) -> Result<(), ApplyError> {
        self.apply_by(&self.run().await).await
    }

    /// Applies the same manifest for another family.
    pub(crate) async fn apply_as(&self, family: &str) -> Result<(), ApplyError> {
        self.apply_input(&self.run().await, self.input_of(family)).await
    }

    async fn apply_by(&self, run: &Run) -> Result<(), ApplyError> {
        self.apply_input(run, self.input()).await
    }

    async fn apply_input(&self, run: &Run, input: FamilyInput) -> Result<(), ApplyError> {
        let (applier, families) = (run.applier("ann"), [input]);
        let plan = applier.plan(&families).await?;
        applier
            .apply(&families, &plan.digest(), None, || self.now(), |_| {})
            .await
    }

    pub(crate) fn ib(&self) -> aws_sdk_imagebuilder::Client {
        stage::shop::client(&self.world)
    }

    /// How many calls changed something in Image Builder.
    /// What was changed in Image Builder so far.
    fn changes(&self) -> usize {
        let of_builder = |change: &&Mutation| change.service == Service::ImageBuilder;
        self.world
            .plane
            .with(|world| world.ledger().changes().filter(of_builder).count())
    }

    /// All that Image Builder and the record hold of the family, without times.
    async fn state(&self) -> Vec<String> {
        let run = self.run().await;
        let held = run.at.held(&self.input().wanted.unwrap()).await.unwrap();
        let mut state = self.versions().await;
        state.push(format!("{held:?}"));
        let family = "web".parse().unwrap();
        for manifest in run.record.manifests(&family).await.unwrap() {
            state.push(format!("{} {} {}", manifest.version, manifest.who, manifest.text));
        }
        let applied = run.record.applied(&family).await.unwrap();
        state.push(format!(
            "{:?}",
            applied.map(|applied| (applied.version, applied.digest))
        ));
        state
    }

    /// The components and recipes of the hub's own.
    async fn versions(&self) -> Vec<String> {
        let ib = self.ib();
        let own = aws_sdk_imagebuilder::types::Ownership::SelfValue;
        let components = ib.list_components().owner(own.clone()).send().await.unwrap();
        let recipes = ib.list_image_recipes().owner(own).send().await.unwrap();
        let components = components
            .component_version_list()
            .iter()
            .filter_map(|component| component.arn());
        let recipes = recipes
            .image_recipe_summary_list()
            .iter()
            .filter_map(|recipe| recipe.arn());
        components
            .chain(recipes)
            .map(|arn| arn.rsplit(':').next().unwrap().to_owned())
            .collect()
    }
}

fn said(plan: &ApplyPlan) -> Vec<String> {
    plan.steps
        .iter()
        .map(|step| {
            let how = match step.before {
                Before::Nothing => "create",
                Before::Version(_) => "next",
                Before::Same => "update",
            };
            format!("{how} {step}")
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn an_empty_hub_gets_all_that_a_manifest_says_and_a_second_time_nothing() {
    let bench = Bench::new().await;
    let plan = bench.plan().await;
    assert_eq!(
        said(&plan),
        [
            "create component web-nginx 1.0.0",
            "create recipe web-x86-64 1.0.0",
            "create infrastructure configuration web-x86-64",
            "create distribution configuration web-x86-64",
            "create pipeline web-x86-64",
            "create recipe web-arm64 1.0.0",
            "create infrastructure configuration web-arm64",
            "create distribution configuration web-arm64",
            "create pipeline web-arm64",
        ]
    );
    assert_eq!(bench.changes(), 0);
    bench.apply().await.unwrap();
    assert_eq!(bench.changes(), 9);
    let again = bench.fleet_plan().await;
    assert!(again.is_empty());
    assert_eq!(again.text(), "Nothing to do: all is as the manifests say.");
    assert_eq!(again.families[0].builder.as_ref().unwrap().unchanged.len(), 9);
    bench.apply().await.unwrap();
    assert_eq!(bench.changes(), 9);
}

/// Image Builder wants three characters at least; no name of ours is its family's alone.
#[tokio::test(start_paused = true)]
async fn a_family_of_one_letter_becomes_names_that_image_builder_takes() {
    let bench = Bench::new().await;
    let run = bench.run().await;
    let (applier, families) = (run.applier("ann"), ["a", "ab"].map(|family| bench.input_of(family)));
    let digest = applier.plan(&families).await.unwrap().digest();
    let run = applier.apply(&families, &digest, None, || bench.now(), |_| {});
    run.await.unwrap();
    assert_eq!(bench.changes(), 2 * 9);
    let held = bench.versions().await;
    for name in [
        "component/a-nginx/1.0.0",
        "image-recipe/a-arm64/1.0.0",
        "image-recipe/ab-x86-64/1.0.0",
    ] {
        assert!(held.iter().any(|held| held == name), "{held:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_applied_builds_an_image_of_the_family() {
    let bench = Bench::new().await;
    bench.apply().await.unwrap();
    let ib = bench.ib();
    let pipeline = "arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/web-x86-64";
    let started = ib
        .start_image_pipeline_execution()
        .image_pipeline_arn(pipeline)
        .send()
        .await
        .unwrap();
    bench.world.pass(hours(2)).await;
    let at = bench.run().await.at;
    let build = started.image_build_version_arn.unwrap().parse().unwrap();
    let facts = at.build(&build).await.unwrap().unwrap();
    assert_eq!(facts.state, steward::BuildState::Available);
    assert_eq!(facts.family.unwrap().as_str(), "web");
    assert_eq!(facts.outputs.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_changed_component_becomes_the_next_version_and_every_recipe_and_pipeline_moves_to_it() {
    let mut bench = Bench::new().await;
    bench.apply().await.unwrap();
    let file = bench.files.get_mut("components/nginx.yaml").unwrap();
    *file = file.replace("dnf install", "dnf upgrade");
    bench.manifest = bench
        .manifest
        .replace("  scanning: {}", "  scanning: {}\n  next_version: minor");
    let plan = bench.plan().await;
    assert_eq!(
        said(&plan),
        [
            "next component web-nginx 1.1.0",
            "next recipe web-x86-64 1.1.0",
            "update pipeline web-x86-64",
            "next recipe web-arm64 1.1.0",
            "update pipeline web-arm64",
        ]
    );
    let [change] = plan.steps[1].changes.as_slice() else {
        panic!("{:?}", plan.steps[1].changes)
    };
    assert_eq!(change.path, "components[1].arn");
    assert!(change.before.as_ref().unwrap().ends_with("component/web-nginx/1.0.0"));
    assert!(change.after.as_ref().unwrap().ends_with("component/web-nginx/1.1.0"));
    bench.apply().await.unwrap();
    assert!(bench.fleet_plan().await.is_empty());
    // The old versions stay: releases refer to them.
    assert_eq!(
        bench.versions().await,
        [
            "component/web-nginx/1.0.0",
            "component/web-nginx/1.1.0",
            "image-recipe/web-arm64/1.0.0",
            "image-recipe/web-arm64/1.1.0",
            "image-recipe/web-x86-64/1.0.0",
            "image-recipe/web-x86-64/1.1.0",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_record_says_who_applied_which_manifest_when_and_why() {
    let mut bench = Bench::new().await;
    bench.apply().await.unwrap();
    let first = bench.manifest.clone();
    bench.world.pass(hours(5)).await;
    bench.manifest = bench.manifest.replace("size_gb: 20", "size_gb: 30");
    let (run, families) = (bench.run().await, [bench.input()]);
    let applier = run.applier("bob");
    let plan = applier.plan(&families).await.unwrap().digest();
    applier
        .apply(&families, &plan, Some("more room"), || bench.now(), |_| {})
        .await
        .unwrap();
    let manifests = run.record.manifests(&families[0].family).await.unwrap();
    let told: Vec<_> = manifests
        .iter()
        .map(|manifest| {
            (
                manifest.version,
                manifest.who.as_str(),
                manifest.message.as_deref(),
                manifest.text.as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (1, "ann", None, first.as_str()),
            (2, "bob", Some("more room"), bench.manifest.as_str())
        ]
    );
    assert!(manifests[0].at < manifests[1].at);
    let all = run.record.all_applied().await.unwrap();
    assert_eq!((all.len(), all[0].version, all[0].family.as_str()), (1, 2, "web"));
    // And once more, nothing.
    bench.apply().await.unwrap();
    assert_eq!(run.record.manifests(&families[0].family).await.unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_family_whose_parent_points_to_nothing_yet_waits_and_says_so() {
    let mut bench = Bench::new().await;
    bench.follows = Some(("base".parse().unwrap(), "stable".parse().unwrap()));
    bench.apply().await.unwrap();
    assert_eq!(bench.changes(), 0);
    let plan = bench.fleet_plan().await;
    assert_eq!(plan.families, []);
    assert_eq!(
        plan.waiting,
        ["web waits: the channel stable of base points to nothing yet. Apply again once it does."]
    );
}

#[tokio::test(start_paused = true)]
async fn two_files_that_would_be_one_component_are_refused() {
    let mut bench = Bench::new().await;
    bench.files.insert("other/Nginx.v2.yaml", NGINX.to_owned());
    bench.manifest = bench
        .manifest
        .replace("  tests:", "    - { file: other/Nginx.v2.yaml }\n  tests:");
    assert_eq!(
        bench.try_wanted("web", &bench.manifest).unwrap_err().to_string(),
        "web: the component of other/Nginx.v2.yaml would be called web-nginx, which is that of components/nginx.yaml too"
    );
}

#[tokio::test(start_paused = true)]
async fn an_architecture_that_was_dropped_is_left_over_and_named() {
    let mut bench = Bench::new().await;
    bench.apply().await.unwrap();
    bench.manifest = bench
        .manifest
        .replace("[x86_64, arm64]", "[x86_64]")
        .replace(", t4g.medium", "");
    bench.apply().await.unwrap();
    let plan = bench.fleet_plan().await;
    assert!(plan.is_empty());
    assert_eq!(
        (plan.left_over.as_slice(), plan.unmanaged.len()),
        ([String::from("web-arm64")].as_slice(), 0)
    );
    assert!(
        plan.text()
            .starts_with("No longer wanted, and still there: web-arm64.\n"),
        "{}",
        plan.text()
    );
}
