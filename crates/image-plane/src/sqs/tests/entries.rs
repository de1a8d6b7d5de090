use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::QueueSettings;
use super::{Bench, Refused};

const BATCH: &str = "SendMessageBatch";
const OWN: &str = "AWS.SimpleQueueService.";

fn entry(id: &str) -> Value {
    json!({ "Id": id, "MessageBody": id, "MessageGroupId": "a", "MessageDeduplicationId": id })
}

#[test]
fn a_batch_takes_each_message_or_says_what_is_wrong_with_it() {
    let mut bench = Bench::fifo();
    let mut no_group = entry("no_group");
    no_group.as_object_mut().unwrap().remove("MessageGroupId");
    let mut no_id = entry("no_id");
    no_id.as_object_mut().unwrap().remove("MessageDeduplicationId");
    let mut late = entry("late");
    late["DelaySeconds"] = json!(5);
    let mut bell = entry("bell");
    bell["MessageBody"] = json!("\u{7}");
    let entries = [entry("1"), no_group, no_id, late, bell, entry("2")];
    let answer = bench.ok(BATCH, json!({ "Entries": entries }));
    let ids = |list: &str| -> Vec<Value> {
        let list = answer[list].as_array().unwrap().iter();
        list.map(|told| told["Id"].clone()).collect()
    };
    assert_eq!(ids("Successful"), ["1", "2"]);
    let failed: Vec<(&str, &str, bool)> = answer["Failed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|told| {
            let text = |name: &str| told[name].as_str().unwrap();
            (text("Id"), text("Code"), told["SenderFault"].as_bool().unwrap())
        })
        .collect();
    assert_eq!(
        failed,
        [
            ("no_group", "MissingParameter", true),
            ("no_id", "InvalidParameterValue", true),
            ("late", "InvalidParameterValue", true),
            ("bell", "InvalidMessageContents", true),
        ]
    );
    assert_eq!(
        answer["Failed"][0]["Message"],
        "The request must contain the parameter MessageGroupId."
    );
    assert_eq!(
        answer["Successful"][0]["MD5OfMessageBody"],
        "c4ca4238a0b923820dcc509a6f75849b"
    );
    assert!(answer["Successful"][0]["SequenceNumber"].is_string());
    let record = bench.take().unwrap();
    assert_eq!(
        (&record["body"], &record["messageId"]),
        (&json!("1"), &answer["Successful"][0]["MessageId"])
    );
    bench.acknowledge(&record);
    assert_eq!(bench.next().as_deref(), Some("2"));
}

#[test]
fn a_batch_has_one_to_ten_entries_with_ids_of_their_own() {
    let mut bench = Bench::fifo();
    let ids = |count: usize| -> Vec<Value> { (0..count).map(|number| entry(&number.to_string())).collect() };
    let mut refused = |entries: Vec<Value>| {
        let Refused { code, shape, .. } = bench.call(BATCH, json!({ "Entries": entries })).unwrap_err();
        assert_eq!(code, format!("{OWN}{shape}"));
        shape
    };
    assert_eq!(refused(Vec::new()), "EmptyBatchRequest");
    assert_eq!(refused(ids(11)), "TooManyEntriesInBatchRequest");
    assert_eq!(refused(vec![entry("a"), entry("a")]), "BatchEntryIdsNotDistinct");
    for id in ["", "a b", &"x".repeat(81)] {
        assert_eq!(refused(vec![entry(id)]), "InvalidBatchEntryId", "{id:?}");
    }
    assert_eq!(bench.world.queued_messages(&bench.queue.arn), Ok(0));
    let answer = bench.ok(BATCH, json!({ "Entries": ids(10) }));
    assert_eq!(answer["Successful"].as_array().unwrap().len(), 10);
    assert_eq!(bench.refused(BATCH, json!({})), format!("{OWN}EmptyBatchRequest"));
}

#[test]
fn a_message_and_a_batch_altogether_have_at_most_a_mebibyte() {
    let mut bench = Bench::with(QueueSettings::standard());
    let most = 1 << 20;
    let text = |length: usize| "x".repeat(length);
    let one = |body: String| json!({ "MessageBody": body });
    bench.ok("SendMessage", one(text(most)));
    let error = bench.call("SendMessage", one(text(most + 1))).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        (
            "InvalidParameterValue",
            "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes."
        )
    );
    let mut attributed = one(text(most));
    attributed["MessageAttributes"] = json!({ "a": { "DataType": "String", "StringValue": "b" } });
    assert_eq!(bench.refused("SendMessage", attributed), "InvalidParameterValue");
    let two = |rest: usize| {
        let half = json!({ "Id": "1", "MessageBody": text(most / 2) });
        json!({ "Entries": [half, { "Id": "2", "MessageBody": text(rest) }] })
    };
    bench.ok(BATCH, two(most / 2));
    assert_eq!(
        bench.refused(BATCH, two(most / 2 + 1)),
        format!("{OWN}BatchRequestTooLong")
    );
}

