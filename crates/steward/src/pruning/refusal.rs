use std::collections::BTreeSet;
use std::fmt;

use super::blocked::Blocker;
use super::check::Violation;
use super::keeps::Keeps;
use super::plan::Next;
use super::rung::Rung;
use crate::distribution::Grantee;
use crate::{ImageBuildArn, SnapshotId};

/// Why a step of a plan is not made any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// This keeps its image by now.
    Kept(Keeps),
    /// This is in the way by now.
    Blocked(Blocker),
    /// Its image is not to do that, or not yet.
    NotNow {
        /// On which rung it is.
        rung: Rung,
        /// What comes next for it; none: its ladder ends there.
        next: Option<Next>,
    },
    /// Nothing asks for it any more.
    NotWanted,
    /// Other snapshots are behind its image than when it was planned.
    Snapshots {
        /// Those that the plan names.
        planned: Vec<SnapshotId>,
        /// Those that are.
        now: Vec<SnapshotId>,
    },
    /// EC2 does not know its image any more.
    Gone,
    /// The record does not know its image any more.
    Unknown,
    /// What Image Builder has of its release was not looked at.
    OutputUnread,
    /// Nobody asked whether anybody wants its release by now.
    WishesUnread,
    /// Who may launch its image was not asked.
    LaunchersUnread,
    /// EC2 was not asked what names its image by now.
    ReferencesUnread,
    /// These may launch its image, are not declared, and so are not asked whether they do.
    Undeclared(BTreeSet<Grantee>),
    /// With it, this would not hold any more.
    Violates(Violation),
}

/// What a step waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// That Image Builder's image is deprecated: else a wildcard would pick one whose images are gone.
    Deprecation(ImageBuildArn),
    /// That so many images of its release are gone.
    Images(usize),
    /// That a later look does not find Image Builder's image either: what one look misses may be there.
    AnotherLook(ImageBuildArn),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kept(why) => why.fmt(f),
            Self::Blocked(by) => by.fmt(f),
            Self::NotNow { rung, next: None } => write!(f, "it is {rung}, and goes no further"),
            Self::NotNow {
                rung,
                next: Some(Next { rung: next, at }),
            } => write!(f, "it is {rung}, and is to be {next} from {at} on, in its turn"),
            Self::NotWanted => f.write_str("nothing asks for it any more"),
            Self::Snapshots { planned, now } => {
                write!(f, "behind it are {}, and planned was {}", names(now), names(planned))
            }
            Self::Gone => f.write_str("EC2 does not know it any more"),
            Self::Unknown => f.write_str("the record does not know it as an image of that release"),
            Self::OutputUnread => f.write_str("what Image Builder has of it was not looked at"),
            Self::WishesUnread => f.write_str("nobody asked whether anybody wants it by now"),
            Self::LaunchersUnread => f.write_str("nobody asked who may launch it by now"),
            Self::ReferencesUnread => f.write_str("nobody asked what names it by now"),
            Self::Undeclared(who) => {
                let who: Vec<String> = who.iter().map(ToString::to_string).collect();
                write!(
                    f,
                    "it is shared with {}, whom its manifest does not name and nobody asks: name them under `share_with`, or take it back",
                    who.join(", ")
                )
            }
            Self::Violates(violation) => write!(f, "it would break: {violation}"),
        }
    }
}

impl fmt::Display for Awaited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deprecation(arn) => {
                write!(
                    f,
                    "{arn} is still available, and a wildcard would pick it: it is deprecated first"
                )
            }
            Self::Images(1) => f.write_str("an image of its release is still there"),
            Self::Images(left) => write!(f, "{left} images of its release are still there"),
            Self::AnotherLook(arn) => write!(
                f,
                "{arn} was not found, and what one look misses may be there: another looks, five minutes later or more"
            ),
        }
    }
}

fn names(snapshots: &[SnapshotId]) -> String {
    if snapshots.is_empty() {
        return String::from("no snapshots");
    }
    let names: Vec<String> = snapshots.iter().map(ToString::to_string).collect();
    names.join(", ")
}
