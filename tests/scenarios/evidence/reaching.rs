//! Whom a family reaches: accounts of units as those that are named, and who left as who did not, for a while.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_ec2::types::{LaunchPermission, LaunchPermissionModifications};
use image_plane::Settings;
use record_lineage::{Gathered, gather_evidence};
use serde_json::json;
use stage::aws::{HUB, MEMBER, hours, minutes};
use steward::evidence::FamilyReach;
use steward_lambda::{Deadline, Moment};

use super::{gather, gather_again, run_one, shared, ways};
use crate::distribution::Depot;
use crate::distribution::sharing::{NESTED, ROOT, found, shut};
use crate::hub::Hub;
use stage::member::LET_IN;

const TO_THE_UNIT: &str = r#"{ share_with: {
    units: ["arn:aws:organizations::999900001111:ou/o-exampleorgid/ou-ab12-11111111"] } }"#;

/// A release that a unit may launch: the member is in it, and another account in a unit within it.
async fn in_a_unit() -> Depot {
    let depot = Depot::new(Settings::calm()).await;
    found(&depot);
    depot.hub.want(TO_THE_UNIT).await;
    depot.settle().await;
    depot
}

fn read(done: &Gathered) -> (usize, Vec<&str>) {
    (done.targets, done.unreachable.iter().map(String::as_str).collect())
}

async fn days(hub: &Hub, days: u64) {
    hub.shop.aws.pass(hours(24 * days)).await;
}

