use super::super::failure::{BuildFailure, BuildStage};
use super::super::testing::{Bench, component};
use super::*;
use crate::world::faults::{Effect, Fault};

#[test]
fn a_build_walks_through_its_states_and_tells_of_each() {
    let mut bench = Bench::new();
    let pipeline = bench.pipeline("web");
    let build = bench.start(&pipeline);
    assert_eq!(build, bench.arn("image/web/1.0.0/1"));
    assert_eq!(bench.image(&build)["state"], json!({ "status": "PENDING" }));
    bench.pass(Duration::from_hours(2));
    let walk = [
        "CREATING",
        "BUILDING",
        "TESTING",
        "DISTRIBUTING",
        "INTEGRATING",
        "AVAILABLE",
    ];
    let events = bench.events("EC2 Image Builder Image State Change");
    assert_eq!(events.len(), 5);
    for (event, step) in events.iter().zip(walk.windows(2)) {
        assert_eq!(
            event["detail"],
            json!({ "previous-state": { "status": step[0] }, "state": { "status": step[1] } })
        );
        assert_eq!(
            (&event["source"], &event["resources"]),
            (&json!("aws.imagebuilder"), &json!([build]))
        );
    }
    assert_eq!(bench.image(&build)["state"], json!({ "status": "AVAILABLE" }));
}

#[test]
fn without_tests_there_is_no_testing() {
    let mut bench = Bench::new();
    bench.family("web");
    let mut request = bench.pipeline_request("web");
    request["imageTestsConfiguration"] = json!({ "imageTestsEnabled": false });
    let pipeline = bench.ok("CreateImagePipeline", request)["imagePipelineArn"]
        .as_str()
        .unwrap()
        .to_owned();
    bench.start(&pipeline);
    bench.pass(Duration::from_hours(2));
    assert!(
        bench
            .events("EC2 Image Builder Image State Change")
            .iter()
            .all(|event| event["detail"]["state"]["status"] != "TESTING")
    );
}

#[test]
fn each_build_of_a_version_has_the_next_number_and_a_deleted_ones_is_not_given_again() {
    let mut bench = Bench::new();
    let first = bench.built("web");
    bench.delete("DeleteImage", "imageBuildVersionArn", &first);
    let pipeline = bench.arn("image-pipeline/web");
    assert_eq!(bench.start(&pipeline), bench.arn("image/web/1.0.0/2"));
}

#[test]
fn a_disabled_pipeline_still_starts_by_hand_and_a_missing_one_does_not() {
    let mut bench = Bench::new();
    bench.family("web");
    let mut request = bench.pipeline_request("web");
    request["status"] = json!("DISABLED");
    let pipeline = bench.ok("CreateImagePipeline", request)["imagePipelineArn"]
        .as_str()
        .unwrap()
        .to_owned();
    bench.start(&pipeline);
    let none = bench.arn("image-pipeline/none");
    assert_eq!(
        bench.refused("StartImagePipelineExecution", json!({ "imagePipelineArn": none })),
        (404, "ResourceNotFoundException".into())
    );
}

#[test]
fn tags_of_the_start_land_on_the_image_alone_and_the_pipelines_image_tags_on_nothing_started_by_hand() {
    let mut bench = Bench::new();
    bench.family("web");
    let mut request = bench.pipeline_request("web");
    request["imageTags"] = json!({ "from": "pipeline" });
    let pipeline = bench.ok("CreateImagePipeline", request)["imagePipelineArn"].clone();
    let request = json!({ "imagePipelineArn": pipeline, "tags": { "reason": "cve" } });
    let build = bench.ok("StartImagePipelineExecution", request)["imageBuildVersionArn"].clone();
    bench.pass(Duration::from_hours(2));
    let build = build.as_str().unwrap();
    assert_eq!(bench.image(build)["tags"], json!({ "reason": "cve" }));
    let ami = bench.ami_of(build);
    assert_eq!(bench.ami(bench.hub, &ami).unwrap().tags.get("reason"), None);
}

