//! What members are let do with the hub's copy until they have their own.

use std::collections::{BTreeMap, BTreeSet};

use super::super::*;
use super::stage::*;
use crate::{AccountId, AmiState};

/// The hub's copy, which these lack their own of, and these have by now.
fn lending(lacking: &[u64], served: &[u64]) -> Case {
    let mut case = there();
    let accounts = |numbers: &[u64]| numbers.iter().map(|n| account(*n)).collect::<BTreeSet<AccountId>>();
    case.lending.lacking = accounts(lacking);
    case.lending.served = accounts(served);
    case.owners = accounts(&[lacking, served].concat());
    case
}

fn encrypted(mut case: Case) -> Case {
    case.snapshot().encryption = Encryption::Key(key(KEY));
    case.with_key()
}

fn with(mut case: Case, grantees: &[Grantee], copiers: &[Copier]) -> Case {
    case.image(2).grants = Some(grantees.iter().cloned().collect());
    case.snapshot().permitted = Some(copiers.iter().copied().collect());
    case
}

fn permit(change: Change<Copier>) -> DistributionStep {
    let (ami, snapshot) = (ami(2), snap(2));
    DistributionStep::Permit { ami, snapshot, change }
}

fn grant(change: Change<Grantee>) -> DistributionStep {
    DistributionStep::Grant { ami: ami(2), change }
}

fn to(n: u64) -> Vec<DistributionStep> {
    vec![
        permit(Change::Add([copier(n)].into())),
        grant(Change::Add([grantee(n)].into())),
    ]
}

fn back(n: u64) -> Vec<DistributionStep> {
    vec![
        permit(Change::Remove([copier(n)].into())),
        grant(Change::Remove([grantee(n)].into())),
    ]
}

#[test]
fn who_lacks_its_copy_may_copy_the_hubs_and_who_has_it_no_longer_and_nobody_flaps() {
    let case = lending(&[1], &[]);
    let plan = case.plan();
    assert_eq!((plan.steps.clone(), plan.lending.clone()), (vec![], to(1)));
    assert_eq!(plan.lent.to, [account(1)].into());
    // Until it has it, that stays, `exclusive` or not.
    for exclusive in [true, false] {
        let mut lent = with(case.clone(), &[grantee(1)], &[copier(1)]);
        lent.distribute.exclusive = exclusive;
        let plan = lent.plan();
        assert!(plan.rests() && plan.findings.is_empty(), "{plan:?}");
        let mut served = with(lending(&[], &[1]), &[grantee(1)], &[copier(1)]);
        served.distribute.exclusive = exclusive;
        let plan = served.plan();
        assert_eq!((plan.steps, plan.lending, plan.findings), (vec![], back(1), vec![]));
        assert_eq!(plan.lent.taking_back, [account(1)].into());
    }
    let plan = lending(&[], &[1]).plan();
    assert!(plan.rests());
    assert_eq!(plan.lent, Lent::default());
}

#[test]
fn what_is_declared_is_neither_lent_nor_taken_back() {
    let declared = |case: Case| case.shared_with(&[grantee(1)]).copied_by(&[copier(1)]);
    let plan = declared(lending(&[1], &[])).plan();
    assert_eq!((plan.steps, plan.lending), (to(1), vec![]));
    let served = declared(with(lending(&[], &[1]), &[grantee(1)], &[copier(1)]));
    assert!(served.plan().rests());
    // Who may launch by the manifest may copy only for its own copy.
    let launches = with(lending(&[], &[1]), &[grantee(1)], &[copier(1)]).shared_with(&[grantee(1)]);
    assert_eq!(launches.plan().lending, back(1)[..1]);
    let lacks = lending(&[1], &[]).shared_with(&[grantee(1)]);
    assert_eq!(
        (lacks.plan().steps, lacks.plan().lending),
        (to(1)[1..].to_vec(), to(1)[..1].to_vec())
    );
}

