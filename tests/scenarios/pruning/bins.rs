//! What pruning deletes and no Recycle Bin would give back: people are warned before, and nothing is decided by it.

use image_plane::{BinKind, BinRule, Effect, Fault, Service};
use serde_json::{Value, json};
use stage::aws::{HUB, IRELAND, hours, minutes, target};

use super::reported::{document, key, stored};
use super::{LADDER, Yard};
use crate::evidence::gather;

const DAY: u64 = 24;
const HOME: &str = "111122223333/eu-west-1";

/// What the report of the last run says of Recycle Bins.
fn told(yard: &Yard) -> Value {
    document(&stored(yard)[&key(yard)][0])["bins"].clone()
}

fn nothing() -> Value {
    let says = format!("what is deleted in {HOME} is gone for good: no Recycle Bin rule catches it");
    json!([{ "target": HOME, "images": 1, "cover": "nothing", "says": says }])
}

fn lay(yard: &Yard, rules: Vec<BinRule>) {
    let plane = &yard.hub.shop.aws.plane;
    plane.with(|world| world.set_bin_rules(target(HUB, IRELAND), rules));
}

fn of_family(kind: BinKind, days: u64) -> BinRule {
    BinRule {
        tags: vec![(String::from("image-steward:family"), String::from("web"))],
        ..BinRule::of(kind, hours(days * DAY))
    }
}

async fn shown(yard: &Yard) -> String {
    yard.hub.says(&["plan", "prune"]).await
}

#[tokio::test(start_paused = true)]
async fn who_deletes_where_no_rule_catches_it_is_warned_until_there_is_one_that_keeps_the_snapshots_as_long() {
    let yard = Yard::new(2, LADDER).await;
    yard.until_expendable().await;
    assert_eq!(told(&yard), nothing());
    let page = stored(&yard).into_values().last().unwrap().remove(0);
    let page = String::from_utf8_lossy(&page.body).into_owned();
    assert!(page.contains("What no Recycle Bin gives back"), "{page}");
    let text = shown(&yard).await;
    assert!(
        text.contains("is gone for good: no Recycle Bin rule catches it"),
        "{text}"
    );
    for (snapshots, cover) in [
        (None, "image_only"),
        (Some(3), "shorter_snapshots"),
        (Some(7), "caught"),
    ] {
        let snapshots = snapshots.map(|days| of_family(BinKind::Snapshot, days));
        lay(
            &yard,
            snapshots.into_iter().chain([of_family(BinKind::Image, 7)]).collect(),
        );
        yard.plan_later().await;
        assert_eq!(told(&yard)[0]["cover"], cover);
        let text = shown(&yard).await;
        assert_eq!(text.contains("RECYCLE BIN"), cover != "caught", "{text}");
    }
    // A rule for another family's images catches none of this one's.
    let other = |kind| BinRule {
        tags: vec![(String::from("image-steward:family"), String::from("base"))],
        ..of_family(kind, 7)
    };
    lay(&yard, vec![other(BinKind::Image), other(BinKind::Snapshot)]);
    yard.plan_later().await;
    assert_eq!(told(&yard), nothing());
}

#[tokio::test(start_paused = true)]
async fn whoever_may_not_read_the_rules_gathers_whole_evidence_and_prunes_and_says_that_nobody_knows_them() {
    let yard = Yard::new(2, LADDER).await;
    let denied = Fault::new(Effect::Deny).service(Service::RecycleBin).always();
    yard.hub.shop.aws.plane.with(|world| world.inject(denied));
    yard.hub.shop.aws.pass(hours(48)).await;
    let gathered = gather(&yard.hub).await.unwrap();
    assert!(gathered.problems.is_empty() && !gathered.unfinished, "{gathered:?}");
    yard.plan().await.unwrap();
    let told = told(&yard);
    assert_eq!(told[0]["cover"], "unknown");
    assert!(
        told[0]["why"].as_str().unwrap().contains("AccessDeniedException"),
        "{told}"
    );
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["deprecated", "available"]);
}

#[tokio::test(start_paused = true)]
async fn a_bin_that_never_answers_holds_up_nobody() {
    let yard = Yard::new(2, LADDER).await;
    let broken = Fault::new(Effect::ServerError(500))
        .service(Service::RecycleBin)
        .always();
    yard.hub.shop.aws.plane.with(|world| world.inject(broken));
    yard.until_expendable().await;
    assert_eq!(told(&yard)[0]["cover"], "unknown");
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["deprecated", "available"]);
}

#[tokio::test(start_paused = true)]
async fn the_rules_are_asked_for_once_an_hour() {
    let yard = Yard::new(1, LADDER).await;
    lay(&yard, vec![of_family(BinKind::Image, 7)]);
    let calls = |yard: &Yard| (yard.hub.calls_of("ListRules"), yard.hub.calls_of("GetRule"));
    yard.hub.shop.aws.pass(hours(1)).await;
    gather(&yard.hub).await.unwrap();
    assert_eq!(calls(&yard), (2, 1));
    yard.hub.shop.aws.pass(minutes(40)).await;
    gather(&yard.hub).await.unwrap();
    assert_eq!(calls(&yard), (2, 1));
    yard.hub.shop.aws.pass(minutes(40)).await;
    gather(&yard.hub).await.unwrap();
    assert_eq!(calls(&yard), (4, 2));
}
