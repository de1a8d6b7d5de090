//! The judge: what must hold after every invocation and every step, read from the model itself and from nobody's record of it.

mod builds;
mod needs;
mod pruning;
mod reasons;
mod rest;
mod retired;
mod rungs;
mod steps;

use std::collections::{BTreeMap, BTreeSet};

use image_plane::{AccountId, ImageId, ImagePlane, Mutation, Region, Service, SurveyedImage, Time, World};
use serde_json::Value;
use stage::aws::{HUB, IRELAND};
use steward::ChannelName;
use steward::channels::{ChannelHeld, Mover};

use crate::acts::Act;
use crate::diary::Diary;
use crate::policy::Policy;
use crate::site::{Broken, Family};
pub(crate) use builds::{Builds, Built, End, LineName, MadeOf, Started};
use needs::Needs;
pub(crate) use needs::looked_at;
pub(crate) use reasons::Kind;
pub(crate) use retired::Retired;
use rungs::Rungs;
use steps::Steps;

const FAMILY: &str = "image-steward:family";
const RELEASE: &str = "image-steward:release";
/// What Image Builder says of itself on what it makes.
const BUILT_BY: &str = "Ec2ImageBuilderArn";
/// All that the functions ever change, but for those that follow.
const ALLOWED: [&str; 10] = [
    "CopyImage",
    "CreateGrant",
    "CreateTags",
    "DeleteTags",
    "DeregisterImage",
    "EnableImage",
    "ModifyImageAttribute",
    "ModifySnapshotAttribute",
    "PutParameter",
    "RetireGrant",
];
/// All that pruning does.
const RETIRING: [&str; 9] = [
    "DeleteImage",
    "DeleteSnapshot",
    "DeregisterImage",
    "DisableImage",
    "DisableImageDeprecation",
    "EnableImage",
    "EnableImageDeprecation",
    "ModifyImageAttribute",
    "StartResourceStateUpdate",
];
/// All that whoever tags does: snapshots, and Image Builder's images of builds.
const TAGGING: [&str; 2] = ["CreateTags", "TagResource"];
/// All that whoever builds does.
const BUILDING: [&str; 1] = ["StartImagePipelineExecution"];
/// All that whoever gathers evidence does, also where nobody acts.
const ASKING: [&str; 1] = ["CreateImageUsageReport"];

/// An image of a release, as it was when it came into being.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) release: String,
    pub(crate) family: String,
    pub(crate) region: Region,
    pub(crate) is_copy: bool,
    snapshots: BTreeSet<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Judge {
    known: BTreeMap<ImageId, Known>,
    /// Copies that people made themselves.
    pub(crate) by_hand: BTreeSet<ImageId>,
    /// Accounts that let us publish.
    pub(crate) admitted: BTreeSet<AccountId>,
    /// Releases that people revoked.
    pub(crate) revoked: BTreeSet<String>,
    /// By which manifest's word a release was last seen in a Region, whole, and for all whom that names.
    good: BTreeMap<(String, Region), u32>,
    moves: BTreeMap<(String, ChannelName), usize>,
    steps: Steps,
    rungs: Rungs,
    /// Who needs what.
    pub(crate) needs: Needs,
    /// Every build, where they are started for reasons.
    pub(crate) builds: Builds,
    /// What the parameters of bases name.
    pub(crate) bases: BTreeMap<String, String>,
    /// What scans of a family's next builds find.
    pub(crate) finds: BTreeMap<String, BTreeSet<String>>,
    began: usize,
    was_paused: bool,
    /// When somebody threw the switch while a function was at work.
    pub(crate) thrown: Option<Time>,
    /// How much was looked at.
    pub(crate) seen: Seen,
}

/// How much a judge has looked at, so that nobody takes silence for consent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Calls that changed something.
    pub(crate) mutations: usize,
    pub(crate) pointers: usize,
    pub(crate) moves: usize,
    pub(crate) copies: usize,
    pub(crate) retired: Retired,
    /// How often two workers were at work at once.
    pub(crate) pairs: usize,
    /// What people did in whole organizations, by [`Act::ALL`].
    pub(crate) acted: [usize; Act::ALL.len()],
    pub(crate) built: Built,
}

