//! What really is, whoever knows it.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;

use super::super::super::*;
use super::super::stage::*;
use crate::evidence::Said;
use crate::manifest::Retain;
use crate::{AmiId, AmiState, Architecture, BuildState, Duration, ReleaseId, Timestamp};

/// What a manifest says, in numbers of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ladder {
    pub(super) releases: usize,
    pub(super) young: Duration,
    /// From when a release became expendable until it is deprecated, disabled, deregistered.
    pub(super) entries: [Duration; 3],
    pub(super) share: usize,
    pub(super) per_run: usize,
}

impl Ladder {
    pub(super) fn draw(rng: &mut Rng) -> Self {
        let days = rng.choice([[0, 0, 0], [0, 1, 2], [1, 2, 4], [0, 3, 3]]).unwrap();
        Self {
            releases: rng.usize(1..=3),
            young: Duration::days(rng.choice([1, 3]).unwrap()),
            entries: days.map(Duration::days),
            share: rng.choice([10, 40, 100]).unwrap(),
            per_run: rng.choice([1, 4, 50]).unwrap(),
        }
    }

    pub(super) fn retain(self) -> Retain {
        let Self {
            releases,
            young,
            entries,
            share,
            per_run,
        } = self;
        let [deprecate, disable, delete] = entries.map(|entry| entry.length().as_secs() / 86_400);
        let young = young.length().as_secs() / 86_400;
        retain(&format!(
            "releases: {releases}, for: {young}d, keep_tags: {{ keep: \"true\" }}, ladder: {{ deprecate: {deprecate}d, disable: \
             {disable}d, delete: {delete}d }}, limits: {{ per_run: {per_run}, share: {share}% }}"
        ))
    }
}

/// Something that somebody wants of a release or an image, and since when.
pub(super) type Wanted = Option<Timestamp>;

#[derive(Debug)]
pub(super) struct RealRelease {
    pub(super) built: Timestamp,
    pub(super) held: Wanted,
    pub(super) on_channel: Wanted,
    pub(super) images: Vec<RealImage>,
    pub(super) output: Option<BuildState>,
}

#[derive(Debug)]
pub(super) struct RealImage {
    pub(super) ami: AmiId,
    pub(super) state: Rung,
    pub(super) deprecated: Option<Timestamp>,
    pub(super) used: Wanted,
    pub(super) tagged: Wanted,
    pub(super) protected: Wanted,
}

/// All releases, by their numbers, with the images that are there.
#[derive(Debug)]
pub(super) struct Real {
    pub(super) releases: BTreeMap<u32, RealRelease>,
    /// When another hand took the last image of a release away.
    pub(super) lost: BTreeMap<u32, Timestamp>,
}

impl Real {
    pub(super) const fn new() -> Self {
        Self {
            releases: BTreeMap::new(),
            lost: BTreeMap::new(),
        }
    }

    /// The next release, with an image in so many Regions.
    pub(super) fn build(&mut self, regions: usize, now: Timestamp) -> u32 {
        let number = self.releases.keys().next_back().map_or(1, |last| last + 1);
        let images = (0..u32::try_from(regions).unwrap()).map(|k| RealImage {
            ami: ami(number, k),
            state: Rung::Available,
            deprecated: None,
            used: None,
            tagged: None,
            protected: None,
        });
        let release = RealRelease {
            built: now,
            held: None,
            on_channel: None,
            images: images.collect(),
            output: Some(BuildState::Available),
        };
        self.releases.insert(number, release);
        number
    }

    /// As the record has it at first.
    pub(super) fn as_recorded(&self, number: u32, now: Timestamp) -> ReleaseFacts {
        let place = Place::Built {
            architecture: Architecture::X86_64,
            order: format!("1.0.{number}/1").parse().unwrap(),
        };
        let mut release = release(number, place, 0);
        release.built = BuildTime::At(now);
        release.output = Some(Box::new(output(number)));
        let places = [HOME, AWAY].into_iter().zip(0..);
        let images = places
            .take(self.releases[&number].images.len())
            .map(|(target, k)| PlacementSeen {
                created: BuildTime::At(now),
                ..placement(number, k, target)
            });
        release.placements = images.collect();
        release
    }

