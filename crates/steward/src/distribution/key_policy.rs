use serde_json::json;

use super::audience::Grantee;
use crate::Partition;

/// What whoever launches from encrypted snapshots, or copies them, must be allowed with their key.
const USE: [&str; 5] = [
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
];

/// The statement of a key's policy that lets somebody use what it encrypts. Nobody lets everybody: what is encrypted cannot
/// be public.
pub(super) fn statement(who: &Grantee, partition: Partition) -> Option<String> {
    let anybody = json!({ "AWS": "*" });
    let (principal, condition) = match who {
        Grantee::Account(account) => (json!({ "AWS": format!("arn:{partition}:iam::{account}:root") }), None),
        Grantee::Unit(unit) => {
            let path = format!("{}/*/{}/*", unit.organization(), unit.unit());
            (
                anybody,
                Some(json!({ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": path } })),
            )
        }
        Grantee::Organization(organization) => {
            let id = organization.organization().to_string();
            (anybody, Some(json!({ "StringEquals": { "aws:PrincipalOrgID": id } })))
        }
        Grantee::Everybody => return None,
    };
    let mut statement = json!({ "Effect": "Allow", "Principal": principal, "Action": USE, "Resource": "*" });
    if let Some(condition) = condition {
        statement["Condition"] = condition;
    }
    Some(statement.to_string())
}
