//! Families and their releases.

use std::fmt;

use crate::ids::AccountId;
use crate::region::Region;
use crate::time::Time;
use crate::world::Target;

/// What a release runs on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Architecture {
    /// `x86_64`.
    X86,
    /// `arm64`.
    Arm,
}

impl Architecture {
    /// As names of Image Builder's have it: without underscores.
    pub(super) const fn slug(self) -> &'static str {
        match self {
            Self::X86 => "x86-64",
            Self::Arm => "arm64",
        }
    }

    /// An instance type of this architecture.
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::X86 => "t3.micro",
            Self::Arm => "t4g.micro",
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X86 => "x86_64",
            Self::Arm => "arm64",
        })
    }
}

/// A line of golden images.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Family {
    /// `web`.
    pub name: String,
    /// One or both.
    pub architectures: Vec<Architecture>,
    /// The family it is built on.
    pub parent: Option<usize>,
    /// Every place its releases go to, the hub first.
    pub targets: Vec<Target>,
    /// The members that own copies.
    pub copy_to: Vec<AccountId>,
    /// Accounts that may launch what the hub owns, without a copy of their own.
    pub audience: Vec<AccountId>,
    /// Where its pointers stand.
    pub channels: Vec<Channel>,
}

impl Family {
    /// What Image Builder calls a line of it: `web-x86-64`.
    #[must_use]
    pub fn line(&self, architecture: Architecture) -> String {
        format!("{}-{}", self.name, architecture.slug())
    }

    /// The Regions its releases go to.
    pub fn regions(&self) -> impl Iterator<Item = Region> {
        let mut regions: Vec<Region> = self.targets.iter().map(|target| target.region).collect();
        regions.sort_unstable();
        regions.dedup();
        regions.into_iter()
    }
}

/// A pointer of a family to a release.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Channel {
    /// `stable` or `candidate`.
    pub name: &'static str,
    /// Of this architecture.
    pub architecture: Architecture,
    /// Its place among the releases.
    pub release: usize,
}

/// Where Image Builder's image of a release stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Built {
    /// AVAILABLE.
    Available,
    /// DEPRECATED.
    Deprecated,
    /// Deleted: only its AMIs, if any, and the record remember it.
    Deleted,
}

/// One successful build.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Release {
    /// Its family's place among the families.
    pub family: usize,
    /// What it runs on.
    pub architecture: Architecture,
    /// `1.4.2`, compared number by number.
    pub version: [u32; 3],
    /// The build of that version.
    pub build: u32,
    /// When it was built. Within a line later mostly means greater, but not always.
    pub created: Time,
    /// The ARN of Image Builder's build version, in the hub.
    pub arn: String,
    /// The release it was built on.
    pub parent: Option<usize>,
    /// Whether Image Builder still has it.
    pub built: Built,
}
