//! Our tag on the snapshots behind our images, and on Image Builder's own of a build: put where it lacks and may be, once, and
//! written down.

use std::collections::BTreeMap;

use image_plane::{AccountId, Effect, Fault, Settings};
use record_lineage::{Tagged, tag_snapshots};
use serde_json::json;
use stage::aws::{HUB, IRELAND, MEMBER, VIRGINIA, describe, hours, minutes, snapshots};
use steward_aws::FirstValue;
use steward_lambda::Failure;

use crate::crash::Crash;
use crate::hub::Hub;
use crate::record::hub_with_a_member;

const FAMILY: &str = "image-steward:family";

async fn tag(hub: &Hub) -> Result<Tagged, Failure> {
    let (room, _) = hub.tagging_room(FirstValue::Running);
    tag_snapshots(&room, &json!({ "wake": "sweep" }), hub.moment()).await
}

/// What our tag says on each snapshot behind an image.
async fn tags(hub: &Hub, account: AccountId, region: &'static str, ami: &str) -> BTreeMap<String, Option<String>> {
    let ec2 = hub.shop.aws.ec2(account, region);
    let behind = snapshots(&describe(&ec2, ami).await);
    let seen = ec2
        .describe_snapshots()
        .set_snapshot_ids(Some(behind))
        .send()
        .await
        .unwrap();
    let said = |snapshot: &aws_sdk_ec2::types::Snapshot| {
        let mut ours = snapshot.tags().iter().filter(|tag| tag.key() == Some(FAMILY));
        ours.next().map(|tag| tag.value().unwrap().to_owned())
    };
    let snapshots = seen.snapshots().iter();
    snapshots
        .map(|snapshot| (snapshot.snapshot_id().unwrap().to_owned(), said(snapshot)))
        .collect()
}

fn calls(hub: &Hub) -> (u64, u64) {
    (
        hub.calls(),
        hub.shop.aws.plane.with(|world| world.ledger().of("CreateTags").all()),
    )
}

/// What the journal says of tagging snapshots, without when.
fn journal(hub: &Hub) -> Vec<String> {
    let entries = hub.journal().into_iter().map(|(_, heard)| heard);
    let tagged = entries.filter(|heard| heard.starts_with("tag-snapshots"));
    tagged.filter(|heard| heard.contains(": tag snap-")).collect()
}

/// The same of Image Builder's images.
fn journal_of_builds(hub: &Hub) -> Vec<String> {
    let entries = hub.journal().into_iter().map(|(_, heard)| heard);
    let tagged = entries.filter(|heard| heard.starts_with("tag-snapshots"));
    tagged.filter(|heard| heard.contains(": tag arn:")).collect()
}

/// What our tag says on Image Builder's image of a build.
async fn tag_of_build(hub: &Hub, build: &str) -> Option<String> {
    let image = hub.shop.image(build).await;
    image.tags().and_then(|tags| tags.get(FAMILY)).cloned()
}

/// The one build of a hub, which somebody started by hand.
fn build_of(hub: &Hub) -> String {
    let names = hub
        .items()
        .into_values()
        .filter_map(|item| item["name"]["S"].as_str().map(str::to_owned));
    let mut builds = names.filter(|name| name.contains(":111122223333:image/"));
    builds.next().unwrap()
}

/// Puts a tag on Image Builder's image of a build, as a person may.
async fn tag_by_hand(hub: &Hub, build: &str, family: &str) {
    let tag = hub.shop.ib.tag_resource().resource_arn(build).tags(FAMILY, family);
    tag.send().await.unwrap();
}

fn open(hub: &Hub) -> usize {
    hub.items()
        .keys()
        .filter(|(pk, _)| pk.starts_with("OPEN#tag-snapshots#"))
        .count()
}

