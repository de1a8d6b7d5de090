use serde_json::{Value, json};

use super::super::QueueSettings;
use super::{Bench, Refused};
use crate::wire::call::Service;
use crate::world::faults::{Effect, Fault};

fn handle(answer: &Value) -> Value {
    answer["Messages"][0]["ReceiptHandle"].clone()
}

#[test]
fn receiving_shows_what_is_asked_for() {
    let mut bench = Bench::fifo();
    let attribute = |value: &str| json!({ "DataType": "String", "StringValue": value });
    let body = json!({
        "MessageBody": "a", "MessageGroupId": "g", "MessageDeduplicationId": "d",
        "MessageAttributes": { "plain": attribute("1"), "run.id": attribute("2") },
    });
    let sent = bench.ok("SendMessage", body);
    let asked = json!({
        "VisibilityTimeout": 0,
        "MessageSystemAttributeNames": ["MessageGroupId", "ApproximateReceiveCount"], "MessageAttributeNames": ["run.*"],
    });
    let answer = bench.ok("ReceiveMessage", asked);
    let shown = &answer["Messages"][0];
    assert_eq!(
        (&shown["MessageId"], &shown["Body"], &shown["MD5OfBody"]),
        (
            &sent["MessageId"],
            &json!("a"),
            &json!("0cc175b9c0f1b6a831c399e269772661")
        )
    );
    assert_eq!(
        shown["Attributes"],
        json!({ "MessageGroupId": "g", "ApproximateReceiveCount": "1" })
    );
    assert_eq!(shown["MessageAttributes"], json!({ "run.id": attribute("2") }));
    assert_ne!(shown["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"]);
    let all = json!({ "MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"] });
    let answer = bench.ok("ReceiveMessage", all);
    let shown = &answer["Messages"][0];
    assert_eq!(shown["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"]);
    assert_eq!(shown["Attributes"].as_object().unwrap().len(), 7);
    assert_eq!(bench.ok("ReceiveMessage", json!({})), json!({}));
}