#[test]
fn the_token_of_a_failed_build_brings_the_same_failed_image() {
    let mut bench = Bench::new();
    let pipeline = bench.pipeline("web");
    let broken = BuildFailure {
        stage: BuildStage::Building,
        cause: FailureCause::Capacity {
            instance_type: "t3.medium".into(),
        },
    };
    bench.world.fail_builds(&pipeline, 1, &broken);
    let request = json!({ "imagePipelineArn": pipeline, "clientToken": "attempt-1" });
    let first = bench.ok("StartImagePipelineExecution", request.clone());
    bench.pass(Duration::from_hours(2));
    let again = bench.ok("StartImagePipelineExecution", request);
    assert_eq!(again["imageBuildVersionArn"], first["imageBuildVersionArn"]);
    let image = bench.image(again["imageBuildVersionArn"].as_str().unwrap());
    assert_eq!(image["state"]["status"], "FAILED");
    assert!(
        image["state"]["reason"]
            .as_str()
            .unwrap()
            .contains("InsufficientInstanceCapacity")
    );
    assert_eq!(image["state"]["failureContext"]["failedStep"], "LaunchBuildInstance");
    assert_eq!(image["state"]["failureContext"].get("componentFailure"), None);
    let next = bench.ok(
        "StartImagePipelineExecution",
        json!({ "imagePipelineArn": pipeline, "clientToken": "attempt-2" }),
    );
    assert!(next["imageBuildVersionArn"].as_str().unwrap().ends_with("/2"));
}

#[test]
fn a_failed_component_is_named_by_its_build_version_everywhere_failures_are_shown() {
    let mut bench = Bench::new();
    bench.ok("CreateComponent", component("nginx", "1.0.0"));
    let base = bench.base_image();
    bench.family_on(
        "web",
        &base,
        json!([{ "componentArn": bench.arn("component/nginx/x.x.x") }]),
    );
    let pipeline = bench.ok("CreateImagePipeline", bench.pipeline_request("web"))["imagePipelineArn"]
        .as_str()
        .unwrap()
        .to_owned();
    let cause = FailureCause::Component {
        component_arn: None,
        phase: "build".into(),
        step: "Install".into(),
        action: "ExecuteBash".into(),
        message: "exit status 1".into(),
    };
    bench.world.fail_builds(
        &pipeline,
        1,
        &BuildFailure {
            stage: BuildStage::Building,
            cause,
        },
    );
    let build = bench.start(&pipeline);
    bench.pass(Duration::from_hours(2));
    let state = bench.image(&build)["state"].clone();
    let failure = json!({
        "componentArn": bench.arn("component/nginx/1.0.0/1"), "phaseName": "build", "stepName": "Install", "action": "ExecuteBash", "errorMessage": "exit status 1",
    });
    assert_eq!(state["failureContext"]["componentFailure"], failure);
    let workflow = state["failureContext"]["workflowExecutionId"].as_str().unwrap();
    assert!(state["reason"].as_str().unwrap().starts_with(&format!(
        "Workflow Execution ID: '{workflow}' failed with reason: Document arn:"
    )));
    let builds = bench.post("ListImageBuildVersions", json!({}));
    let images = bench.post("ListImagePipelineImages", json!({ "imagePipelineArn": pipeline }));
    assert_eq!(
        (
            &builds["imageSummaryList"][0]["state"],
            &images["imageSummaryList"][0]["state"]
        ),
        (&state, &state)
    );
}

