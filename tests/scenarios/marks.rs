//! The watermarks of images: read again with what else is compared once an hour.

use std::collections::BTreeSet;
use std::time::Duration;

use image_plane::{Effect, Fault, Settings};
use serde_json::json;
use stage::aws::{HUB, IRELAND, VIRGINIA, hours, minutes};
use stage::shop::{amis, distribution};
use steward::{Output, ReleaseId, Timestamp, Words};
use steward_aws::Record;

use crate::crash::Crash;
use crate::hub::{Hub, TABLE};

async fn attach(hub: &Hub, region: &'static str, ami: &str, name: &str) {
    let attach = hub.shop.aws.ec2(HUB, region).attach_image_watermark();
    attach.image_id(ami).watermark_name(name).send().await.unwrap();
}

async fn detach(hub: &Hub, ami: &str, name: &str) {
    let detach = hub.shop.aws.hub().detach_image_watermark().image_id(ami);
    let detach = detach.watermark_key(format!("{HUB}:{name}"));
    detach.send().await.unwrap();
}

async fn release_of(hub: &Hub, ami: &str) -> ReleaseId {
    let releases = hub.record().releases_with(ami.parse().unwrap()).await.unwrap();
    releases.into_iter().next().unwrap()
}

/// What the record says that an image carries.
async fn marks(hub: &Hub, ami: &str) -> Vec<String> {
    let placements = hub.record().placements(release_of(hub, ami).await).await.unwrap();
    let placement = placements.iter().find(|placement| placement.ami.to_string() == ami);
    let marks = placement.unwrap().watermarks.iter();
    marks.map(ToString::to_string).collect()
}

/// The next sweep that compares.
async fn compare(hub: &Hub) {
    hub.shop.aws.pass(hours(1)).await;
    hub.sweep().await;
}

