use std::collections::{BTreeSet, HashSet};

use super::milliseconds::at;
use super::reasons::{Reason, is_held};
use super::waits::has_waited;
use super::{Checking, Invariant, Judged};
use crate::pruning::{Effect, ExpendableSince, PlacementSeen, PlacementStanding, ReleaseFacts, Switch};
use crate::{AmiId, ReleaseId, SnapshotId, Target};

/// Whether each step of an image may be taken.
pub(super) fn check_steps(checking: &mut Checking<'_>) {
    let steps = &checking.plan.steps;
    if checking.facts.switch != Switch::On && !steps.is_empty() {
        checking.says(Invariant::Paused, None, "there are steps");
    }
    let newly: HashSet<ReleaseId> = checking.plan.newly.iter().copied().collect();
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
            check_climb(checking, release, placement);
            continue;
        }
        if release.since == ExpendableSince::NotYet && !newly.contains(&release.release) {
            checking.says(
                Invariant::Limits,
                Some(ami),
                "goes, and does not count as newly expendable",
            );
        }
        if !checking.known {
            checking.says(Invariant::Known, Some(ami), "goes by evidence that does not hold");
        }
        let Some(retain) = &checking.facts.retain else {
            checking.says(Invariant::Wanted, Some(ami), "is of a family that keeps everything");
            continue;
        };
        let reasons = checking
            .releases
            .get(&release.release)
            .and_then(|judged| judged.reasons.clone());
        for Reason {
            invariant,
            says,
            needs: _,
        } in reasons.unwrap_or_default()
        {
            checking.says(invariant, Some(ami), says);
        }
        if let Some(reached) = reached(placement)
            && checking.asked.any_before_done(reached)
        {
            checking.says(
                Invariant::Known,
                Some(ami),
                "goes, and somebody was asked last before it came to its rung",
            );
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
}

/// Only what we took down climbs back, and only where somebody needs it. That a person holds it is known without evidence.
fn check_climb(checking: &mut Checking<'_>, release: &ReleaseFacts, image: &PlacementSeen) {
    if !is_by_us(image) {
        checking.says(Invariant::Climbs, Some(image.ami), "was not taken down by us");
    }
    if !checking.known && checking.facts.retain.is_some() && !is_held(release, at(checking.now)) {
        checking.says(
            Invariant::Known,
            Some(image.ami),
            "climbs by evidence that does not hold",
        );
    }
    let judged = checking.releases.get(&release.release);
    if !judged.is_some_and(Judged::is_needed) {
        checking.says(Invariant::Climbs, Some(image.ami), "climbs back, and nobody needs it");
    }
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

/// When it came to its rung, where somebody wrote it down.
fn reached(image: &PlacementSeen) -> Option<i128> {
    match image.standing {
        PlacementStanding::Deprecated(since) | PlacementStanding::Disabled(since) => since.at.map(at),
        PlacementStanding::Available | PlacementStanding::Unsettled(_) => None,
    }
}

const fn is_by_us(image: &PlacementSeen) -> bool {
    match image.standing {
        PlacementStanding::Deprecated(since) => since.by_us || image.half_up,
        PlacementStanding::Disabled(since) => since.by_us,
        PlacementStanding::Available => image.half_up,
        PlacementStanding::Unsettled(_) => false,
    }
}
