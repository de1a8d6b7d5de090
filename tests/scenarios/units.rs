//! What the record consumes of its table, in DynamoDB's own units, and what it lays down there.

use image_plane::{Consumed, Settings, Severity, Vulnerability};
use serde_json::Value;
use stage::aws::{IRELAND, VIRGINIA};
use stage::shop::distribution;

use crate::counted::{TEN, ending};
use crate::hub::Hub;
use crate::lineage::{Families, id};

/// What work consumes: units of reading, which may be halves, and of writing.
async fn consumed(hub: &Hub, work: impl AsyncFnOnce()) -> (f64, u64) {
    let so_far = || hub.shop.aws.plane.with_tables(|tables| tables.consumed());
    let before = so_far();
    work().await;
    let Consumed { read_halves, written } = so_far() - before;
    (f64::from(u32::try_from(read_halves).unwrap()) / 2.0, written)
}

/// How large a value is, as DynamoDB counts it.
fn bytes_of(value: &Value) -> usize {
    let value = value.as_object().unwrap().iter().next().unwrap();
    match (value.0.as_str(), value.1) {
        ("S", Value::String(text)) => text.len(),
        ("N", Value::String(number)) => number.len().div_ceil(2) + 1,
        ("BOOL" | "NULL", _) => 1,
        ("L", Value::Array(list)) => 3 + list.iter().map(|member| 1 + bytes_of(member)).sum::<usize>(),
        ("M", Value::Object(map)) => {
            3 + map
                .iter()
                .map(|(name, member)| 1 + name.len() + bytes_of(member))
                .sum::<usize>()
        }
        other => panic!("{other:?}"),
    }
}

/// What is in the table: how many items, and how many bytes are paid for.
fn laid_down(hub: &Hub) -> (usize, usize) {
    let items = hub.all_items();
    let of_one = |item: &Value| {
        let members = item.as_object().unwrap().iter();
        // So much is paid for each item beside what is in it.
        100 + members.map(|(name, value)| name.len() + bytes_of(value)).sum::<usize>()
    };
    (items.len(), items.values().map(of_one).sum())
}

/// A hub of which a scanned build has just ended, with so many vulnerabilities, and the event of its end.
async fn scanned(regions: &[&str], vulnerabilities: usize) -> (Hub, Value) {
    let distributions = regions.iter().map(|region| distribution(region)).collect();
    let hub = Hub::new(Settings::calm(), distributions).await;
    let pipeline = hub.shop.pipeline.clone();
    hub.shop.scan(&pipeline).await;
    let early = image_plane::Time::parse("2026-01-01T00:00:00Z").unwrap();
    let found = (0..vulnerabilities).map(|n| {
        let id = format!("CVE-2026-{:05}", 10_000 + n);
        Vulnerability::new(&id, Severity::High, &format!("package-{n}")).published(early)
    });
    let found = found.collect();
    let plane = &hub.shop.aws.plane;
    plane.with(|world| world.set_vulnerabilities(&pipeline, found));
    hub.shop.built_by(&pipeline).await;
    let event = ending(&hub);
    (hub, event)
}

async fn wake(hub: &Hub, event: &Value) -> (f64, u64) {
    consumed(hub, async || drop(hub.wake(event).await.unwrap())).await
}

#[tokio::test(start_paused = true)]
async fn a_release_with_ten_placements_and_a_hundred_vulnerabilities_consumes_a_unit_for_nearly_each_item() {
    let (hub, event) = scanned(&TEN, 0).await;
    assert_eq!(wake(&hub, &event).await, (0.0, 0));
    assert_eq!(laid_down(&hub), (0, 0));
    // The same again.
    assert_eq!(wake(&hub, &event).await, (0.0, 0));
    let (hub, event) = scanned(&TEN, 100).await;
    assert_eq!(wake(&hub, &event).await, (0.0, 0));
    assert_eq!(laid_down(&hub), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn the_second_release_in_targets_that_are_known_consumes_what_a_million_of_them_do() {
    for vulnerabilities in [0, 100] {
        let (hub, event) = scanned(&TEN, vulnerabilities).await;
        hub.wake(&event).await.unwrap();
        let before = laid_down(&hub);
        hub.shop.built_by(&hub.shop.pipeline).await;
        let events: Vec<Value> = hub.events();
        // All that is heard of it, from its start to its end, and of its images.
        let all = consumed(&hub, async || {
            for event in &events {
                drop(hub.wake(event).await);
            }
        })
        .await;
        let after = laid_down(&hub);
        assert_eq!(
            (events.len(), all, after.0 - before.0, after.1 - before.1),
            (0, (0.0, 0), 0, 0),
            "{vulnerabilities}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_consumes_a_few_units() {
    let families = Families::new().await;
    families.hub.sweep().await;
    let hub = &families.hub;
    let ancestors = id(&families.shop);
    let record = hub.record();
    let above = consumed(hub, async || drop(record.ancestors(ancestors).await.unwrap())).await;
    let mut said = vec![("ancestors", above)];
    for words in [
        &["lineage", "shop"][..],
        &["impact", "base"],
        &["explain", "shop"],
        &["releases", "shop"],
        &["where", "shop"],
        &["history", "shop"],
        &["diff", "site", "shop"],
        &["old"],
    ] {
        let units = consumed(hub, async || drop(hub.says(words).await)).await;
        said.push((words[0], units));
    }
    assert_eq!(said, [("ancestors", (0.0, 0))]);
}

#[tokio::test(start_paused = true)]
async fn a_sweep_that_finds_nothing_new_consumes_little_and_writes_nothing() {
    let (hub, event) = scanned(&[IRELAND, VIRGINIA], 3).await;
    hub.wake(&event).await.unwrap();
    hub.sweep().await;
    assert_eq!(consumed(&hub, async || drop(hub.sweep().await)).await, (0.0, 0));
}
