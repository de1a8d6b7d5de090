#![expect(clippy::needless_pass_by_value, reason = "requests read best where they are sent")]

use serde_json::{Value, json};

use super::super::failure::{BuildFailure, BuildStage};
use super::super::testing::Bench;
use super::*;
use crate::ec2::image::Volume;
use crate::kms::KeyState;
use crate::world::accounts::Membership;

const MEMBER: AccountId = AccountId::new(222_233_334_444);

/// Builds a family that is distributed like this.
fn distributed(bench: &mut Bench, distributions: Value) -> String {
    distributed_with(bench, distributions, Value::Null)
}

fn distributed_with(bench: &mut Bench, distributions: Value, mappings: Value) -> String {
    let base = bench.base_image();
    bench.surroundings("web");
    bench.ok("CreateImageRecipe", json!({ "name": "web", "semanticVersion": "1.0.0", "parentImage": base, "amiTags": { "recipe": "yes" }, "blockDeviceMappings": mappings }));
    let distribution = bench.arn("distribution-configuration/web");
    bench.ok(
        "UpdateDistributionConfiguration",
        json!({ "distributionConfigurationArn": distribution, "distributions": distributions }),
    );
    let pipeline = bench.ok("CreateImagePipeline", bench.pipeline_request("web"))["imagePipelineArn"]
        .as_str()
        .unwrap()
        .to_owned();
    let build = bench.start(&pipeline);
    bench.pass(Duration::from_hours(24));
    build
}

fn outputs(bench: &mut Bench, build: &str) -> Vec<(String, String, String)> {
    let amis = bench.image(build)["outputResources"]["amis"].clone();
    let text = |ami: &Value, member: &str| ami[member].as_str().unwrap().to_owned();
    amis.as_array()
        .unwrap()
        .iter()
        .map(|ami| (text(ami, "region"), text(ami, "accountId"), text(ami, "image")))
        .collect()
}

fn entry(region: &str, ami: &Value) -> Value {
    json!({ "region": region, "amiDistributionConfiguration": ami })
}

fn failures(bench: &mut Bench, build: &str) -> Vec<Value> {
    let state = bench.image(build)["state"].clone();
    assert_eq!(state["status"], "FAILED", "{state}");
    state["failureContext"]["distributionFailure"]["regionFailures"]
        .as_array()
        .unwrap()
        .clone()
}

#[test]
fn each_region_and_target_account_has_an_ami_of_its_own() {
    let mut bench = Bench::new();
    bench.world.allow_distribution(MEMBER);
    let build = distributed(
        &mut bench,
        json!([
            entry("eu-west-1", &json!({ "targetAccountIds": ["222233334444"] })),
            entry(
                "us-east-1",
                &json!({ "name": "web-{{ imagebuilder:buildDate }}", "amiTags": { "here": "{{ imagebuilder:buildVersion }}" } })
            ),
        ]),
    );
    let amis = outputs(&mut bench, &build);
    let places: Vec<_> = amis
        .iter()
        .map(|(region, account, _)| (region.as_str(), account.as_str()))
        .collect();
    assert_eq!(
        places,
        [
            ("eu-west-1", "111122223333"),
            ("eu-west-1", "222233334444"),
            ("us-east-1", "111122223333")
        ]
    );
    let east = bench
        .ami(
            Target {
                region: "us-east-1".parse().unwrap(),
                ..bench.hub
            },
            &amis[2].2,
        )
        .unwrap();
    assert!(east.name.starts_with("web-2026-01-01T"));
    assert_eq!(
        east.tags.iter().collect::<Vec<_>>(),
        [("here", "1"), CREATED_BY, (BUILD_TAG, build.as_str())]
    );
    let member = bench
        .ami(
            Target {
                account: MEMBER,
                ..bench.hub
            },
            &amis[1].2,
        )
        .unwrap();
    assert_eq!((member.owner, member.tags.get("recipe")), (MEMBER, None));
}

#[test]
fn a_copy_for_another_account_leaves_no_permission_behind() {
    let mut bench = Bench::new();
    bench.world.allow_distribution(MEMBER);
    let build = distributed(
        &mut bench,
        json!([entry("eu-west-1", &json!({ "targetAccountIds": ["222233334444"] }))]),
    );
    let ami = bench.ami_of(&build);
    let image = bench.ami(bench.hub, &ami).unwrap();
    let plane = bench.world.ec2.get(bench.hub.region).unwrap();
    assert!(
        image
            .snapshots()
            .all(|id| plane.snapshot(id).unwrap().permissions.is_none())
    );
    assert!(image.launch.is_none());
}

