use std::time::Duration;

use serde_json::{Value, json};

use super::super::failure::{BuildFailure, BuildStage, FailureCause};
use super::super::testing::Bench;
use super::*;

impl Bench {
    /// A pipeline of container images that distributes like this.
    fn containers_to(&mut self, name: &str, distributions: &Value) -> String {
        let pipeline = self.container_pipeline(name);
        let distribution = self.arn(&format!("distribution-configuration/{name}"));
        self.ok(
            "UpdateDistributionConfiguration",
            json!({ "distributionConfigurationArn": distribution, "distributions": distributions }),
        );
        self.update_containers(name, "distributionConfigurationArn", json!(distribution));
        pipeline
    }

    fn update_containers(&mut self, name: &str, member: &str, value: Value) {
        let mut request = json!({
            "imagePipelineArn": self.arn(&format!("image-pipeline/{name}")),
            "containerRecipeArn": self.arn(&format!("container-recipe/{name}/1.0.0")),
            "infrastructureConfigurationArn": self.arn(&format!("infrastructure-configuration/{name}")),
        });
        request[member] = value;
        self.ok("UpdateImagePipeline", request);
    }

    fn run(&mut self, pipeline: &str) -> Value {
        let build = self.start(pipeline);
        self.pass(Duration::from_hours(2));
        self.image(&build)
    }

    fn virginia(&self) -> Target {
        Target {
            region: "us-east-1".parse().unwrap(),
            ..self.hub
        }
    }

    /// The tags of the images in a repository, image by image.
    fn tags_in(&self, target: Target, repository: &str) -> Vec<Vec<String>> {
        let held = self.world.containers_in(target, repository).into_iter();
        let mut tags: Vec<Vec<String>> = held.map(|(_, tags)| tags).collect();
        tags.sort();
        tags
    }
}

fn entry(region: &str, tags: &[&str]) -> Value {
    json!({ "region": region, "containerDistributionConfiguration": {
        "containerTags": tags, "targetRepository": { "service": "ECR", "repositoryName": "released" } } })
}

fn uri(region: &str, rest: &str) -> String {
    format!("111122223333.dkr.ecr.{region}.amazonaws.com/{rest}")
}

#[test]
fn an_image_is_pushed_when_it_is_distributed_and_not_before() {
    let mut bench = Bench::new();
    let pipeline = bench.container_pipeline("tools");
    let build = bench.start(&pipeline);
    bench.pass(Duration::from_mins(14));
    assert_eq!(bench.image(&build)["state"]["status"], "TESTING");
    assert_eq!(bench.tags_in(bench.hub, "tools"), Vec::<Vec<String>>::new());
    bench.pass(Duration::from_hours(2));
    assert_eq!(bench.tags_in(bench.hub, "tools"), [["1.0.0-1"]]);
    let digest = bench.world.containers_in(bench.hub, "tools")[0].0.clone();
    let deliveries = bench.world.take_deliveries();
    let told: Vec<&Value> = deliveries.iter().map(|delivery| &delivery.body).collect();
    let pushed = told.iter().find(|event| event["source"] == "aws.ecr").unwrap();
    assert_eq!(
        pushed["detail"],
        json!({ "result": "SUCCESS", "repository-name": "tools", "image-digest": digest, "action-type": "PUSH", "image-tag": "1.0.0-1" })
    );
    let states: Vec<&Value> = told
        .iter()
        .filter(|event| event["detail-type"] == "EC2 Image Builder Image State Change")
        .map(|event| &event["detail"]["state"]["status"])
        .collect();
    assert_eq!(
        states,
        ["BUILDING", "TESTING", "DISTRIBUTING", "INTEGRATING", "AVAILABLE"]
    );
}

#[test]
fn a_distribution_says_where_else_and_under_which_tags() {
    let mut bench = Bench::new();
    bench.world.create_repository(bench.virginia(), "released");
    let pipeline = bench.containers_to("tools", &json!([entry("us-east-1", &["stable"])]));
    let image = bench.run(&pipeline);
    assert_eq!(
        image["outputResources"]["containers"],
        json!([
            { "region": "eu-west-1", "imageUris": [uri("eu-west-1", "tools:1.0.0-1")] },
            { "region": "us-east-1", "imageUris": [uri("us-east-1", "released:1.0.0-1"), uri("us-east-1", "released:stable")] },
        ])
    );
    let at_home = bench.world.containers_in(bench.hub, "tools");
    let there = bench.world.containers_in(bench.virginia(), "released");
    assert_eq!(at_home[0].0, there[0].0, "it is one image");
    assert_eq!(there[0].1, ["1.0.0-1", "stable"]);
}

