use std::time::Duration;

use serde_json::json;

use super::super::{QueueError, QueueSettings, Redrive};
use super::Bench;

#[test]
fn a_function_gets_a_message_as_lambda_gives_it() {
    let mut bench = Bench::fifo();
    let sent = bench.ok(
        "SendMessage",
        json!({
            "MessageBody": "Test message.", "MessageGroupId": "222233334444/eu-west-1", "MessageDeduplicationId": "run-1",
            "MessageAttributes": {
                "kind": { "DataType": "String", "StringValue": "start" },
                "mark": { "DataType": "Binary.gif", "BinaryValue": "AQI=" },
            },
        }),
    );
    bench.pass(2);
    let record = bench.take().unwrap();
    assert_eq!(
        record,
        json!({
            "messageId": sent["MessageId"],
            "receiptHandle": record["receiptHandle"],
            "body": "Test message.",
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1768758656789",
                "SequenceNumber": sent["SequenceNumber"],
                "MessageGroupId": "222233334444/eu-west-1",
                "SenderId": "111122223333",
                "MessageDeduplicationId": "run-1",
                "ApproximateFirstReceiveTimestamp": "1768758658789",
            },
            "messageAttributes": {
                "kind": { "stringValue": "start", "stringListValues": [], "binaryListValues": [], "dataType": "String" },
                "mark": { "binaryValue": "AQI=", "stringListValues": [], "binaryListValues": [], "dataType": "Binary.gif" },
            },
            "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
            "md5OfMessageAttributes": sent["MD5OfMessageAttributes"],
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:111122223333:work.fifo",
            "awsRegion": "eu-west-1",
        })
    );
    assert_eq!(sent["MD5OfMessageBody"], record["md5OfBody"]);
    assert!(record["receiptHandle"].as_str().unwrap().starts_with("AQEB"));
}

#[test]
fn a_standard_queues_message_has_no_sequence_and_only_the_group_it_was_given() {
    let mut bench = Bench::with(QueueSettings::standard());
    bench.ok("SendMessage", json!({ "MessageBody": "a" }));
    bench.ok("SendMessage", json!({ "MessageBody": "b", "MessageGroupId": "g" }));
    let names = |record: serde_json::Value| {
        let attributes = record["attributes"].as_object().unwrap();
        attributes.keys().cloned().collect::<Vec<_>>().join(" ")
    };
    let plain = "ApproximateFirstReceiveTimestamp ApproximateReceiveCount";
    assert_eq!(names(bench.take().unwrap()), format!("{plain} SenderId SentTimestamp"));
    assert_eq!(
        names(bench.take().unwrap()),
        format!("{plain} MessageGroupId SenderId SentTimestamp")
    );
}

#[test]
fn a_group_comes_in_order_and_waits_while_one_of_its_messages_is_worked_on() {
    let mut bench = Bench::fifo();
    for (group, text) in [("a", "a1"), ("a", "a2"), ("b", "b1"), ("b", "b2")] {
        bench.send(group, text);
    }
    let first = bench.take().unwrap();
    assert_eq!(first["body"], "a1");
    assert_eq!(bench.next().as_deref(), Some("b1"));
    assert_eq!(bench.next(), None);
    assert!(bench.acknowledge(&first));
    assert_eq!(bench.next().as_deref(), Some("a2"));
    assert_eq!(bench.next(), None);
}

#[test]
fn messages_of_a_standard_queue_wait_for_none_of_their_group() {
    let mut bench = Bench::with(QueueSettings::standard());
    for text in ["1", "2"] {
        bench.ok("SendMessage", json!({ "MessageBody": text, "MessageGroupId": "g" }));
    }
    assert_eq!(
        (bench.next().as_deref(), bench.next().as_deref()),
        (Some("1"), Some("2"))
    );
}

#[test]
fn what_is_not_acknowledged_comes_again_first_after_the_visibility_timeout() {
    let mut bench = Bench::fifo();
    bench.send("a", "a1");
    bench.send("a", "a2");
    let first = bench.take().unwrap();
    bench.pass(29);
    assert_eq!(bench.next(), None);
    bench.pass(1);
    let again = bench.take().unwrap();
    assert_eq!(
        (&again["body"], &again["messageId"]),
        (&json!("a1"), &first["messageId"])
    );
    assert_ne!(again["receiptHandle"], first["receiptHandle"]);
    let attributes = |name: &str| (first["attributes"][name].clone(), again["attributes"][name].clone());
    assert_eq!(attributes("ApproximateReceiveCount"), (json!("1"), json!("2")));
    let (one, other) = attributes("ApproximateFirstReceiveTimestamp");
    assert_eq!(one, other);
}

#[test]
fn a_fifo_queue_refuses_a_handle_whose_time_is_over_and_a_standard_queue_only_an_older_one() {
    let mut fifo = Bench::fifo();
    fifo.send("a", "a1");
    let late = fifo.take().unwrap();
    fifo.pass(30);
    assert!(!fifo.acknowledge(&late));
    assert_eq!(fifo.next().as_deref(), Some("a1"));
    let mut standard = Bench::with(QueueSettings::standard());
    standard.ok("SendMessage", json!({ "MessageBody": "1" }));
    let old = standard.take().unwrap();
    standard.pass(30);
    let late = standard.take().unwrap();
    standard.pass(30);
    assert!(!standard.acknowledge(&old));
    assert_eq!(standard.world.queued_messages(&standard.queue.arn), Ok(1));
    assert!(standard.acknowledge(&late));
    assert_eq!(standard.world.queued_messages(&standard.queue.arn), Ok(0));
    assert!(standard.acknowledge(&late), "deleting twice does nothing");
}

