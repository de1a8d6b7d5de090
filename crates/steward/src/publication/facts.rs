//! What one look at a target found of what publishes a family there.

use std::collections::{BTreeMap, BTreeSet};

use super::description::is_by_us;
use super::finding::PublicationFinding;
use super::known::TemplateKnown;
use super::lock::Lock;
use super::published_name::PublishedName;
use super::under::PublishUnder;
use crate::evidence::ImageName;
use crate::manifest::{LaunchTemplateId, Manifest};
use crate::{AmiId, Architecture, ChannelName, FamilyName, KmsKeyRef, ReleaseId, Target, Timestamp, Words};

/// All that is known when it is decided how a family is published in a target.
#[derive(Clone, Copy, Debug)]
pub struct PublicationFacts<'a> {
    /// Where.
    pub target: Target,
    /// What is wanted of the family.
    pub manifest: &'a Manifest,
    /// Whether its parameters are wanted there: the target is one of the hub's or the audience's, as `publish.to` says.
    pub parameters_here: bool,
    /// Under what they must lie to be written; none: nobody said.
    pub under: Option<&'a PublishUnder>,
    /// For each channel that points to a release, and each of its architectures. A channel or an architecture that left the
    /// manifest is published no more.
    pub pointers: &'a BTreeMap<(ChannelName, Architecture), Pointer>,
    /// Its parameters there, as [`super::writable_parameters`] names them.
    pub parameters: &'a BTreeMap<PublishedName, ParameterSeen>,
    /// What was written last into its parameters there, by their names.
    pub wrote: &'a BTreeMap<String, AmiId>,
    /// The launch templates there that follow it, as [`super::following_templates`] names them.
    pub templates: &'a BTreeMap<LaunchTemplateId, TemplateSeen>,
    /// What the record has of those.
    pub known: &'a BTreeMap<LaunchTemplateId, TemplateKnown>,
    /// When.
    pub now: Timestamp,
}

/// What a channel points to, as those who read it in the target see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// The release.
    pub release: ReleaseId,
    /// Which of its family it is, such as `1.4.2/7`.
    pub version: Words,
    /// Its image there.
    pub image: PointerImage,
}

/// A release's image in a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PointerImage {
    /// The readers see it, it is available, and its keys are enabled.
    Seen(AmiId),
    /// They do not, or nobody could look.
    NotSeen {
        /// Which.
        ami: AmiId,
        /// Why not, as far as it is known.
        why: Words,
    },
    /// They see it, and may not be able to launch it.
    Locked {
        /// Which.
        ami: AmiId,
        /// The key that its snapshots are encrypted by.
        key: KmsKeyRef,
        /// What is with that key.
        lock: Lock,
    },
    /// There is none in this Region.
    NoneHere,
}

/// What was found of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParameterSeen {
    /// There is none of that name.
    Missing,
    /// A text of the data type aws:ec2:image, as publishing writes it.
    Image {
        /// The image that it names; none where its value is no image's id.
        ami: Option<AmiId>,
        /// Which of its versions that is.
        version: u64,
    },
    /// The same, of an image that is not the family's, which publishing never wrote: somebody else's, for all that is known.
    OfOthers(Option<AmiId>),
    /// Another kind of parameter: what it is, such as `a SecureString`.
    OtherType(Words),
    /// It could not be read, and why.
    Unreadable(Words),
}

impl ParameterSeen {
    /// Why it is left as it is, whatever a channel points to.
    pub fn finding(&self, name: &PublishedName) -> Option<PublicationFinding> {
        let name = name.clone();
        match self {
            Self::Missing | Self::Image { .. } => None,
            Self::OfOthers(ami) => Some(PublicationFinding::ParameterOfOthers { name, ami: *ami }),
            Self::OtherType(is) => Some(PublicationFinding::ParameterOfOtherType { name, is: is.clone() }),
            Self::Unreadable(why) => Some(PublicationFinding::ParameterUnreadable { name, why: why.clone() }),
        }
    }
}

/// What was found of a launch template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateSeen {
    /// There is none of that id.
    Missing,
    /// It lacks our tag with this family: its owner did not agree.
    NotOurs,
    /// It could not be read, and why.
    Unreadable(Words),
    /// It is there, and its owner agreed.
    Seen(TemplateThere),
}

impl TemplateSeen {
    /// Why it is left as it is, in this target, whatever a channel of the family points to.
    pub fn finding(
        &self,
        template: &LaunchTemplateId,
        family: &FamilyName,
        target: Target,
    ) -> Option<PublicationFinding> {
        let template = template.clone();
        match self {
            Self::Seen(_) => None,
            Self::Missing => Some(PublicationFinding::TemplateMissing { template, target }),
            Self::NotOurs => Some(PublicationFinding::TemplateNotOurs {
                template,
                family: family.clone(),
            }),
            Self::Unreadable(why) => Some(PublicationFinding::TemplateUnreadable {
                template,
                why: why.clone(),
            }),
        }
    }
}

/// A launch template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateThere {
    /// The version that who names none gets.
    pub default: u64,
    /// The newest version.
    pub latest: u64,
    /// What the default version's image runs on; none where that version names none, or one that is not to be found.
    pub architecture: Option<Architecture>,
    /// All of its versions.
    pub versions: BTreeMap<u64, TemplateVersionSeen>,
}

/// A version of a launch template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateVersionSeen {
    /// The image it launches; none where it names none, or nothing could be launched from what it names.
    pub image: Option<ImageName>,
    /// Whether publishing this family made it.
    pub made_by_us: bool,
}

impl TemplateSeen {
    /// Takes for ours only what publishing is known to have made: how a version is described, anybody may choose.
    pub fn only_ours(&mut self, made: Option<&BTreeSet<u64>>) {
        if let Self::Seen(there) = self {
            for (number, version) in &mut there.versions {
                version.made_by_us &= made.is_some_and(|made| made.contains(number));
            }
        }
    }
}

impl TemplateVersionSeen {
    /// Reads what EC2 says of a version: the image it names, and how it is described.
    pub fn read(family: &FamilyName, image: Option<&str>, description: Option<&str>) -> Self {
        Self {
            image: image.and_then(ImageName::read),
            made_by_us: description.is_some_and(|description| is_by_us(family, description)),
        }
    }
}