#[test]
fn without_the_role_in_a_target_account_distribution_fails_there_and_leaves_the_other_amis_orphaned() {
    let mut bench = Bench::new();
    let build = distributed(
        &mut bench,
        json!([
            entry("eu-west-1", &json!({ "targetAccountIds": ["222233334444"] })),
            entry("us-east-1", &json!({}))
        ]),
    );
    let failures = failures(&mut bench, &build);
    assert_eq!(failures.len(), 1);
    assert_eq!(
        (
            &failures[0]["region"],
            &failures[0]["targetAccountId"],
            &failures[0]["status"]
        ),
        (&json!("eu-west-1"), &json!("222233334444"), &json!("FAILED"))
    );
    assert!(
        failures[0]["errorMessage"]
            .as_str()
            .unwrap()
            .contains("EC2ImageBuilderDistributionCrossAccountRole")
    );
    assert_eq!(bench.image(&build)["outputResources"], json!({ "amis": [] }));
    for region in ["eu-west-1", "us-east-1"] {
        let orphans = bench.amis_of_build(region, &build);
        assert_eq!(orphans, 1, "{region}");
    }
}

#[test]
fn the_key_of_the_source_region_encrypts_nothing_there_and_every_copy_elsewhere() {
    let mut bench = Bench::new();
    let east = Target {
        region: "us-east-1".parse().unwrap(),
        ..bench.hub
    };
    bench.world.create_key(bench.hub, Some("alias/golden"), []);
    let there = bench.world.create_key(east, Some("alias/golden"), []);
    let build = distributed(
        &mut bench,
        json!([
            entry("eu-west-1", &json!({ "kmsKeyId": "alias/golden" })),
            entry("us-east-1", &json!({ "kmsKeyId": "alias/golden" }))
        ]),
    );
    let amis = outputs(&mut bench, &build);
    assert!(!bench.ami(bench.hub, &amis[0].2).unwrap().encrypted());
    let copy = bench.ami(east, &amis[1].2).unwrap();
    assert!(matches!(&copy.devices[0].volume, Volume::Ebs { key: Some(key), .. } if *key == there));
}

#[test]
fn a_key_that_cannot_be_used_fails_late_and_only_its_region() {
    let mut bench = Bench::new();
    let east = Target {
        region: "us-east-1".parse().unwrap(),
        ..bench.hub
    };
    let key = bench.world.create_key(east, Some("alias/golden"), []);
    bench.world.set_key_state(&key, KeyState::Disabled);
    let build = distributed(
        &mut bench,
        json!([
            entry("us-east-1", &json!({ "kmsKeyId": "alias/golden" })),
            entry("eu-central-1", &json!({}))
        ]),
    );
    let failures = failures(&mut bench, &build);
    assert_eq!(
        (
            failures.len(),
            &failures[0]["region"],
            failures[0].get("targetAccountId")
        ),
        (1, &json!("us-east-1"), None)
    );
    assert!(
        failures[0]["errorMessage"]
            .as_str()
            .unwrap()
            .contains("Given key ID is not accessible")
    );
    assert_eq!(failures[0].get("imageConfigurationStep"), None);
}

#[test]
fn what_the_default_key_encrypts_cannot_be_shared() {
    let mut bench = Bench::new();
    let mappings = json!([{ "deviceName": "/dev/xvda", "ebs": { "encrypted": true } }]);
    let build = distributed_with(
        &mut bench,
        json!([entry(
            "eu-west-1",
            &json!({ "launchPermission": { "userIds": ["222233334444"] } })
        )]),
        mappings,
    );
    assert!(
        failures(&mut bench, &build)[0]["errorMessage"]
            .as_str()
            .unwrap()
            .contains("AWS Managed CMK can't be shared")
    );
}

#[test]
fn launch_permissions_reach_accounts_organizations_and_units_and_tags_the_source_too() {
    let mut bench = Bench::new();
    let unit = "arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-ab12-11111111";
    let organization = "arn:aws:organizations::111122223333:organization/o-exampleorgid";
    bench.world.account_mut(MEMBER).membership = Some(Membership {
        organization_arn: "other".into(),
        unit_arns: vec![unit.into()],
    });
    let permission =
        json!({ "userIds": ["333344445555"], "organizationArns": [organization], "organizationalUnitArns": [unit] });
    let build = distributed(
        &mut bench,
        json!([entry(
            "eu-west-1",
            &json!({ "launchPermission": permission, "amiTags": { "here": "yes" } })
        )]),
    );
    let ami = bench.ami_of(&build);
    let image = bench.ami(bench.hub, &ami).unwrap();
    assert_eq!(
        (image.tags.get("here"), image.tags.get("recipe")),
        (Some("yes"), Some("yes"))
    );
    assert!(crate::ec2::visibility::may_launch(&bench.world, &image, MEMBER));
    assert!(crate::ec2::visibility::may_launch(
        &bench.world,
        &image,
        AccountId::new(333_344_445_555)
    ));
    assert!(image.launch.unwrap().organizations.contains(organization));
}

