use std::fmt;

use serde::Serialize;

use crate::{AmiId, Duration, ReleaseId, SnapshotId, Target, Timestamp, Words};

/// After so long it is tried again for the first time; each time after that twice as long.
const FIRST: Duration = Duration::minutes(5);
/// And no longer than this.
const LONGEST: Duration = Duration::hours(24);

/// A snapshot that did not go with its image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftSnapshot {
    /// Which.
    pub snapshot: SnapshotId,
    /// Why.
    pub why: WhyLeft,
}

/// A snapshot that did not go with its image, and is a step still to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StillThere {
    /// Which.
    pub snapshot: SnapshotId,
    /// The image, which is gone.
    #[serde(rename = "image")]
    pub of: AmiId,
    /// Of which release.
    pub release: ReleaseId,
    /// Where.
    pub target: Target,
    /// Why it is still there, as was last told.
    pub why: Words,
    /// Since when the image is gone.
    pub since: Timestamp,
    /// When it is tried again.
    pub again: Timestamp,
}

/// Why a snapshot did not go with its image, or later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyLeft {
    /// Another image uses it.
    UsedByAnother,
    /// It lacks our tag, or a policy forbids it.
    NotPermitted,
    /// EC2 could not, for a reason of its own.
    InternalError,
    /// EC2 would not: it is locked, say.
    ClientError,
    /// EC2 says something that this version does not know.
    Otherwise(Words),
    /// Nobody knows: the answer was lost, or says nothing of it.
    NotTold,
}

impl WhyLeft {
    /// When it is tried again that was tried in vain so often.
    pub fn again(tries: u32, now: Timestamp) -> Timestamp {
        let wait = FIRST.length().saturating_mul(1 << tries.min(16));
        now.saturating_add(wait.min(LONGEST.length()))
    }
}

impl fmt::Display for WhyLeft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UsedByAnother => f.write_str("another image uses it"),
            Self::NotPermitted => f.write_str("it may not be deleted: it lacks our tag, or a policy forbids it"),
            Self::InternalError => f.write_str("EC2 failed at it"),
            Self::ClientError => f.write_str("EC2 refused it: it may be locked"),
            Self::Otherwise(words) => write!(f, "EC2 says {words}"),
            Self::NotTold => f.write_str("EC2 did not tell what became of it"),
        }
    }
}

impl fmt::Display for StillThere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            snapshot, why, again, ..
        } = self;
        write!(
            f,
            "the snapshot {snapshot} is still there: {why}; it is tried again from {again} on"
        )
    }
}

impl fmt::Display for LeftSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { snapshot, why } = self;
        write!(f, "{snapshot} is still there: {why}")
    }
}
