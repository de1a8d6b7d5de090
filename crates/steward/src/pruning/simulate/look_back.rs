use std::collections::HashMap;

use serde::Serialize;

use super::played::Played;
use super::{DAY, MOST_DAYS};
use crate::manifest::{Number, Share, Wait};
use crate::pruning::{ExpendableSince, LastLaunch, PlacementSeen, PlacementStanding, PruningFacts, ReleaseFacts};
use crate::{AmiId, Duration, FamilyName, ReleaseId, Target, Timestamp, Words};

/// What is disabled before the time that is asked about begins had this long for the last rung.
const NOTICE_AND_REPORTS: Duration = Duration::days(9);

/// What a manifest would have deleted that was launched afterwards, had it held all the while.
///
/// Of an image one launch is known, the last: of what was launched before, it says too much rather than too little. Images that are
/// gone already are not in it. Limits do not hold, and channels and holds are as they are today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LookBack {
    /// Which family.
    pub family: FamilyName,
    /// Since when.
    pub from: Timestamp,
    /// How many images there were to delete.
    pub images: usize,
    /// How many it would have deleted by now.
    pub deleted: usize,
    /// Those of them that were launched afterwards, the last launch first.
    pub missed: Vec<Missed>,
}

/// An image that would have been gone when it was launched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missed {
    /// Which.
    pub image: AmiId,
    /// Where.
    pub target: Target,
    /// Of which release.
    pub release: ReleaseId,
    /// What people call that.
    pub title: Words,
    /// When it would have gone.
    pub deleted: Timestamp,
    /// When it was launched.
    pub launched: Timestamp,
}

/// Looks so many days back: two years at most.
pub fn look_back(facts: &PruningFacts, days: u32, now: Timestamp) -> LookBack {
    let days = days.min(MOST_DAYS);
    let back = |from: Timestamp, days: u32| (0..days).fold(from, |at, _| at.checked_sub(DAY).unwrap_or(at));
    let from = back(now, days);
    // What was expendable long before has gone down the whole ladder by then.
    let ladder = facts.retain.as_ref().map(|retain| retain.ladder.delete);
    let start = match ladder {
        Some(Wait::After(delete)) => from
            .checked_sub(delete)
            .and_then(|at| at.checked_sub(NOTICE_AND_REPORTS)),
        Some(Wait::Never) | None => None,
    };
    let mut at = start.unwrap_or(from);
    // Of what nobody knows when it was made nothing would go.
    let mut to_come: Vec<&ReleaseFacts> = facts.releases.iter().filter(|release| is_dated(release)).collect();
    to_come.sort_by_key(|release| release.built_at());
    let images: HashMap<AmiId, (&ReleaseFacts, &PlacementSeen)> = facts
        .releases
        .iter()
        .flat_map(|release| release.managed().map(move |image| (image.ami, (release, image))))
        .collect();
    let releases: HashMap<ReleaseId, &ReleaseFacts> = facts
        .releases
        .iter()
        .map(|release| (release.release, release))
        .collect();
    let mut played = Played::new(as_of_then(facts), at);
    let mut next = to_come.into_iter().peekable();
    let mut before = None;
    loop {
        while let Some(release) = next.next_if(|release| release.built_at().is_some_and(|built| built <= at)) {
            played.make(fresh(release));
        }
        for release in &mut played.facts.releases {
            if let Some(of) = releases.get(&release.release) {
                as_known(release, of, at, before);
            }
        }
        played.run_until_it_rests(at, 1);
        match at.checked_add(DAY) {
            Some(day) if day <= now => (before, at) = (Some(at), day),
            Some(_) | None => break,
        }
    }
    let missed = played.deregistered.iter().filter_map(|(release, ami, deleted)| {
        let (of, image) = images.get(ami)?;
        let LastLaunch::At(launched) = image.launched else {
            return None;
        };
        (launched > *deleted && launched >= from && launched <= now).then(|| Missed {
            image: *ami,
            target: image.target,
            release: *release,
            title: of.name.clone(),
            deleted: *deleted,
            launched,
        })
    });
    let mut missed: Vec<Missed> = missed.collect();
    missed.sort_by_key(|missed| (std::cmp::Reverse(missed.launched), missed.image));
    LookBack {
        family: facts.family.clone(),
        from,
        images: images.len(),
        deleted: played.deregistered.len(),
        missed,
    }
}

/// The family with nothing in it yet, and no limits.
fn as_of_then(facts: &PruningFacts) -> PruningFacts {
    let mut then = facts.clone();
    then.releases.clear();
    if let Some(retain) = &mut then.retain {
        retain.limits.share = Share::of_hundred::<100>();
        retain.limits.per_run = Number::new::<10_000>();
    }
    then
}

/// Whether somebody knows when it was built, and each of its images made.
fn is_dated(release: &ReleaseFacts) -> bool {
    let mut images = release.managed();
    release.built_at().is_some() && images.all(|image| image.created.at().is_some())
}

/// A release as it was when it was new.
fn fresh(release: &ReleaseFacts) -> ReleaseFacts {
    let mut fresh = release.clone();
    fresh.since = ExpendableSince::NotYet;
    fresh.output = None;
    fresh.placements.clear();
    fresh
}

/// What was known of a release then: not that an image would be launched, nor the uses that may come of that. Images that were made
/// since the day before are there now.
fn as_known(release: &mut ReleaseFacts, of: &ReleaseFacts, at: Timestamp, before: Option<Timestamp>) {
    for seen in of.managed() {
        let is_made = seen.created.at().max(of.built_at());
        if is_made.is_some_and(|made| made <= at && before.is_none_or(|before| made > before)) {
            release.placements.push(PlacementSeen {
                found: None,
                standing: PlacementStanding::Available,
                half_up: false,
                announced: None,
                reported: None,
                protection: None,
                ..seen.clone()
            });
        }
        let Some(image) = release.placements.iter_mut().find(|image| image.ami == seen.ami) else {
            continue;
        };
        let is_unknown = matches!(seen.launched, LastLaunch::At(launched) if launched > at);
        if is_unknown {
            image.launched = LastLaunch::Never;
            image.uses.clear();
        } else {
            image.launched = seen.launched;
            image.uses.clone_from(&seen.uses);
        }
    }
}
