//! What must hold once faults have stopped and everything has come to rest.

use std::collections::{BTreeMap, BTreeSet};

use image_plane::{AccountId, ImageId, SurveyedImage, Target, World};
use stage::aws::{HUB, target};
use steward::ChannelName;
use steward::channels::ChannelHeld;

use super::{FAMILY, Judge, is_whole};
use crate::company::Company;
use crate::policy::Policy;
use crate::site::{Broken, Family};

type Channels = BTreeMap<String, BTreeMap<ChannelName, ChannelHeld>>;

impl Judge {
    /// Everything that is not as it should be.
    pub(crate) fn at_rest(
        &self,
        families: &[Family],
        company: &Company,
        channels: &Channels,
        world: &World,
    ) -> Vec<Broken> {
        let images = world.survey_images(HUB);
        let mut broken = Vec::new();
        for family in families {
            self.copies_of(family, &images, &mut broken);
            let channels = &channels[&family.policy.family];
            self.candidate(family, channels, (&images, world), &mut broken);
            self.parameters(family, company, channels, (&images, world), &mut broken);
        }
        broken.extend(self.grants(families, company, world));
        broken
    }

    /// I17, both ways: nobody has what nobody declared, and everybody has what is.
    pub(crate) fn grants(&self, families: &[Family], company: &Company, world: &World) -> Vec<Broken> {
        let mut broken = Vec::new();
        let images = world.survey_images(HUB);
        for (id, image) in &images {
            // What is disabled nobody may launch, and nobody gets more of it; what is behind it can be copied still.
            let is_whole = match image.state.as_str() {
                "available" => true,
                "disabled" => false,
                _ => continue,
            };
            let Some(known) = self.known.get(id) else { continue };
            let family = families.iter().find(|family| family.policy.family == known.family);
            let Some(Family { policy, .. }) = family else { continue };
            if image.tags.get(FAMILY) != Some(&known.family) {
                continue;
            }
            let mut compare = |what: &str, declared: &BTreeSet<String>, held: &BTreeSet<String>| {
                let missing: Vec<_> = declared.difference(held).collect();
                let undeclared: Vec<_> = held.difference(declared).collect();
                if is_whole && !missing.is_empty() {
                    broken.push(format!(
                        "I17: {missing:?} may not {what} {id} of {} in {}",
                        policy.family, image.target
                    ));
                }
                if policy.exclusive && !undeclared.is_empty() {
                    broken.push(format!(
                        "I17: {undeclared:?} may still {what} {id} of {} in {}",
                        policy.family, image.target
                    ));
                }
            };
            compare("launch", &policy.launchers(world), &image.launched_by);
            let copiers = policy.copiers(world, company);
            for snapshot in image.snapshots.values() {
                compare("copy the snapshots of", &copiers, &snapshot.copied_by);
            }
        }
        broken
    }

    /// Each release that was built is in each Region where it is wanted.
    fn copies_of(&self, family: &Family, images: &BTreeMap<ImageId, SurveyedImage>, broken: &mut Vec<Broken>) {
        for build in &family.builds {
            if self.image_of(&build.release, super::home(), images).is_none() {
                // It failed, or somebody took its image away.
                continue;
            }
            for region in family.policy.wanted() {
                let there = self.image_of(&build.release, region.parse().unwrap(), images);
                let by_hand = self
                    .by_hand
                    .iter()
                    .any(|id| images.get(id).is_some_and(|image| image.target.region.name() == region));
                if there.is_none() && !by_hand {
                    broken.push(format!("{} of {} is not in {region}", build.release, build.arn));
                }
            }
        }
    }

