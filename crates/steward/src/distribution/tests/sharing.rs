//! Who may launch, and who may copy.

use std::collections::BTreeSet;

use super::super::*;
use super::stage::*;
use crate::AmiState;

fn grant(change: Change<Grantee>) -> DistributionStep {
    DistributionStep::Grant { ami: ami(2), change }
}

fn permit(change: Change<Copier>) -> DistributionStep {
    let (ami, snapshot) = (ami(2), snap(2));
    DistributionStep::Permit { ami, snapshot, change }
}

/// With these who may launch the copy now.
fn held(grantees: &[Grantee]) -> Case {
    let mut case = there();
    case.image(2).grants = Some(grantees.iter().cloned().collect());
    case
}

/// And these who may copy it.
fn permitted(copiers: &[Copier]) -> Case {
    let mut case = there();
    case.snapshot().permitted = Some(copiers.iter().copied().collect());
    case
}

#[test]
fn what_is_declared_comes_and_what_is_not_goes_snapshots_first() {
    let mut case = held(&[grantee(1), grantee(2)])
        .shared_with(&[grantee(2), unit(), organization()])
        .copied_by(&[copier(2)]);
    case.snapshot().permitted = Some([copier(1)].into());
    assert_eq!(
        case.plan().steps,
        [
            permit(Change::Remove([copier(1)].into())),
            permit(Change::Add([copier(2)].into())),
            grant(Change::Remove([grantee(1)].into())),
            grant(Change::Add([unit(), organization()].into())),
        ]
    );
}

#[test]
fn who_is_no_longer_declared_may_not_copy_what_is_behind_a_disabled_image_and_nobody_new_may() {
    let mut case = permitted(&[copier(1), copier(2)])
        .shared_with(&[grantee(2), grantee(3)])
        .copied_by(&[copier(2), copier(3)]);
    case.image(2).state = AmiState::Disabled;
    case.image(2).grants = None;
    let plan = case.plan();
    assert_eq!(plan.standing, TargetStanding::OnLadder(ami(2)));
    assert_eq!(plan.steps, [permit(Change::Remove([copier(1)].into()))]);
    assert_eq!(plan.findings, []);
    let unchanged = |change: &dyn Fn(&mut Case)| {
        let mut case = case.clone();
        change(&mut case);
        assert_eq!(case.plan().steps, []);
    };
    unchanged(&|case| case.audience.snapshots = SnapshotAudience::Unknown("denied".into()));
    unchanged(&|case| case.distribute.exclusive = false);
    unchanged(&|case| case.snapshot().permitted = None);
    unchanged(&|case| drop(case.snapshot().tags.remove(FAMILY)));
    // A member's own copy it shares itself.
    assert_eq!(of_member(case).plan().steps, []);
}

#[test]
fn of_a_second_image_only_what_nobody_declares_goes_but_for_what_is_behind_the_first_too() {
    let mut case = there()
        .holding(3, our_copy(3))
        .copied_by(&[copier(2)])
        .shared_with(&[grantee(2)]);
    for there in case.image(3).snapshots.values_mut() {
        there.permitted = Some([copier(1)].into());
    }
    case.image(3).grants = Some([grantee(1)].into());
    case.image(2).grants = Some([grantee(2)].into());
    case.snapshot().permitted = Some([copier(2)].into());
    let plan = case.plan();
    assert_eq!(plan.standing, TargetStanding::There(ami(2)));
    let (ami, snapshot) = (ami(3), snap(3));
    let change = Change::Remove([grantee(1)].into());
    let grants = DistributionStep::Grant { ami, change };
    let change = Change::Remove([copier(1)].into());
    let permits = DistributionStep::Permit { ami, snapshot, change };
    assert_eq!(plan.steps, [permits, grants.clone()]);
    let behind = case.image(2).snapshots.clone();
    case.image(3).snapshots = behind;
    assert_eq!(case.plan().steps, [grants]);
}

#[test]
fn where_grants_are_not_exclusive_what_nobody_declared_is_only_said() {
    let mut case = held(&[grantee(1)]).shared_with(&[grantee(2)]);
    case.distribute.exclusive = false;
    case.snapshot().permitted = Some([Copier::Everybody].into());
    let plan = case.plan();
    assert_eq!(plan.steps, [grant(Change::Add([grantee(2)].into()))]);
    assert_eq!(
        plan.findings,
        [
            Finding::UndeclaredPermissions {
                snapshot: snap(2),
                who: [Copier::Everybody].into()
            },
            Finding::UndeclaredGrants {
                ami: ami(2),
                who: [grantee(1)].into()
            },
        ]
    );
}

