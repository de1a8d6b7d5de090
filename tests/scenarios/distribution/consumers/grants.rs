//! Grants for Auto Scaling after the day they were made: when somebody revokes them, when their account leaves with its roles,
//! and when they cannot be made yet.

use image_plane::{Effect, Fault, Settings, World};
use stage::aws::{HUB, MEMBER, VIRGINIA, hours, minutes};
use steward::consumers::VIEW_ROLE;

use super::{GRANT, about_to_show, encrypted, key, may_grant, uses_auto_scaling};
use crate::crash::Crash;
use crate::distribution::Depot;
use crate::distribution::said::Log;

/// A depot whose member's Auto Scaling is granted the key, and that.
async fn granted() -> (Depot, String) {
    let depot = Depot::new(Settings::calm()).await;
    let key = key(&depot, &may_grant());
    uses_auto_scaling(&depot);
    depot.hub.admit_to_view(MEMBER);
    depot.hub.want(&encrypted()).await;
    depot.settle().await;
    assert_eq!((depot.grants(&key), depot.calls(GRANT)), (1, 1));
    (depot, key)
}

/// The member is no consumer any more, and lets nobody in.
async fn leaves(depot: &Depot) {
    let role = format!("arn:aws:iam::{MEMBER}:role/{VIEW_ROLE}");
    let plane = &depot.hub.shop.aws.plane;
    plane.with(|world| world.delete_role(&role)).unwrap();
    let others = encrypted().replace("222233334444", "333344445555");
    depot.hub.want(&others).await;
}

/// What the record has of the member as a consumer.
fn remembered(depot: &Depot) -> usize {
    let items = depot.hub.items().into_keys();
    let of_it = items.filter(|(_, sk)| sk.contains(&MEMBER.to_string()));
    of_it
        .filter(|(_, sk)| sk.starts_with("VIEW#") || sk.starts_with("PUT#"))
        .count()
}

fn inject(depot: &Depot, action: &'static str) {
    let denied = Fault::new(Effect::Deny).on(action).always();
    depot.hub.shop.aws.plane.with(|world| world.inject(denied));
}

#[tokio::test(start_paused = true)]
async fn a_grant_is_the_hubs_to_take_back() {
    let (depot, key) = granted().await;
    let retired_by = depot.hub.shop.aws.plane.with(|world| world.retired_by(&key));
    assert_eq!(retired_by, [Some(format!("arn:aws:iam::{HUB}:root"))]);
}

#[tokio::test(start_paused = true)]
async fn whoever_leaves_with_its_role_keeps_no_grant() {
    let (depot, key) = granted().await;
    leaves(&depot).await;
    let asked = depot.calls("AssumeRole");
    depot.rounds(1).await;
    assert_eq!((depot.grants(&key), remembered(&depot)), (0, 0));
    depot.rounds(3).await;
    // The new consumer is asked in two Regions; who left, never.
    let findings = depot.hub.says(&["distribution", "web"]).await;
    assert!(!findings.contains(&MEMBER.to_string()), "{findings}");
    assert!(depot.calls("AssumeRole") - asked <= 6);
}