    /// The newest release that is good everywhere it must be.
    fn newest(
        &self,
        family: &Family,
        (images, world): (&BTreeMap<ImageId, SurveyedImage>, &World),
    ) -> BTreeMap<&'static str, String> {
        let is_good = |release: &str| {
            let is_there = |region: &&str| {
                let there = self.image_of(release, region.parse().unwrap(), images);
                there.is_some_and(|id| is_whole(&images[&id], &family.policy, world))
            };
            !self.revoked.contains(release) && family.policy.required().iter().all(is_there)
        };
        let architectures = family.policy.architectures.iter();
        let newest = architectures.filter_map(|architecture| {
            let mut builds = family.builds.iter().rev();
            let newest = builds.find(|build| build.architecture == *architecture && is_good(&build.release))?;
            Some((*architecture, newest.release.clone()))
        });
        newest.collect()
    }

    /// `candidate` is on the newest good release, unless a person took it from there.
    fn candidate(
        &self,
        family: &Family,
        channels: &BTreeMap<ChannelName, ChannelHeld>,
        seen: (&BTreeMap<ImageId, SurveyedImage>, &World),
        broken: &mut Vec<Broken>,
    ) {
        let newest = self.newest(family, seen);
        if newest.len() < family.policy.architectures.len() {
            return;
        }
        let candidate: ChannelName = "candidate".parse().unwrap();
        let history = channels
            .get(&candidate)
            .map(|held| held.history.as_slice())
            .unwrap_or_default();
        let points = |to: &steward::channels::Pointed| -> BTreeMap<String, String> {
            to.iter()
                .map(|(on, release)| (on.to_string(), release.to_string()))
                .collect()
        };
        let newest: BTreeMap<String, String> = newest
            .into_iter()
            .map(|(on, release)| (on.to_owned(), release))
            .collect();
        let now = history.last().map(|moved| points(&moved.to));
        // It was there, and somebody moved it back.
        let left =
            history.iter().any(|moved| points(&moved.to) == newest) && history.iter().any(|moved| moved.backward);
        if now.as_ref() != Some(&newest) && !left {
            broken.push(format!(
                "candidate of {} is on {now:?}, and {newest:?} is good",
                family.policy.family
            ));
        }
    }

    /// Each parameter names the image of what its channel points to.
    fn parameters(
        &self,
        family: &Family,
        company: &Company,
        channels: &BTreeMap<ChannelName, ChannelHeld>,
        (images, world): (&BTreeMap<ImageId, SurveyedImage>, &World),
        broken: &mut Vec<Broken>,
    ) {
        let policy = &family.policy;
        for there in published_in(policy, company, world) {
            if !self.admitted.contains(&there.account) {
                continue;
            }
            let said: BTreeMap<String, String> = world.parameters_of_images(there).into_iter().collect();
            for (channel, held) in channels {
                for (on, release) in held.now().into_iter().flat_map(|moved| &moved.to) {
                    let release = release.to_string();
                    let Some(image) = self.image_of(&release, there.region, images) else {
                        continue;
                    };
                    if self.revoked.contains(&release) || !policy.architectures.contains(&on.as_str()) {
                        continue;
                    }
                    let name = format!("parameter/golden/{}/{on}/{channel}", policy.family);
                    let value = said
                        .iter()
                        .find(|(arn, _)| arn.ends_with(&name))
                        .map(|(_, value)| value.clone());
                    if value.as_deref() != Some(image.to_string().as_str()) {
                        broken.push(format!("{name} in {there} says {value:?}, and {image} is {release}"));
                    }
                }
            }
        }
    }

    /// I16, once the world changed: whoever is to read what a channel's parameter says can launch that, as long as it is there.
    pub(crate) fn readers(&self, families: &[Family], company: &Company, world: &World) -> Vec<Broken> {
        let images = world.survey_images(HUB);
        let is_there = |image: &ImageId| images.get(image).is_some_and(|image| image.state == "available");
        let mut broken = Vec::new();
        for Family { policy, .. } in families {
            let name = format!(":parameter/golden/{}/", policy.family);
            for there in published_in(policy, company, world) {
                for (arn, value) in world.parameters_of_images(there) {
                    let image = value.parse::<ImageId>().ok();
                    let image = image.filter(|image| self.known.contains_key(image) && is_there(image));
                    let Some(image) = image.filter(|_| arn.contains(&name)) else {
                        continue;
                    };
                    if let Err(why) = world.can_launch(there.account, there.region, image) {
                        broken.push(format!(
                            "I16: {arn} says {image}, and {there} cannot launch it: {why:?}"
                        ));
                    }
                }
            }
        }
        broken
    }

    /// I17, of what is published: since so many calls nothing was written where no manifest wants it.
    pub(crate) fn published(before: usize, families: &[Family], company: &Company, world: &World) -> Vec<Broken> {
        let wanted = families
            .iter()
            .flat_map(|family| published_in(&family.policy, company, world));
        let wanted: BTreeSet<Target> = wanted.collect();
        let written = world.ledger().mutations()[before..].iter();
        let written = written.filter(|call| call.action == "PutParameter" && call.outcome.is_ok());
        let undeclared = written.filter(|call| !wanted.contains(&call.target));
        let says = undeclared.map(|call| format!("I17: nobody wants that there: {}", super::short(call)));
        says.collect()
    }

    /// I11: every attempt has ended, and the journal says how, once.
    pub(crate) fn attempts(&self, journal: &[String]) -> Vec<Broken> {
        let open = self
            .steps
            .open()
            .into_iter()
            .map(|open| format!("I11: {open} never ended"));
        let mut broken: Vec<Broken> = open.collect();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in journal {
            *counts.entry(entry).or_default() += 1;
        }
        for outcome in self.steps.outcomes() {
            let said = counts.get(outcome.as_str()).copied().unwrap_or_default();
            if said != 1 {
                broken.push(format!("I11: the journal has {outcome} {said} times"));
            }
        }
        broken
    }
}

/// Where a family's parameters are to be, in accounts that work and Regions that are on.
fn published_in(policy: &Policy, company: &Company, world: &World) -> Vec<Target> {
    let hub = policy.to_hub.then_some(HUB);
    let readers = policy.readers(world, company).into_iter();
    let readers = readers.filter(|_| policy.publishes_to_audience());
    let works = |account: &AccountId| world.account(*account).is_none_or(|account| account.state.usable());
    let accounts: Vec<AccountId> = hub.into_iter().chain(readers).filter(works).collect();
    let targets = accounts.into_iter().flat_map(|account| {
        let regions = policy.wanted().into_iter();
        regions.map(move |region| target(account, region))
    });
    targets.filter(|there| world.is_enabled(*there)).collect()
}
