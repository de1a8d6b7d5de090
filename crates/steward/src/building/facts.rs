use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::inputs::{Inputs, MadeOf};
use super::state::{Ending, LineState};
use crate::manifest::{Parent, Triggers};
use crate::{Architecture, BuildVersion, FamilyName, ImageBuildArn, ReleaseId, Timestamp, VulnerabilityId, Words};
use crate::{ImageBuilderOwner, ImagePipeline, ImagePipelineArn, ResourceName, Target, Unversioned};

/// A family and an architecture: what has one pipeline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The family.
    pub family: FamilyName,
    /// The architecture.
    pub architecture: Architecture,
}

impl Line {
    /// Its pipeline, in the hub.
    pub fn pipeline(&self, hub: Target) -> ImagePipelineArn {
        let name = ResourceName::of_line(&self.family, self.architecture);
        let owner = ImageBuilderOwner::Account(hub.account());
        ImagePipelineArn::new(hub.region(), owner, ImagePipeline, name, Unversioned)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for {}", self.family, self.architecture)
    }
}

/// All that is known when it is decided what to build.
#[derive(Clone, Debug)]
pub struct BuildsFacts<'a> {
    /// Every line of every manifest that holds.
    pub lines: BTreeMap<Line, LineFacts<'a>>,
    /// So many builds run at once, of all lines.
    pub at_once: usize,
    /// The time.
    pub now: Timestamp,
}

/// What is known of one line.
#[derive(Clone, Debug)]
pub struct LineFacts<'a> {
    /// The manifest's number.
    pub manifest: u32,
    /// What starts builds.
    pub triggers: &'a Triggers,
    /// What it is built on.
    pub parent: Option<&'a Parent>,
    /// The newest release.
    pub newest: Option<Built>,
    /// Builds that are under way, whoever started them.
    pub under_way: Vec<UnderWay>,
    /// Whether the build of the last attempt waits until a person answers.
    pub is_asking: bool,
    /// How the build of the last attempt ended, where it did.
    pub ended: Option<Ending>,
    /// What persons ask for and no build answers yet.
    pub requests: Vec<BuildRequest>,
    /// What the parent's channel points to, as the record has it.
    pub parent_points: Option<ReleaseId>,
    /// When somebody last said that there may be something new, of whatever line.
    pub rumour: Option<Timestamp>,
    /// What its pipeline would build; none: that was not read.
    pub look: Option<Look>,
    /// What the scan of the newest release found that is so bad as the manifest says, and that a fix is known of; nothing where that
    /// release is on no channel and nobody uses it.
    pub found: BTreeSet<VulnerabilityId>,
    /// What was kept.
    pub state: LineState,
}

/// A release, as far as the next build asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// Its build.
    pub build: ImageBuildArn,
    /// Its number.
    pub number: BuildVersion,
    /// When it was started.
    pub created: Option<Timestamp>,
    /// What it was made of.
    pub of: MadeOf,
}

/// A build that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnderWay {
    /// Which.
    pub build: ImageBuildArn,
    /// When it was started.
    pub created: Option<Timestamp>,
}

/// What a person asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildRequest {
    /// Who, by the name that AWS knows them by.
    pub who: String,
    /// Why.
    pub why: Words,
    /// When.
    pub at: Timestamp,
    /// Of which architecture; none: of each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<Architecture>,
}

/// What a look at a line's pipeline found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// There is none.
    NoPipeline,
    /// It is disabled, after so many failures in a row where Image Builder counts them.
    Disabled(Option<u32>),
    /// What it would build is not known, and why.
    Unreadable(Words),
    /// It would build this.
    Would(Inputs),
}
