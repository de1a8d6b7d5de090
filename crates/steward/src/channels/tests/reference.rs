//! The same decision once more, slowly: every set of releases that there could be, and which of them it is.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::super::*;
use super::stage::World;
use crate::manifest::{Channel, ChannelSource, Follows};
use crate::{ChannelName, Timestamp};

type Set<'a> = Vec<&'a ReleaseSeen>;

/// Where each channel moves, and whether that is back.
pub(super) fn expected(world: &World) -> BTreeMap<ChannelName, (Pointed, bool)> {
    let mut held = world.held.clone();
    let mut moves = BTreeMap::new();
    let mut left: Vec<&ChannelName> = world.channels.keys().collect();
    while !left.is_empty() {
        let is_next =
            |name: &&ChannelName| followed(&world.channels[*name]).is_none_or(|source| !left.contains(&source));
        let at = left.iter().position(is_next).expect("no circle");
        let name = left.remove(at);
        if let Some(set) = next(world, name, &held) {
            let to: Pointed = set.iter().map(|seen| (seen.architecture, seen.release)).collect();
            let history = &mut held.entry(name.clone()).or_default().history;
            let back = set.iter().any(|seen| {
                let now = history.last().and_then(|moved| find(world, moved, seen));
                now.is_some_and(|now| now.order > seen.order)
            });
            history.push(Moved {
                number: 0,
                to: to.clone(),
                at: world.now,
                by: Mover::Itself,
                why: "".into(),
                backward: back,
            });
            moves.insert(name.clone(), (to, back));
        }
    }
    moves
}

fn followed(channel: &Channel) -> Option<&ChannelName> {
    match channel {
        Channel::Follows(Follows {
            from: ChannelSource::Channel(source),
            ..
        }) => Some(source),
        _ => None,
    }
}

/// What a move put on the channel of the same architecture as this.
fn find<'a>(world: &'a World, moved: &Moved, like: &ReleaseSeen) -> Option<&'a ReleaseSeen> {
    let id = moved.to.get(&like.architecture)?;
    world.releases.iter().find(|seen| seen.release == *id)
}

fn is_good(seen: &ReleaseSeen) -> bool {
    !seen.revoked && seen.standing == ReleaseStanding::Usable
}

/// Every set of one good release of each architecture.
pub(super) fn good_sets(world: &World) -> Vec<Set<'_>> {
    let mut sets: Vec<Set<'_>> = vec![vec![]];
    for architecture in &world.architectures {
        let mut longer = Vec::new();
        for set in &sets {
            for seen in &world.releases {
                if seen.architecture == *architecture && is_good(seen) {
                    longer.push([set.as_slice(), &[seen]].concat());
                }
            }
        }
        sets = longer;
    }
    sets
}

pub(super) fn is_one_version(set: &[&ReleaseSeen]) -> bool {
    set.iter().all(|seen| seen.order.version() == set[0].order.version())
}

pub(super) fn was_there(moved: &Moved, set: &[&ReleaseSeen]) -> bool {
    set.iter()
        .all(|seen| moved.to.get(&seen.architecture) == Some(&seen.release))
}

fn next<'a>(world: &'a World, name: &ChannelName, held: &BTreeMap<ChannelName, ChannelHeld>) -> Option<Set<'a>> {
    let none = ChannelHeld::default();
    let history = &held.get(name).unwrap_or(&none).history;
    let channel = &world.channels[name];
    let sets = good_sets(world);
    let offered: Option<Set<'a>> = match channel {
        Channel::Follows(Follows {
            from: ChannelSource::Release,
            ..
        }) => newest_of_one_version(&sets),
        Channel::Follows(Follows {
            from: ChannelSource::Channel(source),
            after,
        }) => {
            let after = after.map_or(std::time::Duration::ZERO, crate::Duration::length);
            let source = &held.get(source).unwrap_or(&none).history;
            soaked(&sets, source, after, world.now)
        }
        Channel::ByHand(_) => None,
    };
    let follows_releases = matches!(channel, Channel::Follows(_)) && followed(channel).is_none();
    let forward = offered.clone().filter(|set| is_forward(world, history, set));
    let now = history.last();
    let here = |seen: &&ReleaseSeen| now.is_some_and(|now| now.to.values().any(|id| *id == seen.release));
    if world.releases.iter().filter(here).any(|seen| seen.revoked) {
        let mut good: Vec<Set<'a>> = sets
            .into_iter()
            .filter(|set| history.iter().any(|moved| was_there(moved, set)))
            .chain(offered.filter(|_| follows_releases))
            .collect();
        good.sort_by(|left, right| by_newness(left, right));
        return forward.or_else(|| good.pop());
    }
    let is_unknown = |architecture| {
        let id = now.and_then(|now| now.to.get(architecture));
        id.is_some_and(|id| !world.releases.iter().any(|seen| seen.release == *id))
    };
    if world.architectures.iter().any(is_unknown) {
        return None;
    }
    forward.filter(|set| !(follows_releases && is_part_of_a_wave(world, history, set)))
}

