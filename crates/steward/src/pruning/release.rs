use std::collections::BTreeSet;

use super::containers::ContainerSeen;
use super::placement::{PlacementSeen, Refused, Unmanaged};
use crate::manifest::GroupKey;
use crate::{
    AmiId, Architecture, BuildState, BuildVersion, ChannelName, ImageBuildArn, Region, ReleaseId, SnapshotId, Target,
    Timestamp, Words,
};

/// A release, as far as pruning asks.
#[derive(Clone, Debug)]
pub struct ReleaseFacts {
    /// Which.
    pub release: ReleaseId,
    /// What people call it.
    pub name: Words,
    /// Where it ranks.
    pub place: Place,
    /// When it was built: its age counts from then, and so does that of each of its copies.
    pub built: BuildTime,
    /// Since when it is expendable.
    pub since: ExpendableSince,
    /// The holds on it, past ones too.
    pub holds: Vec<Held>,
    /// The channels that point to it, or are about to.
    pub channels: Vec<Pointing>,
    /// What builds on it.
    pub parent_of: Vec<BuildsOnIt>,
    /// What Image Builder has of it; none: it did not build it, or has nothing of it any more.
    pub output: Option<Box<BuildOutput>>,
    /// Its images that still are, each once, in any order.
    pub placements: Vec<PlacementSeen>,
    /// Those that its build or we made and that are gone, whoever took them away. Nothing is decided by them.
    pub gone: Vec<GoneImage>,
    /// Its container images that still are, each once. Of a family that makes images nobody asks for them.
    pub containers: Vec<ContainerSeen>,
}

/// An image that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoneImage {
    /// Which.
    pub ami: AmiId,
    /// Where it was.
    pub target: Target,
    /// Since when that is known; none: nobody wrote it down.
    pub since: Option<Timestamp>,
    /// Whether pruning had disabled it; else another hand took it away.
    pub by_us: bool,
    /// The snapshots that were behind it.
    pub snapshots: BTreeSet<SnapshotId>,
    /// What its volumes held together, in GiB.
    pub gib: u64,
}

/// Where a release ranks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Among the builds of its architecture, by its number.
    Built {
        /// What it runs on.
        architecture: Architecture,
        /// Its number.
        order: BuildVersion,
    },
    /// Among the adopted images of its line, by its date. Where builds are of that line, too, all of them are newer.
    Adopted {
        /// Its line.
        line: Line,
        /// Its id: what tells apart what was made at the same time.
        ami: AmiId,
        /// Where it is.
        region: Region,
    },
    /// In no line: it lacks what tells lines apart.
    Ungrouped(Ungrouped),
    /// In none either: a build that failed left it behind.
    LeftByFailedBuild,
}

/// The releases that are ranked together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line {
    /// What they run on.
    pub architecture: Architecture,
    /// The values of the group keys, in the manifest's order; empty for what Image Builder built.
    pub group: Vec<String>,
}

/// What an image lacks that would tell its line, or its place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ungrouped {
    /// A value of this group key.
    Lacks(GroupKey),
    /// An architecture that families have; what it says instead.
    Architecture(Option<Words>),
    /// The number of the build that it is a copy of.
    Number,
    /// That its manifest adopts as it did when this was adopted.
    Rule,
}

/// When a release was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildTime {
    /// Then. It may be still to come: clocks and dates are wrong at times.
    At(Timestamp),
    /// Nothing says.
    Absent,
    /// What says so is no time.
    Unparseable(Words),
}

/// Since when a release is expendable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpendableSince {
    /// It was not yet when the last plan was made.
    NotYet,
    /// A plan stored this moment.
    Recorded(Timestamp),
    /// Nobody stores it: it is the latest instant at which a rule let go.
    Reckoned,
}

/// That a release must stay until a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// Until when: from then on it is held no more.
    pub until: Timestamp,
    /// Who said so.
    pub who: String,
    /// Why.
    pub why: Words,
}

/// A channel, and how it comes to a release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pointing {
    /// It points to it.
    On(ChannelName),
    /// It is to move there, once nothing is in the way any more.
    OnTheWayTo(ChannelName),
}

/// What builds on a release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BuildsOnIt {
    /// A pipeline, whose next build would.
    Pipeline(Words),
    /// A build that runs.
    Running(Words),
    /// A build that may run: it began while a channel pointed to it, which has moved on less than a day ago.
    MayRun {
        /// Which channel.
        channel: ChannelName,
        /// When it moved on.
        left: Timestamp,
    },
}

/// What Image Builder has of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildOutput {
    /// Its image.
    pub arn: ImageBuildArn,
    /// In which state.
    pub state: BuildState,
    /// Since when a look has not found it; none: the last one did.
    pub missed: Option<Timestamp>,
    /// When it was announced with success that it goes: with the last of its images, or by itself.
    pub announced: Option<Timestamp>,
    /// That Image Builder refused what was last tried with it.
    pub refused: Option<Refused>,
}

impl BuildTime {
    /// When, as far as that is known.
    pub(super) const fn at(&self) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(*at),
            Self::Absent | Self::Unparseable(_) => None,
        }
    }
}

impl ReleaseFacts {
    /// The images of it that are ours to retire.
    pub fn managed(&self) -> impl Iterator<Item = &PlacementSeen> {
        self.placements.iter().filter(|placement| placement.unmanaged.is_none())
    }

    /// The images of it that the build or we made, whether they are ours to retire or not any more.
    pub(super) fn built_of_it(&self) -> impl Iterator<Item = &PlacementSeen> {
        let placements = self.placements.iter();
        placements.filter(|placement| placement.unmanaged != Some(Unmanaged::ByAnotherHand))
    }

    /// All of them, by their targets.
    pub(super) fn in_order(&self) -> Vec<&PlacementSeen> {
        let mut placements: Vec<&PlacementSeen> = self.placements.iter().collect();
        placements.sort_unstable_by_key(|placement| (placement.target, placement.ami));
        placements
    }

    /// Those that are ours to retire, by their targets.
    pub(super) fn managed_in_order(&self) -> Vec<&PlacementSeen> {
        let mut managed = self.in_order();
        managed.retain(|placement| placement.unmanaged.is_none());
        managed
    }

    /// Whether it has anything that could be used, and so takes a rank.
    pub(super) fn is_there(&self) -> bool {
        let mut managed = self.managed();
        managed.any(|placement| placement.standing.rung().is_some()) || !self.containers.is_empty()
    }

    /// How far its build is, where that has not ended.
    pub(super) fn building(&self) -> Option<BuildState> {
        let state = self.output.as_deref().map(|output| output.state);
        state.filter(|state| !state.ended())
    }

    /// Whether anything of what pruning did to its images is left.
    pub(super) fn is_taken_down(&self) -> bool {
        self.managed().any(|placement| placement.climbs_from().is_some())
    }

    /// That a person holds it, the longest.
    pub(super) fn held(&self, now: Timestamp) -> Option<&Held> {
        self.holds.iter().max().filter(|held| now < held.until)
    }

    /// When the last hold on it ends; none: nobody has ever held it.
    pub(super) fn released(&self) -> Option<Timestamp> {
        self.holds.iter().map(|held| held.until).max()
    }

    /// When it was built, as far as that is known.
    pub(super) const fn built_at(&self) -> Option<Timestamp> {
        self.built.at()
    }
}
