//! What one look at a consumer, and one at the owner's images, found.

use std::collections::{BTreeMap, BTreeSet};

use super::due::PutThere;
use crate::manifest::Manifest;
use crate::{AccountId, AmiId, KmsKeyRef, ReleaseId, Target, Words};

/// All that is known when it is decided what a consumer is to see.
#[derive(Clone, Copy, Debug)]
pub struct ViewFacts<'a> {
    /// The consumer's account, in a Region.
    pub target: Target,
    /// Who owns the images.
    pub owner: AccountId,
    /// What is wanted of the family.
    pub manifest: &'a Manifest,
    /// The family's images in that Region, as the record names them.
    pub images: &'a BTreeMap<AmiId, SharedImage>,
    /// What was put there before.
    pub put: &'a PutThere,
    /// The grants that there are of the family's for Auto Scaling there, of each key that is wanted or was.
    pub grants: &'a BTreeMap<KmsKeyRef, GrantsSeen>,
    /// Whether KMS said within a day that Auto Scaling has no role there.
    pub no_auto_scaling: bool,
}

/// What the owner of a key sees of a family's grants on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrantsSeen {
    /// These, as KMS calls them.
    Read(BTreeSet<String>),
    /// They could not be read, and why.
    Unread(Words),
}

/// An image of the family's, from both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedImage {
    /// The release.
    pub release: ReleaseId,
    /// Whether it is usable by all who are declared. Of another one nothing is changed in any view.
    pub shared: bool,
    /// As its owner has it; none where it was not found among the owner's.
    pub owners: Option<OwnersImage>,
    /// The tags that the consumer sees on it; none where EC2 does not show it there.
    pub consumers: Option<BTreeMap<String, String>>,
}

/// An image, as its owner has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnersImage {
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The customers' keys behind it.
    pub keys: BTreeSet<KmsKeyRef>,
    /// Keys behind it that could not be looked at: they may be AWS's own.
    pub unseen: BTreeSet<KmsKeyRef>,
}