#[tokio::test(start_paused = true)]
async fn whoever_leaves_after_a_first_look_that_ended_anywhere_keeps_no_grant() {
    let mut made = 0;
    for kind in Crash::KINDS {
        for skip in 0..60 {
            let (depot, key) = about_to_show().await;
            let crash = kind.at(skip);
            crash.strike(&depot.hub.shop.aws.plane);
            if !depot.work_or_crash().await {
                break;
            }
            made += depot.grants(&key);
            let others = encrypted().replace("222233334444", "333344445555");
            depot.hub.want(&others).await;
            depot.rounds(6).await;
            assert_eq!((depot.grants(&key), remembered(&depot)), (0, 0), "{crash}");
        }
    }
    assert!(made > 4, "{made}");
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_was_made_and_not_written_down_is_taken_back_as_well() {
    let (depot, key) = granted().await;
    // As if the worker had died after its call.
    let family = "web".parse().unwrap();
    let there = format!("{MEMBER}/{VIRGINIA}").parse().unwrap();
    let mut put = depot.hub.record().put_in(&family, there).await.unwrap();
    put.grants.values_mut().for_each(|held| held.grants.clear());
    depot.hub.record().write_put(&family, there, &put).await.unwrap();
    leaves(&depot).await;
    depot.rounds(1).await;
    assert_eq!((depot.grants(&key), remembered(&depot)), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_cannot_be_taken_back_is_remembered_and_said_and_tried_once_a_day_without_waking_anybody() {
    let (depot, key) = granted().await;
    inject(&depot, "RetireGrant");
    leaves(&depot).await;
    let log = Log::default();
    let kept = tracing::subscriber::set_default(log.clone());
    depot.rounds(12).await;
    assert_eq!(depot.calls("RetireGrant"), 3);
    for days in 1..4 {
        for _ in 0..8 {
            depot.hub.shop.aws.pass(hours(3)).await;
            depot.rounds(1).await;
        }
        assert_eq!(depot.calls("RetireGrant"), 3 + days);
    }
    assert_eq!((log.times("work failed"), log.times("tried in vain")), (0, 0));
    drop(kept);
    assert_eq!(depot.grants(&key), 1);
    let said = depot.hub.says(&["distribution", "web"]).await;
    assert!(said.contains("! 222233334444/us-east-1: the grant "), "{said}");
    depot.hub.shop.aws.plane.with(World::clear_faults);
    depot.hub.shop.aws.pass(hours(24)).await;
    depot.rounds(1).await;
    assert_eq!((depot.grants(&key), remembered(&depot)), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_the_keys_administrator_revoked_is_made_again_within_a_day() {
    let (depot, key) = granted().await;
    depot.hub.shop.aws.plane.with(|world| world.revoke_grants(&key));
    assert_eq!(depot.grants(&key), 0);
    depot.a_day_later().await;
    assert_eq!((depot.grants(&key), depot.calls(GRANT)), (1, 2));
    depot.a_day_later().await;
    assert_eq!(depot.calls(GRANT), 2);
}

#[tokio::test(start_paused = true)]
async fn where_the_grants_on_a_key_cannot_be_read_none_is_made_twice_and_it_is_said() {
    let depot = Depot::new(Settings::calm()).await;
    let key = key(&depot, &may_grant());
    uses_auto_scaling(&depot);
    depot.hub.admit_to_view(MEMBER);
    inject(&depot, "ListGrants");
    depot.hub.want(&encrypted()).await;
    depot.settle().await;
    depot.a_day_later().await;
    assert_eq!((depot.grants(&key), depot.calls(GRANT)), (1, 1));
    let found = depot.unseen(VIRGINIA).await;
    assert!(found[0].contains("allow the hub kms:ListGrants"), "{found:?}");
}

#[tokio::test(start_paused = true)]
async fn where_auto_scaling_has_no_role_it_is_asked_once_a_day_whatever_else_there_is_to_show() {
    let depot = Depot::new(Settings::calm()).await;
    let key = key(&depot, &may_grant());
    depot.hub.admit_to_view(MEMBER);
    let log = Log::default();
    let kept = tracing::subscriber::set_default(log.clone());
    depot.hub.want(&encrypted()).await;
    depot.settle().await;
    assert_eq!(depot.calls(GRANT), 1);
    for team in ["api", "ops", "dev"] {
        depot
            .hub
            .want(&encrypted().replace("team: web", &format!("team: {team}")))
            .await;
        depot.settle().await;
        let copy = depot.copies().await[VIRGINIA][0].clone();
        let seen = depot.sees(MEMBER, VIRGINIA, &copy).await;
        assert_eq!(seen.get("team").map(String::as_str), Some(team));
    }
    assert_eq!(depot.calls(GRANT), 1);
    let found = depot.unseen(VIRGINIA).await;
    assert!(found[0].contains("has no role of Auto Scaling's"), "{found:?}");
    depot.a_day_later().await;
    assert_eq!(depot.calls(GRANT), 2);
    assert_eq!((log.times("work failed"), log.times("tried in vain")), (0, 0));
    drop(kept);
    uses_auto_scaling(&depot);
    depot.a_day_later().await;
    depot.hub.shop.aws.pass(minutes(5)).await;
    assert_eq!((depot.grants(&key), depot.unseen(VIRGINIA).await.len()), (1, 0));
}
