//! Whether people are told of a run: of what is in the way at once, of all else that changed once a day at most.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::changes::{MOST, differences};
use super::totals::{LeftoverTotals, Totals};
use super::{PruningReport, RunMode};
use crate::pruning::{Brought, ContainerVerdict, Keeps, PruningPlan, Trouble};
use crate::{Duration, Timestamp, Words};

/// What changes without anything being in the way is told no sooner than this after they were told last.
const DAILY: Duration = Duration::hours(24);

/// What people were told of a family's pruning last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastTold {
    /// When the plan was made that they were told of.
    pub at: Timestamp,
    /// Whether it was carried out.
    pub mode: RunMode,
    /// What it came to.
    pub totals: Totals,
    /// Where the evidence was wrong, and in what: not since when or by how much, which changes with each look.
    pub doubts: Vec<Words>,
    /// What a person would have had to accept.
    pub acceptance: Option<String>,
}

/// What people were told last, and what became of it.
#[derive(Clone, Copy, Debug)]
pub struct SinceTold<'a> {
    /// What they were told.
    pub told: &'a LastTold,
    /// What pruning did since.
    pub brought: Brought,
}

impl PruningReport<'_> {
    /// What people know once they are told of this run. A doubt that comes and goes was told of for a day.
    pub fn to_tell(&self) -> LastTold {
        let lately = self
            .told
            .map(|since| since.told)
            .filter(|told| !self.is_day_after(told));
        let doubts = self.doubts().into_iter();
        let doubts: BTreeSet<Words> = doubts
            .chain(lately.into_iter().flat_map(|told| told.doubts.clone()))
            .collect();
        LastTold {
            at: self.at,
            mode: self.mode,
            totals: self.totals().carrying(self.told.map(|since| &since.told.totals)),
            doubts: doubts.into_iter().take(MOST).collect(),
            acceptance: self.plan.acceptance(),
        }
    }

    fn doubts(&self) -> BTreeSet<Words> {
        self.plan.troubles.iter().map(doubt).collect()
    }

    fn is_day_after(&self, told: &LastTold) -> bool {
        told.at.checked_add(DAILY).is_none_or(|again| again <= self.at)
    }

    /// Whether people are to be told of this run.
    pub fn is_news(&self) -> bool {
        let now = self.to_tell();
        self.is_in_the_way(&now) || (retires(self.plan) && self.is_told_daily(&now))
    }

    /// Whether something waits for a person that they were not told of: they are, at once.
    fn is_in_the_way(&self, now: &LastTold) -> bool {
        let told = self.told.map(|since| since.told);
        // Of more than are remembered nobody can say which are new, and people know that much is in doubt.
        let is_new = |doubt: &Words| told.is_none_or(|told| told.doubts.len() < MOST && !told.doubts.contains(doubt));
        let waits = now.acceptance.is_some() && told.is_none_or(|told| told.acceptance != now.acceptance);
        let would_go = |of: &LastTold| of.totals.containers.as_ref().map_or(0, |of| of.would_go);
        let more_would_go = would_go(now) > told.map_or(0, would_go);
        let left = |of: &LastTold| of.totals.left_behind.map_or(0, |left| left.images);
        let more_is_left = left(now) > told.map_or(0, left);
        let taken_away = |of: &LastTold| of.totals.leftovers.unwrap_or_default();
        let (taken, known) = (taken_away(now), told.map(taken_away).unwrap_or_default());
        let more_was_taken = taken.snapshots > known.snapshots || taken.images_gone > known.images_gone;
        more_was_taken || waits || more_would_go || more_is_left || self.doubts().iter().any(is_new)
    }

    /// Whether it came to something else, and they were told of nothing for a day. That images grow older, and that sizes are others,
    /// is no news.
    fn is_told_daily(&self, now: &LastTold) -> bool {
        let Some(SinceTold { told, brought }) = self.told else {
            return !differences(&Totals::default(), &counted(&now.totals)).is_empty();
        };
        let LastTold {
            at: _,
            mode,
            totals,
            doubts,
            acceptance,
        } = told;
        let is_gone = doubts.iter().any(|doubt| !now.doubts.contains(doubt)) || *acceptance != now.acceptance;
        let is_other = *mode != now.mode || !differences(&counted(totals), &counted(&now.totals)).is_empty();
        self.is_day_after(told) && (brought != Brought::default() || is_gone || is_other)
    }
}

/// What of it is news where it is other: what failed builds left in Image Builder costs nothing, and no wildcard picks it.
fn counted(totals: &Totals) -> Totals {
    let leftovers = totals.leftovers.map(|left| LeftoverTotals { never_made: 0, ..left });
    Totals {
        leftovers,
        ..totals.clone()
    }
}

/// Whether anything of the family could go at all, by its manifest: else nobody asked for news.
fn retires(plan: &PruningPlan) -> bool {
    let by_rule = |why: &Keeps| !matches!(why, Keeps::NothingGoes | Keeps::Unmanaged(_) | Keeps::OfContainers);
    let of_container = |verdict: &ContainerVerdict| match verdict {
        ContainerVerdict::Kept(why) => by_rule(why),
        ContainerVerdict::WouldGo { .. } => true,
    };
    !plan.expendable.is_empty()
        || !plan.blocked.is_empty()
        || plan.kept.iter().any(|kept| by_rule(&kept.why))
        || plan.containers.iter().any(|judged| of_container(&judged.verdict))
}

/// Where something is wrong, and what.
fn doubt(trouble: &Trouble) -> Words {
    let Trouble { doubt, target, source } = trouble;
    let source = source.as_ref().map_or("", Words::as_str);
    format!("{} {target} {source}", doubt.cause()).into()
}
