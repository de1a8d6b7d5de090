//! What wakes a function: which events a rule takes, and where a wake lies that cannot be delivered.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::{Value, json};

use steward::{VENDOR_TOPICS, Wake};

use crate::pattern::matches;
use crate::source::{Resource, TEMPLATES, Template, listed, nothing_wrong, root, target_of, text};

/// A rule, whether SAM or CloudFormation writes it, and each of its targets.
struct Rule {
    name: String,
    pattern: Value,
    targets: Vec<Value>,
}

fn rules(template: &Template) -> Vec<Rule> {
    let named = |id: &str| format!("{}: {id}", template.name);
    let written = template.of_type("AWS::Events::Rule").map(|rule| Rule {
        name: named(rule.id),
        pattern: rule.properties()["EventPattern"].clone(),
        targets: rule.properties()["Targets"].as_array().unwrap().clone(),
    });
    let of_functions = template.functions().flat_map(|function| {
        function.events("EventBridgeRule").map(move |(name, event)| Rule {
            name: named(&format!("{}{name}", function.id)),
            pattern: event["Pattern"].clone(),
            targets: vec![event.clone()],
        })
    });
    written.chain(of_functions).collect()
}

fn all_rules() -> Vec<Rule> {
    Template::all().iter().flat_map(rules).collect()
}

fn schedules(hub: &Template) -> Vec<(Resource<'_>, &str, &Value)> {
    let of = |function| Resource::events(function, "ScheduleV2").map(move |(name, event)| (function, name, event));
    hub.functions().flat_map(of).collect()
}

fn samples() -> BTreeMap<String, Value> {
    let files = fs::read_dir(root().join("events")).unwrap();
    files
        .map(|file| {
            let name = file.unwrap().file_name().into_string().unwrap();
            let event = serde_json::from_str(&text(format!("events/{name}"))).unwrap();
            (name, event)
        })
        .collect()
}

#[test]
fn each_rule_takes_one_of_the_samples_and_leaves_another() {
    let samples = samples();
    let mut complaints = Vec::new();
    for Rule { name, pattern, .. } in all_rules() {
        let taken = samples.values().filter(|event| matches(&pattern, event)).count();
        if taken == 0 {
            complaints.push(format!("{name} takes no file of events/"));
        }
        // Of the same source, so that the sample tests more than the name of a service.
        let left =
            |event: &&Value| !matches(&pattern, event) && matches(&json!({ "source": pattern["source"] }), event);
        if samples.values().find(left).is_none() {
            complaints.push(format!("{name} takes every file of events/ of its source"));
        }
    }
    nothing_wrong(&complaints);
}

/// Nothing else tests the other end: no function listens yet where the hub is told of accounts.
#[test]
fn what_a_management_account_tells_is_what_a_hub_can_read() {
    let management = Template::read("infra/management.yaml");
    let rules = rules(&management);
    let [Rule { pattern, .. }] = rules.as_slice() else {
        panic!("not one rule")
    };
    let mut told = BTreeSet::new();
    for (name, event) in samples() {
        if name.starts_with("organizations-") {
            let read = Wake::read(&event, "").is_ok();
            assert_eq!(matches(pattern, &event), read, "{name}");
            told.extend(read.then(|| event["detail"]["eventName"].clone().to_string()));
        }
    }
    let named = listed(&pattern["detail"]["eventName"]);
    assert_eq!(told, named.into_iter().map(ToString::to_string).collect());
}

#[test]
fn each_rule_says_whose_events_it_takes_and_which() {
    for Rule { name, pattern, .. } in all_rules() {
        for field in ["source", "detail-type"] {
            assert!(!listed(&pattern[field]).is_empty(), "{name} takes any {field}");
        }
    }
}

