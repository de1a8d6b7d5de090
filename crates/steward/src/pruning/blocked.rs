use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Target, Timestamp, Words};

/// Why an image that might go does not, until somebody does something or time passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocker {
    /// Who uses the family's images is not known well enough: it is blocked whole.
    Evidence(Arc<Trouble>),
    /// No usage report tells of the time before it was disabled, which the accounts that let nobody look may have used it in.
    NotReported {
        /// From when on one is to be asked for.
        from: Timestamp,
    },
    /// More would newly become expendable than `share` allows.
    ShareLimit {
        /// How many releases, this one among them.
        newly: usize,
        /// So many may.
        allowed: usize,
        /// Of so many that the family has.
        of: usize,
    },
    /// Nobody was told of its deregistration a day ago.
    NotAnnounced {
        /// Since when they are told; none: they are not.
        since: Option<Timestamp>,
    },
    /// The switch is thrown.
    Paused,
}

/// What plans call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Something was not read, or not to its end.
    EvidenceIncomplete,
    /// Something was read too long ago.
    EvidenceStale,
    /// Something listed so few things that nobody believes it.
    EvidenceImplausible,
    /// Too much at once.
    ShareLimit,
    /// Not told a day ahead.
    NotAnnounced,
    /// Everything is.
    Paused,
}

/// What is wrong with the evidence of a source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trouble {
    /// What.
    pub doubt: Doubt,
    /// Where.
    pub target: Target,
    /// Of which source; none: of all that there would be.
    pub source: Option<Words>,
}

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// It was never read.
    Never,
    /// It was not read to its end.
    Unread(Words),
    /// It was read too long ago.
    Stale(Timestamp),
    /// It was read at a time that is still to come.
    Ahead(Timestamp),
    /// It listed so few things that nobody believes it.
    Implausible {
        /// How many.
        count: u64,
        /// How many are usual.
        usual: u64,
    },
}

impl Blocker {
    /// What plans call it.
    pub fn cause(&self) -> Cause {
        match self {
            Self::Evidence(trouble) => trouble.doubt.cause(),
            Self::NotReported { from: _ } => Cause::EvidenceIncomplete,
            Self::ShareLimit { .. } => Cause::ShareLimit,
            Self::NotAnnounced { since: _ } => Cause::NotAnnounced,
            Self::Paused => Cause::Paused,
        }
    }
}

impl Doubt {
    /// What plans call it.
    pub const fn cause(&self) -> Cause {
        match self {
            Self::Never | Self::Unread(_) => Cause::EvidenceIncomplete,
            Self::Stale(_) | Self::Ahead(_) => Cause::EvidenceStale,
            Self::Implausible { .. } => Cause::EvidenceImplausible,
        }
    }
}

impl Cause {
    /// As plans name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EvidenceIncomplete => "evidence-incomplete",
            Self::EvidenceStale => "evidence-stale",
            Self::EvidenceImplausible => "evidence-implausible",
            Self::ShareLimit => "share-limit",
            Self::NotAnnounced => "not-announced",
            Self::Paused => "paused",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Blocker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Evidence(trouble) => trouble.fmt(f),
            Self::NotReported { from } => write!(
                f,
                "no usage report asked for from {from} on shows nothing: accounts that let nobody look may use it"
            ),
            Self::ShareLimit { newly, allowed, of } => write!(
                f,
                "{newly} releases would become expendable at once, this one among them, and `share` lets {allowed} of {of}"
            ),
            Self::NotAnnounced { since: None } => f.write_str("nobody was told that it is to be deregistered"),
            Self::NotAnnounced { since: Some(since) } => {
                write!(
                    f,
                    "that it is to be deregistered was told on {since}, less than a day ago"
                )
            }
            Self::Paused => f.write_str("the switch is thrown"),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { doubt, target, source } = self;
        match source {
            Some(source) => write!(f, "the source {source} of {target} "),
            None => write!(f, "the evidence of {target} "),
        }?;
        match doubt {
            Doubt::Never => f.write_str("was never read"),
            Doubt::Unread(why) => write!(f, "was not read to its end: {why}"),
            Doubt::Stale(as_of) => write!(f, "is of {as_of}, more than an hour ago"),
            Doubt::Ahead(as_of) => write!(f, "is of {as_of}, which is still to come"),
            Doubt::Implausible { count, usual } => write!(f, "lists {count} where {usual} are usual"),
        }
    }
}
