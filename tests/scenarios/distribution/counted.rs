//! What a look at a target costs, where all is as it should be: calls of AWS, counted.

use std::collections::BTreeMap;

use distribute_images::apply_distribution;
use image_plane::Settings;
use serde_json::{Value, json};
use stage::aws::{MEMBER, hours};

use super::{Depot, owned};

/// The hub's target that the release is copied to.
const VIRGINIA: &str = "111122223333/us-east-1";
const WANTED: &str = r#"{ regions: { us-east-1: {} }, share_with: { accounts: ["222233334444"] }, tags: { team: web }, publish: {
    parameter: "/golden/{family}/{architecture}/{channel}", to: [hub, audience] } }
channels: { candidate: { from: release } }"#;

type Calls = BTreeMap<String, u64>;

/// A release that is everywhere, shared, seen and published.
async fn settled() -> Depot {
    let depot = owned::depot(Settings::calm()).await;
    depot.hub.admit_to_publish(MEMBER);
    depot.hub.admit_to_view(MEMBER);
    depot.hub.want(WANTED).await;
    depot.rounds(14).await;
    depot
}

fn calls(depot: &Depot) -> Calls {
    let plane = &depot.hub.shop.aws.plane;
    plane.with(|world| {
        let counts = world.ledger().counts();
        let named = counts.map(|(_, action, target, counts)| (format!("{action} in {target}"), counts.all()));
        let mut calls = Calls::new();
        named.for_each(|(name, count)| *calls.entry(name).or_default() += count);
        calls
    })
}

/// What a message makes the worker call, but for what lets it in somewhere.
pub(super) async fn of_message(depot: &Depot, target: &str, families: Value) -> Vec<String> {
    let (room, _) = depot.room();
    let body = json!({ "run": "counted", "target": target, "families": families });
    let record = json!({ "messageId": "1", "receiptHandle": "1", "body": body.to_string(), "attributes": {},
        "messageAttributes": {}, "md5OfBody": "", "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-1:1:q",
        "awsRegion": "eu-west-1" });
    let before = calls(depot);
    let event = json!({ "Records": [record] });
    let handled = apply_distribution(&room, &event, depot.hub.moment());
    assert!(handled.await.unwrap().batch_item_failures.is_empty());
    let mut made = Vec::new();
    for (name, count) in calls(depot) {
        let count = count - before.get(&name).copied().unwrap_or_default();
        if count > 0 && !name.starts_with("AssumeRole") {
            made.push(format!("{count} {name}"));
        }
    }
    made
}

pub(super) async fn of_release(depot: &Depot) -> Value {
    json!({ "family": "web", "releases": [depot.release().await], "publish": false })
}

#[tokio::test(start_paused = true)]
async fn a_look_at_a_release_that_stands_costs_one_list_of_each_kind_and_one_call_for_what_ec2_shows_of_one_thing_only()
{
    let depot = settled().await;
    depot.hub.shop.aws.pass(hours(25)).await;
    depot.observe().await;
    let look = of_message(&depot, VIRGINIA, json!([of_release(&depot).await])).await;
    let made = [
        "1 DescribeImageAttribute in 111122223333/us-east-1",
        // The family's images where they are copied from, and there.
        "1 DescribeImages in 111122223333/eu-west-1",
        "1 DescribeImages in 111122223333/us-east-1",
        // The key that EBS takes where none is named, whether it takes one, and whether the Region is enabled.
        "1 DescribeKey in 111122223333/us-east-1",
        "1 DescribeRegions in 111122223333/eu-west-1",
        "1 DescribeSnapshotAttribute in 111122223333/us-east-1",
        // Those behind the images, and those of copies that are under way.
        "1 DescribeSnapshots in 111122223333/eu-west-1",
        "2 DescribeSnapshots in 111122223333/us-east-1",
        "1 GetEbsDefaultKmsKeyId in 111122223333/us-east-1",
        "1 GetEbsEncryptionByDefault in 111122223333/us-east-1",
    ];
    assert_eq!(look, made);
}

#[tokio::test(start_paused = true)]
async fn what_a_target_is_like_is_asked_once_for_all_families_of_a_message() {
    let depot = settled().await;
    depot.hub.shop.aws.pass(hours(25)).await;
    depot.observe().await;
    let family = of_release(&depot).await;
    let alone = of_message(&depot, VIRGINIA, json!([family.clone()])).await;
    let twice = of_message(&depot, VIRGINIA, json!([family.clone(), family])).await;
    let of = |calls: &[String], action: &str| calls.iter().find(|call| call.contains(action)).cloned();
    for action in ["DescribeRegions", "GetEbsEncryptionByDefault", "DescribeKey"] {
        assert_eq!(of(&alone, action), of(&twice, action));
    }
    assert_ne!(
        of(&alone, "DescribeImageAttribute"),
        of(&twice, "DescribeImageAttribute")
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_consumer_reads_costs_one_call_for_ten_parameters_and_one_for_each_image() {
    let depot = settled().await;
    depot.hub.shop.aws.pass(hours(25)).await;
    depot.observe().await;
    let family = json!({ "family": "web", "releases": [], "publish": true, "view": true });
    let member = of_message(&depot, "222233334444/us-east-1", json!([family])).await;
    let made = [
        // What the owner has, and what each of the two roles there sees of it.
        "1 DescribeImages in 111122223333/us-east-1",
        "2 DescribeImages in 222233334444/us-east-1",
        "1 DescribeSnapshots in 111122223333/us-east-1",
        "1 GetParameters in 222233334444/us-east-1",
    ];
    assert_eq!(member, made);
}
