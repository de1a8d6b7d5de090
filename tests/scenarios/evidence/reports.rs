//! Usage reports: what EC2 tells an image's owner of accounts that let nobody look.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::ImageUsageReport;
use image_plane::{Effect, Fault, NewImage, Service};
use record_lineage::{Gathered, gather_evidence};
use serde_json::json;
use stage::aws::{HUB, IRELAND, MEMBER, STRANGER, hours, minutes, share, target};
use steward::evidence::{ReportStanding, ReportState, Said, Source};
use steward::{AmiState, Placement};
use steward_aws::Switch;

use super::{gather, gather_again, last_run, recorded, run_one, shared, uses, ways};
use crate::hub::Hub;

const CREATE: &str = "CreateImageUsageReport";

/// A release that is shared with an account of which the first run finds that it lets nobody look.
async fn beyond() -> (Hub, String) {
    let (hub, ami) = shared().await;
    let first = gather(&hub).await.unwrap();
    assert_eq!(first.unreachable, [format!("{MEMBER}/eu-west-1")]);
    // Who is only about to be tried is no cause yet.
    assert!(first.asked.is_empty());
    (hub, ami)
}

/// The reports that EC2 has of the hub's images.
async fn reports(hub: &Hub) -> Vec<ImageUsageReport> {
    let listed = hub.shop.aws.hub().describe_image_usage_reports().send().await.unwrap();
    let mut reports = listed.image_usage_reports.unwrap();
    reports.sort_by_key(|report| report.creation_time.unwrap().as_nanos());
    reports
}

async fn standing(hub: &Hub, ami: &str) -> Option<ReportStanding> {
    let held = uses(hub, ami).await.into_iter();
    let mut held = held.filter(|held| held.source == Source::Reports);
    held.next().and_then(|held| held.reports)
}

/// What is said of an image's reports.
async fn explained(hub: &Hub, ami: &str) -> Vec<String> {
    let told = hub.says(&["explain", ami]).await;
    let lines = told.lines().filter(|line| line.contains("usage report"));
    lines.map(|line| line.trim().to_owned()).collect()
}

fn asked(done: &Gathered) -> Vec<&str> {
    done.asked
        .iter()
        .map(|asked| asked.split_once(": ").unwrap().1)
        .collect()
}

fn fail(hub: &Hub, effect: Effect, times: u64) {
    let fault = Fault::new(effect).service(Service::Ec2).on(CREATE).times(times);
    hub.shop.aws.plane.with(|world| world.inject(fault));
}

#[tokio::test(start_paused = true)]
async fn who_launches_an_image_in_an_account_that_lets_nobody_look_is_known_a_day_later() {
    let (hub, ami) = beyond().await;
    let plane = &hub.shop.aws.plane;
    plane.with(|world| world.settings_mut().instance_use_lag = hours(24));
    run_one(&hub, MEMBER, &ami).await;
    let done = gather_again(&hub).await.unwrap();
    assert_eq!(done.asked, [format!("{ami} in {HUB}/eu-west-1: there is none yet")]);
    let first = reports(&hub).await;
    assert_eq!(first.len(), 1);
    assert!(first[0].tags().is_empty() && first[0].account_ids().is_empty());
    let about: Vec<_> = first[0]
        .resource_types()
        .iter()
        .filter_map(|kind| kind.resource_type())
        .collect();
    assert_eq!(about, ["ec2:Instance", "ec2:LaunchTemplate"]);
    // This report is too early: the next one, a week later, is not.
    gather_again(&hub).await.unwrap();
    assert!(ways(&hub, &ami).await.is_empty());
    hub.shop.aws.pass(hours(7 * 24)).await;
    assert_eq!(asked(&gather(&hub).await.unwrap()), ["the last one is a week old"]);
    gather_again(&hub).await.unwrap();
    let newest = reports(&hub).await.pop().unwrap().creation_time.unwrap();
    let newest = newest
        .to_millis()
        .map(steward::Timestamp::from_millisecond)
        .unwrap()
        .unwrap();
    let way = format!("account {MEMBER} with 1 instance (usage report of {newest})");
    assert_eq!(ways(&hub, &ami).await, std::slice::from_ref(&way));
    let told = hub.says(&["explain", &ami]).await;
    assert!(told.contains(&format!("\n    used by {way} in eu-west-1\n")), "{told}");
    assert!(
        told.contains(&format!("\n    a usage report asked for on {newest} shows 1 use\n")),
        "{told}"
    );
    let impact = hub.says(&["impact", "web"]).await;
    assert!(impact.contains("1 of them in use"), "{impact}");
    assert!(impact.contains(&format!("{MEMBER}  eu-west-1  {way}")), "{impact}");
    hub.says(&["revoke", "web/1.4.2/1", "--because", "a hole", "--yes"])
        .await;
    let old = hub.says(&["old", "--family", "web"]).await;
    assert!(old.contains(&format!("{MEMBER}  eu-west-1  (not told)")), "{old}");
    assert!(old.contains(&format!("a usage report of {newest}")), "{old}");
    assert!(old.contains("\n1 instance.\n"), "{old}");
    // Once somebody looks there, what is seen counts, and once.
    hub.admit_to_look(MEMBER);
    gather_again(&hub).await.unwrap();
    let old = hub.says(&["old", "--family", "web"]).await;
    assert!(
        !old.contains("usage report") && old.contains("\n1 instance.\n"),
        "{old}"
    );
}

