use std::collections::BTreeMap;

use serde::Serialize;

use super::changes::Changes;
use super::totals::Totals;
use super::{BOUND, PruningReport, RunMode};
use crate::pruning::{BinAhead, Leftovers, PruningPlan, StillThere, Waiver};
use crate::{FamilyName, ReleaseId, Target, Timestamp, Words};

/// The document of a run: the plan, entry by entry, and what it comes to.
#[derive(Serialize)]
struct Document<'a> {
    family: &'a FamilyName,
    at: Timestamp,
    mode: RunMode,
    digest: String,
    totals: Totals,
    gib: &'static str,
    acceptance: Option<String>,
    waivers: Vec<Waived<'a>>,
    since_last_run: Option<Changes>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bins: Vec<ToldBin>,
    titles: BTreeMap<ReleaseId, &'a Words>,
    plan: &'a PruningPlan,
    #[serde(skip_serializing_if = "<[StillThere]>::is_empty")]
    still_there: &'a [StillThere],
    #[serde(skip_serializing_if = "Leftovers::is_empty")]
    leftovers: &'a Leftovers,
    unseen: &'static str,
}

#[derive(Serialize)]
struct Waived<'a> {
    target: Target,
    until: Timestamp,
    who: &'a str,
    why: &'a Words,
}

/// What a Recycle Bin will do, and in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct ToldBin {
    #[serde(flatten)]
    ahead: BinAhead,
    pub(super) says: Words,
}

impl ToldBin {
    pub(super) fn of(ahead: &BinAhead) -> Self {
        Self {
            ahead: ahead.clone(),
            says: Words::from(ahead.to_string()),
        }
    }
}

impl PruningReport<'_> {
    /// It for programs, as JSON: every image of the plan.
    pub fn json(&self) -> String {
        let Self {
            plan,
            at,
            mode,
            names,
            still_there,
            leftovers,
            bins,
            before: _,
            told: _,
        } = self;
        let expendable = plan.expendable.iter().map(|going| going.release);
        let kept = plan.kept.iter().map(|kept| kept.release);
        let blocked = plan.blocked.iter().map(|blocked| blocked.release);
        let orphans = plan.orphans.iter().map(|orphan| orphan.release);
        let containers = plan.containers.iter().map(|judged| judged.release);
        let left = still_there.iter().map(|left| left.release);
        let listed = expendable.chain(kept).chain(blocked).chain(orphans);
        let releases = listed.chain(containers).chain(left);
        let document = Document {
            family: &plan.family,
            at: *at,
            mode: *mode,
            digest: plan.digest(),
            totals: self.totals(),
            gib: BOUND,
            acceptance: plan.acceptance(),
            waivers: plan.waived.iter().map(waived).collect(),
            since_last_run: self.changes(),
            bins: bins.iter().map(ToldBin::of).collect(),
            titles: releases
                .filter_map(|release| Some((release, names.get(&release)?)))
                .collect(),
            plan,
            still_there,
            leftovers,
            unseen: self.holes(),
        };
        serde_json::to_string(&document).unwrap_or_default()
    }
}

fn waived((target, waiver): &(Target, Waiver)) -> Waived<'_> {
    let Waiver { until, who, why } = waiver;
    Waived {
        target: *target,
        until: *until,
        who,
        why,
    }
}