#[test]
fn while_nobody_knows_who_is_declared_something_is_lent_and_nothing_taken_back() {
    let mut case = with(lending(&[1], &[2]), &[grantee(2)], &[copier(2)]);
    case.audience.snapshots = SnapshotAudience::Unknown("denied".into());
    let plan = case.plan();
    assert_eq!((plan.steps, plan.lending), (vec![], to(1)));
    assert_eq!(plan.lent.taking_back, [account(2)].into());
}

#[test]
fn others_grants_are_not_the_members_affair() {
    let mut case = with(lending(&[1], &[]), &[grantee(1), grantee(9)], &[copier(1)]);
    assert_eq!(case.plan().steps, [grant(Change::Remove([grantee(9)].into()))]);
    assert_eq!(case.plan().lending, []);
    case.distribute.exclusive = false;
    assert_eq!(
        case.plan().findings,
        [Finding::UndeclaredGrants {
            ami: ami(2),
            who: [grantee(9)].into()
        }]
    );
}

#[test]
fn a_key_is_lent_by_a_grant_of_its_own_name_that_is_made_once_and_taken_back() {
    let lend = DistributionStep::LendKey {
        key: key(KEY),
        to: account(1),
        name: format!("image-steward-copy-{}-222200000001", release()),
    };
    let mut case = encrypted(with(lending(&[1], &[]), &[grantee(1)], &[copier(1)]));
    assert_eq!(case.plan().lending, [lend]);
    assert_eq!(case.plan().lent.keys, [key(KEY)].into());
    case.lending.grants = [key_grant(KEY, 1)].into();
    assert!(case.plan().rests());
    assert_eq!(case.plan().lent.keys, [key(KEY)].into());
    let grant = key_grant(KEY, 1);
    let take_back = |grant: KeyGrant| vec![DistributionStep::TakeBackKey { grant }];
    let mut served = encrypted(lending(&[], &[1]));
    served.lending.grants = [grant.clone()].into();
    let plan = served.plan();
    assert_eq!(plan.lending, take_back(grant.clone()));
    assert_eq!(
        (plan.lent.taking_back, plan.lent.keys),
        ([account(1)].into(), [key(KEY)].into())
    );
    // One of a key that the copy is not encrypted by any more, or of a copy that is gone.
    case.lending.grants.insert(key_grant(OTHER_KEY, 1));
    assert_eq!(case.plan().lending, take_back(key_grant(OTHER_KEY, 1)));
    let mut gone = encrypted(lending(&[1], &[]));
    gone.lending.grants = [grant.clone()].into();
    gone.seen.images.clear();
    // It may only have been missed, and somebody copies by that key.
    assert_eq!(gone.plan().lending, []);
    gone.going.source.image = None;
    gone.going.source.ended = true;
    assert_eq!(gone.plan().standing, TargetStanding::Gone);
    assert_eq!(gone.plan().lending, take_back(grant.clone()));
    let mut disabled = encrypted(lending(&[1], &[]));
    disabled.lending.grants = [grant.clone()].into();
    disabled.image(2).state = AmiState::Disabled;
    assert_eq!(
        (disabled.plan().steps, disabled.plan().lending),
        (vec![], take_back(grant))
    );
    assert_eq!(encrypted(lending(&[], &[])).plan().lent, Lent::default());
}

#[test]
fn a_key_whose_grants_cannot_be_read_is_lent_to_nobody_and_named() {
    let mut case = encrypted(lending(&[1], &[]));
    case.lending.unread = BTreeMap::from([(key(KEY), "denied".into())]);
    let plan = case.plan();
    assert_eq!(plan.lending, to(1));
    let key = key(KEY);
    let [finding] = plan.findings.as_slice() else {
        panic!("{:?}", plan.findings)
    };
    let Finding::Member(MemberFinding::KeyGrantsUnread {
        key: named,
        why,
        statement,
    }) = finding
    else {
        panic!("{finding:?}")
    };
    assert_eq!((named, why.as_str()), (&key, "denied"));
    let root = format!("arn:aws:iam::{}:root", hub());
    assert!(
        statement.contains(&root) && statement.contains("kms:CreateGrant"),
        "{statement}"
    );
    assert!(finding.is_trouble() && finding.is_of_a_key() && finding.statement() == Some(statement));
    // Once it can be read again, it is.
    assert_eq!(plan.lent.keys, [key.clone()].into());
    // One may be left of those that have their copy by now.
    let mut served = encrypted(lending(&[], &[1]));
    served.lending.unread = BTreeMap::from([(key.clone(), "denied".into())]);
    let lent = served.plan().lent;
    assert_eq!((lent.taking_back, lent.keys), ([account(1)].into(), [key].into()));
}