impl Seen {
    pub(crate) fn add(&mut self, other: Self) {
        let Self {
            mutations,
            pointers,
            moves,
            copies,
            retired,
            pairs,
            acted,
            built,
        } = other;
        self.mutations += mutations;
        self.pointers += pointers;
        self.moves += moves;
        self.copies += copies;
        self.retired.add(retired);
        self.pairs += pairs;
        self.built.add(built);
        for (all, others) in self.acted.iter_mut().zip(acted) {
            *all += others;
        }
    }
}

impl Judge {
    pub(crate) fn of(admitted: impl Iterator<Item = AccountId>) -> Self {
        Self {
            admitted: admitted.collect(),
            ..Self::default()
        }
    }

    /// Before a function is invoked.
    pub(crate) fn begin(&mut self, plane: &ImagePlane, is_paused: bool) {
        self.began = plane.with(|world| world.ledger().mutations().len());
        self.was_paused = is_paused;
        self.thrown = None;
    }

    /// After it ended, however it did.
    pub(crate) fn end(
        &mut self,
        (name, came_to_its_end): (&str, bool),
        (plane, families): (&ImagePlane, &[Family]),
        acts: bool,
        diary: &mut Diary,
    ) -> Result<(), Broken> {
        plane.with_tables(|tables| self.steps.read(tables.ledger().mutations()));
        plane.with(|world| {
            let began = self.began;
            let mine = |mutation: &&Mutation| {
                !matches!(
                    mutation.service,
                    Service::Sqs | Service::Sns | Service::S3 | Service::EventBridge | Service::Sts
                )
            };
            let made: Vec<Mutation> = world.ledger().mutations()[began..]
                .iter()
                .filter(mine)
                .cloned()
                .collect();
            if made.is_empty() {
                return Ok(());
            }
            let late = |mutation: &&Mutation| self.thrown.is_some_and(|thrown| thrown < mutation.at);
            if made.iter().filter(late).count() > 1 {
                return Err(format!("I13: more than one call of {name} after the switch was thrown"));
            }
            let images = world.survey_images(HUB);
            self.learn(&images);
            self.rungs.read(world.ledger().mutations(), began);
            for mutation in &made {
                diary.say(mutation.at, &format!("{name}: {}", short(mutation)));
                self.seen.mutations += usize::from(mutation.outcome.is_ok());
                self.mutation(name, mutation, acts)?;
                if name == "apply-pruning" {
                    self.retires(mutation, families)?;
                }
                if mutation.action == "PutParameter" && mutation.outcome.is_ok() {
                    self.pointer(mutation, world)?;
                }
            }
            if name == "apply-pruning" {
                self.ended(&made, came_to_its_end);
                self.rungs.skip(world.ledger().mutations().len());
            }
            self.one_copy(&images)
        })
    }

    /// How many builds of a pipeline were asked for since the last invocation began, and how many such calls were refused: what is
    /// asked again is one.
    pub(crate) fn asked_for(&self, pipeline: &str, world: &World) -> (usize, usize) {
        let made = world.ledger().mutations()[self.began..].iter();
        let starts = made.filter(|made| made.action == BUILDING[0]);
        let starts = starts.map(|start| {
            let request: Value = serde_json::from_str(&start.request).unwrap();
            (start.outcome.as_ref(), request)
        });
        let (mut tokens, mut refused) = (BTreeSet::new(), 0);
        for (outcome, request) in starts.filter(|(_, request)| request["imagePipelineArn"] == pipeline) {
            match outcome {
                Ok(()) => {
                    tokens.insert(request["clientToken"].to_string());
                }
                Err(code) => refused += usize::from(code.contains("Denied")),
            }
        }
        (tokens.len(), refused)
    }