/// The one that is as new as every other in each architecture.
fn newest_of_one_version<'a>(sets: &[Set<'a>]) -> Option<Set<'a>> {
    let one_version: Vec<&Set<'a>> = sets.iter().filter(|set| is_one_version(set)).collect();
    let is_newest = |set: &&&Set<'a>| {
        let mut others = one_version.iter();
        others.all(|other| {
            set.iter()
                .zip(other.iter())
                .all(|(one, other)| one.order >= other.order)
        })
    };
    one_version.iter().find(is_newest).map(|set| (*set).clone())
}

fn soaked<'a>(sets: &[Set<'a>], source: &[Moved], after: std::time::Duration, now: Timestamp) -> Option<Set<'a>> {
    let mut found = None;
    for (at, moved) in source.iter().enumerate() {
        if moved.backward {
            found = None;
        }
        let end = source[at + 1..].first().map_or(now, |next| std::cmp::min(next.at, now));
        let stood = end.as_millisecond() - moved.at.as_millisecond();
        let needed = i64::try_from(after.as_millis()).unwrap();
        if stood >= needed || needed == 0 {
            found = sets.iter().find(|set| was_there(moved, set)).cloned().or(found);
        }
    }
    found
}

fn is_forward(world: &World, history: &[Moved], set: &Set<'_>) -> bool {
    let ever = |seen: &ReleaseSeen| -> Vec<Ordering> {
        let past = history.iter().filter_map(|moved| find(world, moved, seen));
        past.map(|past| seen.order.cmp(&past.order)).collect()
    };
    let is_back = set.iter().any(|seen| ever(seen).contains(&Ordering::Less));
    !is_back && set.iter().any(|seen| ever(seen).iter().all(|way| way.is_gt()))
}

fn is_part_of_a_wave(world: &World, history: &[Moved], set: &Set<'_>) -> bool {
    set.iter().any(|seen| {
        let stays = history
            .iter()
            .filter_map(|moved| find(world, moved, seen))
            .any(|past| past.order == seen.order);
        let is_newer = |other: &&ReleaseSeen| {
            other.architecture == seen.architecture
                && other.order.version() == seen.order.version()
                && other.order.build() > seen.order.build()
        };
        stays
            && world.releases.iter().filter(is_newer).any(|other| {
                let is_over = matches!(
                    other.standing,
                    ReleaseStanding::Usable | ReleaseStanding::Disabled(_) | ReleaseStanding::Retired
                );
                !other.revoked && !is_over
            })
    })
}

/// By the older release, then the newer, then arm64's.
fn by_newness(left: &Set<'_>, right: &Set<'_>) -> Ordering {
    let older = |set: &Set<'_>| set.iter().map(|seen| seen.order).min();
    let newer = |set: &Set<'_>| set.iter().map(|seen| seen.order).max();
    let arm = |set: &Set<'_>| {
        set.iter()
            .find(|seen| seen.architecture == super::stage::A)
            .map(|seen| seen.order)
    };
    older(left)
        .cmp(&older(right))
        .then(newer(left).cmp(&newer(right)))
        .then(arm(left).cmp(&arm(right)))
}
