use serde_json::json;

use super::super::{DeduplicationScope, Fifo, QueueSettings};
use super::Bench;

fn content_based() -> QueueSettings {
    QueueSettings {
        fifo: Some(Fifo {
            content_based_deduplication: true,
            deduplication_scope: DeduplicationScope::Queue,
        }),
        ..QueueSettings::fifo()
    }
}

fn by_group() -> QueueSettings {
    QueueSettings {
        fifo: Some(Fifo {
            content_based_deduplication: false,
            deduplication_scope: DeduplicationScope::MessageGroup,
        }),
        ..QueueSettings::fifo()
    }
}

#[test]
fn a_repetition_within_five_minutes_is_answered_like_the_first_and_not_delivered() {
    let mut bench = Bench::fifo();
    let first = bench.send("a", "run-1");
    let record = bench.take().unwrap();
    bench.acknowledge(&record);
    bench.pass(299);
    // Its id counts although the message is long gone.
    assert_eq!(bench.send("a", "run-1"), first);
    assert_eq!(bench.next(), None);
    bench.pass(1);
    let later = bench.send("a", "run-1");
    assert_ne!(later["MessageId"], first["MessageId"]);
    assert_eq!(bench.next().as_deref(), Some("run-1"));
}

#[test]
fn an_id_counts_in_the_whole_queue_or_in_its_group() {
    let mut queue = Bench::fifo();
    queue.send("a", "x");
    queue.send("b", "x");
    assert_eq!(queue.world.queued_messages(&queue.queue.arn), Ok(1));
    let mut group = Bench::with(by_group());
    for name in ["a", "b", "a"] {
        group.send(name, "x");
    }
    assert_eq!(group.world.queued_messages(&group.queue.arn), Ok(2));
}

#[test]
fn without_an_id_the_body_is_the_id_where_the_queue_takes_that() {
    let mut bench = Bench::with(content_based());
    let body = |text: &str| json!({ "MessageBody": text, "MessageGroupId": "a" });
    bench.ok("SendMessage", body("hello"));
    bench.ok("SendMessage", body("hello"));
    let hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let mut explicit = body("other");
    explicit["MessageDeduplicationId"] = json!(hash);
    bench.ok("SendMessage", explicit);
    assert_eq!(bench.world.queued_messages(&bench.queue.arn), Ok(1));
    assert_eq!(bench.take().unwrap()["attributes"]["MessageDeduplicationId"], hash);
    let mut explicit = body("hello");
    explicit["MessageDeduplicationId"] = json!("mine");
    bench.ok("SendMessage", explicit);
    assert_eq!(bench.world.queued_messages(&bench.queue.arn), Ok(2));
}

#[test]
fn sequence_numbers_rise_and_have_more_than_64_bits() {
    let mut bench = Bench::fifo();
    let numbers: Vec<u128> = ["1", "2", "3"]
        .map(|text| {
            bench.send("a", text)["SequenceNumber"]
                .as_str()
                .unwrap()
                .parse()
                .unwrap()
        })
        .into();
    assert!(numbers.is_sorted_by(|one, next| one + 1 < *next), "{numbers:?}");
    assert!(numbers[0] > u128::from(u64::MAX));
    assert_eq!(numbers[0].to_string().len(), 20);
}
