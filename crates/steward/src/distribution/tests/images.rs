//! Which image is the release's, and what becomes of the others.

use super::super::*;
use super::stage::*;
use crate::AmiState;

fn not_ours(n: u64, cause: NotOurs) -> Finding {
    Finding::NotOurs {
        ami: ami(n),
        cause,
        family: "web".parse().unwrap(),
    }
}

#[test]
fn a_copy_under_way_is_waited_for() {
    for state in [AmiState::Pending, AmiState::Transient] {
        let mut case = there().shared_with(&[grantee(1)]);
        case.image(2).state = state;
        let plan = case.plan();
        let since = Some(day(2));
        assert_eq!(plan.standing, TargetStanding::Pending { ami: ami(2), since });
        assert_eq!(plan.steps, []);
    }
}

#[test]
fn a_copy_that_takes_longer_than_a_day_is_overdue_and_waited_for_all_the_same() {
    for state in [AmiState::Pending, AmiState::Transient] {
        let mut case = there();
        case.image(2).state = state;
        case.now = day(3).checked_sub(crate::Duration::seconds(1)).unwrap();
        assert_eq!(case.plan().findings, []);
        case.now = day(3);
        let plan = case.plan();
        let since = day(2);
        let overdue = Finding::Overdue {
            ami: ami(2),
            since,
            state,
            why: None,
        };
        assert!(overdue.is_trouble());
        assert_eq!(plan.findings, [overdue]);
        let since = Some(since);
        assert_eq!(plan.standing, TargetStanding::Pending { ami: ami(2), since });
        assert_eq!(plan.steps, []);
        // When it began nobody knows.
        case.image(2).created = None;
        assert_eq!(case.plan().findings, []);
    }
}

#[test]
fn of_two_copies_the_oldest_counts_and_the_other_is_said() {
    let later = |n: u64, days: Option<u64>| ImageThere {
        created: days.map(day),
        ..our_copy(n)
    };
    let case = nowhere()
        .holding(2, later(2, None))
        .holding(3, later(3, Some(5)))
        .holding(4, later(4, Some(4)))
        .holding(5, later(5, Some(4)));
    let plan = case.shared_with(&[grantee(1)]).plan();
    assert_eq!(plan.standing, TargetStanding::There(ami(4)));
    let second = |n| Finding::Second {
        ami: ami(n),
        kept: ami(4),
    };
    assert_eq!(plan.findings, [second(5), second(3), second(2)]);
    let [DistributionStep::Grant { ami: granted, .. }] = plan.steps[..] else {
        panic!("{:?}", plan.steps);
    };
    assert_eq!(granted, ami(4));
}

#[test]
fn where_it_was_built_the_image_of_the_build_counts_and_none_that_is_older() {
    let mut copy = our_copy(2);
    copy.created = None;
    let mut case = at_home().holding(2, copy);
    case.image(1).created = Some(day(9));
    case.image(2).created = Some(day(1));
    let plan = case.plan();
    assert_eq!(plan.standing, TargetStanding::There(ami(1)));
    case.seen.images.remove(&ami(1));
    case.going.source.ended = true;
    assert_eq!(case.plan().standing, TargetStanding::Gone);
}

#[test]
fn a_builds_image_that_one_list_missed_is_not_gone_and_if_that_stays_somebody_is_told() {
    let mut case = at_home();
    case.seen.images.clear();
    case.going.source.image = None;
    let plan = case.plan();
    assert_eq!((&plan.standing, &plan.steps), (&TargetStanding::Missing, &vec![]));
    assert_eq!(plan.reach(false), Reach::Coming);
    let family = "web".parse().unwrap();
    assert_eq!(plan.findings, [Finding::Unlisted { ami: ami(1), family }]);
    assert!(plan.findings[0].is_overdue() && plan.findings[0].is_trouble());
}

#[test]
fn a_copy_that_the_record_names_needs_no_tag_of_its_release() {
    let mut case = there();
    case.image(2).tags.remove(RELEASE);
    assert_eq!(case.plan().standing, TargetStanding::There(ami(2)));
}

#[test]
fn what_is_another_accounts_untagged_or_of_another_family_or_release_is_left_alone_and_said() {
    let left_alone = |change: &dyn Fn(&mut ImageThere), cause| {
        for state in [AmiState::Available, AmiState::Failed] {
            let mut case = there().shared_with(&[grantee(1)]);
            case.image(2).state = state;
            change(case.image(2));
            let plan = case.plan();
            assert!(
                matches!(&plan.steps[..], [DistributionStep::Copy { .. }]),
                "{:?}",
                plan.steps
            );
            assert_eq!(plan.findings, [not_ours(2, NotOurs::clone(&cause))]);
        }
    };
    left_alone(&|image| image.owner = account(1), NotOurs::OfAnother(account(1)));
    left_alone(&|image| drop(image.tags.remove(FAMILY)), NotOurs::Untagged);
    let tag = |key: &'static str| move |image: &mut ImageThere| drop(image.tags.insert(key.to_owned(), "x".to_owned()));
    left_alone(&tag(FAMILY), NotOurs::OtherFamily("x".into()));
    left_alone(&tag(RELEASE), NotOurs::OtherRelease("x".into()));
}

