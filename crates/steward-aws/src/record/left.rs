//! Snapshots that did not go with their images: steps that are still to do, found again by every run.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use steward::pruning::{StillThere, WhyLeft};
use steward::{AmiId, FamilyName, ReleaseId, SnapshotId, Target, Timestamp, Words};

use super::Record;
use super::keys::{Key, LEFT, left_in};
use super::table::Condition;
use crate::Problem;

/// A snapshot that an image of ours left behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldSnapshot {
    /// Where.
    pub target: Target,
    /// Which.
    pub snapshot: SnapshotId,
    /// The image.
    pub of: AmiId,
    /// Of which release.
    pub release: ReleaseId,
    /// Of which family.
    pub family: FamilyName,
    /// Why it is still there, as was last told.
    pub why: Words,
    /// Since when.
    pub since: Timestamp,
    /// How often it was tried in vain since.
    pub tries: u32,
    /// When it is tried again.
    pub again: Timestamp,
}

#[derive(Serialize, Debug)]
struct TriedItem {
    why: Words,
    tries: u32,
    again: Timestamp,
}

impl Record {
    /// Writes down that a snapshot did not go with its image. One that is written down already stays as it is.
    pub async fn leave(&self, left: &HeldSnapshot) -> Result<(), Problem> {
        let key = Key::left(left.target, left.snapshot);
        self.set(key, left, Some(Condition::not_there())).await.map(drop)
    }

    /// Writes down that it was tried in vain once more, and why.
    pub async fn tried(&self, left: &HeldSnapshot, why: Words, now: Timestamp) -> Result<(), Problem> {
        let tried = TriedItem {
            why,
            tries: left.tries.saturating_add(1),
            again: WhyLeft::again(left.tries.saturating_add(1), now),
        };
        let key = Key::left(left.target, left.snapshot);
        self.set(key, tried, Some(Condition::there())).await.map(drop)
    }

    /// It is gone.
    pub async fn forget_left(&self, left: &HeldSnapshot) -> Result<(), Problem> {
        self.delete(Key::left(left.target, left.snapshot)).await
    }

    /// The snapshots that images left behind in a target.
    pub async fn left_in(&self, target: Target) -> Result<Vec<HeldSnapshot>, Problem> {
        self.query(LEFT, &left_in(target)).await
    }

    /// The snapshots that a family's images left behind, in whatever target.
    pub async fn left_of(&self, family: &FamilyName) -> Result<Vec<StillThere>, Problem> {
        let left: Vec<HeldSnapshot> = self.query(LEFT, "").await?;
        let of_it = left.into_iter().filter(|left| left.family == *family);
        Ok(of_it.map(HeldSnapshot::still_there).collect())
    }

    /// The targets in which it is time to try one again.
    pub async fn left_due(&self, now: Timestamp) -> Result<BTreeSet<Target>, Problem> {
        let left: Vec<HeldSnapshot> = self.query(LEFT, "").await?;
        let due = left.into_iter().filter(|left| left.is_due(now));
        Ok(due.map(|left| left.target).collect())
    }
}

impl HeldSnapshot {
    /// As people are told of it.
    pub fn still_there(self) -> StillThere {
        let Self {
            target,
            snapshot,
            of,
            release,
            family: _,
            why,
            since,
            tries: _,
            again,
        } = self;
        StillThere {
            snapshot,
            of,
            release,
            target,
            why,
            since,
            again,
        }
    }

    /// Whether it is time to try it again.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.again <= now
    }
}
