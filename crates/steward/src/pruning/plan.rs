use std::fmt;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::blocked::{Blocker, Trouble};
use super::containers::JudgedContainer;
use super::evidence::Waiver;
use super::keeps::Keeps;
use super::left_behind::LeftBehind;
use super::orphans::Orphan;
use super::placement::{LastLaunch, Refused};
use super::rung::Rung;
use super::step::{Effect, PruningStep};
use crate::text::digest;
use crate::{AmiId, FamilyName, ImageBuildArn, ReleaseId, SnapshotId, Target, Timestamp};

/// Characters of a digest that tell plans apart.
const NUMBER: usize = 12;

/// What pruning does to a family's images, what it keeps, and what is in the way. Every image is in one of the three lists, once;
/// of a family that makes container images these are in a list of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PruningPlan {
    /// Which family.
    pub family: FamilyName,
    /// The steps of this run, in the order in which they are taken.
    pub steps: Vec<PruningStep>,
    /// What no rule keeps any more, the oldest first. Most of it waits for its time, or for a later run.
    pub expendable: Vec<Expendable>,
    /// What stays.
    pub kept: Vec<Kept>,
    /// What might go, and does not.
    pub blocked: Vec<Blocked>,
    /// What Image Builder still has of releases on their way out that have no image left, the oldest first.
    pub orphans: Vec<Orphan>,
    /// What builds left behind that failed, and that is not ours: it is among what stays, and people are to know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_behind: Vec<LeftBehind>,
    /// Container images, the oldest first. No step can name one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<JudgedContainer>,
    /// Releases that became expendable: from now on.
    pub newly: Vec<ReleaseId>,
    /// Releases that are expendable no more.
    pub cleared: Vec<ReleaseId>,
    /// Images whose deregistration is to be announced: it comes within a day of that, and not before.
    pub to_announce: Vec<AmiId>,
    /// The same of what Image Builder still has of releases that have no image left.
    pub orphans_to_announce: Vec<ImageBuildArn>,
    /// What is wrong with the evidence: with anything wrong the family is blocked whole.
    #[serde(serialize_with = "as_words")]
    pub troubles: Vec<Trouble>,
    /// The targets that a person does without.
    #[serde(skip)]
    pub waived: Vec<(Target, Waiver)>,
    /// What becomes expendable at once and is more than `share` allows; none where a person let it through.
    pub over_share: Option<OverShare>,
}

/// An image that no rule keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expendable {
    /// Which.
    #[serde(rename = "image")]
    pub ami: AmiId,
    /// Where.
    pub target: Target,
    /// Of which release.
    pub release: ReleaseId,
    /// On which rung it is.
    pub rung: Rung,
    /// What comes next; none: its ladder ends there.
    pub next: Option<Next>,
    /// Its snapshots.
    pub snapshots: Vec<SnapshotId>,
    /// What they take at most, in GiB: as much as its volumes.
    pub gib: u64,
    /// Since when its release is expendable.
    pub since: Timestamp,
    /// That AWS refused what was last tried with it: what it did not refuse goes first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
    /// Why it is.
    pub reason: Spent,
}

/// The next rung of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Next {
    /// Which.
    pub rung: Rung,
    /// From when on.
    pub at: Timestamp,
}

/// Why no rule keeps a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    /// How many of its line are newer, and itself; none: a build that failed left it behind.
    pub rank: Option<usize>,
    /// When it was built.
    pub built: Timestamp,
    /// When one of its images was last launched.
    pub launched: LastLaunch,
}

/// An image that stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Which.
    pub ami: AmiId,
    /// Where.
    pub target: Target,
    /// Of which release.
    pub release: ReleaseId,
    /// Why.
    pub why: Keeps,
}

/// An image that might go, and does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// Which.
    pub ami: AmiId,
    /// Where.
    pub target: Target,
    /// Of which release.
    pub release: ReleaseId,
    /// By what.
    pub by: Blocker,
}

/// More than `share` allows at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OverShare {
    /// Which releases would newly become expendable, in the order of their ids.
    pub releases: Vec<ReleaseId>,
    /// So many may.
    pub allowed: usize,
    /// Of so many that the family has.
    pub of: usize,
}

