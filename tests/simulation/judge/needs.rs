//! Who needs which image, as the world really is: since when, and when somebody looked who was to see it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use image_plane::{AccountId, ImageId, SurveyedImage, SurveyedUser, Target, Time, World};
use stage::aws::{HUB, IRELAND, hours, target};
use steward::ChannelName;
use steward::channels::{ChannelHeld, Moved};

use super::FAMILY;
use crate::company::Company;
use crate::site::Family;

/// Evidence is this old at most where anybody acts by it.
const FRESH: Duration = hours(1);
/// Whoever came to an audience within this may not be known yet.
const NEW: Duration = hours(24);

/// How often each target's instances were listed: what was read whole was listed once more.
pub(crate) type LookedAt = BTreeMap<Target, u64>;

pub(crate) fn looked_at(world: &World) -> LookedAt {
    let counts = world.ledger().counts();
    let listed = counts.filter(|(_, action, ..)| *action == "DescribeInstances");
    listed.map(|(_, _, target, counts)| (target, counts.done)).collect()
}

/// When something was seen: much may happen at one time, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seen {
    nth: usize,
    pub(super) at: Time,
}

/// Something that uses an image.
#[derive(Clone, Debug)]
pub(super) struct Used {
    pub(super) by: SurveyedUser,
    pub(super) image: ImageId,
    pub(super) from: Seen,
}

/// All that people and their machines need, as it was when somebody last looked at the world itself.
#[derive(Debug, Default)]
pub(crate) struct Needs {
    /// EC2 answers with what was true so long ago.
    pub(crate) lag: Duration,
    /// How often somebody looked.
    looks: usize,
    pub(super) images: BTreeMap<ImageId, SurveyedImage>,
    uses: BTreeMap<(SurveyedUser, ImageId), Seen>,
    /// What pipelines build on, and since when.
    pipelines: BTreeMap<String, (ImageId, Seen)>,
    /// Every launch that was seen.
    pub(super) launches: BTreeMap<ImageId, BTreeSet<Time>>,
    /// Since when an owner keeps an image by a tag or protects it.
    pub(super) kept: BTreeMap<ImageId, Seen>,
    /// Since when an image is gone or lacks our tag.
    lost: BTreeMap<ImageId, Time>,
    /// As of when a target was last read whole.
    read: BTreeMap<Target, Seen>,
    /// Since when an account is in a family's audience.
    readers: BTreeMap<(String, AccountId), Time>,
    /// Until when a person does without a target.
    waived: BTreeMap<Target, Time>,
    /// An image that somebody came to need while a worker was at it, and until when that need not know.
    pub(crate) meanwhile: Option<(ImageId, Time)>,
    /// What is held from when that worker is done.
    pub(crate) holds_later: Option<(String, Time)>,
    /// Until when a release is held.
    held: BTreeMap<String, Time>,
    /// Since when no channel points to a release any more; none: one does.
    channels: BTreeMap<(String, String), Option<Time>>,
    /// When people were told that something goes, by what it is called.
    told: Vec<(Time, String)>,
}

impl Needs {
    /// Looks at the world itself.
    pub(crate) fn look(&mut self, world: &World, company: &Company, families: &[Family]) {
        let now = world.now();
        let seen = self.seen(now);
        self.meanwhile = None;
        self.held.extend(self.holds_later.take());
        self.look_at_images(world.survey_images(HUB), seen);
        let mut users = world.survey_users();
        for account in [HUB].into_iter().chain(company.members.iter().copied()) {
            for region in company.all_regions() {
                let there = target(account, region);
                for (arn, value) in world.parameters_of_images(there) {
                    let named = value.parse::<ImageId>().ok();
                    users.entry((there, arn)).or_default().extend(named);
                }
            }
        }
        // Nobody uses anything in an account that is closed.
        users.retain(|(there, _), _| {
            world
                .account(there.account)
                .is_none_or(|account| account.state.usable())
        });
        let all = users.into_iter().flat_map(|(user, images)| {
            let each = images.into_iter();
            each.map(move |image| (user.clone(), image))
        });
        let all: BTreeSet<(SurveyedUser, ImageId)> = all.collect();
        self.uses.retain(|used, _| all.contains(used));
        for used in all {
            if used.0.1.starts_with("instance ") && !self.uses.contains_key(&used) {
                self.launches.entry(used.1).or_default().insert(now);
            }
            self.uses.entry(used).or_insert(seen);
        }
        let mut readers = BTreeMap::new();
        for Family { policy, .. } in families {
            for account in policy.readers(world, company) {
                let key = (policy.family.clone(), account);
                let since = self.readers.get(&key).copied().unwrap_or(now);
                readers.insert(key, since);
            }
        }
        self.readers = readers;
    }

    /// The next look.
    fn seen(&mut self, at: Time) -> Seen {
        self.looks += 1;
        Seen { nth: self.looks, at }
    }

    fn look_at_images(&mut self, images: BTreeMap<ImageId, SurveyedImage>, seen: Seen) {
        let ours = |image: &SurveyedImage| image.tags.contains_key(FAMILY);
        for (id, _) in self.images.iter().filter(|(_, image)| ours(image)) {
            if !images.get(id).is_some_and(ours) {
                self.lost.insert(*id, seen.at);
            }
        }
        let is_kept =
            |image: &SurveyedImage| image.protected || image.tags.get("keep").is_some_and(|keep| keep == "true");
        self.kept.retain(|id, _| images.get(id).is_some_and(is_kept));
        for (id, image) in &images {
            if is_kept(image) {
                self.kept.entry(*id).or_insert(seen);
            }
            if ours(image) {
                self.lost.remove(id);
            }
        }
        self.images = images;
    }