#[test]
fn the_owner_is_neither_let_in_nor_shut_out() {
    let hub_may = [Grantee::Account(hub())];
    let hub_copies = [Copier::Account(hub())];
    assert_eq!(held(&hub_may).plan().steps, []);
    assert_eq!(permitted(&hub_copies).plan().steps, []);
    assert_eq!(there().shared_with(&hub_may).copied_by(&hub_copies).plan().steps, []);
    let mut told = held(&hub_may);
    told.distribute.exclusive = false;
    assert_eq!(told.plan().findings, []);
}

#[test]
fn an_organization_that_cannot_be_read_takes_nothing_away_and_adds_only_what_the_manifest_names() {
    let mut case = held(&[grantee(1)]).shared_with(&[unit()]);
    case.snapshot().permitted = Some([copier(1)].into());
    case.audience.snapshots = SnapshotAudience::Unknown("denied".into());
    let plan = case.plan();
    assert_eq!(plan.steps, [grant(Change::Add([unit()].into()))]);
    assert_eq!(plan.findings, [Finding::AudienceUnknown("denied".into())]);
}

#[test]
fn an_image_whose_grants_were_not_read_is_shared_no_further_and_no_less() {
    let mut case = permitted(&[copier(1)])
        .shared_with(&[grantee(2)])
        .copied_by(&[copier(2)]);
    case.image(2).grants = None;
    let plan = case.plan();
    assert_eq!(plan.steps, []);
    assert_eq!(plan.findings, [Finding::GrantsUnread(ami(2))]);
}

#[test]
fn a_snapshot_whose_permissions_were_not_read_keeps_them_and_the_image_is_shared() {
    let mut case = there().shared_with(&[grantee(1)]).copied_by(&[copier(1)]);
    case.snapshot().permitted = None;
    let plan = case.plan();
    assert_eq!(plan.steps, [grant(Change::Add([grantee(1)].into()))]);
    assert_eq!(plan.findings, [Finding::PermissionsUnread(snap(2))]);
}

#[test]
fn a_snapshot_that_is_not_ours_keeps_its_permissions_and_the_image_is_shared() {
    let left = |change: &dyn Fn(&mut SnapshotThere), cause| {
        let mut case = permitted(&[copier(1)]).shared_with(&[grantee(1)]);
        change(case.snapshot());
        let plan = case.plan();
        assert_eq!(plan.steps, [grant(Change::Add([grantee(1)].into()))]);
        let finding = Finding::SnapshotNotOurs {
            snapshot: snap(2),
            ami: ami(2),
            cause,
            family: "web".parse().unwrap(),
        };
        assert_eq!(plan.findings, [finding]);
        // As long as there is nothing to change, that is nobody's concern.
        case.snapshot().permitted = Some(BTreeSet::new());
        assert_eq!(case.plan().findings, []);
    };
    left(&|there| there.owner = account(3), NotOurs::OfAnother(account(3)));
    left(&|there| drop(there.tags.remove(FAMILY)), NotOurs::Untagged);
}

#[test]
fn what_awss_own_key_encrypts_is_shared_with_nobody_more_and_still_with_fewer() {
    let mut case = held(&[grantee(1)]).shared_with(&[grantee(2)]).copied_by(&[copier(2)]);
    case.snapshot().permitted = Some([copier(1)].into());
    case.snapshot().encryption = Encryption::DefaultKey;
    // EC2 looks at all of an image's snapshots.
    case.image(2).snapshots.insert(snap(3), plain_snapshot());
    let plan = case.plan();
    assert_eq!(
        plan.steps,
        [
            permit(Change::Remove([copier(1)].into())),
            grant(Change::Remove([grantee(1)].into())),
        ]
    );
    let region = away().region();
    assert_eq!(plan.findings, [Finding::CopiedByDefaultKey { ami: ami(2), region }]);
    // While it is shared with nobody, its key is nobody's concern.
    let mut case = there();
    case.snapshot().encryption = Encryption::DefaultKey;
    assert_eq!(case.plan().findings, []);
    let mut case = at_home().shared_with(&[grantee(1)]);
    case.snapshot().encryption = Encryption::DefaultKey;
    assert_eq!(case.plan().findings, [Finding::BuiltByDefaultKey(ami(1))]);
}

