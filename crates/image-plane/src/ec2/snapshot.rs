//! An EBS snapshot as EC2 keeps it.

use std::collections::BTreeSet;
use std::fmt;

use super::tags::Tags;
use crate::ids::{AccountId, ImageId, VolumeId};
use crate::kms::KeyArn;
use crate::time::Time;

/// The state EC2 shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum SnapshotState {
    Pending,
    Completed,
    /// With the reason EC2 gives.
    Error(Box<str>),
}

impl fmt::Display for SnapshotState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pending => "pending",
            Self::Completed => "completed",
            Self::Error(_) => "error",
        })
    }
}

/// Whoever may create volumes from it, besides the owner. Snapshots know accounts only: no units, no organizations.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct VolumePermissions {
    pub(crate) public: bool,
    pub(crate) accounts: BTreeSet<AccountId>,
}

/// A snapshot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Snapshot {
    pub(crate) owner: AccountId,
    pub(crate) description: Box<str>,
    pub(crate) volume: VolumeId,
    pub(crate) size_gib: u32,
    pub(crate) state: SnapshotState,
    pub(crate) started: Time,
    /// When it completes; the progress is reckoned from it.
    pub(crate) completes: Time,
    /// Whether it is a copy, which counts against the quota while it is under way.
    pub(crate) copied: bool,
    pub(crate) key: Option<KeyArn>,
    /// The owner's tags.
    pub(crate) tags: Tags,
    pub(crate) permissions: Option<Box<VolumePermissions>>,
    /// Images that start from it. While there is one, it cannot be deleted.
    pub(crate) images: Vec<ImageId>,
    /// Locked against deletion until then.
    pub(crate) locked_until: Option<Time>,
    /// Made by AWS Backup, which alone may delete it.
    pub(crate) backup: bool,
}

impl Snapshot {
    /// `45%`, as far as the time has come.
    pub(crate) fn progress(&self, now: Time) -> String {
        let percent = match self.state {
            SnapshotState::Completed => 100,
            SnapshotState::Error(_) => 0,
            SnapshotState::Pending => {
                let whole = self.completes.since(self.started).as_millis().max(1);
                (now.since(self.started).as_millis() * 100 / whole).min(99)
            }
        };
        format!("{percent}%")
    }
}
