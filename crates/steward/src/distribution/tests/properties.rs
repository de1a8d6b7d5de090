//! What holds whatever the facts are. 256 of each; more by IMAGE_STEWARD_DISTRIBUTIONS.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::super::*;
use super::random::{audience, cases, copiers, grantees, images};
use super::reference::{effects, effects_of, expected, expected_lending};
use super::stage::{Case, away, hub, member, nowhere};
use super::world::World;
use crate::testing::how_many;
use crate::{AmiId, AmiState, SnapshotId};

fn runs() -> ProptestConfig {
    ProptestConfig::with_cases(how_many("IMAGE_STEWARD_DISTRIBUTIONS", 256))
}

/// Who may launch which image, and copy which snapshot.
type Shared = (BTreeSet<(AmiId, Grantee)>, BTreeSet<(SnapshotId, Copier)>);

fn shared_after(case: &Case) -> Shared {
    let mut world = World::new(case.clone(), 0);
    world.take_all(&case.plan());
    let (mut launch, mut copy) = (BTreeSet::new(), BTreeSet::new());
    for (ami, image) in world.case.seen.images {
        launch.extend(image.grants.into_iter().flatten().map(|who| (ami, who)));
        for (snapshot, there) in image.snapshots {
            copy.extend(there.permitted.into_iter().flatten().map(|who| (snapshot, who)));
        }
    }
    (launch, copy)
}

fn is_removal(step: &DistributionStep) -> bool {
    match step {
        DistributionStep::Permit { change, .. } => matches!(change, Change::Remove(_)),
        DistributionStep::Grant { change, .. } => matches!(change, Change::Remove(_)),
        DistributionStep::TakeBackKey { .. } => true,
        DistributionStep::DeregisterFailed { .. }
        | DistributionStep::Enable { .. }
        | DistributionStep::Copy { .. }
        | DistributionStep::Tag { .. }
        | DistributionStep::LendKey { .. } => false,
    }
}

/// The image that a step changes, or whose snapshot it changes.
fn of_image(case: &Case, what: Tagged) -> (&ImageThere, Option<&SnapshotThere>) {
    match what {
        Tagged::Image(ami) => (&case.seen.images[&ami], None),
        Tagged::Snapshot(snapshot) => {
            let mut images = case.seen.images.values();
            let image = images.find(|image| image.snapshots.contains_key(&snapshot)).unwrap();
            (image, image.snapshots.get(&snapshot))
        }
    }
}

fn touched(step: &DistributionStep) -> Vec<Tagged> {
    match step {
        DistributionStep::DeregisterFailed { ami }
        | DistributionStep::Enable { ami }
        | DistributionStep::Grant { ami, .. } => vec![Tagged::Image(*ami)],
        DistributionStep::Copy { .. } | DistributionStep::LendKey { .. } | DistributionStep::TakeBackKey { .. } => {
            vec![]
        }
        DistributionStep::Tag { on, .. } => on.iter().copied().collect(),
        DistributionStep::Permit { ami, snapshot, .. } => vec![Tagged::Image(*ami), Tagged::Snapshot(*snapshot)],
    }
}

/// Of one image. Copies come alone, and so does what enables an image; else what is left of failed ones goes, then tags, then who may copy, then who may launch.
fn rank(step: &DistributionStep) -> u8 {
    match step {
        DistributionStep::DeregisterFailed { .. } | DistributionStep::Enable { .. } => 0,
        DistributionStep::Tag { .. } => 1,
        DistributionStep::Permit { .. } => 2,
        DistributionStep::Grant { .. } => 3,
        DistributionStep::Copy { .. } => 4,
        DistributionStep::LendKey { .. } => 5,
        DistributionStep::TakeBackKey { .. } => 6,
    }
}