    /// One call that changed something, or was meant to.
    fn mutation(&self, name: &str, mutation: &Mutation, acts: bool) -> Result<(), Broken> {
        let broken = |why: &str| Err(format!("{why}: {}", short(mutation)));
        if !acts && !["tag-snapshots", "gather-evidence"].contains(&name) {
            return broken("I12: it only observes, and changed something");
        }
        if self.was_paused {
            return broken("I13: the switch was thrown before this");
        }
        let allowed: &[&str] = match name {
            "apply-pruning" => &RETIRING,
            "gather-evidence" => &ASKING,
            "plan-pruning" => &[],
            "trigger-builds" => &BUILDING,
            "tag-snapshots" => &TAGGING,
            _ => &ALLOWED,
        };
        if !allowed.contains(&mutation.action) {
            return broken("nobody may do that");
        }
        if name == "trigger-builds" || name == "gather-evidence" {
            // It changes nothing of an image.
            return Ok(());
        }
        if mutation.outcome.is_ok() && !self.steps.covers(name, mutation, &rungs::thing(mutation)) {
            return broken("I11: no intent was written down before this");
        }
        let ours = |id: &str| {
            let image = id.parse::<ImageId>().ok().and_then(|id| self.known.get(&id));
            image.is_some() || self.known.values().any(|known| known.snapshots.contains(id))
        };
        match resources(mutation).iter().find(|id| !ours(id)) {
            Some(stranger) => broken(&format!("I1: {stranger} is none of ours")),
            None => Ok(()),
        }
    }

    /// I16: whoever reads what was just written sees it, and it is there.
    fn pointer(&mut self, mutation: &Mutation, world: &World) -> Result<(), Broken> {
        self.seen.pointers += 1;
        let request: Value = serde_json::from_str(&mutation.request).unwrap();
        let image: ImageId = request["Value"].as_str().unwrap().parse().unwrap();
        let broken = |why: String| Err(format!("I16: {why}: {}", short(mutation)));
        let Some(known) = self.known.get(&image) else {
            return broken(format!("{image} is no release's"));
        };
        if self.revoked.contains(&known.release) {
            return broken(format!("{image} is revoked"));
        }
        match world.can_launch(mutation.target.account, mutation.target.region, image) {
            Ok(()) => Ok(()),
            Err(why) => broken(format!("its reader cannot launch {image}: {why:?}")),
        }
    }

    /// Learns which images there are, when they are new and nobody has changed their tags.
    fn learn(&mut self, images: &BTreeMap<ImageId, SurveyedImage>) {
        for (id, image) in images {
            let Some(family) = image.tags.get(FAMILY) else { continue };
            if self.known.contains_key(id) || self.by_hand.contains(id) {
                continue;
            }
            let (release, is_copy) = match (image.tags.get(RELEASE), image.tags.get(BUILT_BY)) {
                (Some(release), _) => (release.clone(), true),
                (None, Some(build)) => (release_of(build), false),
                (None, None) => continue,
            };
            self.seen.copies += usize::from(is_copy);
            let known = Known {
                release,
                family: family.clone(),
                region: image.target.region,
                is_copy,
                snapshots: image.snapshots.keys().map(ToString::to_string).collect(),
            };
            self.known.insert(*id, known);
        }
    }

    /// Never two copies by us of a release in one place.
    fn one_copy(&self, images: &BTreeMap<ImageId, SurveyedImage>) -> Result<(), Broken> {
        let mut copies: BTreeMap<(&str, Region), ImageId> = BTreeMap::new();
        for (id, known) in self.known.iter().filter(|(_, known)| known.is_copy) {
            let lives = images.get(id).is_some_and(|image| image.state != "failed");
            if lives && let Some(other) = copies.insert((&known.release, known.region), *id) {
                return Err(format!(
                    "{id} and {other} are both copies of {} in {:?}",
                    known.release, known.region
                ));
            }
        }
        Ok(())
    }

    /// After a step: which releases are where they should be.
    pub(crate) fn look(&mut self, families: &[Family], world: &World) -> Result<(), Broken> {
        let images = world.survey_images(HUB);
        self.learn(&images);
        for (id, image) in &images {
            let Some(known) = self.known.get(id) else { continue };
            let Some(family) = families.iter().find(|family| family.policy.family == known.family) else {
                continue;
            };
            if is_whole(image, &family.policy, world) {
                self.good.insert((known.release.clone(), known.region), family.version);
            }
        }
        self.one_copy(&images)
    }

