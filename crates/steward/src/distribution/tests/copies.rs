//! What is copied, when, and what is in the way.

use super::super::*;
use super::stage::*;
use crate::{AmiState, KmsKeyRef};

fn copied(case: &Case) -> bool {
    let steps = case.plan().steps;
    steps.iter().any(|step| matches!(step, DistributionStep::Copy { .. }))
}

fn key_of_copy(case: &Case) -> Option<KmsKeyRef> {
    match case.plan().steps.as_slice() {
        [DistributionStep::Copy { key, .. }] => key.clone(),
        steps => panic!("no copy: {steps:?}"),
    }
}

/// Nothing is copied until somebody does something, and this says what.
#[track_caller]
fn assert_blocked(case: &Case, finding: &Finding) {
    let plan = case.plan();
    assert_eq!(plan.standing, TargetStanding::Blocked);
    assert_eq!(plan.steps, []);
    assert!(plan.findings.contains(finding), "{:?}", plan.findings);
}

#[test]
fn a_release_is_copied_once_into_each_region_of_its_manifest_and_not_where_it_was_built() {
    let targets = distribution_targets(&manifest("regions: { us-east-1: {} }"), home(), &[].into());
    assert_eq!(targets.into_iter().collect::<Vec<_>>(), [home(), away()]);

    let plan = nowhere().plan();
    assert_eq!(plan.standing, TargetStanding::Missing);
    assert_eq!(plan.findings, []);
    assert_eq!(
        plan.steps,
        [DistributionStep::Copy {
            from: nowhere().going.source.output,
            name: String::from("web/1.4.2/7-arm64-01234567"),
            key: None,
            tags: our_tags(),
        }]
    );
    let there = there().plan();
    assert_eq!(there.standing, TargetStanding::There(ami(2)));
    assert_eq!((there.steps, there.findings), (vec![], vec![]));
    let at_home = at_home().plan();
    assert_eq!(at_home.standing, TargetStanding::There(ami(1)));
    assert_eq!((at_home.steps, at_home.findings), (vec![], vec![]));
}

#[test]
fn where_the_manifest_wants_none_nothing_is_copied_and_what_is_there_is_still_kept_as_it_says() {
    let mut case = nowhere().by("regions: { eu-west-1: {} }");
    assert_eq!(case.plan().standing, TargetStanding::NotWanted);
    assert!(!copied(&case));
    case = case.holding(2, our_copy(2));
    case.image(2).grants = Some([grantee(1)].into());
    let plan = case.plan();
    assert_eq!(plan.standing, TargetStanding::There(ami(2)));
    assert_eq!(plan.steps.len(), 1);
}

#[test]
fn a_tag_of_the_manifest_called_name_is_the_copys_name_tag() {
    let case = nowhere().by("regions: { us-east-1: {} }, tags: { Name: golden }");
    let [DistributionStep::Copy { tags, .. }] = &case.plan().steps[..] else {
        panic!("no copy");
    };
    assert_eq!(tags["Name"], "golden");
}

#[test]
fn the_longest_name_of_an_image_is_one_that_ec2_takes() {
    let mut case = nowhere();
    let most = "1073741823";
    let family = "a".repeat(64);
    case.going.name = format!("{family}/{most}.{most}.{most}/{most}").parse().unwrap();
    case.going.architecture = crate::Architecture::X86_64;
    let [DistributionStep::Copy { name, .. }] = &case.plan().steps[..] else {
        panic!("no copy");
    };
    assert!((3..=128).contains(&name.len()), "{name}");
    let allowed = |c: char| c.is_ascii_alphanumeric() || "()[] ./-'@_".contains(c);
    assert!(name.chars().all(allowed), "{name}");
}

#[test]
fn a_copy_waits_until_its_volumes_and_those_under_way_are_twenty_at_most() {
    let mut case = nowhere();
    case.seen.in_flight = 19;
    assert!(copied(&case));
    case.source().snapshots.insert(snap(9), plain_snapshot());
    let plan = case.plan();
    assert_eq!(plan.standing, TargetStanding::Missing);
    assert_eq!(plan.steps, []);
    let waits = Finding::CopiesUnderWay {
        in_flight: 19,
        volumes: 2,
    };
    assert_eq!(plan.findings, [waits]);
    case.seen.in_flight = 18;
    assert!(copied(&case));
}

#[test]
fn one_with_more_than_twenty_volumes_is_copied_once_it_is_alone() {
    let mut case = nowhere();
    case.source().snapshots = (1..=27).map(|n| (snap(n), plain_snapshot())).collect();
    case.seen.in_flight = 1;
    assert!(!copied(&case));
    case.seen.in_flight = 0;
    assert!(copied(&case));
}

#[test]
fn a_region_that_is_not_enabled_blocks_the_copy() {
    let mut case = nowhere();
    case.seen.enabled = false;
    assert_blocked(&case, &Finding::RegionOff(away()));
}

#[test]
fn a_key_that_cannot_be_used_blocks_the_copy_and_so_does_one_that_nobody_looked_at() {
    let mut case = nowhere().with_key();
    assert_eq!(key_of_copy(&case), Some(key(KEY)));
    let unusable = |problem| Finding::KeyUnusable {
        key: key("alias/golden"),
        target: away(),
        problem,
    };
    for problem in [
        KeyProblem::NotFound,
        KeyProblem::Disabled,
        KeyProblem::PendingDeletion,
        KeyProblem::Default,
        KeyProblem::Unreadable("denied".into()),
    ] {
        case.seen.key = Some(KeySeen::Unusable(problem.clone()));
        assert_blocked(&case, &unusable(problem));
    }
    case.seen.key = None;
    assert_blocked(&case, &unusable(KeyProblem::Unreadable("nobody looked at it".into())));
}