#[test]
fn wildcards_and_parameters_become_concrete_on_the_image_and_stay_open_in_the_recipe() {
    let mut bench = Bench::new();
    let base = bench.base_image();
    bench.world.put_parameter(bench.hub, "/golden/base", &base);
    let update = "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/x.x.x";
    bench.family_on("web", "ssm:/golden/base", json!([{ "componentArn": update }]));
    let pipeline = bench.ok("CreateImagePipeline", bench.pipeline_request("web"))["imagePipelineArn"]
        .as_str()
        .unwrap()
        .to_owned();
    let build = bench.start(&pipeline);
    assert_eq!(bench.image(&build)["imageRecipe"]["parentImage"], "ssm:/golden/base");
    let newer = bench.base_image();
    bench.world.put_parameter(bench.hub, "/golden/base", &newer);
    bench.pass(Duration::from_hours(2));
    let recipe = bench.image(&build)["imageRecipe"].clone();
    assert_eq!(recipe["parentImage"], json!(newer));
    assert_eq!(
        recipe["components"][0]["componentArn"],
        "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/1.0.2/1"
    );
    let arn = bench.arn("image-recipe/web/1.0.0");
    let recipe = bench.get("GetImageRecipe", "imageRecipeArn", &arn)["imageRecipe"].clone();
    assert_eq!(
        (&recipe["parentImage"], &recipe["components"][0]["componentArn"]),
        (&json!("ssm:/golden/base"), &json!(update))
    );
}

#[test]
fn a_parent_that_is_gone_fails_the_build_with_the_stage_and_nothing_more() {
    let mut bench = Bench::new();
    let pipeline = bench.pipeline("web");
    let base = bench.get("GetImageRecipe", "imageRecipeArn", &bench.arn("image-recipe/web/1.0.0"))["imageRecipe"]["parentImage"].clone();
    bench.deregister(base.as_str().unwrap());
    let build = bench.start(&pipeline);
    bench.pass(Duration::from_hours(2));
    assert_eq!(
        bench.image(&build)["state"]["failureContext"],
        json!({ "imageStatus": "CREATING" })
    );
}

#[test]
fn a_wildcard_parent_picks_a_dead_image_until_it_is_deprecated() {
    let mut bench = Bench::new();
    let alive = bench.built("base");
    let pipeline = bench.arn("image-pipeline/base");
    let dead = bench.start(&pipeline);
    bench.pass(Duration::from_hours(2));
    let ami = bench.ami_of(&dead);
    let wild = bench.arn("image/base/x.x.x");
    bench.family_on("web", &wild, Value::Null);
    bench.deregister(&ami);
    let child = bench.ok("CreateImagePipeline", bench.pipeline_request("web"))["imagePipelineArn"]
        .as_str()
        .unwrap()
        .to_owned();
    let failed = bench.start(&child);
    bench.pass(Duration::from_hours(2));
    assert_eq!(bench.image(&failed)["state"]["status"], "FAILED");
    bench.ok(
        "StartResourceStateUpdate",
        json!({ "resourceArn": dead, "state": { "status": "DEPRECATED" } }),
    );
    let good = bench.start(&child);
    bench.pass(Duration::from_hours(2));
    let image = bench.image(&good);
    assert_eq!(
        (&image["state"]["status"], &image["imageRecipe"]["parentImage"]),
        (&json!("AVAILABLE"), &json!(alive))
    );
}

#[test]
fn only_a_build_under_way_can_be_cancelled_and_then_it_ends_cancelled() {
    let mut bench = Bench::new();
    let pipeline = bench.pipeline("web");
    let build = bench.start(&pipeline);
    bench.pass(Duration::from_secs(10));
    bench.ok("CancelImageCreation", json!({ "imageBuildVersionArn": build }));
    bench.pass(Duration::from_hours(2));
    let state = bench.image(&build)["state"].clone();
    assert_eq!(state, json!({ "status": "CANCELLED" }));
    let last = bench.events("EC2 Image Builder Image State Change").pop().unwrap();
    let detail = json!({ "previous-state": { "status": "PENDING" }, "state": { "status": "CANCELLED" } });
    assert_eq!(last["detail"], detail, "a cancelled build takes no further step");
    assert_eq!(
        bench.refused("CancelImageCreation", json!({ "imageBuildVersionArn": build })),
        (400, "InvalidRequestException".into())
    );
}