    /// Each move of a channel that is new, and that nobody made by hand.
    pub(crate) fn moves(
        &mut self,
        family: &Family,
        channels: &BTreeMap<ChannelName, ChannelHeld>,
        world: &World,
    ) -> Result<(), Broken> {
        // What came about since the last step.
        self.look(std::slice::from_ref(family), world)?;
        for (channel, held) in channels {
            let key = (family.policy.family.clone(), channel.clone());
            let before = self.moves.insert(key, held.history.len()).unwrap_or_default();
            for moved in held
                .history
                .iter()
                .skip(before)
                .filter(|moved| moved.by == Mover::Itself)
            {
                self.seen.moves += 1;
                let broken = |why: String| Err(format!("{channel} of {} moved: {why}", family.policy.family));
                if self.was_paused {
                    return broken(String::from("I13: the switch is thrown"));
                }
                let on: Vec<&str> = moved.to.keys().map(|on| on.as_str()).collect();
                let wanted: BTreeSet<&str> = family.policy.architectures.iter().copied().collect();
                if on.into_iter().collect::<BTreeSet<_>>() != wanted {
                    return broken(format!("not with all of {wanted:?}"));
                }
                for release in moved.to.values().map(ToString::to_string) {
                    if self.revoked.contains(&release) {
                        return broken(format!("{release} is revoked"));
                    }
                    for region in family.policy.required() {
                        let there = self.good.get(&(release.clone(), region.parse().unwrap()));
                        if there != Some(&family.version) {
                            return broken(format!(
                                "{release} was never seen in {region} as manifest {} wants it",
                                family.version
                            ));
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The image of a release in a Region that there is.
    pub(crate) fn image_of(
        &self,
        release: &str,
        region: Region,
        images: &BTreeMap<ImageId, SurveyedImage>,
    ) -> Option<ImageId> {
        let of_it = |known: &Known| known.release == release && known.region == region;
        let mut found = self
            .known
            .iter()
            .filter(|(id, known)| of_it(known) && images.contains_key(id));
        found.find(|(id, _)| images[id].state == "available").map(|(id, _)| *id)
    }

    /// Which release an image is of.
    pub(crate) fn release_of(&self, id: ImageId) -> Option<String> {
        self.known.get(&id).map(|known| known.release.clone())
    }

    /// Copies that there are, for people to do something to.
    pub(crate) fn copies(&self, images: &BTreeMap<ImageId, SurveyedImage>) -> Vec<(ImageId, Known)> {
        let copies = self
            .known
            .iter()
            .filter(|(id, known)| known.is_copy && images.contains_key(id));
        copies.map(|(id, known)| (*id, known.clone())).collect()
    }

    /// Images of such releases that can be launched.
    pub(crate) fn available(
        &self,
        images: &BTreeMap<ImageId, SurveyedImage>,
        is_such: impl Fn(&Known) -> bool,
    ) -> Vec<(ImageId, SurveyedImage)> {
        let such = self.known.iter().filter(|(_, known)| is_such(known));
        let there = such.filter_map(|(id, _)| Some((*id, images.get(id)?.clone())));
        there.filter(|(_, image)| image.state == "available").collect()
    }

    /// All images of releases that there are.
    pub(crate) fn images(&self, images: &BTreeMap<ImageId, SurveyedImage>) -> Vec<ImageId> {
        self.known
            .keys()
            .filter(|id| images.contains_key(id))
            .copied()
            .collect()
    }
}

/// Whether an image is there, for all whom a manifest names.
fn is_whole(image: &SurveyedImage, policy: &Policy, world: &World) -> bool {
    image.state == "available" && image.launched_by.is_superset(&policy.launchers(world))
}

fn release_of(build: &str) -> String {
    build.parse::<steward::CanonicalName>().unwrap().id().to_string()
}

/// The images and snapshots that a call is about.
fn resources(mutation: &Mutation) -> Vec<String> {
    if mutation.service != Service::Ec2 {
        return Vec::new();
    }
    let pairs = mutation.request.split('&').filter_map(|pair| pair.split_once('='));
    let names = ["ImageId", "SnapshotId", "SourceImageId"];
    let about = pairs.filter(|(name, _)| names.contains(name) || name.starts_with("ResourceId."));
    about.map(|(_, value)| value.to_owned()).collect()
}

/// A call in a line.
pub(crate) fn short(mutation: &Mutation) -> String {
    let mut request = mutation.request.clone();
    request.truncate(400);
    let outcome = mutation.outcome.as_ref().err().map_or("done", String::as_str);
    format!("{} in {}: {outcome}: {request}", mutation.action, mutation.target)
}

/// The home of all releases.
pub(crate) fn home() -> Region {
    IRELAND.parse().unwrap()
}
