use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::manifest::ReasonKind;
use crate::{BuildVersion, ChannelName, FamilyName, Timestamp, VulnerabilityId, Words};

/// So many of what was found are named, where people read it.
const NAMED: usize = 3;

/// Why a line is to be built, with what was and what is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Somebody asks for it.
    Manual {
        /// Who, by the name that AWS knows them by.
        who: String,
        /// Why.
        why: Words,
        /// When.
        at: Timestamp,
    },
    /// The newest release, which is on a channel or in use, has what a fix is known of.
    Cve {
        /// What was found.
        found: BTreeSet<VulnerabilityId>,
        /// In which release.
        release: BuildVersion,
    },
    /// The parent's channel points to another release.
    Parent {
        /// The parent.
        family: FamilyName,
        /// Its channel.
        channel: ChannelName,
        /// What the newest release was built on, where that is known.
        from: Option<Words>,
        /// What the channel points to.
        to: Words,
    },
    /// The base image is another.
    Base {
        /// What the newest release was built on.
        from: Option<Words>,
        /// What the manifest's parent means now.
        to: Words,
    },
    /// The recipe, a component, or a parameter of one is another.
    Change {
        /// What, in a line: `component nginx: 1.0.2/1 → 1.0.3/1`.
        what: Words,
    },
    /// Nothing was built yet.
    First,
    /// The newest release is so old.
    Age {
        /// When it was built.
        built: Timestamp,
    },
    /// The schedule came round.
    Schedule {
        /// When it was due.
        due: Timestamp,
    },
}

/// What goes first where not all can: the first of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// What attackers know of.
    Cve,
    /// A person waits.
    Manual,
    /// Children of a family that moved.
    Parent,
    /// A base that moved.
    Base,
    /// A change of the family's own.
    Change,
    /// The clock alone.
    Schedule,
}

impl Reason {
    /// As a freeze names it.
    pub const fn kind(&self) -> ReasonKind {
        match self {
            Self::Cve { .. } => ReasonKind::Cve,
            Self::Manual { .. } => ReasonKind::Manual,
            Self::Parent { .. } => ReasonKind::Parent,
            Self::Base { .. } => ReasonKind::Base,
            Self::Change { .. } | Self::First => ReasonKind::Change,
            Self::Age { .. } | Self::Schedule { .. } => ReasonKind::Schedule,
        }
    }

    /// How soon, beside other families.
    pub const fn urgency(&self) -> Urgency {
        match self {
            Self::Cve { .. } => Urgency::Cve,
            Self::Manual { .. } => Urgency::Manual,
            Self::Parent { .. } => Urgency::Parent,
            Self::Base { .. } => Urgency::Base,
            Self::Change { .. } | Self::First => Urgency::Change,
            Self::Age { .. } | Self::Schedule { .. } => Urgency::Schedule,
        }
    }

    /// What was and what is, where they are two things that have names.
    pub fn values(&self) -> (Option<&Words>, Option<&Words>) {
        match self {
            Self::Parent { from, to, .. } | Self::Base { from, to } => (from.as_ref(), Some(to)),
            Self::Manual { .. }
            | Self::Cve { .. }
            | Self::Change { .. }
            | Self::First
            | Self::Age { .. }
            | Self::Schedule { .. } => (None, None),
        }
    }

    /// What was found, the first of it by name, and in what.
    pub(super) fn found_in(found: &BTreeSet<VulnerabilityId>, release: &impl fmt::Display) -> String {
        let named: Vec<String> = found.iter().take(NAMED).map(ToString::to_string).collect();
        let more = match found.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("{}{more} in {release}", named.join(", "))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manual { who, why, at: _ } => write!(f, "{who} asks for it: {why}"),
            Self::Cve { found, release } => f.write_str(&Self::found_in(found, release)),
            Self::Parent {
                family,
                channel,
                from: Some(from),
                to,
            } => write!(f, "{channel} of {family} moved: {from} → {to}"),
            Self::Parent {
                family,
                channel,
                from: None,
                to,
            } => write!(f, "{channel} of {family} points to {to}"),
            Self::Base { from: Some(from), to } => write!(f, "its base moved: {from} → {to}"),
            Self::Base { from: None, to } => write!(f, "its base is {to}"),
            Self::Change { what } => write!(f, "{what}"),
            Self::First => f.write_str("nothing is built yet"),
            Self::Age { built } => write!(f, "the newest release is of {built}"),
            Self::Schedule { due } => write!(f, "its schedule was due at {due}"),
        }
    }
}
