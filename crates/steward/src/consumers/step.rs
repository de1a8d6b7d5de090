use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use crate::text::digest;
use crate::{AmiId, FamilyName, KmsKeyRef, ReleaseId, Target, Words};

/// So many digits of a step's digest tell it from its likes.
const DIGITS: usize = 16;

/// One call for a consumer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewStep {
    /// Lets Auto Scaling's role there use a key.
    Grant {
        /// Which.
        key: KmsKeyRef,
        /// A release that it is behind.
        release: ReleaseId,
    },
    /// Takes such a grant back: whoever owns the key does, as nobody may be let in there any more.
    Retire {
        /// Of which key.
        key: KmsKeyRef,
        /// As KMS calls it.
        grant: String,
        /// The release that it was made for.
        release: ReleaseId,
    },
    /// Puts tags into the consumer's view of an image.
    Tag {
        /// Which.
        ami: AmiId,
        /// Its release.
        release: ReleaseId,
        /// With their values.
        set: BTreeMap<String, String>,
    },
    /// Takes tags away that were put into the consumer's view of an image.
    Untag {
        /// Which.
        ami: AmiId,
        /// Its release.
        release: ReleaseId,
        /// Their keys.
        keys: BTreeSet<String>,
    },
}

/// The role by which consumers let the hub in for it, as `infra/member.yaml` makes it.
pub const VIEW_ROLE: &str = "image-steward-view";

/// The role by which Auto Scaling acts in a consumer's account, where it was ever used.
pub fn auto_scaling_in(target: Target) -> String {
    let (partition, account) = (target.region().partition(), target.account());
    format!(
        "arn:{partition}:iam::{account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    )
}

/// What a family's grants are called: KMS makes the same one of that name once. Each family has its own, as one may end before
/// another.
pub fn grant_name(family: &FamilyName) -> String {
    format!("image-steward/auto-scaling/{family}")
}

impl ViewStep {
    /// Which it is, among all that may be taken in its target: the same step is the same text.
    pub fn key(&self) -> String {
        let mut digest = digest(self);
        digest.truncate(DIGITS);
        match self {
            Self::Grant { .. } => format!("grant {digest}"),
            Self::Retire { .. } => format!("retire {digest}"),
            Self::Tag { ami, .. } => format!("tag {ami} {digest}"),
            Self::Untag { ami, .. } => format!("untag {ami} {digest}"),
        }
    }

    /// The release that it is for.
    pub const fn release(&self) -> ReleaseId {
        match self {
            Self::Grant { release, .. }
            | Self::Retire { release, .. }
            | Self::Tag { release, .. }
            | Self::Untag { release, .. } => *release,
        }
    }

    /// It, as the journal says it.
    pub fn says(&self) -> Words {
        Words::from(self.to_string())
    }
}

impl fmt::Display for ViewStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grant { key, release: _ } => write!(f, "let Auto Scaling use {key}"),
            Self::Retire { key, grant, release: _ } => {
                write!(f, "let Auto Scaling use {key} no more, by the grant {grant}")
            }
            Self::Tag { ami, release: _, set } => {
                let set: Vec<String> = set.iter().map(|(key, value)| format!("{key}={value}")).collect();
                write!(f, "show {} on {ami}", set.join(", "))
            }
            Self::Untag { ami, release: _, keys } => {
                let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                write!(f, "show {} on {ami} no more", keys.join(", "))
            }
        }
    }
}
