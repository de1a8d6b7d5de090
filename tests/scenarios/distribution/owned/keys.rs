//! The keys of what is copied: lent to the member that copies it, found again after a crash, and taken back.

use std::collections::BTreeSet;

use image_plane::{AccountId, Effect, Fault, KeyState, Settings};
use stage::aws::{HUB, IRELAND, MEMBER, VIRGINIA, describe, hours, minutes, snapshots, target};
use steward::channels::ReleaseStanding;
use steward::distribution::{Reach, key_grant_name};
use steward_aws::{Aws, FirstValue};

use super::{admit, copy_of, depot, found, hubs, lent, nobody, owned, standing, stood};
use crate::crash::Crash;
use crate::distribution::Depot;
use crate::hub::environment;

const BY_KEY: &str = r#"{ regions: { us-east-1: { kms_key: alias/golden } }, copy_to: ["222233334444"] }"#;

/// A key of this name in an account.
fn key(depot: &Depot, account: AccountId) -> String {
    let plane = &depot.hub.shop.aws.plane;
    let key = plane.with(|world| world.create_key(target(account, VIRGINIA), Some("alias/golden"), []));
    key.to_string()
}

async fn keys_of(depot: &Depot, account: AccountId, image: &str) -> BTreeSet<String> {
    let ec2 = depot.hub.shop.aws.ec2(account, VIRGINIA);
    let behind = snapshots(&describe(&ec2, image).await);
    let seen = ec2.describe_snapshots().set_snapshot_ids(Some(behind)).send();
    let seen = seen.await.unwrap().snapshots.unwrap_or_default();
    seen.iter()
        .map(|one| one.kms_key_id().unwrap_or("none").to_owned())
        .collect()
}

/// Whether a grant lets the member's role use a key of the hub's.
async fn member_may_use(depot: &Depot, key: &str) -> bool {
    let environment = environment(FirstValue::Running);
    let aws = Aws::new(
        &depot.hub.shop.aws.config(HUB, IRELAND),
        environment.hub,
        environment.access,
    );
    let account = MEMBER.to_string().parse().unwrap();
    let name = key_grant_name(depot.release().await.parse().unwrap(), account);
    let at = aws.at(format!("{HUB}/{VIRGINIA}").parse().unwrap()).await;
    let found = at.key_grants(&key.parse().unwrap(), account, &name).await.unwrap();
    assert!(found.len() <= 1, "{found:?}");
    !found.is_empty()
}

/// Ends a worker, or the dispatcher, at a call that it makes while a member comes to its copy; false: there are fewer calls.
async fn crashes(crash: Crash) -> bool {
    let depot = depot(Settings::calm()).await;
    let (hubs, own) = (key(&depot, HUB), key(&depot, MEMBER));
    depot.hub.want(BY_KEY).await;
    // The hub's copy is there.
    depot.rounds(3).await;
    crash.strike(&depot.hub.shop.aws.plane);
    let mut crashed = false;
    for _ in 0..7 {
        depot.hub.shop.aws.pass(minutes(5)).await;
        crashed |= depot.dispatch_or_crash().await.is_err();
        crashed |= depot.work_or_crash().await;
    }
    depot.hub.shop.aws.pass(hours(1)).await;
    depot.settle().await;
    let at = crash.to_string();
    let copy = copy_of(&depot, MEMBER, VIRGINIA).await;
    assert_eq!(keys_of(&depot, MEMBER, &copy).await, BTreeSet::from([own]), "{at}");
    assert_eq!(lent(&depot, VIRGINIA).await, nobody(), "{at}");
    assert!(depot.calls("CreateGrant") >= 1, "{at}");
    assert!(!member_may_use(&depot, &hubs).await, "{at}");
    assert_eq!(depot.open_steps(), [], "{at}");
    crashed
}

