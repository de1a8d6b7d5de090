//! Pruning, judged call by call: by the model's own state and history, and by what people did.

use std::collections::BTreeSet;
use std::time::Duration;

use image_plane::{ImageId, Mutation, SurveyedImage, Time};
use stage::aws::{HUB, hours, minutes};

use super::rungs::{By, Made, image_of, thing};
use super::{FAMILY, Judge, Known, short};
use crate::retention::Retention;
use crate::site::{Broken, Build, Family};

/// Between the moment from which a wait counts and the call itself a function may stand still for minutes.
const SLACK: Duration = minutes(10);
/// EC2 tells of a launch a day later.
const LAUNCH_LAG: Duration = hours(24);
const NOTICE: Duration = hours(24);
/// So long ago at most a worker looked at the very image.
const AT_A_LOOK: Duration = minutes(1);
/// A deprecation begins a minute or two ahead.
const AHEAD: Duration = minutes(2);

impl Judge {
    /// One call of apply-pruning, whatever AWS made of it.
    pub(super) fn retires(&mut self, mutation: &Mutation, families: &[Family]) -> Result<(), Broken> {
        let broken = |why: String| Err(format!("{why}: {}", short(mutation)));
        let said = match (mutation.action, image_of(mutation)) {
            ("EnableImageDeprecation" | "DisableImage" | "DeregisterImage", Some(id)) => {
                self.goes_down(mutation.action, id, mutation.at, families)
            }
            ("EnableImage" | "DisableImageDeprecation" | "ModifyImageAttribute", Some(id)) => {
                self.goes_up(mutation, id, families)
            }
            ("DeleteSnapshot", _) => self.snapshot_goes(mutation),
            ("StartResourceStateUpdate" | "DeleteImage", _) => self.build_goes(mutation, families),
            _ => Err(String::from("no such call is pruning's")),
        };
        said.or_else(broken)?;
        self.once(mutation).or_else(broken)?;
        self.rungs.note(mutation, true);
        if mutation.outcome.is_ok() {
            self.count(mutation);
        }
        Ok(())
    }

    /// What an invocation of apply-pruning did that came to no end may be done again.
    pub(super) fn ended(&mut self, made: &[Mutation], came_to_its_end: bool) {
        for mutation in made {
            let key = (mutation.action, thing(mutation));
            if let Some(made) = self.rungs.made.get_mut(&key) {
                made.is_lost |= !came_to_its_end;
            }
        }
    }

    /// An image comes to the next rung: nobody needs it, as far as anybody must know.
    fn goes_down(&mut self, action: &str, id: ImageId, at: Time, families: &[Family]) -> Result<(), Broken> {
        let Some(known) = self.known.get(&id).cloned() else {
            return Err(format!("I1: {id} is none of ours"));
        };
        let Some(image) = self.needs.images.get(&id).cloned() else {
            // It is gone already, and EC2 says so.
            return Ok(());
        };
        if image.tags.get(FAMILY) != Some(&known.family) && !self.needs.was_just_lost(id, at) {
            return Err(format!("I2: {id} does not carry our tag"));
        }
        let Known { release, family, .. } = &known;
        let Some(family) = families.iter().find(|of| of.policy.family == *family) else {
            return Err(format!("I2: {family} is no family"));
        };
        let Some(retain) = &family.policy.retain else {
            return Err(String::from("nothing goes by its manifest"));
        };
        let Some(build) = family.builds.iter().find(|build| build.release == *release) else {
            return Err(format!("{release} was never built"));
        };
        if self.staying(family, build.architecture, retain, at).contains(release) {
            return Err(format!("I3: {release} is among the newest {}", retain.releases));
        }
        if self.needs.is_on_channel(&family.policy.family, release, at) {
            return Err(format!("I3: {release} is on a channel, or was within a day"));
        }
        if self.needs.is_held(release, at) {
            return Err(format!("I3: {release} is held"));
        }
        if let Some((_, until)) = self.needs.meanwhile.filter(|(needed, _)| *needed == id)
            && until + self.needs.lag < at
        {
            return Err(format!(
                "I8: somebody needs {id} since a while, although only since this worker began"
            ));
        }
        self.kept(id, &known, at)?;
        self.used(id, &known, (action, at))?;
        self.launched(&known, retain, at)?;
        self.waits(action, (id, &image), (family, build, retain), at)
    }

