//! The policies that keys have where nobody wrote one, and how those that somebody wrote are kept.

use serde_json::{Value, json};

use crate::ids::AccountId;
use crate::sts::{PolicyError, ResourcePolicy, Roles};
use crate::world::Target;

/// A key's policy: as it was written, and as it is meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct KeyPolicy {
    pub(super) text: String,
    pub(super) meaning: ResourcePolicy,
}

impl KeyPolicy {
    /// Reads a policy, of a key in this Region's partition.
    pub(super) fn read(roles: &Roles, home: Target, text: &str) -> Result<Self, PolicyError> {
        let meaning = ResourcePolicy::of_key(roles, home.region.partition(), text)?;
        Ok(Self {
            text: text.to_owned(),
            meaning,
        })
    }

    /// One of ours, which names accounts alone. One that could not be read would let nobody in.
    pub(super) fn ours(home: Target, policy: &Value) -> Self {
        let text = policy.to_string();
        let silent = ResourcePolicy::silent();
        let meaning = ResourcePolicy::of_key(&Roles::default(), home.region.partition(), &text).unwrap_or(silent);
        Self { text, meaning }
    }
}

/// What KMS gives a key whose maker gave it none: all to its account, to hand on by IAM.
pub(super) fn default(home: Target) -> Value {
    json!({
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [{
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": { "AWS": root(home, home.account) },
            "Action": "kms:*",
            "Resource": "*",
        }],
    })
}

/// Lets another account use a key, in the two statements that the console writes for it.
pub(super) fn share(policy: &mut Value, home: Target, with: AccountId) {
    let principal = json!({ "AWS": root(home, with) });
    let shared = [
        json!({
            "Sid": "Allow use of the key",
            "Effect": "Allow",
            "Principal": principal,
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
            "Resource": "*",
        }),
        json!({
            "Sid": "Allow attachment of persistent resources",
            "Effect": "Allow",
            "Principal": principal,
            "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
            "Resource": "*",
            "Condition": { "Bool": { "kms:GrantIsForAWSResource": "true" } },
        }),
    ];
    match &mut policy["Statement"] {
        Value::Array(statements) => statements.extend(shared),
        one => *one = std::iter::once(one.take()).chain(shared).collect(),
    }
}

/// The policy of an account's default key for EBS: to be used through EC2 by all in the account, to be changed by nobody.
pub(super) fn of_default_key(home: Target) -> Value {
    let Target { account, region } = home;
    json!({
        "Version": "2012-10-17",
        "Id": "auto-ebs-2",
        "Statement": [
            {
                "Sid": "Allow access through EBS for all principals in the account that are authorized to use EBS",
                "Effect": "Allow",
                "Principal": { "AWS": "*" },
                "Action": [
                    "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant",
                    "kms:DescribeKey",
                ],
                "Resource": "*",
                "Condition": {
                    "StringEquals": {
                        "kms:ViaService": format!("ec2.{region}.amazonaws.com"),
                        "kms:CallerAccount": account.to_string(),
                    },
                },
            },
            {
                "Sid": "Allow direct access to key metadata to the account",
                "Effect": "Allow",
                "Principal": { "AWS": root(home, account) },
                "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
                "Resource": "*",
            },
        ],
    })
}

fn root(home: Target, account: AccountId) -> String {
    format!("arn:{}:iam::{account}:root", home.region.partition())
}
