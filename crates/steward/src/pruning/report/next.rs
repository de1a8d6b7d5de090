//! What goes next, and when.

use std::collections::HashSet;

use super::PruningReport;
use crate::pruning::{Effect, Expendable, Next, Refused, Rung};
use crate::{AmiId, Target, Timestamp};

/// When an image takes its next step, the soonest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum When {
    /// In this run.
    Now,
    /// Its time has come, and a later run has room for it.
    Later,
    /// From then on.
    From(Timestamp),
}

/// An image that goes on.
#[derive(Clone, Copy, Debug)]
pub(super) struct GoesOn<'a> {
    pub(super) when: When,
    pub(super) to: Rung,
    pub(super) image: &'a Expendable,
}

impl<'a> PruningReport<'a> {
    /// What goes on, the soonest first; and how many stay on their rung because their ladder ends there.
    pub(super) fn goes_on(&self) -> (Vec<GoesOn<'a>>, usize) {
        let steps = self.plan.steps.iter().filter_map(|step| match &step.effect {
            Effect::Deprecate { ami, target }
            | Effect::Disable { ami, target }
            | Effect::Deregister { ami, target, .. } => Some((*ami, *target)),
            Effect::Restore { .. } | Effect::DeprecateOutput(_) | Effect::DeleteOutput(_) => None,
        });
        let steps: HashSet<(AmiId, Target)> = steps.collect();
        let goes_on = self.plan.expendable.iter().filter_map(|image| {
            let Next { rung: to, at } = image.next?;
            let when = if steps.contains(&(image.ami, image.target)) {
                When::Now
            } else if at <= self.at {
                When::Later
            } else {
                When::From(at)
            };
            Some(GoesOn { when, to, image })
        });
        let mut goes_on: Vec<GoesOn<'_>> = goes_on.collect();
        // Of those that are alike the oldest stay first.
        goes_on.sort_by_key(|goes| goes.when);
        let ends = self.plan.expendable.len() - goes_on.len();
        (goes_on, ends)
    }
}

impl GoesOn<'_> {
    /// When, for people.
    pub(super) fn when(&self) -> String {
        match self.when {
            When::Now => String::from("this run"),
            When::Later => String::from("a later run"),
            When::From(at) => minute(at),
        }
    }

    /// Why nothing keeps it, and what AWS thinks of it.
    pub(super) fn why(&self) -> String {
        let refused = self.image.refused.map(|Refused { at, times }| {
            let often = if times == 1 {
                String::from("once")
            } else {
                format!("{times} times")
            };
            format!("; refused {often}, last on {}", minute(at))
        });
        format!("{}{}", self.image.reason, refused.unwrap_or_default())
    }
}

/// What becomes of an image on that rung.
pub(super) const fn comes_to(rung: Rung) -> &'static str {
    match rung {
        Rung::Available => "available",
        Rung::Deprecated => "deprecated",
        Rung::Disabled => "disabled",
        Rung::Deregistered => "gone for good",
    }
}

/// A time to the minute, for people.
pub(super) fn minute(at: Timestamp) -> String {
    at.to_jiff().strftime("%Y-%m-%d %H:%M UTC").to_string()
}
