use super::super::testing::Bench;
use super::*;

const DAY: Duration = Duration::from_hours(24);

impl Bench {
    /// A pipeline whose builds run these workflows, each of its stage and with a step that waits for a day.
    fn gated(&mut self, name: &str, gates: &[(&str, &str)]) -> String {
        self.family(name);
        let mut workflows = Vec::new();
        for (stage, step) in gates {
            let workflow = self
                .world
                .place_workflow(self.hub, stage, &format!("ask-{step}"), "1.0.0");
            self.world.wait_in_workflow(&workflow, step, DAY);
            workflows.push(json!({ "workflowArn": workflow }));
        }
        let mut request = self.pipeline_request(name);
        request["executionRole"] = json!("ImageBuilder");
        request["workflows"] = json!(workflows);
        let pipeline = self.ok("CreateImagePipeline", request);
        pipeline["imagePipelineArn"].as_str().unwrap().to_owned()
    }

    /// A build that waits while it is BUILDING, and the step in which it does.
    pub(crate) fn waiting(&mut self, name: &str) -> (String, String) {
        let pipeline = self.gated(name, &[("build", "approve")]);
        let build = self.start(&pipeline);
        self.pass(Duration::from_hours(2));
        let step = self.steps().remove(0);
        (build, step["stepExecutionId"].as_str().unwrap().to_owned())
    }

    fn steps(&mut self) -> Vec<Value> {
        let answer = self.post("ListWaitingWorkflowSteps", json!({}));
        answer["steps"].as_array().unwrap().clone()
    }

    fn state(&mut self, build: &str) -> Value {
        self.image(build)["state"].clone()
    }
}

fn answer(build: &str, step: &str, action: &str) -> Value {
    json!({ "stepExecutionId": step, "imageBuildVersionArn": build, "action": action, "reason": "ann looked at it" })
}

#[test]
fn a_build_waits_in_its_step_says_so_once_and_is_listed() {
    let mut bench = Bench::new();
    let (build, step) = bench.waiting("web");
    assert_eq!(bench.state(&build)["status"], "BUILDING");
    let steps = bench.steps();
    let [listed] = steps.as_slice() else {
        panic!("{steps:?}")
    };
    let workflow = bench.arn("workflow/build/ask-approve/1.0.0/1");
    let run = listed["workflowExecutionId"].clone();
    assert_eq!(
        (
            &listed["imageBuildVersionArn"],
            &listed["workflowBuildVersionArn"],
            &listed["name"],
            &listed["action"]
        ),
        (
            &json!(build),
            &json!(workflow),
            &json!("approve"),
            &json!("WaitForAction")
        )
    );
    let events = bench.events("EC2 Image Builder Workflow Step Waiting");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["resources"], json!([build, workflow]));
    let named =
        json!({ "workflow-execution-id": run, "workflow-step-execution-id": step, "workflow-step-name": "approve" });
    assert_eq!(events[0]["detail"], named);
    let shown = bench.get("GetWorkflowStepExecution", "stepExecutionId", &step);
    assert_eq!(
        (
            &shown["name"],
            &shown["status"],
            &shown["timeoutSeconds"],
            &shown["startTime"]
        ),
        (
            &json!("approve"),
            &json!("RUNNING"),
            &json!(86_400),
            &listed["startTime"]
        )
    );
}

#[test]
fn an_answer_lets_a_build_go_on_to_its_end_and_its_reason_stays_with_the_step() {
    let mut bench = Bench::new();
    let (build, step) = bench.waiting("web");
    let answered = bench.ok("SendWorkflowStepAction", answer(&build, &step, "RESUME"));
    assert_eq!(answered["stepExecutionId"], json!(step));
    assert!(bench.steps().is_empty());
    bench.pass(Duration::from_hours(2));
    assert_eq!(bench.state(&build), json!({ "status": "AVAILABLE" }));
    let shown = bench.get("GetWorkflowStepExecution", "stepExecutionId", &step);
    let outputs: Value = serde_json::from_str(shown["outputs"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&shown["status"], outputs),
        (
            &json!("COMPLETED"),
            json!({ "action": "RESUME", "reason": "ann looked at it" })
        )
    );
    bench.pass(DAY);
    assert_eq!(bench.state(&build), json!({ "status": "AVAILABLE" }));
}