#[tokio::test(start_paused = true)]
async fn the_snapshots_of_a_build_get_its_tag_once_and_the_journal_says_so() {
    let (hub, ami) = Hub::recorded(Settings::calm()).await;
    let before = tags(&hub, HUB, IRELAND, &ami).await;
    assert!(!before.is_empty() && before.values().all(Option::is_none), "{before:?}");
    let outcome = tag(&hub).await.unwrap();
    assert_eq!(
        (outcome.targets, outcome.snapshots, outcome.left.len()),
        (1, before.len(), 0)
    );
    let after = tags(&hub, HUB, IRELAND, &ami).await;
    assert!(after.values().all(|said| said.as_deref() == Some("web")), "{after:?}");
    let behind: Vec<String> = after.into_keys().collect();
    let said = format!(
        "tag-snapshots in 111122223333/eu-west-1: tag {} behind {ami} as of web: done",
        behind.join(", ")
    );
    assert_eq!(journal(&hub), [said]);
    assert_eq!(open(&hub), 0);
    // Within the hour nothing is asked, and after it nothing is changed.
    let (all, tagged) = calls(&hub);
    assert_eq!(tag(&hub).await.unwrap(), Tagged::default());
    assert_eq!(calls(&hub), (all, tagged));
    hub.shop.aws.pass(hours(1)).await;
    let again = tag(&hub).await.unwrap();
    assert_eq!((again.targets, again.snapshots), (1, 0));
    // A list of snapshots and one of images.
    assert_eq!(calls(&hub), (all + 2, tagged));
}