fn words(names: &[&str]) -> BTreeSet<Words> {
    names.iter().map(|name| Words::from(*name)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_watermark_that_is_put_on_an_image_or_taken_off_is_in_the_record_within_the_hour() {
    let (hub, ami) = Hub::recorded(Settings::calm()).await;
    attach(&hub, IRELAND, &ami, "golden").await;
    attach(&hub, IRELAND, &ami, "approved").await;
    // Compared once an hour: until then nobody knows.
    hub.shop.aws.pass(minutes(5)).await;
    hub.sweep().await;
    assert!(marks(&hub, &ami).await.is_empty());
    compare(&hub).await;
    let both = ["111122223333:approved", "111122223333:golden"];
    assert_eq!(marks(&hub, &ami).await, both);
    let explained = hub.says(&["explain", &ami]).await;
    assert!(
        explained.contains("\n    marked 111122223333:approved\n    marked 111122223333:golden\n"),
        "{explained}"
    );
    detach(&hub, &ami, "golden").await;
    detach(&hub, &ami, "approved").await;
    compare(&hub).await;
    assert!(marks(&hub, &ami).await.is_empty());
    // What EC2 does not list any more says nothing new of what it carried.
    attach(&hub, IRELAND, &ami, "golden").await;
    compare(&hub).await;
    let deregister = hub.shop.aws.hub().deregister_image().image_id(&ami);
    deregister.send().await.unwrap();
    compare(&hub).await;
    assert_eq!(marks(&hub, &ami).await, ["111122223333:golden"]);
}

#[tokio::test(start_paused = true)]
async fn watermarks_are_read_with_one_list_for_each_target_and_written_where_they_changed_alone() {
    let hub = Hub::new(Settings::calm(), vec![distribution(IRELAND), distribution(VIRGINIA)]).await;
    let builds = [hub.shop.built().await, hub.shop.built().await, hub.shop.built().await];
    hub.sweep().await;
    let mut changed = Vec::new();
    for build in &builds {
        for (region, ami) in amis(&hub.shop.image(build).await) {
            if region == VIRGINIA {
                attach(&hub, VIRGINIA, &ami, "golden").await;
                changed.push(ami);
            }
        }
    }
    let before = (hub.calls_of("DescribeImages"), hub.writes());
    compare(&hub).await;
    // Two lists, and when they were compared; which builds there are, and when they were listed; for each of three images the
    // target's list twice, and the placement.
    assert_eq!(hub.calls_of("DescribeImages") - before.0, 2);
    assert_eq!(hub.writes() - before.1, 2 + 2 + 3 * 3);
    for ami in &changed {
        assert_eq!(marks(&hub, ami).await, ["111122223333:golden"]);
    }
    let before = (hub.calls_of("DescribeImages"), hub.writes());
    compare(&hub).await;
    assert_eq!(
        (hub.calls_of("DescribeImages"), hub.writes()),
        (before.0 + 2, before.1 + 2 + 2)
    );
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_while_watermarks_are_written_is_mended_although_they_are_as_before_again() {
    for kind in Crash::KINDS {
        for skip in 0.. {
            let (hub, ami) = Hub::recorded(Settings::calm()).await;
            attach(&hub, IRELAND, &ami, "golden").await;
            hub.shop.aws.pass(hours(1)).await;
            let crash = kind.at(skip);
            crash.strike(&hub.shop.aws.plane);
            let ended = hub.wake_or_crash(&json!({ "wake": "sweep" })).await;
            if ended.is_ok() {
                assert!(skip > 1, "{crash}");
                break;
            }
            detach(&hub, &ami, "golden").await;
            compare(&hub).await;
            assert!(marks(&hub, &ami).await.is_empty(), "{crash}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_who_look_at_the_same_time_the_later_is_right_whoever_writes_first() {
    let (hub, ami) = Hub::recorded(Settings::calm()).await;
    let output = Output {
        target: crate::hub::hub(),
        ami: ami.parse().unwrap(),
    };
    let (record, release) = (hub.record(), release_of(&hub, &ami).await);
    hub.shop.aws.pass(hours(1)).await;
    let early = hub.moment().now;
    let later = |minutes| -> Timestamp { early.checked_add(steward::Duration::minutes(minutes)).unwrap() };
    assert!(record.mark(release, output, &words(&["new"]), later(5)).await.unwrap());
    assert!(!record.mark(release, output, &words(&["old"]), early).await.unwrap());
    assert_eq!(marks(&hub, &ami).await, ["new"]);
    // The one that came too late left the target's list silent, so that it is compared anew: EC2 shows neither.
    compare(&hub).await;
    assert!(marks(&hub, &ami).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_who_stands_still_before_the_last_write_does_not_take_back_what_a_later_one_wrote() {
    let (hub, ami) = Hub::recorded(Settings::calm()).await;
    let output = Output {
        target: crate::hub::hub(),
        ami: ami.parse().unwrap(),
    };
    let (record, release) = (hub.record(), release_of(&hub, &ami).await);
    let other = hub.shop.aws.another_process();
    let tables = aws_sdk_dynamodb::Client::new(&other.config(HUB, IRELAND));
    let stands_still = Record::new(tables, TABLE, output.target);
    let early = hub.moment().now;
    let later = early.checked_add(steward::Duration::minutes(1)).unwrap();
    let freeze = Fault::new(Effect::FreezeAfter(Duration::from_secs(20)));
    let freeze = freeze.on("UpdateItem").after(1);
    hub.shop.aws.plane.with_tables(|tables| tables.inject(freeze));
    let (old, new) = (words(&["old"]), words(&["new"]));
    let first = stands_still.mark(release, output, &old, early);
    let second = async {
        hub.shop.aws.pass(Duration::from_secs(10)).await;
        record.mark(release, output, &new, later).await
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!((first.unwrap(), second.unwrap()), (true, true));
    assert_eq!(marks(&hub, &ami).await, ["new"]);
    assert_eq!(record.placed_in(output.target).await.unwrap()[0].watermarks, Some(new));
}
