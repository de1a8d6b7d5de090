use std::fmt;

use crate::{Duration, SnapshotId, Timestamp, Words};

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

impl fmt::Display for LeftSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { snapshot, why } = self;
        write!(f, "{snapshot} is still there: {why}")
    }
}
