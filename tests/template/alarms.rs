//! Whatever goes wrong for good, somebody is told.

use serde_json::{Value, json};

use crate::source::{Resource, Template, nothing_wrong, target_of, text};

/// The alarms on a metric of the thing that this dimension names.
fn alarms<'a>(hub: &'a Template, metric: &'a str, dimension: &'a str, id: &'a str) -> Vec<Resource<'a>> {
    hub.of_type("AWS::CloudWatch::Alarm")
        .filter(move |alarm| {
            let own = alarm.properties();
            let of = own["Dimensions"].as_array().map(Vec::as_slice).unwrap_or_default();
            own["MetricName"] == metric
                && of.len() == 1
                && of[0]["Name"] == dimension
                && target_of(&of[0]["Value"]) == Some(id)
        })
        .collect()
}

fn work_queues(hub: &Template) -> impl Iterator<Item = Resource<'_>> {
    hub.of_type("AWS::SQS::Queue")
        .filter(|queue| !queue.properties()["RedrivePolicy"].is_null())
}

#[test]
fn each_function_has_an_alarm_for_errors_and_for_throttles() {
    let hub = Template::hub();
    let mut complaints = Vec::new();
    for function in hub.functions() {
        for metric in ["Errors", "Throttles"] {
            if alarms(&hub, metric, "FunctionName", function.id).len() != 1 {
                complaints.push(format!("nobody is told of {metric} of {}", function.id));
            }
        }
    }
    nothing_wrong(&complaints);
}

/// What is refused is no error, and would be told to nobody.
#[test]
fn a_function_that_events_wake_has_an_alarm_for_wakes_that_it_refuses() {
    let hub = Template::hub();
    let mut complaints = Vec::new();
    for function in hub.functions() {
        if function.events("EventBridgeRule").next().is_none() {
            continue;
        }
        let log = target_of(&function.properties()["LoggingConfig"]["LogGroup"]).unwrap();
        let counts = |filter: &Resource<'_>| {
            let own = filter.properties();
            target_of(&own["LogGroupName"]) == Some(log)
                && own["FilterPattern"] == r#"{ $.fields.message = "a wake was refused" }"#
        };
        let filters = hub.of_type("AWS::Logs::MetricFilter").filter(counts);
        let metrics: Vec<Value> = filters
            .map(|filter| filter.properties()["MetricTransformations"][0]["MetricName"].clone())
            .collect();
        let told = |alarm: &Resource<'_>| metrics.contains(&alarm.properties()["MetricName"]);
        if hub.of_type("AWS::CloudWatch::Alarm").filter(told).count() != 1 {
            complaints.push(format!("nobody is told of wakes that {} refuses", function.id));
        }
    }
    nothing_wrong(&complaints);
}

/// A worker hands nothing back that it could not do: it is sent again, and its log alone says so. What it logs, the scenarios of
/// distribution hold it to.
#[test]
fn what_a_worker_could_not_do_is_told_once_it_persists() {
    let hub = Template::hub();
    for (says, period, periods, of_them) in [("work failed", 300, 3, 2), ("tried in vain", 3600, 7, 1)] {
        let pattern = format!("{{ $.fields.message = \"{says}\" }}");
        let counts = |filter: &Resource<'_>| filter.properties()["FilterPattern"] == pattern.as_str();
        let mut filters = hub.of_type("AWS::Logs::MetricFilter").filter(counts);
        let filter = filters.next().unwrap_or_else(|| panic!("nobody counts {says}"));
        assert_eq!(
            target_of(&filter.properties()["LogGroupName"]),
            Some("ApplyDistributionLog")
        );
        let metric = &filter.properties()["MetricTransformations"][0]["MetricName"];
        let told = |alarm: &Resource<'_>| alarm.properties()["MetricName"] == *metric;
        let alarm = hub.of_type("AWS::CloudWatch::Alarm").find(told);
        let alarm = alarm.unwrap_or_else(|| panic!("nobody is told of {says}"));
        let own = alarm.properties();
        let when = ["Period", "EvaluationPeriods", "DatapointsToAlarm"].map(|name| own[name].as_u64());
        assert_eq!(when, [Some(period), Some(periods), Some(of_them)], "{}", alarm.id);
        assert_eq!(own["TreatMissingData"], "notBreaching", "{}", alarm.id);
    }
}