#[test]
fn a_message_received_too_often_goes_to_the_dead_letter_queue_and_its_group_goes_on() {
    let (mut bench, dead) = Bench::with_dead_letters(2);
    bench.send("a", "poison");
    bench.send("a", "next");
    let sent = bench.take().unwrap()["attributes"].clone();
    bench.pass(30);
    assert_eq!(bench.next().as_deref(), Some("poison"));
    bench.pass(30);
    assert_eq!(bench.next().as_deref(), Some("next"));
    let buried = bench.take_from(&dead).unwrap();
    let attributes = &buried["attributes"];
    assert_eq!(
        (&buried["body"], &attributes["DeadLetterQueueSourceArn"]),
        (&json!("poison"), &json!(bench.queue.arn))
    );
    // Its receives count on; in a FIFO queue its age begins anew.
    assert_eq!(attributes["ApproximateReceiveCount"], "3");
    let millis = |value: &serde_json::Value| value.as_str().unwrap().parse::<u64>().unwrap();
    assert_eq!(
        millis(&attributes["SentTimestamp"]),
        millis(&sent["SentTimestamp"]) + 60_000
    );
    assert_eq!(bench.world.queued_messages(&bench.queue.arn), Ok(1));
}

#[test]
fn in_a_standard_dead_letter_queue_a_message_is_as_old_as_it_was() {
    let mut bench = Bench::with(QueueSettings::standard());
    let dead = bench.queue.arn.clone();
    let settings = QueueSettings {
        redrive: Some(Redrive {
            dead_letter_queue: dead.clone(),
            max_receive_count: 1,
        }),
        ..QueueSettings::standard()
    };
    bench.queue = bench.world.create_queue(bench.hub, "source", settings).unwrap();
    bench.ok("SendMessage", json!({ "MessageBody": "1" }));
    let first = bench.take().unwrap();
    bench.pass(30);
    assert_eq!(bench.next(), None);
    let buried = bench.take_from(&dead).unwrap();
    assert_eq!(
        buried["attributes"]["SentTimestamp"],
        first["attributes"]["SentTimestamp"]
    );
}

#[test]
fn a_message_is_kept_as_long_as_its_queue_says_even_while_it_is_worked_on() {
    let settings = QueueSettings {
        retention: Duration::from_mins(1),
        visibility_timeout: Duration::from_mins(10),
        ..QueueSettings::fifo()
    };
    let mut bench = Bench::with(settings);
    bench.send("a", "a1");
    bench.take().unwrap();
    bench.pass(59);
    bench.send("a", "a2");
    assert_eq!(bench.world.queued_messages(&bench.queue.arn), Ok(2));
    assert_eq!(bench.next(), None);
    bench.pass(1);
    assert_eq!(bench.world.queued_messages(&bench.queue.arn), Ok(1));
    assert_eq!(bench.next().as_deref(), Some("a2"));
}

#[test]
fn a_queue_is_made_only_as_aws_would_make_it() {
    let mut bench = Bench::fifo();
    let fifo = bench.queue.arn.clone();
    let mut make = |name: &str, settings: QueueSettings| bench.world.create_queue(bench.hub, name, settings);
    let standard = QueueSettings::standard;
    assert!(make(&"x".repeat(80), standard()).is_ok());
    assert_eq!(
        make("work.fifo", QueueSettings::fifo()),
        Err(QueueError::Exists(fifo.clone()))
    );
    for (name, settings) in [
        ("plain.fifo", standard()),
        ("plain", QueueSettings::fifo()),
        ("", standard()),
        (".fifo", QueueSettings::fifo()),
        ("a b", standard()),
        (&"x".repeat(81), standard()),
    ] {
        assert_eq!(make(name, settings), Err(QueueError::Name(name.into())));
    }
    let redriven = |arn: &str, max_receive_count| QueueSettings {
        redrive: Some(Redrive {
            dead_letter_queue: arn.to_owned(),
            max_receive_count,
        }),
        ..standard()
    };
    let other = "arn:aws:sqs:eu-west-1:111122223333:none";
    for arn in [fifo.as_str(), other, "work.fifo"] {
        assert_eq!(
            make("a", redriven(arn, 3)),
            Err(QueueError::DeadLetterQueue(arn.into()))
        );
    }
    let hidden = QueueSettings {
        visibility_timeout: Duration::from_hours(13),
        ..standard()
    };
    let kept = QueueSettings {
        retention: Duration::from_secs(59),
        ..standard()
    };
    assert_eq!(make("a", hidden), Err(QueueError::Setting("VisibilityTimeout")));
    assert_eq!(make("a", kept), Err(QueueError::Setting("MessageRetentionPeriod")));
    assert_eq!(
        make("a", redriven(&fifo, 0)),
        Err(QueueError::Setting("maxReceiveCount"))
    );
    let unknown = || QueueError::Unknown(other.into());
    assert_eq!(bench.world.take_batch(other), Err(unknown()));
    assert_eq!(bench.world.acknowledge(other, "x"), Err(unknown()));
    assert_eq!(bench.world.queued_messages(other), Err(unknown()));
}