#[tokio::test(start_paused = true)]
async fn an_instance_in_an_account_of_a_unit_is_found_there_and_no_report_is_asked_for() {
    let depot = in_a_unit().await;
    let hub = &depot.hub;
    hub.admit_to_look(MEMBER);
    hub.admit_to_look(NESTED);
    let instance = run_one(hub, NESTED, &depot.built).await;
    assert_eq!(read(&gather(hub).await.unwrap()), (3, vec![]));
    assert_eq!(
        ways(hub, &depot.built).await,
        [format!("instance {instance} (running)")]
    );
    hub.shop.aws.pass(minutes(40)).await;
    depot.dispatch().await.unwrap();
    assert!(gather(hub).await.unwrap().asked.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_account_of_a_unit_that_lets_nobody_look_is_named_and_asked_about_by_reports() {
    let depot = in_a_unit().await;
    let hub = &depot.hub;
    hub.admit_to_look(MEMBER);
    let nested = format!("{NESTED}/eu-west-1");
    assert_eq!(read(&gather(hub).await.unwrap()), (3, vec![nested.as_str()]));
    depot.dispatch().await.unwrap();
    assert_eq!(gather_again(hub).await.unwrap().asked.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn while_the_organization_cannot_be_read_those_who_were_in_the_unit_are_read_and_reports_stand_for_the_others() {
    let depot = in_a_unit().await;
    let hub = &depot.hub;
    hub.admit_to_look(MEMBER);
    hub.admit_to_look(NESTED);
    assert_eq!(gather(hub).await.unwrap().targets, 3);
    depot.dispatch().await.unwrap();
    let known = hub.record().audience(&"web".parse().unwrap()).await.unwrap().unwrap();
    shut(&depot);
    hub.shop.aws.pass(minutes(40)).await;
    depot.dispatch().await.unwrap();
    let soon = gather(hub).await.unwrap();
    assert_eq!((read(&soon), soon.asked.len()), ((3, vec![]), 0));
    hub.shop.aws.pass(minutes(40)).await;
    depot.dispatch().await.unwrap();
    let late = gather(hub).await.unwrap();
    let said = format!(
        "the accounts of the units and organizations that web is shared with, as they are since {}",
        known.as_of
    );
    assert_eq!(
        (read(&late), late.asked.len()),
        ((3, vec![said.as_str()]), 1),
        "{late:?}"
    );
    // A manifest that comes meanwhile takes nobody away either.
    hub.want(&TO_THE_UNIT.replace("{ share_with", "{ exclusive: true, share_with"))
        .await;
    hub.shop.aws.pass(minutes(40)).await;
    depot.dispatch().await.unwrap();
    let said =
        "the accounts of the units and organizations that web is shared with, but those that were in them before";
    assert_eq!(read(&gather(hub).await.unwrap()), (3, vec![said]));
    // Who left is still looked at when it can be read again.
    hub.shop
        .aws
        .plane
        .with(|world| world.move_account(NESTED, ROOT))
        .unwrap();
    hub.shop
        .aws
        .plane
        .with(|world| world.delegate_organization(LET_IN))
        .unwrap();
    hub.shop.aws.pass(minutes(40)).await;
    depot.dispatch().await.unwrap();
    assert_eq!(read(&gather(hub).await.unwrap()), (3, vec![]));
    let FamilyReach { accounts, left } = hub.record().family_reach(&"web".parse().unwrap()).await.unwrap().reach;
    let id = |account: image_plane::AccountId| account.to_string().parse::<steward::AccountId>().unwrap();
    assert_eq!(accounts, BTreeSet::from([id(MEMBER)]));
    assert_eq!(left.into_keys().collect::<Vec<_>>(), [id(NESTED)]);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_left_the_manifest_is_read_for_ninety_days_and_longer_while_it_uses_an_image() {
    let (hub, ami) = shared().await;
    hub.admit_to_look(MEMBER);
    let instance = run_one(&hub, MEMBER, &ami).await;
    assert_eq!(gather(&hub).await.unwrap().targets, 2);
    hub.want("{}").await;
    assert_eq!(gather_again(&hub).await.unwrap().targets, 2);
    for _ in 0..100 {
        days(&hub, 1).await;
        assert_eq!(gather(&hub).await.unwrap().targets, 2);
    }
    assert_eq!(ways(&hub, &ami).await, [format!("instance {instance} (running)")]);
    let ec2 = hub.shop.aws.ec2(MEMBER, stage::aws::IRELAND);
    ec2.terminate_instances().instance_ids(&instance).send().await.unwrap();
    // Nobody believes at once that it is gone.
    for _ in 0..3 {
        hub.shop.aws.pass(hours(7)).await;
        drop(gather(&hub).await);
    }
    assert!(ways(&hub, &ami).await.is_empty());
    days(&hub, 1).await;
    assert_eq!(gather(&hub).await.unwrap().targets, 1);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_left_and_uses_nothing_is_read_for_ninety_days_unless_nothing_is_taken_back() {
    for (distribute, after) in [("{}", 1), ("{ exclusive: false }", 2)] {
        let (hub, _) = shared().await;
        hub.admit_to_look(MEMBER);
        gather(&hub).await.unwrap();
        hub.want(distribute).await;
        gather_again(&hub).await.unwrap();
        days(&hub, 89).await;
        assert_eq!(gather(&hub).await.unwrap().targets, 2);
        days(&hub, 1).await;
        assert_eq!(gather(&hub).await.unwrap().targets, after, "{distribute}");
    }
}

#[tokio::test(start_paused = true)]
async fn that_who_left_sees_our_images_no_more_is_as_it_should_be() {
    let (hub, ami) = shared().await;
    hub.admit_to_look(MEMBER);
    gather(&hub).await.unwrap();
    let member = LaunchPermission::builder().user_id(MEMBER.to_string()).build();
    let taken = LaunchPermissionModifications::builder().remove(member).build();
    let image = hub.shop.aws.hub().modify_image_attribute().image_id(&ami);
    image.launch_permission(taken).send().await.unwrap();
    // Who is still to see it and does not is a reason to wonder.
    let failure = format!("{:?}", gather_again(&hub).await.unwrap_err());
    assert!(
        failure.contains("images of 222233334444/eu-west-1: 0 listed where 1 are usual"),
        "{failure}"
    );
    hub.want("{}").await;
    assert_eq!(gather_again(&hub).await.unwrap().targets, 2);
}

#[tokio::test(start_paused = true)]
async fn that_the_last_image_went_is_nothing_strange_once_the_record_has_it_as_gone() {
    let (hub, ami) = shared().await;
    hub.admit_to_look(MEMBER);
    gather(&hub).await.unwrap();
    hub.shop
        .aws
        .hub()
        .deregister_image()
        .image_id(&ami)
        .send()
        .await
        .unwrap();
    let failure = format!("{:?}", gather_again(&hub).await.unwrap_err());
    let strange =
        "2 could not be read or believed; the first: images of 111122223333/eu-west-1: 0 listed where 1 are usual";
    assert!(failure.contains(strange), "{failure}");
    // What it has is compared hourly, and believed once two looks agree.
    for pause in [61, 6] {
        hub.shop.aws.pass(minutes(pause)).await;
        hub.sweep().await;
    }
    gather_again(&hub).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn of_an_account_that_left_and_lets_nobody_look_reports_tell() {
    let (hub, _) = shared().await;
    gather(&hub).await.unwrap();
    hub.want("{}").await;
    let done = gather_again(&hub).await.unwrap();
    assert_eq!(read(&done), (2, vec![format!("{MEMBER}/eu-west-1").as_str()]));
    assert_eq!(done.asked.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn of_two_runs_that_decide_at_once_whom_a_family_reaches_the_second_changes_nothing() {
    let (hub, _) = shared().await;
    let (record, web) = (hub.record(), "web".parse().unwrap());
    let reach = |accounts: &[image_plane::AccountId]| FamilyReach {
        accounts: accounts
            .iter()
            .map(|account| account.to_string().parse().unwrap())
            .collect(),
        ..FamilyReach::default()
    };
    for (first, second) in [(MEMBER, NESTED), (NESTED, HUB)] {
        let before = record.family_reach(&web).await.unwrap();
        record
            .write_family_reach(&web, &before, &reach(&[first]))
            .await
            .unwrap();
        record
            .write_family_reach(&web, &before, &reach(&[second]))
            .await
            .unwrap();
        assert_eq!(record.family_reach(&web).await.unwrap().reach, reach(&[first]));
    }
}

#[tokio::test(start_paused = true)]
async fn no_clients_are_held_of_targets_that_were_read() {
    let (hub, _) = shared().await;
    hub.admit_to_look(MEMBER);
    let (room, _) = hub.room();
    let sessions = || {
        let plane = &hub.shop.aws.plane;
        plane.with(|world| world.ledger().of("AssumeRole").done)
    };
    let mut before = sessions();
    for run in ["first", "second"] {
        let moment = Moment {
            now: hub.moment().now,
            deadline: Deadline::after(Duration::from_mins(15)),
        };
        let event = json!({ "wake": "sweep" });
        assert_eq!(gather_evidence(&room, &event, run, moment).await.unwrap().targets, 2);
        // Who comes back later begins anew: its session is part of what was let go.
        assert!(sessions() > before, "{run}");
        before = sessions();
        hub.shop.aws.pass(minutes(36)).await;
    }
}