/// The line comes with each plan of a family, which is hourly and up to a sweep more: a whole hour may be without one.
#[test]
fn a_family_that_stays_blocked_is_told_once_and_not_anew_every_few_hours() {
    let hub = Template::hub();
    let filter = hub.resource("PlanPruningBlocked").unwrap().properties();
    let alarm = hub.resource("PlanPruningIsBlocked").unwrap().properties();
    assert_eq!(alarm["MetricName"], filter["MetricTransformations"][0]["MetricName"]);
    let when = ["Period", "EvaluationPeriods", "DatapointsToAlarm"].map(|name| alarm[name].as_u64());
    assert_eq!(when, [Some(3600), Some(2), Some(1)]);
}

/// A message that is not sent fails nothing, and its log alone says so.
#[test]
fn messages_that_are_not_sent_are_told_once_that_persists() {
    let hub = Template::hub();
    let filter = hub.resource("PlanDistributionUnsent").unwrap().properties();
    assert_eq!(target_of(&filter["LogGroupName"]), Some("PlanDistributionLog"));
    assert_eq!(
        filter["FilterPattern"],
        r#"{ $.fields.message = "a message was not sent" }"#
    );
    let alarm = hub.resource("PlanDistributionUntold").unwrap().properties();
    assert_eq!(alarm["MetricName"], filter["MetricTransformations"][0]["MetricName"]);
    let when = ["Period", "EvaluationPeriods", "DatapointsToAlarm"].map(|name| alarm[name].as_u64());
    assert_eq!(when, [Some(300), Some(3), Some(2)]);
    assert_eq!(alarm["TreatMissingData"], "notBreaching");
}

/// Whoever is told by an alarm finds in docs/operations.md what to do: by its own name, or by those of its kind.
#[test]
fn each_alarm_of_what_failed_has_its_entry_in_the_runbook() {
    let hub = Template::hub();
    let runbook = text("docs/operations.md");
    let headings: Vec<&str> = runbook.lines().filter(|line| line.starts_with("## ")).collect();
    let mut complaints = Vec::new();
    for alarm in hub.of_type("AWS::CloudWatch::Alarm") {
        let names = |name: &str| {
            let of_kind = name.strip_prefix('…').is_some_and(|kind| alarm.id.ends_with(kind));
            of_kind || name == alarm.id || alarm.id.strip_suffix("Alarm") == Some(name)
        };
        let ticked = |heading: &&str| heading.split('`').skip(1).step_by(2).any(names);
        if !headings.iter().any(ticked) {
            complaints.push(format!("nobody says what to do about {}", alarm.id));
        }
    }
    nothing_wrong(&complaints);
}

#[test]
fn a_sweep_that_does_not_happen_raises_an_alarm_by_its_silence() {
    let hub = Template::hub();
    for function in hub.functions() {
        for (_, sweep) in function.events("ScheduleV2") {
            let group = target_of(&sweep["GroupName"]).unwrap();
            let told = alarms(&hub, "InvocationAttemptCount", "ScheduleGroup", group);
            let [alarm] = told.as_slice() else {
                panic!("nobody is told that {} is not swept", function.id);
            };
            let own = alarm.properties();
            assert_eq!(own["Namespace"], "AWS/Scheduler");
            assert_eq!(own["TreatMissingData"], "breaching");
            assert_eq!(own["ComparisonOperator"], "LessThanThreshold");
            let periods = own["EvaluationPeriods"].as_u64().unwrap();
            assert_eq!(own["Period"].as_u64().unwrap() * periods, 15 * 60);
        }
    }
}

#[test]
fn each_queue_that_failures_end_in_has_an_alarm_on_its_first_message() {
    let hub = Template::hub();
    let mut complaints = Vec::new();
    for queue in hub.of_type("AWS::SQS::Queue") {
        if !queue.properties()["RedrivePolicy"].is_null() {
            continue;
        }
        let told = alarms(&hub, "ApproximateNumberOfMessagesVisible", "QueueName", queue.id);
        let at_once = |alarm: &Resource<'_>| {
            let own = alarm.properties();
            own["Threshold"] == 1 && own["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
        };
        if !told.iter().any(at_once) {
            complaints.push(format!("nobody is told what lies in {}", queue.id));
        }
    }
    nothing_wrong(&complaints);
}

