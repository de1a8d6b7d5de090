use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::known::is_known;
use super::outputs::check_outputs;
use super::reasons::{lines, reasons};
use super::waits::has_waited;
use super::{Checking, Invariant};
use crate::pruning::plan::{accepting, is_accepted};
use crate::pruning::{Effect, ExpendableSince, PlacementStanding, ReleaseFacts, Switch};
use crate::{AmiId, ReleaseId, SnapshotId, Target};

/// Whether each step may be taken, and all of them together.
pub(super) fn check_steps(checking: &mut Checking<'_>) {
    let steps = &checking.plan.steps;
    if checking.facts.switch != Switch::On && !steps.is_empty() {
        checking.says(Invariant::Paused, None, "there are steps");
    }
    let known = is_known(checking);
    let lines = lines(&checking.facts.releases, checking.now);
    let mut judged: BTreeMap<ReleaseId, Vec<(Invariant, String)>> = BTreeMap::new();
    let newly: HashSet<ReleaseId> = checking.plan.newly.iter().copied().collect();
    let mut down = 0;
    for step in steps {
        let Some((ami, target, to)) = place(&step.effect) else {
            continue;
        };
        let Some((release, placement)) = checking.images.get(&(ami, target)).copied() else {
            continue;
        };
        if step.release != release.release {
            checking.says(Invariant::Once, Some(ami), "is of another release");
        }
        if placement.unmanaged.is_some() {
            checking.says(Invariant::Ours, Some(ami), "is not ours");
        }
        if to == To::Up {
            if !is_by_us(placement.standing) {
                checking.says(Invariant::Climbs, Some(ami), "was not taken down by us");
            }
            continue;
        }
        down += 1;
        if release.since == ExpendableSince::NotYet && !newly.contains(&release.release) {
            checking.says(
                Invariant::Limits,
                Some(ami),
                "goes, and does not count as newly expendable",
            );
        }
        if !known {
            checking.says(Invariant::Known, Some(ami), "goes by evidence that does not hold");
        }
        let Some(retain) = &checking.facts.retain else {
            checking.says(Invariant::Wanted, Some(ami), "is of a family that keeps everything");
            continue;
        };
        let reasons = judged
            .entry(release.release)
            .or_insert_with(|| reasons(release, retain, &lines, checking.now));
        for (invariant, says) in reasons.clone() {
            checking.says(invariant, Some(ami), says);
        }
        if let Err(says) = has_waited(release, placement, to, retain, checking) {
            checking.says(Invariant::Waited, Some(ami), says);
        }
        if let Effect::Deregister { snapshots, .. } = &step.effect {
            let own: BTreeSet<SnapshotId> = placement.snapshots.iter().copied().collect();
            if !snapshots.iter().all(|snapshot| own.contains(snapshot)) {
                checking.says(Invariant::Ours, Some(ami), "takes along a snapshot of another image");
            }
        }
    }
    check_limits(checking, down);
    check_outputs(checking);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    Up,
    Deprecated,
    Disabled,
    Gone,
}

fn place(effect: &Effect) -> Option<(AmiId, Target, To)> {
    match effect {
        Effect::Restore { ami, target, from: _ } => Some((*ami, *target, To::Up)),
        Effect::Deprecate { ami, target } => Some((*ami, *target, To::Deprecated)),
        Effect::Disable { ami, target } => Some((*ami, *target, To::Disabled)),
        Effect::Deregister {
            ami,
            target,
            snapshots: _,
        } => Some((*ami, *target, To::Gone)),
        Effect::DeprecateOutput(_) | Effect::DeleteOutput(_) => None,
    }
}

const fn is_by_us(standing: PlacementStanding) -> bool {
    match standing {
        PlacementStanding::Deprecated(since) | PlacementStanding::Disabled(since) => since.by_us,
        PlacementStanding::Available | PlacementStanding::Unsettled(_) => false,
    }
}

fn check_limits(checking: &mut Checking<'_>, down: usize) {
    let Some(retain) = &checking.facts.retain else { return };
    if down > usize::try_from(retain.limits.per_run.get()).unwrap_or(usize::MAX) {
        checking.says(Invariant::Limits, None, format!("{down} images go in one run"));
    }
    let newly = checking.plan.newly.len();
    let there = |release: &&ReleaseFacts| release.placements.iter().any(|image| image.unmanaged.is_none());
    let all = checking.facts.releases.iter().filter(there).count();
    let share = usize::from(retain.limits.share.percent());
    if newly > 1 && newly * 100 > all * share {
        let mut releases = checking.plan.newly.clone();
        releases.sort_unstable();
        let digest = accepting(&checking.facts.family, &releases);
        if !is_accepted(&digest, checking.facts.accepted.as_deref()) {
            let says = format!("{newly} of {all} releases become expendable, and nobody let them through");
            checking.says(Invariant::Limits, None, says);
        }
    }
}
