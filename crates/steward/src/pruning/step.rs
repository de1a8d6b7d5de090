use serde::{Deserialize, Serialize};

use super::rung::Rung;
use crate::{AmiId, ImageBuildArn, ReleaseId, SnapshotId, Target};

/// One effect of pruning, and for which release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PruningStep {
    /// Which release.
    pub release: ReleaseId,
    /// What is done.
    pub effect: Effect,
}

/// What is done. Each is wanted only after a second look at the very image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// An image climbs back up all the way, with what was saved of it and is still declared.
    Restore {
        /// Which.
        ami: AmiId,
        /// Where.
        target: Target,
        /// On which rung it is.
        from: Rung,
    },
    /// New users are warned off an image.
    Deprecate {
        /// Which.
        ami: AmiId,
        /// Where.
        target: Target,
    },
    /// Launches of an image fail from then on. Who may launch it is saved before.
    Disable {
        /// Which.
        ami: AmiId,
        /// Where.
        target: Target,
    },
    /// Image Builder's image is deprecated, before its last AMI goes: no wildcard picks it from then on.
    DeprecateOutput(ImageBuildArn),
    /// An image goes, with its snapshots.
    Deregister {
        /// Which.
        ami: AmiId,
        /// Where.
        target: Target,
        /// Those of its snapshots that go with it, unless another image uses them.
        snapshots: Vec<SnapshotId>,
    },
    /// Image Builder's image is deleted, once its last AMI is gone.
    DeleteOutput(ImageBuildArn),
}

impl Effect {
    /// Where it is; none: where Image Builder is, which is the hub.
    pub const fn target(&self) -> Option<Target> {
        match self {
            Self::Restore { target, .. }
            | Self::Deprecate { target, .. }
            | Self::Disable { target, .. }
            | Self::Deregister { target, .. } => Some(*target),
            Self::DeprecateOutput(_) | Self::DeleteOutput(_) => None,
        }
    }
}
