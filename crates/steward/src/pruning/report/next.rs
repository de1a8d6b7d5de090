//! What goes next, and when.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use serde::Serialize;

use super::PruningReport;
use crate::pruning::{Effect, Expendable, Next, Refused, Rung};
use crate::{AmiId, Target, Timestamp};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// When an image takes its next step, the soonest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "when", content = "from", rename_all = "snake_case")]
pub(super) enum When {
    /// In this run.
    #[serde(rename = "this_run")]
    Now,
    /// Its time has come, and a later run has room for it.
    #[serde(rename = "later_run")]
    Later,
    /// From then on.
    From(Timestamp),
}

/// Images that take the same step in the same run, or on the same day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Wave {
    /// How many.
    pub(super) images: usize,
    /// To which rung.
    pub(super) rung: Rung,
    /// When the first of them does.
    #[serde(flatten)]
    pub(super) when: When,
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

impl PruningReport<'_> {
    /// The same by run or day and by rung, the soonest first.
    pub(super) fn waves(&self) -> Vec<Wave> {
        let (goes_on, _) = self.goes_on();
        let mut waves: BTreeMap<(When, Rung), Wave> = BTreeMap::new();
        for GoesOn { when, to, image: _ } in goes_on {
            let wave = waves.entry((when.day(), to)).or_insert(Wave {
                images: 0,
                rung: to,
                when,
            });
            wave.images += 1;
        }
        waves.into_values().collect()
    }
}

impl When {
    /// It, or the beginning of its day.
    fn day(self) -> Self {
        match self {
            Self::Now | Self::Later => self,
            Self::From(at) => {
                let within = at.as_millisecond().rem_euclid(DAY);
                let begins = Timestamp::from_millisecond(at.as_millisecond() - within);
                Self::From(begins.unwrap_or(at))
            }
        }
    }
}

impl fmt::Display for When {
    /// For people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now => f.write_str("this run"),
            Self::Later => f.write_str("a later run"),
            Self::From(at) => f.write_str(&minute(*at)),
        }
    }
}

impl fmt::Display for Wave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { images, rung, when } = self;
        write!(f, "{images} {} ", comes_to(*rung))?;
        match when {
            When::Now | When::Later => write!(f, "in {when}"),
            When::From(_) => write!(f, "from {when} on"),
        }
    }
}

impl GoesOn<'_> {
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
