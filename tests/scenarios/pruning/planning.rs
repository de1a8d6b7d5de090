use std::time::Duration;

use image_plane::{Effect, Fault, Service};
use stage::aws::{HUB, IRELAND, hours, minutes};
use steward::Timestamp;
use steward::pruning::Effect as Change;
use steward::pruning::LetThrough;

use super::described::assert_described;
use super::{RETAIN, Yard};
use crate::evidence::gather;

/// The images that steps would deprecate.
fn deprecated(effects: &[Change]) -> Vec<String> {
    let deprecated = effects.iter().filter_map(|effect| match effect {
        Change::Deprecate { ami, .. } => Some(ami.to_string()),
        _ => None,
    });
    deprecated.collect()
}

#[tokio::test(start_paused = true)]
async fn what_nobody_needs_begins_to_go_and_the_newest_stays() {
    let yard = Yard::new(3, RETAIN).await;
    yard.hub.shop.aws.pass(hours(48)).await;
    let planned = yard.plan_later().await;
    assert_eq!(
        (planned.families, planned.expendable, planned.kept, planned.blocked),
        (1, 2, 1, 0)
    );
    assert_eq!(planned.messages, 1);
    assert_eq!(deprecated(&yard.sent()), yard.images[..2]);
    // It is written down since when they are, and the next plan counts from then.
    let since = |ami: &str| {
        let items = yard.hub.items();
        let placed = items.keys().find(|(pk, sk)| pk.starts_with("R#") && sk.ends_with(ami));
        let (release, _) = placed.unwrap().clone();
        items[&(release, String::from("META"))]["expendable"]["S"].clone()
    };
    let first = since(&yard.images[0]);
    assert!(first.is_string());
    assert!(since(&yard.images[2]).is_null());
    yard.plan_later().await;
    assert_eq!(since(&yard.images[0]), first);
}

#[tokio::test(start_paused = true)]
async fn in_observe_mode_all_is_planned_and_nothing_begun() {
    let yard = Yard::new(3, RETAIN).await;
    yard.hub.shop.aws.pass(hours(48)).await;
    gather(&yard.hub).await.unwrap();
    let before = yard.hub.items();
    let planned = yard.observe().await;
    assert_eq!(
        (planned.expendable, planned.kept, planned.steps, planned.messages),
        (2, 1, 2, 0)
    );
    assert!(yard.sent().is_empty());
    let mut after = yard.hub.items();
    after.retain(|(_, sk), _| !["PRUNED", "NEWS"].contains(&sk.as_str()));
    assert_eq!(after, before);
}