#[test]
fn the_101st_build_at_once_is_over_quota() {
    let mut bench = Bench::new();
    let pipeline = bench.pipeline("web");
    for _ in 0..100 {
        bench.start(&pipeline);
    }
    assert_eq!(
        bench.refused("StartImagePipelineExecution", json!({ "imagePipelineArn": pipeline })),
        (402, "ServiceQuotaExceededException".into())
    );
}

#[test]
fn a_scan_reports_its_findings_and_zeros_too() {
    let mut bench = Bench::new();
    bench.family("web");
    let mut request = bench.pipeline_request("web");
    request["imageScanningConfiguration"] = json!({ "imageScanningEnabled": true });
    let pipeline = bench.ok("CreateImagePipeline", request)["imagePipelineArn"]
        .as_str()
        .unwrap()
        .to_owned();
    let first = bench.start(&pipeline);
    bench.pass(Duration::from_hours(2));
    bench.world.set_findings(
        &pipeline,
        Findings {
            all: 9,
            critical: 1,
            high: 2,
            medium: 3,
        },
    );
    bench.start(&pipeline);
    bench.pass(Duration::from_hours(2));
    let events = bench.events("EC2 Image Builder CVE Detected");
    assert_eq!(events[0]["resources"], json!([first, pipeline]));
    assert!(events[0]["detail"]["resource-id"].as_str().unwrap().starts_with("i-"));
    let counts: Vec<_> = events
        .iter()
        .map(|event| event["detail"]["finding-severity-counts"].clone())
        .collect();
    assert_eq!(
        counts,
        [
            json!({ "all": 0, "critical": 0, "high": 0, "medium": 0 }),
            json!({ "all": 9, "critical": 1, "high": 2, "medium": 3 })
        ]
    );
    assert_eq!(bench.image(&first)["scanState"]["status"], "COMPLETED");
}

#[test]
fn a_build_without_a_pipeline_names_none() {
    let mut bench = Bench::new();
    bench.family("web");
    let mut request = bench.pipeline_request("web");
    request.as_object_mut().unwrap().remove("name");
    let answer = bench.ok("CreateImage", request);
    assert_eq!(
        answer["latestVersionReferences"]["latestVersionArn"],
        bench.arn("image/web/x.x.x")
    );
    bench.pass(Duration::from_hours(2));
    let image = bench.image(answer["imageBuildVersionArn"].as_str().unwrap());
    assert_eq!(
        (&image["state"]["status"], image.get("sourcePipelineArn")),
        (&json!("AVAILABLE"), None)
    );
}

#[test]
fn the_same_seed_gives_the_same_history() {
    let history = || {
        let mut bench = Bench::new();
        bench.world.settings_mut().list_lag = Duration::from_mins(2);
        bench.built("web");
        bench.post("ListImageBuildVersions", json!({}));
        bench.world.ledger().fingerprint()
    };
    assert_eq!(history(), history());
}

#[test]
fn a_parent_deregistered_while_the_build_runs_does_no_harm() {
    let mut bench = Bench::new();
    let pipeline = bench.pipeline("web");
    let build = bench.start(&pipeline);
    bench.pass(Duration::from_mins(2));
    let image = bench.image(&build);
    assert_eq!(image["state"]["status"], "BUILDING");
    bench.deregister(image["imageRecipe"]["parentImage"].as_str().unwrap());
    bench.pass(Duration::from_hours(2));
    assert_eq!(bench.image(&build)["state"]["status"], "AVAILABLE");
}

