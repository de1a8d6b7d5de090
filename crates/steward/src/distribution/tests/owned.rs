//! Copies that members own.

use std::collections::BTreeSet;

use super::super::*;
use super::stage::*;
use crate::{AmiState, Duration, Target, Timestamp, testing};

fn missing() -> Case {
    of_member(nowhere())
}

fn owned() -> Case {
    of_member(nowhere().holding(7, our_copy(7)))
}

fn copied(case: &Case) -> bool {
    let steps = case.plan().steps;
    steps.iter().any(|step| matches!(step, DistributionStep::Copy { .. }))
}

/// Encrypted as the hub has it.
fn encrypted(mut case: Case) -> Case {
    let there = case.source().snapshots.values_mut().next().unwrap();
    there.encryption = Encryption::Key(key(KEY));
    case
}

#[track_caller]
fn assert_blocked(case: &Case, finding: &MemberFinding) {
    let plan = case.plan();
    assert_eq!(plan.standing, TargetStanding::Blocked);
    assert_eq!(plan.steps, []);
    assert_eq!(plan.findings, [Finding::Member(finding.clone())]);
}

#[test]
fn a_member_owns_a_copy_in_each_region_that_the_manifest_names() {
    let by = |regions: &str| distribution_targets(&manifest(regions), home(), &[account(1)].into());
    let both = by("regions: { eu-west-1: {}, us-east-1: {} }");
    let of_member = Target::new(account(1), home().region());
    assert_eq!(both, [home(), away(), of_member, member()].into());
    // Where it is built, only if that is named too.
    assert_eq!(by("regions: { us-east-1: {} }"), [home(), away(), member()].into());
}

#[test]
fn a_member_copies_the_hubs_in_its_region_with_our_tags() {
    let plan = missing().plan();
    assert_eq!((plan.standing, plan.findings), (TargetStanding::Missing, vec![]));
    assert_eq!(
        plan.steps,
        [DistributionStep::Copy {
            from: missing().going.source.output,
            name: String::from("web/1.4.2/7-arm64-01234567"),
            key: None,
            tags: our_tags(),
        }]
    );
    let plan = owned().plan();
    assert_eq!(plan.standing, TargetStanding::There(ami(7)));
    assert!(plan.rests() && plan.findings.is_empty());
    assert_eq!((plan.reach(false), plan.lent), (Reach::Usable, Lent::default()));
}

#[test]
fn who_is_to_own_none_gets_none_and_keeps_what_there_is() {
    let mut case = missing();
    case.owners.clear();
    assert_eq!(case.plan().standing, TargetStanding::NotWanted);
    assert!(!copied(&case));
    let elsewhere = missing().by("regions: { eu-west-1: {} }");
    assert_eq!(elsewhere.plan().standing, TargetStanding::NotWanted);
    let mut case = owned();
    case.owners.clear();
    assert_eq!(case.plan().standing, TargetStanding::There(ami(7)));
    assert!(case.plan().rests());
}

#[test]
fn nothing_is_copied_before_the_hub_lets_it_be() {
    let not_lent = MemberFinding::NotLent {
        ami: ami(2),
        account: account(1),
    };
    let mut case = missing();
    case.source().grants = Some(BTreeSet::new());
    assert_blocked(&case, &not_lent);
    let mut case = missing();
    case.source().snapshots.values_mut().next().unwrap().permitted = Some([copier(2)].into());
    assert_blocked(&case, &not_lent);
    let mut case = missing();
    case.source().grants = None;
    assert_blocked(&case, &not_lent);
    let mut public = missing();
    public.source().grants = Some([Grantee::Everybody].into());
    public.source().snapshots.values_mut().next().unwrap().permitted = Some([Copier::Everybody].into());
    assert!(copied(&public));
    let mut case = encrypted(missing());
    assert_blocked(&case, &not_lent);
    assert!(case.plan().waits_for_the_hub() && !case.plan().is_stuck());
    // The hub can do nothing about a key of the member's.
    let mut keyless = case.clone().with_key();
    keyless.seen.key = Some(KeySeen::Unusable(KeyProblem::Unreadable("denied".into())));
    assert!(!keyless.plan().waits_for_the_hub() && keyless.plan().is_stuck());
    assert!(!missing().plan().waits_for_the_hub() && !missing().plan().is_stuck());
    case.lending.grants = [key_grant(KEY, 2), key_grant(OTHER_KEY, 1)].into();
    assert_blocked(&case, &not_lent);
    case.lending.grants.insert(key_grant(KEY, 1));
    assert!(copied(&case));
}

#[test]
fn a_region_that_is_not_enabled_for_a_member_is_said_of_it() {
    let mut case = missing();
    case.seen.enabled = false;
    case.source().grants = Some(BTreeSet::new());
    assert_blocked(&case, &MemberFinding::RegionOff(member()));
}

#[test]
fn a_member_without_a_key_of_its_own_gets_its_default_key_as_nothing_is_shared_of_it() {
    let mut case = encrypted(missing()).shared_with(&[unit()]);
    case.lending.grants = [key_grant(KEY, 1)].into();
    assert!(copied(&case));
}