#[test]
fn a_builds_image_that_lost_its_tag_blocks_where_it_was_built() {
    let mut case = at_home().shared_with(&[grantee(1)]);
    case.image(1).tags.remove(FAMILY);
    let plan = case.plan();
    assert_eq!((plan.standing, plan.steps), (TargetStanding::Blocked, vec![]));
    assert_eq!(plan.findings, [not_ours(1, NotOurs::Untagged)]);
}

#[test]
fn what_failed_of_our_copies_is_deregistered_before_the_next_one() {
    for state in [AmiState::Failed, AmiState::Error, AmiState::Invalid] {
        let mut case = there().shared_with(&[grantee(1)]);
        case.image(2).state = state;
        case.image(2).why = Some("no such key".into());
        let plan = case.plan();
        let why = Some("no such key".into());
        assert_eq!(plan.standing, TargetStanding::Failed { ami: ami(2), why });
        assert_eq!(plan.steps, [DistributionStep::DeregisterFailed { ami: ami(2) }]);
        assert!(matches!(plan.findings[..], [Finding::CopyFailed { .. }]));
    }
}

#[test]
fn what_failed_and_was_not_copied_by_us_from_the_build_is_left_and_holds_up_no_copy() {
    let left = |change: &dyn Fn(&mut ImageThere)| {
        let mut case = there();
        case.image(2).state = AmiState::Failed;
        change(case.image(2));
        let plan = case.plan();
        assert!(matches!(plan.steps[..], [DistributionStep::Copy { .. }]));
        let left = Finding::LeftFailed { ami: ami(2), why: None };
        assert_eq!(plan.findings, [left]);
    };
    left(&|image| image.source = Some((home().region(), ami(9))));
    left(&|image| image.source = Some((away().region(), ami(1))));
    left(&|image| image.source = None);
    left(&|image| drop(image.tags.remove(RELEASE)));
}

#[test]
fn a_builds_image_that_failed_is_left_to_people() {
    let mut case = at_home();
    case.image(1).state = AmiState::Failed;
    case.image(1).source = Some((home().region(), ami(1)));
    case.image(1).tags = our_tags();
    let plan = case.plan();
    assert_eq!(plan.standing, TargetStanding::Failed { ami: ami(1), why: None });
    assert_eq!(plan.steps, []);
}

#[test]
fn a_failed_copy_beside_one_that_came_is_deregistered_all_the_same() {
    let mut case = there().holding(3, our_copy(3));
    case.image(3).state = AmiState::Failed;
    let plan = case.plan();
    assert_eq!(plan.standing, TargetStanding::There(ami(2)));
    assert_eq!(plan.steps, [DistributionStep::DeregisterFailed { ami: ami(3) }]);
}

#[test]
fn a_deregistered_image_that_is_still_listed_is_none() {
    let mut case = there();
    case.image(2).state = AmiState::Deregistered;
    let plan = case.plan();
    assert!(matches!(plan.steps[..], [DistributionStep::Copy { .. }]));
    assert_eq!(plan.findings, []);
    case.image(2).tags.clear();
    assert_eq!(case.plan().findings, []);
}

#[test]
fn a_disabled_image_is_left_to_pruning_with_all_that_is_beside_it() {
    let mut case = there().holding(3, our_copy(3)).shared_with(&[grantee(1)]);
    case.image(2).state = AmiState::Disabled;
    case.image(2).tags.remove("team");
    case.image(3).state = AmiState::Failed;
    let plan = case.plan();
    assert_eq!((plan.standing, plan.steps), (TargetStanding::OnLadder(ami(2)), vec![]));
    assert_eq!(plan.findings, []);
    // One that can be used counts before one that cannot.
    case.image(3).state = AmiState::Available;
    assert_eq!(case.plan().standing, TargetStanding::There(ami(3)));
}

#[test]
fn a_disabled_image_is_enabled_once_a_person_asked_for_its_release_and_then_shared() {
    let mut case = there().shared_with(&[grantee(1)]).copied_by(&[copier(1)]);
    case.image(2).state = AmiState::Disabled;
    case.image(2).tags.remove("team");
    assert_eq!(case.plan().steps, []);
    assert_eq!(case.plan().reach(false), Reach::Disabled);
    case.asked_for = true;
    let plan = case.plan();
    assert_eq!(
        (&plan.standing, plan.reach(false)),
        (&TargetStanding::OnLadder(ami(2)), Reach::Disabled)
    );
    assert_eq!(plan.steps, [DistributionStep::Enable { ami: ami(2) }]);
    assert!(!plan.rests());
    case.image(2).state = AmiState::Available;
    let plan = case.plan();
    assert!(
        matches!(
            plan.steps[..],
            [
                DistributionStep::Tag { .. },
                DistributionStep::Permit { .. },
                DistributionStep::Grant { .. }
            ]
        ),
        "{plan:?}"
    );
}