#[test]
fn a_fifo_queue_wants_a_group_and_an_id_and_no_delay() {
    let mut bench = Bench::fifo();
    let error = bench.call("SendMessage", json!({ "MessageBody": "a" })).unwrap_err();
    assert_eq!(
        error,
        Refused {
            status: 400,
            code: "MissingParameter".into(),
            shape: "MissingRequiredParameterException".into(),
            message: "The request must contain the parameter MessageGroupId.".into(),
        }
    );
    let mut body = json!({ "MessageBody": "a", "MessageGroupId": "a" });
    let error = bench.call("SendMessage", body.clone()).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.shape.as_str(), error.message.as_str()),
        (
            "InvalidParameterValue",
            "InvalidParameterValueException",
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
        )
    );
    body["MessageDeduplicationId"] = json!("a");
    body["DelaySeconds"] = json!(1);
    assert_eq!(bench.refused("SendMessage", body.clone()), "InvalidParameterValue");
    body["DelaySeconds"] = json!(0);
    bench.ok("SendMessage", body.clone());
    for token in ["", "a b", "ü", &"x".repeat(129)] {
        for member in ["MessageGroupId", "MessageDeduplicationId"] {
            let mut body = body.clone();
            body[member] = json!(token);
            assert_eq!(
                bench.refused("SendMessage", body),
                "InvalidParameterValue",
                "{member} {token:?}"
            );
        }
    }
    body["MessageGroupId"] = json!("x".repeat(128));
    bench.ok("SendMessage", body);
}

#[test]
fn a_standard_queue_delays_messages_and_takes_no_deduplication_id() {
    let mut bench = Bench::with(QueueSettings::standard());
    let delayed = |seconds: i64| json!({ "MessageBody": "a", "DelaySeconds": seconds });
    for seconds in [-1, 901] {
        assert_eq!(bench.refused("SendMessage", delayed(seconds)), "InvalidParameterValue");
    }
    bench.ok("SendMessage", delayed(900));
    bench.pass(899);
    assert_eq!(bench.next(), None);
    bench.pass(1);
    assert_eq!(bench.next().as_deref(), Some("a"));
    let id = json!({ "MessageBody": "a", "MessageDeduplicationId": "b" });
    assert_eq!(bench.refused("SendMessage", id), "InvalidParameterValue");
}

#[test]
fn a_body_is_text_that_xml_can_carry() {
    let mut bench = Bench::with(QueueSettings::standard());
    for good in ["\t\r\n", "ü 🦀", "\u{fffd}"] {
        bench.ok("SendMessage", json!({ "MessageBody": good }));
    }
    for bad in ["\u{0}", "\u{b}", "\u{fffe}", "\u{ffff}"] {
        let error = bench.call("SendMessage", json!({ "MessageBody": bad })).unwrap_err();
        assert_eq!(error.code, "InvalidMessageContents", "{bad:?}");
    }
    for none in [json!({}), json!({ "MessageBody": "" })] {
        assert_eq!(bench.refused("SendMessage", none), "MissingParameter");
    }
}

#[test]
fn attributes_are_ten_at_most_and_digested_as_the_guide_says() {
    let mut bench = Bench::with(QueueSettings::standard());
    let attributes = |count: usize| {
        let one = |number| {
            (
                format!("a{number}"),
                json!({ "DataType": "Number", "StringValue": "1" }),
            )
        };
        let attributes: serde_json::Map<String, Value> = (0..count).map(one).collect();
        json!({ "MessageBody": "a", "MessageAttributes": attributes })
    };
    bench.ok("SendMessage", attributes(10));
    assert_eq!(bench.refused("SendMessage", attributes(11)), "InvalidParameterValue");
    // Name, type, a byte for the kind of transport, value: each but the third behind its length.
    let mut encoded = Vec::new();
    for (part, transport) in [("b", None), ("Binary", Some(2)), ("\u{1}\u{2}", None)] {
        encoded.extend(u32::try_from(part.len()).unwrap().to_be_bytes());
        encoded.extend(part.as_bytes());
        encoded.extend(transport);
    }
    let body =
        json!({ "MessageBody": "a", "MessageAttributes": { "b": { "DataType": "Binary", "BinaryValue": "AQI=" } } });
    let sent = bench.ok("SendMessage", body);
    assert_eq!(sent["MD5OfMessageAttributes"], format!("{:x}", md5::compute(&encoded)));
    let wrong = json!({ "MessageBody": "a", "MessageAttributes": { "b": { "DataType": "Text", "StringValue": "x" } } });
    assert_eq!(bench.refused("SendMessage", wrong), "InvalidParameterValue");
}

#[test]
fn members_nobody_modelled_are_named_and_nothing_is_sent() {
    let mut bench = Bench::fifo();
    let mut traced = entry("2");
    traced["MessageSystemAttributes"] = json!({ "AWSTraceHeader": { "DataType": "String", "StringValue": "Root=1" } });
    let error = bench
        .call(BATCH, json!({ "Entries": [entry("1"), traced] }))
        .unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        (
            "NotModelled",
            "image-plane does not model the request member MessageSystemAttributes"
        )
    );
    assert_eq!(bench.world.queued_messages(&bench.queue.arn), Ok(0));
    for (operation, member) in [
        ("SendMessage", "Id"),
        ("ReceiveMessage", "ReceiveRequestAttemptId"),
        (BATCH, "Queue"),
    ] {
        let error = bench.call(operation, json!({ (member): "x" })).unwrap_err();
        assert_eq!(
            error.message,
            format!("image-plane does not model the request member {member}")
        );
    }
    let error = bench.call("CreateQueue", json!({})).unwrap_err();
    assert_eq!(error.message, "image-plane does not model sqs:CreateQueue");
}

proptest! {
    #[test]
    fn no_entry_makes_the_queue_panic(text in "\\PC{0,20}", base in "[A-Za-z0-9+/=]{0,9}", delay in any::<i64>()) {
        let mut bench = Bench::fifo();
        let attributes = json!({ (text.clone()): { "DataType": text, "StringValue": text, "BinaryValue": base } });
        let body = json!({
            "MessageBody": text, "MessageGroupId": text, "MessageDeduplicationId": text, "DelaySeconds": delay,
            "MessageAttributes": attributes,
        });
        let _ = bench.call("SendMessage", body);
        let _ = bench.call("DeleteMessage", json!({ "ReceiptHandle": text }));
    }
}
