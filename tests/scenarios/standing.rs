//! What becomes of placements: by two looks that agree, never by one; told or not.

use std::collections::BTreeSet;

use image_plane::{Effect, Fault, ImageId, NewImage, Settings, Time};
use serde_json::{Value, json};
use stage::aws::{HUB, IRELAND, MEMBER, VIRGINIA, hours, minutes, share};
use steward::{AmiState, Placement};

use crate::hub::{self, Hub};

fn placement(hub: &Hub, ami: &str) -> Value {
    let items = hub.items();
    let mut found = items
        .iter()
        .filter(|((pk, sk), _)| pk.starts_with("R#") && sk.ends_with(ami));
    let (_, placement) = found.next().unwrap();
    placement.clone()
}

fn state(hub: &Hub, ami: &str) -> (String, Option<String>) {
    let placement = placement(hub, ami);
    let text = |name: &str| placement[name]["S"].as_str().map(str::to_owned);
    (text("state").unwrap(), text("doubt"))
}

fn held(state: &str, doubt: Option<&str>) -> (String, Option<String>) {
    (state.to_owned(), doubt.map(str::to_owned))
}

#[tokio::test(start_paused = true)]
async fn an_image_that_is_deregistered_behind_our_back_is_a_tombstone_after_two_looks_and_its_lineage_stays() {
    let (hub, ami) = Hub::recorded(Settings::calm()).await;
    let release = placement(&hub, &ami)["pk"]["S"]
        .as_str()
        .unwrap()
        .trim_start_matches("R#")
        .to_owned();
    let above = hub.record().ancestors(release.parse().unwrap()).await.unwrap();
    assert_eq!(above.len(), 1);
    hub.shop
        .aws
        .hub()
        .deregister_image()
        .image_id(&ami)
        .send()
        .await
        .unwrap();
    hub.forget_events();
    // Compared once an hour: until then nobody knows.
    hub.shop.aws.pass(minutes(5)).await;
    hub.sweep().await;
    assert_eq!(state(&hub, &ami), held("available", None));
    hub.shop.aws.pass(hours(1)).await;
    hub.sweep().await;
    assert_eq!(state(&hub, &ami), held("available", Some("deregistered")));
    hub.shop.aws.pass(minutes(5)).await;
    hub.sweep().await;
    assert_eq!(state(&hub, &ami), held("deregistered", None));
    let journal = hub.journal();
    assert_eq!(
        journal.last().unwrap().1,
        format!("inferred: {ami} is deregistered, was available")
    );
    assert_eq!(hub.record().ancestors(release.parse().unwrap()).await.unwrap(), above);
    // And it stays at that, for ever.
    let writes = hub.writes();
    hub.shop.aws.pass(minutes(5)).await;
    hub.sweep().await;
    assert_eq!(hub.writes(), writes);
    hub.shop.aws.pass(hours(2)).await;
    hub.sweep().await;
    // That it was compared, which builds there are, and that they were listed.
    assert_eq!((hub.writes() - writes, hub.journal().len()), (3, journal.len()));
}

#[tokio::test(start_paused = true)]
async fn a_single_stale_look_changes_nothing() {
    let (hub, ami) = Hub::recorded(Settings::calm()).await;
    let release = placement(&hub, &ami)["pk"]["S"]
        .as_str()
        .unwrap()
        .trim_start_matches("R#")
        .to_owned();
    let output = steward::Output {
        target: crate::hub::hub(),
        ami: ami.parse().unwrap(),
    };
    let record = hub.record();
    let stale = record.observe(
        release.parse().unwrap(),
        output,
        steward::AmiState::Deregistered,
        hub.moment().now,
    );
    assert!(stale.await.unwrap());
    assert_eq!(state(&hub, &ami), held("available", Some("deregistered")));
    hub.shop.aws.pass(minutes(5)).await;
    hub.sweep().await;
    assert_eq!(state(&hub, &ami), held("available", None));
    let open = hub
        .items()
        .into_keys()
        .filter(|(pk, _)| pk.starts_with("OPEN#"))
        .count();
    assert_eq!(open, 0);
}

