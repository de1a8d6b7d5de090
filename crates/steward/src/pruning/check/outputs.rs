use std::collections::{HashMap, HashSet};

use super::milliseconds::{DAY, at};
use super::reasons::names;
use super::waits::entry;
use super::{Checking, Invariant};
use crate::manifest::Retain;
use crate::pruning::{BuildOutput, Effect, ExpendableSince, OrphanFate, ReleaseFacts, Unmanaged};
use crate::{BuildState, ImageBuildArn, ReleaseId};

/// What Image Builder has of a release goes after the last of its images, and was deprecated before that one went.
pub(super) fn check_outputs(checking: &mut Checking<'_>) {
    let steps = checking.plan.steps.iter();
    let of_all: HashMap<ReleaseId, usize> = steps.fold(HashMap::new(), |mut all, step| {
        if matches!(step.effect, Effect::Deregister { .. }) {
            *all.entry(step.release).or_default() += 1;
        }
        all
    });
    let goes = |release: ReleaseId| of_all.get(&release).copied().unwrap_or_default();
    let mut gone: HashMap<ReleaseId, usize> = HashMap::new();
    let mut deprecated = HashSet::new();
    let mut deleted = HashSet::new();
    for step in &checking.plan.steps {
        let Some(release) = checking.releases.get(&step.release).map(|judged| judged.release) else {
            checking.says(Invariant::Once, None, format!("{} is not known", step.release));
            continue;
        };
        let images = images(release);
        let output = release.output.as_deref();
        let is_available = output.is_some_and(|output| output.state == BuildState::Available);
        let gone = gone.entry(step.release).or_default();
        match &step.effect {
            Effect::Restore { .. } | Effect::Deprecate { .. } | Effect::Disable { .. } => {}
            Effect::Deregister { ami, .. } => {
                *gone += 1;
                if *gone == images && is_available && !deprecated.contains(&step.release) {
                    let says = "is the last, and a wildcard would pick what Image Builder has of it";
                    checking.says(Invariant::Output, Some(*ami), says);
                }
            }
            Effect::DeprecateOutput(arn) => {
                check_its(checking, release, arn, &mut deprecated);
                if goes(step.release) < images {
                    let says = format!("{arn} is deprecated, and an image of it stays");
                    checking.says(Invariant::Output, None, says);
                }
            }
            Effect::DeleteOutput(arn) => {
                check_its(checking, release, arn, &mut deleted);
                if *gone < images {
                    checking.says(Invariant::Output, None, format!("{arn} goes before its images"));
                }
                if is_available && !deprecated.contains(&step.release) {
                    let says = format!("{arn} is deleted, and was not deprecated before");
                    checking.says(Invariant::Output, None, says);
                }
            }
        }
        if matches!(step.effect, Effect::DeprecateOutput(_) | Effect::DeleteOutput(_)) && images == 0 {
            check_orphan(checking, release);
        }
    }
    for release in &checking.facts.releases {
        let is_last = goes(release.release) > 0 && goes(release.release) == images(release);
        if is_last && has_something(release) && !deleted.contains(&release.release) {
            let says = format!(
                "the last image of {} goes without what Image Builder has of it",
                release.release
            );
            checking.says(Invariant::Output, None, says);
        }
    }
    check_listed(checking);
}

/// Those of its images that keep what Image Builder has of it. One that lost our tag is still there.
fn images(release: &ReleaseFacts) -> usize {
    let images = release.placements.iter();
    let ours = images.filter(|image| image.unmanaged != Some(Unmanaged::ByAnotherHand));
    ours.count()
}

/// Whether a release on its way out has no image left, and Image Builder something of it.
pub(super) fn is_gone(release: &ReleaseFacts) -> bool {
    let was = matches!(release.since, ExpendableSince::Recorded(_));
    was && images(release) == 0 && has_something(release)
}

