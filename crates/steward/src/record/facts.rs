//! What was read by API: of a build from Image Builder, of an image from EC2 in its owner's account and Region.

use std::collections::BTreeSet;

use serde::Serialize;

use super::container::ContainerOutput;
use super::details::Scan;
use super::failure::BuildFailure;
use super::inputs::UsedComponent;
use crate::{
    AccountId, AmiId, AmiState, Architecture, BuildState, FamilyName, ImageBuildArn, ImagePipelineArn, RecipeArn,
    Region, SnapshotId, Target, Timestamp, Words,
};

/// A build, as Image Builder describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildFacts {
    /// Which.
    pub build: ImageBuildArn,
    /// How far it is.
    pub state: BuildState,
    /// Why it failed. Words of the build's own: not to be trusted as anything but text.
    pub reason: Option<Words>,
    /// Where it failed and how.
    pub failure: Option<BuildFailure>,
    /// The family that its images are tagged with.
    pub family: Option<FamilyName>,
    /// What it was built from.
    pub recipe: Option<RecipeArn>,
    /// What its recipe says it is built on, once the build has made that concrete.
    pub parent: Option<ParentImage>,
    /// What it ran, in order.
    pub components: Vec<UsedComponent>,
    /// What built it; none where no pipeline did.
    pub pipeline: Option<ImagePipelineArn>,
    /// When it was started.
    pub created: Option<Timestamp>,
    /// The images it made. One that failed says nothing of those that it had made by then.
    pub outputs: Vec<Output>,
    /// The container images it made.
    pub containers: Vec<ContainerOutput>,
    /// Who started it, in Image Builder's words: a user, a schedule, an import.
    pub build_type: Option<Words>,
    /// How far its scan is.
    pub scan: Scan,
    /// Where its images were to go.
    pub distributed_to: BTreeSet<Target>,
}

/// What a build is built on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParentImage {
    /// Another build.
    Build(ImageBuildArn),
    /// An image of EC2's.
    Ami(AmiId),
}

/// An image that a build says it made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Output {
    /// Where.
    pub target: Target,
    /// Which.
    pub ami: AmiId,
}

/// An image, as EC2 describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmiFacts {
    /// Where it was looked at.
    pub target: Target,
    /// Which.
    pub ami: AmiId,
    /// Whose it is, which need not be who looked.
    pub owner: AccountId,
    /// Its state.
    pub state: AmiState,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// What it runs on, where that is one of ours.
    pub architecture: Option<Architecture>,
    /// The family it is tagged with.
    pub family: Option<FamilyName>,
    /// The build its tags say it came from. A tag proves nothing: the build is asked.
    pub claims_build: Option<ImageBuildArn>,
    /// The snapshots behind it.
    pub snapshots: BTreeSet<SnapshotId>,
    /// The size of its volumes, in GiB: what its snapshots take is less.
    pub size: u32,
    /// The watermarks it carries, through every copy.
    pub watermarks: BTreeSet<Words>,
    /// What it was copied or made from.
    pub source: Option<(Region, AmiId)>,
    /// Whether it was made from an instance, and so is no copy.
    pub from_instance: bool,
}

/// What came of looking at one image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It is there.
    Seen(Box<AmiFacts>),
    /// EC2 does not know it: gone, not visible yet, or never there.
    Missing,
    /// It could not be looked at, and why.
    Unreadable(String),
}