#[test]
fn what_a_member_shares_itself_is_left_alone_and_said_where_grants_are_exclusive() {
    let mut case = owned().shared_with(&[grantee(3)]).copied_by(&[copier(3)]);
    case.image(7).grants = Some([grantee(1), grantee(2)].into());
    case.snapshot().permitted = Some([copier(1), Copier::Everybody].into());
    let plan = case.plan();
    assert!(plan.rests());
    assert_eq!(
        plan.findings,
        [Finding::Member(MemberFinding::Shares {
            ami: ami(7),
            owner: account(1),
            who: [grantee(2), Grantee::Everybody].into()
        })]
    );
    assert_eq!(plan.reach(false), Reach::Usable);
    case.distribute.exclusive = false;
    assert_eq!(case.plan().findings, []);
}

#[test]
fn a_members_copy_that_failed_goes_first_and_names_the_key_and_its_policy() {
    let mut case = encrypted(missing());
    let mut failed = owned().seen.images.remove(&ami(7)).unwrap();
    failed.state = AmiState::Failed;
    failed.why = Some("Given key ID is not accessible".into());
    case = case.holding(7, failed);
    let plan = case.plan();
    assert_eq!(plan.steps, [DistributionStep::DeregisterFailed { ami: ami(7) }]);
    let [
        Finding::Member(MemberFinding::CopyFailed {
            key: named, statement, ..
        }),
    ] = plan.findings.as_slice()
    else {
        panic!("{:?}", plan.findings);
    };
    assert_eq!(*named, Some(key(KEY)));
    assert!(statement.contains("arn:aws:iam::222200000001:root"), "{statement}");
    // Its own key rather, where the manifest names one.
    let keyed = case.with_key().plan();
    let own = "arn:aws:kms:us-east-1:222200000001:alias/golden";
    assert!(
        keyed.findings.iter().any(|finding| finding.to_string().contains(own)),
        "{keyed:?}"
    );
}

fn stood(lacks: bool, stuck: bool) -> Stood {
    Stood {
        lacks,
        stuck,
        ..testing::stood()
    }
}

/// So many minutes after that.
fn later(minutes: u16) -> Timestamp {
    let looked = testing::stood().looked;
    looked.checked_add(Duration::minutes(minutes)).unwrap()
}

#[test]
fn a_member_lacks_its_copy_until_it_stands_and_one_that_it_retired_it_does_not() {
    let (has, lacks, stuck) = (stood(false, false), stood(true, false), stood(true, true));
    let distribute = manifest(PLAIN);
    let owners = [account(1), account(2), account(3), account(4)].into();
    let standing = |target: Target| match target.account() {
        one if one == account(1) => Some(&has),
        two if two == account(2) => Some(&lacks),
        three if three == account(3) => Some(&stuck),
        _ => None,
    };
    let lacking = |region: &str| lacking(region.parse().unwrap(), &distribute, &owners, standing);
    // Nothing is lent where nobody is let in, or nobody has looked yet.
    assert_eq!(lacking("us-east-1"), [account(2)].into());
    // No copy is wanted there.
    assert_eq!(lacking("ap-south-1"), [].into());
    for (standing, lacks) in [
        (TargetStanding::NotWanted, false),
        (TargetStanding::There(ami(7)), false),
        (TargetStanding::OnLadder(ami(7)), false),
        (TargetStanding::Missing, true),
        (TargetStanding::Gone, true),
        (TargetStanding::Blocked, true),
    ] {
        assert_eq!(standing.lacks(), lacks, "{standing:?}");
    }
}

#[test]
fn a_member_is_looked_at_once_before_it_is_lent_anything_and_then_once_it_was_and_daily() {
    let hub = |lacks, ready: &[u64]| {
        let mut hub = stood(lacks, false);
        hub.lent.to = [account(2), account(3)].into();
        hub.lent.ready = ready.iter().map(|n| account(*n)).collect();
        hub
    };
    let (has, lacks, stuck) = (stood(false, false), stood(true, false), stood(true, true));
    let (nobody, two) = (hub(false, &[]), hub(false, &[2]));
    let is_of_use =
        |there: Option<&Stood>, hub: &Stood, minutes| can_go_on(account(2), there, Some(hub)).has_come(later(minutes));
    assert_eq!(can_go_on(account(2), Some(&has), None), When::Now);
    for there in [None, Some(&lacks), Some(&stuck)] {
        assert_eq!(can_go_on(account(2), there, None), When::Never);
        assert!(!is_of_use(there, &hub(true, &[2]), 0));
        assert!(is_of_use(there, &two, 0));
    }
    assert!(is_of_use(None, &nobody, 0));
    assert!(is_of_use(Some(&stuck), &nobody, 0));
    assert!(!is_of_use(Some(&lacks), &nobody, 24 * 60 - 1));
    assert!(is_of_use(Some(&lacks), &nobody, 24 * 60));
    assert!(!is_of_use(Some(&lacks), &hub(false, &[3]), 0));
}

#[test]
fn what_the_hub_lends_is_looked_at_until_all_are_let_in_and_nobody_else_is_and_ever_less_often() {
    let lacking = [account(2)].into();
    let mut hub = stood(false, false);
    // Somebody else lacks a copy by now.
    assert!(is_lending_due(&hub, &lacking, later(0)));
    hub.lent.to = lacking.clone();
    let after = |hub: &Stood| (0..10_000).find(|minutes| is_lending_due(hub, &lacking, later(*minutes)));
    assert_eq!(after(&hub), Some(4));
    hub.lent.tries = 9;
    assert_eq!(after(&hub), Some(360));
    hub.lent.ready = lacking.clone();
    assert_eq!(after(&hub), None);
    hub.lent.taking_back = [account(3)].into();
    assert_eq!(after(&hub), Some(360));
}