impl OverShare {
    /// What it keeps each of these releases' images from.
    pub(super) const fn blocker(&self) -> Blocker {
        Blocker::ShareLimit {
            newly: self.releases.len(),
            allowed: self.allowed,
            of: self.of,
        }
    }
}

impl PruningPlan {
    /// What tells what this plan does from what any other does. What it keeps, and why, is no part of it: that changes with
    /// each look.
    pub fn digest(&self) -> String {
        let Self {
            family,
            steps,
            expendable: _,
            kept: _,
            blocked: _,
            orphans: _,
            left_behind: _,
            containers: _,
            newly,
            cleared,
            to_announce,
            orphans_to_announce,
            troubles: _,
            waived: _,
            over_share,
        } = self;
        let announced = (to_announce, orphans_to_announce);
        digest(&(family, steps, newly, cleared, announced, over_share))
    }

    /// The first digits of that: enough for people.
    pub fn number(&self) -> String {
        number(&self.digest()).to_owned()
    }

    /// Whether there is nothing to do by it, to note or to tell.
    pub const fn rests(&self) -> bool {
        self.steps.is_empty()
            && self.newly.is_empty()
            && self.cleared.is_empty()
            && self.to_announce.is_empty()
            && self.orphans_to_announce.is_empty()
    }

    /// What a person accepts who lets through what is more than `share` allows: those releases, and no others.
    pub fn acceptance(&self) -> Option<String> {
        let OverShare {
            releases,
            allowed: _,
            of: _,
        } = self.over_share.as_ref()?;
        Some(number(&accepting(&self.family, releases)).to_owned())
    }

    /// Of its steps those alone by which images come back up.
    #[must_use]
    pub fn ways_up(self) -> Self {
        let is_up = |step: &PruningStep| matches!(step.effect, Effect::Restore { .. });
        Self {
            steps: self.steps.into_iter().filter(is_up).collect(),
            ..self
        }
    }
}

/// The first digits of a digest.
pub(super) fn number(digest: &str) -> &str {
    digest.get(..NUMBER).unwrap_or(digest)
}

/// What tells these releases from any others of their family.
pub(super) fn accepting(family: &FamilyName, releases: &[ReleaseId]) -> String {
    digest(&(family, releases))
}

/// Whether that is what a person accepted, by its digest or the first digits of it.
pub(super) fn is_accepted(digest: &str, accepted: Option<&str>) -> bool {
    accepted.is_some_and(|accepted| accepted.len() >= NUMBER && digest.starts_with(accepted))
}

fn as_words<S: Serializer>(troubles: &[Trouble], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(troubles.iter().map(ToString::to_string))
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            ami,
            target,
            release,
            why,
        } = self;
        let mut entry = serializer.serialize_struct("Kept", 5)?;
        entry.serialize_field("image", ami)?;
        entry.serialize_field("target", target)?;
        entry.serialize_field("release", release)?;
        entry.serialize_field("rule", why.rule().as_str())?;
        entry.serialize_field("reason", &why.to_string())?;
        entry.end()
    }
}

impl Serialize for Blocked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            ami,
            target,
            release,
            by,
        } = self;
        let mut entry = serializer.serialize_struct("Blocked", 5)?;
        entry.serialize_field("image", ami)?;
        entry.serialize_field("target", target)?;
        entry.serialize_field("release", release)?;
        entry.serialize_field("cause", by.cause().as_str())?;
        entry.serialize_field("reason", &by.to_string())?;
        entry.end()
    }
}

impl Serialize for Spent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rank, built, launched } = self;
        match rank {
            Some(rank) => write!(f, "number {rank} of its line"),
            None => f.write_str("left by a build that failed"),
        }?;
        write!(f, ", built on {built}, ")?;
        match launched {
            LastLaunch::At(at) => write!(f, "last launched on {at}"),
            LastLaunch::Never => f.write_str("never launched"),
            LastLaunch::Unread => f.write_str("whatever its launches"),
        }
    }
}
