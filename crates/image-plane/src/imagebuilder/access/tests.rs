mod claims;

use serde_json::{Value, json};

use super::super::testing::{Answer, Bench, component};
use claims::{Claim, claims};

/// `~` stands for `arn:aws:imagebuilder:eu-west-1:111122223333:` in requests and needs.
fn spelled(text: &str) -> String {
    text.replace('~', "arn:aws:imagebuilder:eu-west-1:111122223333:")
}

fn statement(action: &str, resource: &str) -> Value {
    json!({ "Effect": "Allow", "Action": action, "Resource": spelled(resource) })
}

impl Bench {
    fn do_it(&mut self, (method, path, body): &(&str, &str, Value)) -> Answer {
        let mut body = body.clone();
        if *method == "PUT" {
            self.tokens += 1;
            body["clientToken"] = json!(format!("token-{}", self.tokens));
        }
        let (path, query) = path
            .split_once('?')
            .map_or((*path, None), |(path, query)| (path, Some(query)));
        let escaped = |text: &str| spelled(text).replace(':', "%3A").replace('/', "%2F");
        let path = match (path.strip_prefix("/tags/"), query) {
            (Some(arn), None) => format!("/tags/{}", escaped(arn)),
            (Some(arn), Some(query)) => format!("/tags/{}?{query}", escaped(arn)),
            (None, Some(query)) => format!("{path}?{}", escaped(query)),
            (None, None) => path.to_owned(),
        };
        self.send(method, &path, &spelled(&body.to_string()))
    }
}

fn bench() -> Bench {
    let mut bench = Bench::new();
    let built = bench.built("web");
    assert_eq!(built, bench.arn("image/web/1.0.0/1"));
    bench.built("old");
    for name in ["nginx", "unused"] {
        bench.ok("CreateComponent", component(name, "1.0.0"));
    }
    bench.family("unused");
    bench.container_recipe("tools");
    bench.world.create_repository(bench.hub, "web");
    bench.pipeline("lonely");
    let base = bench.base_image();
    bench.world.put_parameter(bench.hub, "/golden/base", &base);
    let all = json!({ "tagMap": { "team": "web" } });
    bench.world.place_lifecycle_policy(bench.hub, "tidy", true, &all);
    bench
}

#[test]
fn every_call_needs_what_the_reference_lists_and_nothing_more() {
    let mut bench = bench();
    for Claim { call, needs } in claims() {
        let all: Vec<Value> = needs
            .iter()
            .map(|(action, resource)| statement(action, resource))
            .collect();
        for (missing, (action, resource)) in needs.iter().enumerate() {
            let mut but_one = all.clone();
            but_one.remove(missing);
            // A role may not be empty-handed in a policy; this statement allows nothing asked here.
            but_one.push(statement("imagebuilder:Nothing", "*"));
            bench.act_with(&but_one);
            let answer = bench.do_it(&call);
            assert_eq!(
                answer.kind, "AccessDeniedException",
                "{} without {action}: {}",
                call.1, answer.body
            );
            let message = answer.body["message"].as_str().unwrap();
            let named = format!(
                "is not authorized to perform: {action} on resource: {} ",
                spelled(resource)
            );
            assert!(message.contains(&named), "{}: {message}", call.1);
        }
        bench.act_with(&all);
        let answer = bench.do_it(&call);
        assert_eq!(answer.status, 200, "{}: {}", call.1, answer.body);
    }
}