#[test]
fn a_receive_takes_up_to_ten_and_several_of_a_group_in_order() {
    let mut bench = Bench::fifo();
    for number in 0..12 {
        bench.send("a", &number.to_string());
    }
    for most in [0, 11] {
        let asked = json!({ "MaxNumberOfMessages": most });
        assert_eq!(bench.refused("ReceiveMessage", asked), "InvalidParameterValue");
    }
    let answer = bench.ok("ReceiveMessage", json!({ "MaxNumberOfMessages": 10 }));
    let texts: Vec<String> = answer["Messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["Body"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(texts, (0..10).map(|number| number.to_string()).collect::<Vec<_>>());
    assert_eq!(bench.ok("ReceiveMessage", json!({})), json!({}));
}

#[test]
fn deleting_wants_the_handle_of_a_message_of_this_queue() {
    let mut bench = Bench::fifo();
    bench.send("a", "a1");
    let received = handle(&bench.ok("ReceiveMessage", json!({})));
    let other = Bench::with(QueueSettings::standard());
    assert_ne!(other.queue, bench.queue);
    for wrong in [
        json!("x"),
        json!("AQEB"),
        json!(received.as_str().unwrap().replace("AQEB", "AQEC")),
    ] {
        assert_eq!(
            bench.refused("DeleteMessage", json!({ "ReceiptHandle": wrong })),
            "ReceiptHandleIsInvalid"
        );
    }
    let second = bench
        .world
        .create_queue(bench.hub, "second.fifo", QueueSettings::fifo())
        .unwrap();
    let elsewhere = json!({ "ReceiptHandle": received, "QueueUrl": second.url });
    assert_eq!(bench.refused("DeleteMessage", elsewhere), "ReceiptHandleIsInvalid");
    assert_eq!(bench.refused("DeleteMessage", json!({})), "MissingParameter");
    for _ in 0..2 {
        bench.ok("DeleteMessage", json!({ "ReceiptHandle": received }));
    }
    assert_eq!(bench.world.queued_messages(&bench.queue.arn), Ok(0));
}

#[test]
fn an_expired_handle_of_a_fifo_queue_is_refused_in_words_and_one_of_a_standard_queue_is_not() {
    let mut fifo = Bench::fifo();
    fifo.send("a", "a1");
    let received = handle(&fifo.ok("ReceiveMessage", json!({})));
    fifo.pass(30);
    let error = fifo
        .call("DeleteMessage", json!({ "ReceiptHandle": received }))
        .unwrap_err();
    let text = received.as_str().unwrap();
    assert_eq!(
        (error.code.as_str(), error.message),
        (
            "InvalidParameterValue",
            format!("Value {text} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.")
        )
    );
    let mut standard = Bench::with(QueueSettings::standard());
    standard.ok("SendMessage", json!({ "MessageBody": "1" }));
    let old = handle(&standard.ok("ReceiveMessage", json!({})));
    standard.pass(30);
    standard.ok("ReceiveMessage", json!({}));
    standard.ok("DeleteMessage", json!({ "ReceiptHandle": old }));
    assert_eq!(standard.world.queued_messages(&standard.queue.arn), Ok(1));
}

#[test]
fn visibility_is_changed_from_now_on_for_twelve_hours_altogether() {
    let mut bench = Bench::fifo();
    bench.send("a", "a1");
    let received = handle(&bench.ok("ReceiveMessage", json!({})));
    let change = |seconds: i64| json!({ "ReceiptHandle": received, "VisibilityTimeout": seconds });
    let operation = "ChangeMessageVisibility";
    bench.pass(20);
    bench.ok(operation, change(30));
    bench.pass(29);
    assert_eq!(bench.next(), None);
    for wrong in [-1, 43_201, 43_200] {
        assert_eq!(
            bench.refused(operation, change(wrong)),
            "InvalidParameterValue",
            "{wrong}"
        );
    }
    bench.ok(operation, change(43_200 - 49));
    bench.ok(operation, change(0));
    let again = bench.take().unwrap();
    assert_eq!(again["body"], "a1");
    let not_in_flight = "AWS.SimpleQueueService.MessageNotInflight";
    assert_eq!(bench.refused(operation, change(1)), not_in_flight);
    bench.pass(30);
    let late = json!({ "ReceiptHandle": again["receiptHandle"], "VisibilityTimeout": 1 });
    assert_eq!(bench.refused(operation, late.clone()), not_in_flight);
    let last = bench.take().unwrap();
    bench.acknowledge(&last);
    assert_eq!(bench.refused(operation, late), "InvalidParameterValue");
    assert_eq!(
        bench.refused(operation, json!({ "ReceiptHandle": received })),
        "MissingParameter"
    );
}

#[test]
fn a_queue_is_named_by_the_url_of_this_region() {
    let mut bench = Bench::fifo();
    assert_eq!(
        bench.queue.url,
        "https://sqs.eu-west-1.amazonaws.com/111122223333/work.fifo"
    );
    let mut send = |url: Value| {
        let body = json!({ "QueueUrl": url, "MessageBody": "a" });
        bench.call("SendMessage", body).unwrap_err()
    };
    let missing = send(json!("https://sqs.eu-west-1.amazonaws.com/111122223333/work"));
    assert_eq!(
        missing,
        Refused {
            status: 400,
            code: "AWS.SimpleQueueService.NonExistentQueue".into(),
            shape: "QueueDoesNotExist".into(),
            message: "The specified queue does not exist.".into(),
        }
    );
    for wrong in [
        "work.fifo",
        "https://sqs.eu-west-2.amazonaws.com/111122223333/work.fifo",
        "http://sqs.eu-west-1.amazonaws.com/111122223333/work.fifo",
        "https://sqs.eu-west-1.amazonaws.com/111122223333/work.fifo/",
        "https://sqs.eu-west-1.amazonaws.com/1/work.fifo",
    ] {
        assert_eq!(send(json!(wrong)).code, "InvalidAddress", "{wrong}");
    }
    assert_eq!(send(Value::Null).code, "MissingParameter");
    assert_eq!(send(json!(7)).code, "SerializationException");
}

#[test]
fn waiting_for_messages_is_not_modelled() {
    let mut bench = Bench::fifo();
    bench.ok("ReceiveMessage", json!({ "WaitTimeSeconds": 0 }));
    let error = bench
        .call("ReceiveMessage", json!({ "WaitTimeSeconds": 20 }))
        .unwrap_err();
    assert_eq!(error.message, "image-plane does not model waiting 20 s for a message");
    let asked = json!({ "MessageSystemAttributeNames": ["AWSTraceHeader"] });
    assert_eq!(bench.refused("ReceiveMessage", asked), "NotModelled");
}

#[test]
fn the_ledger_counts_what_was_sent_and_faults_hit_it() {
    let mut bench = Bench::fifo();
    for (effect, status, code) in [
        (Effect::Throttle, 400, "RequestThrottled"),
        (Effect::ServerError(500), 500, "InternalFailure"),
        (Effect::ServerErrorAfterApply(503), 503, "ServiceUnavailable"),
        (Effect::Deny, 403, "AccessDenied"),
    ] {
        bench.world.inject(Fault::new(effect).service(Service::Sqs));
        let body = json!({ "MessageBody": code, "MessageGroupId": "a", "MessageDeduplicationId": code });
        let error = bench.call("SendMessage", body).unwrap_err();
        assert_eq!((error.status, error.code.as_str()), (status, code));
    }
    bench.send("a", "a1");
    let counts = bench.world.ledger().of("SendMessage");
    assert_eq!((counts.done, counts.refused, counts.throttled), (2, 2, 1));
    assert_eq!(bench.next().as_deref(), Some("ServiceUnavailable"));
    assert_eq!(bench.world.ledger().of("ReceiveMessage").all(), 0);
}
