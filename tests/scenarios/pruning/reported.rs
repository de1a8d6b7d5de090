//! The report of each run: a document and a page in the bucket, and what of it the record and people are told.

use std::collections::BTreeMap;

use image_plane::{Effect, Fault, Service, StoredObject};
use serde_json::Value;
use stage::aws::{hours, minutes};

use super::climbing::{disabled, is_to_stay, look_up_audience};
use super::described::assert_described;
use super::{REPORTS, RETAIN, Yard};
use crate::evidence::gather;

pub(super) fn stored(yard: &Yard) -> BTreeMap<String, Vec<StoredObject>> {
    yard.hub.shop.aws.plane.with(|world| world.stored(REPORTS))
}

/// The key of the last report that the record knows of.
pub(super) fn key(yard: &Yard) -> String {
    let items = yard.hub.items();
    let (_, pruned) = items.iter().find(|((_, sk), _)| sk == "PRUNED").unwrap();
    pruned["summary"]["M"]["report"]["S"].as_str().unwrap().to_owned()
}

pub(super) fn document(object: &StoredObject) -> Value {
    serde_json::from_slice(&object.body).unwrap()
}

#[tokio::test(start_paused = true)]
async fn each_run_lays_a_document_and_a_page_whether_or_not_anything_is_begun() {
    let yard = Yard::new(3, RETAIN).await;
    yard.hub.shop.aws.pass(hours(48)).await;
    gather(&yard.hub).await.unwrap();
    yard.observe().await;
    let first = stored(&yard);
    let kinds: Vec<_> = first
        .iter()
        .map(|(key, versions)| {
            (
                key.rsplit_once('.').unwrap().1,
                versions.len(),
                versions[0].content_type.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        kinds,
        [
            ("json", 1, Some("application/json")),
            ("md", 1, Some("text/markdown; charset=utf-8"))
        ]
    );
    assert!(
        first.keys().all(|key| key.starts_with("pruning/web/2026-")),
        "{first:?}"
    );
    let told = document(&first[&key(&yard)][0]);
    assert_eq!(
        (&told["mode"], &told["plan"]["expendable"][0]["image"]),
        (&"observes".into(), &yard.images[0].as_str().into())
    );
    let page = first
        .values()
        .find(|versions| versions[0].body.starts_with(b"# Pruning of web"));
    assert!(String::from_utf8_lossy(&page.unwrap()[0].body).contains(&yard.images[0]));
    // Another run has its own, which says what changed.
    yard.plan_later().await;
    let both = stored(&yard);
    assert_eq!(both.len(), 4);
    let told = document(&both[&key(&yard)][0]);
    assert_eq!(
        (&told["mode"], told["since_last_run"].is_object()),
        (&"acts".into(), true)
    );
    // One that is not due lays none.
    yard.hub.shop.aws.pass(minutes(5)).await;
    yard.plan().await.unwrap();
    assert_eq!(stored(&yard), both);
}

#[tokio::test(start_paused = true)]
async fn who_is_told_that_something_is_in_the_way_is_told_where_all_of_it_lies() {
    let yard = Yard::new(3, &RETAIN.replace("100%", "10%")).await;
    yard.hub.shop.aws.pass(hours(48)).await;
    yard.plan_later().await;
    let told = yard.hub.shop.aws.plane.with(image_plane::World::take_published);
    let [message] = told.as_slice() else { panic!("{told:?}") };
    let told: Value = serde_json::from_str(&message.message).unwrap();
    let address = format!("s3://{REPORTS}/{}", key(&yard));
    assert_eq!(told["report"], address.as_str());
    assert_described(&told);
    let mail = &message.by_protocol["email"];
    assert!(mail.contains(&address.replace(".json", ".md")), "{mail}");
}

#[tokio::test(start_paused = true)]
async fn of_what_cannot_be_reported_nothing_is_begun_until_it_can() {
    let yard = Yard::new(3, RETAIN).await;
    yard.hub.shop.aws.pass(hours(48)).await;
    gather(&yard.hub).await.unwrap();
    let denied = Fault::new(Effect::Deny).service(Service::S3).always();
    yard.hub.shop.aws.plane.with(|world| world.inject(denied));
    let failed = format!("{:?}", yard.plan().await.unwrap_err());
    assert!(
        failed.contains("put pruning/web/") && failed.contains(REPORTS),
        "{failed}"
    );
    assert!(yard.sent().is_empty());
    yard.hub.shop.aws.plane.with(image_plane::World::clear_faults);
    yard.hub.shop.aws.pass(minutes(5)).await;
    assert_eq!(yard.plan().await.unwrap().messages, 1);
    assert_eq!((stored(&yard).len(), yard.sent().len()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn what_somebody_needs_by_now_comes_back_although_nothing_can_be_reported() {
    let yard = disabled().await;
    is_to_stay(&yard).await;
    yard.hub.shop.aws.pass(minutes(61)).await;
    yard.hub.sweep().await;
    gather(&yard.hub).await.unwrap();
    look_up_audience(&yard).await;
    let denied = Fault::new(Effect::Deny).service(Service::S3).always();
    yard.hub.shop.aws.plane.with(|world| world.inject(denied));
    yard.plan().await.unwrap_err();
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["available"; 2]);
}