#[test]
fn what_the_distribution_says_of_the_region_of_the_build_goes_before_the_recipe() {
    let mut bench = Bench::new();
    bench.world.create_repository(bench.hub, "released");
    let pipeline = bench.containers_to("tools", &json!([entry("eu-west-1", &[])]));
    let image = bench.run(&pipeline);
    assert_eq!(
        image["outputResources"]["containers"],
        json!([{ "region": "eu-west-1", "imageUris": [uri("eu-west-1", "released:1.0.0-1")] }])
    );
    assert_eq!(bench.tags_in(bench.hub, "tools"), Vec::<Vec<String>>::new());
}

#[test]
fn a_tag_that_every_build_gets_moves_on_and_older_builds_still_name_it() {
    let mut bench = Bench::new();
    bench.world.create_repository(bench.hub, "released");
    let pipeline = bench.containers_to("tools", &json!([entry("eu-west-1", &["stable"])]));
    let first = bench.run(&pipeline);
    let second = bench.run(&pipeline);
    assert_eq!(
        bench.tags_in(bench.hub, "released"),
        [vec![String::from("1.0.0-1")], vec!["1.0.0-2".into(), "stable".into()]]
    );
    for image in [first, second] {
        let uris = image["outputResources"]["containers"][0]["imageUris"].clone();
        assert_eq!(uris[1], json!(uri("eu-west-1", "released:stable")));
    }
}

#[test]
fn a_region_without_the_repository_fails_the_build_and_the_others_keep_their_image() {
    let mut bench = Bench::new();
    let pipeline = bench.containers_to("tools", &json!([entry("us-east-1", &["stable"])]));
    let image = bench.run(&pipeline);
    let why =
        "ECR Client Error: 'The repository with name 'released' does not exist in the registry with id '111122223333''";
    let state = &image["state"];
    assert_eq!(
        (&state["status"], &state["failureContext"]),
        (
            &json!("FAILED"),
            &json!({
                "imageStatus": "DISTRIBUTING",
                "distributionFailure": {
                    "errorMessage": format!("In region 'us-east-1' - '{why}'"),
                    "regionFailures": [{ "region": "us-east-1", "status": "FAILED", "errorMessage": why }],
                },
            })
        )
    );
    assert_eq!(image["outputResources"], json!({ "amis": [] }));
    assert_eq!(bench.tags_in(bench.hub, "tools"), [["1.0.0-1"]]);
}

#[test]
fn a_repository_that_keeps_its_tags_takes_one_build_and_refuses_the_next() {
    let mut bench = Bench::new();
    bench.world.create_repository(bench.hub, "released");
    bench.world.set_tags_immutable(bench.hub, "released", true);
    let pipeline = bench.containers_to("tools", &json!([entry("eu-west-1", &["stable"])]));
    assert_eq!(bench.run(&pipeline)["state"]["status"], "AVAILABLE");
    let reason = bench.run(&pipeline)["state"]["reason"].clone();
    let why = "The image tag 'stable' already exists in the 'released' repository and cannot be overwritten";
    assert!(reason.as_str().unwrap().contains(why), "{reason}");
    assert_eq!(
        bench.tags_in(bench.hub, "released"),
        [vec![String::from("1.0.0-1"), "stable".into()], vec!["1.0.0-2".into()]]
    );
}

#[test]
fn a_tag_that_is_none_and_a_region_that_is_off_fail_the_distribution() {
    let mut bench = Bench::new();
    bench.world.create_repository(bench.hub, "released");
    let pipeline = bench.containers_to(
        "tools",
        &json!([entry("eu-west-1", &["my tag"]), entry("ap-east-1", &[])]),
    );
    let image = bench.run(&pipeline);
    let failures = &image["state"]["failureContext"]["distributionFailure"]["regionFailures"];
    let message = |at: usize| failures[at]["errorMessage"].as_str().unwrap();
    assert!(message(0).contains("Invalid parameter at 'imageTag'"), "{failures}");
    assert_eq!(
        message(1),
        "The Region ap-east-1 is not enabled for the account 111122223333."
    );
}