#[test]
fn what_aws_own_key_encrypts_is_lent_to_nobody_and_found_before_it_is_copied() {
    let mut case = lending(&[1], &[]);
    case.snapshot().encryption = Encryption::DefaultKey;
    let plan = case.plan();
    assert_eq!(plan.lending, []);
    let region = away().region();
    assert_eq!(plan.findings, [Finding::CopiedByDefaultKey { ami: ami(2), region }]);
    let mut unseen = lending(&[1], &[]);
    unseen.snapshot().encryption = Encryption::Unseen {
        key: key(KEY),
        why: "denied".into(),
    };
    let plan = unseen.plan();
    assert_eq!(plan.lending, []);
    assert!(matches!(plan.findings[..], [Finding::KeyUnseen { .. }]));
    let mut before = nowhere();
    before.source().snapshots.get_mut(&snap(1)).unwrap().encryption = Encryption::Key(key(OTHER_KEY));
    assert_eq!(before.plan().findings, []);
    before.owners = [account(1)].into();
    assert_eq!(before.plan().findings, [Finding::NeedsKey(region)]);
    assert_eq!(before.plan().standing, TargetStanding::Blocked);
}

#[test]
fn a_snapshot_that_is_not_ours_is_not_lent() {
    let mut case = lending(&[1], &[]);
    case.snapshot().tags.remove(FAMILY);
    let plan = case.plan();
    assert_eq!(plan.lending, to(1)[1..]);
    assert!(matches!(
        plan.findings[..],
        [Finding::Member(MemberFinding::SnapshotNotOurs { .. })]
    ));
}

/// How many are let launch, and how many are granted a key.
fn let_in(plan: &TargetPlan) -> (usize, usize) {
    let launches = plan.lending.iter().map(|step| match step {
        DistributionStep::Grant {
            change: Change::Add(who),
            ..
        } => who.len(),
        _ => 0,
    });
    let keys = plan.lending.iter();
    let keys = keys.filter(|step| matches!(step, DistributionStep::LendKey { .. }));
    (launches.sum(), keys.count())
}

#[test]
fn one_look_lets_a_hundred_in_and_as_many_wait_as_the_image_has_no_room_for() {
    let all: Vec<u64> = (1..=1_200).collect();
    let mut case = encrypted(lending(&all, &[])).shared_with(&[unit()]);
    let plan = case.plan();
    let (ami_there, waiting) = (ami(2), 1_200 - 999);
    let no_room = MemberFinding::NoRoom {
        ami: ami_there,
        waiting,
    };
    assert_eq!(plan.findings, [no_room.into()]);
    assert_eq!(let_in(&plan), (100, 100));
    assert_eq!(plan.lent.to.len(), 1_200);
    let so_many = |case: &mut Case, lent: u64| {
        let launch = (1..=lent).map(grantee).chain([unit()]);
        case.image(2).grants = Some(launch.collect());
        case.snapshot().permitted = Some((1..=lent).map(copier).collect());
        case.lending.grants = (1..=lent).map(|n| key_grant(KEY, n)).collect();
        case.plan()
    };
    let later = so_many(&mut case, 950);
    assert_eq!(let_in(&later), (49, 49));
    // That is said, and only of those for whom there is none.
    let (ami, waiting) = (ami(2), 250 - 49);
    assert_eq!(later.findings, [MemberFinding::NoRoom { ami, waiting }.into()]);
    assert_eq!(later.lent.ready.len(), 950);
    // Keys that a run cut short did not come to are lent a hundred a look as well.
    case.lending.grants.clear();
    assert_eq!(let_in(&case.plan()), (49, 100));
    assert_eq!(case.plan().lent.ready.len(), 0);
}

