use super::adopt::Adopt;
use super::build::{Build, Parent, ParentFamily};
use super::channels::Channel;
use super::distribute::Distribute;
use super::document::{List, Map, record};
use super::retain::Retain;
use super::triggers::Triggers;
use super::words::{Platform, Text};
use crate::{Architecture, ChannelName, FamilyName, ImageBuilderOwner};

record! {
    /// One line of golden images: all that is said about it.
    pub struct Manifest {
        /// Its name: that of the file, without `.yaml`.
        required family: FamilyName,
        /// What it is, for people.
        optional description: Text<1024>,
        /// What kind of operating system it has.
        default platform: Platform = Platform::Linux,
        /// What it runs on: one pipeline each.
        default architectures: List<Architecture, 1, 2> = intel(),
        /// How it is built. Left out only by a family that adopts images.
        optional build: Build,
        /// What starts a build.
        default triggers: Triggers,
        /// Where releases go, who may use them, and how they are found.
        default distribute: Distribute,
        /// Named pointers to a release of each architecture.
        default channels: Map<ChannelName, Channel, 20>,
        /// What is kept, and how the rest goes. Left out: nothing ever goes.
        optional retain: Retain,
        /// Images that Image Builder did not build.
        optional adopt: Adopt,
    }
}

impl Manifest {
    /// The family of ours that this one is built on.
    pub fn parent_family(&self) -> Option<&ParentFamily> {
        match self.build.as_ref()?.parent.as_ref()? {
            Parent::Family(parent) => Some(parent),
            Parent::Parameter(_) | Parent::Image(_) | Parent::Ami(_) => None,
        }
    }

    /// Whether what it builds or adopts are images of machines, and no container images.
    pub fn makes_images(&self) -> bool {
        self.build.as_ref().is_none_or(|build| build.container.is_none())
    }

    /// Whether its builds run workflows that are not Amazon's: those never wait for anybody.
    pub fn has_own_workflows(&self) -> bool {
        let workflows = self.build.iter().flat_map(|build| &build.workflows);
        let mut owners = workflows.map(|workflow| workflow.arn.owner());
        owners.any(|owner| matches!(owner, ImageBuilderOwner::Account(_)))
    }
}

fn intel() -> List<Architecture, 1, 2> {
    List::one(Architecture::X86_64)
}
