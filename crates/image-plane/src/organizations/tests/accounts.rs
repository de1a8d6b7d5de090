use std::time::Duration;

use serde_json::json;

use super::{Bench, MANAGEMENT, MEMBER, OUTSIDER, PRODUCTION, ROOT, SANDBOX, account, member};
use crate::organizations::OrganizationError;
use crate::sts::tests::{root, who_am_i};
use crate::time::Time;
use crate::world::accounts::AccountState;
use crate::world::settings::Settings;

#[test]
fn an_account_says_where_it_is_how_it_came_and_how_it_stands() {
    let mut bench = Bench::new();
    assert_eq!(
        bench.described(MEMBER),
        json!({
            "Id": MEMBER,
            "Arn": "arn:aws:organizations::999900001111:account/o-exampleorgid/222233334444",
            "Email": "account-222233334444@example.com",
            "Name": "Web",
            "State": "ACTIVE",
            "Status": "ACTIVE",
            "Paths": ["o-exampleorgid/r-ab12/ou-ab12-11111111/ou-ab12-22222222/222233334444/"],
            "JoinedMethod": "CREATED",
            "JoinedTimestamp": 1_768_758_656.789,
        })
    );
    assert_eq!(
        bench.described(MANAGEMENT)["Paths"],
        json!(["o-exampleorgid/r-ab12/999900001111/"])
    );
}

#[test]
fn a_state_tells_more_than_a_status() {
    let mut bench = Bench::new();
    for (state, shown, status) in [
        (AccountState::PendingActivation, "PENDING_ACTIVATION", "SUSPENDED"),
        (AccountState::Active, "ACTIVE", "ACTIVE"),
        (AccountState::Suspended, "SUSPENDED", "SUSPENDED"),
        (AccountState::PendingClosure, "PENDING_CLOSURE", "PENDING_CLOSURE"),
        (AccountState::Closed, "CLOSED", "SUSPENDED"),
    ] {
        bench.world.account_mut(member()).state = state;
        let told = bench.described(MEMBER);
        assert_eq!((&told["State"], &told["Status"]), (&json!(shown), &json!(status)));
    }
}

#[test]
fn the_status_is_retired_on_september_9_2026_and_the_state_stays() {
    let mut bench = Bench::new();
    bench.world.settle(Time::parse("2026-09-08T23:59:59.999Z").unwrap());
    assert_eq!(bench.described(MEMBER)["Status"], "ACTIVE");
    bench.pass(Duration::from_millis(1));
    let told = bench.described(MEMBER);
    assert_eq!((told.get("Status"), &told["State"]), (None, &json!("ACTIVE")));
}

#[test]
fn an_account_that_is_being_closed_works_until_it_is_closed_and_is_gone_90_days_later() {
    let mut bench = Bench::new();
    bench.world.close_account(member()).unwrap();
    assert_eq!(bench.described(MEMBER)["State"], "PENDING_CLOSURE");
    assert!(who_am_i(&mut bench.world, &root(MEMBER)).is_ok());
    bench.pass(Duration::from_mins(5));
    assert_eq!(bench.described(MEMBER)["State"], "CLOSED");
    assert!(who_am_i(&mut bench.world, &root(MEMBER)).is_err());
    bench.pass(Duration::from_hours(90 * 24 - 1));
    assert_eq!(bench.below(PRODUCTION), [MEMBER], "closed accounts are listed");
    bench.pass(Duration::from_hours(1));
    assert!(bench.below(PRODUCTION).is_empty());
    let gone = bench.refused("DescribeAccount", &json!({ "AccountId": MEMBER }));
    assert_eq!(gone.1, "AccountNotFoundException");
}

#[test]
fn a_reinstated_account_stays_although_it_was_closed() {
    let mut bench = Bench::new();
    bench.world.close_account(member()).unwrap();
    bench.pass(Duration::from_hours(24));
    bench.world.reinstate_account(member()).unwrap();
    bench.pass(Duration::from_hours(100 * 24));
    assert_eq!(bench.below(PRODUCTION), [MEMBER]);
    assert_eq!(bench.described(MEMBER)["State"], "ACTIVE");
    assert!(who_am_i(&mut bench.world, &root(MEMBER)).is_ok());
}

#[test]
fn a_suspended_account_is_listed_and_answers_nothing() {
    let mut bench = Bench::new();
    bench.world.suspend_account(member()).unwrap();
    assert_eq!(bench.described(MEMBER)["State"], "SUSPENDED");
    assert!(who_am_i(&mut bench.world, &root(MEMBER)).is_err());
    bench.world.reinstate_account(member()).unwrap();
    assert!(who_am_i(&mut bench.world, &root(MEMBER)).is_ok());
}

#[test]
fn what_cannot_happen_to_an_account_is_refused() {
    let mut bench = Bench::new();
    let (management, outsider) = (account(MANAGEMENT), account(OUTSIDER));
    let world = &mut bench.world;
    assert_eq!(
        world.close_account(management),
        Err(OrganizationError::Management(management))
    );
    assert_eq!(
        world.remove_account(management),
        Err(OrganizationError::Management(management))
    );
    assert_eq!(
        world.move_account(outsider, ROOT),
        Err(OrganizationError::NotMember(outsider))
    );
    assert_eq!(
        world.move_account(member(), PRODUCTION),
        Err(OrganizationError::There(member()))
    );
    assert_eq!(
        world.move_account(member(), "ou-ab12-99999999"),
        Err(OrganizationError::Unknown("ou-ab12-99999999".into()))
    );
    assert_eq!(world.invite_account(member()), Err(OrganizationError::Member(member())));
    assert_eq!(
        world.accept_invitation(outsider, "x"),
        Err(OrganizationError::NotInvited(outsider))
    );
    world.close_account(member()).unwrap();
    let pending = OrganizationError::State(member(), AccountState::PendingClosure);
    assert_eq!(world.close_account(member()), Err(pending));
}

#[test]
fn a_moved_account_shows_late_and_may_be_seen_nowhere_at_all() {
    let settings = Settings {
        organization_lag: Duration::from_secs(30),
        ..Settings::calm()
    };
    let mut bench = Bench::with(7, settings);
    bench.pass(Duration::from_mins(1));
    bench.world.move_account(member(), SANDBOX).unwrap();
    bench.pass(Duration::from_secs(15));
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..100 {
        seen.insert((bench.below(PRODUCTION).len(), bench.below(SANDBOX).len()));
    }
    let each = [(0, 0), (0, 1), (1, 0), (1, 1)];
    assert_eq!(
        seen.into_iter().collect::<Vec<_>>(),
        each,
        "each call draws its own age"
    );
    bench.pass(Duration::from_secs(16));
    for _ in 0..100 {
        assert_eq!((bench.below(PRODUCTION).len(), bench.below(SANDBOX).len()), (0, 1));
    }
}