#[test]
fn every_operation_is_among_the_claims() {
    let claimed: Vec<String> = claims()
        .iter()
        .map(|claim| {
            let path = claim
                .call
                .1
                .split('?')
                .next()
                .unwrap()
                .trim_start_matches('/')
                .to_owned();
            if path.starts_with("tags") {
                claim.needs[0].0.split_once(':').unwrap().1.to_owned()
            } else {
                path
            }
        })
        .collect();
    let routes = super::super::ROUTES.iter().chain(&super::super::DETAILS);
    for route in routes.chain(&super::super::TAGGING) {
        // They have tests of their own below: an execution has no id before it is started.
        let of_executions = [
            "GetLifecycleExecution",
            "GetWorkflowStepExecution",
            "ListWorkflowStepExecutions",
            "SendWorkflowStepAction",
        ];
        if !of_executions.contains(&route.name) {
            assert!(claimed.iter().any(|name| name == route.name), "{}", route.name);
        }
    }
}

#[test]
fn a_lifecycle_execution_is_a_resource_of_its_own() {
    let mut bench = bench();
    let answer = bench.ok(
        "StartResourceStateUpdate",
        json!({ "resourceArn": bench.arn("image/web/1.0.0/1"), "state": { "status": "DEPRECATED" },
            "executionRole": "Lifecycle", "includeResources": { "amis": true } }),
    );
    let id = answer["lifecycleExecutionId"].as_str().unwrap().to_owned();
    let arn = bench.arn(&format!("lifecycle-execution/{id}"));
    bench.act_with(&[statement("imagebuilder:GetLifecycleExecution", &arn)]);
    bench.get("GetLifecycleExecution", "lifecycleExecutionId", &id);
    bench.act_with(&[statement(
        "imagebuilder:GetLifecycleExecution",
        &bench.arn("lifecycle-execution/lce-other"),
    )]);
    assert_eq!(
        bench
            .refused_get("GetLifecycleExecution", "lifecycleExecutionId", &id)
            .1,
        "AccessDeniedException"
    );
}

#[test]
fn the_run_of_a_workflow_is_a_resource_of_its_own() {
    let mut bench = bench();
    let build = bench.arn("image/web/1.0.0/1");
    let runs = bench.post("ListWorkflowExecutions", json!({ "imageBuildVersionArn": build }));
    let id = &runs["workflowExecutions"][0]["workflowExecutionId"];
    let request = json!({ "workflowExecutionId": id });
    let action = "imagebuilder:ListWorkflowStepExecutions";
    let arn = bench.arn(&format!("workflow-execution/{}", id.as_str().unwrap()));
    bench.act_with(&[statement(action, &arn)]);
    bench.post("ListWorkflowStepExecutions", request.clone());
    bench.act_with(&[statement(action, &build)]);
    let refusal = bench.refused_post("ListWorkflowStepExecutions", request);
    assert_eq!(refusal.1, "AccessDeniedException");
}

#[test]
fn the_step_of_a_run_is_a_resource_of_its_own_and_an_answer_is_on_its_image_too() {
    let mut bench = bench();
    let (build, step) = bench.waiting("gated");
    let arn = bench.arn(&format!("workflow-step-execution/{step}"));
    let image = json!({ "Effect": "Allow", "Action": "imagebuilder:SendWorkflowStepAction", "Resource": &build,
        "Condition": { "StringEquals": { "aws:ResourceTag/team": "web" } } });
    let send = statement("imagebuilder:SendWorkflowStepAction", &arn);
    let read = statement("imagebuilder:GetWorkflowStepExecution", &arn);
    let answer = json!({ "stepExecutionId": &step, "imageBuildVersionArn": &build, "action": "RESUME" });
    for lacking in [
        vec![send.clone(), read.clone()],
        vec![image.clone(), read.clone()],
        vec![send.clone(), image.clone(), read.clone()],
    ] {
        bench.act_with(&lacking);
        bench.get("GetWorkflowStepExecution", "stepExecutionId", &step);
        assert_eq!(
            bench.refused("SendWorkflowStepAction", answer.clone()).1,
            "AccessDeniedException"
        );
    }
    bench.act_as_root();
    let path = format!("/tags/{}", build.replace(':', "%3A").replace('/', "%2F"));
    let tags = json!({ "tags": { "team": "web" } }).to_string();
    assert_eq!(bench.send("POST", &path, &tags).status, 200);
    bench.act_with(&[send, image]);
    assert_eq!(
        bench
            .refused_get("GetWorkflowStepExecution", "stepExecutionId", &step)
            .1,
        "AccessDeniedException"
    );
    bench.ok("SendWorkflowStepAction", answer);
}