#[test]
fn an_image_becomes_public_only_where_nothing_is_in_the_way_and_the_others_are_let_in_all_the_same() {
    let wanted = there().shared_with(&[grantee(1), Grantee::Everybody]);
    let all = grant(Change::Add([grantee(1), Grantee::Everybody].into()));
    assert_eq!(wanted.plan().steps, [all]);
    let refused = |change: &dyn Fn(&mut Case), obstacle| {
        let mut case = wanted.clone();
        change(&mut case);
        let plan = case.plan();
        assert_eq!(plan.steps, [grant(Change::Add([grantee(1)].into()))]);
        assert_eq!(plan.findings, [Finding::NotPublic { ami: ami(2), obstacle }]);
        // One that is public already stays so.
        case.image(2).grants = Some([grantee(1), Grantee::Everybody].into());
        let plan = case.plan();
        assert_eq!((plan.steps, plan.findings), (vec![], vec![]));
    };
    refused(
        &|case| case.snapshot().encryption = Encryption::Key(key(KEY)),
        PublicObstacle::Encrypted,
    );
    refused(&|case| case.seen.public.images_blocked = true, PublicObstacle::Blocked);
    refused(&|case| case.image(2).watermarked = true, PublicObstacle::Watermarked);
    // AWS lets an account have five, and more where somebody asked: EC2 alone knows.
    let mut case = wanted.clone();
    case.seen.public.public_images = 4;
    assert_eq!(case.plan().findings, []);
    case.seen.public.public_images = 5;
    let plan = case.plan();
    assert_eq!(plan.steps, wanted.plan().steps);
    let of_quota = Finding::PublicImages { ami: ami(2), count: 5 };
    assert_eq!(plan.findings, [of_quota]);
    // Each has its own sentence.
    let mut case = wanted.clone();
    case.seen.public.images_blocked = true;
    case.image(2).watermarked = true;
    assert_eq!(case.plan().findings.len(), 2);
}

#[test]
fn a_snapshot_becomes_public_only_where_nothing_is_in_the_way() {
    let wanted = there().copied_by(&[copier(1), Copier::Everybody]);
    let all = permit(Change::Add([copier(1), Copier::Everybody].into()));
    assert_eq!(wanted.plan().steps, [all]);
    let refused = |change: &dyn Fn(&mut Case), obstacle| {
        let mut case = wanted.clone();
        change(&mut case);
        let plan = case.plan();
        assert_eq!(plan.steps, [permit(Change::Add([copier(1)].into()))]);
        let snapshot = snap(2);
        assert_eq!(plan.findings, [Finding::SnapshotNotPublic { snapshot, obstacle }]);
    };
    refused(
        &|case| case.snapshot().encryption = Encryption::Key(key(KEY)),
        PublicObstacle::Encrypted,
    );
    refused(
        &|case| case.seen.public.snapshots_blocked = true,
        PublicObstacle::Blocked,
    );
    // What is said of images is not said of snapshots.
    let mut case = wanted;
    case.seen.public.images_blocked = true;
    assert_eq!(case.plan().findings, []);
}

#[test]
fn one_call_changes_five_hundred_at_most_and_adds_or_removes() {
    let hundreds: Vec<Grantee> = (0..501).map(grantee).collect();
    let copiers: Vec<Copier> = (0..501).map(copier).collect();
    let sizes = |case: &Case| -> Vec<(&str, usize)> {
        let steps = case.plan().steps;
        let size = |step: &DistributionStep| match step {
            DistributionStep::Grant {
                change: Change::Add(who),
                ..
            } => ("let launch", who.len()),
            DistributionStep::Grant {
                change: Change::Remove(who),
                ..
            } => ("shut out", who.len()),
            DistributionStep::Permit {
                change: Change::Add(who),
                ..
            } => ("let copy", who.len()),
            DistributionStep::Permit {
                change: Change::Remove(who),
                ..
            } => ("keep from copying", who.len()),
            other => panic!("{other:?}"),
        };
        steps.iter().map(size).collect()
    };
    let mut case = there().shared_with(&hundreds).copied_by(&copiers);
    let added = [
        ("let copy", 500),
        ("let copy", 1),
        ("let launch", 500),
        ("let launch", 1),
    ];
    assert_eq!(sizes(&case), added);
    let steps: BTreeSet<String> = case.plan().steps.iter().map(DistributionStep::key).collect();
    assert_eq!(steps.len(), 4);
    case = there();
    case.image(2).grants = Some(hundreds.iter().cloned().collect());
    case.snapshot().permitted = Some(copiers.iter().copied().collect());
    let removed = [
        ("keep from copying", 500),
        ("keep from copying", 1),
        ("shut out", 500),
        ("shut out", 1),
    ];
    assert_eq!(sizes(&case), removed);
}

