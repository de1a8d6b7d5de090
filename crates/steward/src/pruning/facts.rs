use std::collections::BTreeMap;

use super::evidence::TargetEvidence;
use super::release::ReleaseFacts;
use crate::manifest::{Manifest, Retain};
use crate::{FamilyName, ReleaseId, Timestamp, Words};

/// All that is known of a family when its pruning is decided. Nothing of another family is in it.
#[derive(Clone, Debug)]
pub struct PruningFacts {
    /// Which.
    pub family: FamilyName,
    /// What it makes.
    pub makes: Makes,
    /// What its manifest says of what stays; none: nothing ever goes.
    pub retain: Option<Retain>,
    /// Who else may use its images.
    pub shared: Shared,
    /// Whether anything may be done at all.
    pub switch: Switch,
    /// Every release of it, each once, in any order.
    pub releases: Vec<ReleaseFacts>,
    /// When each image that pruning had disabled went for good, whatever release it was of.
    pub gone: Vec<Timestamp>,
    /// Every target that its releases can reach, each once. One that owns an image and is not here is one that nobody read.
    pub evidence: Vec<TargetEvidence>,
    /// The digest of what a person let through although it is more than `share` allows.
    pub accepted: Option<String>,
}

impl PruningFacts {
    /// What people call its releases.
    pub fn names(&self) -> BTreeMap<ReleaseId, Words> {
        let releases = self.releases.iter();
        releases
            .map(|release| (release.release, release.name.clone()))
            .collect()
    }
}

/// What a family makes, by its manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Makes {
    /// Images of machines.
    Images,
    /// Container images: who uses those cannot be known completely, and nothing of such a family is ever done.
    Containers,
}

impl Makes {
    /// What a manifest says of that.
    pub fn by(manifest: &Manifest) -> Self {
        if manifest.makes_images() {
            Self::Images
        } else {
            Self::Containers
        }
    }
}

/// Who may use a family's images besides their owners, now or until lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shared {
    /// Nobody.
    WithNobody,
    /// Accounts of which each lets us look.
    WithRoles,
    /// At least one account in which nobody can look: of its use only usage reports tell.
    WithoutRoles,
}

/// The switch, as it was read consistently. One that could not be read is paused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Switch {
    /// Work goes on.
    On,
    /// Nothing is done, and why.
    Paused(Words),
}