fn conditioned(action: &str, condition: &Value) -> Value {
    json!({ "Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition })
}

#[test]
fn a_policy_can_ask_for_the_tags_a_resource_has() {
    let mut bench = bench();
    let ours = json!({ "StringEquals": { "aws:ResourceTag/image-steward:family": "web" } });
    let build = bench.arn("image/web/1.0.0/1");
    bench.act_with(&[conditioned("imagebuilder:DeleteImage", &ours)]);
    assert_eq!(
        bench.refused_delete("DeleteImage", "imageBuildVersionArn", &build).1,
        "AccessDeniedException"
    );
    bench.act_as_root();
    let path = format!("/tags/{}", build.replace(':', "%3A").replace('/', "%2F"));
    let tags = json!({ "tags": { "image-steward:family": "web" } }).to_string();
    assert_eq!(bench.send("POST", &path, &tags).status, 200);
    bench.act_with(&[conditioned("imagebuilder:DeleteImage", &ours)]);
    bench.delete("DeleteImage", "imageBuildVersionArn", &build);
}

#[test]
fn a_policy_can_ask_for_the_tags_a_request_sets_or_deletes() {
    let mut bench = bench();
    let path = format!(
        "/tags/{}",
        bench.arn("image-pipeline/web").replace(':', "%3A").replace('/', "%2F")
    );
    let never_ours = json!({ "ForAllValues:StringNotEquals": { "aws:TagKeys": "image-steward:family" } });
    bench.act_with(&[
        conditioned("imagebuilder:TagResource", &never_ours),
        conditioned("imagebuilder:UntagResource", &never_ours),
    ]);
    let set = |key: &str| json!({ "tags": { key: "web" } }).to_string();
    assert_eq!(bench.send("POST", &path, &set("team")).status, 200);
    assert_eq!(
        bench.send("POST", &path, &set("image-steward:family")).kind,
        "AccessDeniedException"
    );
    assert_eq!(bench.send("DELETE", &format!("{path}?tagKeys=team"), "").status, 200);
    let ours = format!("{path}?tagKeys=image-steward%3Afamily");
    assert_eq!(bench.send("DELETE", &ours, "").kind, "AccessDeniedException");
}

#[test]
fn a_role_can_be_passed_to_one_service_only() {
    let mut bench = bench();
    let request = json!({ "name": "new", "instanceProfileName": "Builder" });
    for (service, allowed) in [("ec2.amazonaws.com", true), ("imagebuilder.amazonaws.com", false)] {
        bench.act_with(&[
            statement("imagebuilder:CreateInfrastructureConfiguration", "*"),
            statement("iam:GetInstanceProfile", "*"),
            conditioned(
                "iam:PassRole",
                &json!({ "StringEquals": { "iam:PassedToService": service } }),
            ),
        ]);
        if allowed {
            bench.ok("CreateInfrastructureConfiguration", request.clone());
        } else {
            assert_eq!(
                bench.refused("CreateInfrastructureConfiguration", request.clone()).1,
                "AccessDeniedException"
            );
        }
    }
}

#[test]
fn a_request_that_does_not_say_on_what_is_covered_by_nothing_but_the_wildcard() {
    let mut bench = bench();
    bench.act_with(&[statement("imagebuilder:GetImage", "~image/*")]);
    assert_eq!(bench.send("GET", "/GetImage", "").kind, "AccessDeniedException");
    bench.act_with(&[statement("imagebuilder:GetImage", "*")]);
    assert_eq!(bench.send("GET", "/GetImage", "").kind, "InvalidRequestException");
}