#[test]
fn only_the_hubs_own_images_are_enabled_and_only_where_the_manifest_wants_them() {
    let disabled = |mut case: Case, n| {
        case.image(n).state = AmiState::Disabled;
        case.asked_for = true;
        case
    };
    let enable = |n| vec![DistributionStep::Enable { ami: ami(n) }];
    let only_home = "regions: { eu-west-1: {} }";
    assert_eq!(disabled(at_home(), 1).plan().steps, enable(1));
    // Where it was built it is wanted whatever the manifest says.
    let elsewhere = at_home().by("regions: { us-east-1: {} }");
    assert_eq!(disabled(elsewhere, 1).plan().steps, enable(1));
    assert_eq!(disabled(there(), 2).plan().steps, enable(2));
    assert_eq!(disabled(there().by(only_home), 2).plan().steps, []);
    // A member's copy is its owner's affair.
    let theirs = disabled(of_member(there()), 2).plan();
    assert_eq!(
        (theirs.standing, theirs.steps),
        (TargetStanding::OnLadder(ami(2)), vec![])
    );
    // What only says that it is ours is not.
    let mut stranger = disabled(there(), 2);
    stranger.image(2).owner = account(1);
    assert!(!stranger.plan().steps.contains(&enable(2)[0]));
    let mut untagged = disabled(there(), 2);
    untagged.image(2).tags.remove(FAMILY);
    assert!(!untagged.plan().steps.contains(&enable(2)[0]));
    // Of two, the one that can be used; what is copied from is enabled where it is.
    let second = disabled(there().holding(3, our_copy(3)), 2).plan();
    assert_eq!((second.standing, second.steps), (TargetStanding::There(ami(3)), vec![]));
    let mut source = nowhere();
    source.source().state = AmiState::Disabled;
    source.asked_for = true;
    assert_eq!(source.plan().steps, []);
}

#[test]
fn tags_that_changed_are_put_back_and_those_that_nobody_declared_stay() {
    let mut case = there();
    case.image(2).tags.insert(String::from("keep"), String::from("true"));
    case.image(2)
        .tags
        .insert(String::from("Name"), String::from("by a person"));
    assert_eq!(case.plan().steps, []);
    case.snapshot().tags.insert(String::from("team"), String::from("other"));
    let set = [(String::from("team"), String::from("web"))].into();
    let on = [Tagged::Snapshot(snap(2))].into();
    assert_eq!(case.plan().steps, [DistributionStep::Tag { on, set }]);
    // What is declared no more may be somebody's.
    assert_eq!(case.by("regions: { us-east-1: {} }").plan().steps, []);
}

#[test]
fn only_tags_that_are_lacking_are_put_on_and_never_on_a_snapshot_that_is_not_ours() {
    let mut case = there().by("regions: { us-east-1: {} }, tags: { team: web, cost: \"7\" }");
    case.snapshot().tags.remove(FAMILY);
    let set = [(String::from("cost"), String::from("7"))].into();
    let on = [Tagged::Image(ami(2))].into();
    assert_eq!(case.plan().steps, [DistributionStep::Tag { on, set }]);
    case.snapshot().tags = our_tags();
    case.snapshot().owner = account(1);
    let [DistributionStep::Tag { on, .. }] = &case.plan().steps[..] else {
        panic!("{:?}", case.plan().steps);
    };
    assert_eq!(on.len(), 1);
}

#[test]
fn an_image_by_another_key_than_its_regions_is_said_and_left() {
    let mut case = there().with_key();
    let plan = case.plan();
    let other = Finding::CopiedByOtherKey {
        ami: ami(2),
        key: key(KEY),
    };
    assert_eq!((plan.steps, plan.findings), (vec![], vec![other]));
    case.snapshot().encryption = Encryption::Key(key(KEY));
    assert_eq!(case.plan().findings, []);
    let plan = at_home().with_key().plan();
    let other = Finding::BuiltByOtherKey {
        ami: ami(1),
        key: key(KEY),
    };
    assert_eq!((plan.steps, plan.findings), (vec![], vec![other]));
}

#[test]
fn each_image_has_its_own_steps() {
    let mut case = there().holding(3, our_copy(3));
    case.image(2).state = AmiState::Failed;
    case.image(3).state = AmiState::Failed;
    let keys: Vec<String> = case.plan().steps.iter().map(DistributionStep::key).collect();
    assert_eq!(
        keys,
        [format!("deregister {}", ami(2)), format!("deregister {}", ami(3))]
    );
}
