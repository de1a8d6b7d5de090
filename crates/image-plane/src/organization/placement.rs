//! Placements: the images of the organization, and those of others that lie about.

use std::sync::Arc;

use crate::ids::{ImageId, SnapshotId};
use crate::time::Time;
use crate::world::Target;

/// An image in one target.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placement {
    /// Its owner, and where.
    pub home: Target,
    /// Its id.
    pub ami: ImageId,
    /// Its name. Another owner may have one of the same name.
    pub name: Arc<str>,
    /// When it came into being; copies are younger than their release.
    pub created: Time,
    /// The release it is of; none for images of no family.
    pub release: Option<usize>,
    /// Those it starts from. Of a deregistered image: those it had.
    pub snapshots: Box<[SnapshotId]>,
    /// Where it stands.
    pub state: State,
    /// Who made it.
    pub made: Made,
    /// What its tag `image-steward:family` says.
    pub claim: Claim,
    /// Whether it carries `keep: true`.
    pub kept: bool,
    /// Whether it can be deregistered.
    pub protection: Protection,
    /// When it was last launched, as its owner reads it a day later.
    pub last_launched: Option<Time>,
}

impl Placement {
    /// Whether DescribeImages finds it, asked for everything its owner has.
    #[must_use]
    pub const fn is_there(&self) -> bool {
        !matches!(self.state, State::InBin { .. } | State::Deregistered)
    }
}

/// Where an image stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Not ready, and it never will be.
    Pending,
    /// Its making failed.
    Failed,
    /// As it should be.
    Available,
    /// Since then.
    Deprecated {
        /// To the minute.
        since: Time,
    },
    /// Nobody can launch it.
    Disabled,
    /// Deregistered, and in the Recycle Bin until then.
    InBin {
        /// When the bin lets it go.
        until: Time,
    },
    /// Gone.
    Deregistered,
}

/// Who made an image.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Made {
    /// Image Builder, in the hub.
    Built,
    /// We did: a copy in a target of its family.
    Copied,
    /// Somebody by hand.
    Hand,
    /// AWS Backup, which alone may delete it.
    Backup,
    /// A seller in the Marketplace.
    Marketplace,
    /// Somebody outside of the organization.
    Outsider,
}

/// What the tag `image-steward:family` of an image says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Claim {
    /// There is no such tag.
    None,
    /// The family of its release.
    Own,
    /// Another family than its release's; or it has no release.
    Other(Box<str>),
}

/// Protection against deregistration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protection {
    /// None.
    Off,
    /// Until somebody switches it off, and a day longer.
    On,
    /// Switched off, and in force until then.
    Until(Time),
}
