//! Members that are to own copies no more: whoever cannot be used is dropped, and who lets nobody in is left alone in the end.

use image_plane::{Effect, Fault, RoleError, Settings, World};
use stage::aws::{MEMBER, VIRGINIA, hours, minutes};
use stage::member::TRUST;
use steward::channels::ReleaseStanding;
use steward::distribution::COPY_ROLE;

use super::{ONE, OTHER, copy_of, depot, enrol, found, lent, let_copy, nobody, standing, stood};
use crate::distribution::Depot;
use crate::distribution::said::Log;

const BOTH_IN_ONE: &str = r#"{ regions: { us-east-1: {} }, copy_to: ["222233334444", "333344445555"] }"#;
const OTHER_ALONE: &str = r#"{ regions: { us-east-1: {} }, copy_to: ["333344445555"] }"#;

/// A depot with members in an organization that the hub can read.
async fn organized() -> Depot {
    let depot = depot(Settings::calm()).await;
    enrol(&depot);
    depot
}

/// Changes something of the member's role.
fn of_role(depot: &Depot, change: impl FnOnce(&mut World, &str) -> Result<(), RoleError>) {
    let role = format!("arn:aws:iam::{MEMBER}:role/{COPY_ROLE}");
    let plane = &depot.hub.shop.aws.plane;
    plane.with(|world| change(world, &role)).unwrap();
}

/// Lets it go.
fn shut(depot: &Depot) {
    of_role(depot, World::delete_role);
}

/// Lets the dispatcher sweep for so many days; how often each day members were asked to let the hub in.
async fn asked_for(depot: &Depot, days: u32) -> Vec<u64> {
    let mut asked = Vec::new();
    for _ in 0..days {
        let before = depot.calls("AssumeRole");
        for _ in 0..24 {
            depot.hub.shop.aws.pass(hours(1)).await;
            depot.round().await;
        }
        asked.push(depot.calls("AssumeRole") - before);
    }
    asked
}

#[tokio::test(start_paused = true)]
async fn a_member_that_is_closed_suspended_or_removed_after_it_was_looked_at_is_dropped_without_a_word() {
    let ends: [fn(&mut World); 3] = [
        |world| world.close_account(MEMBER).unwrap(),
        |world| world.suspend_account(MEMBER).unwrap(),
        |world| world.remove_account(MEMBER).unwrap(),
    ];
    for end in ends {
        for wanted in [BOTH_IN_ONE, OTHER_ALONE] {
            let depot = organized().await;
            depot.hub.want(BOTH_IN_ONE).await;
            depot.settle().await;
            depot.hub.shop.aws.plane.with(end);
            shut(&depot);
            depot.hub.shop.aws.pass(minutes(30)).await;
            depot.hub.want(wanted).await;
            let log = Log::default();
            let kept = tracing::subscriber::set_default(log.clone());
            let looked = stood(&depot, MEMBER, VIRGINIA).await.unwrap().looked;
            let asked = asked_for(&depot, 3).await;
            drop(kept);
            // The other is, once a day in its two Regions.
            assert!(asked.iter().all(|times| *times <= 2), "{asked:?}");
            assert_eq!(stood(&depot, MEMBER, VIRGINIA).await.unwrap().looked, looked);
            assert_eq!((log.times("work failed"), log.times("tried in vain")), (0, 0));
            assert_eq!(standing(&depot).await, ReleaseStanding::Usable);
            assert_eq!(lent(&depot, VIRGINIA).await, nobody());
        }
    }
}

/// Denies the member's role the first that it does there.
fn deny(depot: &Depot) {
    let denied = Fault::new(Effect::Deny).on("DescribeRegions").account(MEMBER);
    depot.hub.shop.aws.plane.with(|world| world.inject(denied.always()));
}

/// Lets the member's role trust whoever knows another word.
fn mistrust(depot: &Depot) {
    let another = TRUST.replace("steward", "another");
    of_role(depot, |world, role| world.set_role_trust(role, &another));
}

type Change = fn(&Depot);

/// What keeps the hub out of the member, and what lets it in again.
const WAYS: [(Change, Change); 3] = [
    (deny, |depot| depot.hub.shop.aws.plane.with(World::clear_faults)),
    (shut, |depot| let_copy(depot, MEMBER)),
    (mistrust, |depot| {
        of_role(depot, |world, role| world.set_role_trust(role, TRUST));
    }),
];