#[test]
fn regions_that_a_test_wants_to_fail_get_no_image() {
    let mut bench = Bench::new();
    bench.world.create_repository(bench.virginia(), "released");
    let pipeline = bench.containers_to("tools", &json!([entry("us-east-1", &[])]));
    let failure = RegionFailure {
        region: "us-east-1".parse().unwrap(),
        account: None,
        status: RegionFailureStatus::TimedOut,
        step: None,
        message: "It took too long.".into(),
    };
    let cause = FailureCause::Regions(vec![failure]);
    let stage = BuildStage::Distributing;
    bench.world.fail_builds(&pipeline, 1, &BuildFailure { stage, cause });
    let image = bench.run(&pipeline);
    assert_eq!(
        image["state"]["failureContext"]["distributionFailure"]["regionFailures"],
        json!([{ "region": "us-east-1", "status": "TIMED_OUT", "errorMessage": "It took too long." }])
    );
    assert_eq!(bench.tags_in(bench.hub, "tools"), [["1.0.0-1"]]);
    assert_eq!(bench.tags_in(bench.virginia(), "released"), Vec::<Vec<String>>::new());
}

#[test]
fn a_build_that_fails_its_tests_and_one_that_only_tests_push_nothing() {
    let mut bench = Bench::new();
    let pipeline = bench.container_pipeline("tools");
    let (stage, cause) = (BuildStage::Testing, FailureCause::Other("no".into()));
    bench.world.fail_builds(&pipeline, 1, &BuildFailure { stage, cause });
    assert_eq!(bench.run(&pipeline)["state"]["status"], "FAILED");
    bench.world.test_only_builds(&pipeline, true);
    let image = bench.run(&pipeline);
    assert_eq!(
        (&image["state"]["status"], &image["outputResources"]),
        (&json!("AVAILABLE"), &json!({ "amis": [] }))
    );
    assert_eq!(bench.tags_in(bench.hub, "tools"), Vec::<Vec<String>>::new());
}

#[test]
fn without_tests_an_image_is_pushed_all_the_same() {
    let mut bench = Bench::new();
    let pipeline = bench.container_pipeline("tools");
    bench.update_containers(
        "tools",
        "imageTestsConfiguration",
        json!({ "imageTestsEnabled": false }),
    );
    assert_eq!(bench.run(&pipeline)["state"]["status"], "AVAILABLE");
    assert_eq!(bench.tags_in(bench.hub, "tools"), [["1.0.0-1"]]);
}

#[test]
fn an_image_that_is_scanned_is_pushed_to_a_repository_of_its_own_before() {
    let mut bench = Bench::new();
    let pipeline = bench.container_pipeline("tools");
    let scanned = |repository: Option<&str>, tags: Option<Vec<&str>>| json!({ "imageScanningEnabled": true, "ecrConfiguration": { "repositoryName": repository, "containerTags": tags } });
    bench.update_containers(
        "tools",
        "imageScanningConfiguration",
        json!({ "imageScanningEnabled": true }),
    );
    let image = bench.run(&pipeline);
    assert_eq!(image["scanState"]["status"], "COMPLETED");
    assert_eq!(bench.tags_in(bench.hub, SCANNED_IN), [["1.0.0-1"]]);
    assert_eq!(
        bench.world.containers_in(bench.hub, SCANNED_IN),
        bench.world.containers_in(bench.hub, "tools")
    );
    assert_eq!(bench.events("EC2 Image Builder CVE Detected").len(), 1);
    let said = scanned(Some("scans"), Some(vec!["scanned"]));
    bench.update_containers("tools", "imageScanningConfiguration", said);
    let state = bench.run(&pipeline)["state"].clone();
    assert_eq!(
        (
            &state["failureContext"]["imageStatus"],
            &state["failureContext"]["failedStep"]
        ),
        (&json!("TESTING"), &json!("CollectImageScanFindings"))
    );
    let why =
        "ECR Client Error: 'The repository with name 'scans' does not exist in the registry with id '111122223333''";
    assert!(state["reason"].as_str().unwrap().ends_with(why), "{state}");
    bench.world.create_repository(bench.hub, "scans");
    assert_eq!(bench.run(&pipeline)["state"]["status"], "AVAILABLE");
    assert_eq!(bench.tags_in(bench.hub, "scans"), [["scanned"]]);
}
