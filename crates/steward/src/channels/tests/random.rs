//! Families as they may be, likely or not, and what may happen to one.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::*;
use super::stage::*;
use crate::{Architecture, ChannelName};

pub(super) const BUILDS: [&str; 6] = ["1.0.0/1", "1.0.0/2", "1.0.0/3", "1.1.0/1", "1.1.0/2", "1.1.0/3"];
const CHANNELS: [&str; 5] = ["candidate", "early", "late", "pinned", "stable"];

fn builds() -> impl Strategy<Value = &'static str> {
    select(&BUILDS[..])
}

fn architectures() -> impl Strategy<Value = Architecture> {
    select(vec![A, X])
}

fn standings() -> impl Strategy<Value = &'static str> {
    prop_oneof![5 => Just(""), 3 => select(vec![COMING, BUILDING, FAILED, RETIRED, DISABLED])]
}

fn times() -> impl Strategy<Value = Option<&'static str>> {
    select(vec![None, Some("0s"), Some("1h"), Some("24h")])
}

/// One that follows releases and one that a person moves, one that follows each, and one that follows such a one.
pub(super) fn empty_families() -> impl Strategy<Value = World> {
    (
        times(),
        times(),
        times(),
        select(vec![vec![A, X], vec![X, A], vec![A, X], vec![X]]),
    )
        .prop_map(|(stable, late, early, architectures)| {
            family()
                .for_only(&architectures)
                .with("stable", from("candidate", stable))
                .with("late", from("pinned", late))
                .with("early", from("stable", early))
        })
}

fn releases() -> impl Strategy<Value = Vec<ReleaseSeen>> {
    let build = || option::weighted(0.7, (standings(), prop::bool::weighted(0.2)));
    vec((build(), build()), BUILDS.len()).prop_map(|builds| {
        let mut world = family();
        for (build, (arm, intel)) in BUILDS.into_iter().zip(builds) {
            for (architecture, found) in [(A, arm), (X, intel)] {
                let Some((standing, revoked)) = found else { continue };
                world = world.has(architecture, build, standing);
                if revoked {
                    world = world.revoke(architecture, build);
                }
            }
        }
        world.releases
    })
}

/// Where a channel was, whether it could have been or not.
fn histories() -> impl Strategy<Value = ChannelHeld> {
    let to = (option::weighted(0.9, builds()), option::weighted(0.9, builds()));
    vec((to, 0..30i64, prop::bool::weighted(0.2)), 0..5).prop_map(|moves| {
        let mut hours = 30;
        let mut world = family();
        for ((arm, intel), later, backward) in moves {
            hours += later;
            let to: Vec<(Architecture, &str)> = [(A, arm), (X, intel)]
                .into_iter()
                .filter_map(|(on, build)| Some((on, build?)))
                .collect();
            world = world.moved_to("candidate", hours, &to);
            if backward {
                world = world.backward("candidate");
            }
        }
        world.held.remove(&name("candidate")).unwrap_or_default()
    })
}

pub(super) fn families() -> BoxedStrategy<World> {
    (empty_families(), releases(), vec(histories(), CHANNELS.len()))
        .prop_map(|(world, releases, histories)| {
            let held: BTreeMap<ChannelName, ChannelHeld> = CHANNELS.map(name).into_iter().zip(histories).collect();
            World {
                held,
                releases,
                ..world
            }
        })
        .boxed()
}

/// Something that happens to a family.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    Stands(Architecture, &'static str, &'static str),
    Revoked(Architecture, &'static str),
    Restored(Architecture, &'static str),
    Hours(u8),
    Promoted(&'static str, Architecture, &'static str),
    RolledBack(&'static str),
}

pub(super) fn events() -> impl Strategy<Value = Vec<Event>> {
    let build = || (architectures(), builds());
    let event = prop_oneof![
        6 => (build(), standings()).prop_map(|((on, build), standing)| Event::Stands(on, build, standing)),
        2 => build().prop_map(|(on, build)| Event::Revoked(on, build)),
        1 => build().prop_map(|(on, build)| Event::Restored(on, build)),
        4 => (0..30u8).prop_map(Event::Hours),
        2 => (select(&CHANNELS[..]), build()).prop_map(|(channel, (on, build))| Event::Promoted(channel, on, build)),
        1 => select(&CHANNELS[..]).prop_map(Event::RolledBack),
    ];
    vec(event, 1..30)
}

/// What is not put off.
pub(super) fn at_once(promised: Result<Promised, Refusal>) -> Option<Moved> {
    match promised {
        Ok(Promised::Move(moved)) => Some(moved),
        Ok(Promised::Restore(_)) | Err(_) => None,
    }
}

impl World {
    pub(super) fn happens(mut self, event: Event) -> Self {
        match event {
            Event::Stands(architecture, build, standing) => {
                let revoked = self
                    .releases
                    .iter()
                    .any(|seen| seen.release == id(architecture, build) && seen.revoked);
                let world = self.now_is(architecture, build, standing);
                return if revoked {
                    world.revoke(architecture, build)
                } else {
                    world
                };
            }
            Event::Revoked(architecture, build) => self.revokes(architecture, build, true),
            Event::Restored(architecture, build) => self.revokes(architecture, build, false),
            Event::Hours(hours) => {
                let hours = std::time::Duration::from_secs(3_600 * u64::from(hours));
                self.now = self.now.checked_add(hours).unwrap();
            }
            Event::Promoted(channel, architecture, build) => {
                // The other architectures' newest of that version come along.
                let mut wanted = newest_of(self.facts(), order(build).version(), None);
                wanted.retain(|other| {
                    self.releases
                        .iter()
                        .all(|seen| seen.release != *other || seen.architecture != architecture)
                });
                wanted.insert(id(architecture, build));
                let channel = name(channel);
                let moved = decide_promotion(self.facts(), &channel, &wanted, true, String::new(), "asked".into());
                self.held.entry(channel).or_default().history.extend(at_once(moved));
            }
            Event::RolledBack(channel) => {
                let channel = name(channel);
                let moved = decide_rollback(self.facts(), &channel, None, String::new(), "asked".into());
                self.held.entry(channel).or_default().history.extend(at_once(moved));
            }
        }
        self
    }

    fn revokes(&mut self, architecture: Architecture, build: &str, revoked: bool) {
        let id = id(architecture, build);
        let found = self.releases.iter_mut().filter(|seen| seen.release == id);
        found.for_each(|seen| seen.revoked = revoked);
    }
}
