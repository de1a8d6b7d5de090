//! `apply`: Image Builder ends as the manifest says, whatever it held and whatever happened on the way.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use image_plane::{Effect, Fault, Process, Settings};
use stage::aws::{Aws as World, HUB, IRELAND, hours, minutes, target};
use steward::applying::{
    ApplyPlan, Before, ExistingSchedule, FleetPlan, Unappliable, Wanted, digest_of, import, wanted,
};
use steward::manifest::ManifestFile;
use steward::{ChannelName, FamilyName, Timestamp};
use steward_aws::{Applier, ApplyError, AtTarget, Aws, FamilyInput, Record};

use crate::hub::{TABLE, create_table, environment, hub};

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
struct Bench {
    world: World,
    manifest: String,
    files: BTreeMap<&'static str, String>,
    follows: Option<(FamilyName, ChannelName)>,
    runs: AtomicUsize,
}

/// One run of the command, in a process of its own.
struct Run {
    number: usize,
    at: Arc<AtTarget>,
    record: Record,
    process: Process,
}

impl Run {
    fn applier(&self, who: &str) -> Applier<'_> {
        Applier {
            at: &self.at,
            record: &self.record,
            who: who.to_owned(),
            run: format!("{who}'s run {}", self.number),
        }
    }
}

impl Bench {
    async fn new() -> Self {
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

    async fn run(&self) -> Run {
        let other = self.world.another_process();
        let look = environment(steward_aws::FirstValue::Running).look;
        let aws = Aws::new(&other.config(HUB, IRELAND), hub(), look);
        Run {
            number: self.runs.fetch_add(1, Ordering::Relaxed),
            at: aws.at(hub()).await,
            record: Record::new(aws.tables(), TABLE, hub()),
            process: other.process,
        }
    }

    fn now(&self) -> Timestamp {
        self.world.plane.now().to_string().parse().unwrap()
    }

    async fn fleet_plan(&self) -> FleetPlan {
        self.run().await.applier("ann").plan(&[self.input()]).await.unwrap()
    }

    async fn plan(&self) -> ApplyPlan {
        self.fleet_plan().await.families.remove(0).builder.unwrap()
    }

    async fn apply(&self) -> Result<(), ApplyError> {
        self.apply_by(&self.run().await).await
    }

    async fn apply_by(&self, run: &Run) -> Result<(), ApplyError> {
        let (applier, families) = (run.applier("ann"), [self.input()]);
        let plan = applier.plan(&families).await?;
        applier
            .apply(&families, &plan.digest(), None, || self.now(), |_| {})
            .await
    }

    fn ib(&self) -> aws_sdk_imagebuilder::Client {
        stage::shop::client(&self.world)
    }

    /// How many calls changed something in Image Builder.
    fn changes(&self) -> usize {
        self.world.plane.with(|world| world.ledger().changes().count())
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
async fn what_another_hand_changed_is_shown_with_both_sides_and_set_right() {
    let bench = Bench::new().await;
    bench.apply().await.unwrap();
    let ib = bench.ib();
    let arn = |kind: &str| format!("arn:aws:imagebuilder:eu-west-1:111122223333:{kind}/web-x86-64");
    let permission = aws_sdk_imagebuilder::types::LaunchPermissionConfiguration::builder()
        .user_ids("999988887777")
        .build();
    let ami = aws_sdk_imagebuilder::types::AmiDistributionConfiguration::builder()
        .launch_permission(permission)
        .build();
    let region = aws_sdk_imagebuilder::types::Distribution::builder()
        .region(IRELAND)
        .ami_distribution_configuration(ami);
    ib.update_distribution_configuration()
        .distribution_configuration_arn(arn("distribution-configuration"))
        .distributions(region.build().unwrap())
        .send()
        .await
        .unwrap();
    ib.update_image_pipeline()
        .image_pipeline_arn(arn("image-pipeline"))
        .image_recipe_arn(format!("{}/1.0.0", arn("image-recipe")))
        .infrastructure_configuration_arn(arn("infrastructure-configuration"))
        .status(aws_sdk_imagebuilder::types::PipelineStatus::Disabled)
        .send()
        .await
        .unwrap();
    let plan = bench.plan().await;
    assert_eq!(
        said(&plan),
        [
            "update distribution configuration web-x86-64",
            "update pipeline web-x86-64"
        ]
    );
    let changed = |at: usize, path: &str| {
        let change = plan.steps[at]
            .changes
            .iter()
            .find(|change| change.path == path)
            .unwrap();
        (change.before.clone(), change.after.clone())
    };
    assert_eq!(
        changed(0, "regions[0].others[0]"),
        (Some(String::from("launchPermission")), None)
    );
    assert_eq!(
        changed(0, "regions[0].ami_tags.image-steward:family"),
        (None, Some(String::from("web")))
    );
    assert_eq!(
        changed(1, "enabled"),
        (Some(String::from("false")), Some(String::from("true")))
    );
    bench.apply().await.unwrap();
    assert!(bench.fleet_plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_has_our_name_and_not_our_tag_blocks_the_whole_family() {
    let bench = Bench::new().await;
    bench
        .ib()
        .create_infrastructure_configuration()
        .name("web-arm64")
        .instance_profile_name("Other")
        .send()
        .await
        .unwrap();
    let plan = bench.plan().await;
    assert_eq!(
        plan.blocked,
        [
            "the infrastructure configuration web-arm64 is not tagged as ours: delete or rename it, or tag it \
          image-steward:family=web if it is to be changed"
        ]
    );
    let error = bench.apply().await.unwrap_err().to_string();
    assert!(
        error.starts_with("nothing was done: the infrastructure configuration web-arm64"),
        "{error}"
    );
    assert_eq!(bench.changes(), 1);
}

/// Crashes the first run at each call, with these faults besides; the second run must end where a run without faults does.
async fn healed_after_each_crash(besides: impl Fn(u64) -> Vec<Fault>) -> usize {
    let whole = Bench::new().await;
    whole.apply().await.unwrap();
    let (expected, calls) = (whole.state().await, whole.changes());
    assert_eq!(calls, 9);
    let mut crashes = 0;
    for effect in [Effect::CrashBefore, Effect::CrashAfter] {
        for of_tables in [false, true] {
            for skip in 0.. {
                let bench = Bench::new().await;
                let crash = Fault::new(effect).after(skip);
                if of_tables {
                    bench.world.plane.with_tables(|tables| tables.inject(crash));
                } else {
                    bench.world.plane.with(|world| world.inject(crash));
                }
                for fault in besides(skip) {
                    bench.world.plane.with(|world| world.inject(fault.clone()));
                }
                let run = bench.run().await;
                let Err(_crashed) = run.process.run(Box::pin(bench.apply_by(&run))).await else {
                    break;
                };
                crashes += 1;
                // As long as the lease of who died.
                bench.world.pass(minutes(3)).await;
                bench.apply().await.unwrap();
                assert_eq!(
                    bench.state().await,
                    expected,
                    "{effect:?} of tables {of_tables} at call {skip}"
                );
                assert_eq!(
                    bench.changes(),
                    calls,
                    "{effect:?} of tables {of_tables} at call {skip}"
                );
            }
        }
    }
    crashes
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_is_healed_by_the_next_run_and_nothing_is_doubled() {
    let crashes = healed_after_each_crash(|_| Vec::new()).await;
    // A first run reads nine things and the pipelines twice, and makes nine; the record is asked some twenty times besides.
    assert!(crashes > 2 * (29 + 15), "{crashes}");
}

#[tokio::test(start_paused = true)]
async fn a_crash_and_a_throttled_call_beside_it_are_healed_too() {
    for distance in [1, 4] {
        let crashes =
            healed_after_each_crash(|skip| vec![Fault::new(Effect::Throttle).after(skip + distance).times(3)]).await;
        assert!(crashes > 2 * (29 + 15), "{crashes}");
    }
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
async fn a_plan_whose_world_changed_is_not_carried_out() {
    let mut bench = Bench::new().await;
    bench.apply().await.unwrap();
    bench.manifest = bench.manifest.replace("size_gb: 20", "size_gb: 30");
    let (run, families) = (bench.run().await, [bench.input()]);
    let applier = run.applier("ann");
    let plan = applier.plan(&families).await.unwrap().digest();
    let arn = "arn:aws:imagebuilder:eu-west-1:111122223333:infrastructure-configuration/web-arm64";
    let update = bench
        .ib()
        .update_infrastructure_configuration()
        .infrastructure_configuration_arn(arn);
    update.instance_profile_name("Other").send().await.unwrap();
    let (before, now) = (bench.changes(), applier.plan(&families).await.unwrap().digest());
    let refused = applier.apply(&families, &plan, None, || bench.now(), |_| {}).await;
    assert_eq!(refused, Err(ApplyError::Changed { now }));
    assert_eq!(bench.changes(), before);
    bench.apply().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn two_at_once_do_not_interleave_and_who_died_holds_nobody_up_for_long() {
    let bench = Bench::new().await;
    let (one, other) = (bench.run().await, bench.run().await);
    let families = [bench.input()];
    let plan = one.applier("ann").plan(&families).await.unwrap().digest();
    bench
        .world
        .plane
        .with(|world| world.inject(Fault::new(Effect::CrashBefore).on("CreateImagePipeline")));
    let applier = one.applier("ann");
    let crashed = one
        .process
        .run(Box::pin(applier.apply(&families, &plan, None, || bench.now(), |_| {})))
        .await;
    assert!(crashed.is_err());
    let bob = other.applier("bob");
    let plan = bob.plan(&families).await.unwrap().digest();
    let refused = bob
        .apply(&families, &plan, None, || bench.now(), |_| {})
        .await
        .unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("ann is applying: try again when they are done, or after 2026-"),
        "{refused}"
    );
    bench.world.pass(minutes(3)).await;
    bob.apply(&families, &plan, None, || bench.now(), |_| {}).await.unwrap();
    assert_eq!(bench.changes(), 9);
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
async fn a_pipeline_that_is_not_ours_is_named_and_left_alone() {
    let bench = Bench::new().await;
    bench.apply().await.unwrap();
    let arn = |kind: &str| format!("arn:aws:imagebuilder:eu-west-1:111122223333:{kind}/web-arm64");
    let legacy = bench
        .ib()
        .create_image_pipeline()
        .name("legacy")
        .image_recipe_arn(format!("{}/1.0.0", arn("image-recipe")));
    legacy
        .infrastructure_configuration_arn(arn("infrastructure-configuration"))
        .send()
        .await
        .unwrap();
    let plan = bench.fleet_plan().await;
    assert!(plan.is_empty());
    assert_eq!(plan.unmanaged, ["legacy"]);
    assert!(
        plan.text().starts_with("Not ours, and left alone: legacy.\n"),
        "{}",
        plan.text()
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

/// The quota of pipelines, in a world that throttles as the model's Image Builder does.
#[tokio::test(start_paused = true)]
async fn seventy_five_families_are_planned_and_applied_without_one_throttled_call() {
    let throttling = Settings {
        throttling: true,
        ..Settings::calm()
    };
    let mut bench = Bench::in_world(World::new(1, throttling)).await;
    bench.manifest = bench
        .manifest
        .replace("[x86_64, arm64]", "[x86_64]")
        .replace(", t4g.medium", "");
    let families: Vec<FamilyInput> = (1..=75).map(|n| bench.input_of(&format!("f{n}"))).collect();
    let run = bench.run().await;
    let applier = run.applier("ann");
    let start = tokio::time::Instant::now();
    let plan = applier.plan(&families).await.unwrap();
    assert_eq!(plan.families.len(), 75);
    // Five reads a family, eight a second.
    assert_eq!(start.elapsed().as_secs(), 45);
    applier
        .apply(&families, &plan.digest(), None, || bench.now(), |_| {})
        .await
        .unwrap();
    assert!(applier.plan(&families).await.unwrap().is_empty());
    let throttled = bench.world.plane.with(|world| {
        world
            .ledger()
            .counts()
            .map(|(.., counts)| counts.throttled)
            .sum::<u64>()
    });
    assert_eq!(throttled, 0);
}

#[tokio::test(start_paused = true)]
async fn a_pipeline_that_is_imported_says_as_a_manifest_what_it_said_before() {
    let bench = Bench::new().await;
    bench.apply().await.unwrap();
    let run = bench.run().await;
    let arn = "arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/web-x86-64"
        .parse()
        .unwrap();
    let mut existing = run.at.existing(&arn).await.unwrap();
    existing.schedule = Some(ExistingSchedule {
        expression: String::from("cron(0 4 ? * MON *)"),
        timezone: Some(String::from("Europe/Berlin")),
        always: false,
    });
    existing.regions[0].accounts = vec![String::from("333344445555")];
    existing.regions[0].copy_to = vec![String::from("222233334444")];
    existing.regions[0].others = vec![String::from("ssmParameterConfigurations")];
    let imported = import(&existing, Some(&"copy".parse().unwrap())).unwrap();
    assert_eq!(
        imported.notes,
        [
            "the owner of what /base/x86_64 names is a guess: self.",
            "tests stand among the components: a recipe does not tell them apart.",
            "ssmParameterConfigurations in eu-west-1 is not carried over.",
        ]
    );
    assert!(
        imported.text.starts_with("# Made from the pipeline web-x86-64."),
        "{}",
        imported.text
    );
    let read = ManifestFile::read("copy.yaml", imported.text.as_bytes()).file.unwrap();
    let manifest = read.manifest();
    let files: BTreeMap<String, String> = imported.files.into_iter().collect();
    let file = |path: &steward::manifest::FilePath| Ok(files[path.as_str()].clone());
    let again = wanted(manifest, hub(), |_| None, file).unwrap().unwrap();
    let [line] = again.lines.as_slice() else {
        panic!("{again:?}")
    };
    assert_eq!(line.infrastructure, existing.infrastructure);
    let mut recipe = line.recipe.clone();
    assert_eq!(recipe.ami_tags["image-steward:family"], "copy");
    recipe.ami_tags.clone_from(&existing.recipe.ami_tags);
    assert_eq!(recipe, existing.recipe);
    let schedule = manifest.triggers.schedule.as_ref().unwrap();
    assert_eq!(
        (schedule.cron.as_str(), schedule.timezone.as_str(), schedule.always),
        ("0 4 ? * MON *", "Europe/Berlin", false)
    );
    assert_eq!(manifest.distribute.share_with.accounts.len(), 1);
    assert_eq!(manifest.distribute.copy_to.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_schedule_that_another_hand_gave_a_pipeline_of_ours_is_taken_away() {
    let bench = Bench::new().await;
    bench.apply().await.unwrap();
    let arn = |kind: &str| format!("arn:aws:imagebuilder:eu-west-1:111122223333:{kind}/web-arm64");
    let weekly = aws_sdk_imagebuilder::types::Schedule::builder()
        .schedule_expression("cron(0 4 ? * MON *)")
        .build();
    let update = bench
        .ib()
        .update_image_pipeline()
        .image_pipeline_arn(arn("image-pipeline"));
    let update = update
        .image_recipe_arn(format!("{}/1.0.0", arn("image-recipe")))
        .schedule(weekly);
    update
        .infrastructure_configuration_arn(arn("infrastructure-configuration"))
        .send()
        .await
        .unwrap();
    let plan = bench.fleet_plan().await;
    assert!(
        plan.text().contains("~ pipeline web-arm64 (changed by another hand)"),
        "{}",
        plan.text()
    );
    assert!(
        plan.text().contains(r#"schedule: "cron(0 4 ? * MON *)" → nothing"#),
        "{}",
        plan.text()
    );
    bench.apply().await.unwrap();
    assert!(bench.fleet_plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_changed_back_and_forth_is_changed_each_time() {
    let mut bench = Bench::new().await;
    let (one, other) = (
        bench.manifest.clone(),
        bench.manifest.replace("s3://logs/web", "s3://logs/other"),
    );
    for (at, manifest) in [&one, &other, &one, &other, &one].into_iter().enumerate() {
        bench.manifest.clone_from(manifest);
        bench.apply().await.unwrap();
        assert!(bench.fleet_plan().await.is_empty(), "after run {at}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_another_hand_deleted_is_made_again() {
    let bench = Bench::new().await;
    bench.apply().await.unwrap();
    let arn = |rest: &str| format!("arn:aws:imagebuilder:eu-west-1:111122223333:{rest}");
    let ib = bench.ib();
    ib.delete_image_pipeline()
        .image_pipeline_arn(arn("image-pipeline/web-arm64"))
        .send()
        .await
        .unwrap();
    let recipe = arn("image-recipe/web-arm64/1.0.0");
    ib.delete_image_recipe().image_recipe_arn(recipe).send().await.unwrap();
    assert_eq!(
        said(&bench.plan().await),
        ["create recipe web-arm64 1.0.0", "create pipeline web-arm64"]
    );
    bench.apply().await.unwrap();
    assert!(bench.fleet_plan().await.is_empty());
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