    /// Somebody wants something, wants it no more, or takes an image down or away by hand.
    pub(super) fn somebody_acts(&mut self, rng: &mut Rng, now: Timestamp) {
        let numbers: Vec<u32> = self.releases.keys().copied().collect();
        let Some(number) = rng.choice(numbers) else { return };
        let release = self.releases.get_mut(&number).unwrap();
        let which = rng.u32(0..14);
        match which {
            0 | 1 => release.held = release.held.or(Some(now)),
            2 | 3 => release.on_channel = release.on_channel.or(Some(now)),
            4 | 5 => (release.held, release.on_channel) = (None, None),
            _ => {}
        }
        let Some(image) = rng.choice(&mut release.images) else {
            return;
        };
        match which {
            6..=8 => image.used = image.used.or(Some(now)),
            9 => image.tagged = image.tagged.or(Some(now)),
            10 => image.protected = image.protected.or(Some(now)),
            11 => (image.used, image.tagged, image.protected) = (None, None, None),
            12 => (image.state, image.deprecated) = (Rung::Available, None),
            13 if image.used.is_none() && image.protected.is_none() => {
                let gone = image.ami;
                release.images.retain(|image| image.ami != gone);
                if release.images.is_empty() {
                    self.lost.insert(number, now);
                }
            }
            _ => {}
        }
    }

    /// Nobody wants anything any more.
    pub(super) fn let_go(&mut self) {
        for release in self.releases.values_mut() {
            (release.held, release.on_channel) = (None, None);
            for image in &mut release.images {
                (image.used, image.tagged, image.protected) = (None, None, None);
            }
        }
    }

    /// What only evidence tells is known from now on, but for one target that may be silent.
    pub(super) fn is_read(&self, known: &mut World, silent: Option<usize>, now: Timestamp) {
        for (n, evidence) in known.facts.evidence.iter_mut().enumerate() {
            let said = if silent == Some(n) {
                Said::Unread("throttled".into())
            } else {
                Said::Complete(40)
            };
            for source in &mut evidence.sources {
                source.last = Some(LastRead {
                    as_of: now,
                    said: said.clone(),
                });
            }
        }
        for (number, release) in numbered(&mut known.facts) {
            let real = &self.releases[&number];
            release.placements.retain(|known| real.image(known.ami).is_some());
            for image in &mut release.placements {
                let real = real.image(image.ami).unwrap();
                image.uses = real.used.iter().map(|_| in_use()).collect();
                image.tags = real.tagged.iter().map(|_| kept()).collect();
                image.protection = real.protected.map(|_| Protection::On);
                image.standing = real.standing(image.standing);
            }
        }
    }

    /// What people and channels want is known at once.
    pub(super) fn is_wanted(&self, facts: &mut PruningFacts) {
        for (number, release) in numbered(facts) {
            let Wishes {
                holds,
                channels,
                may_run: _,
            } = self.releases[&number].wishes();
            (release.holds, release.channels) = (holds, channels);
        }
    }

    /// What is seen right before a step.
    pub(super) fn seen(&self, step: &PruningStep, known: &World, now: Timestamp) -> Seen {
        let real = &self.releases[&self.number(step.release)];
        let image = step.effect.image().and_then(|of| {
            let placement = placement_of(&known.facts, of.ami)?;
            real.image(of.ami).map(|image| image.shown(placement, now))
        });
        Seen {
            image,
            output: known
                .facts
                .output_to_look_at(step)
                .map(|_| real.output.map_or(OutputNow::Gone, OutputNow::There)),
            wishes: step.effect.takes_away().then(|| real.wishes()),
            undeclared: Some(BTreeSet::new()),
            named_by: Some(Vec::new()),
        }
    }