#[tokio::test(start_paused = true)]
async fn without_fresh_evidence_a_family_is_blocked_whole() {
    let yard = Yard::new(3, RETAIN).await;
    yard.hub.shop.aws.pass(hours(48)).await;
    // Nobody has asked yet.
    let planned = yard.plan().await.unwrap();
    assert_eq!((planned.expendable, planned.blocked, planned.messages), (0, 3, 0));
    assert_eq!(
        planned.held_up,
        ["web: the evidence of 111122223333/eu-west-1 was never read"]
    );
    // Somebody has, too long ago.
    gather(&yard.hub).await.unwrap();
    yard.hub.shop.aws.pass(minutes(61)).await;
    let planned = yard.plan().await.unwrap();
    assert_eq!((planned.expendable, planned.blocked, planned.messages), (0, 3, 0));
    let [why] = planned.held_up.as_slice() else {
        panic!("{:?}", planned.held_up)
    };
    assert!(why.ends_with("more than an hour ago"), "{why}");
    assert!(yard.sent().is_empty());
    let planned = yard.plan_later().await;
    assert_eq!((planned.expendable, planned.blocked), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn what_somebody_runs_or_a_channel_points_to_stays() {
    let yard = Yard::new(4, RETAIN).await;
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let run = ec2.run_instances().image_id(&yard.images[0]).min_count(1).max_count(1);
    let started = run.send().await.unwrap();
    let instance = started.instances()[0].instance_id().unwrap().to_owned();
    yard.hub.shop.aws.pass(hours(48)).await;
    ec2.stop_instances().instance_ids(&instance).send().await.unwrap();
    let planned = yard.plan_later().await;
    assert_eq!((planned.expendable, planned.kept), (2, 2));
    assert_eq!(deprecated(&yard.sent()), yard.images[1..3]);
}

#[tokio::test(start_paused = true)]
async fn a_family_is_planned_hourly_for_a_new_manifest_and_when_a_rung_falls_due() {
    let yard = Yard::new(2, RETAIN).await;
    yard.hub.shop.aws.pass(hours(48)).await;
    assert_eq!(yard.plan_later().await.families, 1);
    yard.hub.shop.aws.pass(minutes(5)).await;
    assert_eq!(yard.plan().await.unwrap().families, 0);
    yard.want(&RETAIN.replace("deprecate: 0d", "deprecate: 30m")).await;
    assert_eq!(yard.plan().await.unwrap().families, 1);
    yard.hub.shop.aws.pass(minutes(5)).await;
    assert_eq!(yard.plan().await.unwrap().families, 0);
    // The release became expendable ten minutes ago.
    yard.hub.shop.aws.pass(minutes(20)).await;
    assert_eq!(yard.plan().await.unwrap().families, 1);
}

#[tokio::test(start_paused = true)]
async fn more_at_once_than_the_manifest_allows_waits_for_a_person_who_lets_through_just_that() {
    let yard = Yard::new(4, &RETAIN.replace("100%", "25%")).await;
    yard.hub.shop.aws.pass(hours(48)).await;
    let planned = yard.plan_later().await;
    assert_eq!(
        (planned.expendable, planned.kept, planned.blocked, planned.messages),
        (0, 1, 3, 0)
    );
    let [why] = planned.held_up.as_slice() else {
        panic!("{:?}", planned.held_up)
    };
    let (says, digest) = why.rsplit_once(' ').unwrap();
    assert_eq!(
        says,
        "web: 3 releases would go at once, and 1 may: `steward prune --family web --accept"
    );
    let let_through = LetThrough {
        digest: digest.trim_end_matches('`').to_owned(),
        who: String::from("ann"),
        at: yard.hub.moment().now,
        manifest: 1,
        plan: None,
    };
    let family = "web".parse().unwrap();
    yard.hub.shop.aws.pass(minutes(5)).await;
    let let_through = LetThrough {
        at: yard.hub.moment().now,
        ..let_through
    };
    yard.hub
        .record()
        .write_let_through(&family, &let_through)
        .await
        .unwrap();
    let planned = yard.plan().await.unwrap();
    assert_eq!(
        (planned.expendable, planned.kept, planned.blocked, planned.messages),
        (3, 1, 0, 1)
    );
    assert_eq!(deprecated(&yard.sent()), yard.images[..3]);
}

#[tokio::test(start_paused = true)]
async fn what_another_hand_untagged_is_not_ours_any_more_and_what_is_tagged_to_stay_does() {
    let yard = Yard::new(4, &RETAIN.replace("limits", "keep_tags: { keep: \"true\" }, limits")).await;
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let family = aws_sdk_ec2::types::Tag::builder().key("image-steward:family").build();
    let untag = ec2.delete_tags().resources(&yard.images[0]).tags(family);
    untag.send().await.unwrap();
    let keep = aws_sdk_ec2::types::Tag::builder().key("keep").value("true").build();
    let tag = ec2.create_tags().resources(&yard.images[1]).tags(keep);
    tag.send().await.unwrap();
    yard.hub.shop.aws.pass(hours(48)).await;
    let planned = yard.plan_later().await;
    assert_eq!((planned.expendable, planned.kept), (1, 3));
    assert_eq!(deprecated(&yard.sent()), yard.images[2..3]);
}

#[tokio::test(start_paused = true)]
async fn while_the_switch_is_thrown_nothing_is_sent() {
    let yard = Yard::new(3, RETAIN).await;
    yard.hub.shop.aws.pass(hours(48)).await;
    yard.hub.says(&["pause", "--because", "a test"]).await;
    let planned = yard.plan_later().await;
    assert_eq!((planned.expendable, planned.blocked, planned.messages), (0, 3, 0));
    assert!(yard.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_goes_for_good_is_announced_a_day_before_and_not_at_all_where_nobody_can_be_told() {
    let yard = Yard::new(2, &RETAIN.replace("delete: 30d", "delete: 20d")).await;
    yard.hub.shop.aws.pass(hours(48)).await;
    yard.plan_later().await;
    // As if a worker had been at it.
    yard.disabled(&yard.images[0]).await;
    yard.hub.shop.aws.pass(hours(18 * 24)).await;
    assert_eq!(yard.plan_later().await.announced, 0);
    yard.hub.shop.aws.pass(hours(24)).await;
    yard.sent();
    let broken = Fault::new(Effect::Deny).service(Service::Sns).always();
    yard.hub.shop.aws.plane.with(|world| world.inject(broken));
    let planned = yard.plan_later().await;
    assert_eq!((planned.announced, planned.unannounced), (0, 1));
    yard.hub.shop.aws.plane.with(image_plane::World::clear_faults);
    // It was to go, and nobody knew. The day begins when they are told, not when somebody began to plan.
    yard.hub.shop.aws.pass(hours(24)).await;
    let slow = Fault::new(Effect::FreezeAfter(Duration::from_secs(4))).on("Publish");
    yard.hub.shop.aws.plane.with(|world| world.inject(slow));
    let planned = yard.plan_later().await;
    assert_eq!((planned.announced, planned.blocked, planned.messages), (1, 1, 0));
    let announced: Timestamp = yard.placed(&yard.images[0], "announced").unwrap().parse().unwrap();
    let since = yard.hub.moment().now.checked_since(announced).unwrap();
    assert!(since < Duration::from_secs(2), "{since:?}");
    let mut told = yard.hub.shop.aws.plane.with(image_plane::World::take_published);
    told.retain(|message| {
        message
            .subject
            .as_deref()
            .is_some_and(|subject| subject.ends_with("to be deregistered"))
    });
    let [message] = told.as_slice() else { panic!("{told:?}") };
    assert!(message.message.contains(&yard.images[0]), "{}", message.message);
    assert_described(&serde_json::from_str(&message.message).unwrap());
    yard.hub.shop.aws.pass(hours(22)).await;
    let planned = yard.plan_later().await;
    assert_eq!((planned.announced, planned.blocked, planned.messages), (0, 1, 0));
    let planned = yard.plan_later().await;
    assert_eq!((planned.announced, planned.blocked, planned.messages), (0, 0, 1));
    let sent = yard.sent();
    let going: Vec<&Change> = sent
        .iter()
        .filter(|effect| matches!(effect, Change::Deregister { .. }))
        .collect();
    assert_eq!(going.len(), 1, "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn a_later_reading_that_nobody_believes_blocks_although_the_last_whole_one_is_of_this_hour() {
    let yard = Yard::new(2, RETAIN).await;
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let run = ec2.run_instances().image_id(&yard.images[1]).min_count(1).max_count(1);
    let instance = run.send().await.unwrap().instances()[0]
        .instance_id()
        .unwrap()
        .to_owned();
    yard.hub.shop.aws.pass(hours(48)).await;
    gather(&yard.hub).await.unwrap();
    ec2.terminate_instances().instance_ids(&instance).send().await.unwrap();
    yard.hub.shop.aws.pass(minutes(40)).await;
    // One instance where one was usual, and now none.
    gather(&yard.hub).await.unwrap_err();
    let planned = yard.plan().await.unwrap();
    assert_eq!((planned.expendable, planned.blocked, planned.messages), (0, 2, 0));
}

#[tokio::test(start_paused = true)]
async fn what_the_queue_did_not_take_is_sent_by_the_next_sweep() {
    let yard = Yard::new(2, RETAIN).await;
    yard.hub.shop.aws.pass(hours(48)).await;
    gather(&yard.hub).await.unwrap();
    let broken = Fault::new(Effect::Deny).service(Service::Sqs).always();
    yard.hub.shop.aws.plane.with(|world| world.inject(broken));
    yard.plan().await.unwrap_err();
    yard.hub.shop.aws.plane.with(image_plane::World::clear_faults);
    yard.hub.shop.aws.pass(minutes(5)).await;
    assert_eq!(yard.plan().await.unwrap().messages, 1);
    assert_eq!(deprecated(&yard.sent()), yard.images[..1]);
}

#[tokio::test(start_paused = true)]
async fn whom_a_new_manifest_names_is_needed_before_evidence_was_ever_gathered_for_it() {
    let yard = Yard::new(2, &RETAIN.replace("30d", "10d").replace("14d", "9d")).await;
    yard.hub.shop.aws.pass(hours(48)).await;
    gather(&yard.hub).await.unwrap();
    let distribute = "{ regions: { eu-west-1: {} }, share_with: { accounts: [\"222233334444\"] } }";
    yard.hub.want(&format!("{distribute}\n{RETAIN}")).await;
    let told = yard.hub.says(&["plan", "prune", "web", "--format", "json"]).await;
    let next: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(next[0]["plan"]["expendable"][0]["image"], yard.images[0]);
    let family = "web".parse().unwrap();
    let (record, now) = (yard.hub.record(), yard.hub.moment().now);
    let around = record.around(steward_aws::FirstValue::Running).await.unwrap();
    let holding = record.holding(&family).await.unwrap().unwrap();
    let manifest = holding.manifest.unwrap();
    let facts = record
        .pruning_facts((&manifest, holding.version), &around, now)
        .await
        .unwrap();
    assert_eq!(facts.shared, steward::pruning::Shared::WithoutRoles);
    let mut images = facts.releases.iter().flat_map(|release| &release.placements);
    assert!(images.all(|image| image.found.is_some()));
}

#[tokio::test(start_paused = true)]
async fn a_region_that_is_not_enabled_blocks_no_family_that_has_nothing_there() {
    let yard = Yard::new(3, RETAIN).await;
    yard.hub
        .want(&format!(
            "{{ regions: {{ eu-west-1: {{}}, ap-east-1: {{}} }} }}\n{RETAIN}"
        ))
        .await;
    yard.hub.shop.aws.pass(hours(48)).await;
    // That it cannot be read is said.
    let failure = format!("{:?}", gather(&yard.hub).await.unwrap_err());
    assert!(failure.contains("ap-east-1"), "{failure}");
    let planned = yard.plan().await.unwrap();
    assert_eq!((planned.expendable, planned.blocked), (2, 0));
    assert_eq!(deprecated(&yard.sent()), yard.images[..2]);
}
