//! What may be done to an image, by what really happened.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration as Length;

use super::super::super::*;
use super::super::stage::*;
use super::real::{Ladder, Real, RealImage, RealRelease};
use crate::{AmiId, Duration, Timestamp};

const FRESH: Duration = Duration::hours(1);
const NOTICE: Duration = Duration::hours(24);

/// When something last happened to an image.
#[derive(Debug, Default)]
struct Past {
    deprecated: Option<Timestamp>,
    disabled: Option<Timestamp>,
    told: Option<Timestamp>,
}

pub(super) struct Judge {
    ladder: Ladder,
    /// When all were last asked, with success.
    read: Option<Timestamp>,
    past: BTreeMap<AmiId, Past>,
    /// When a plan last found that somebody wants a release, whatever there was to know then.
    wanted: BTreeMap<u32, Timestamp>,
}

impl Judge {
    pub(super) const fn new(ladder: Ladder) -> Self {
        Self {
            ladder,
            read: None,
            past: BTreeMap::new(),
            wanted: BTreeMap::new(),
        }
    }

    pub(super) const fn was_read(&mut self, now: Timestamp) {
        self.read = Some(now);
    }

    pub(super) fn told(&mut self, ami: AmiId, now: Timestamp) {
        self.past.entry(ami).or_default().told = Some(now);
    }

    /// What a plan may come to: no more at once than its limits, and each image once.
    pub(super) fn planned(
        &mut self,
        plan: &PruningPlan,
        real: &Real,
        (known, is_accepted): (&World, bool),
    ) -> Result<(), String> {
        let now = known.now;
        let there = |release: &&ReleaseFacts| !release.placements.is_empty();
        let of = known.facts.releases.iter().filter(there).count();
        if !is_accepted && plan.newly.len() > (of * self.ladder.share / 100).max(1) {
            return Err(format!("I9: {} of {of} begin to go at once", plan.newly.len()));
        }
        let down =
            |step: &&PruningStep| step.effect.image().is_some() && !matches!(step.effect, Effect::Restore { .. });
        if plan.steps.iter().filter(down).count() > self.ladder.per_run {
            return Err(format!("I9: {:?}", plan.steps));
        }
        let listed = plan.expendable.iter().map(|going| going.ami);
        let listed = listed.chain(plan.kept.iter().map(|kept| kept.ami));
        let mut listed: Vec<AmiId> = listed.chain(plan.blocked.iter().map(|blocked| blocked.ami)).collect();
        listed.sort_unstable();
        let all = known.facts.releases.iter().flat_map(|release| &release.placements);
        let mut all: Vec<AmiId> = all.map(|placement| placement.ami).collect();
        all.sort_unstable();
        if listed != all {
            return Err(format!("I14: {listed:?} of {all:?}"));
        }
        if plan.troubles.is_empty() {
            let newest = self.newest(real, now);
            for (number, release) in &real.releases {
                let since = self.read.unwrap_or(release.built);
                let is_known = |image: &RealImage| {
                    [image.used, image.tagged, image.protected]
                        .into_iter()
                        .flatten()
                        .any(|wanted| wanted <= since)
                };
                if release.held.is_some()
                    || release.on_channel.is_some()
                    || newest.contains(number)
                    || release.images.iter().any(is_known)
                {
                    self.wanted.insert(*number, now);
                }
            }
        }
        Ok(())
    }