    pub(super) fn make(&mut self, step: &PruningStep, now: Timestamp) {
        let release = self.releases.get_mut(&self.number(step.release)).unwrap();
        match &step.effect {
            Effect::DeprecateOutput(_) => release.output = Some(BuildState::Deprecated),
            Effect::DeleteOutput(_) => release.output = None,
            Effect::Deregister { ami, .. } => release.images.retain(|image| image.ami != *ami),
            Effect::Restore { ami, .. } => release.stand(*ami, Rung::Available, None),
            Effect::Deprecate { ami, .. } => release.stand(*ami, Rung::Deprecated, Some(now)),
            Effect::Disable { ami, .. } => release.stand(*ami, Rung::Disabled, None),
        }
    }

    fn number(&self, release: ReleaseId) -> u32 {
        *self.releases.keys().find(|number| id(**number) == release).unwrap()
    }
}

impl RealRelease {
    pub(super) fn image(&self, ami: AmiId) -> Option<&RealImage> {
        self.images.iter().find(|image| image.ami == ami)
    }

    fn stand(&mut self, ami: AmiId, state: Rung, deprecated: Option<Timestamp>) {
        let image = self.images.iter_mut().find(|image| image.ami == ami).unwrap();
        (image.state, image.deprecated) = (state, deprecated);
    }

    fn wishes(&self) -> Wishes {
        let mut release = release(0, Place::LeftByFailedBuild, 0);
        if self.on_channel.is_some() {
            on_stable(&mut release);
        }
        Wishes {
            holds: self.held.iter().map(|_| hold(day(100_000))).collect(),
            channels: release.channels,
            may_run: Vec::new(),
        }
    }
}

impl RealImage {
    /// How the record has it once it was looked at: what pruning did it knows already.
    fn standing(&self, known: PlacementStanding) -> PlacementStanding {
        if known.rung() == Some(self.state) {
            known
        } else {
            // Only up: nobody takes an image down by hand here.
            PlacementStanding::Available
        }
    }

    fn shown(&self, known: &PlacementSeen, now: Timestamp) -> ImageNow {
        let PlacementSeen {
            target,
            created,
            snapshots,
            ..
        } = known;
        let deprecated = self.deprecated.filter(|_| self.state == Rung::Deprecated);
        ImageNow {
            owner: target.account(),
            family: Some("web".into()),
            state: if self.state == Rung::Disabled {
                AmiState::Disabled
            } else {
                AmiState::Available
            },
            created: match created {
                BuildTime::At(at) => Some(*at),
                BuildTime::Absent | BuildTime::Unparseable(_) => None,
            },
            deprecated: deprecated.map(|at| at.min(now)),
            launched: None,
            tags: self
                .tagged
                .iter()
                .map(|_| ("keep".to_owned(), "true".to_owned()))
                .collect(),
            protected: self.protected.map(|_| "enabled".into()),
            snapshots: snapshots.iter().copied().collect(),
        }
    }
}

/// Each release that is known, with its number.
fn numbered(facts: &mut PruningFacts) -> impl Iterator<Item = (u32, &mut ReleaseFacts)> {
    facts
        .releases
        .iter_mut()
        .zip(1..)
        .map(|(release, number)| (number, release))
}

fn placement_of(facts: &PruningFacts, ami: AmiId) -> Option<&PlacementSeen> {
    let mut all = facts.releases.iter().flat_map(|release| &release.placements);
    all.find(|placement| placement.ami == ami)
}

fn in_use() -> Use {
    Use {
        seen_in: at(HOME),
        by: UsedBy::Said("instance/i-1".into()),
    }
}

fn kept() -> TagSeen {
    TagSeen {
        by: HUB.parse().unwrap(),
        key: "keep".to_owned(),
        value: "true".to_owned(),
    }
}