    /// What was read whole, by somebody who began then.
    pub(crate) fn was_read(&mut self, before: &LookedAt, world: &World, began: Time) {
        let seen = self.seen(began);
        for (target, count) in looked_at(world) {
            if before.get(&target).is_none_or(|before| *before < count) {
                self.read.insert(target, seen);
            }
        }
    }

    pub(crate) fn on_channels(&mut self, family: &str, channels: &BTreeMap<ChannelName, ChannelHeld>, now: Time) {
        let on = channels.values().flat_map(ChannelHeld::releases);
        let on: BTreeSet<String> = on.map(|release| release.to_string()).collect();
        for ((of, release), left) in &mut self.channels {
            if of == family && left.is_none() && !on.contains(release) {
                *left = Some(left_at(channels, release).unwrap_or(now));
            }
        }
        for release in on {
            self.channels.insert((family.to_owned(), release), None);
        }
    }

    pub(crate) fn was_told(&mut self, message: &str, at: Time) {
        self.told.push((at, message.to_owned()));
    }

    /// A pipeline builds on an image, or on none any more.
    pub(crate) fn builds_on(&mut self, pipeline: &str, image: Option<ImageId>, now: Time) {
        self.pipelines.remove(pipeline);
        let seen = self.seen(now);
        let built = image.map(|image| (pipeline.to_owned(), (image, seen)));
        self.pipelines.extend(built);
    }

    pub(crate) fn holds(&mut self, release: &str, until: Time) {
        self.held.insert(release.to_owned(), until);
    }

    pub(crate) fn waives(&mut self, target: Target, until: Time) {
        self.waived.insert(target, until);
    }

    /// Who uses any of these images.
    pub(super) fn users<'a>(&'a self, of: &'a BTreeSet<ImageId>) -> impl Iterator<Item = Used> + 'a {
        let uses = self.uses.iter().map(|((by, image), from)| (by.clone(), *image, *from));
        let built = self.pipelines.iter();
        let built = built.map(|(pipeline, (image, from))| ((target(HUB, IRELAND), pipeline.clone()), *image, *from));
        let all = uses.chain(built).filter(|(_, image, _)| of.contains(image));
        all.map(|(by, image, from)| Used { by, image, from })
    }

    /// Whether whoever acts at this time by a family's evidence must know of what began then in a target.
    ///
    /// It must where that was read whole since, and it must where an hour went by since: what is older than an hour is no evidence.
    /// So the hole is what begins after the last whole reading. There is no such hour for a target that a person waived, nor for
    /// an account that lets nobody look, or that is not of the family's audience, or not for long.
    pub(super) fn must_know(&self, family: &str, there: Target, began: Seen, now: Time) -> bool {
        let shown = began.at + self.lag;
        let read = self.read.get(&there);
        if read.is_some_and(|read| *read > began && read.at >= shown) {
            return true;
        }
        let is_waived = self.waived.get(&there).is_some_and(|until| now < *until);
        let is_asked = there.account == HUB || (read.is_some() && self.is_reader(family, there.account, now));
        is_asked && !is_waived && shown + FRESH < now
    }

    /// Whether an account is in a family's audience, for long enough that everybody knows.
    pub(super) fn is_reader(&self, family: &str, account: AccountId, now: Time) -> bool {
        let since = self.readers.get(&(family.to_owned(), account));
        since.is_some_and(|since| *since + NEW < now)
    }

    /// Whether somebody looked in a target at all.
    pub(super) fn was_ever_read(&self, there: Target) -> bool {
        self.read.contains_key(&there)
    }

    /// Whether an image is there and ours, or was until lately.
    pub(super) fn is_there(&self, id: ImageId, now: Time) -> bool {
        match self.lost.get(&id) {
            None => self.images.get(&id).is_some_and(|image| {
                image.tags.contains_key(FAMILY) && matches!(image.state.as_str(), "available" | "disabled")
            }),
            Some(lost) => *lost + self.lag + FRESH >= now,
        }
    }

    /// Whether an image lacks our tag only since a moment ago.
    pub(super) fn was_just_lost(&self, id: ImageId, now: Time) -> bool {
        self.lost.get(&id).is_some_and(|lost| *lost + self.lag >= now)
    }

    pub(super) fn is_held(&self, release: &str, now: Time) -> bool {
        self.held.get(release).is_some_and(|until| now < *until)
    }

    /// Whether a channel points to a release, or did within a day.
    pub(crate) fn is_on_channel(&self, family: &str, release: &str, now: Time) -> bool {
        let since = self.channels.get(&(family.to_owned(), release.to_owned()));
        since.is_some_and(|left| left.is_none_or(|left| now < left + hours(24)))
    }

    /// When people were told of something, the first time from a moment on.
    pub(super) fn told(&self, what: &str, from: Time) -> Option<Time> {
        let told = self.told.iter();
        let mut told = told.filter(|(at, message)| *at >= from && message.contains(what));
        told.next().map(|(at, _)| *at)
    }
}

/// When channels moved on from a release, the last of them.
fn left_at(channels: &BTreeMap<ChannelName, ChannelHeld>, release: &str) -> Option<Time> {
    let points = |moved: &Moved| moved.to.values().any(|to| to.to_string() == release);
    let histories = channels.values().map(|held| &held.history);
    let moves = histories.flat_map(|history| history.iter().zip(history.iter().skip(1)));
    let left = moves.filter(|(before, after)| points(before) && !points(after));
    left.filter_map(|(_, after)| Time::parse(&after.at.to_string())).max()
}