#[tokio::test(start_paused = true)]
async fn of_an_image_that_nobody_launches_a_report_is_asked_for_once_and_shows_nothing() {
    let (hub, ami) = beyond().await;
    gather_again(&hub).await.unwrap();
    assert_eq!(standing(&hub, &ami).await, None);
    // It is pending for two minutes, and listed as that in the next run if it takes longer.
    let second = gather_again(&hub).await.unwrap();
    assert!(second.asked.is_empty());
    let made = standing(&hub, &ami).await.unwrap();
    assert_eq!((made.state, made.read), (ReportState::Available, Some(made.requested)));
    let line = format!("a usage report asked for on {} shows nothing", made.requested);
    assert_eq!(explained(&hub, &ami).await, [line]);
    assert!(ways(&hub, &ami).await.is_empty());
    let release = hub.record().releases_with(ami.parse().unwrap()).await.unwrap();
    assert!(hub.record().whereabouts(&release).await.unwrap().used.is_empty());
    // Nothing changes any more, and nothing is written but the runs.
    assert_eq!(gather_again(&hub).await.unwrap().changed, 0);
    assert_eq!(reports(&hub).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_report_that_takes_long_is_pending_and_what_the_one_before_it_showed_stays() {
    let (hub, ami) = beyond().await;
    run_one(&hub, MEMBER, &ami).await;
    gather_again(&hub).await.unwrap();
    gather_again(&hub).await.unwrap();
    let before = ways(&hub, &ami).await;
    assert_eq!(before.len(), 1);
    let plane = &hub.shop.aws.plane;
    plane.with(|world| world.settings_mut().usage_report = hours(3));
    hub.shop.aws.pass(hours(7 * 24)).await;
    gather(&hub).await.unwrap();
    let done = gather_again(&hub).await.unwrap();
    assert!(done.asked.is_empty());
    assert_eq!(ways(&hub, &ami).await, before);
    let [line] = explained(&hub, &ami).await.split_off(1).try_into().unwrap();
    assert!(
        line.contains(" shows 1 use; a newer one, asked for on ") && line.ends_with(" is pending"),
        "{line}"
    );
}

#[tokio::test(start_paused = true)]
async fn no_report_is_asked_for_where_all_who_may_use_an_image_are_read_nor_of_what_is_not_ours() {
    let (hub, ami) = shared().await;
    hub.admit_to_look(MEMBER);
    gather(&hub).await.unwrap();
    assert!(gather_again(&hub).await.unwrap().asked.is_empty());
    let (hub, _) = recorded().await;
    gather(&hub).await.unwrap();
    assert!(gather_again(&hub).await.unwrap().asked.is_empty());
    drop(ami);
    // Somebody took our tag off an image: it is not ours to ask about.
    let (hub, ami) = beyond().await;
    let tag = aws_sdk_ec2::types::Tag::builder().key("image-steward:family").build();
    hub.shop
        .aws
        .hub()
        .delete_tags()
        .resources(&ami)
        .tags(tag)
        .send()
        .await
        .unwrap();
    assert!(gather_again(&hub).await.unwrap().asked.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_crash_after_asking_asks_the_same_again_and_doubles_nothing() {
    let (hub, ami) = beyond().await;
    // What was asked for is not listed at once.
    hub.shop
        .aws
        .plane
        .with(|world| world.settings_mut().read_lag = hours(24));
    hub.shop.aws.pass(minutes(40)).await;
    fail(&hub, Effect::CrashAfter, 1);
    let (room, process) = hub.room();
    let event = json!({ "wake": "sweep" });
    let crashed = process
        .run(Box::pin(async {
            gather_evidence(&room, &event, "doomed", hub.moment()).await
        }))
        .await;
    assert!(crashed.is_err());
    let again = gather_again(&hub).await.unwrap();
    assert_eq!(again.asked.len(), 1, "{again:?}");
    hub.shop.aws.pass(hours(25)).await;
    hub.shop
        .aws
        .plane
        .with(|world| world.settings_mut().read_lag = hours(0));
    assert_eq!(reports(&hub).await.len(), 1);
    gather(&hub).await.unwrap();
    assert!(standing(&hub, &ami).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn whoever_is_told_to_slow_down_stops_asking_and_goes_on_next_time() {
    let (hub, _) = beyond().await;
    hub.shop.built().await;
    hub.sweep().await;
    // As often as the SDK tries by itself.
    fail(&hub, Effect::Throttle, 7);
    let failure = format!("{:?}", gather(&hub).await.unwrap_err());
    assert!(failure.contains("RequestLimitExceeded"), "{failure}");
    assert!(!failure.contains("more reports"), "{failure}");
    assert!(reports(&hub).await.is_empty());
    // Its lists were read all the same.
    assert!(last_run(&hub, Source::Reports).await.is_believed());
    assert_eq!(gather_again(&hub).await.unwrap().asked.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_report_that_ends_in_an_error_is_asked_for_again_an_hour_later() {
    let (hub, ami) = beyond().await;
    let (plane, region) = (&hub.shop.aws.plane, target(HUB, IRELAND).region);
    plane.with(|world| world.spoil_usage_report(region, ami.parse().unwrap(), "InternalError"));
    assert_eq!(gather_again(&hub).await.unwrap().asked.len(), 1);
    assert!(gather_again(&hub).await.unwrap().asked.is_empty());
    assert!(explained(&hub, &ami).await[0].ends_with(" ended in an error"));
    assert_eq!(
        asked(&gather_again(&hub).await.unwrap()),
        ["the last one ended in an error"]
    );
    gather_again(&hub).await.unwrap();
    assert!(explained(&hub, &ami).await[0].ends_with(" shows nothing"));
}

#[tokio::test(start_paused = true)]
async fn four_days_after_an_image_was_disabled_a_report_is_asked_for_that_tells_of_all_before() {
    let (hub, ami) = beyond().await;
    let ec2 = hub.shop.aws.hub();
    ec2.disable_image().image_id(&ami).send().await.unwrap();
    hub.shop.aws.pass(hours(1)).await;
    hub.sweep().await;
    hub.shop.aws.pass(minutes(6)).await;
    let disabled = hub.moment().now;
    hub.sweep().await;
    let placed = hub.record().placed_in(crate::hub::hub()).await.unwrap();
    assert_eq!(
        (placed[0].state, placed[0].since),
        (Some(AmiState::Disabled), Some(disabled))
    );
    assert_eq!(gather(&hub).await.unwrap().asked.len(), 1);
    let first = gather_again(&hub).await.unwrap();
    assert!(first.asked.is_empty());
    // What sees the same state again does not begin it anew.
    hub.shop.aws.pass(hours(94)).await;
    hub.sweep().await;
    assert!(gather(&hub).await.unwrap().asked.is_empty());
    hub.shop.aws.pass(hours(2)).await;
    let why = ["the last one says too little of the time before the image was disabled"];
    assert_eq!(asked(&gather(&hub).await.unwrap()), why);
    gather_again(&hub).await.unwrap();
    let after = disabled.checked_add(hours(4 * 24)).unwrap();
    assert!(standing(&hub, &ami).await.unwrap().read.unwrap() >= after);
    hub.shop.aws.pass(hours(24)).await;
    assert!(gather(&hub).await.unwrap().asked.is_empty());
}

fn thrown(paused: bool) -> Switch {
    Switch {
        paused,
        who: String::from("ada"),
        why: String::from("an audit"),
        since: "2026-01-05T08:00:00Z".parse().unwrap(),
    }
}

#[tokio::test(start_paused = true)]
async fn while_the_switch_is_on_nothing_is_asked_for_and_reading_goes_on() {
    let (hub, ami) = beyond().await;
    hub.record().throw(&thrown(true)).await.unwrap();
    let paused = gather_again(&hub).await.unwrap();
    assert!(paused.asked.is_empty() && paused.targets == 2);
    assert!(paused.paused.unwrap().starts_with("ada paused it"));
    assert!(reports(&hub).await.is_empty());
    hub.record().throw(&thrown(false)).await.unwrap();
    assert_eq!(gather_again(&hub).await.unwrap().asked.len(), 1);
    hub.record().throw(&thrown(true)).await.unwrap();
    let reading = gather_again(&hub).await.unwrap();
    // Nothing is due, so nothing is held back.
    assert_eq!(reading.paused, None);
    assert!(standing(&hub, &ami).await.is_some());
}

/// Copies of the release in the member's account, of a family that is shared with a stranger as well.
async fn copies(hub: &Hub, ami: &str, count: usize) -> Vec<String> {
    let record = hub.record();
    let release = *record
        .releases_with(ami.parse().unwrap())
        .await
        .unwrap()
        .first()
        .unwrap();
    let mut copies = Vec::new();
    for n in 0..count {
        let image = NewImage::named(&format!("copy-{n}")).tag("image-steward:family", "web");
        let copy = hub.shop.aws.image_with(MEMBER, IRELAND, image);
        let placement = Placement {
            release,
            target: format!("{MEMBER}/{IRELAND}").parse().unwrap(),
            ami: copy.parse().unwrap(),
            managed: true,
            state: AmiState::Available,
            name: format!("copy-{n}"),
            created: None,
            snapshots: BTreeSet::new(),
            size: 8,
            watermarks: std::collections::BTreeSet::new(),
            seen: hub.moment().now,
        };
        record.place(&placement).await.unwrap();
        copies.push(copy);
    }
    copies
}

#[tokio::test(start_paused = true)]
async fn a_role_that_may_not_ask_is_said_once_and_all_else_goes_on() {
    let (hub, ami) = super::shared_with(&[MEMBER, STRANGER]).await;
    share(&hub.shop.aws.hub(), &ami, STRANGER).await;
    hub.admit_to_look(MEMBER);
    let copies = copies(&hub, &ami, 3).await;
    gather(&hub).await.unwrap();
    let failure = format!("{:?}", gather_again(&hub).await.unwrap_err());
    assert!(failure.contains("1 could not be read"), "{failure}");
    assert!(
        failure.contains(&format!("usage report of {}", copies.iter().min().unwrap())),
        "{failure}"
    );
    assert!(failure.contains("UnauthorizedOperation"), "{failure}");
    // The hub's own role may.
    assert_eq!(reports(&hub).await.len(), 1);
    let member = format!("{MEMBER}/{IRELAND}").parse().unwrap();
    let gathered = hub.record().gathered().await.unwrap();
    assert_eq!(gathered[&member], Some(hub.moment().now));
}

#[tokio::test(start_paused = true)]
async fn a_role_as_members_make_it_may_ask_about_what_carries_our_tag() {
    let (hub, ami) = super::shared_with(&[MEMBER, STRANGER]).await;
    hub.admit_to_ask(MEMBER);
    let copies = copies(&hub, &ami, 2).await;
    gather(&hub).await.unwrap();
    let done = gather_again(&hub).await.unwrap();
    assert_eq!(done.asked.len(), 3);
    gather_again(&hub).await.unwrap();
    let placed = format!("{MEMBER}/{IRELAND}").parse().unwrap();
    for copy in copies {
        let held = hub.record().uses_of(copy.parse().unwrap(), placed).await.unwrap();
        assert!(held.iter().any(|held| held.reports.is_some()), "{copy}");
    }
}

#[tokio::test(start_paused = true)]
async fn reports_that_cannot_be_listed_are_said_and_take_nothing_away() {
    let (hub, ami) = beyond().await;
    run_one(&hub, MEMBER, &ami).await;
    gather_again(&hub).await.unwrap();
    gather_again(&hub).await.unwrap();
    let before = ways(&hub, &ami).await;
    assert_eq!(before.len(), 1);
    let deny = Fault::new(Effect::Deny)
        .service(Service::Ec2)
        .on("DescribeImageUsageReports");
    hub.shop.aws.plane.with(|world| world.inject(deny));
    let failure = format!("{:?}", gather_again(&hub).await.unwrap_err());
    assert!(failure.contains("reports of 111122223333/eu-west-1"), "{failure}");
    assert!(matches!(last_run(&hub, Source::Reports).await.said, Said::Unread(_)));
    assert_eq!(ways(&hub, &ami).await, before);
}
