//! What a manifest would do, day by day: forward, with new releases as they have come till now, and backward, over what was launched.
//!
//! Each day is decided by the very decision that prunes, and its plan carried out on paper.

mod future;
mod look_back;
mod played;
mod shown;

pub use look_back::{LookBack, Missed, look_back};

use serde::Serialize;

use self::future::Future;
use self::played::Played;
use super::facts::PruningFacts;
use super::release::{Place, ReleaseFacts};
use super::rung::Rung;
use crate::{Duration, FamilyName, Timestamp};

/// Nobody knows what is in two years.
const MOST_DAYS: u32 = 730;
const DAY: Duration = Duration::days(1);
/// So often a day is decided at most where `per_run` holds it up: every five minutes.
const RUNS: u32 = 288;

/// What a family's images come to, day by day.
///
/// What uses its images, its channels, holds and launches stay as they are; evidence is complete, and people are told. Nobody accepts
/// what is more than `share` allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Simulation {
    /// Which family.
    pub family: FamilyName,
    /// How far apart its releases are, as they were till now; none: too few to tell, and none is added.
    pub seconds_apart: Option<u64>,
    /// Whether all that it has was adopted: then no build is to come.
    #[serde(skip)]
    pub adopted: bool,
    /// Each day, the first is today.
    pub days: Vec<SimulatedDay>,
}

/// A family's images on a day, after its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SimulatedDay {
    /// When.
    pub at: Timestamp,
    /// How many images of ours there are.
    pub images: usize,
    /// Of these not on the ladder.
    pub available: usize,
    /// Deprecated.
    pub deprecated: usize,
    /// Disabled.
    pub disabled: usize,
    /// How many more were made since today.
    pub made: usize,
    /// How many went for good since today.
    pub gone: usize,
    /// What the images hold at most, in GiB.
    pub gib: u64,
    /// Whether more would become expendable than `share` allows, and so nothing new does.
    pub waits_for_a_person: bool,
}

/// Plays so many days forward, from now on: two years at most.
pub fn simulate(facts: &PruningFacts, days: u32, now: Timestamp) -> Simulation {
    let future = Future::of(&facts.releases, now);
    let interval = future.interval();
    let mut played = Played::new(facts.clone(), now);
    let mut to_come = future;
    let mut simulated = Vec::new();
    let mut at = now;
    for _ in 0..=days.min(MOST_DAYS) {
        for release in to_come.until(at) {
            played.make(release);
        }
        let waits_for_a_person = played.run_until_it_rests(at, RUNS);
        simulated.push(SimulatedDay {
            waits_for_a_person,
            ..played.day(at)
        });
        let Some(next) = at.checked_add(DAY) else { break };
        at = next;
    }
    Simulation {
        family: facts.family.clone(),
        adopted: is_adopted(&facts.releases),
        seconds_apart: interval.map(|interval| interval.as_secs()),
        days: simulated,
    }
}

/// Whether there are releases, and none of them was built.
fn is_adopted(releases: &[ReleaseFacts]) -> bool {
    let is_adopted = |release: &ReleaseFacts| matches!(release.place, Place::Adopted { .. });
    !releases.is_empty() && releases.iter().all(is_adopted)
}

impl Played {
    /// How the images stand.
    fn day(&self, at: Timestamp) -> SimulatedDay {
        let mut day = SimulatedDay {
            at,
            images: 0,
            available: 0,
            deprecated: 0,
            disabled: 0,
            made: self.made,
            gone: self.gone,
            gib: 0,
            waits_for_a_person: false,
        };
        for image in self.facts.releases.iter().flat_map(ReleaseFacts::managed) {
            day.images += 1;
            day.gib = day.gib.saturating_add(image.gib);
            match image.standing.rung() {
                Some(Rung::Available) => day.available += 1,
                Some(Rung::Deprecated) => day.deprecated += 1,
                Some(Rung::Disabled) => day.disabled += 1,
                Some(Rung::Deregistered) | None => {}
            }
        }
        day
    }
}
