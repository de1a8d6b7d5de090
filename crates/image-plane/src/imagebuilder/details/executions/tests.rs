use std::time::Duration;

use serde_json::{Value, json};

use super::super::super::failure::{BuildFailure, BuildStage, FailureCause};
use super::super::super::testing::{Bench, component};

fn runs(bench: &mut Bench, build: &str) -> Vec<Value> {
    let answer = bench.post("ListWorkflowExecutions", json!({ "imageBuildVersionArn": build }));
    answer["workflowExecutions"].as_array().unwrap().clone()
}

fn steps(bench: &mut Bench, run: &Value) -> Vec<Value> {
    let request = json!({ "workflowExecutionId": run["workflowExecutionId"] });
    let answer = bench.post("ListWorkflowStepExecutions", request);
    answer["steps"].as_array().unwrap().clone()
}

/// These members of each, one after the other.
fn told(items: &[Value], members: &[&str]) -> Vec<String> {
    let told = items.iter().map(|item| {
        let words = members.iter().map(|member| item[*member].as_str().unwrap_or("-"));
        words.collect::<Vec<_>>().join(" ")
    });
    told.collect()
}

fn failing(bench: &mut Bench, stage: BuildStage, cause: FailureCause) -> String {
    let pipeline = bench.pipeline("web");
    bench.world.fail_builds(&pipeline, 1, &BuildFailure { stage, cause });
    let build = bench.start(&pipeline);
    bench.pass(Duration::from_hours(2));
    build
}

#[test]
fn a_finished_build_has_run_a_build_and_a_test_with_the_steps_the_reference_shows() {
    let mut bench = Bench::new();
    let build = bench.built("web");
    let runs = runs(&mut bench, &build);
    assert_eq!(told(&runs, &["type", "status"]), ["BUILD COMPLETED", "TEST COMPLETED"]);
    let counts = |run: &Value| {
        let count = |member: &str| run[member].as_u64().unwrap();
        [
            count("totalStepCount"),
            count("totalStepsSucceeded"),
            count("totalStepsFailed"),
            count("totalStepsSkipped"),
        ]
    };
    assert_eq!([counts(&runs[0]), counts(&runs[1])], [[7, 5, 0, 2], [4, 2, 0, 2]]);
    assert_eq!(
        runs[0]["workflowBuildVersionArn"],
        "arn:aws:imagebuilder:eu-west-1:aws:workflow/build/build-image/1.0.2/1"
    );
    assert_eq!(runs[0]["retried"], false);
    assert_eq!(
        told(&steps(&mut bench, &runs[0]), &["name", "action", "status"]),
        [
            "LaunchBuildInstance LaunchInstance COMPLETED",
            "ApplyBuildComponents ExecuteComponents SKIPPED",
            "InventoryCollection CollectImageMetadata COMPLETED",
            "RunSanitizeScript SanitizeInstance COMPLETED",
            "RunSysPrepScript RunSysPrep SKIPPED",
            "CreateOutputAMI CreateImage COMPLETED",
            "TerminateBuildInstance TerminateInstance COMPLETED",
        ]
    );
    assert_eq!(
        told(&steps(&mut bench, &runs[1]), &["name", "status"]),
        [
            "LaunchTestInstance COMPLETED",
            "CollectImageScanFindings SKIPPED",
            "ApplyTestComponents SKIPPED",
            "TerminateTestInstance COMPLETED",
        ]
    );
}

#[test]
fn steps_follow_each_other_within_their_run_and_say_what_they_made() {
    let mut bench = Bench::new();
    let build = bench.built("web");
    let run = &runs(&mut bench, &build)[0];
    let steps = steps(&mut bench, run);
    for pair in steps.windows(2) {
        assert!(pair[0]["startTime"].as_str() <= pair[0]["endTime"].as_str());
        assert!(pair[0]["endTime"].as_str() <= pair[1]["startTime"].as_str(), "{pair:?}");
    }
    assert_eq!(steps[0]["startTime"], run["startTime"]);
    assert_eq!(steps[6]["endTime"], run["endTime"]);
    let ami = bench.ami_of(&build);
    assert_eq!(steps[5]["outputs"], json!({ "imageId": ami }).to_string());
    let machine = bench.ami(bench.hub, &ami).unwrap().source_instance.unwrap();
    assert_eq!(
        steps[0]["outputs"],
        json!({ "instanceId": machine.to_string() }).to_string()
    );
    assert_eq!(steps[5]["inputs"], steps[0]["outputs"]);
}

