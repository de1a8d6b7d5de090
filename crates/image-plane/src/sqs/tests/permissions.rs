use serde_json::json;

use super::super::QueueSettings;
use super::{Bench, Refused};
use crate::sts::tests::{MEMBER, account};
use crate::world::Target;

const WORK: &str = "arn:aws:sqs:eu-west-1:111122223333:work.fifo";

#[test]
fn sending_needs_the_right_on_the_queue_one_by_one_and_in_batches_alike() {
    let mut bench = Bench::fifo();
    bench.act_with("sqs:SendMessage", WORK);
    let sent = bench.send("a", "a1");
    assert!(sent["MessageId"].is_string());
    let entry = json!({ "Id": "1", "MessageBody": "a", "MessageGroupId": "a", "MessageDeduplicationId": "a2" });
    let batch = json!({ "Entries": [entry] });
    assert_eq!(bench.ok("SendMessageBatch", batch.clone())["Failed"], json!([]));
    assert_eq!(bench.refused("ReceiveMessage", json!({})), "AccessDenied");
    bench.act_with("sqs:SendMessage", &format!("{WORK}x"));
    let Refused {
        status, shape, message, ..
    } = bench.call("SendMessageBatch", batch).unwrap_err();
    assert_eq!((status, shape.as_str()), (403, "AccessDeniedException"));
    assert!(
        message.ends_with(&format!(
            "is not authorized to perform: sqs:sendmessage on resource: {WORK} because no identity-based policy allows the \
             sqs:sendmessage action"
        )),
        "{message}"
    );
}

#[test]
fn a_message_says_which_session_sent_it() {
    let mut bench = Bench::fifo();
    bench.act_with("sqs:*", WORK);
    bench.send("a", "a1");
    let sender = bench.take().unwrap()["attributes"]["SenderId"].clone();
    let sender = sender.as_str().unwrap();
    assert!(sender.starts_with("AROA") && sender.ends_with(":prune"), "{sender}");
}

#[test]
fn another_accounts_queue_is_closed_whether_it_is_there_or_not() {
    let mut bench = Bench::fifo();
    let member = Target {
        account: account(MEMBER),
        ..bench.hub
    };
    let theirs = bench
        .world
        .create_queue(member, "theirs", QueueSettings::standard())
        .unwrap();
    for url in [theirs.url.clone(), format!("{}-2", theirs.url)] {
        let body = json!({ "QueueUrl": url, "MessageBody": "a" });
        let error = bench.call("SendMessage", body).unwrap_err();
        assert_eq!((error.status, error.code.as_str()), (403, "AccessDenied"));
        assert!(
            error.message.contains("no resource-based policy allows"),
            "{}",
            error.message
        );
    }
}