#[tokio::test(start_paused = true)]
async fn a_crash_anywhere_between_two_looks_is_healed_and_the_image_ends_as_it_is() {
    for effect in [Effect::CrashBefore, Effect::CrashAfter] {
        for skip in 0..14 {
            let (hub, ami) = Hub::recorded(Settings::calm()).await;
            hub.shop.aws.hub().disable_image().image_id(&ami).send().await.unwrap();
            hub.shop.aws.pass(hours(1)).await;
            hub.shop
                .aws
                .plane
                .with_tables(|tables| tables.inject(Fault::new(effect).after(skip)));
            let _ = hub.wake_or_crash(&json!({ "wake": "sweep" })).await;
            // As long as it takes: an hour until targets are compared, and the half in which a doubt nobody knows of is forgotten.
            for _ in 0..24 {
                hub.shop.aws.pass(minutes(5)).await;
                hub.sweep().await;
            }
            assert_eq!(state(&hub, &ami), held("disabled", None), "{effect:?} at {skip}");
            let placed = &hub.items()[&(String::from("T#111122223333#eu-west-1"), format!("P#{ami}"))];
            assert_eq!(placed["state"]["S"], "disabled", "{effect:?} at {skip}");
            let open = hub
                .items()
                .into_keys()
                .filter(|(pk, _)| pk.starts_with("OPEN#"))
                .count();
            assert_eq!(open, 0, "{effect:?} at {skip}");
            let inferred = hub
                .journal()
                .iter()
                .filter(|(_, heard)| heard.starts_with("inferred"))
                .count();
            assert!((1..=2).contains(&inferred), "{effect:?} at {skip}: {inferred}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn with_every_event_lost_a_copy_made_by_hand_is_found_within_the_hour() {
    let (hub, ami) = Hub::recorded(Settings::calm()).await;
    let ec2 = hub.shop.aws.hub();
    let copy = ec2.copy_image().source_image_id(&ami).source_region(IRELAND);
    let copy = copy.name("by hand").send().await.unwrap().image_id.unwrap();
    hub.shop.aws.pass(hours(4)).await;
    hub.forget_events();
    hub.sweep().await;
    assert_eq!(placement(&hub, &copy)["managed"]["BOOL"], false);
    assert_eq!(placement(&hub, &ami)["managed"]["BOOL"], true);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_cannot_be_read_hides_no_other_and_somebody_is_told() {
    let (hub, ami) = Hub::recorded(Settings::calm()).await;
    hub.admit(MEMBER);
    share(&hub.shop.aws.hub(), &ami, MEMBER).await;
    let theirs = hub.shop.aws.ec2(MEMBER, VIRGINIA);
    let copy = theirs.copy_image().source_image_id(&ami).source_region(IRELAND);
    copy.name("by hand").send().await.unwrap();
    hub.shop.aws.pass(hours(4)).await;
    for event in hub.events() {
        hub.wake(&event).await.unwrap();
    }
    hub.sweep().await;
    hub.shop.aws.hub().disable_image().image_id(&ami).send().await.unwrap();
    hub.shop.aws.pass(hours(1)).await;
    let denied = Fault::new(Effect::Deny).on("DescribeImages").account(MEMBER);
    hub.shop.aws.plane.with(|world| world.inject(denied));
    let failure = format!("{:?}", hub.wake(&json!({ "wake": "sweep" })).await.unwrap_err());
    assert!(failure.contains("222233334444/us-east-1"), "{failure}");
    assert_eq!(state(&hub, &ami), held("available", Some("disabled")));
}

#[tokio::test(start_paused = true)]
async fn an_image_of_others_that_cannot_be_looked_into_hides_no_copy_and_somebody_is_told() {
    let (hub, ami) = Hub::recorded(Settings::calm()).await;
    let build = format!("arn:aws:imagebuilder:{IRELAND}:{HUB}:image/none/1.0.0/1");
    let claims = NewImage::named("claims").tag("Ec2ImageBuilderArn", &build);
    let stranger = hub.shop.aws.image_with(HUB, IRELAND, claims);
    let of: ImageId = ami.parse().unwrap();
    let copies = ["one", "another", "a third"].map(|name| {
        let copy = NewImage::named(name).copied_from(of, IRELAND.parse().unwrap());
        hub.shop.aws.image_with(HUB, IRELAND, copy)
    });
    // It comes before one of them, at least.
    assert!(copies.iter().any(|copy| stranger < *copy));
    hub.forget_events();
    hub.shop.aws.pass(hours(1)).await;
    let denied = Fault::new(Effect::Deny).on("GetImage");
    hub.shop.aws.plane.with(|world| world.inject(denied));
    let failure = format!("{:?}", hub.wake(&json!({ "wake": "sweep" })).await.unwrap_err());
    assert!(failure.contains("failed to read the build"), "{failure}");
    for copy in &copies {
        assert_eq!(placement(&hub, copy)["managed"]["BOOL"], false);
    }
}

#[tokio::test(start_paused = true)]
async fn an_image_that_cannot_be_understood_hides_no_other_is_not_taken_for_gone_and_somebody_is_told() {
    let (hub, ami) = Hub::recorded(Settings::calm()).await;
    // Of a year of five digits.
    let odd = NewImage::named("odd").created(Time::from_millis(400_000_000_000_000));
    let odd = hub.shop.aws.image_with(HUB, IRELAND, odd);
    let record = hub.record();
    let release = record.release_of(ami.parse().unwrap(), IRELAND.parse().unwrap()).await;
    let placed = Placement {
        release: release.unwrap().unwrap(),
        target: hub::hub(),
        ami: odd.parse().unwrap(),
        managed: false,
        state: AmiState::Available,
        name: String::from("odd"),
        created: None,
        snapshots: BTreeSet::new(),
        size: 8,
        watermarks: BTreeSet::new(),
        seen: hub.moment().now,
    };
    record.place(&placed).await.unwrap();
    hub.shop.aws.hub().disable_image().image_id(&ami).send().await.unwrap();
    hub.forget_events();
    hub.shop.aws.pass(hours(1)).await;
    let failure = format!("{:?}", hub.wake(&json!({ "wake": "sweep" })).await.unwrap_err());
    assert!(failure.contains(&format!("{odd} has a bad creation date")), "{failure}");
    assert_eq!(state(&hub, &ami), held("available", Some("disabled")));
    assert_eq!(state(&hub, &odd), held("available", None));
    // Told once an hour, and what it hid nothing of is settled meanwhile.
    hub.shop.aws.pass(minutes(5)).await;
    hub.sweep().await;
    assert_eq!(state(&hub, &ami), held("disabled", None));
}
