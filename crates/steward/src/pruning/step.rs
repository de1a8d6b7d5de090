use std::fmt;

use serde::{Deserialize, Serialize};

use super::call::{CallKind, PruningCall};
use super::rung::Rung;
use crate::{AmiId, ImageBuildArn, Output, ReleaseId, SnapshotId, Target};

/// The role by which members let the hub retire the copies that they own.
pub const PRUNE_ROLE: &str = "image-steward-prune";

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

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.call()) {
            (Self::Restore { ami, from, .. }, _) => write!(f, "bring {ami} back up from {from}"),
            (_, Some(call)) => call.fmt(f),
            (_, None) => Ok(()),
        }
    }
}

impl Effect {
    /// The call that it is; none: it may be several.
    pub fn call(&self) -> Option<PruningCall> {
        Some(match self {
            Self::Restore { .. } => return None,
            Self::Deprecate { ami, target: _ } => PruningCall::Deprecate(*ami),
            Self::Disable { ami, target: _ } => PruningCall::Disable(*ami),
            Self::Deregister {
                ami,
                target: _,
                snapshots,
            } => PruningCall::Deregister {
                ami: *ami,
                snapshots: snapshots.clone(),
            },
            Self::DeprecateOutput(arn) => PruningCall::DeprecateOutput(arn.clone()),
            Self::DeleteOutput(arn) => PruningCall::DeleteOutput(arn.clone()),
        })
    }

    /// Whether somebody may miss what it takes away: launches, an image, or what a wildcard picks.
    pub const fn takes_away(&self) -> bool {
        match self {
            Self::Restore { .. } | Self::Deprecate { .. } => false,
            Self::Disable { .. } | Self::Deregister { .. } | Self::DeprecateOutput(_) | Self::DeleteOutput(_) => true,
        }
    }

    /// The kind of its first call.
    pub fn kind(&self) -> CallKind {
        self.call().map_or(CallKind::Rung, |call| call.kind())
    }

    /// The image that it is of; none: of none.
    pub const fn image(&self) -> Option<Output> {
        match self {
            Self::Restore { ami, target, .. }
            | Self::Deprecate { ami, target }
            | Self::Disable { ami, target }
            | Self::Deregister { ami, target, .. } => Some(Output {
                target: *target,
                ami: *ami,
            }),
            Self::DeprecateOutput(_) | Self::DeleteOutput(_) => None,
        }
    }

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