#[test]
fn a_start_whose_answer_was_lost_is_found_again_by_its_token() {
    let mut bench = Bench::new();
    let pipeline = bench.pipeline("web");
    bench
        .world
        .inject(Fault::new(Effect::ServerErrorAfterApply(500)).on("StartImagePipelineExecution"));
    let request = json!({ "imagePipelineArn": pipeline, "clientToken": "attempt-1" });
    assert_eq!(
        bench.refused("StartImagePipelineExecution", request.clone()),
        (500, "ServiceException".into())
    );
    let again = bench.ok("StartImagePipelineExecution", request);
    assert_eq!(again["imageBuildVersionArn"], bench.arn("image/web/1.0.0/1"));
    let builds = bench.post("ListImageBuildVersions", json!({}));
    assert_eq!(builds["imageSummaryList"].as_array().unwrap().len(), 1);
}

#[test]
fn a_wildcard_over_amazons_image_builds_on_its_newest_version() {
    let mut bench = Bench::new();
    let region = bench.hub.region;
    let wild = "arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-2023-x86/x.x.x";
    let mut newest = String::new();
    for version in [[2025, 12, 9], [2025, 12, 10]] {
        newest = bench.base_image();
        bench
            .world
            .publish_managed_image(region, "amazon-linux-2023-x86", version, newest.parse().unwrap());
    }
    bench.family_on("web", wild, Value::Null);
    let pipeline = bench.ok("CreateImagePipeline", bench.pipeline_request("web"))["imagePipelineArn"]
        .as_str()
        .unwrap()
        .to_owned();
    let build = bench.start(&pipeline);
    bench.pass(Duration::from_hours(2));
    let image = bench.image(&build);
    let concrete = wild.replace("x.x.x", "2025.12.10/1");
    assert_eq!(
        (&image["imageRecipe"]["parentImage"], &image["imageSource"]),
        (&json!(concrete), &json!("AMAZON_MANAGED"))
    );
    let ami = bench.ami_of(&build);
    let source = bench.ami(bench.hub, &ami).unwrap().source;
    assert_eq!(source.map(|(id, _)| id.to_string()), Some(newest));
}

#[test]
fn an_image_that_a_recipe_names_by_its_build_cannot_be_deleted() {
    let mut bench = Bench::new();
    let base = bench.built("base");
    bench.family_on("web", &base, Value::Null);
    assert_eq!(
        bench.refused_delete("DeleteImage", "imageBuildVersionArn", &base),
        (400, "ResourceDependencyException".into())
    );
}

#[test]
fn a_failure_names_the_workflow_of_its_stage() {
    for (stage, workflow) in [
        (BuildStage::Building, "build/build-image"),
        (BuildStage::Testing, "test/test-image"),
    ] {
        let mut bench = Bench::new();
        let pipeline = bench.pipeline("web");
        let cause = FailureCause::Component {
            component_arn: Some(String::from(
                "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/1.0.2/1",
            )),
            phase: String::from("build"),
            step: String::from("update"),
            action: String::from("UpdateOS"),
            message: String::from("no"),
        };
        bench.world.fail_builds(&pipeline, 1, &BuildFailure { stage, cause });
        let build = bench.start(&pipeline);
        bench.pass(Duration::from_hours(2));
        let context = bench.image(&build)["state"]["failureContext"].clone();
        let arn = context["workflowArn"].as_str().unwrap();
        assert!(arn.contains(&format!("workflow/{workflow}/")), "{stage:?}: {arn}");
    }
}

#[test]
fn a_build_runs_under_its_pipelines_execution_role() {
    let mut bench = Bench::new();
    bench.family("web");
    let mut request = bench.pipeline_request("web");
    request["executionRole"] = json!("arn:aws:iam::111122223333:role/Execution");
    let pipeline = bench.ok("CreateImagePipeline", request)["imagePipelineArn"]
        .as_str()
        .unwrap()
        .to_owned();
    let build = bench.start(&pipeline);
    assert_eq!(
        bench.image(&build)["executionRole"],
        "arn:aws:iam::111122223333:role/Execution"
    );
}
