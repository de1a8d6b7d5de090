use std::fmt;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::blocked::Blocker;
use super::keeps::Keeps;
use super::ladder::{NOTICE, entry};
use super::release::{BuildOutput, ExpendableSince, ReleaseFacts};
use super::rung::Rung;
use crate::manifest::Ladder;
use crate::{BuildState, ImageBuildArn, ReleaseId, Timestamp};

/// What Image Builder still has of a release that pruning was at, and that has no image left: we died before we deleted it, or
/// another hand took the images away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// Image Builder's image.
    pub output: ImageBuildArn,
    /// Of which release.
    pub release: ReleaseId,
    /// What becomes of it.
    pub fate: OrphanFate,
}

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrphanFate {
    /// It goes.
    Goes {
        /// From when on; none: its ladder ends before.
        at: Option<Timestamp>,
    },
    /// It stays.
    Kept(Keeps),
    /// It might go, and does not.
    Blocked(Blocker),
}

/// What Image Builder still has of a release.
#[derive(Clone, Copy)]
pub(super) struct Left<'a> {
    pub(super) release: &'a ReleaseFacts,
    pub(super) output: &'a BuildOutput,
    pub(super) since: Timestamp,
}

impl<'a> Left<'a> {
    /// What it has, where pruning was at the release and it has no image left; none: nothing, or it is still being built.
    pub(super) fn of(release: &'a ReleaseFacts) -> Option<Self> {
        let output = release.output.as_deref()?;
        let ExpendableSince::Recorded(since) = release.since else {
            return None;
        };
        let is_there = output.state.ended() && output.state != BuildState::Deleted;
        (is_there && release.built_of_it().next().is_none()).then_some(Self { release, output, since })
    }

    /// What becomes of it. It has no rungs: its time is that at which its images would have gone.
    pub(super) fn fate(&self, ladder: &Ladder, now: Timestamp) -> OrphanFate {
        if let Some(why) = self.named(now) {
            return OrphanFate::Kept(why);
        }
        let at = entry(ladder, Rung::Deregistered).map(|wait| self.since.saturating_add(wait));
        let told = self.announced();
        if at.is_some_and(|at| at <= now) && told.is_none_or(|told| now < told.saturating_add(NOTICE)) {
            return OrphanFate::Blocked(Blocker::NotAnnounced { since: told });
        }
        OrphanFate::Goes { at }
    }

    /// Whether people are to be told now that it goes.
    pub(super) fn is_to_be_announced(&self, fate: &OrphanFate, now: Timestamp) -> bool {
        let is_near = match fate {
            OrphanFate::Goes { at } => at.is_some_and(|at| at <= now.saturating_add(NOTICE)),
            OrphanFate::Blocked(_) => true,
            OrphanFate::Kept(_) => false,
        };
        is_near && self.since <= now && self.announced().is_none()
    }

    pub(super) fn orphan(&self, fate: OrphanFate) -> Orphan {
        Orphan {
            output: self.output.arn.clone(),
            release: self.release.release,
            fate,
        }
    }

    /// Who names the release all the same.
    fn named(&self, now: Timestamp) -> Option<Keeps> {
        let ReleaseFacts {
            channels, parent_of, ..
        } = self.release;
        let channel = channels.iter().min().cloned().map(Keeps::Channel);
        let parent = || parent_of.iter().min().cloned().map(Keeps::Parent);
        let hold = || self.release.held(now).cloned().map(Keeps::Hold);
        channel.or_else(parent).or_else(hold)
    }

    /// When it was announced, on this way down.
    fn announced(&self) -> Option<Timestamp> {
        self.output.announced.filter(|told| *told >= self.since)
    }
}

impl OrphanFate {
    /// Whether it goes now, as far as a run's limit lets it.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        match self {
            Self::Goes { at } => at.is_some_and(|at| at <= now),
            Self::Kept(_) | Self::Blocked(_) => false,
        }
    }
}

impl fmt::Display for OrphanFate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Goes { at: Some(at) } => write!(f, "goes from {at} on"),
            Self::Goes { at: None } => f.write_str("stays: its ladder ends before"),
            Self::Kept(why) => write!(f, "stays: {why}"),
            Self::Blocked(by) => write!(f, "is blocked: {by}"),
        }
    }
}

impl Serialize for Orphan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { output, release, fate } = self;
        let mut entry = serializer.serialize_struct("Orphan", 4)?;
        entry.serialize_field("output", output)?;
        entry.serialize_field("release", release)?;
        match fate {
            OrphanFate::Goes { at } => entry.serialize_field("at", at)?,
            OrphanFate::Kept(why) => {
                entry.serialize_field("rule", why.rule().as_str())?;
                entry.serialize_field("reason", &why.to_string())?;
            }
            OrphanFate::Blocked(by) => {
                entry.serialize_field("cause", by.cause().as_str())?;
                entry.serialize_field("reason", &by.to_string())?;
            }
        }
        entry.end()
    }
}