#[test]
fn each_target_is_tried_again_and_what_cannot_be_delivered_lies_in_a_queue() {
    let hub = Template::hub();
    let schedules = schedules(&hub);
    let of_schedules = schedules
        .into_iter()
        .map(|(function, name, event)| (format!("{}{name}", function.id), event.clone()));
    let of_rules = all_rules()
        .into_iter()
        .flat_map(|rule| rule.targets.into_iter().map(move |target| (rule.name.clone(), target)));
    let queues: BTreeSet<String> = TEMPLATES
        .into_iter()
        .flat_map(|name| {
            let template = Template::read(name);
            let queues = template.of_type("AWS::SQS::Queue");
            queues.map(|queue| queue.id.to_owned()).collect::<Vec<_>>()
        })
        .collect();
    let mut complaints = Vec::new();
    for (name, target) in of_rules.chain(of_schedules) {
        let retry = &target["RetryPolicy"];
        if !retry["MaximumRetryAttempts"].is_u64() || !retry["MaximumEventAgeInSeconds"].is_u64() {
            complaints.push(format!("{name} does not say how long it is tried"));
        }
        let queue = target_of(&target["DeadLetterConfig"]["Arn"]);
        if !queue.is_some_and(|queue| queues.contains(queue)) {
            complaints.push(format!("{name} loses what it cannot deliver"));
        }
    }
    nothing_wrong(&complaints);
}

/// EventBridge says nothing when it may not send to a dead-letter queue: the wake is gone.
#[test]
fn each_rule_may_leave_what_it_cannot_deliver() {
    let mut complaints = Vec::new();
    for template in Template::all() {
        for Rule { name, targets, .. } in rules(&template) {
            let id = name.split(": ").nth(1).unwrap();
            for target in targets {
                let queue = &target["DeadLetterConfig"]["Arn"];
                let admitted = template.of_type("AWS::SQS::QueuePolicy").any(|policy| {
                    let statements = &policy.properties()["PolicyDocument"]["Statement"];
                    listed(statements).into_iter().any(|statement| {
                        let sources = listed(&statement["Condition"]["ArnEquals"]["aws:SourceArn"]);
                        statement["Resource"] == *queue && sources.into_iter().any(|from| target_of(from) == Some(id))
                    })
                });
                if !admitted {
                    complaints.push(format!("{name} may not send to {queue}"));
                }
            }
        }
    }
    nothing_wrong(&complaints);
}

#[test]
fn each_function_that_no_queue_feeds_is_swept_every_five_minutes_by_a_schedule_in_a_group_of_its_own() {
    let hub = Template::hub();
    let mut groups = BTreeSet::new();
    for function in hub.functions() {
        let sweeps: Vec<_> = function.events("ScheduleV2").collect();
        if function.events("SQS").next().is_some() {
            assert!(sweeps.is_empty(), "{} is sent its work", function.id);
            continue;
        }
        assert_eq!(sweeps.len(), 1, "{} has not one sweep", function.id);
        let (name, sweep) = sweeps[0];
        assert_eq!(name, "Sweep");
        assert_eq!(sweep["ScheduleExpression"], "rate(5 minutes)");
        assert_eq!(sweep["FlexibleTimeWindow"]["Mode"], "OFF");
        let group = target_of(&sweep["GroupName"]).unwrap();
        assert!(groups.insert(group), "{group} is another function's as well");
        assert_eq!(hub.resource(group).unwrap().kind(), "AWS::Scheduler::ScheduleGroup");
    }
}

/// With no `Input` of ours, Scheduler's documentation disagrees with itself about what the function is given.
#[test]
fn a_sweep_says_what_its_sample_says() {
    let hub = Template::hub();
    let sample = &samples()["sweep.json"];
    for (function, _, sweep) in schedules(&hub) {
        let input: Value = serde_json::from_str(sweep["Input"].as_str().unwrap()).unwrap();
        let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(keys(&input), keys(sample), "{}", function.id);
        assert_eq!(input["wake"], sample["wake"]);
    }
}