#[tokio::test(start_paused = true)]
async fn a_members_snapshots_are_tagged_by_a_role_of_its_own_that_can_move_no_tag() {
    let hub = hub_with_a_member().await;
    hub.admit(MEMBER);
    hub.admit_to_tag(MEMBER);
    let build = hub.shop.built().await;
    hub.sweep().await;
    tag(&hub).await.unwrap();
    let image = hub.shop.image(&build).await;
    let there = image.output_resources().unwrap().amis().iter();
    let there = there.filter(|ami| ami.account_id() == Some(MEMBER.to_string().as_str()));
    let there: Vec<_> = there.map(|ami| ami.image().unwrap().to_owned()).collect();
    let [ami] = there.as_slice() else { panic!("{there:?}") };
    let tagged = tags(&hub, MEMBER, VIRGINIA, ami).await;
    assert!(
        !tagged.is_empty() && tagged.values().all(|said| said.as_deref() == Some("web")),
        "{tagged:?}"
    );
    // Somebody says that it is another family's: that stays, and is said.
    let theirs = hub.shop.aws.ec2(MEMBER, VIRGINIA);
    let other = aws_sdk_ec2::types::Tag::builder().key(FAMILY).value("base").build();
    let (snapshot, _) = tagged.first_key_value().unwrap();
    theirs
        .create_tags()
        .resources(snapshot)
        .tags(other)
        .send()
        .await
        .unwrap();
    hub.shop.aws.pass(hours(1)).await;
    assert_eq!(tag(&hub).await.unwrap().snapshots, 0);
    assert_eq!(
        tags(&hub, MEMBER, VIRGINIA, ami).await[snapshot].as_deref(),
        Some("base")
    );
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_somebody_made_with_its_tags_is_left_and_said() {
    let (hub, ami) = Hub::recorded(Settings::calm()).await;
    tag(&hub).await.unwrap();
    let copy = hub
        .shop
        .aws
        .hub()
        .copy_image()
        .source_image_id(&ami)
        .source_region(IRELAND);
    let copy = copy.name("by hand").copy_image_tags(true).send().await.unwrap();
    let copy = copy.image_id().unwrap().to_owned();
    hub.shop.aws.pass(hours(2)).await;
    hub.sweep().await;
    let outcome = tag(&hub).await.unwrap();
    assert_eq!(outcome.snapshots, 0);
    let why = "the record does not say that a build of the hub, or a copy of ours, made it";
    assert_eq!(outcome.left, [format!("{copy}: {why} (111122223333/eu-west-1)")]);
    assert!(tags(&hub, HUB, IRELAND, &copy).await.values().all(Option::is_none));
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_leaves_one_entry_of_one_tag() {
    let (whole, _) = Hub::recorded(Settings::calm()).await;
    tag(&whole).await.unwrap();
    let done = journal(&whole);
    let mut crashes = 0;
    for kind in Crash::KINDS {
        for skip in 0..60 {
            let (hub, ami) = Hub::recorded(Settings::calm()).await;
            let crash = kind.at(skip);
            crash.strike(&hub.shop.aws.plane);
            let (room, process) = hub.tagging_room(FirstValue::Running);
            let event = json!({ "wake": "sweep" });
            let run = process.run(Box::pin(tag_snapshots(&room, &event, hub.moment())));
            let Err(_crashed) = run.await else { break };
            crashes += 1;
            hub.shop.aws.pass(minutes(5)).await;
            tag(&hub).await.unwrap();
            let at = crash.to_string();
            let tagged = tags(&hub, HUB, IRELAND, &ami).await;
            assert!(tagged.values().all(|said| said.as_deref() == Some("web")), "{at}");
            let entries = journal(&hub);
            assert_eq!(entries.len(), 1, "{at}: {entries:?}");
            let found = done[0].replace(": done", ": nothing was left to do");
            assert!(entries == done || entries == [found], "{at}: {entries:?}");
            assert_eq!((calls(&hub).1, open(&hub)), (1, 0), "{at}");
            assert_eq!(
                tag_of_build(&hub, &build_of(&hub)).await.as_deref(),
                Some("web"),
                "{at}"
            );
            let entries = journal_of_builds(&hub);
            assert_eq!(
                (entries.len(), hub.calls_of("TagResource")),
                (1, 1),
                "{at}: {entries:?}"
            );
        }
    }
    // Four calls of EC2, two of Image Builder, and two dozen of the table.
    assert!(crashes > 50, "{crashes}");
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_fails_is_written_down_and_is_tried_again_as_another_attempt() {
    let (hub, ami) = Hub::recorded(Settings::calm()).await;
    let plane = &hub.shop.aws.plane;
    plane.with(|world| world.inject(Fault::new(Effect::Deny).on("CreateTags").times(1)));
    let failure = format!("{:?}", tag(&hub).await.unwrap_err());
    assert!(
        failure.contains("1 could not be read or tagged; the first: failed to tag snap-"),
        "{failure}"
    );
    assert_eq!(open(&hub), 1);
    // What Image Builder has of it did not wait.
    assert_eq!(journal_of_builds(&hub).len(), 1);
    hub.shop.aws.pass(minutes(5)).await;
    tag(&hub).await.unwrap();
    assert!(tags(&hub, HUB, IRELAND, &ami).await.values().all(Option::is_some));
    let [failed, done] = &journal(&hub)[..] else {
        panic!("{:?}", journal(&hub))
    };
    assert!(failed.contains(": failed: UnauthorizedOperation"), "{failed}");
    assert!(done.ends_with(": done, attempt 2"), "{done}");
    assert_eq!(open(&hub), 0);
}

#[tokio::test(start_paused = true)]
async fn while_the_switch_is_on_nothing_is_tagged() {
    let (hub, ami) = Hub::recorded(Settings::calm()).await;
    let (room, _) = hub.tagging_room(FirstValue::Paused);
    let outcome = tag_snapshots(&room, &json!({ "wake": "sweep" }), hub.moment())
        .await
        .unwrap();
    assert!(
        outcome.paused.is_some() && (outcome.snapshots, outcome.outputs) == (0, 0),
        "{outcome:?}"
    );
    assert_eq!(tag_of_build(&hub, &build_of(&hub)).await, None);
    assert!(tags(&hub, HUB, IRELAND, &ami).await.values().all(Option::is_none));
    assert_eq!(open(&hub), 0);
    // It does not wait an hour when the switch is off again.
    assert_eq!(tag(&hub).await.unwrap().targets, 1);
}

#[tokio::test(start_paused = true)]
async fn events_wake_nothing_and_are_kept_as_refused() {
    let (hub, _) = Hub::recorded(Settings::calm()).await;
    let (room, _) = hub.tagging_room(FirstValue::Running);
    let outcome = tag_snapshots(&room, &json!({ "wake": "now" }), hub.moment())
        .await
        .unwrap();
    assert!(outcome.refused.is_some());
    let build = hub.shop.built().await;
    let event = hub
        .events()
        .into_iter()
        .find(|event| event["source"] == "aws.imagebuilder");
    let outcome = tag_snapshots(&room, &event.unwrap(), hub.moment()).await.unwrap();
    assert_eq!(
        outcome.refused.as_deref(),
        Some("snapshots are tagged by the sweep alone"),
        "{build}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_aws_failed_at_is_no_refusal_and_is_found_made() {
    let (hub, ami) = Hub::recorded(Settings::calm()).await;
    let plane = &hub.shop.aws.plane;
    let fault = Fault::new(Effect::ServerErrorAfterApply(500)).on("CreateTags").always();
    plane.with(|world| world.inject(fault));
    assert!(tag(&hub).await.is_err());
    assert_eq!((open(&hub), journal(&hub).len()), (1, 0));
    hub.shop.aws.pass(minutes(5)).await;
    tag(&hub).await.unwrap();
    assert!(tags(&hub, HUB, IRELAND, &ami).await.values().all(Option::is_some));
    let [entry] = &journal(&hub)[..] else {
        panic!("{:?}", journal(&hub))
    };
    assert!(entry.ends_with(": nothing was left to do"), "{entry}");
    assert_eq!(open(&hub), 0);
}

#[tokio::test(start_paused = true)]
async fn a_build_that_somebody_started_by_hand_gets_the_tag_of_its_image_and_is_looked_at_once() {
    let (hub, ami) = Hub::recorded(Settings::calm()).await;
    let build = build_of(&hub);
    assert_eq!(tag_of_build(&hub, &build).await, None);
    assert_eq!(tag(&hub).await.unwrap().outputs, 1);
    assert_eq!(tag_of_build(&hub, &build).await.as_deref(), Some("web"));
    let said = format!("tag-snapshots in 111122223333/eu-west-1: tag {build} behind {ami} as of web: done");
    assert_eq!(journal_of_builds(&hub), [said]);
    let looked = hub.calls_of("GetImage");
    hub.shop.aws.pass(hours(1)).await;
    assert_eq!(tag(&hub).await.unwrap().outputs, 0);
    assert_eq!((hub.calls_of("GetImage"), hub.calls_of("TagResource")), (looked, 1));
    // Whoever takes it away means it.
    let untag = hub.shop.ib.untag_resource().resource_arn(&build).tag_keys(FAMILY);
    untag.send().await.unwrap();
    hub.shop.aws.pass(hours(1)).await;
    assert_eq!(tag(&hub).await.unwrap().outputs, 0);
    assert_eq!(tag_of_build(&hub, &build).await, None);
}

#[tokio::test(start_paused = true)]
async fn that_a_build_is_gone_is_believed_by_two_looks_and_then_it_is_looked_at_no_more() {
    let (hub, _) = Hub::recorded(Settings::calm()).await;
    let delete = hub.shop.ib.delete_image().image_build_version_arn(build_of(&hub));
    delete.send().await.unwrap();
    let mut looks = Vec::new();
    for _ in 0..4 {
        let before = hub.calls_of("GetImage");
        assert_eq!(tag(&hub).await.unwrap().outputs, 0);
        looks.push(hub.calls_of("GetImage") - before);
        hub.shop.aws.pass(hours(1)).await;
    }
    assert_eq!(looks, [1, 1, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn what_a_build_is_tagged_with_is_never_moved() {
    for (family, left) in [("web", 0), ("base", 1)] {
        let (hub, ami) = Hub::recorded(Settings::calm()).await;
        let build = build_of(&hub);
        tag_by_hand(&hub, &build, family).await;
        let outcome = tag(&hub).await.unwrap();
        assert_eq!((outcome.outputs, outcome.left.len()), (0, left), "{family}");
        if let [said] = &outcome.left[..] {
            assert_eq!(
                *said,
                format!("{ami}: {build} is tagged as of base (111122223333/eu-west-1)")
            );
        }
        assert_eq!(tag_of_build(&hub, &build).await.as_deref(), Some(family));
        // What may be somebody else's was tagged by hand, and nothing by us.
        assert_eq!(hub.calls_of("TagResource"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_of_image_builder_holds_up_no_snapshot() {
    let (hub, ami) = Hub::recorded(Settings::calm()).await;
    let plane = &hub.shop.aws.plane;
    plane.with(|world| world.inject(Fault::new(Effect::Deny).on("GetImage").always()));
    let failure = format!("{:?}", tag(&hub).await.unwrap_err());
    assert!(failure.contains("for our tag"), "{failure}");
    plane.with(image_plane::World::clear_faults);
    assert!(tags(&hub, HUB, IRELAND, &ami).await.values().all(Option::is_some));
    // Nor does it wait an hour.
    hub.shop.aws.pass(minutes(5)).await;
    assert_eq!(tag(&hub).await.unwrap().outputs, 1);
}
