//! What one look at a target, and one at where a release was built, found.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::audience::{Copier, Grantee, ResolvedAudience};
use super::key_policy::KeyAudience;
use super::lending::Lending;
use super::tags::Tags;
use crate::manifest::Distribute;
use crate::{
    AccountId, AmiId, AmiState, Architecture, FamilyName, KmsKeyRef, Output, Region, ReleaseId, ReleaseName,
    SnapshotId, Target, Timestamp, Words,
};

/// All that is known when a release's target is decided.
#[derive(Clone, Copy, Debug)]
pub struct DistributionFacts<'a> {
    /// Where.
    pub target: Target,
    /// The release.
    pub going: &'a Going,
    /// What its family's manifest says.
    pub distribute: &'a Distribute,
    /// Who may use it.
    pub audience: &'a ResolvedAudience,
    /// The members that own a copy.
    pub owners: &'a BTreeSet<AccountId>,
    /// How far they are with theirs: all of them where the target is the hub's, itself where it is a member's.
    pub lending: &'a Lending,
    /// What is there.
    pub seen: &'a TargetSeen,
    /// Whether an open request of a person's names the release, which alone brings back what is disabled.
    pub asked_for: bool,
    /// The time.
    pub now: Timestamp,
}

/// A release that is to be where its manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Going {
    /// Which.
    pub release: ReleaseId,
    /// As people call it.
    pub name: ReleaseName,
    /// Its family.
    pub family: FamilyName,
    /// What it runs on.
    pub architecture: Architecture,
    /// What it is copied from.
    pub source: Source,
}

/// What is copied: the image that the build made, or for a member's copy the hub's in the same Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Which, and where.
    pub output: Output,
    /// What was found of it; none where it was not listed.
    pub image: Option<ImageThere>,
    /// Whether the record has seen its end: one list may have missed it.
    pub ended: bool,
}

/// What one look at a target found of one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetSeen {
    /// All of the release's images there: those that the record names, and those that a look by our tags found.
    pub images: BTreeMap<AmiId, ImageThere>,
    /// The key that the manifest wants there; none where it wants none, or nobody looked.
    pub key: Option<KeySeen>,
    /// What EBS does there with a copy for which no key is named, or why that could not be read; none where nobody had to look.
    pub ebs: Option<Result<EbsDefaults, Words>>,
    /// Who of the audience may use the keys that matter there: those of its images, and the one that a copy would have.
    pub keys: BTreeMap<KmsKeyRef, KeyAudience>,
    /// The volumes of all copies that are under way into it, everybody's.
    pub in_flight: usize,
    /// Whether something can be shared with everybody.
    pub public: PublicAccess,
    /// Whether the Region is enabled for the account.
    pub enabled: bool,
}

/// What an account lets be shared with everybody in a Region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PublicAccess {
    /// It blocks public access to images.
    pub images_blocked: bool,
    /// It blocks public access to snapshots.
    pub snapshots_blocked: bool,
    /// So many of its images are public.
    pub public_images: usize,
}

/// What EBS does in a Region of an account where nobody names a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EbsDefaults {
    /// Whether it encrypts what is not encrypted too.
    pub encrypts: bool,
    /// The key by which it encrypts.
    pub key: DefaultKey,
}

/// The key by which EBS encrypts where nobody names one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefaultKey {
    /// AWS's own.
    OfAws,
    /// One that the account has set.
    Customers(KmsKeyRef),
}

/// What was found of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySeen {
    /// The hub can encrypt by the one of this ARN, by its id: as EC2 names it.
    Usable(KmsKeyRef),
    /// It cannot be used.
    Unusable(KeyProblem),
}

/// Why a key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyProblem {
    /// There is none of that name.
    NotFound,
    /// It is disabled.
    Disabled,
    /// It is about to be deleted.
    PendingDeletion,
    /// It is AWS's own for EBS, and what it encrypts cannot be shared.
    Default,
    /// It could not be looked at, and why.
    Unreadable(Words),
}

