use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::facts::PruningFacts;
use super::left::StillThere;
use super::orphans::Left;
use super::release::{GoneImage, ReleaseFacts};
use crate::{AmiId, BuildState, Duration, ImageBuildArn, ReleaseId, SnapshotId, Target, Timestamp, Words, plural};

/// So long a list may show what was before.
const SHOWN: Duration = Duration::minutes(15);

/// What is left of a family and nothing of ours takes away: no plan had it on its way out, so that nobody knows whether it is
/// wanted back. People are told, and nothing is decided by it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Leftovers {
    /// What Image Builder has of releases that have no image, what is so the longest first.
    pub outputs: Vec<OutputLeft>,
    /// The snapshots of images that are gone, by where they are.
    pub snapshots: Vec<SnapshotsLeft>,
    /// The lists that would say more, and that nobody knows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<UnknownList>,
}

/// A list that would say what is left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "list", rename_all = "kebab-case")]
pub enum UnknownList {
    /// The builds that Image Builder has.
    Builds {
        /// Why nobody knows it.
        why: Unlisted,
    },
    /// The snapshots of a target in which an image is gone.
    Snapshots {
        /// Where.
        target: Target,
        /// Why nobody knows it.
        why: Unlisted,
    },
}

/// Why a list is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unlisted {
    /// Nobody has read it to its end lately.
    NotLately,
    /// What was written of it cannot be read.
    Unread(Words),
}

/// What Image Builder has of a release that has no image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputLeft {
    /// Image Builder's image.
    pub output: ImageBuildArn,
    /// Of which release.
    pub release: ReleaseId,
    /// What people call that.
    pub title: Words,
    /// In which state.
    pub state: BuildState,
    /// Why it has none.
    pub why: NoImage,
    /// Since when: since the last of them is known to be gone, or since its build began.
    pub since: Option<Timestamp>,
    /// When Image Builder last listed it.
    pub seen: Timestamp,
}

/// Why a release has no image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoImage {
    /// So many it had were taken away.
    Gone(usize),
    /// Its build made none.
    NeverMade,
}

/// The snapshots that an image of ours left behind which another hand took away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SnapshotsLeft {
    /// The image.
    #[serde(rename = "image")]
    pub of: AmiId,
    /// Where: its account owns them.
    pub target: Target,
    /// Of which release.
    pub release: ReleaseId,
    /// What people call that.
    pub title: Words,
    /// Which.
    pub snapshots: Vec<SnapshotId>,
    /// What they take at most, in GiB: as much as the image's volumes held.
    pub gib: u64,
    /// Since when the image is known to be gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// When EC2 last listed them.
    pub seen: Timestamp,
}

/// A build that failed or was cancelled, and of which nobody found an image.
#[derive(Clone, Debug)]
pub struct UnmadeBuild {
    /// Which.
    pub build: ImageBuildArn,
    /// Its release.
    pub release: ReleaseId,
    /// What people call that.
    pub title: Words,
    /// How it ended.
    pub state: BuildState,
    /// When it began.
    pub began: Option<Timestamp>,
}

/// A whole list, as it was when it was last read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastSeen<T> {
    /// When.
    pub at: Timestamp,
    /// What was in it.
    pub listed: BTreeSet<T>,
}

/// What is known of what is left of a family. What nobody has listed yet is not told of.
#[derive(Clone, Copy, Debug)]
pub struct LeftoverFacts<'a> {
    /// The family, with its images that are gone.
    pub family: &'a PruningFacts,
    /// Its builds that made no image.
    pub unmade: &'a [UnmadeBuild],
    /// What is tried again by itself.
    pub still_there: &'a [StillThere],
    /// The builds that Image Builder has.
    pub builds: &'a Result<LastSeen<ReleaseId>, Unlisted>,
    /// The snapshots that carry our tag and are behind no image of their account, wherever an image of the family is gone.
    pub snapshots: &'a BTreeMap<Target, Result<LastSeen<SnapshotId>, Unlisted>>,
}

/// What is left of a family that nothing of ours takes away.
pub fn leftovers(facts: &LeftoverFacts<'_>) -> Leftovers {
    Leftovers {
        outputs: facts.outputs(),
        snapshots: facts.snapshots_left(),
        unknown: facts.unknown(),
    }
}

impl LeftoverFacts<'_> {
    fn outputs(&self) -> Vec<OutputLeft> {
        let Ok(LastSeen { at, listed }) = self.builds else {
            return Vec::new();
        };
        let releases = self.family.releases.iter();
        let gone = releases.filter_map(|release| OutputLeft::of(release, *at));
        let unmade = self.unmade.iter().map(|unmade| OutputLeft::of_unmade(unmade, *at));
        let all = gone.chain(unmade);
        let mut outputs: Vec<OutputLeft> = all.filter(|left| listed.contains(&left.release)).collect();
        outputs.sort_unstable_by_key(|left| (left.since, left.release));
        outputs
    }

    fn snapshots_left(&self) -> Vec<SnapshotsLeft> {
        // What is tried again is told of apart; and two images may have had one together.
        let still_there = self.still_there.iter().map(|still| (still.target, still.snapshot));
        let mut told: BTreeSet<(Target, SnapshotId)> = still_there.collect();
        let releases = self.family.releases.iter();
        let of_release = |release| SnapshotsLeft::of(release, self.snapshots);
        let mut all: Vec<SnapshotsLeft> = releases.flat_map(of_release).collect();
        all.sort_unstable_by_key(|left| (left.target, left.since, left.of));
        for SnapshotsLeft { target, snapshots, .. } in &mut all {
            snapshots.retain(|snapshot| told.insert((*target, *snapshot)));
        }
        all.retain(|left| !left.snapshots.is_empty());
        all
    }

    fn unknown(&self) -> Vec<UnknownList> {
        let builds = self.builds.as_ref().err().cloned();
        let builds = builds.map(|why| UnknownList::Builds { why });
        let snapshots = self.snapshots.iter().filter_map(|(target, list)| {
            let (target, why) = (*target, list.as_ref().err()?.clone());
            Some(UnknownList::Snapshots { target, why })
        });
        builds.into_iter().chain(snapshots).collect()
    }
}