/// The same at each of its calls of AWS, and at every so many-th of the table's.
async fn crash_anywhere(effect: Effect) {
    for kind in Crash::KINDS.into_iter().filter(|kind| kind.effect == effect) {
        let step = if kind.of_tables { 7 } else { 1 };
        let mut skip = 0;
        while crashes(kind.at(skip)).await {
            skip += step;
        }
        assert!(skip > 40, "{}", kind.at(skip));
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_before_any_call_leaves_one_copy_and_nothing_lent() {
    crash_anywhere(Effect::CrashBefore).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_after_any_call_leaves_one_copy_and_nothing_lent() {
    crash_anywhere(Effect::CrashAfter).await;
}

#[tokio::test(start_paused = true)]
async fn a_copy_is_encrypted_by_the_members_own_key_and_the_hubs_is_lent_to_it_for_that_alone() {
    let late = Settings {
        grant_lag: minutes(5),
        ..Settings::calm()
    };
    let depot = depot(late).await;
    let (hubs_key, own) = (key(&depot, HUB), key(&depot, MEMBER));
    depot.hub.want(BY_KEY).await;
    depot.settle().await;
    let copy = copy_of(&depot, MEMBER, VIRGINIA).await;
    assert_eq!(keys_of(&depot, MEMBER, &copy).await, BTreeSet::from([own]));
    let of_hub = hubs(&depot, VIRGINIA).await;
    assert_eq!(keys_of(&depot, HUB, &of_hub).await, BTreeSet::from([hubs_key.clone()]));
    depot.hub.shop.aws.pass(minutes(10)).await;
    assert!(!member_may_use(&depot, &hubs_key).await);
    assert_eq!(standing(&depot).await, ReleaseStanding::Usable);
    // One copy each, and none that failed for want of a key.
    assert_eq!(depot.calls("CopyImage"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_the_hub_may_not_lend_fails_those_that_need_it_and_not_the_hub() {
    let depot = depot(Settings::calm()).await;
    let hubs_key = key(&depot, HUB);
    key(&depot, MEMBER);
    depot.hub.want(BY_KEY).await;
    let denied = Fault::new(Effect::Deny).on("CreateGrant").always();
    depot.hub.shop.aws.plane.with(|world| world.inject(denied));
    depot.rounds(10).await;
    assert!(owned(&depot, MEMBER, VIRGINIA).await.is_empty());
    let finding = found(&depot, HUB, VIRGINIA).await;
    assert!(
        finding.contains(&hubs_key) && finding.contains("222233334444"),
        "{finding}"
    );
    let waits = found(&depot, MEMBER, VIRGINIA).await;
    assert!(waits.contains("may not copy the hub's"), "{waits}");
    // What is the hub's own stands as it should, and is compared as often as any.
    let hubs = stood(&depot, HUB, VIRGINIA).await.unwrap();
    assert_eq!((hubs.reach, hubs.settled), (Reach::Usable, true));
    depot.hub.shop.aws.plane.with(image_plane::World::clear_faults);
    depot.hub.shop.aws.pass(hours(6)).await;
    depot.rounds(1).await;
    depot.hub.shop.aws.pass(hours(6)).await;
    depot.settle().await;
    copy_of(&depot, MEMBER, VIRGINIA).await;
    assert!(!member_may_use(&depot, &hubs_key).await);
}

#[tokio::test(start_paused = true)]
async fn a_members_copy_that_fails_says_ec2s_reason_and_what_to_do_and_is_made_again() {
    let depot = depot(Settings::calm()).await;
    key(&depot, HUB);
    let own = key(&depot, MEMBER);
    let plane = &depot.hub.shop.aws.plane;
    let whole = plane.with(|world| world.key_policy(&own).unwrap().to_owned());
    let shows = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222233334444:root"},
        "Action":["kms:DescribeKey","kms:CreateGrant"],"Resource":"*"}}"#;
    plane.with(|world| world.set_key_policy(&own, shows).unwrap());
    depot.hub.want(BY_KEY).await;
    let mut said = String::new();
    for _ in 0..20 {
        depot.rounds(1).await;
        let stood = stood(&depot, MEMBER, VIRGINIA).await;
        if let Some(stood) = stood.filter(|stood| stood.says.to_string().contains("failed: ")) {
            said = format!("{} {}", stood.says, found(&depot, MEMBER, VIRGINIA).await);
            break;
        }
    }
    assert!(
        said.contains("Given key ID is not accessible") && said.contains("alias/golden"),
        "{said}"
    );
    plane.with(|world| world.set_key_policy(&own, &whole).unwrap());
    depot.hub.shop.aws.pass(hours(6)).await;
    depot.settle().await;
    let copy = copy_of(&depot, MEMBER, VIRGINIA).await;
    assert_eq!(keys_of(&depot, MEMBER, &copy).await, BTreeSet::from([own]));
    assert_eq!(depot.copies().await[VIRGINIA].len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_of_the_members_that_cannot_be_used_is_found_before_anything_is_copied() {
    let depot = depot(Settings::calm()).await;
    let own = key(&depot, MEMBER);
    key(&depot, HUB);
    depot.hub.want(BY_KEY).await;
    depot
        .hub
        .shop
        .aws
        .plane
        .with(|world| world.set_key_state(&own, KeyState::Disabled));
    depot.rounds(8).await;
    let finding = found(&depot, MEMBER, VIRGINIA).await;
    assert!(
        finding.contains("alias/golden") && finding.contains("is disabled"),
        "{finding}"
    );
    assert!(owned(&depot, MEMBER, VIRGINIA).await.is_empty());
    assert_eq!(found(&depot, HUB, VIRGINIA).await, "");
    depot
        .hub
        .shop
        .aws
        .plane
        .with(|world| world.set_key_state(&own, KeyState::Enabled));
    depot.hub.shop.aws.pass(hours(6)).await;
    depot.settle().await;
    copy_of(&depot, MEMBER, VIRGINIA).await;
}

#[tokio::test(start_paused = true)]
async fn the_grants_of_many_members_are_listed_together_and_all_end_once_each_has_its_copy() {
    let depot = depot(Settings::calm()).await;
    let hubs_key = key(&depot, HUB);
    let members: Vec<AccountId> = (1..=8).map(|n| AccountId::new(222_200_000_000 + n)).collect();
    for member in &members {
        admit(&depot, *member);
        key(&depot, *member);
    }
    let named: Vec<String> = members.iter().map(|member| format!("\"{member}\"")).collect();
    let by_key = BY_KEY.replace("\"222233334444\"", &named.join(", "));
    depot.hub.want(&by_key).await;
    // The hub's copy is there, and each member was looked at once.
    depot.rounds(3).await;
    let before = depot.calls("ListGrants");
    depot.rounds(2).await;
    assert_eq!(depot.calls("CreateGrant"), 8);
    assert!(depot.calls("ListGrants") - before <= 4, "{}", depot.calls("ListGrants"));
    depot.settle().await;
    for member in &members {
        copy_of(&depot, *member, VIRGINIA).await;
    }
    assert_eq!(lent(&depot, VIRGINIA).await, nobody());
    let grants = depot.hub.shop.aws.plane.with(|world| world.grants_on(&hubs_key));
    assert!(grants.is_empty(), "{grants:?}");
}
