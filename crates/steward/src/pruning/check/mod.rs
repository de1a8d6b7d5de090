//! A second look at a plan, for whoever is to act on it: whether it keeps to what must never be broken.
//!
//! It shares with the decision the facts, and how an acceptance is told, and reckons all else anew, in milliseconds: what is wrong
//! in the one is not wrong in the other as well.

mod known;
mod lists;
mod milliseconds;
mod notes;
mod outputs;
mod reasons;
mod steps;
mod violation;
mod waits;

use std::collections::HashMap;

pub use violation::{Invariant, Violation};

use lists::check_lists;
use steps::check_steps;

use super::facts::PruningFacts;
use super::placement::PlacementSeen;
use super::plan::PruningPlan;
use super::release::ReleaseFacts;
use crate::{AmiId, Target, Timestamp};

/// Everything in which a plan breaks what must always hold; nothing: it may be carried out.
pub fn check_plan(facts: &PruningFacts, plan: &PruningPlan, now: Timestamp) -> Vec<Violation> {
    let mut checking = Checking {
        facts,
        plan,
        now,
        images: HashMap::with_capacity(facts.releases.len()),
        violations: Vec::new(),
    };
    for release in &facts.releases {
        for placement in &release.placements {
            let image = (placement.ami, placement.target);
            checking.images.insert(image, (release, placement));
        }
    }
    check_lists(&mut checking);
    check_steps(&mut checking);
    checking.violations
}

struct Checking<'a> {
    facts: &'a PruningFacts,
    plan: &'a PruningPlan,
    now: Timestamp,
    images: HashMap<(AmiId, Target), (&'a ReleaseFacts, &'a PlacementSeen)>,
    violations: Vec<Violation>,
}

impl Checking<'_> {
    fn says(&mut self, invariant: Invariant, ami: Option<AmiId>, says: impl Into<String>) {
        let says = says.into();
        self.violations.push(Violation { invariant, ami, says });
    }
}