#[test]
fn all_that_is_in_the_way_is_said_at_once() {
    let mut case = nowhere().with_key();
    case.seen.key = Some(KeySeen::Unusable(KeyProblem::Disabled));
    case.seen.enabled = false;
    assert_eq!(case.plan().findings.len(), 2);
}

#[test]
fn an_encrypted_image_that_is_shared_is_copied_only_by_a_key_that_can_be_shared() {
    for encryption in [Encryption::DefaultKey, Encryption::Key(key(OTHER_KEY))] {
        let mut case = nowhere();
        case.source().snapshots.get_mut(&snap(1)).unwrap().encryption = encryption;
        // The hub itself may use its own default key.
        assert_eq!(key_of_copy(&case), None);
        let own = case
            .clone()
            .shared_with(&[Grantee::Account(hub())])
            .copied_by(&[Copier::Account(hub())]);
        assert_eq!(key_of_copy(&own), None);
        let needs = Finding::NeedsKey(away().region());
        let shared = case.clone().shared_with(&[grantee(1)]);
        assert_blocked(&shared, &needs);
        assert_blocked(&case.clone().copied_by(&[copier(1)]), &needs);
        let mut unknown = case;
        unknown.audience.snapshots = SnapshotAudience::Unknown("denied".into());
        assert_blocked(&unknown, &needs);
        assert_eq!(key_of_copy(&shared.with_key()), Some(key(KEY)));
    }
}

#[test]
fn an_image_that_is_not_encrypted_is_shared_without_a_key_and_encrypted_by_one() {
    let shared = nowhere().shared_with(&[grantee(1)]);
    assert_eq!(key_of_copy(&shared), None);
    assert_eq!(key_of_copy(&shared.with_key()), Some(key(KEY)));
}

#[test]
fn a_source_that_was_not_listed_and_whose_end_nobody_saw_is_waited_for() {
    let mut case = nowhere();
    case.going.source.image = None;
    let plan = case.plan();
    assert_eq!((&plan.standing, &plan.steps), (&TargetStanding::Missing, &vec![]));
    assert_eq!(plan.findings, [Finding::SourceUnlisted(ami(1))]);
    assert!(!plan.findings[0].is_overdue());
    assert_eq!(plan.reach(false), Reach::Coming);
}

#[test]
fn without_the_builds_image_nothing_can_be_copied_and_what_was_copied_stays() {
    let mut case = nowhere();
    case.going.source.image = None;
    case.going.source.ended = true;
    let gone = |case: &Case| {
        let plan = case.plan();
        (plan.standing, plan.steps, plan.findings) == (TargetStanding::Gone, vec![], vec![])
    };
    assert!(gone(&case));
    assert_eq!(
        case.holding(2, our_copy(2)).plan().standing,
        TargetStanding::There(ami(2))
    );
    for state in [
        AmiState::Invalid,
        AmiState::Deregistered,
        AmiState::Failed,
        AmiState::Error,
    ] {
        let mut case = nowhere();
        case.source().state = state;
        assert!(gone(&case), "{state}");
    }
    let mut case = at_home();
    case.image(1).state = AmiState::Deregistered;
    assert!(gone(&case));
    case.seen.images.clear();
    case.going.source.ended = true;
    assert!(gone(&case));
}

#[test]
fn the_builds_image_is_copied_once_it_is_made_and_not_once_it_is_disabled() {
    let mut case = nowhere();
    for state in [AmiState::Pending, AmiState::Transient] {
        case.source().state = state;
        let plan = case.plan();
        assert_eq!((plan.standing, plan.steps), (TargetStanding::Missing, vec![]));
        assert_eq!(plan.findings, [Finding::SourceUnfinished { ami: ami(1), state }]);
    }
    case.source().state = AmiState::Disabled;
    let plan = case.plan();
    assert_eq!((plan.standing, plan.steps), (TargetStanding::OnLadder(ami(1)), vec![]));
}

#[test]
fn what_is_copied_is_the_hubs_own_and_the_familys() {
    let not_ours = |cause| Finding::SourceNotOurs {
        ami: ami(1),
        cause,
        family: "web".parse().unwrap(),
    };
    let mut case = nowhere();
    case.source().owner = account(1);
    assert_blocked(&case, &not_ours(NotOurs::OfAnother(account(1))));
    let mut case = nowhere();
    case.source().tags.insert(FAMILY.to_owned(), String::from("base"));
    assert_blocked(&case, &not_ours(NotOurs::OtherFamily("base".into())));
    let mut case = nowhere();
    case.source().tags.remove(FAMILY);
    assert_blocked(&case, &not_ours(NotOurs::Untagged));
}

#[test]
fn the_same_copy_is_the_same_step_and_one_by_another_key_is_another() {
    let step = |case: &Case| case.plan().steps[0].key();
    assert_eq!(step(&nowhere()), step(&nowhere()));
    assert_ne!(step(&nowhere()), step(&nowhere().with_key()));
    assert!(
        step(&nowhere()).starts_with(&format!("copy {} ", ami(1))),
        "{}",
        step(&nowhere())
    );
}
