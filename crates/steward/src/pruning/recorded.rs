use std::collections::BTreeSet;

use super::placement::{
    LastLaunch, PlacementSeen, PlacementStanding, Protection, Refused, TagSeen, Unmanaged, Use, UsedBy,
};
use super::release::{BuildTime, GoneImage};
use super::taken::{KnownStanding, TakenDown};
use crate::distribution::{FAMILY, NotOurs};
use crate::evidence::{ImageSeen, KeptUse};
use crate::{AccountId, AmiId, AmiState, FamilyName, SnapshotId, Target, Timestamp, Words};

/// An image of a release, as the record has it and as its owner's account saw it last.
#[derive(Clone, Debug)]
pub struct RecordedImage {
    /// Which.
    pub ami: AmiId,
    /// Where: its account owns it.
    pub target: Target,
    /// Whether Image Builder or we made it.
    pub managed: bool,
    /// Its state.
    pub state: AmiState,
    /// Since when it is known to be in that state.
    pub since: Option<Timestamp>,
    /// When EC2 made it.
    pub created: Option<Timestamp>,
    /// When the record learned of it; none where it did so before that was kept.
    pub found: Option<Timestamp>,
    /// The snapshots behind it.
    pub snapshots: BTreeSet<SnapshotId>,
    /// What its volumes hold together, in GiB.
    pub gib: u64,
    /// What pruning did to it.
    pub taken: TakenDown,
    /// That AWS refused what pruning last tried with it.
    pub refused: Option<Refused>,
    /// When its coming deregistration was announced with success.
    pub announced: Option<Timestamp>,
    /// As its owner saw it; none: the owner does not see it, or was not asked since it is there.
    pub seen: Option<ImageSeen>,
    /// When its owner was last asked.
    pub asked: Option<Timestamp>,
}

/// Who uses an image, and how consumers see it.
#[derive(Clone, Debug, Default)]
pub struct RecordedUses {
    /// By target, as far as the ways are kept.
    pub uses: Vec<(Target, KeptUse)>,
    /// The tags that each account sees on it.
    pub views: Vec<(AccountId, ImageSeen)>,
    /// When the newest whole usage report of it was asked for that could be read.
    pub reported: Option<Timestamp>,
}

impl RecordedImage {
    /// What it was, where it is gone and the build or we had made it.
    pub fn gone(&self) -> Option<GoneImage> {
        (self.managed && self.state == AmiState::Deregistered).then(|| GoneImage {
            ami: self.ami,
            target: self.target,
            since: self.since,
            by_us: self.taken.disabled.is_some(),
            snapshots: self.snapshots.clone(),
            gib: self.gib,
        })
    }

    /// As pruning takes it; none: it is gone.
    pub fn placement(self, family: &FamilyName, uses: RecordedUses, now: Timestamp) -> Option<PlacementSeen> {
        let standing = self.standing(now)?;
        let half_up = self.taken.disabled.is_some() && self.state == AmiState::Available;
        let unmanaged = self.unmanaged(family);
        let Self {
            ami,
            target,
            managed: _,
            state: _,
            since: _,
            created,
            found,
            snapshots,
            gib,
            taken: _,
            refused,
            announced,
            seen,
            asked: _,
        } = self;
        let RecordedUses { uses, views, reported } = uses;
        let own = seen.as_ref().map(|seen| (target.account(), seen));
        let views = views.iter().map(|(account, seen)| (*account, seen));
        let tags = own.into_iter().chain(views).flat_map(|(by, seen)| {
            seen.tags.iter().map(move |(key, value)| TagSeen {
                by,
                key: key.clone(),
                value: value.clone(),
            })
        });
        let tags: BTreeSet<TagSeen> = tags.collect();
        let ways = uses.into_iter().flat_map(|(seen_in, kept)| {
            kept.references.into_iter().map(move |way| Use {
                seen_in,
                by: UsedBy::Way(way),
            })
        });
        Some(PlacementSeen {
            ami,
            target,
            unmanaged,
            created: created.map_or(BuildTime::Absent, BuildTime::At),
            found,
            standing,
            half_up,
            launched: match &seen {
                None => LastLaunch::Unread,
                Some(ImageSeen { launched: None, .. }) => LastLaunch::Never,
                Some(ImageSeen { launched: Some(at), .. }) => LastLaunch::At(*at),
            },
            uses: ways.collect(),
            tags: tags.into_iter().collect(),
            // EC2's words for one that cools down are nowhere documented: whatever it says protects.
            protection: seen.and_then(|seen| seen.protected).map(|_| Protection::On),
            snapshots: snapshots.into_iter().collect(),
            gib,
            announced,
            reported,
            refused,
        })
    }

    /// How it stands; none: it is gone.
    fn standing(&self, now: Timestamp) -> Option<PlacementStanding> {
        let shown = self.seen.as_ref().and_then(|seen| seen.deprecated);
        // What pruning did is a fact before any list shows it.
        let news = self
            .taken
            .deprecated
            .filter(|at| self.asked.is_none_or(|asked| asked < *at));
        let known = KnownStanding {
            state: self.state,
            since: self.since,
            deprecated: news.or(shown),
            taken: self.taken,
        };
        let standing = known.standing(now)?;
        // Its owner does not see it, or was not asked since it is there.
        Some(if self.seen.is_none() {
            PlacementStanding::Unsettled(AmiState::Transient)
        } else {
            standing
        })
    }

    fn unmanaged(&self, family: &FamilyName) -> Option<Unmanaged> {
        if !self.managed {
            return Some(Unmanaged::ByAnotherHand);
        }
        let seen = self.seen.as_ref()?;
        match seen.tags.get(FAMILY) {
            None => Some(Unmanaged::NotOurs(NotOurs::Untagged)),
            Some(tag) if tag == family.as_str() => None,
            Some(other) => Some(Unmanaged::NotOurs(NotOurs::OtherFamily(Words::from(other.as_str())))),
        }
    }
}
