//! `apply`: Image Builder ends as the manifest says, whatever it held and whatever happened on the way.

use std::collections::BTreeMap;
use std::sync::Arc;

use image_plane::{Effect, Fault, Process};
use serde_json::Value;
use stage::aws::{Aws as World, HUB, IRELAND, target};
use steward::applying::{ApplyPlan, Before, Unappliable, Wanted, decide_apply, wanted};
use steward::manifest::{Manifest, ManifestFile};
use steward_aws::{AtTarget, Aws, Problem};

use crate::hub::{environment, hub};

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
}

impl Bench {
    fn new() -> Self {
        let world = World::calm();
        for architecture in ["x86_64", "arm64"] {
            let image = world.image(HUB, IRELAND, &format!("base-{architecture}"));
            world
                .plane
                .with(|plane| plane.put_parameter(target(HUB, IRELAND), &format!("/base/{architecture}"), &image));
        }
        world
            .plane
            .with(|plane| plane.publish_vendor_images(IRELAND.parse().unwrap()));
        let files = BTreeMap::from([
            ("components/nginx.yaml", NGINX.to_owned()),
            ("boot.sh", String::from("#!/bin/sh\necho é\n")),
        ]);
        Self {
            world,
            manifest: WEB.to_owned(),
            files,
        }
    }

    fn read(&self) -> Manifest {
        let read = ManifestFile::read("web.yaml", self.manifest.as_bytes());
        assert!(read.diagnostics.is_empty(), "{:?}", read.diagnostics);
        read.file.unwrap().manifest().clone()
    }

    fn wanted(&self) -> Wanted {
        self.try_wanted().unwrap().unwrap()
    }

    fn try_wanted(&self) -> Result<Option<Wanted>, Unappliable> {
        let file = |path: &steward::manifest::FilePath| {
            self.files
                .get(path.as_str())
                .cloned()
                .ok_or_else(|| String::from("no such file"))
        };
        wanted(&self.read(), hub(), |_| None, file)
    }

    /// AWS from a process of its own, as each run of the command is.
    async fn at(&self) -> (Arc<AtTarget>, Process) {
        let other = self.world.another_process();
        let aws = Aws::new(
            &other.config(HUB, IRELAND),
            hub(),
            environment(steward_aws::FirstValue::Running).look,
        );
        (aws.at(hub()).await, other.process)
    }

    async fn plan(&self) -> ApplyPlan {
        let (at, _) = self.at().await;
        let wanted = self.wanted();
        decide_apply(&wanted, &at.held(&wanted).await.unwrap())
    }

    async fn apply(&self) -> Result<(), Problem> {
        let (at, _) = self.at().await;
        self.apply_by(&at).await
    }

    async fn apply_by(&self, at: &AtTarget) -> Result<(), Problem> {
        let wanted = self.wanted();
        let plan = decide_apply(&wanted, &at.held(&wanted).await?);
        assert_eq!(plan.blocked, [] as [String; 0]);
        at.apply(&plan, |_| {}).await
    }

    fn ib(&self) -> aws_sdk_imagebuilder::Client {
        stage::shop::client(&self.world)
    }

    /// How many calls changed something.
    fn changes(&self) -> usize {
        self.world.plane.with(|world| world.ledger().changes().count())
    }

    /// All that Image Builder holds of the hub's own, without times and what only counts calls.
    async fn state(&self) -> Vec<Value> {
        let mut state = Vec::new();
        let wanted = self.wanted();
        let (at, _) = self.at().await;
        let held = at.held(&wanted).await.unwrap();
        state.push(Value::from(format!("{held:?}")));
        let ib = self.ib();
        let own = aws_sdk_imagebuilder::types::Ownership::SelfValue;
        let components = ib.list_components().owner(own.clone()).send().await.unwrap();
        let recipes = ib.list_image_recipes().owner(own).send().await.unwrap();
        let mut arns: Vec<String> = components
            .component_version_list()
            .iter()
            .map(|it| it.arn().unwrap().to_owned())
            .collect();
        arns.extend(
            recipes
                .image_recipe_summary_list()
                .iter()
                .map(|it| it.arn().unwrap().to_owned()),
        );
        state.extend(arns.into_iter().map(Value::from));
        state
    }

