use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::audience::{Copier, Grantee};
use super::lending::{COPY_ROLE, KeyGrant};
use crate::text::{digest, hexadecimal};
use crate::{AccountId, AmiId, KmsKeyRef, Output, ReleaseId, SnapshotId, Target, Words};

/// So many permissions of a snapshot EC2 changes in one call. An image's may be more; one bound is enough for both.
const MOST_CHANGES: usize = 500;
/// So many names a sentence bears.
const MOST_NAMED: usize = 3;
/// So many digits of a step's digest tell it from its likes.
const DIGITS: usize = 16;

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DistributionStep {
    /// Removes what is left of a copy of ours that failed. The next one is made once it is gone.
    DeregisterFailed {
        /// Which.
        ami: AmiId,
    },
    /// Enables an image that is disabled. Who might launch it before does so only once it is granted to them again.
    Enable {
        /// Which.
        ami: AmiId,
    },
    /// Copies the release's image into the target.
    Copy {
        /// Which, and from where.
        from: Output,
        /// What the copy is called.
        name: String,
        /// What it is encrypted by; none leaves that to EC2.
        key: Option<KmsKeyRef>,
        /// The tags of the copy and its snapshots.
        tags: BTreeMap<String, String>,
    },
    /// Puts tags on an image and its snapshots that they lack. It takes none away: whose those are, nobody knows.
    Tag {
        /// What gets them.
        on: BTreeSet<Tagged>,
        /// The tags.
        set: BTreeMap<String, String>,
    },
    /// Changes who may copy a snapshot.
    Permit {
        /// The image it is behind.
        ami: AmiId,
        /// Which.
        snapshot: SnapshotId,
        /// How.
        change: Change<Copier>,
    },
    /// Changes who may launch an image.
    Grant {
        /// Which.
        ami: AmiId,
        /// How.
        change: Change<Grantee>,
    },
    /// Lets the role of a member that copies use a key.
    LendKey {
        /// Which.
        key: KmsKeyRef,
        /// Whose role.
        to: AccountId,
        /// What the grant is called.
        name: String,
    },
    /// Lets the role of a member that has its copy use a key no longer.
    TakeBackKey {
        /// The grant that goes.
        grant: KeyGrant,
    },
}

/// What gets tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tagged {
    /// An image.
    Image(AmiId),
    /// A snapshot.
    Snapshot(SnapshotId),
}

/// A change of permissions: one call adds or removes, never both.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change<T: Ord> {
    /// These come.
    Add(BTreeSet<T>),
    /// These go.
    Remove(BTreeSet<T>),
}

impl<T: Ord + Clone> Change<T> {
    /// The calls that change this much. What goes first leaves room for what comes.
    pub(super) fn calls(remove: &BTreeSet<T>, add: &BTreeSet<T>) -> Vec<Self> {
        let removing = parts(remove).map(Self::Remove);
        removing.chain(parts(add).map(Self::Add)).collect()
    }
}

impl<T: Ord + Clone> Change<T> {
    /// The same in two calls; none where one name is left.
    fn halves(&self) -> Option<[Self; 2]> {
        let (who, of): (_, fn(BTreeSet<T>) -> Self) = match self {
            Self::Add(who) => (who, Self::Add),
            Self::Remove(who) => (who, Self::Remove),
        };
        let middle = who.iter().nth(who.len() / 2).filter(|_| who.len() > 1)?;
        let mut first = who.clone();
        let second = first.split_off(middle);
        Some([of(first), of(second)])
    }
}

fn parts<T: Ord + Clone>(all: &BTreeSet<T>) -> impl Iterator<Item = BTreeSet<T>> {
    (0..all.len())
        .step_by(MOST_CHANGES)
        .map(|from| all.iter().skip(from).take(MOST_CHANGES).cloned().collect())
}

impl DistributionStep {
    /// Which it is, among all that may be taken in its target: the same step is the same text, and another one's call is
    /// another.
    pub fn key(&self) -> String {
        let mut digest = digest(self);
        digest.truncate(DIGITS);
        match self {
            Self::DeregisterFailed { ami } => format!("deregister {ami}"),
            Self::Enable { ami } => format!("enable {ami}"),
            Self::Copy { from, .. } => format!("copy {} {digest}", from.ami),
            Self::Tag { .. } => format!("tag {digest}"),
            Self::Permit { snapshot, .. } => format!("permit {snapshot} {digest}"),
            Self::Grant { ami, .. } => format!("grant {ami} {digest}"),
            Self::LendKey { to, .. } => format!("lend key {to} {digest}"),
            Self::TakeBackKey { grant } => format!("take back key {} {digest}", grant.to),
        }
    }

