use std::fmt;

use serde::{Deserialize, Serialize};

use super::placement::{Protection, Unmanaged, UsedBy};
use super::release::{BuildsOnIt, Held, Pointing, Ungrouped};
use crate::{AccountId, AmiId, AmiState, BuildState, Target, Timestamp, Words};

/// Why an image stays. Of several reasons the first is told, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// It is not ours to retire.
    Unmanaged(Unmanaged),
    /// Its family's manifest says nothing of what goes.
    NothingGoes,
    /// Its family makes container images by now.
    OfContainers,
    /// Nothing says with which others it ranks.
    Ungrouped(Ungrouped),
    /// Nothing says how old it is.
    Undated(Undated),
    /// Its build has not ended.
    Building(BuildState),
    /// This image of its release is not settled.
    Pending(AmiId, AmiState),
    /// This image of its release was not there yet, or not known, when a target was last asked who uses it.
    NotAskedOf {
        /// Which image.
        ami: AmiId,
        /// Since when it is there, and known.
        since: Timestamp,
        /// Where was asked before that.
        target: Target,
        /// When.
        as_of: Timestamp,
    },
    /// It is among the newest of its line.
    Rank {
        /// The newest is 1.
        rank: usize,
        /// So many stay.
        of: u32,
    },
    /// It is too young.
    Age {
        /// From when on it is old enough.
        until: Timestamp,
    },
    /// This image of its release was launched lately, or may have been.
    Launched {
        /// Which.
        ami: AmiId,
        /// When; none: its owner is told of no launch, and would not be of the last day's.
        at: Option<Timestamp>,
        /// From when on that is long enough ago.
        until: Timestamp,
    },
    /// When this image of its release was last launched could not be read.
    LaunchUnread(AmiId),
    /// This image of its release is used.
    Referenced {
        /// Which.
        ami: AmiId,
        /// Where that was seen.
        seen_in: Target,
        /// By whom.
        by: UsedBy,
    },
    /// A channel points to it, or is about to.
    Channel(Pointing),
    /// Something builds on it.
    Parent(BuildsOnIt),
    /// This image of its release carries a tag that keeps it.
    Tag {
        /// Which image.
        ami: AmiId,
        /// Who sees the tag.
        by: AccountId,
        /// Its key.
        key: String,
        /// Its value.
        value: String,
    },
    /// A person holds it.
    Hold(Held),
    /// EC2 would refuse to deregister this image of its release.
    Protected(AmiId, Protection),
}

/// Why nothing says how old an image is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undated {
    /// It has no date.
    Absent,
    /// What it has is no date.
    Unparseable(Words),
    /// Its date is still to come.
    Ahead(Timestamp),
}

/// The rules by which images stay, as plans name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Among the newest.
    Rank,
    /// Too young.
    Age,
    /// Launched lately.
    Launched,
    /// In use.
    Referenced,
    /// On a channel, or on the way to one.
    Channel,
    /// Built on.
    Parent,
    /// Tagged.
    Tag,
    /// Held.
    Hold,
    /// Protected from deregistration.
    Protected,
    /// Not settled.
    Pending,
    /// Of no known age.
    Undated,
    /// Of no known line.
    Ungrouped,
    /// Not ours.
    Unmanaged,
}

impl Keeps {
    /// Whether it tells that the image is wanted. What cannot be told of it is no reason to take it down further, and none to
    /// bring it back up.
    pub(super) const fn is_need(&self) -> bool {
        match self {
            Self::NothingGoes
            | Self::Rank { .. }
            | Self::Age { .. }
            | Self::Launched { .. }
            | Self::Referenced { .. }
            | Self::Channel(_)
            | Self::Parent(_)
            | Self::Tag { .. }
            | Self::Hold(_)
            | Self::Protected(..) => true,
            Self::Unmanaged(_)
            | Self::OfContainers
            | Self::Ungrouped(_)
            | Self::Undated(_)
            | Self::Building(_)
            | Self::Pending(..)
            | Self::NotAskedOf { .. }
            | Self::LaunchUnread(_) => false,
        }
    }

    /// What plans call it.
    pub const fn rule(&self) -> Rule {
        match self {
            Self::Unmanaged(_) | Self::NothingGoes | Self::OfContainers => Rule::Unmanaged,
            Self::Ungrouped(_) => Rule::Ungrouped,
            Self::Undated(_) => Rule::Undated,
            Self::Building(_) | Self::Pending(..) | Self::NotAskedOf { .. } => Rule::Pending,
            Self::Rank { .. } => Rule::Rank,
            Self::Age { .. } => Rule::Age,
            Self::Launched { .. } | Self::LaunchUnread(_) => Rule::Launched,
            Self::Referenced { .. } => Rule::Referenced,
            Self::Channel(_) => Rule::Channel,
            Self::Parent(_) => Rule::Parent,
            Self::Tag { .. } => Rule::Tag,
            Self::Hold(_) => Rule::Hold,
            Self::Protected(..) => Rule::Protected,
        }
    }
}