    /// I3: no tag keeps any image of its release, and none is protected.
    fn kept(&self, id: ImageId, known: &Known, at: Time) -> Result<(), Broken> {
        for other in self.images_of(&known.release) {
            let Some(since) = self.needs.kept.get(&other).copied() else {
                continue;
            };
            let there = self.needs.images[&other].target;
            // The very image is looked at right before.
            let is_seen = other == id && since.at + self.needs.lag <= at;
            if is_seen || self.needs.must_know(&known.family, there, since, at) {
                return Err(format!("I3: {other} is kept by a tag or protected, since {}", since.at));
            }
        }
        Ok(())
    }

    /// I4: nobody uses any image of its release who had to be seen.
    fn used(&mut self, id: ImageId, known: &Known, (action, at): (&str, Time)) -> Result<(), Broken> {
        let of = self.images_of(&known.release);
        let users: Vec<_> = self.needs.users(&of).collect();
        for used in users {
            let (there, what) = &used.by;
            let says = || format!("I4: {what} in {there} uses {} since {}", used.image, used.from.at);
            if self.needs.must_know(&known.family, *there, used.from, at) {
                return Err(says());
            }
            // Of who lets nobody look a report tells, which is asked for days after an image was disabled.
            let is_beyond = there.account != HUB
                && !self.needs.was_ever_read(*there)
                && self.needs.is_reader(&known.family, there.account, at);
            let disabled = self.rungs.disabled.get(&id);
            if action == "DeregisterImage" && is_beyond && disabled.is_some_and(|by| used.from.at < by.at) {
                return Err(says());
            }
            self.seen.retired.excused += 1;
        }
        Ok(())
    }

    /// I6: what was launched lately stays.
    fn launched(&self, known: &Known, retain: &Retention, at: Time) -> Result<(), Broken> {
        let Some(unused_for) = retain.unused_for() else {
            return Ok(());
        };
        let of = self.images_of(&known.release);
        let launches = of.iter().filter_map(|id| self.needs.launches.get(id)).flatten();
        let told = |launched: &&Time| **launched + LAUNCH_LAG + self.needs.lag + hours(1) < at;
        match launches
            .filter(told)
            .find(|launched| at < **launched + LAUNCH_LAG + unused_for)
        {
            Some(last) => Err(format!("I6: {} was launched at {last}", known.release)),
            None => Ok(()),
        }
    }

    /// I6 and I7: it is old enough, it stood on the rung before for its time, and people were told.
    fn waits(
        &self,
        action: &str,
        (id, image): (ImageId, &SurveyedImage),
        (family, build, retain): (&Family, &Build, &Retention),
        at: Time,
    ) -> Result<(), Broken> {
        let old = build.started + retain.young();
        let is_early = |wait: Duration| at < old + wait;
        let too_early = || {
            Err(format!(
                "I6: {id} was built at {}, and is too young for that",
                build.started
            ))
        };
        match action {
            "EnableImageDeprecation" if is_early(retain.until_deprecated()) => too_early(),
            "EnableImageDeprecation" => Ok(()),
            "DisableImage" => {
                if is_early(retain.until_disabled()) {
                    return too_early();
                }
                if image.deprecate_at.is_none_or(|from| at + AHEAD < from) && !self.was_just_dated_anew(id, at) {
                    return Err(format!("I7: {id} is not deprecated"));
                }
                let wait = retain.until_disabled().saturating_sub(retain.until_deprecated());
                let ours = self.rungs.deprecated.get(&id).filter(|by| by.ours);
                match ours.filter(|by| at + SLACK < by.at + wait) {
                    Some(By { at: since, .. }) => Err(format!("I7: {id} is deprecated only since {since}")),
                    None => Ok(()),
                }
            }
            _ => {
                let Some(until_gone) = retain.until_gone(family.policy.has_audience()) else {
                    return Err(String::from("I7: the ladder ends before that"));
                };
                if is_early(until_gone) {
                    return too_early();
                }
                let Some(By { at: disabled, .. }) = self.rungs.disabled.get(&id).copied() else {
                    return Err(format!("I7: {id} is not disabled"));
                };
                if at + SLACK < disabled + until_gone.saturating_sub(retain.until_disabled()) {
                    return Err(format!("I7: {id} is disabled only since {disabled}"));
                }
                let told = self.needs.told(&id.to_string(), disabled);
                if told.is_none_or(|told| at + SLACK < told + NOTICE) {
                    return Err(format!("I7: nobody was told of {id} a day before: {told:?}"));
                }
                self.no_wildcard(id, build)
            }
        }
    }