#[test]
fn a_run_shows_its_steps_as_they_come_and_keeps_what_it_has_shown() {
    let mut bench = Bench::new();
    let pipeline = bench.pipeline("web");
    let build = bench.start(&pipeline);
    assert_eq!(runs(&mut bench, &build), [] as [Value; 0]);
    let mut shown: Vec<Value> = Vec::new();
    for _ in 0..100 {
        bench.pass(Duration::from_secs(10));
        let Some(run) = runs(&mut bench, &build).first().cloned() else {
            continue;
        };
        let steps = steps(&mut bench, &run);
        assert!(steps.len() >= shown.len());
        for (before, now) in shown.iter().zip(&steps) {
            for member in ["stepExecutionId", "name", "startTime"] {
                assert_eq!(before[member], now[member]);
            }
            if before["status"] != "RUNNING" {
                assert_eq!(
                    (&before["status"], &before["endTime"]),
                    (&now["status"], &now["endTime"])
                );
            }
        }
        let running = steps.iter().filter(|step| step["status"] == "RUNNING").count();
        assert_eq!(running, usize::from(run["status"] == "RUNNING"), "{steps:?}");
        shown = steps;
    }
    assert_eq!(shown.len(), 7);
}

#[test]
fn a_component_that_fails_in_the_test_fails_its_step_and_its_run_under_the_ids_the_image_names() {
    let mut bench = Bench::new();
    let cause = FailureCause::Component {
        component_arn: Some("arn:aws:imagebuilder:eu-west-1:111122223333:component/smoke/1.0.0/1".into()),
        phase: "test".into(),
        step: "Ask".into(),
        action: "ExecuteBash".into(),
        message: "exit status 1".into(),
    };
    let build = failing(&mut bench, BuildStage::Testing, cause);
    let runs = runs(&mut bench, &build);
    assert_eq!(told(&runs, &["type", "status"]), ["BUILD COMPLETED", "TEST FAILED"]);
    assert!(
        runs[1]["message"].as_str().unwrap().starts_with("Document arn:"),
        "{}",
        runs[1]
    );
    assert_eq!(runs[0].get("message"), None);
    let steps = steps(&mut bench, &runs[1]);
    assert_eq!(
        told(&steps, &["name", "status"]),
        [
            "LaunchTestInstance COMPLETED",
            "CollectImageScanFindings SKIPPED",
            "ApplyTestComponents FAILED",
        ]
    );
    assert_eq!(steps[2]["outputs"], runs[1]["message"]);
    assert_eq!(steps[2]["endTime"], runs[1]["endTime"]);
    let image = bench.image(&build);
    let context = &image["state"]["failureContext"];
    for (named, member, of) in [
        ("workflowExecutionId", "workflowExecutionId", &runs[1]),
        ("workflowArn", "workflowBuildVersionArn", &runs[1]),
        ("stepExecutionId", "stepExecutionId", &steps[2]),
        ("failedStep", "name", &steps[2]),
    ] {
        assert_eq!(context[named], of[member], "{named}");
    }
    let whole = bench.post("ListWorkflowExecutions", json!({ "imageBuildVersionArn": build }));
    assert_eq!(whole["message"], image["state"]["reason"]);
}

#[test]
fn a_failure_of_which_nothing_is_known_fails_the_step_that_does_the_work() {
    let mut bench = Bench::new();
    let build = failing(&mut bench, BuildStage::Building, FailureCause::Other("no".into()));
    let runs = runs(&mut bench, &build);
    assert_eq!(told(&runs, &["type", "status", "message"]), ["BUILD FAILED no"]);
    let steps = steps(&mut bench, &runs[0]);
    assert_eq!(
        told(&steps, &["name", "status"]),
        ["LaunchBuildInstance COMPLETED", "ApplyBuildComponents FAILED"]
    );
}

