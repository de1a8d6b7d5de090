//! What holds whatever the facts are. 256 of each; more by IMAGE_STEWARD_CHANNELS.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::subsequence;

use super::super::*;
use super::random::{at_once, empty_families, events, families};
use super::reference::{expected, good_sets, is_one_version, was_there};
use super::stage::{World, name};
use crate::manifest::{Channel, ChannelSource};
use crate::testing::how_many;
use crate::{Architecture, BuildVersion, ChannelName, ReleaseId};

fn runs() -> ProptestConfig {
    ProptestConfig::with_cases(how_many("IMAGE_STEWARD_CHANNELS", 256))
}

fn moves(plan: &ChannelsPlan) -> BTreeMap<ChannelName, (Pointed, bool)> {
    let moves = plan.moves.iter();
    moves
        .map(|(channel, moved)| (channel.clone(), (moved.to.clone(), moved.backward)))
        .collect()
}

fn history<'a>(world: &'a World, channel: &ChannelName) -> &'a [Moved] {
    world.held.get(channel).map_or(&[], |held| &held.history)
}

fn is_on_revoked(world: &World, moved: &Moved) -> bool {
    let mut releases = world.releases.iter();
    releases.any(|seen| seen.revoked && moved.to.get(&seen.architecture) == Some(&seen.release))
}

fn order(world: &World, moved: &Moved, architecture: Architecture) -> Option<BuildVersion> {
    let id = moved.to.get(&architecture)?;
    world
        .releases
        .iter()
        .find(|seen| seen.release == *id)
        .map(|seen| seen.order)
}

/// Whether there is a good set that a channel may leave a revoked one for.
fn has_good(world: &World, channel: &ChannelName) -> bool {
    let follows_releases = matches!(
        &world.channels[channel],
        Channel::Follows(follows) if follows.from == ChannelSource::Release
    );
    good_sets(world).iter().any(|set| {
        follows_releases && is_one_version(set) || history(world, channel).iter().any(|moved| was_there(moved, set))
    })
}

/// All that a plan promises, of any family.
fn assert_kept(world: &World) -> Result<World, TestCaseError> {
    let plan = world.plan();
    prop_assert_eq!(moves(&plan), expected(world));
    for (channel, moved) in &plan.moves {
        let history = history(world, channel);
        prop_assert!(
            moved
                .to
                .keys()
                .eq(&world.architectures.iter().copied().collect::<BTreeSet<_>>())
        );
        for (architecture, id) in &moved.to {
            let seen = world.releases.iter().find(|seen| seen.release == *id).unwrap();
            prop_assert_eq!(seen.architecture, *architecture);
            prop_assert!(!seen.revoked && seen.standing == ReleaseStanding::Usable);
        }
        prop_assert_eq!(moved.number, history.last().map_or(0, |last| last.number) + 1);
        prop_assert_eq!((&moved.by, moved.at), (&Mover::Itself, world.now));
        let leaves = history.last().is_some_and(|last| is_on_revoked(world, last));
        prop_assert!(leaves || !moved.backward);
        for architecture in moved.to.keys() {
            let mark = history
                .iter()
                .filter_map(|past| order(world, past, *architecture))
                .max();
            prop_assert!(leaves || order(world, moved, *architecture) >= mark);
        }
    }
    let mut after = world.clone();
    after.apply(&plan);
    let again = after.plan();
    prop_assert_eq!(&again.moves, &BTreeMap::new());
    prop_assert_eq!(&again.waits, &plan.waits);
    for channel in world.channels.keys() {
        let waits = again.waits.get(channel).map_or(&[][..], Vec::as_slice);
        let Some(now) = history(&after, channel).last() else {
            prop_assert!(!waits.is_empty(), "{channel} points to nothing, and nobody says why");
            continue;
        };
        let is_said = waits.iter().any(|wait| matches!(wait, Wait::Revoked { .. }));
        prop_assert_eq!(is_said, is_on_revoked(&after, now));
        prop_assert!(!is_said || !has_good(&after, channel), "{channel}");
    }
    Ok(after)
}

proptest! {
    #![proptest_config(runs())]

    #[test]
    fn a_plan_is_what_a_second_opinion_says_and_keeps_its_promises(world in families()) {
        assert_kept(&world)?;
    }

    #[test]
    fn so_is_every_plan_in_a_familys_life(world in empty_families(), events in events()) {
        let mut world = world;
        for event in events {
            world = assert_kept(&world.happens(event))?;
        }
    }

    #[test]
    fn the_order_in_which_releases_were_listed_changes_nothing(
        (world, shuffled) in families().prop_flat_map(|world| {
            let releases = Just(world.releases.clone()).prop_shuffle();
            (Just(world), releases)
        }),
    ) {
        let turned = World { releases: shuffled, ..world.clone() };
        prop_assert_eq!(turned.plan(), world.plan());
    }

    #[test]
    fn whatever_is_revoked_is_left_where_there_is_something_good(world in families(), more in any::<[bool; 12]>()) {
        let mut world = world;
        for (seen, revoked) in world.releases.iter_mut().zip(more) {
            seen.revoked |= revoked;
        }
        assert_kept(&world)?;
    }

    #[test]
    fn a_rollback_is_not_undone_by_the_next_sweep(world in families()) {
        for channel in world.channels.keys() {
            let rolled = decide_rollback(world.facts(), channel, None, String::new(), "it crashes".into());
            let Some(moved) = at_once(rolled).filter(|moved| moved.backward) else { continue };
            let mut after = world.clone();
            after.held.entry(channel.clone()).or_default().history.push(moved.clone());
            let back = after.plan().moves.remove(channel);
            let was = history(&world, channel).last().unwrap();
            prop_assert!(back.is_none_or(|back| back.to != was.to && !back.backward));
        }
    }

    #[test]
    fn a_person_moves_a_channel_only_to_what_is_good_and_leaves_the_rest_where_it_is(
        (world, wanted) in families().prop_flat_map(|world| {
            let releases: Vec<ReleaseId> = world.releases.iter().map(|seen| seen.release).collect();
            let few = 0..=releases.len().min(2);
            (Just(world), subsequence(releases, few))
        }),
    ) {
        let wanted = wanted.into_iter().collect();
        let pinned = name("pinned");
        let promised = decide_promotion(world.facts(), &pinned, &wanted, true, String::new(), "".into());
        if let Some(moved) = at_once(promised) {
            prop_assert!(moved.to.keys().eq(&world.architectures.iter().copied().collect::<BTreeSet<_>>()));
            for (architecture, id) in &moved.to {
                let seen = world.releases.iter().find(|seen| seen.release == *id);
                let was = history(&world, &pinned).last().and_then(|last| last.to.get(architecture));
                if wanted.contains(id) {
                    prop_assert!(seen.is_some_and(|seen| !seen.revoked && seen.standing == ReleaseStanding::Usable));
                } else {
                    prop_assert_eq!(was, Some(id));
                }
            }
        }
    }
}