    /// The same among all that may be taken in its target for any release, as it is journaled.
    pub fn journaled(&self, release: ReleaseId) -> String {
        format!("{}{}", Self::of_release(release), self.key())
    }

    /// What the journal has before each step of a release, in any target.
    pub fn of_release(release: ReleaseId) -> String {
        format!("{release}#")
    }

    /// What makes EC2 take the step once: the same for the same attempt, and another after a copy that failed or went.
    pub fn token(&self, target: Target, release: ReleaseId, copies_failed: usize, attempt: u32) -> String {
        let text = format!(
            "{} of {release} in {target}, {copies_failed} failed, {attempt}",
            self.key()
        );
        hexadecimal(&Sha256::digest(text.as_bytes()))
    }

    /// The same in two steps, where it changes the permissions of more than one: one name that EC2 refuses spoils a whole call.
    pub fn halves(&self) -> Option<[Self; 2]> {
        match self {
            Self::DeregisterFailed { .. }
            | Self::Enable { .. }
            | Self::Copy { .. }
            | Self::Tag { .. }
            | Self::LendKey { .. }
            | Self::TakeBackKey { .. } => None,
            Self::Permit { ami, snapshot, change } => {
                let (ami, snapshot) = (*ami, *snapshot);
                let half = |change| Self::Permit { ami, snapshot, change };
                Some(change.halves()?.map(half))
            }
            Self::Grant { ami, change } => {
                let half = |change| Self::Grant { ami: *ami, change };
                Some(change.halves()?.map(half))
            }
        }
    }

    /// Whether it is about keys.
    pub const fn is_of_a_key(&self) -> bool {
        matches!(self, Self::LendKey { .. } | Self::TakeBackKey { .. })
    }

    /// It, as the journal says it.
    pub fn says(&self) -> Words {
        Words::from(self.to_string())
    }
}

impl fmt::Display for DistributionStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DeregisterFailed { ami } => write!(f, "deregister {ami}, a copy that failed"),
            Self::Enable { ami } => write!(f, "enable {ami}, as somebody asked for its release"),
            Self::Copy {
                from,
                name,
                key,
                tags: _,
            } => {
                write!(f, "copy {} of {} as {name}", from.ami, from.target)?;
                key.iter().try_for_each(|key| write!(f, ", encrypted by {key}"))
            }
            Self::Tag { on, set } => {
                let set: BTreeSet<String> = set.iter().map(|(key, value)| format!("{key}={value}")).collect();
                write!(f, "tag {} {}", names(on), names(&set))
            }
            Self::Permit {
                ami,
                snapshot,
                change: Change::Add(who),
            } => write!(f, "let {} copy {snapshot} of {ami}", names(who)),
            Self::Permit {
                ami,
                snapshot,
                change: Change::Remove(who),
            } => write!(f, "let {} no longer copy {snapshot} of {ami}", names(who)),
            Self::Grant {
                ami,
                change: Change::Add(who),
            } => write!(f, "let {} launch {ami}", names(who)),
            Self::Grant {
                ami,
                change: Change::Remove(who),
            } => write!(f, "let {} no longer launch {ami}", names(who)),
            Self::LendKey { key, to, name: _ } => write!(f, "let {COPY_ROLE} of {to} use {key}"),
            Self::TakeBackKey { grant } => {
                let KeyGrant { key, to, id: _ } = grant;
                write!(f, "let {COPY_ROLE} of {to} no longer use {key}")
            }
        }
    }
}

impl fmt::Display for Tagged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image(ami) => ami.fmt(f),
            Self::Snapshot(snapshot) => snapshot.fmt(f),
        }
    }
}

/// The first of them, and how many more there are.
pub(crate) fn names<T: fmt::Display>(all: &BTreeSet<T>) -> String {
    let named: Vec<String> = all.iter().take(MOST_NAMED).map(ToString::to_string).collect();
    match all.len().saturating_sub(MOST_NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
