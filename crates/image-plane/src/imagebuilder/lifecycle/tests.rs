use super::super::testing::Bench;
use super::*;

fn with_amis(build: &str, status: &str, snapshots: bool) -> Value {
    json!({ "resourceArn": build, "state": { "status": status }, "executionRole": "Lifecycle", "includeResources": { "amis": true, "snapshots": snapshots } })
}

fn run(bench: &mut Bench, request: Value) -> String {
    let id = bench.ok("StartResourceStateUpdate", request)["lifecycleExecutionId"]
        .as_str()
        .unwrap()
        .to_owned();
    bench.pass(Duration::from_mins(1));
    bench.get("GetLifecycleExecution", "lifecycleExecutionId", &id)["lifecycleExecution"]["state"]["status"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_state_without_resources_changes_at_once_and_leaves_the_ami_alone() {
    let mut bench = Bench::new();
    let build = bench.built("web");
    let ami = bench.ami_of(&build);
    let answer = bench.ok(
        "StartResourceStateUpdate",
        json!({ "resourceArn": build, "state": { "status": "DEPRECATED" } }),
    );
    assert_eq!(answer.get("lifecycleExecutionId"), None);
    let image = bench.image(&build);
    assert_eq!(image["state"]["status"], "DEPRECATED");
    assert!(image["deprecationTime"].is_i64());
    assert_eq!(bench.ami(bench.hub, &ami).unwrap().deprecate_at, None);
}

#[test]
fn with_its_amis_an_image_is_deprecated_disabled_and_made_available_again_a_little_later() {
    let mut bench = Bench::new();
    let shared = json!({ "launchPermission": { "userIds": ["222233334444"] } });
    let pipeline = bench.pipeline_to(
        "web",
        json!([{ "region": "eu-west-1", "amiDistributionConfiguration": shared }]),
    );
    let build = bench.start(&pipeline);
    bench.pass(Duration::from_hours(2));
    let ami = bench.ami_of(&build);
    let answer = bench.ok("StartResourceStateUpdate", with_amis(&build, "DEPRECATED", false));
    let id = answer["lifecycleExecutionId"].as_str().unwrap();
    assert!(id.starts_with("lce-"));
    assert_eq!(bench.image(&build)["state"]["status"], "AVAILABLE");
    assert_eq!(
        bench.refused("StartResourceStateUpdate", with_amis(&build, "DISABLED", false)),
        (400, "ResourceInUseException".into())
    );
    bench.pass(Duration::from_mins(1));
    let image = bench.ami(bench.hub, &ami).unwrap();
    assert!(image.launch.is_some());
    assert_eq!(image.tags.get("DeprecatedBy"), Some("EC2 Image Builder"));
    assert!(image.deprecated(bench.world.now()));
    assert_eq!(run(&mut bench, with_amis(&build, "DISABLED", false)), "SUCCESS");
    let disabled = bench.ami(bench.hub, &ami).unwrap();
    assert_eq!((disabled.state, disabled.launch), (ImageState::Disabled, None));
    assert_eq!(run(&mut bench, with_amis(&build, "AVAILABLE", false)), "SUCCESS");
    let image = bench.ami(bench.hub, &ami).unwrap();
    assert_eq!((image.state, image.deprecate_at), (ImageState::Available, None));
    assert_eq!(image.launch, None, "what disabling took, enabling does not give back");
}

#[test]
fn deleting_with_amis_and_snapshots_takes_all_of_them() {
    let mut bench = Bench::new();
    let build = bench.built("web");
    let ami = bench.ami_of(&build);
    let snapshots: Vec<_> = bench.ami(bench.hub, &ami).unwrap().snapshots().collect();
    assert_eq!(run(&mut bench, with_amis(&build, "DELETED", true)), "SUCCESS");
    assert_eq!(bench.ami(bench.hub, &ami), None);
    assert!(
        snapshots
            .iter()
            .all(|id| bench.world.ec2.get(bench.hub.region).unwrap().snapshot(*id).is_none())
    );
    assert_eq!(bench.refused_get("GetImage", "imageBuildVersionArn", &build).0, 404);
}

#[test]
fn an_ami_without_image_builders_tag_is_skipped_and_its_image_stays() {
    let mut bench = Bench::new();
    let build = bench.built("web");
    let ami = bench.ami_of(&build);
    let (now, region) = (bench.world.now(), bench.hub.region);
    bench
        .world
        .ec2
        .plane(region)
        .edit_image(ami.parse().unwrap(), now, Duration::ZERO)
        .unwrap()
        .tags
        .retain(|key, _| key != "CreatedBy");
    assert_eq!(run(&mut bench, with_amis(&build, "DELETED", true)), "SUCCESS");
    assert!(bench.ami(bench.hub, &ami).is_some());
    assert_eq!(bench.image(&build)["state"]["status"], "AVAILABLE");
}

#[test]
fn a_copy_in_another_account_needs_the_lifecycle_role_there() {
    let mut bench = Bench::new();
    let member = "222233334444".parse().unwrap();
    bench.world.allow_distribution(member);
    let pipeline = bench.pipeline_to(
        "web",
        json!([{ "region": "eu-west-1", "amiDistributionConfiguration": { "targetAccountIds": ["222233334444"] } }]),
    );
    let build = bench.start(&pipeline);
    bench.pass(Duration::from_hours(24));
    assert_eq!(run(&mut bench, with_amis(&build, "DELETED", true)), "FAILED");
    assert_eq!(bench.image(&build)["state"]["status"], "AVAILABLE");
    bench.world.allow_lifecycle(member);
    assert_eq!(run(&mut bench, with_amis(&build, "DELETED", true)), "SUCCESS");
    assert_eq!(bench.amis_of_build("eu-west-1", &build), 0);
}

#[test]
fn only_the_documented_transitions_are_possible() {
    let mut bench = Bench::new();
    let build = bench.built("web");
    let update = |status: &str| json!({ "resourceArn": build, "state": { "status": status } });
    let illegal = (400, "InvalidRequestException".to_owned());
    assert_eq!(bench.refused("StartResourceStateUpdate", update("AVAILABLE")), illegal);
    bench.ok("StartResourceStateUpdate", update("DISABLED"));
    assert_eq!(bench.refused("StartResourceStateUpdate", update("DEPRECATED")), illegal);
    bench.ok("StartResourceStateUpdate", update("AVAILABLE"));
    let pipeline = bench.arn("image-pipeline/web");
    let running = bench.start(&pipeline);
    assert_eq!(
        bench.refused(
            "StartResourceStateUpdate",
            json!({ "resourceArn": running, "state": { "status": "DEPRECATED" } })
        ),
        illegal
    );
    bench.ok("CancelImageCreation", json!({ "imageBuildVersionArn": running }));
    bench.pass(Duration::from_mins(1));
    assert_eq!(
        bench.refused(
            "StartResourceStateUpdate",
            json!({ "resourceArn": running, "state": { "status": "DEPRECATED" } })
        ),
        illegal
    );
    assert_eq!(run(&mut bench, with_amis(&running, "DELETED", false)), "SUCCESS");
}

#[test]
fn role_and_resources_come_together_and_deleting_needs_them() {
    let mut bench = Bench::new();
    let build = bench.built("web");
    let state = |status: &str| json!({ "status": status });
    for request in [
        json!({ "resourceArn": build, "state": state("DEPRECATED"), "executionRole": "r" }),
        json!({ "resourceArn": build, "state": state("DEPRECATED"), "includeResources": { "amis": true } }),
        json!({ "resourceArn": build, "state": state("DELETED") }),
        json!({ "resourceArn": build, "state": state("DELETED"), "executionRole": "r", "includeResources": {} }),
        json!({ "resourceArn": build, "state": state("DISABLED"), "executionRole": "r", "includeResources": { "amis": true, "snapshots": true } }),
    ] {
        assert_eq!(
            bench.refused("StartResourceStateUpdate", request.clone()).1,
            "InvalidRequestException",
            "{request}"
        );
    }
    for member in ["updateAt", "exclusionRules"] {
        let mut request = json!({ "resourceArn": build, "state": state("DEPRECATED") });
        request[member] = json!({});
        assert_eq!(bench.refused("StartResourceStateUpdate", request).0, 501, "{member}");
    }
}
