use std::collections::BTreeSet;
use std::fmt;

use sha2::{Digest as _, Sha256};

use super::image_now::ImageNow;
use super::taken::TakenDown;
use crate::distribution::Grantee;
use crate::text::hexadecimal;
use crate::{AmiId, AmiState, ImageBuildArn, SnapshotId, Target, Timestamp, Words, plural};

/// So many permissions EC2 changes in one call.
const MOST_CHANGES: usize = 500;
/// So many characters of a token: Image Builder takes 36.
const TOKEN: usize = 32;
const CANCEL: &str = "cancel the deprecation of ";

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

/// Calls that live from the same bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// That an image comes to another rung, and stays.
    Rung,
    /// That an image may be launched.
    Permission,
    /// That an image goes.
    Deregistration,
    /// That a snapshot goes.
    Snapshot,
    /// Image Builder's.
    Output,
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
    /// Of an image that EC2 shows so now and that pruning took down so, and of which it has saved who
    /// might launch it. Who is `declared` may again, and who is `there` already does.
    pub fn of(
        ami: AmiId,
        image: &ImageNow,
        taken: TakenDown,
        saved: &BTreeSet<Grantee>,
        (declared, there): (&BTreeSet<Grantee>, &BTreeSet<Grantee>),
    ) -> Self {
        let mut calls = Vec::new();
        if image.state == AmiState::Disabled {
            calls.push(PruningCall::Enable(ami));
        }
        let again = saved.intersection(declared).filter(|who| !there.contains(who)).cloned();
        let (everybody, again): (Vec<Grantee>, Vec<Grantee>) = again.partition(|who| *who == Grantee::Everybody);
        // By itself: where that may not be any more, nobody else goes without.
        let grants = again.chunks(MOST_CHANGES).chain(everybody.chunks(1));
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
    /// From which bucket it lives.
    pub const fn kind(&self) -> CallKind {
        match self {
            Self::Deprecate(_) | Self::CancelDeprecation(_) | Self::Disable(_) | Self::Enable(_) => CallKind::Rung,
            Self::Grant(..) => CallKind::Permission,
            Self::Deregister { .. } => CallKind::Deregistration,
            Self::DeleteSnapshot { .. } => CallKind::Snapshot,
            Self::DeprecateOutput(_) | Self::DeleteOutput(_) => CallKind::Output,
        }
    }

    /// Whether an image can be launched no longer by it, or again.
    pub const fn is_for_launches(&self) -> bool {
        match self {
            Self::Disable(_) | Self::Enable(_) | Self::Deregister { .. } => true,
            Self::Deprecate(_)
            | Self::CancelDeprecation(_)
            | Self::Grant(..)
            | Self::DeleteSnapshot { .. }
            | Self::DeprecateOutput(_)
            | Self::DeleteOutput(_) => false,
        }
    }

    /// Whether it lets everybody launch an image.
    pub fn is_for_everybody(&self) -> bool {
        matches!(self, Self::Grant(_, who) if who.contains(&Grantee::Everybody))
    }

    /// What tells an attempt at it from any other: the same attempt is made once, however often it is sent.
    pub fn token(&self, target: Target, attempt: u32, since: Timestamp) -> String {
        let text = format!("{target}#{}#{attempt}#{since}", self.key());
        let mut token = hexadecimal(&Sha256::digest(text.as_bytes()));
        token.truncate(TOKEN);
        token
    }

    /// The call that this is the name of, as far as it tells: not whom it grants to, nor which snapshots go along.
    pub fn named(key: &str) -> Option<Self> {
        if let Some(ami) = key.strip_prefix(CANCEL) {
            return Some(Self::CancelDeprecation(ami.parse().ok()?));
        }
        let (verb, of) = key.split_once(' ')?;
        Some(match (verb, of.parse()) {
            ("deprecate", Ok(ami)) => Self::Deprecate(ami),
            ("disable", Ok(ami)) => Self::Disable(ami),
            ("enable", Ok(ami)) => Self::Enable(ami),
            ("deregister", Ok(ami)) => Self::Deregister {
                ami,
                snapshots: Vec::new(),
            },
            ("deprecate", Err(_)) => Self::DeprecateOutput(of.parse().ok()?),
            ("delete", _) => Self::DeleteOutput(of.parse().ok()?),
            _ => return None,
        })
    }

    /// Which it is, among all that may be made in its target: the same call is the same text.
    pub fn key(&self) -> String {
        match self {
            Self::Deprecate(ami) => format!("deprecate {ami}"),
            Self::CancelDeprecation(ami) => format!("{CANCEL}{ami}"),
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
