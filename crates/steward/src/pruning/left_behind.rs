use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::placement::{PlacementSeen, Unmanaged};
use super::release::{Place, ReleaseFacts};
use crate::{AmiId, ImageBuildArn, ReleaseId, SnapshotId, Target};

/// An image that a build left behind which failed or was cancelled, and that is not ours to retire: it never got our tag, say. It
/// costs money until a person does something about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftBehind {
    /// Which.
    pub ami: AmiId,
    /// Where: its account owns it.
    pub target: Target,
    /// Of which release.
    pub release: ReleaseId,
    /// Which build that was, where Image Builder still has it.
    pub build: Option<ImageBuildArn>,
    /// Its snapshots.
    pub snapshots: Vec<SnapshotId>,
    /// What they take at most, in GiB: as much as its volumes.
    pub gib: u64,
    /// Why it is not ours.
    pub why: Unmanaged,
}

impl LeftBehind {
    /// None: its build ended well, or it is no image of that build's, or it is ours and goes down the ladder.
    pub(super) fn of(release: &ReleaseFacts, placement: &PlacementSeen) -> Option<Self> {
        let why = placement.unmanaged.clone()?;
        let is_of_build = match &why {
            Unmanaged::NotOurs(_) | Unmanaged::Unowned => true,
            Unmanaged::ByAnotherHand | Unmanaged::ByBoth(..) | Unmanaged::Of(_) => false,
        };
        (is_of_build && release.place == Place::LeftByFailedBuild).then(|| Self {
            ami: placement.ami,
            target: placement.target,
            release: release.release,
            build: release.output.as_ref().map(|output| output.arn.clone()),
            snapshots: placement.snapshots_in_order(),
            gib: placement.gib,
            why,
        })
    }
}

impl Serialize for LeftBehind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            ami,
            target,
            release,
            build,
            snapshots,
            gib,
            why,
        } = self;
        let mut entry = serializer.serialize_struct("LeftBehind", 7)?;
        entry.serialize_field("image", ami)?;
        entry.serialize_field("target", target)?;
        entry.serialize_field("release", release)?;
        if let Some(build) = build {
            entry.serialize_field("build", build)?;
        }
        entry.serialize_field("snapshots", snapshots)?;
        entry.serialize_field("gib", gib)?;
        entry.serialize_field("reason", &why.to_string())?;
        entry.end()
    }
}
