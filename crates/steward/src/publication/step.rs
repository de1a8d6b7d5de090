use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::published_name::PublishedName;
use crate::manifest::LaunchTemplateId;
use crate::text::{digest, hexadecimal};
use crate::{AmiId, Architecture, ChannelName, ReleaseId, Target, Words, plural};

/// So many digits of a step's digest tell it from its likes.
const DIGITS: usize = 16;

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicationStep {
    /// Writes a parameter.
    Put {
        /// Which.
        name: PublishedName,
        /// What it is to say.
        ami: AmiId,
        /// The version that stands there; none: the parameter is new.
        over: Option<u64>,
        /// The channel that it follows.
        channel: ChannelName,
        /// What that runs on.
        architecture: Architecture,
        /// The release.
        release: ReleaseId,
    },
    /// Makes a version of a template that differs from its default one in the image alone. Which number it gets is read back.
    MakeVersion {
        /// Which template.
        template: LaunchTemplateId,
        /// The version that is its default.
        from: u64,
        /// The newest version until then: the same image may be published twice, and is another step then.
        after: u64,
        /// The image.
        ami: AmiId,
        /// The release.
        release: ReleaseId,
        /// What the version is described by, so that it is known again.
        description: String,
    },
    /// Makes a version of ours the one that who names none gets.
    SetDefault {
        /// Which template.
        template: LaunchTemplateId,
        /// Which version.
        version: u64,
        /// The one that was it.
        instead_of: u64,
        /// The release that it launches.
        release: ReleaseId,
    },
    /// Deletes versions that publishing made.
    Trim {
        /// Which template.
        template: LaunchTemplateId,
        /// Which versions.
        versions: BTreeSet<u64>,
        /// Its default version until then: where that is another by now, nothing is deleted.
        default: u64,
        /// The same of its newest.
        latest: u64,
        /// The release that is published by then.
        release: ReleaseId,
    },
}

impl PublicationStep {
    /// Which it is, among all that may be taken in its target: the same step is the same text, and another one's call is
    /// another.
    pub fn key(&self) -> String {
        let mut digest = digest(self);
        digest.truncate(DIGITS);
        match self {
            // A parameter's name may be as long as an item's key.
            Self::Put { ami, .. } => format!("put {ami} {digest}"),
            Self::MakeVersion { template, .. } => format!("make-version {template} {digest}"),
            Self::SetDefault { template, .. } => format!("set-default {template} {digest}"),
            Self::Trim { template, .. } => format!("trim {template} {digest}"),
        }
    }

    /// The release that it publishes.
    pub const fn release(&self) -> ReleaseId {
        match self {
            Self::Put { release, .. }
            | Self::MakeVersion { release, .. }
            | Self::SetDefault { release, .. }
            | Self::Trim { release, .. } => *release,
        }
    }

    /// Whether it only takes away what nobody needs: what is published is as it should be without it.
    pub const fn only_clears(&self) -> bool {
        match self {
            Self::Put { .. } | Self::MakeVersion { .. } | Self::SetDefault { .. } => false,
            Self::Trim { .. } => true,
        }
    }

    /// What makes EC2 take the step once: the same for the same attempt.
    pub fn token(&self, target: Target, attempt: u32) -> String {
        let text = format!("{} in {target}, {attempt}", self.key());
        hexadecimal(&Sha256::digest(text.as_bytes()))
    }

    /// It, as the journal says it.
    pub fn says(&self) -> Words {
        Words::from(self.to_string())
    }
}

impl fmt::Display for PublicationStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put {
                name,
                ami,
                over,
                channel,
                architecture,
                release: _,
            } => {
                write!(f, "write {ami} into {name}: {channel} for {architecture}")?;
                over.iter()
                    .try_for_each(|version| write!(f, ", over its version {version}"))
            }
            Self::MakeVersion {
                template,
                from,
                after: _,
                ami,
                release: _,
                description,
            } => write!(
                f,
                "make a version of {template} from its version {from}, with {ami}: {description}"
            ),
            Self::SetDefault {
                template,
                version,
                instead_of,
                release: _,
            } => write!(
                f,
                "make version {version} of {template} its default, instead of {instead_of}"
            ),
            Self::Trim {
                template,
                versions,
                default: _,
                latest: _,
                release: _,
            } => {
                let count = versions.len();
                write!(f, "delete {count} old version{} of {template}", plural(count))?;
                match (versions.first(), versions.last()) {
                    (Some(first), Some(last)) if first != last => write!(f, ", from {first} to {last}"),
                    (Some(only), _) => write!(f, ", {only}"),
                    (None, _) => Ok(()),
                }
            }
        }
    }
}