impl Rule {
    /// As plans name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rank => "rank",
            Self::Age => "age",
            Self::Launched => "launched",
            Self::Referenced => "referenced",
            Self::Channel => "channel",
            Self::Parent => "parent",
            Self::Tag => "tag",
            Self::Hold => "hold",
            Self::Protected => "protected",
            Self::Pending => "pending",
            Self::Undated => "undated",
            Self::Ungrouped => "ungrouped",
            Self::Unmanaged => "unmanaged",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Keeps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unmanaged(why) => why.fmt(f),
            Self::NothingGoes => f.write_str("its family's manifest has no `retain`"),
            Self::OfContainers => {
                f.write_str("its family makes container images, and nothing of such a family is ever done")
            }
            Self::Ungrouped(why) => why.fmt(f),
            Self::Undated(why) => why.fmt(f),
            Self::Building(state) => write!(f, "its build is {state}"),
            Self::Pending(ami, state) => write!(f, "{ami} is {state}"),
            Self::NotAskedOf {
                ami,
                since,
                target,
                as_of,
            } => write!(
                f,
                "{ami} is known since {since}, and {target} was asked before that who uses it, on {as_of}"
            ),
            Self::Rank { rank: 1, of } => write!(f, "the newest, of {of} that stay"),
            Self::Rank { rank, of } => write!(f, "number {rank} of the newest {of} that stay"),
            Self::Age { until } => write!(f, "too young until {until}"),
            Self::Launched {
                ami,
                at: Some(at),
                until,
            } => {
                write!(f, "{ami} was launched on {at}, which counts until {until}")
            }
            Self::Launched { ami, at: None, until } => {
                write!(f, "no launch of {ami} is known, which says nothing until {until}")
            }
            Self::LaunchUnread(ami) => write!(f, "when {ami} was last launched could not be read"),
            Self::Referenced { ami, seen_in, by } => write!(f, "{ami} is used in {seen_in}: {by}"),
            Self::Channel(Pointing::On(channel)) => write!(f, "on {channel}"),
            Self::Channel(Pointing::OnTheWayTo(channel)) => write!(f, "on the way to {channel}"),
            Self::Parent(BuildsOnIt::Pipeline(name)) => write!(f, "pipeline {name} builds on it"),
            Self::Parent(BuildsOnIt::Running(name)) => write!(f, "{name} is being built on it"),
            Self::Parent(BuildsOnIt::MayRun { channel, left }) => {
                write!(
                    f,
                    "{channel} pointed to it until {left}: what was begun before may still be building on it"
                )
            }
            Self::Tag { ami, by, key, value } => write!(f, "{ami} is tagged {key}={value} in {by}"),
            Self::Hold(Held { until, who, why }) => write!(f, "held by {who} until {until}: {why}"),
            Self::Protected(ami, Protection::On) => write!(f, "{ami} is protected from deregistration"),
            Self::Protected(ami, Protection::CoolsDown(until)) => {
                write!(f, "{ami} is protected from deregistration until {until}")
            }
        }
    }
}

impl fmt::Display for Ungrouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lacks(key) => write!(f, "it has no {key}, which its family groups by"),
            Self::Architecture(None) => f.write_str("it has no architecture"),
            Self::Architecture(Some(other)) => {
                write!(f, "its architecture is {other}, which no family has")
            }
            Self::Number => {
                f.write_str("it is a copy of a build that is not here, and its name does not say of which number")
            }
            Self::Rule => f.write_str(
                "its manifest does not adopt as it did when this was adopted: `steward adopt` says whether it still would be",
            ),
        }
    }
}

impl fmt::Display for Undated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("nothing says when it was made"),
            Self::Unparseable(text) => write!(f, "it says that it was made on {text}, which is no time"),
            Self::Ahead(at) => write!(f, "it says that it was made on {at}, which is still to come"),
        }
    }
}

impl fmt::Display for Unmanaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByAnotherHand => f.write_str("another hand made it"),
            Self::NotOurs(why) => write!(f, "it {why}"),
            Self::Unowned => f.write_str("nothing says who owns it"),
            Self::ByBoth(one, other) => write!(f, "{one} and {other} would both adopt it"),
            Self::Of(service) => write!(f, "it is {service}'s own"),
        }
    }
}

impl fmt::Display for UsedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Way(reference) => reference.fmt(f),
            Self::Said(words) => words.fmt(f),
        }
    }
}
