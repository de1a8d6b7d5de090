use std::collections::BTreeSet;
use std::fmt;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::keeps::Keeps;
use crate::{ContainerImage, ReleaseId, Timestamp};

/// A container image of a release, as far as pruning asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerSeen {
    /// Which, and where.
    pub image: ContainerImage,
    /// What it is called there.
    pub tags: BTreeSet<String>,
    /// What it takes there, in bytes.
    pub bytes: u64,
}

/// A container image as the rules judge it. Who pulls one no AWS read shows completely: whatever they say, no step comes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedContainer {
    /// Which, and what it is called.
    pub container: ContainerSeen,
    /// Of which release.
    pub release: ReleaseId,
    /// What the rules say of it.
    pub verdict: ContainerVerdict,
}

/// What the rules say of a container image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContainerVerdict {
    /// It stays.
    Kept(Keeps),
    /// It would go, if anybody could know that nobody uses it.
    WouldGo {
        /// Its number in its line; none: a build that failed left it behind.
        rank: Option<usize>,
        /// When it was built.
        built: Timestamp,
        /// Since when no rule keeps it.
        since: Timestamp,
    },
}

impl JudgedContainer {
    /// Whether no rule keeps it.
    pub(super) const fn would_go(&self) -> bool {
        match self.verdict {
            ContainerVerdict::WouldGo { .. } => true,
            ContainerVerdict::Kept(_) => false,
        }
    }
}

impl fmt::Display for JudgedContainer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let does = if self.would_go() { "would go" } else { "stays" };
        write!(f, "{does}: {}", self.verdict)
    }
}

impl fmt::Display for ContainerVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kept(why) => why.fmt(f),
            Self::WouldGo { rank, built, since } => {
                match rank {
                    Some(rank) => write!(f, "number {rank} of its line"),
                    None => f.write_str("left by a build that failed"),
                }?;
                write!(f, ", built on {built}; no rule keeps it since {since}")
            }
        }
    }
}

impl Serialize for JudgedContainer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            container: ContainerSeen { image, tags, bytes },
            release,
            verdict,
        } = self;
        let mut entry = serializer.serialize_struct("JudgedContainer", 7)?;
        entry.serialize_field("image", &image.to_string())?;
        entry.serialize_field("target", &image.target)?;
        entry.serialize_field("release", release)?;
        entry.serialize_field("tags", tags)?;
        entry.serialize_field("bytes", bytes)?;
        match verdict {
            ContainerVerdict::Kept(why) => entry.serialize_field("rule", why.rule().as_str())?,
            ContainerVerdict::WouldGo { since, .. } => entry.serialize_field("since", since)?,
        }
        entry.serialize_field("reason", &verdict.to_string())?;
        entry.end()
    }
}