#[test]
fn a_hundred_grants_end_with_one_look_and_the_others_are_known() {
    let all: Vec<u64> = (1..=250).collect();
    let mut case = encrypted(lending(&[], &all));
    case.lending.grants = all.iter().map(|n| key_grant(KEY, *n)).collect();
    let plan = case.plan();
    assert_eq!(plan.lending.len(), 100);
    assert_eq!(plan.lent.taking_back.len(), 250);
}

#[test]
fn only_who_was_found_let_do_all_that_a_copy_takes_is_sent_to_make_it() {
    let granted = |case: Case| {
        let mut case = encrypted(case);
        case.lending.grants = [key_grant(KEY, 1)].into();
        case
    };
    let ready = |case: Case| case.plan().lent.ready;
    let all = with(lending(&[1], &[]), &[grantee(1)], &[copier(1)]);
    assert_eq!(ready(all.clone()), [account(1)].into());
    assert_eq!(ready(granted(all.clone())), [account(1)].into());
    let nobody = BTreeSet::new();
    assert_eq!(ready(encrypted(all.clone())), nobody);
    assert_eq!(ready(granted(with(all.clone(), &[], &[copier(1)]))), nobody);
    assert_eq!(ready(granted(with(all.clone(), &[grantee(1)], &[]))), nobody);
    let mut disabled = granted(all);
    disabled.image(2).state = AmiState::Disabled;
    assert_eq!(ready(disabled), nobody);
}

#[test]
fn the_snapshots_of_an_image_that_is_disabled_or_gone_are_taken_back_and_then_nothing_is_known_of_them() {
    let case = with(lending(&[], &[1]), &[], &[copier(1), copier(2)]);
    let snapshots = case.seen.images[&ami(2)].snapshots.clone();
    let mut disabled = case.clone();
    disabled.image(2).state = AmiState::Disabled;
    let mut gone = case;
    gone.seen.images.clear();
    gone.going.source.image = None;
    gone.going.source.ended = true;
    for mut case in [disabled, gone] {
        case.lending.left = [(ami(2), snapshots.clone())].into();
        let plan = case.plan();
        assert_eq!(plan.lending, [permit(Change::Remove([copier(1)].into()))]);
        assert_eq!(plan.lent.taking_back, [account(1)].into());
        let mut back = snapshots.clone();
        for there in back.values_mut() {
            there.permitted = Some([copier(2)].into());
        }
        case.lending.left = [(ami(2), back)].into();
        let plan = case.plan();
        assert_eq!((plan.lending.as_slice(), &plan.lent), (&[][..], &Lent::default()));
        // Whom it is declared for besides keeps it.
        case.lending.left = [(ami(2), snapshots.clone())].into();
        case.audience.snapshots = SnapshotAudience::Known([copier(1)].into());
        let plan = case.plan();
        assert_eq!((plan.lending.as_slice(), &plan.lent), (&[][..], &Lent::default()));
        // Nobody knows who may copy it: it waits.
        case.audience.snapshots = SnapshotAudience::Unknown("denied".into());
        let plan = case.plan();
        assert_eq!(plan.lending, []);
        assert_eq!(plan.lent.taking_back, [account(1)].into());
    }
}

#[test]
fn the_snapshots_of_an_image_that_was_replaced_are_taken_back_too() {
    let mut case = with(lending(&[], &[1]), &[], &[]);
    let mut left = case.seen.images[&ami(2)].snapshots.clone();
    for there in left.values_mut() {
        there.permitted = Some([copier(1)].into());
    }
    case.lending.left = [(ami(3), left)].into();
    let plan = case.plan();
    let back = DistributionStep::Permit {
        ami: ami(3),
        snapshot: snap(2),
        change: Change::Remove([copier(1)].into()),
    };
    assert_eq!((plan.lending, plan.lent.taking_back), (vec![back], [account(1)].into()));
}

