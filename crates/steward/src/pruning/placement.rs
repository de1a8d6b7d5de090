use serde::Serialize;

use super::release::BuildTime;
use super::rung::Rung;
use crate::distribution::NotOurs;
use crate::evidence::Reference;
use crate::{AccountId, AmiId, AmiState, Duration, FamilyName, SnapshotId, Target, Timestamp, Words};

/// What was refused is tried again with the others after that, whatever else is due.
const LATELY: Duration = Duration::hours(24);

/// One image of a release in one target, as far as pruning asks.
#[derive(Clone, Debug)]
pub struct PlacementSeen {
    /// Which.
    pub ami: AmiId,
    /// Where: its account owns it.
    pub target: Target,
    /// Why it is not ours to retire; none: it is.
    pub unmanaged: Option<Unmanaged>,
    /// When EC2 made it: a copy is younger than its release, and launches are told from then on.
    pub created: BuildTime,
    /// When it came to be known: whoever was asked before that was not asked about it. None: nobody wrote it down.
    pub found: Option<Timestamp>,
    /// On which rung it stands.
    pub standing: PlacementStanding,
    /// Whether pruning disabled it, it can be launched again, and not all that was saved of it is given back yet.
    pub half_up: bool,
    /// When it was last launched, as its owner was told.
    pub launched: LastLaunch,
    /// Who uses it.
    pub uses: Vec<Use>,
    /// The tags that its owner and its consumers see on it; those that no manifest keeps images by may be left out.
    pub tags: Vec<TagSeen>,
    /// Whether EC2 would refuse to deregister it.
    pub protection: Option<Protection>,
    /// The snapshots behind it, each once, in any order.
    pub snapshots: Vec<SnapshotId>,
    /// The size of all of its volumes, in GiB: its snapshots take no more than that.
    pub gib: u64,
    /// When its coming deregistration was announced with success.
    pub announced: Option<Timestamp>,
    /// When the newest whole usage report of it was asked for that could be read. What it shows is among the uses.
    pub reported: Option<Timestamp>,
    /// That AWS refused what was last tried with it; none: it did not, or nothing was tried.
    pub refused: Option<Refused>,
}

/// That AWS refused what was last tried, until something else is done or it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// When last.
    pub at: Timestamp,
    /// How often, one after the other.
    pub times: u32,
}

/// Why an image is not ours to retire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmanaged {
    /// Another hand made it.
    ByAnotherHand,
    /// It lacks our tag, or another owns it.
    NotOurs(NotOurs),
    /// Nothing says who owns it.
    Unowned,
    /// These two families would both adopt it.
    ByBoth(FamilyName, FamilyName),
    /// This service's own: EC2 lets nobody else deregister it.
    Of(Words),
}

/// How an image stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlacementStanding {
    /// EC2 still makes it, could not make it, or has not done with taking it away.
    Unsettled(AmiState),
    /// It can be used. One that is to be deprecated at a time that is still to come is this.
    Available,
    /// It is deprecated.
    Deprecated(Since),
    /// It is disabled, and deprecated before or not.
    Disabled(Since),
}

/// How an image came to its rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since {
    /// When; none: nobody wrote it down, and its wait counts from when it became expendable alone.
    pub at: Option<Timestamp>,
    /// Whether pruning put it there. Only then it climbs back by itself.
    pub by_us: bool,
}

/// When an image was last launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastLaunch {
    /// Then, by what its owner was told. It is told a day late.
    At(Timestamp),
    /// Its owner is told of none.
    Never,
    /// Nobody could read it.
    Unread,
}

/// A use of an image, and where it was seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// The target that was read.
    pub seen_in: Target,
    /// Who uses it.
    pub by: UsedBy,
}

/// Who uses an image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UsedBy {
    /// By this way.
    Way(Reference),
    /// In the words of who says so.
    Said(Words),
}

/// A tag on an image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TagSeen {
    /// Who sees it: the owner, or a consumer.
    pub by: AccountId,
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// Why EC2 would refuse to deregister an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// It is protected until somebody takes that back.
    On,
    /// That was taken back, and holds on until then.
    CoolsDown(Timestamp),
}

impl PlacementSeen {
    /// From which rung it climbs back, where somebody needs it; none: pruning did nothing to it that is left.
    pub(super) fn climbs_from(&self) -> Option<Rung> {
        let can_be_launched = match self.standing {
            PlacementStanding::Available | PlacementStanding::Deprecated(_) => true,
            PlacementStanding::Disabled(_) | PlacementStanding::Unsettled(_) => false,
        };
        let half_up = self.half_up && can_be_launched;
        let rung = self.standing.rung();
        self.standing.put_by_us().or(rung.filter(|_| half_up))
    }

    /// The snapshots behind it, each once, by their ids.
    pub(super) fn snapshots_in_order(&self) -> Vec<SnapshotId> {
        let mut snapshots = self.snapshots.clone();
        snapshots.sort_unstable();
        snapshots.dedup();
        snapshots
    }
}

impl Refused {
    /// Whether that is so lately that what was not refused goes first. A day later it is tried with the others again.
    pub(super) fn is_of_late(self, now: Timestamp) -> bool {
        now < self.at.saturating_add(LATELY)
    }
}

impl PlacementStanding {
    /// On which rung; none: on none.
    pub const fn rung(self) -> Option<Rung> {
        match self {
            Self::Unsettled(_) => None,
            Self::Available => Some(Rung::Available),
            Self::Deprecated(_) => Some(Rung::Deprecated),
            Self::Disabled(_) => Some(Rung::Disabled),
        }
    }

    /// On which rung pruning put it; none: on none.
    fn put_by_us(self) -> Option<Rung> {
        match self {
            Self::Deprecated(since) | Self::Disabled(since) if since.by_us => self.rung(),
            Self::Unsettled(_) | Self::Available | Self::Deprecated(_) | Self::Disabled(_) => None,
        }
    }
}