    /// A step is made that was planned at one time, at another.
    pub(super) fn makes(
        &mut self,
        effect: &Effect,
        real: &Real,
        (planned, now): (Timestamp, Timestamp),
    ) -> Result<(), String> {
        let (ami, rung) = match effect {
            Effect::Restore { ami, .. } => {
                self.past.insert(*ami, Past::default());
                return Ok(());
            }
            Effect::Deprecate { ami, .. } => (*ami, 0),
            Effect::Disable { ami, .. } => (*ami, 1),
            Effect::Deregister { ami, .. } => (*ami, 2),
            Effect::DeprecateOutput(_) | Effect::DeleteOutput(_) => return Ok(()),
        };
        let mut all = real.releases.iter();
        let Some((number, release)) = all.find(|(_, release)| release.image(ami).is_some()) else {
            return Err(String::from("I14: it is not there"));
        };
        let newest = self.newest(real, now);
        if newest.contains(number) {
            return Err(format!("I3: {number} is among the newest: {newest:?}"));
        }
        self.unwanted(release, ami, (rung > 0, planned, now))?;
        let waits = |from: Timestamp, wait: Length| {
            if now < from.saturating_add(wait) {
                return Err(format!("I6, I7: only since {from}, and not for {wait:?}"));
            }
            Ok(())
        };
        let entry = self.ladder.entries[rung].length();
        waits(release.built, self.ladder.young.length() + entry)?;
        if let Some(wanted) = self.wanted.get(number) {
            waits(*wanted, entry)?;
        }
        let past = self.past.entry(ami).or_default();
        let between = |from: usize| entry.saturating_sub(self.ladder.entries[from].length());
        match rung {
            0 => past.deprecated = Some(now),
            1 => {
                let since = past.deprecated.ok_or("I7: it was never deprecated")?;
                waits(since, between(0))?;
                past.disabled = Some(now);
            }
            _ => {
                let since = past.disabled.ok_or("I7: it was never disabled")?;
                waits(since, between(1))?;
                let told = past.told.filter(|told| *told >= since).ok_or("I7: nobody was told")?;
                waits(told, NOTICE.length())?;
                let is_last = release.images.len() == 1;
                if is_last && release.output == Some(crate::BuildState::Available) {
                    return Err(String::from("P19: a wildcard would pick what has no image"));
                }
            }
        }
        Ok(())
    }

    /// I3 to I5: nobody wants anything of its release who had to be seen.
    fn unwanted(
        &self,
        release: &RealRelease,
        ami: AmiId,
        (takes_away, planned, now): (bool, Timestamp, Timestamp),
    ) -> Result<(), String> {
        // A warning is made by what was known when it was planned.
        let must_know = |since: Timestamp| takes_away || since < planned;
        for (what, wanted) in [("held", release.held), ("on a channel", release.on_channel)] {
            if wanted.is_some_and(must_know) {
                return Err(format!("I3: it is {what} since {wanted:?}"));
            }
        }
        let read = self.read.filter(|read| now <= read.saturating_add(FRESH));
        let read = read.ok_or_else(|| format!("I5: all were asked at {:?}", self.read))?;
        for image in &release.images {
            let itself = if image.ami == ami { now } else { read };
            for (what, wanted, seen) in [
                ("used", image.used, read),
                ("kept by a tag", image.tagged, itself),
                ("protected", image.protected, itself),
            ] {
                if wanted.is_some_and(|since| since <= seen) {
                    return Err(format!("I3, I4: {} is {what} since {wanted:?}", image.ami));
                }
            }
        }
        Ok(())
    }

    /// The newest releases of which an image is there, or was when all were last asked.
    fn newest(&self, real: &Real, now: Timestamp) -> BTreeSet<u32> {
        let seen = self.read.unwrap_or(now);
        let is_there = |(number, release): &(&u32, &RealRelease)| {
            !release.images.is_empty() || real.lost.get(number).is_some_and(|lost| *lost >= seen)
        };
        let all = real.releases.iter().rev().filter(is_there);
        all.take(self.ladder.releases).map(|(number, _)| *number).collect()
    }

    /// At the end only the newest are there.
    pub(super) fn rests(&self, real: &Real) -> Result<(), String> {
        let there: Vec<u32> = real
            .releases
            .iter()
            .filter(|(_, release)| !release.images.is_empty())
            .map(|(number, _)| *number)
            .collect();
        if there.len() > self.ladder.releases {
            return Err(format!("I15: {there:?} are there, by {:?}", self.ladder));
        }
        Ok(())
    }
}
