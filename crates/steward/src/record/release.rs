use std::collections::BTreeSet;

use super::failure::BuildFailure;
use super::inputs::UsedComponent;
use crate::{
    AmiId, AmiState, Architecture, BuildState, CanonicalName, FamilyName, ImagePipelineArn, RecipeArn, ReleaseId,
    SnapshotId, Target, Timestamp, Words,
};

/// A release, as the record holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its one name.
    pub name: CanonicalName,
    /// How far its build is.
    pub state: BuildState,
    /// Why its build failed.
    pub reason: Option<Words>,
    /// Where its build failed and how.
    pub failure: Option<BuildFailure>,
    /// Its family.
    pub family: Option<FamilyName>,
    /// What it runs on: read off its images.
    pub architecture: Option<Architecture>,
    /// What it was built from.
    pub recipe: Option<RecipeArn>,
    /// What its build ran, in order.
    pub components: Vec<UsedComponent>,
    /// What tells whether another build would be the same.
    pub fingerprint: Option<String>,
    /// What built it.
    pub pipeline: Option<ImagePipelineArn>,
    /// When its build was started.
    pub created: Option<Timestamp>,
    /// Who started it, in Image Builder's words.
    pub build_type: Option<Words>,
    /// Whether every image it says it made is a placement by now: then no sweep needs to look again.
    pub placed: bool,
}

impl Release {
    /// Its key.
    pub fn id(&self) -> ReleaseId {
        self.name.id()
    }
}

/// One image of a release in one target, as the record holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Of which release.
    pub release: ReleaseId,
    /// Where.
    pub target: Target,
    /// Which image.
    pub ami: AmiId,
    /// Whether Image Builder or we made it; else another hand did.
    pub managed: bool,
    /// Its state when it was looked at.
    pub state: AmiState,
    /// Its name.
    pub name: String,
    /// When EC2 says it was made.
    pub created: Option<Timestamp>,
    /// The snapshots behind it.
    pub snapshots: BTreeSet<SnapshotId>,
    /// The size of its volumes, in GiB.
    pub size: u32,
    /// The watermarks it carries.
    pub watermarks: BTreeSet<Words>,
    /// When it was looked at.
    pub seen: Timestamp,
}
