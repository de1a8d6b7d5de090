use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::step::auto_scaling_in;
use crate::distribution::FAMILY;
use crate::{AccountId, AmiId, KmsKeyRef, Target, Words};

/// Something that keeps a consumer from seeing what it should, and what would put it right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewFinding {
    /// Nobody lets the hub in there.
    Unverified {
        /// Whose account.
        account: AccountId,
        /// Why, in AWS's words.
        why: Words,
    },
    /// EC2 does not show the consumer an image that is shared with it.
    NotShown {
        /// Which.
        ami: AmiId,
        /// To whom.
        account: AccountId,
    },
    /// An image was not found among its owner's, or does not say there whose it is.
    OwnersUnread {
        /// Which.
        ami: AmiId,
    },
    /// The consumer has tags of its own on an image, under keys that the manifest declares.
    TheirTags {
        /// Which image.
        ami: AmiId,
        /// The keys.
        keys: BTreeSet<String>,
    },
    /// Nobody has used Auto Scaling there yet, so that it has no role.
    NoAutoScaling {
        /// Whose account.
        account: AccountId,
    },
    /// A key behind the images is neither the owner's nor one that could be looked at.
    KeyElsewhere {
        /// Which.
        key: KmsKeyRef,
        /// Where.
        target: Target,
    },
    /// A key lets nobody of that account make a grant.
    KeyRefuses {
        /// Which.
        key: KmsKeyRef,
        /// Whose account.
        account: AccountId,
        /// Why, in AWS's words.
        why: Words,
    },
    /// Which grants there are on a key could not be read.
    GrantsUnread {
        /// Which.
        key: KmsKeyRef,
        /// Why, in AWS's words.
        why: Words,
    },
    /// A grant that is wanted no more could not be taken back.
    GrantStays {
        /// Of which key.
        key: KmsKeyRef,
        /// As KMS calls it.
        grant: String,
        /// Why, in AWS's words.
        why: Words,
    },
}

impl ViewFinding {
    /// Whether it is only said: what is in the way is the consumer's to decide, and nothing is tried again before the next day.
    pub const fn is_a_note(&self) -> bool {
        match self {
            Self::Unverified { .. }
            | Self::TheirTags { .. }
            | Self::NoAutoScaling { .. }
            | Self::KeyElsewhere { .. }
            | Self::GrantsUnread { .. } => true,
            Self::NotShown { .. } | Self::OwnersUnread { .. } | Self::KeyRefuses { .. } | Self::GrantStays { .. } => {
                false
            }
        }
    }
}

impl fmt::Display for ViewFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unverified { account, why } => write!(
                f,
                "unverified: what {account} sees of the images is not known and nothing is put there ({why}): deploy infra/member.yaml in it to let the hub look and tag"
            ),
            Self::NotShown { ami, account } => write!(
                f,
                "EC2 does not show {ami} to {account}, with which it is shared: look whether its settings for allowed AMIs shut out the hub's account"
            ),
            Self::OwnersUnread { ami } => write!(
                f,
                "{ami} is not among its owner's images with the tag {FAMILY}, and what consumers see of it stays: put that tag on it again, or find out what became of it"
            ),
            Self::TheirTags { ami, keys } => {
                let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                write!(
                    f,
                    "{ami} carries tags there that the account put on it itself ({}), and they stay: take them away there to see the owner's",
                    keys.join(", ")
                )
            }
            Self::NoAutoScaling { account } => write!(
                f,
                "{account} has no role of Auto Scaling's, and is granted no key for it: its first group makes one, and within a day the grant follows"
            ),
            Self::KeyElsewhere { key, target } => write!(
                f,
                "{key} is not a key of the images' owner, and Auto Scaling of {} is granted nothing on it: make a grant for {} there by hand",
                target.account(),
                auto_scaling_in(*target)
            ),
            Self::KeyRefuses { key, account, why } => write!(
                f,
                "{key} lets {account} make no grants for Auto Scaling ({why}): allow kms:CreateGrant to arn:{}:iam::{account}:root in the key's policy, without the condition kms:GrantIsForAWSResource",
                partition(key)
            ),
            Self::GrantsUnread { key, why } => write!(
                f,
                "the grants on {key} cannot be read ({why}), so that one for Auto Scaling that somebody revoked is not made again: allow the hub kms:ListGrants on it"
            ),
            Self::GrantStays { key, grant, why } => write!(
                f,
                "the grant {grant} on {key} is wanted no more, and stays ({why}): revoke it with `aws kms revoke-grant`"
            ),
        }
    }
}

/// As its ARN says it; what is no ARN is in the usual one.
fn partition(key: &KmsKeyRef) -> String {
    match key {
        KmsKeyRef::IdArn { region, .. } | KmsKeyRef::AliasArn { region, .. } => region.partition().to_string(),
        KmsKeyRef::Id(_) | KmsKeyRef::Alias(_) => String::from("aws"),
    }
}
