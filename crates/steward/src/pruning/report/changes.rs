use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::PruningReport;
use super::totals::{ContainerTotals, LeftoverTotals, Totals};
use crate::{Timestamp, Words};

/// How that count is called.
pub(super) const SNAPSHOTS_LEFT: &str = "snapshots of images that were taken away";
/// So many troubles of a run are remembered.
pub(super) const MOST: usize = 50;

/// What the next run asks of this one: what it comes to, and what was in the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSummary {
    /// When its plan was made.
    pub at: Timestamp,
    /// Its plan's digest.
    pub digest: String,
    /// What it came to.
    pub totals: Totals,
    /// What was wrong with the evidence, the worst first.
    pub troubles: Vec<Words>,
    /// Under which key of the reports bucket its document lies; its page lies beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
}

/// What is otherwise than in the run before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Changes {
    /// When that was.
    pub(super) since: Timestamp,
    /// The counts that are others.
    pub(super) counts: Vec<CountChange>,
    /// What is wrong, and was not.
    pub(super) new_troubles: Vec<Words>,
    /// What was wrong, and is not.
    pub(super) gone_troubles: Vec<Words>,
}

/// A count that is another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct CountChange {
    /// Of what.
    pub(super) what: String,
    pub(super) before: usize,
    pub(super) now: usize,
}

impl fmt::Display for CountChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, before, now } = self;
        write!(f, "{what}: {before} → {now}")
    }
}

impl PruningReport<'_> {
    /// What to keep for the next run.
    pub fn summary(&self) -> RunSummary {
        let troubles = self.plan.troubles.iter().take(MOST);
        RunSummary {
            at: self.at,
            digest: self.plan.digest(),
            totals: self.totals().carrying(self.before.map(|before| &before.totals)),
            troubles: troubles.map(|trouble| trouble.to_string().into()).collect(),
            report: None,
        }
    }

    /// What is otherwise than in the run before; none: there was none.
    pub(super) fn changes(&self) -> Option<Changes> {
        let before = self.before?;
        let now = self.summary();
        let only = |of: &[Words], others: &[Words]| {
            let of = of.iter().filter(|trouble| !others.contains(trouble));
            of.cloned().collect::<Vec<Words>>()
        };
        Some(Changes {
            since: before.at,
            counts: differences(&before.totals, &now.totals),
            new_troubles: only(&now.troubles, &before.troubles),
            gone_troubles: only(&before.troubles, &now.troubles),
        })
    }
}

/// The counts that are others.
pub(super) fn differences(before: &Totals, now: &Totals) -> Vec<CountChange> {
    let (old, new) = (counts(before), counts(now));
    let all: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let count = |of: &BTreeMap<String, usize>, what: &String| of.get(what).copied().unwrap_or_default();
    let changed = all.into_iter().filter_map(|what| {
        let (before, now) = (count(&old, what), count(&new, what));
        let what = what.clone();
        (before != now).then_some(CountChange { what, before, now })
    });
    changed.collect()
}

fn counts(totals: &Totals) -> BTreeMap<String, usize> {
    let Totals {
        images,
        expendable,
        kept,
        blocked,
        steps: _,
        gib: _,
        left_behind,
        leftovers,
        containers,
    } = totals;
    let expendable = expendable
        .iter()
        .map(|(rung, count)| (format!("on the way out, {rung}"), *count));
    let kept = kept.iter().map(|(rule, count)| (format!("kept by {rule}"), *count));
    let blocked = blocked
        .iter()
        .map(|(cause, count)| (format!("blocked by {cause}"), *count));
    let left = left_behind.map(|left| (String::from("left behind by failed builds, not ours"), left.images));
    let leftovers = leftovers.iter().flat_map(of_leftovers);
    let containers = containers.iter().flat_map(of_containers);
    let all = std::iter::once((String::from("images"), *images));
    all.chain(expendable)
        .chain(kept)
        .chain(blocked)
        .chain(left)
        .chain(leftovers)
        .chain(containers)
        .collect()
}

fn of_leftovers(totals: &LeftoverTotals) -> [(String, usize); 3] {
    let LeftoverTotals {
        images_gone,
        never_made,
        snapshots,
        gib: _,
        outputs_unknown: _,
        snapshots_unknown: _,
    } = *totals;
    [
        (String::from("in Image Builder, its images taken away"), images_gone),
        (String::from("in Image Builder, no image made"), never_made),
        (String::from(SNAPSHOTS_LEFT), snapshots),
    ]
}

fn of_containers(totals: &ContainerTotals) -> impl Iterator<Item = (String, usize)> {
    let ContainerTotals {
        kept,
        would_go,
        bytes: _,
    } = totals;
    let kept = kept
        .iter()
        .map(|(rule, count)| (format!("container images kept by {rule}"), *count));
    std::iter::once((String::from("container images that no rule keeps"), *would_go)).chain(kept)
}