#[test]
fn the_hubs_bus_admits_what_rules_elsewhere_send_and_nothing_else() {
    let mut sent: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for template in Template::all() {
        for rule in template.of_type("AWS::Events::Rule") {
            for field in ["source", "detail-type"] {
                let values = listed(&rule.properties()["EventPattern"][field]);
                let values = values.into_iter().map(|value| value.as_str().unwrap().to_owned());
                sent.entry(field).or_default().extend(values);
            }
        }
    }
    let hub = Template::hub();
    let policy = hub.of_type("AWS::Events::EventBusPolicy").next().unwrap();
    let condition = &policy.properties()["Statement"]["Condition"];
    let admitted = |value: &Value| -> BTreeSet<String> {
        let values = listed(value).into_iter();
        values.map(|value| value.as_str().unwrap().to_owned()).collect()
    };
    let sources = &condition["ForAllValues:StringEquals"]["events:source"];
    assert_eq!(admitted(sources), sent["source"]);
    assert_eq!(
        admitted(&condition["StringEquals"]["events:detail-type"]),
        sent["detail-type"]
    );
}

/// EventBridge forwards an event one hop only.
#[test]
fn rules_elsewhere_send_straight_to_the_hubs_bus_by_a_role_of_their_own() {
    for template in Template::all() {
        for rule in template.of_type("AWS::Events::Rule") {
            for target in rule.properties()["Targets"].as_array().unwrap() {
                let bus = "arn:${AWS::Partition}:events:${HubRegion}:${HubAccount}:event-bus/default";
                assert_eq!(target["Arn"], json!({ "Fn::Sub": bus }), "{}", template.name);
                let role = target_of(&target["RoleArn"]).and_then(|id| template.resource(id));
                assert!(role.is_some_and(|role| role.kind() == "AWS::IAM::Role"), "{}", rule.id);
            }
        }
    }
}

/// A message is a target's work: of two in a batch the second would wait for the first, and go back with it.
#[test]
fn a_worker_takes_one_message_at_a_time_from_a_fifo_queue_and_says_which_failed() {
    let hub = Template::hub();
    let mut workers = 0;
    for function in hub.functions() {
        for (_, work) in function.events("SQS") {
            workers += 1;
            let queue = target_of(&work["Queue"]).and_then(|id| hub.resource(id)).unwrap();
            assert_eq!(queue.properties()["FifoQueue"], true, "{}", function.id);
            assert_eq!(work["BatchSize"], 1, "{}", function.id);
            assert_eq!(
                work["FunctionResponseTypes"],
                serde_json::json!(["ReportBatchItemFailures"])
            );
            // Six times what the worker may take, as Lambda asks for.
            let timeout = function.properties()["Timeout"].as_u64().unwrap();
            assert!(queue.properties()["VisibilityTimeout"].as_u64().unwrap() >= 6 * timeout);
        }
    }
    assert_eq!(workers, 2);
}

/// An ARN as it is in AWS's first partition.
fn in_aws(arn: &Value) -> String {
    arn["Fn::Sub"].as_str().unwrap().replace("${AWS::Partition}", "aws")
}

/// What a vendor tells reaches the function only where it is subscribed, where it may be invoked, and where it knows the topic.
#[test]
fn each_topic_of_a_vendor_may_wake_the_function_that_knows_it_and_no_other_topic_may() {
    let vendors = Template::read("infra/vendors.yaml");
    let subscriptions = vendors.of_type("AWS::SNS::Subscription");
    let subscribed: BTreeSet<String> = subscriptions
        .map(|subscription| {
            assert_eq!(
                subscription.properties()["Endpoint"],
                json!({ "Ref": "TriggerBuildsArn" })
            );
            in_aws(&subscription.properties()["TopicArn"])
        })
        .collect();
    assert_eq!(subscribed, VENDOR_TOPICS.map(String::from).into());
    let hub = Template::hub();
    let by_sns = |permission: &Resource<'_>| permission.properties()["Principal"] == "sns.amazonaws.com";
    let admitted: Vec<String> = hub
        .of_type("AWS::Lambda::Permission")
        .filter(by_sns)
        .map(|permission| {
            assert_eq!(
                permission.properties()["FunctionName"],
                json!({ "Ref": "TriggerBuilds" })
            );
            in_aws(&permission.properties()["SourceArn"])
        })
        .collect();
    assert_eq!(admitted.iter().cloned().collect::<BTreeSet<_>>(), subscribed);
}