fn has_something(release: &ReleaseFacts) -> bool {
    let output = release.output.as_deref();
    output.is_some_and(|BuildOutput { state, .. }| state.ended() && *state != BuildState::Deleted)
}

fn check_its(checking: &mut Checking<'_>, release: &ReleaseFacts, arn: &ImageBuildArn, done: &mut HashSet<ReleaseId>) {
    if release.output.as_ref().is_none_or(|output| output.arn != *arn) {
        checking.says(Invariant::Output, None, format!("{arn} is of another release"));
    } else if !has_something(release) {
        checking.says(
            Invariant::Output,
            None,
            format!("{arn} is being built, or deleted already"),
        );
    }
    if !done.insert(release.release) {
        checking.says(Invariant::Output, None, format!("{arn} takes a step twice"));
    }
}

/// What is left of a release without images goes at its time, a day after people were told.
fn check_orphan(checking: &mut Checking<'_>, release: &ReleaseFacts) {
    let (facts, known, now) = (checking.facts, checking.known, at(checking.now));
    let mut say = |invariant: Invariant, says: &str| {
        let says = format!("what Image Builder has of {} {says}", release.release);
        checking.says(invariant, None, says);
    };
    if !known {
        say(Invariant::Known, "goes by evidence that does not hold");
    }
    match orphan_wait(facts.retain.as_ref(), release, now) {
        Err((invariant, says)) => say(invariant, says),
        Ok((since, time)) => {
            if now < time {
                say(Invariant::Waited, "goes before its time");
            }
            let told = release.output.as_ref().and_then(|output| output.announced);
            if told.is_none_or(|told| at(told) < since || now - at(told) < DAY) {
                say(Invariant::Waited, "goes, and nobody was told of it a day ago");
            }
        }
    }
}

/// Since when what is left of a release is on its way out, and when it goes at the earliest.
pub(super) fn orphan_wait(
    retain: Option<&Retain>,
    release: &ReleaseFacts,
    now: i128,
) -> Result<(i128, i128), (Invariant, &'static str)> {
    let ExpendableSince::Recorded(since) = release.since else {
        return Err((Invariant::Output, "goes, and its release was not on its way out"));
    };
    let retain = retain.ok_or((Invariant::Wanted, "is of a family that keeps everything"))?;
    if let Some(says) = names(release, now).first() {
        return Err((Invariant::Wanted, says));
    }
    let wait = entry(retain.ladder.delete).map_err(|says| (Invariant::Waited, says))?;
    Ok((at(since), at(since) + wait))
}

/// Each is listed once, as what it is.
fn check_listed(checking: &mut Checking<'_>) {
    let mut listed = HashSet::new();
    let deleted = checking.plan.steps.iter().filter_map(|step| match &step.effect {
        Effect::DeleteOutput(arn) => Some(arn),
        _ => None,
    });
    let deleted: HashSet<&ImageBuildArn> = deleted.collect();
    for orphan in &checking.plan.orphans {
        let arn = &orphan.output;
        let is_it = checking.releases.get(&orphan.release).is_some_and(|judged| {
            let release = judged.release;
            is_gone(release) && release.output.as_ref().is_some_and(|output| output.arn == *arn)
        });
        let goes = match orphan.fate {
            OrphanFate::Goes { at } => at.is_some(),
            OrphanFate::Kept(_) | OrphanFate::Blocked(_) => false,
        };
        if !is_it || !listed.insert(orphan.release) {
            checking.says(Invariant::Once, None, format!("{arn} is listed, and is not left alone"));
        } else if deleted.contains(arn) && !goes {
            let says = format!("{arn} is listed as something else than what is done to it");
            checking.says(Invariant::Once, None, says);
        }
    }
    for release in checking.facts.releases.iter().filter(|release| is_gone(release)) {
        if !listed.contains(&release.release) {
            let says = format!("what Image Builder has of {} is not listed", release.release);
            checking.says(Invariant::Once, None, says);
        }
    }
}