#[test]
fn what_is_lent_of_an_image_that_is_missed_or_not_ours_any_more_is_not_forgotten() {
    let case = with(lending(&[], &[1]), &[grantee(1)], &[copier(1)]);
    let known = |case: Case| assert_eq!(case.plan().lent.taking_back, [account(1)].into());
    let mut missed = case.clone();
    missed.seen.images.clear();
    known(missed);
    let mut theirs = with(case, &[], &[copier(1)]);
    theirs.snapshot().tags.remove(FAMILY);
    let not_ours = MemberFinding::SnapshotNotOurs {
        snapshot: snap(2),
        ami: ami(2),
    };
    let plan = theirs.plan();
    assert_eq!(
        (plan.findings.clone(), plan.reach(false)),
        (vec![not_ours.into()], Reach::Usable)
    );
    known(theirs);
}

#[test]
fn how_far_a_release_is_does_not_stand_on_what_it_lends() {
    let plan = lending(&[1], &[]).plan();
    assert!(!plan.rests());
    assert_eq!(plan.reach(false), Reach::Usable);
}

#[test]
fn who_was_lent_something_is_known_until_it_is_taken_back() {
    let lent = Lent {
        to: [account(1), account(2)].into(),
        taking_back: [account(3), account(4)].into(),
        ..Lent::default()
    };
    let lending = Lending::of([account(2), account(4), account(5)].into(), &lent);
    assert_eq!(lending.served, [account(1), account(3)].into());
    assert_eq!(lending.lacking, [account(2), account(4), account(5)].into());
    assert_eq!(lending.new, [account(5)].into());
}

/// What is lent next, by a case's plan.
fn next(case: &Case, lacking: &[u64]) -> Lending {
    let lacking = lacking.iter().map(|n| account(*n)).collect();
    Lending::of(lacking, &case.plan().lent)
}

#[test]
fn what_somebody_let_a_member_do_before_it_was_lent_anything_is_not_taken_back() {
    for exclusive in [true, false] {
        let mut case = with(lending(&[1, 2], &[]), &[grantee(1)], &[copier(2)]);
        case.distribute.exclusive = exclusive;
        case.lending.new = case.lending.lacking.clone();
        let plan = case.plan();
        let lent = [
            permit(Change::Add([copier(1)].into())),
            grant(Change::Add([grantee(2)].into())),
        ];
        assert_eq!((plan.steps, plan.lending), (vec![], lent.to_vec()));
        let before = LetBefore {
            launch: [(ami(2), [account(1)].into())].into(),
            copy: [(snap(2), [account(2)].into())].into(),
        };
        assert_eq!(plan.lent.before, before);
        // By the next look both have everything, and what was lent is still known from what was not.
        let both = |case: Case| with(case, &[grantee(1), grantee(2)], &[copier(1), copier(2)]);
        let mut stays = both(case.clone());
        stays.lending = next(&case, &[1, 2]);
        assert!(stays.plan().rests());
        assert_eq!(stays.plan().lent.before, before);
        let mut served = both(case.clone());
        served.lending = next(&stays, &[]);
        let back = [
            permit(Change::Remove([copier(1)].into())),
            grant(Change::Remove([grantee(2)].into())),
        ];
        let plan = served.plan();
        assert_eq!((plan.steps, plan.lending), (vec![], back.to_vec()));
        assert_eq!(plan.lent.taking_back, [account(1), account(2)].into());
        // Once that is done nothing of it is remembered.
        let mut done = with(served.clone(), &[grantee(1)], &[copier(2)]);
        done.lending = next(&served, &[]);
        assert_eq!((done.plan().lending, done.plan().lent), (vec![], Lent::default()));
        done.lending = next(&done, &[]);
        assert_eq!(done.plan().steps.is_empty(), !exclusive);
    }
}

#[test]
fn what_is_declared_before_it_is_lent_is_nobody_elses() {
    let mut case = with(lending(&[1], &[]), &[grantee(1)], &[copier(1)]);
    case = case.shared_with(&[grantee(1)]).copied_by(&[copier(1)]);
    case.lending.new = case.lending.lacking.clone();
    assert_eq!(case.plan().lent.before, LetBefore::default());
}