proptest! {
    #![proptest_config(runs())]

    #[test]
    fn the_order_in_which_images_were_listed_changes_nothing(
        (listed, shuffled) in images().prop_flat_map(|images| (Just(images.clone()), Just(images).prop_shuffle())),
        audience in audience(),
    ) {
        let plan = |images: Vec<(AmiId, ImageThere)>| {
            let mut case = nowhere();
            case.audience = audience.clone();
            case.seen.images = images.into_iter().collect();
            case.plan()
        };
        prop_assert_eq!(plan(listed), plan(shuffled));
    }

    #[test]
    fn after_a_plans_steps_there_is_nothing_left_to_do_but_what_was_only_just_made_possible(case in cases()) {
        let plan = case.plan();
        let mut world = World::new(case, 0);
        world.take_all(&plan);
        let deregistered = plan.steps.iter().any(|step| matches!(step, DistributionStep::DeregisterFailed { .. }));
        let enabled = plan.steps.iter().any(|step| matches!(step, DistributionStep::Enable { .. }));
        let after = world.case.plan();
        for step in after.steps {
            // An image is shared as declared once it is seen to be enabled; what is left of failed copies goes then.
            prop_assert!(enabled || deregistered && matches!(step, DistributionStep::Copy { .. }), "{step}");
        }
        // What nobody could tell while there was no image to look at ends once there is one, or none is to be.
        let could_tell = matches!(
            plan.standing,
            TargetStanding::There(_) | TargetStanding::OnLadder(_) | TargetStanding::Gone | TargetStanding::NotWanted
        );
        for step in after.lending {
            prop_assert!(enabled || !could_tell && matches!(step, DistributionStep::TakeBackKey { .. }), "{step}");
        }
    }

    #[test]
    fn every_target_comes_to_rest_after_copies_that_failed_too(case in cases(), failing in 0..3usize) {
        let mut world = World::new(case, failing);
        // A copy and its end take a round each, and what is left of a failed one goes in a third.
        // So does what is disabled.
        let most = 5 + 3 * failing;
        let mut rounds = 0;
        while world.is_moving() || !world.case.plan().rests() {
            prop_assert!(rounds < most, "{:?}", world.case.plan());
            let plan = world.case.plan();
            world.take_all(&plan);
            world.pass();
            rounds += 1;
        }
        prop_assert!(expected(&world.case).1.is_empty());
    }

    #[test]
    fn nobody_is_let_in_whom_nobody_declared_nor_the_owner(case in cases()) {
        for step in case.plan().steps {
            match step {
                DistributionStep::Grant { change: Change::Add(who), .. } => {
                    prop_assert!(who.is_subset(&case.audience.images));
                    prop_assert!(!who.contains(&Grantee::Account(hub())));
                }
                DistributionStep::Permit { change: Change::Add(who), .. } => {
                    let SnapshotAudience::Known(copiers) = &case.audience.snapshots else {
                        return Err(TestCaseError::fail("nobody knows who may copy"));
                    };
                    prop_assert!(who.is_subset(copiers));
                    prop_assert!(!who.contains(&Copier::Account(hub())));
                }
                _ => {}
            }
        }
    }

    #[test]
    fn nothing_is_touched_that_is_not_the_accounts_own_and_the_familys(case in cases()) {
        let is_ours = |owner, tags: &BTreeMap<String, String>| {
            owner == case.target.account() && tags.get(FAMILY).is_some_and(|family| family == "web")
        };
        let plan = case.plan();
        for step in plan.steps.into_iter().chain(plan.lending) {
            for what in touched(&step) {
                let (image, snapshot) = of_image(&case, what);
                prop_assert!(is_ours(image.owner, &image.tags), "{step}");
                prop_assert!(snapshot.is_none_or(|there| is_ours(there.owner, &there.tags)), "{step}");
                let is_enabled = matches!(step, DistributionStep::Enable { .. });
                let is_withdrawn = matches!(step, DistributionStep::Permit { change: Change::Remove(_), .. });
                let is_disabled = image.state == AmiState::Disabled;
                prop_assert!(!is_disabled || is_enabled || is_withdrawn, "{step}");
                prop_assert!(is_disabled || !is_enabled, "{step}");
                prop_assert!(case.asked_for && case.target.account() == hub() || !is_enabled, "{step}");
            }
            if let DistributionStep::Copy { .. } = step {
                let source = case.going.source.image.as_ref().unwrap();
                prop_assert_eq!(source.owner, hub());
                prop_assert!(source.tags.get(FAMILY).is_some_and(|family| family == "web"));
                prop_assert!([away(), member()].contains(&case.target));
            }
            if let DistributionStep::DeregisterFailed { ami } = step {
                prop_assert!(case.seen.images[&ami].tags.contains_key(RELEASE));
            }
        }
    }

    #[test]
    fn nothing_is_taken_away_because_something_was_not_read(case in cases()) {
        let is_unknown = matches!(case.audience.snapshots, SnapshotAudience::Unknown(_));
        let plan = case.plan();
        let steps = plan.steps.iter().chain(&plan.lending);
        for step in steps.filter(|step| is_removal(step)) {
            // A grant on a key is known by its name: no audience has any.
            prop_assert!(!is_unknown || matches!(step, DistributionStep::TakeBackKey { .. }), "{step}");
            for what in touched(step) {
                let (image, snapshot) = of_image(&case, what);
                // Who may launch what is disabled nobody asks: nobody may.
                prop_assert!(image.grants.is_some() || image.state == AmiState::Disabled, "{step}");
                prop_assert!(snapshot.is_none_or(|there| there.permitted.is_some()), "{step}");
            }
        }
    }

    #[test]
    fn the_more_are_declared_the_more_are_let_in(case in cases(), grantees in grantees(), copiers in copiers()) {
        let mut more = case.clone();
        more.audience.images.extend(grantees);
        if let SnapshotAudience::Known(known) = &mut more.audience.snapshots {
            known.extend(copiers);
        }
        let (fewer, more) = (shared_after(&case), shared_after(&more));
        prop_assert!(fewer.0.is_subset(&more.0));
        prop_assert!(fewer.1.is_subset(&more.1));
    }

    #[test]
    fn where_grants_are_not_exclusive_nothing_is_taken_away(mut case in cases()) {
        case.distribute.exclusive = false;
        let removal = case.plan().steps.into_iter().find(is_removal);
        prop_assert!(removal.is_none(), "{removal:?}");
    }

    #[test]
    fn steps_come_in_their_order_and_each_has_a_key_of_its_own(case in cases()) {
        let TargetPlan { steps, lending, .. } = case.plan();
        let is_of = |step: &&DistributionStep, ami| touched(step).contains(&Tagged::Image(ami));
        for ami in case.seen.images.keys() {
            prop_assert!(steps.iter().filter(|step| is_of(step, *ami)).is_sorted_by_key(rank));
        }
        prop_assert!(lending.is_sorted_by_key(rank));
        let keys: BTreeSet<String> = steps.iter().chain(&lending).map(DistributionStep::key).collect();
        prop_assert_eq!(keys.len(), steps.len() + lending.len());
        prop_assert!(keys.iter().all(|key| key.len() < 100));
    }

    #[test]
    fn a_second_opinion_comes_to_the_same(case in cases()) {
        let plan = case.plan();
        prop_assert_eq!(effects(&case, &plan), expected(&case));
        prop_assert_eq!(effects_of(&case, &plan.lending), expected_lending(&case));
    }

    #[test]
    fn only_who_lacks_a_copy_is_lent_anything_and_who_has_one_is_left_nothing(case in cases()) {
        let plan = case.plan();
        for step in &plan.lending {
            let (added, who): (bool, BTreeSet<_>) = match step {
                DistributionStep::Permit { change: Change::Add(who), .. } => (true, who.iter().map(ToString::to_string).collect()),
                DistributionStep::Permit { change: Change::Remove(who), .. } => (false, who.iter().map(ToString::to_string).collect()),
                DistributionStep::Grant { change: Change::Add(who), .. } => (true, who.iter().map(ToString::to_string).collect()),
                DistributionStep::Grant { change: Change::Remove(who), .. } => (false, who.iter().map(ToString::to_string).collect()),
                DistributionStep::LendKey { to, .. } => (true, [to.to_string()].into()),
                DistributionStep::TakeBackKey { grant } => (false, [grant.to.to_string()].into()),
                other => return Err(TestCaseError::fail(other.to_string())),
            };
            let lacking: BTreeSet<String> = case.lending.lacking.iter().map(ToString::to_string).collect();
            prop_assert!(!added || who.is_subset(&lacking), "{step}");
            let is_of_a_key = matches!(step, DistributionStep::TakeBackKey { .. });
            prop_assert!(added || is_of_a_key || who.is_disjoint(&lacking), "{step}");
        }
        if case.target.account() == hub() {
            prop_assert_eq!(&plan.lent.to, &case.lending.lacking);
        }
        prop_assert!(plan.lent.taking_back.is_subset(&case.lending.served));
        // Who dies of it leaves to the next look all that it must know.
        let again = Lending::of(case.lending.lacking.clone(), &plan.lent);
        let mut after = case.clone();
        after.lending.served = again.served;
        after.lending.before = again.before;
        prop_assert_eq!(after.plan().lending, plan.lending);
    }
}