#[test]
fn a_build_that_fails_before_its_workflows_has_run_none() {
    let mut bench = Bench::new();
    let build = failing(&mut bench, BuildStage::Creating, FailureCause::Other("no".into()));
    let answer = bench.post("ListWorkflowExecutions", json!({ "imageBuildVersionArn": build }));
    assert_eq!(
        (&answer["workflowExecutions"], &answer["message"]),
        (&json!([]), &json!("no"))
    );
}

#[test]
fn a_cancelled_build_calls_off_the_step_it_was_at() {
    let mut bench = Bench::new();
    let pipeline = bench.pipeline("web");
    let build = bench.start(&pipeline);
    bench.pass(Duration::from_mins(2));
    bench.ok("CancelImageCreation", json!({ "imageBuildVersionArn": build }));
    bench.pass(Duration::from_hours(1));
    let runs = runs(&mut bench, &build);
    assert_eq!(told(&runs, &["type", "status"]), ["BUILD CANCELLED"]);
    assert!(runs[0]["endTime"].is_string());
    let steps = steps(&mut bench, &runs[0]);
    assert_eq!(told(&steps, &["name", "status"]), ["LaunchBuildInstance CANCELLED"]);
}

#[test]
fn components_and_scans_are_skipped_only_where_there_are_none() {
    let mut bench = Bench::new();
    bench.ok("CreateComponent", component("nginx", "1.0.0"));
    let mut smoke = component("smoke", "1.0.0");
    smoke["data"] = json!(smoke["data"].as_str().unwrap().replace("- name: build", "- name: test"));
    bench.ok("CreateComponent", smoke);
    let base = bench.base_image();
    let parts = ["nginx", "smoke"].map(|name| json!({ "componentArn": bench.arn(&format!("component/{name}/x.x.x")) }));
    bench.family_on("web", &base, json!(parts));
    let mut request = bench.pipeline_request("web");
    request["imageScanningConfiguration"] = json!({ "imageScanningEnabled": true });
    let pipeline = bench.ok("CreateImagePipeline", request)["imagePipelineArn"].clone();
    let build = bench.start(pipeline.as_str().unwrap());
    bench.pass(Duration::from_hours(2));
    let runs = runs(&mut bench, &build);
    assert_eq!([&runs[0]["totalStepsSkipped"], &runs[1]["totalStepsSkipped"]], [1, 0]);
    let launch = steps(&mut bench, &runs[1])[0]["outputs"].clone();
    let events = bench.events("EC2 Image Builder CVE Detected");
    let scanned = &events[0]["detail"]["resource-id"];
    assert_eq!(launch, json!({ "instanceId": scanned }).to_string());
}

