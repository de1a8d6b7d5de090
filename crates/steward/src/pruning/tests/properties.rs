//! What holds whatever the facts are. 256 of each; more by IMAGE_STEWARD_PRUNING.

use std::collections::BTreeSet;

use fastrand::Rng;
use proptest::prelude::*;

use super::super::*;
use super::random::{family_of, protect, unlimited};
use super::stage::*;
use crate::testing::how_many;
use crate::{AmiId, Timestamp};

fn runs() -> ProptestConfig {
    ProptestConfig::with_cases(how_many("IMAGE_STEWARD_PRUNING", 256))
}

/// The images that go down a rung, and to which.
fn going(plan: &PruningPlan) -> BTreeSet<(AmiId, Rung)> {
    let down = plan.steps.iter().filter_map(|step| match &step.effect {
        Effect::Deprecate { ami, .. } => Some((*ami, Rung::Deprecated)),
        Effect::Disable { ami, .. } => Some((*ami, Rung::Disabled)),
        Effect::Deregister { ami, .. } => Some((*ami, Rung::Deregistered)),
        Effect::Restore { .. } | Effect::DeprecateOutput(_) | Effect::DeleteOutput(_) => None,
    });
    down.collect()
}

fn earlier(rng: &mut Rng) -> Timestamp {
    second(100 * 86_400 - rng.i64(0..60 * 86_400))
}

proptest! {
    #![proptest_config(runs())]

    #[test]
    fn a_second_look_finds_nothing_wrong_with_any_plan(seed in any::<u64>()) {
        let world = family_of(seed);
        let plan = world.plan();
        prop_assert_eq!(check_plan(&world.facts, &plan, world.now), []);
    }

    #[test]
    fn every_image_is_listed_once(seed in any::<u64>()) {
        let world = family_of(seed);
        let plan = world.plan();
        let expendable = plan.expendable.iter().map(|entry| entry.ami);
        let listed = expendable.chain(plan.kept.iter().map(|entry| entry.ami)).chain(plan.blocked.iter().map(|entry| entry.ami));
        let mut listed: Vec<AmiId> = listed.collect();
        listed.sort_unstable();
        let images = world.facts.releases.iter().flat_map(|release| &release.placements);
        let mut images: Vec<AmiId> = images.map(|placement| placement.ami).collect();
        images.sort_unstable();
        prop_assert_eq!(listed, images);
    }

    #[test]
    fn the_order_in_which_anything_was_listed_changes_nothing(seed in any::<u64>()) {
        let world = family_of(seed);
        let rng = &mut Rng::with_seed(seed);
        let mut turned = world.clone();
        rng.shuffle(&mut turned.facts.releases);
        rng.shuffle(&mut turned.facts.evidence);
        for release in &mut turned.facts.releases {
            rng.shuffle(&mut release.placements);
            rng.shuffle(&mut release.holds);
        }
        prop_assert_eq!(turned.plan(), world.plan());
    }

    #[test]
    fn once_a_plan_is_carried_out_nothing_is_left_to_do(seed in any::<u64>()) {
        let world = unlimited(seed);
        let after = world.after(&world.plan());
        let again = after.plan();
        prop_assert!(again.rests(), "{:?}", again);
    }

    #[test]
    fn more_protection_never_takes_more_down(seed in any::<u64>()) {
        let world = unlimited(seed);
        let mut protected = world.clone();
        let rng = &mut Rng::with_seed(seed);
        if let Some(release) = rng.choice(&mut protected.facts.releases) {
            protect(rng, release);
        }
        prop_assert!(going(&protected.plan()).is_subset(&going(&world.plan())));
    }

    #[test]
    fn turning_the_clock_back_never_takes_more_down(seed in any::<u64>()) {
        let mut world = unlimited(seed);
        for evidence in &mut world.facts.evidence {
            evidence.sources = vec![read("instances", world.now)];
        }
        let back = world.clone().at(earlier(&mut Rng::with_seed(seed)));
        prop_assert!(going(&back.plan()).is_subset(&going(&world.plan())));
    }

    #[test]
    fn what_waits_for_its_time_goes_no_earlier_and_then(seed in any::<u64>()) {
        let world = unlimited(seed);
        let plan = world.plan();
        let goes = going(&plan);
        for entry in &plan.expendable {
            let Some(next) = entry.next else { continue };
            prop_assert!(!goes.contains(&(entry.ami, next.rung)) || next.at <= world.now);
        }
    }
}