#[tokio::test(start_paused = true)]
async fn a_member_that_lets_nobody_in_while_its_copy_is_made_is_lent_that_for_a_day_more_and_no_longer() {
    // What the role may not do, that there is none any more, and that it trusts somebody else, is the same refusal.
    for (keep_out, let_in_again) in WAYS {
        let slow = Settings {
            copy_per_gib: minutes(20),
            ..Settings::calm()
        };
        let depot = depot(slow).await;
        depot.hub.want(ONE).await;
        for _ in 0..200 {
            depot.rounds(1).await;
            let copying = stood(&depot, MEMBER, VIRGINIA).await.and_then(|stood| stood.made);
            if copying.is_some() {
                break;
            }
        }
        keep_out(&depot);
        let member = vec![MEMBER.to_string()];
        let all = (member.clone(), member);
        // Three refusals are over within the hour.
        for _ in 0..24 {
            depot.rounds(1).await;
            assert_eq!(lent(&depot, VIRGINIA).await, all);
        }
        assert!(stood(&depot, MEMBER, VIRGINIA).await.unwrap().refused >= 3);
        depot.hub.shop.aws.pass(hours(20)).await;
        depot.rounds(12).await;
        assert_eq!(lent(&depot, VIRGINIA).await, all);
        depot.hub.shop.aws.pass(hours(8)).await;
        depot.rounds(12).await;
        assert_eq!(lent(&depot, VIRGINIA).await, nobody());
        let finding = found(&depot, MEMBER, VIRGINIA).await;
        assert!(finding.contains("222233334444"), "{finding}");
        let_in_again(&depot);
        depot.hub.shop.aws.pass(hours(24)).await;
        depot.rounds(12).await;
        // It was made all the same, and is found.
        copy_of(&depot, MEMBER, VIRGINIA).await;
        assert!(stood(&depot, MEMBER, VIRGINIA).await.unwrap().settled);
    }
}

#[tokio::test(start_paused = true)]
async fn nor_do_those_who_compare_the_record_ask_for_a_member_that_is_gone() {
    let depot = organized().await;
    depot.hub.want(BOTH_IN_ONE).await;
    depot.settle().await;
    let plane = &depot.hub.shop.aws.plane;
    plane.with(|world| world.suspend_account(MEMBER)).unwrap();
    depot.round().await;
    for _ in 0..3 {
        depot.hub.shop.aws.pass(hours(1)).await;
        // What cannot be looked at fails the sweep.
        depot.hub.sweep().await;
    }
    plane.with(|world| world.reinstate_account(MEMBER)).unwrap();
    depot.round().await;
    let asked = depot.calls("AssumeRole");
    depot.hub.sweep().await;
    assert!(depot.calls("AssumeRole") > asked);
}

#[tokio::test(start_paused = true)]
async fn a_suspended_member_is_brought_its_copies_once_it_is_reinstated() {
    let depot = organized().await;
    let plane = &depot.hub.shop.aws.plane;
    plane.with(|world| world.suspend_account(MEMBER)).unwrap();
    depot.hub.want(BOTH_IN_ONE).await;
    depot.settle().await;
    copy_of(&depot, OTHER, VIRGINIA).await;
    assert_eq!(stood(&depot, MEMBER, VIRGINIA).await, None);
    let notes = depot.dispatch().await.unwrap().notes;
    assert!(
        notes
            .iter()
            .any(|note| note.contains("222233334444 cannot be used (SUSPENDED)")),
        "{notes:?}"
    );
    plane.with(|world| world.reinstate_account(MEMBER)).unwrap();
    depot.rounds(8).await;
    copy_of(&depot, MEMBER, VIRGINIA).await;
}

#[tokio::test(start_paused = true)]
async fn a_member_that_left_the_manifest_and_lets_nobody_in_is_asked_thrice_then_daily_and_wakes_nobody() {
    let depot = depot(Settings::calm()).await;
    depot.hub.want(&with_a_channel(ONE)).await;
    depot.rounds(14).await;
    let copy = copy_of(&depot, MEMBER, VIRGINIA).await;
    shut(&depot);
    depot.hub.want(&with_a_channel("{ regions: { us-east-1: {} } }")).await;
    let log = Log::default();
    let _kept = tracing::subscriber::set_default(log.clone());
    assert_eq!(asked_for(&depot, 3).await, [3, 1, 1]);
    assert_eq!((log.times("work failed"), log.times("tried in vain")), (0, 0));
    let finding = found(&depot, MEMBER, VIRGINIA).await;
    assert!(
        finding.contains("222233334444 is to own no copies any more"),
        "{finding}"
    );
    let said = depot.hub.says(&["distribution", "web"]).await;
    assert!(said.contains("222233334444 is to own no copies any more"), "{said}");
    // Once it lets the hub in, that passes.
    let_copy(&depot, MEMBER);
    asked_for(&depot, 2).await;
    assert_eq!(found(&depot, MEMBER, VIRGINIA).await, "");
    assert_eq!(copy_of(&depot, MEMBER, VIRGINIA).await, copy);
}

/// The same, where a channel points to the release.
fn with_a_channel(distribute: &str) -> String {
    format!("{distribute}\nchannels: {{ candidate: {{ from: release }} }}")
}
