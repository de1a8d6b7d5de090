use std::fmt;

use serde::Serialize;

use super::tags::FAMILY;
use crate::{AccountId, FamilyName, Words};

/// Why something is not ours to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotOurs {
    /// This account owns it.
    OfAnother(AccountId),
    /// It lacks our tag.
    Untagged,
    /// Our tag says that it is of this family.
    OtherFamily(Words),
    /// Our tag says that it is of this release.
    OtherRelease(Words),
}

/// Why something cannot be shared with everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicObstacle {
    /// It is encrypted.
    Encrypted,
    /// The account blocks public access.
    Blocked,
    /// The account has as many public images as it may have.
    Quota,
    /// It carries a watermark.
    Watermarked,
}

impl NotOurs {
    /// What would make it ours.
    pub(super) fn claim(&self, family: &FamilyName) -> String {
        match self {
            Self::OfAnother(_) | Self::OtherFamily(_) | Self::OtherRelease(_) => {
                String::from("find out what brought it here")
            }
            Self::Untagged => format!("tag it {FAMILY}={family} if it is ours"),
        }
    }
}

impl fmt::Display for NotOurs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OfAnother(owner) => write!(f, "is owned by {owner}"),
            Self::Untagged => write!(f, "lacks the tag {FAMILY}"),
            Self::OtherFamily(tag) => write!(f, "is tagged as of the family {tag}"),
            Self::OtherRelease(tag) => write!(f, "is tagged as of the release {tag}"),
        }
    }
}

impl fmt::Display for PublicObstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Encrypted => "it is encrypted; leave out the keys and `encrypted`, or name who may use it",
            Self::Blocked => {
                "the account blocks public access in this Region; disable that block there, or name who may use it"
            }
            Self::Quota => {
                "the account has as many public images in this Region as it may; deregister one, or raise the quota"
            }
            Self::Watermarked => "it carries a watermark; build it without one, or name who may use it",
        })
    }
}