#[test]
fn each_work_queue_is_ordered_by_target_and_gives_up_into_a_queue_of_its_own() {
    let hub = Template::hub();
    let mut ends = Vec::new();
    for queue in work_queues(&hub) {
        let own = queue.properties();
        assert_eq!(own["FifoQueue"], true, "{}", queue.id);
        assert_eq!(own["DeduplicationScope"], "messageGroup");
        assert_eq!(own["FifoThroughputLimit"], "perMessageGroupId");
        let redrive = &own["RedrivePolicy"];
        assert!(redrive["maxReceiveCount"].is_u64());
        let end = target_of(&redrive["deadLetterTargetArn"]).and_then(|id| hub.resource(id));
        let end = end.unwrap_or_else(|| panic!("{} loses what fails", queue.id));
        assert_eq!(end.properties()["FifoQueue"], true, "{}", end.id);
        assert!(!ends.contains(&end.id), "{} holds what two queues gave up", end.id);
        ends.push(end.id);
        // A message that fails on its last day must not be gone before anybody looks.
        let kept = |queue: Resource<'_>| queue.properties()["MessageRetentionPeriod"].as_u64().unwrap();
        assert!(kept(end) > kept(queue), "{}", end.id);
    }
    assert_eq!(ends.len(), 2, "distribution and pruning have work queues");
}

/// Whatever is sent somewhere that failures do not end in must itself end somewhere.
#[test]
fn each_queue_gives_up_into_another_or_is_where_failures_end() {
    let hub = Template::hub();
    let mut ends = Vec::new();
    for resource in hub.resources() {
        failures_end_in(resource.body, &mut ends);
    }
    failures_end_in(&hub.body["Globals"], &mut ends);
    for queue in hub.of_type("AWS::SQS::Queue") {
        let gives_up = !queue.properties()["RedrivePolicy"].is_null();
        assert!(gives_up != ends.contains(&queue.id), "{}: {ends:?}", queue.id);
    }
}

/// The queues that dead-letter settings and failure destinations name.
fn failures_end_in<'a>(body: &'a Value, ends: &mut Vec<&'a str>) {
    match body {
        Value::Object(members) => {
            for (name, value) in members {
                let place = match name.as_str() {
                    "deadLetterTargetArn" => value,
                    "DeadLetterConfig" => &value["Arn"],
                    "OnFailure" => &value["Destination"],
                    _ => &Value::Null,
                };
                ends.extend(target_of(place));
                failures_end_in(value, ends);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| failures_end_in(item, ends)),
        _ => {}
    }
}

/// Lambda asks for six times what a worker may take: less, and its messages come back while it works. More, and one that was
/// killed holds up its target for longer than it must.
#[test]
fn work_stays_hidden_for_six_times_as_long_as_its_worker_runs() {
    let hub = Template::hub();
    for queue in work_queues(&hub) {
        let takes = |function: &Resource<'_>| {
            let mut work = function.events("SQS");
            work.any(|(_, work)| target_of(&work["Queue"]) == Some(queue.id))
        };
        let worker = hub.functions().find(takes);
        // No function may run for longer.
        let longest = worker.map_or(900, |worker| worker.properties()["Timeout"].as_u64().unwrap());
        let hidden = queue.properties()["VisibilityTimeout"].as_u64().unwrap();
        assert_eq!(hidden, 6 * longest, "{}", queue.id);
    }
}

/// A message that is sent again before the one before is seen would be done twice for nothing.
#[test]
fn distribution_work_of_a_killed_worker_comes_back_when_the_record_takes_it_for_lost() {
    let hub = Template::hub();
    let queue = hub.resource("DistributeWork").unwrap();
    let lost = steward_aws::DISTRIBUTION_LOST.length().as_secs();
    assert_eq!(queue.properties()["VisibilityTimeout"].as_u64(), Some(lost));
}

#[test]
fn each_queue_is_encrypted() {
    for template in Template::all() {
        for queue in template.of_type("AWS::SQS::Queue") {
            assert_eq!(queue.properties()["SqsManagedSseEnabled"], true, "{}", queue.id);
        }
    }
}

#[test]
fn each_alarm_tells_the_topic_and_says_what_happened() {
    let hub = Template::hub();
    for alarm in hub.of_type("AWS::CloudWatch::Alarm") {
        let own = alarm.properties();
        assert_eq!(own["AlarmActions"], json!([{ "Ref": "Notifications" }]), "{}", alarm.id);
        assert!(
            own["AlarmDescription"].as_str().is_some_and(|text| text.len() > 40),
            "{}",
            alarm.id
        );
        assert!(own["TreatMissingData"].is_string(), "{}", alarm.id);
    }
}

#[test]
fn the_topic_is_encrypted_by_a_key_of_the_stack() {
    let hub = Template::hub();
    for topic in hub.of_type("AWS::SNS::Topic") {
        let key = target_of(&topic.properties()["KmsMasterKeyId"]).and_then(|id| hub.resource(id));
        assert!(key.is_some_and(|key| key.kind() == "AWS::KMS::Key"), "{}", topic.id);
    }
    for key in hub.of_type("AWS::KMS::Key") {
        assert_eq!(key.properties()["EnableKeyRotation"], Value::Bool(true));
    }
}