#[test]
fn an_image_is_shared_with_a_thousand_at_most_and_the_rest_is_said() {
    let added = |case: &Case| -> usize {
        let steps = case.plan().steps;
        let added = steps.iter().map(|step| match step {
            DistributionStep::Grant {
                change: Change::Add(who),
                ..
            } => who.len(),
            _ => 0,
        });
        added.sum()
    };
    let wanted: Vec<Grantee> = (0..1_001).map(grantee).collect();
    assert_eq!(added(&there().shared_with(&wanted[..1_000])), 1_000);
    assert_eq!(there().shared_with(&wanted[..1_000]).plan().findings, []);
    let too_many = there().shared_with(&wanted);
    assert_eq!(added(&too_many), 1_000);
    let left_out = 1;
    assert_eq!(too_many.plan().findings, [Finding::TooMany { ami: ami(2), left_out }]);
    // Who leaves makes room; who stays undeclared does not.
    let full = held(&(2_000..3_000).map(grantee).collect::<Vec<_>>()).shared_with(&wanted[..1]);
    assert_eq!(added(&full), 1);
    let mut kept = full;
    kept.distribute.exclusive = false;
    assert_eq!(added(&kept), 0);
}

#[test]
fn nothing_is_shared_before_it_is_available() {
    for state in AmiState::ALL {
        let mut case = held(&[grantee(1)]).shared_with(&[grantee(2)]);
        case.image(2).state = state;
        let is_sharing =
            |step: &DistributionStep| matches!(step, DistributionStep::Grant { .. } | DistributionStep::Permit { .. });
        let shared = case.plan().steps.iter().any(is_sharing);
        assert_eq!(shared, state == AmiState::Available, "{state}");
    }
}

#[test]
fn what_a_key_encrypts_that_nobody_could_look_at_is_shared_with_nobody_more_and_still_with_fewer() {
    let unseen = || Encryption::Unseen {
        key: key(OTHER_KEY),
        why: "denied".into(),
    };
    let mut case = held(&[grantee(1)]).shared_with(&[grantee(2)]).copied_by(&[copier(2)]);
    case.snapshot().permitted = Some([copier(1)].into());
    case.snapshot().encryption = unseen();
    case.image(2).snapshots.insert(snap(3), plain_snapshot());
    let plan = case.plan();
    assert_eq!(
        plan.steps,
        [
            permit(Change::Remove([copier(1)].into())),
            grant(Change::Remove([grantee(1)].into())),
        ]
    );
    let finding = Finding::KeyUnseen {
        ami: ami(2),
        key: key(OTHER_KEY),
        why: "denied".into(),
    };
    assert_eq!(plan.findings, [finding]);
    // While it is shared with nobody, its key is nobody's concern.
    let mut case = there();
    case.snapshot().encryption = unseen();
    assert_eq!(case.plan().findings, []);
    // What is under it is encrypted: a copy of it needs a key of its own, and it is public for nobody.
    let mut case = nowhere().shared_with(&[grantee(1)]);
    let source = case.source().snapshots.values_mut().next().unwrap();
    source.encryption = unseen();
    assert_eq!(case.plan().findings, [Finding::NeedsKey(away().region())]);
}

/// Everybody whom a step changes, and which way.
fn changes(step: &DistributionStep) -> Vec<(bool, String)> {
    fn named<T: Ord + std::fmt::Display>(change: &Change<T>) -> Vec<(bool, String)> {
        let (comes, who) = match change {
            Change::Add(who) => (true, who),
            Change::Remove(who) => (false, who),
        };
        who.iter().map(|one| (comes, one.to_string())).collect()
    }
    match step {
        DistributionStep::Permit { change, .. } => named(change),
        DistributionStep::Grant { change, .. } => named(change),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_change_is_taken_apart_down_to_single_names_and_nobody_is_lost_or_named_twice() {
    for many in 1..20_u64 {
        let launching: BTreeSet<Grantee> = (0..many).map(grantee).collect();
        let copying: BTreeSet<Copier> = (0..many).map(copier).collect();
        for step in [
            grant(Change::Add(launching.clone())),
            grant(Change::Remove(launching.clone())),
            permit(Change::Add(copying.clone())),
            permit(Change::Remove(copying.clone())),
        ] {
            let (mut whole, mut single) = (vec![step.clone()], Vec::new());
            while let Some(step) = whole.pop() {
                match step.halves() {
                    Some([first, second]) => {
                        assert!(changes(&first).len().abs_diff(changes(&second).len()) <= 1);
                        whole.extend([second, first]);
                    }
                    None => single.push(step),
                }
            }
            assert!(single.iter().all(|step| changes(step).len() == 1), "{single:?}");
            let again: Vec<_> = single.iter().flat_map(changes).collect();
            assert_eq!(again, changes(&step));
        }
    }
}

#[test]
fn what_changes_no_permissions_is_not_taken_apart() {
    let copy = nowhere().plan().steps;
    let tag = DistributionStep::Tag {
        on: [Tagged::Image(ami(1)), Tagged::Image(ami(2))].into(),
        set: our_tags(),
    };
    for step in [copy[0].clone(), tag, DistributionStep::DeregisterFailed { ami: ami(2) }] {
        assert_eq!(step.halves(), None, "{step}");
    }
}