#[test]
fn a_step_that_is_stopped_or_that_nobody_answers_in_time_fails_its_build_and_says_why() {
    let mut bench = Bench::new();
    let (build, step) = bench.waiting("web");
    bench.ok("SendWorkflowStepAction", answer(&build, &step, "STOP"));
    let state = bench.state(&build);
    assert_eq!(
        (&state["status"], &state["failureContext"]["failedStep"]),
        (&json!("FAILED"), &json!("approve"))
    );
    assert!(state["reason"].as_str().unwrap().ends_with("ann looked at it"));
    let (build, step) = bench.waiting("site");
    bench.pass(DAY.checked_sub(Duration::from_hours(2)).unwrap());
    assert_eq!(bench.state(&build)["status"], "BUILDING");
    bench.pass(Duration::from_hours(1));
    let state = bench.state(&build);
    assert_eq!(
        (&state["status"], &state["failureContext"]["stepExecutionId"]),
        (&json!("FAILED"), &json!(step))
    );
    assert!(bench.steps().is_empty());
}

#[test]
fn an_answer_is_one_under_its_token_and_what_does_not_wait_takes_none() {
    let mut bench = Bench::new();
    let other = bench.built("other");
    let (build, step) = bench.waiting("web");
    let mut first = answer(&build, &step, "RESUME");
    first["clientToken"] = json!("t1");
    let unknown = "step-00000000-0000-4000-8000-000000000000";
    let refused = |bench: &mut Bench, request: Value| bench.refused("SendWorkflowStepAction", request);
    assert_eq!(
        refused(&mut bench, answer(&build, unknown, "RESUME")),
        (404, "ResourceNotFoundException".into())
    );
    assert_eq!(
        refused(&mut bench, answer(&other, &step, "RESUME")),
        (400, "InvalidParameterValueException".into())
    );
    assert_eq!(refused(&mut bench, answer(&build, &step, "PAUSE")).0, 400);
    let answered = bench.ok("SendWorkflowStepAction", first.clone());
    assert_eq!(bench.ok("SendWorkflowStepAction", first.clone()), answered);
    first["action"] = json!("STOP");
    assert_eq!(refused(&mut bench, first).1, "IdempotentParameterMismatchException");
    assert_eq!(
        refused(&mut bench, answer(&build, &step, "STOP")),
        (400, "InvalidRequestException".into())
    );
    let (build, step) = bench.waiting("cancelled");
    bench.ok("CancelImageCreation", json!({ "imageBuildVersionArn": build }));
    assert!(bench.steps().is_empty());
    assert_eq!(refused(&mut bench, answer(&build, &step, "RESUME")).0, 400);
    bench.pass(DAY * 2);
    assert_eq!(bench.state(&build)["status"], "CANCELLED");
}

#[test]
fn several_workflows_of_tests_wait_side_by_side_are_listed_in_pages_and_go_on_together() {
    let mut bench = Bench::new();
    let pipeline = bench.gated("web", &[("test", "smoke"), ("test", "load")]);
    let build = bench.start(&pipeline);
    bench.pass(Duration::from_hours(2));
    assert_eq!(bench.state(&build)["status"], "TESTING");
    let first = bench.post("ListWaitingWorkflowSteps", json!({ "maxResults": 1 }));
    let request = json!({ "maxResults": 1, "nextToken": first["nextToken"] });
    let second = bench.post("ListWaitingWorkflowSteps", request);
    assert_eq!(second.get("nextToken"), None);
    let steps = [&first["steps"][0], &second["steps"][0]];
    assert_eq!(steps.map(|step| step["name"].clone()), ["smoke", "load"]);
    for (at, step) in steps.into_iter().enumerate() {
        bench.pass(Duration::from_hours(1));
        assert_eq!((at, bench.state(&build)["status"].clone()), (at, json!("TESTING")));
        let step = step["stepExecutionId"].as_str().unwrap();
        bench.ok("SendWorkflowStepAction", answer(&build, step, "RESUME"));
    }
    bench.pass(Duration::from_hours(1));
    assert_eq!(bench.state(&build)["status"], "AVAILABLE");
    assert_eq!(bench.events("EC2 Image Builder Workflow Step Waiting").len(), 2);
}
