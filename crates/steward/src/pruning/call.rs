use std::collections::BTreeSet;
use std::fmt;

use super::image_now::ImageNow;
use super::taken::TakenDown;
use crate::distribution::Grantee;
use crate::{AmiId, AmiState, ImageBuildArn, SnapshotId, Words, plural};

/// So many permissions EC2 changes in one call.
const MOST_CHANGES: usize = 500;

/// One call that pruning makes. A step is one, but for the way up, which may be several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PruningCall {
    /// Warns new users off an image.
    Deprecate(AmiId),
    /// Takes that back.
    CancelDeprecation(AmiId),
    /// Has launches of an image fail. Who might launch it is forgotten by EC2.
    Disable(AmiId),
    /// Lets an image be launched again.
    Enable(AmiId),
    /// Lets these launch an image again.
    Grant(AmiId, BTreeSet<Grantee>),
    /// Takes an image away with its snapshots.
    Deregister {
        /// Which.
        ami: AmiId,
        /// Those behind it.
        snapshots: Vec<SnapshotId>,
    },
    /// Takes a snapshot away that an image left behind.
    DeleteSnapshot {
        /// Which.
        snapshot: SnapshotId,
        /// The image.
        of: AmiId,
    },
    /// Has wildcards pick Image Builder's image no more.
    DeprecateOutput(ImageBuildArn),
    /// Takes it away. Whatever images it made stay.
    DeleteOutput(ImageBuildArn),
}

/// How an image climbs back up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayUp {
    /// What is done, in this order.
    pub calls: Vec<PruningCall>,
    /// Who might launch it before it was disabled and is not declared any more: they are let no more.
    pub left_out: BTreeSet<Grantee>,
}

impl WayUp {
    /// Of an image that EC2 shows so now, where pruning took it down, and of which was saved who might launch it. One that another
    /// hand disabled is enabled by none of ours.
    pub fn of(
        ami: AmiId,
        image: &ImageNow,
        taken: TakenDown,
        saved: &BTreeSet<Grantee>,
        declared: &BTreeSet<Grantee>,
    ) -> Self {
        let mut calls = Vec::new();
        if image.state == AmiState::Disabled {
            calls.push(PruningCall::Enable(ami));
        }
        let again: Vec<Grantee> = saved.intersection(declared).cloned().collect();
        let grants = again.chunks(MOST_CHANGES);
        calls.extend(grants.map(|some| PruningCall::Grant(ami, some.iter().cloned().collect())));
        if image.deprecated.is_some_and(|from| taken.is_own_deprecation(from)) {
            calls.push(PruningCall::CancelDeprecation(ami));
        }
        Self {
            calls,
            left_out: saved.difference(declared).cloned().collect(),
        }
    }
}

impl PruningCall {
    /// Which it is, among all that may be made in its target: the same call is the same text.
    pub fn key(&self) -> String {
        match self {
            Self::Deprecate(ami) => format!("deprecate {ami}"),
            Self::CancelDeprecation(ami) => format!("cancel the deprecation of {ami}"),
            Self::Disable(ami) => format!("disable {ami}"),
            Self::Enable(ami) => format!("enable {ami}"),
            // Those of one image differ in whom they name first.
            Self::Grant(ami, who) => format!(
                "grant {ami} {}",
                who.first().map(ToString::to_string).unwrap_or_default()
            ),
            Self::Deregister { ami, .. } => format!("deregister {ami}"),
            Self::DeleteSnapshot { snapshot, .. } => format!("delete {snapshot}"),
            Self::DeprecateOutput(arn) => format!("deprecate {arn}"),
            Self::DeleteOutput(arn) => format!("delete {arn}"),
        }
    }

    /// It, as the journal says it.
    pub fn says(&self) -> Words {
        Words::from(self.to_string())
    }
}

impl fmt::Display for PruningCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deprecate(_)
            | Self::CancelDeprecation(_)
            | Self::Disable(_)
            | Self::Enable(_)
            | Self::DeprecateOutput(_)
            | Self::DeleteOutput(_) => f.write_str(&self.key()),
            Self::Grant(ami, who) => write!(f, "let {} launch {ami} again", crate::distribution::names(who)),
            Self::Deregister { ami, snapshots } => {
                let many = snapshots.len();
                write!(f, "deregister {ami} with {many} snapshot{}", plural(many))
            }
            Self::DeleteSnapshot { snapshot, of } => write!(f, "delete {snapshot}, which {of} left behind"),
        }
    }
}