/// An image, as its account sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageThere {
    /// Whose it is.
    pub owner: AccountId,
    /// Its state.
    pub state: AmiState,
    /// Why it is in that state, in EC2's words.
    pub why: Option<Words>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// What it was copied from.
    pub source: Option<(Region, AmiId)>,
    /// Its tags, ours too.
    pub tags: Tags,
    /// Whether it carries watermarks.
    pub watermarked: bool,
    /// Who may launch it; none where that was not read.
    pub grants: Option<BTreeSet<Grantee>>,
    /// The snapshots behind it, one a volume.
    pub snapshots: BTreeMap<SnapshotId, SnapshotThere>,
}

/// A snapshot behind an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotThere {
    /// Whose it is.
    pub owner: AccountId,
    /// By what it is encrypted.
    pub encryption: Encryption,
    /// Its tags, ours too.
    pub tags: Tags,
    /// Who may copy it; none where that was not read.
    pub permitted: Option<BTreeSet<Copier>>,
}

/// By what a snapshot is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// It is not.
    None,
    /// By AWS's own key for EBS, so that it cannot be shared.
    DefaultKey,
    /// By this one.
    Key(KmsKeyRef),
    /// By this one, which could not be looked at, and why: it may be AWS's own.
    Unseen {
        /// Which.
        key: KmsKeyRef,
        /// Why nobody knows whose it is.
        why: Words,
    },
}

impl ImageThere {
    pub(super) fn is_encrypted(&self) -> bool {
        self.snapshots
            .values()
            .any(|snapshot| snapshot.encryption != Encryption::None)
    }

    pub(super) fn is_under_the_default_key(&self) -> bool {
        self.snapshots
            .values()
            .any(|snapshot| snapshot.encryption == Encryption::DefaultKey)
    }

    pub(super) fn is_encrypted_by(&self, key: &KmsKeyRef) -> bool {
        let by_it = |snapshot: &SnapshotThere| match &snapshot.encryption {
            Encryption::None | Encryption::DefaultKey => false,
            Encryption::Key(by) | Encryption::Unseen { key: by, .. } => by == key,
        };
        self.snapshots.values().all(by_it)
    }

    /// The keys of its snapshots, as far as they can be lent.
    pub fn keys(&self) -> BTreeSet<&KmsKeyRef> {
        let keys = self
            .snapshots
            .values()
            .filter_map(|snapshot| match &snapshot.encryption {
                Encryption::None | Encryption::DefaultKey | Encryption::Unseen { .. } => None,
                Encryption::Key(key) => Some(key),
            });
        keys.collect()
    }

    /// The keys of its snapshots but AWS's own, whoever could look at them.
    pub(super) fn keys_to_ask(&self) -> BTreeSet<KmsKeyRef> {
        let keys = self
            .snapshots
            .values()
            .filter_map(|snapshot| match &snapshot.encryption {
                Encryption::None | Encryption::DefaultKey => None,
                Encryption::Key(key) | Encryption::Unseen { key, why: _ } => Some(key.clone()),
            });
        keys.collect()
    }

    /// The first of its keys that could not be looked at, and why.
    pub(super) fn unseen_key(&self) -> Option<(&KmsKeyRef, &Words)> {
        self.snapshots.values().find_map(|snapshot| match &snapshot.encryption {
            Encryption::None | Encryption::DefaultKey | Encryption::Key(_) => None,
            Encryption::Unseen { key, why } => Some((key, why)),
        })
    }
}

impl fmt::Display for KeyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("is not there: make it, or name another one"),
            Self::Disabled => f.write_str("is disabled: enable it, or name another one"),
            Self::PendingDeletion => f.write_str("is about to be deleted: cancel that, or name another one"),
            Self::Default => {
                f.write_str("is AWS's own, and what it encrypts cannot be shared: name a key of the account")
            }
            Self::Unreadable(why) => write!(f, "cannot be looked at ({why}): allow kms:DescribeKey on it"),
        }
    }
}