impl OutputLeft {
    /// None: it has an image, or may yet have, or goes the ladder without them.
    fn of(release: &ReleaseFacts, seen: Timestamp) -> Option<Self> {
        let output = release.output.as_deref()?;
        let is_there = output.state.ended() && output.state != BuildState::Deleted;
        let has_image = release.built_of_it().next().is_some() || !release.containers.is_empty();
        if !is_there || has_image || release.gone.is_empty() || Left::of(release).is_some() {
            return None;
        }
        Some(Self {
            output: output.arn.clone(),
            release: release.release,
            title: release.name.clone(),
            state: output.state,
            why: NoImage::Gone(release.gone.len()),
            since: release.gone.iter().filter_map(|gone| gone.since).max(),
            seen,
        })
    }

    fn of_unmade(unmade: &UnmadeBuild, seen: Timestamp) -> Self {
        let UnmadeBuild {
            build,
            release,
            title,
            state,
            began,
        } = unmade.clone();
        Self {
            output: build,
            release,
            title,
            state,
            why: NoImage::NeverMade,
            since: began,
            seen,
        }
    }

    /// Why it has no image, in words.
    pub(super) fn reason(&self) -> String {
        match self.why {
            NoImage::Gone(images) => format!(
                "{images} image{} of it {} taken away while it was not on its way out",
                plural(images),
                if images == 1 { "was" } else { "were" }
            ),
            NoImage::NeverMade if self.state == BuildState::Cancelled => {
                String::from("its build was cancelled, and left no image")
            }
            NoImage::NeverMade => String::from("its build failed, and left no image"),
        }
    }
}

impl SnapshotsLeft {
    /// What each image of a release left behind.
    fn of(
        release: &ReleaseFacts,
        seen: &BTreeMap<Target, Result<LastSeen<SnapshotId>, Unlisted>>,
    ) -> impl Iterator<Item = Self> {
        release.gone.iter().filter_map(move |gone| {
            let GoneImage {
                ami,
                target,
                since,
                by_us: _,
                snapshots,
                gib,
            } = gone;
            let LastSeen { at, listed } = seen.get(target)?.as_ref().ok()?;
            // A list may show for a while what went with its image.
            let is_settled = since.is_none_or(|since| since.saturating_add(SHOWN.length()) <= *at);
            let left = snapshots.intersection(listed).copied().collect();
            is_settled.then_some(Self {
                of: *ami,
                target: *target,
                release: release.release,
                title: release.name.clone(),
                snapshots: left,
                gib: *gib,
                since: *since,
                seen: *at,
            })
        })
    }
}

impl Leftovers {
    /// Whether there is nothing, and nothing that is not known.
    pub fn is_empty(&self) -> bool {
        let Self {
            outputs,
            snapshots,
            unknown,
        } = self;
        outputs.is_empty() && snapshots.is_empty() && unknown.is_empty()
    }

    /// The lists that somebody wrote down, and nobody can read.
    pub fn unread(&self) -> impl Iterator<Item = &UnknownList> {
        self.unknown.iter().filter(|list| match list.why() {
            Unlisted::Unread(_) => true,
            Unlisted::NotLately => false,
        })
    }
}

impl UnknownList {
    const fn why(&self) -> &Unlisted {
        match self {
            Self::Builds { why } | Self::Snapshots { target: _, why } => why,
        }
    }
}

impl NoImage {
    /// As programs read it.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Gone(_) => "images-gone",
            Self::NeverMade => "never-made",
        }
    }
}

impl Serialize for OutputLeft {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            output,
            release,
            title,
            state,
            why,
            since,
            seen,
        } = self;
        let mut entry = serializer.serialize_struct("OutputLeft", 8)?;
        entry.serialize_field("output", output)?;
        entry.serialize_field("release", release)?;
        entry.serialize_field("title", title)?;
        entry.serialize_field("state", state)?;
        entry.serialize_field("why", why.as_str())?;
        entry.serialize_field("reason", &self.reason())?;
        if let Some(since) = since {
            entry.serialize_field("since", since)?;
        }
        entry.serialize_field("seen", seen)?;
        entry.end()
    }
}

impl fmt::Display for UnknownList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Builds { why } => write!(f, "the builds that Image Builder has are not known: {why}"),
            Self::Snapshots { target, why } => write!(f, "the snapshots in {target} are not known: {why}"),
        }
    }
}

impl fmt::Display for Unlisted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotLately => f.write_str("nobody has listed it to its end within two days"),
            Self::Unread(why) => write!(f, "what was listed cannot be read: {why}"),
        }
    }
}

impl Serialize for Unlisted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