#[test]
fn a_region_that_is_not_enabled_fails() {
    let mut bench = Bench::new();
    let build = distributed(&mut bench, json!([entry("ap-east-1", &json!({}))]));
    assert!(
        failures(&mut bench, &build)[0]["errorMessage"]
            .as_str()
            .unwrap()
            .contains("not enabled")
    );
}

#[test]
fn a_build_stays_distributing_until_its_slowest_copy_is_there() {
    let mut bench = Bench::new();
    bench.world.settings_mut().copy_per_gib = Duration::from_hours(1);
    let pipeline = bench.pipeline_to("web", json!([entry("us-east-1", &json!({}))]));
    let build = bench.start(&pipeline);
    bench.pass(Duration::from_hours(7));
    assert_eq!(bench.image(&build)["state"]["status"], "DISTRIBUTING");
    bench.pass(Duration::from_hours(3));
    assert_eq!(bench.image(&build)["state"]["status"], "AVAILABLE");
}

#[test]
fn a_copy_that_takes_longer_than_the_limit_times_out() {
    let mut bench = Bench::new();
    bench.world.settings_mut().copy_per_gib = Duration::from_hours(2);
    let build = distributed(&mut bench, json!([entry("us-east-1", &json!({}))]));
    assert_eq!(failures(&mut bench, &build)[0]["status"], "TIMED_OUT");
}

#[test]
fn regions_can_be_made_to_fail_while_distributing_and_while_integrating() {
    for (stage, step) in [
        (BuildStage::Distributing, None),
        (BuildStage::Integrating, Some("UPDATE_LAUNCH_TEMPLATES")),
    ] {
        let mut bench = Bench::new();
        let pipeline = bench.pipeline_to(
            "web",
            json!([entry("us-east-1", &json!({})), entry("eu-central-1", &json!({}))]),
        );
        let failure = RegionFailure {
            region: "us-east-1".parse().unwrap(),
            account: None,
            status: RegionFailureStatus::Cancelled,
            step: step.map(str::to_owned),
            message: "EC2 Client Error: 'no'".into(),
        };
        bench.world.fail_builds(
            &pipeline,
            1,
            &BuildFailure {
                stage,
                cause: FailureCause::Regions(vec![failure]),
            },
        );
        let build = bench.start(&pipeline);
        bench.pass(Duration::from_hours(24));
        let failures = failures(&mut bench, &build);
        assert_eq!(
            (
                failures.len(),
                failures[0]["imageConfigurationStep"].as_str(),
                &failures[0]["status"]
            ),
            (1, step, &json!("CANCELLED"))
        );
        assert_eq!(
            bench.image(&build)["state"]["failureContext"]["imageStatus"],
            json!(stage.status().to_string())
        );
        assert_eq!(bench.amis_of_build("eu-central-1", &build), 1);
        assert_eq!(bench.amis_of_build("us-east-1", &build), usize::from(step.is_some()));
    }
}

#[test]
fn a_changed_configuration_touches_nothing_already_distributed() {
    let mut bench = Bench::new();
    let build = distributed(&mut bench, json!([entry("us-east-1", &json!({}))]));
    let distribution = bench.arn("distribution-configuration/web");
    bench.ok(
        "UpdateDistributionConfiguration",
        json!({ "distributionConfigurationArn": distribution, "distributions": [entry("eu-west-1", &json!({}))] }),
    );
    bench.pass(Duration::from_hours(24));
    assert_eq!(bench.amis_of_build("us-east-1", &build), 1);
    assert_eq!(outputs(&mut bench, &build).len(), 2);
}

#[test]
fn what_only_tests_has_its_parents_ami_for_output_whoever_owns_it() {
    let mut bench = Bench::new();
    let pipeline = bench.pipeline("web");
    bench.world.test_only_builds(&pipeline, true);
    let build = bench.start(&pipeline);
    bench.pass(Duration::from_hours(24));
    let image = bench.image(&build);
    let output = &image["outputResources"]["amis"][0];
    assert_eq!(
        (&output["image"], &output["accountId"]),
        (&image["imageRecipe"]["parentImage"], &json!("137112412989"))
    );
    assert_eq!(bench.amis_of_build("eu-west-1", &build), 0);
}

#[test]
fn copies_beyond_what_ebs_takes_at_once_wait_for_their_turn() {
    let mut bench = Bench::new();
    let pipeline = bench.pipeline_to("web", json!([entry("us-east-1", &json!({}))]));
    let builds: Vec<String> = (0..25).map(|_| bench.start(&pipeline)).collect();
    bench.pass(Duration::from_hours(2));
    for build in &builds {
        assert_eq!(bench.image(build)["state"]["status"], "AVAILABLE", "{build}");
        assert_eq!(bench.amis_of_build("us-east-1", build), 1);
    }
}