#[test]
fn a_pipelines_own_workflows_are_what_runs_and_only_then_a_distribution_is_one() {
    let mut bench = Bench::new();
    bench.family("web");
    let older = bench.world.place_workflow(bench.hub, "test", "smoke", "1.2.3");
    let newest = bench.world.place_workflow(bench.hub, "test", "smoke", "1.10.0");
    let load = bench.world.place_workflow(bench.hub, "test", "load", "1.0.0");
    let managed = |name: &str| format!("arn:aws:imagebuilder:eu-west-1:aws:workflow/{name}");
    let mut request = bench.pipeline_request("web");
    request["executionRole"] = json!("ImageBuilder");
    request["workflows"] = json!([
        { "workflowArn": managed("build/build-image/x.x.x") },
        { "workflowArn": older.replace("1.2.3/1", "1.x.x"), "parallelGroup": "one" },
        { "workflowArn": load, "parallelGroup": "one" },
        { "workflowArn": managed("distribution/distribute-image/x.x.x") },
    ]);
    let pipeline = bench.ok("CreateImagePipeline", request)["imagePipelineArn"].clone();
    let pipeline = pipeline.as_str().unwrap().to_owned();
    let build = bench.start(&pipeline);
    bench.pass(Duration::from_hours(2));
    let done = runs(&mut bench, &build);
    assert_eq!(
        told(&done, &["type", "status", "parallelGroup"]),
        [
            "BUILD COMPLETED -",
            "TEST COMPLETED one",
            "TEST COMPLETED one",
            "DISTRIBUTION COMPLETED -"
        ]
    );
    assert_eq!(done[1]["workflowBuildVersionArn"], json!(newest));
    assert_eq!(bench.image(&build)["workflows"][1]["workflowArn"], json!(newest));
    let distribution = steps(&mut bench, &done[3]);
    assert_eq!(
        told(&distribution, &["name", "status"]),
        [
            "DistributeImage COMPLETED",
            "ModifyImageAttributes COMPLETED",
            "ApplyImageConfigurations COMPLETED",
        ]
    );
    let failures = [
        (BuildStage::Testing, ["COMPLETED", "FAILED", "CANCELLED"].as_slice()),
        (
            BuildStage::Distributing,
            &["COMPLETED", "COMPLETED", "COMPLETED", "FAILED"],
        ),
    ];
    for (stage, statuses) in failures {
        let cause = FailureCause::Other("no".into());
        bench.world.fail_builds(&pipeline, 1, &BuildFailure { stage, cause });
        let build = bench.start(&pipeline);
        bench.pass(Duration::from_hours(2));
        assert_eq!(told(&runs(&mut bench, &build), &["status"]), statuses, "{stage:?}");
    }
}

#[test]
fn a_build_that_only_tests_has_run_no_build_and_a_container_has_steps_of_its_own() {
    let mut bench = Bench::new();
    let pipeline = bench.pipeline("web");
    bench.world.test_only_builds(&pipeline, true);
    let tested = bench.start(&pipeline);
    let pipeline = bench.container_pipeline("tools");
    let container = bench.start(&pipeline);
    bench.pass(Duration::from_hours(2));
    assert_eq!(
        told(&runs(&mut bench, &tested), &["type", "status"]),
        ["TEST COMPLETED"]
    );
    let runs = runs(&mut bench, &container);
    assert_eq!(
        told(&runs, &["workflowBuildVersionArn"]),
        ["build/build-container", "test/test-container"]
            .map(|name| format!("arn:aws:imagebuilder:eu-west-1:aws:workflow/{name}/1.0.2/1"))
    );
    let steps = steps(&mut bench, &runs[0]);
    assert_eq!(steps.len(), 3);
    assert_eq!(steps[1]["action"], "BootstrapInstanceForContainer");
}

#[test]
fn runs_and_steps_come_in_pages_and_what_is_not_there_is_refused() {
    let mut bench = Bench::new();
    let build = bench.built("web");
    let mut request = json!({ "imageBuildVersionArn": build, "maxResults": 1 });
    let first = bench.post("ListWorkflowExecutions", request.clone());
    request["nextToken"] = first["nextToken"].clone();
    let second = bench.post("ListWorkflowExecutions", request);
    assert_eq!(second["workflowExecutions"][0]["type"], "TEST");
    assert_eq!(second.get("nextToken"), None);
    let id = &first["workflowExecutions"][0]["workflowExecutionId"];
    let mut request = json!({ "workflowExecutionId": id, "maxResults": 5 });
    let page = bench.post("ListWorkflowStepExecutions", request.clone());
    request["nextToken"] = page["nextToken"].clone();
    let rest = bench.post("ListWorkflowStepExecutions", request);
    assert_eq!(rest["steps"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&rest["imageBuildVersionArn"], &rest["workflowExecutionId"]),
        (&json!(build), id)
    );
    for (id, status) in [("wf-1", 400), ("wf-00000000-0000-4000-8000-000000000000", 404)] {
        let request = json!({ "workflowExecutionId": id });
        assert_eq!(bench.refused_post("ListWorkflowStepExecutions", request).0, status);
    }
    let none = json!({ "imageBuildVersionArn": bench.arn("image/none/1.0.0/1") });
    assert_eq!(bench.refused_post("ListWorkflowExecutions", none).0, 404);
}
