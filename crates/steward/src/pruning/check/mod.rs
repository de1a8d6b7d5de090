//! A second look at a plan, for whoever is to act on it: whether it keeps to what must never be broken.
//!
//! It shares with the decision nothing but the facts, and reckons all else anew, in milliseconds: what is wrong in the one is not
//! wrong in the other as well.

mod acceptance;
mod asked;
mod containers;
mod known;
mod left_behind;
mod limits;
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

use asked::Asked;
use containers::check_containers;
use known::is_known;
use left_behind::check_left_behind;
use limits::check_limits;
use lists::check_lists;
use notes::check_notes;
use outputs::check_outputs;
use reasons::{Reason, lines, reasons};
use steps::check_steps;

use super::facts::{Makes, PruningFacts, Switch};
use super::placement::PlacementSeen;
use super::plan::PruningPlan;
use super::release::ReleaseFacts;
use crate::{AmiId, ReleaseId, Target, Timestamp};

/// Everything in which a plan breaks what must always hold; nothing: it may be carried out.
pub fn check_plan(facts: &PruningFacts, plan: &PruningPlan, now: Timestamp) -> Vec<Violation> {
    let mut checking = Checking {
        facts,
        plan,
        now,
        releases: HashMap::with_capacity(facts.releases.len()),
        images: HashMap::with_capacity(facts.releases.len()),
        known: false,
        asked: Asked::of(&facts.evidence, now),
        violations: Vec::new(),
    };
    let lines = lines(&facts.releases, now);
    for release in &facts.releases {
        let retain = facts.retain.as_ref();
        let reasons = retain.map(|retain| reasons(release, retain, &lines, (&checking.asked, now)));
        checking.releases.insert(release.release, Judged { release, reasons });
        for placement in &release.placements {
            let image = (placement.ami, placement.target);
            checking.images.insert(image, (release, placement));
        }
    }
    checking.known = is_known(&checking);
    check_lists(&mut checking);
    check_left_behind(&mut checking);
    check_containers(&mut checking);
    check_steps(&mut checking);
    check_outputs(&mut checking);
    match facts.makes {
        Makes::Images => check_notes(&mut checking),
        // There is nothing to note, not even what is no more.
        Makes::Containers => {}
    }
    check_limits(&mut checking);
    checking.violations
}

struct Checking<'a> {
    facts: &'a PruningFacts,
    plan: &'a PruningPlan,
    now: Timestamp,
    releases: HashMap<ReleaseId, Judged<'a>>,
    images: HashMap<(AmiId, Target), (&'a ReleaseFacts, &'a PlacementSeen)>,
    /// Whether who uses images is known wherever the family's releases can reach.
    known: bool,
    asked: Asked,
    violations: Vec<Violation>,
}

struct Judged<'a> {
    release: &'a ReleaseFacts,
    /// Why it must stay; none: its family keeps everything.
    reasons: Option<Vec<Reason>>,
}

impl Judged<'_> {
    /// Whether anybody needs it.
    fn is_needed(&self) -> bool {
        let reasons = self.reasons.as_ref();
        reasons.is_none_or(|reasons| reasons.iter().any(|reason| reason.needs))
    }
}

impl Checking<'_> {
    fn says(&mut self, invariant: Invariant, ami: Option<AmiId>, says: impl Into<String>) {
        let says = says.into();
        self.violations.push(Violation { invariant, ami, says });
    }

    /// Whether nothing may be done, nor noted, nor told.
    fn is_at_rest(&self) -> bool {
        self.facts.switch != Switch::On || (!self.known && self.facts.retain.is_some())
    }
}
