//! Copies that members own.

use std::collections::BTreeSet;

use super::super::*;
use super::stage::*;
use crate::{AmiState, Target, testing};

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

#[test]
fn a_member_lacks_its_copy_until_it_stands_and_one_that_it_retired_it_does_not() {
    let stood = |lacks| Stood {
        lacks,
        ..testing::stood()
    };
    let (has, lacks) = (stood(false), stood(true));
    let distribute = manifest(PLAIN);
    let owners = [account(1), account(2), account(3)].into();
    let standing = |target: Target| match target.account() {
        one if one == account(1) => Some(&has),
        two if two == account(2) => Some(&lacks),
        _ => None,
    };
    let lacking = |region: &str| lacking(region.parse().unwrap(), &distribute, &owners, standing);
    assert_eq!(lacking("us-east-1"), [account(2), account(3)].into());
    // No copy is wanted there.
    assert_eq!(lacking("ap-south-1"), [].into());
    let lent = |lacks, to: &[u64]| {
        let mut stood = stood(lacks);
        stood.lent.to = to.iter().map(|n| account(*n)).collect();
        stood
    };
    assert!(can_go_on(account(1), Some(&has), None));
    assert!(!can_go_on(account(2), Some(&lacks), None));
    assert!(can_go_on(account(2), Some(&lacks), Some(&lent(false, &[2]))));
    assert!(can_go_on(account(2), None, Some(&lent(false, &[2]))));
    assert!(!can_go_on(account(2), None, Some(&lent(false, &[3]))));
    assert!(!can_go_on(account(2), None, Some(&lent(true, &[2]))));
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