    /// Whether another hand deprecated an image from another time on since it was looked at.
    fn was_just_dated_anew(&self, id: ImageId, at: Time) -> bool {
        let by = self.rungs.deprecated.get(&id);
        by.is_some_and(|by| !by.ours && at <= by.at + AT_A_LOOK + self.needs.lag)
    }

    /// P19: what wildcards would pick has an image still.
    fn no_wildcard(&self, id: ImageId, build: &Build) -> Result<(), Broken> {
        let mut left = self.made_of(&build.release);
        left.remove(&id);
        if left.is_empty() && !self.rungs.deprecated_builds.contains(&build.arn) {
            return Err(format!(
                "P19: {id} is the last image of {}, which is not deprecated",
                build.arn
            ));
        }
        Ok(())
    }

    /// Only what pruning took down comes up again, for whoever is declared.
    fn goes_up(&self, mutation: &Mutation, id: ImageId, families: &[Family]) -> Result<(), Broken> {
        let Some(known) = self.known.get(&id) else {
            return Err(format!("I1: {id} is none of ours"));
        };
        match mutation.action {
            "EnableImage" => match self.rungs.disabled.get(&id) {
                Some(By { ours: false, .. }) => Err(format!("another hand disabled {id}")),
                _ => Ok(()),
            },
            "ModifyImageAttribute" => {
                let family = families.iter().find(|family| family.policy.family == known.family);
                let declared = family.map(|family| family.policy.declared()).unwrap_or_default();
                match added(mutation).find(|who| !declared.contains(who)) {
                    Some(who) => Err(format!("I17: {who} is not declared")),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// I10: a snapshot goes after its image, which pruning took away, and if no other uses it.
    fn snapshot_goes(&self, mutation: &Mutation) -> Result<(), Broken> {
        let snapshot = thing(mutation);
        let of = self
            .known
            .iter()
            .filter(|(_, known)| known.snapshots.contains(&snapshot));
        let is_retired = |id: &ImageId| self.rungs.gone.get(id).is_some_and(|by| by.ours);
        if let Some((id, _)) = of.into_iter().find(|(id, _)| !is_retired(id)) {
            return Err(format!("I10: {snapshot} is of {id}, which pruning did not deregister"));
        }
        let uses =
            |(_, image): &(&ImageId, &SurveyedImage)| image.snapshots.keys().any(|one| one.to_string() == snapshot);
        match self.needs.images.iter().find(uses) {
            Some((id, _)) => Err(format!("I10: {id} uses {snapshot}")),
            None => Ok(()),
        }
    }

    /// What Image Builder has of a release is deprecated when its images are about to go, and deleted when they are gone.
    fn build_goes(&mut self, mutation: &Mutation, families: &[Family]) -> Result<(), Broken> {
        let arn = thing(mutation);
        let mut builds = families.iter().flat_map(|family| &family.builds);
        let Some(build) = builds.find(|build| build.arn == arn) else {
            return Err(String::from("I1: it is no build of ours"));
        };
        let left = self.made_of(&build.release);
        if mutation.action == "DeleteImage" {
            if let Some(id) = left.first() {
                return Err(format!("P19: {id} is still there"));
            }
            return if self.rungs.deprecated_builds.contains(&build.arn) {
                Ok(())
            } else {
                Err(format!("P19: {} is not deprecated", build.arn))
            };
        }
        if let Some(id) = left.iter().find(|id| self.needs.images[id].state != "disabled") {
            return Err(format!("P19: {id} is not about to go"));
        }
        if mutation.outcome.is_ok() {
            self.rungs.deprecated_builds.insert(build.arn.clone());
        }
        Ok(())
    }

    /// I11: a call that was made is made once more only where nobody could know.
    fn once(&mut self, mutation: &Mutation) -> Result<(), Broken> {
        if mutation.outcome.is_err() || mutation.action == "ModifyImageAttribute" {
            return Ok(());
        }
        let key = (mutation.action, thing(mutation));
        let made = Made {
            at: mutation.at,
            is_lost: !mutation.answered,
        };
        match self.rungs.made.insert(key, made) {
            // Whoever looks may be shown what was true until a while ago.
            Some(Made { at, is_lost: false }) if at + self.needs.lag <= mutation.at => {
                Err(format!("I11: it was made before, at {at}"))
            }
            _ => Ok(()),
        }
    }

    fn count(&mut self, mutation: &Mutation) {
        let retired = &mut self.seen.retired;
        match mutation.action {
            "EnableImageDeprecation" => retired.deprecated += 1,
            "DisableImage" => retired.disabled += 1,
            "DeregisterImage" => retired.deregistered += 1,
            "DeleteSnapshot" => retired.snapshots += 1,
            "DeleteImage" => retired.builds += 1,
            "EnableImage" | "DisableImageDeprecation" => retired.climbed += 1,
            _ => {}
        }
    }

    /// The images of a release that are ours and there, as far as anybody looked, and that nobody took away since.
    fn images_of(&self, release: &str) -> BTreeSet<ImageId> {
        let mut all = self.made_of(release);
        all.retain(|id| self.needs.images[id].tags.contains_key(FAMILY));
        all
    }

    /// The same with those that do not carry our tag any more.
    fn made_of(&self, release: &str) -> BTreeSet<ImageId> {
        let is_there = |id: &ImageId| {
            let image = self.needs.images.get(id);
            !self.rungs.gone.contains_key(id) && image.is_some_and(|image| image.state != "failed")
        };
        let of_it = self.known.iter().filter(|(_, known)| known.release == release);
        of_it.map(|(id, _)| *id).filter(is_there).collect()
    }

    /// The newest releases of an architecture, as many as stay.
    fn staying(&self, family: &Family, architecture: &str, retain: &Retention, at: Time) -> BTreeSet<String> {
        let is_there = |build: &&Build| {
            let mut of_it = self.known.iter().filter(|(_, known)| known.release == build.release);
            of_it.any(|(id, _)| self.needs.is_there(*id, at))
        };
        let builds = family.builds.iter().rev();
        let builds = builds
            .filter(|build| build.architecture == architecture)
            .filter(is_there);
        builds
            .take(retain.releases)
            .map(|build| build.release.clone())
            .collect()
    }

    /// Images that nobody needs, and that should have begun to go.
    pub(crate) fn unneeded(&self, families: &[Family], now: Time) -> BTreeSet<ImageId> {
        let mut unneeded = BTreeSet::new();
        for (id, known) in &self.known {
            let there = self.needs.images.get(id);
            if there.is_none_or(|image| image.tags.get(FAMILY) != Some(&known.family) || image.state == "failed") {
                continue;
            }
            let family = families.iter().find(|family| family.policy.family == known.family);
            let Some((family, retain)) = family.and_then(|family| Some((family, family.policy.retain.as_ref()?)))
            else {
                continue;
            };
            let build = family.builds.iter().find(|build| build.release == known.release);
            let Some(build) = build.filter(|_| retain.until_gone(family.policy.has_audience()).is_some()) else {
                continue;
            };
            let of = self.images_of(&known.release);
            let is_needed = self
                .staying(family, build.architecture, retain, now)
                .contains(&known.release)
                || self.needs.is_on_channel(&known.family, &known.release, now)
                || self.needs.is_held(&known.release, now)
                || now < build.started + retain.young()
                || of.iter().any(|id| self.needs.kept.contains_key(id))
                || self.needs.users(&of).next().is_some();
            if !is_needed {
                unneeded.insert(*id);
            }
        }
        unneeded
    }
}

/// Whom a call lets launch an image.
fn added(mutation: &Mutation) -> impl Iterator<Item = String> {
    let pairs = mutation.request.split('&').filter_map(|pair| pair.split_once('='));
    let added = pairs.filter(|(name, _)| name.starts_with("LaunchPermission.Add."));
    added.map(|(_, value)| value.replace("%3A", ":").replace("%2F", "/"))
}
