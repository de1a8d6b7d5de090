//! A key as KMS keeps it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::grant::Grant;
use super::policy::KeyPolicy;
use crate::time::Time;
use crate::world::Target;

/// A key's ARN.
pub type KeyArn = Arc<str>;

/// Whether a key works.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyState {
    /// It does.
    Enabled,
    /// It does not, until somebody enables it.
    Disabled,
    /// It is about to be deleted.
    PendingDeletion,
}

impl KeyState {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingDeletion => "PendingDeletion",
        }
    }
}

/// A symmetric encryption key of one Region.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Key {
    /// Who owns it, and where it lives.
    pub(crate) home: Target,
    pub(crate) state: KeyState,
    /// `aws/ebs`: the default key of its account, which nobody else can ever use.
    pub(crate) managed: bool,
    pub(super) description: String,
    pub(super) created: Time,
    /// When it is deleted, while that is pending.
    pub(super) deleted_at: Option<Time>,
    pub(super) policy: KeyPolicy,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) aliases: BTreeSet<String>,
    pub(super) grants: BTreeMap<String, Grant>,
}

impl Key {
    pub(super) fn new(home: Target, managed: bool, policy: KeyPolicy, created: Time) -> Self {
        Self {
            home,
            state: KeyState::Enabled,
            managed,
            description: String::new(),
            created,
            deleted_at: None,
            policy,
            tags: BTreeMap::new(),
            aliases: BTreeSet::new(),
            grants: BTreeMap::new(),
        }
    }

    /// As DescribeKey and CreateKey show it.
    pub(super) fn metadata(&self, arn: &str) -> Value {
        json!({
            "AWSAccountId": self.home.account.to_string(),
            "Arn": arn,
            "KeyId": id_of(arn),
            "CreationDate": self.created.epoch_seconds(),
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "DeletionDate": self.deleted_at.map(Time::epoch_seconds),
            "Description": self.description,
            "Enabled": self.state == KeyState::Enabled,
            "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
            "KeyManager": if self.managed { "AWS" } else { "CUSTOMER" },
            "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyState": self.state.as_str(),
            "KeyUsage": "ENCRYPT_DECRYPT",
            "MultiRegion": false,
            "Origin": "AWS_KMS",
        })
    }
}

/// `1234abcd-…` of a key's ARN.
pub(super) fn id_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

pub(super) fn key_arn(home: Target, id: &str) -> String {
    arn(home, &format!("key/{id}"))
}

/// The ARN of a key or an alias (`alias/golden`).
pub(super) fn arn(home: Target, resource: &str) -> String {
    let Target { account, region } = home;
    format!("arn:{}:kms:{region}:{account}:{resource}", region.partition())
}