    async fn versions(&self) -> Vec<String> {
        let state = self.state().await;
        state[1..]
            .iter()
            .map(|arn| arn.as_str().unwrap().rsplit(':').next().unwrap().to_owned())
            .collect()
    }
}

fn said(plan: &ApplyPlan) -> Vec<String> {
    plan.steps
        .iter()
        .map(|step| {
            let version = step.version.map(|version| format!(" {version}")).unwrap_or_default();
            let how = match step.before {
                Before::Nothing => "create",
                Before::Version(_) => "next",
                Before::Same => "update",
            };
            format!("{how} {} {}{version}", step.content.noun(), step.name)
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn an_empty_hub_gets_all_that_a_manifest_says_and_a_second_time_nothing() {
    let bench = Bench::new();
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
    let again = bench.plan().await;
    assert_eq!((said(&again), again.unchanged.len()), (Vec::<String>::new(), 9));
    bench.apply().await.unwrap();
    assert_eq!(bench.changes(), 9);
}

#[tokio::test(start_paused = true)]
async fn what_was_applied_builds_an_image_of_the_family() {
    let bench = Bench::new();
    bench.apply().await.unwrap();
    let ib = bench.ib();
    let pipeline = "arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/web-x86-64";
    let started = ib
        .start_image_pipeline_execution()
        .image_pipeline_arn(pipeline)
        .send()
        .await
        .unwrap();
    bench.world.pass(stage::aws::hours(2)).await;
    let (at, _) = bench.at().await;
    let build = started.image_build_version_arn.unwrap().parse().unwrap();
    let facts = at.build(&build).await.unwrap().unwrap();
    assert_eq!(facts.state, steward::BuildState::Available);
    assert_eq!(facts.family.unwrap().as_str(), "web");
    assert_eq!(facts.outputs.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_changed_component_becomes_the_next_version_and_every_recipe_and_pipeline_moves_to_it() {
    let mut bench = Bench::new();
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
    assert!(bench.plan().await.is_empty());
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
    let bench = Bench::new();
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
    assert!(bench.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_has_our_name_and_not_our_tag_blocks_the_whole_family() {
    let bench = Bench::new();
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
    assert!(!plan.is_empty());
}

/// Crashes the first run at each call, with these faults besides; the second run must end where a run without faults does.
async fn healed_after_each_crash(besides: impl Fn(u64) -> Vec<Fault>) -> usize {
    let whole = Bench::new();
    whole.apply().await.unwrap();
    let (expected, calls) = (whole.state().await, whole.changes());
    assert_eq!(calls, 9);
    let mut crashes = 0;
    for effect in [Effect::CrashBefore, Effect::CrashAfter] {
        for skip in 0.. {
            let bench = Bench::new();
            bench.world.plane.with(|world| {
                world.inject(Fault::new(effect).after(skip));
                besides(skip).into_iter().for_each(|fault| world.inject(fault));
            });
            let (at, process) = bench.at().await;
            let Err(_crashed) = process.run(Box::pin(bench.apply_by(&at))).await else {
                break;
            };
            crashes += 1;
            bench.apply().await.unwrap();
            assert_eq!(bench.state().await, expected, "{effect:?} at call {skip}");
            assert_eq!(bench.changes(), calls, "{effect:?} at call {skip}");
        }
    }
    crashes
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_is_healed_by_the_next_run_and_nothing_is_doubled() {
    let crashes = healed_after_each_crash(|_| Vec::new()).await;
    // A first run makes nine reads and nine calls that change something.
    assert_eq!(crashes, 2 * 18);
}

#[tokio::test(start_paused = true)]
async fn a_crash_and_a_throttled_call_beside_it_are_healed_too() {
    for distance in [1, 2, 5] {
        let crashes =
            healed_after_each_crash(|skip| vec![Fault::new(Effect::Throttle).after(skip + distance).times(3)]).await;
        assert!(crashes >= 2 * 18, "{crashes}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_files_that_would_be_one_component_are_refused() {
    let mut bench = Bench::new();
    bench.files.insert("other/Nginx.v2.yaml", NGINX.to_owned());
    bench.manifest = bench
        .manifest
        .replace("  tests:", "    - { file: other/Nginx.v2.yaml }\n  tests:");
    assert_eq!(
        bench.try_wanted().unwrap_err().to_string(),
        "web: the component of other/Nginx.v2.yaml would be called web-nginx, which is that of components/nginx.yaml too"
    );
}
