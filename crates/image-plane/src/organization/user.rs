//! What uses images: everything that names one, in a way that counts or in one that does not.

use crate::ids::{ImageId, InstanceId};
use crate::world::Target;

/// One thing that names one image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// In which account and Region. The image is of this Region, and often of another account.
    pub home: Target,
    /// What it is.
    pub who: Who,
    /// The image it comes to at this moment; none where what it names is gone.
    pub image: Option<ImageId>,
    /// Whether it keeps the image from being retired. What is ended, past, or old and named by nothing does not; nor does
    /// anything in a closed account.
    pub counts: bool,
}

/// What names an image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Who {
    /// An instance.
    Instance {
        /// Its id.
        id: InstanceId,
        /// Where it stands.
        standing: InstanceStanding,
        /// The template version it was started by.
        from: Option<Box<TemplateUse>>,
    },
    /// A version of a launch template.
    TemplateVersion(Box<TemplateVersion>),
    /// A launch configuration, whether a group uses it or not.
    Configuration {
        /// Its name.
        name: Box<str>,
        /// The group that uses it.
        group: Option<Box<str>>,
    },
    /// An Auto Scaling group, by one of the ways it has to an image.
    Group {
        /// Its name.
        name: Box<str>,
        /// Which way.
        source: GroupSource,
    },
    /// An EC2 Fleet that maintains its capacity.
    Fleet {
        /// Its id.
        id: Box<str>,
        /// What it launches.
        from: Box<TemplateUse>,
        /// Deleted, while its instances run on.
        ended: bool,
    },
    /// A Spot Fleet that names its image itself.
    SpotFleet {
        /// Its id.
        id: Box<str>,
        /// Cancelled, while its instances run on.
        ended: bool,
    },
    /// A Spot Instance request.
    SpotRequest {
        /// Its id.
        id: Box<str>,
        /// Where it stands.
        standing: SpotStanding,
    },
    /// A version of a parameter whose value holds the image's id.
    Parameter(Box<ParameterVersion>),
    /// A pipeline whose recipe builds on the image.
    Pipeline {
        /// Its ARN.
        arn: Box<str>,
        /// The parent as the recipe names it.
        parent: Box<str>,
    },
    /// A recipe that no pipeline uses.
    Recipe {
        /// Its ARN.
        arn: Box<str>,
    },
}

/// Where an instance stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InstanceStanding {
    /// Running.
    Running,
    /// Stopped: it needs its image no less.
    Stopped,
    /// Terminated, and listed for another hour.
    Terminated,
}

/// Where a Spot Instance request stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SpotStanding {
    /// It has its instance.
    Active,
    /// It persists, and would launch again.
    Open,
    /// Its one instance has ended.
    Closed,
    /// Cancelled, while its instance runs on.
    Cancelled,
}

/// A launch template as something names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TemplateUse {
    /// `lt-…`. There may be no such template any more.
    pub template: Box<str>,
    /// Which version.
    pub version: Chosen,
}

/// Which version of a launch template.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Chosen {
    /// `$Latest`.
    Latest,
    /// `$Default`.
    Default,
    /// This one, which may be deleted.
    Number(u64),
}

impl Chosen {
    /// As requests name it.
    pub(super) fn text(self) -> String {
        match self {
            Self::Latest => String::from("$Latest"),
            Self::Default => String::from("$Default"),
            Self::Number(number) => number.to_string(),
        }
    }
}

/// A version of a launch template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TemplateVersion {
    /// `lt-…`.
    pub template: Box<str>,
    /// The template's name.
    pub name: Box<str>,
    /// Its number.
    pub number: u64,
    /// Whether it is the default version.
    pub is_default: bool,
    /// Whether it is the latest version.
    pub is_latest: bool,
    /// The parameter that stands for its image: `/golden/web/x86_64/stable`, with `:3` or `:blue` behind it or not.
    pub parameter: Option<Box<str>>,
}

/// A way of a group to an image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GroupSource {
    /// A launch configuration.
    Configuration(Box<str>),
    /// A launch template.
    Template(TemplateUse),
    /// The template of a mixed instances policy.
    Mixed(TemplateUse),
    /// The template of an override of a mixed instances policy.
    OverrideTemplate(TemplateUse),
    /// The image that an override names itself.
    OverrideImage,
}

/// A version of a parameter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParameterVersion {
    /// `/golden/web/x86_64/stable`.
    pub name: Box<str>,
    /// Which version.
    pub number: u64,
    /// Whether it is the present value. A past one is used only where somebody names it by number or label.
    pub is_current: bool,
    /// A label on it. By itself a label is no use: it waits for somebody to name it.
    pub label: Option<Box<str>>,
}
