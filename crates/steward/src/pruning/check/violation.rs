use std::fmt;

use crate::AmiId;

/// That a plan breaks what must always hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What it breaks.
    pub invariant: Invariant,
    /// With which image, where it is one.
    pub ami: Option<AmiId>,
    /// How.
    pub says: String,
}

/// What must always hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invariant {
    /// Every image is in the plan once, and what is done to it is what the plan says of it.
    Once,
    /// What is not ours is not touched.
    Ours,
    /// Nothing goes that somebody said is to stay: by rank, channel, parent, tag, hold or protection.
    Wanted,
    /// Nothing goes that is in use.
    Unused,
    /// Nothing goes while who uses it is not known.
    Known,
    /// Nothing goes that is young or was launched lately, or of which nobody knows.
    Age,
    /// Nothing goes before its time, and before people were told.
    Waited,
    /// No more goes at once than may.
    Limits,
    /// What Image Builder has of a release goes with the last of its images, and neither before nor without it.
    Output,
    /// Only what we took down climbs back, and only if it stays.
    Climbs,
    /// Nothing is done while the switch is thrown.
    Paused,
    /// Nothing is done of a family that makes container images: who uses those cannot be known.
    Containers,
}

impl Invariant {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Once => "every image once",
            Self::Ours => "only what is ours",
            Self::Wanted => "nothing that is to stay",
            Self::Unused => "nothing in use",
            Self::Known => "nothing by evidence that does not hold",
            Self::Age => "nothing young or of unknown age",
            Self::Waited => "nothing before its time",
            Self::Limits => "no more at once than may",
            Self::Output => "Image Builder's with the last image",
            Self::Climbs => "only what we took down climbs back",
            Self::Paused => "nothing while paused",
            Self::Containers => "nothing of container images",
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { invariant, ami, says } = self;
        match ami {
            Some(ami) => write!(f, "{}: {ami} {says}", invariant.as_str()),
            None => write!(f, "{}: {says}", invariant.as_str()),
        }
    }
}
