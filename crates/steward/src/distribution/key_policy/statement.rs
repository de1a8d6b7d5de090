use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::distribution::audience::Grantee;
use crate::{AccountId, Partition};

/// What whoever launches from encrypted snapshots, or copies them, must be allowed with their key.
const USE: [&str; 5] = [
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
];
/// What an account must be allowed with its key to let others use it for a while.
const LEND: [&str; 3] = ["kms:CreateGrant", "kms:DescribeKey", "kms:ListGrants"];
/// So many accounts are named as principals. More are named by a condition, which takes less of the room that a policy has.
const MOST_PRINCIPALS: usize = 20;

/// What of a key's policy lets these use what it encrypts: one statement for all accounts, one for all units, one for all
/// organizations. Nobody lets everybody: what is encrypted cannot be public.
pub(crate) fn statement(who: &BTreeSet<Grantee>, partition: Partition) -> String {
    let (mut accounts, mut units, mut organizations) = (Vec::new(), Vec::new(), Vec::new());
    for grantee in who {
        match grantee {
            Grantee::Account(account) => accounts.push(account),
            Grantee::Unit(unit) => units.push(format!("{}/*/{}/*", unit.organization(), unit.unit())),
            Grantee::Organization(organization) => organizations.push(organization.organization().to_string()),
            Grantee::Everybody => {}
        }
    }
    let anybody = || json!({ "AWS": "*" });
    let roots = || accounts.iter().map(|account| root(**account, partition));
    let mut statements = Vec::new();
    if accounts.len() > MOST_PRINCIPALS {
        let condition = json!({ "StringEquals": { "kms:CallerAccount": accounts } });
        statements.push(lets(&USE, &anybody(), Some(condition)));
    } else if !accounts.is_empty() {
        statements.push(lets(&USE, &json!({ "AWS": one_or_all(roots().collect()) }), None));
    }
    if !units.is_empty() {
        let condition = json!({ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": one_or_all(units) } });
        statements.push(lets(&USE, &anybody(), Some(condition)));
    }
    if !organizations.is_empty() {
        let condition = json!({ "StringEquals": { "aws:PrincipalOrgID": one_or_all(organizations) } });
        statements.push(lets(&USE, &anybody(), Some(condition)));
    }
    let statements: Vec<String> = statements.iter().map(ToString::to_string).collect();
    statements.join(", ")
}

/// What of a key's policy lets an account lend it, by what its own policies allow.
pub(in crate::distribution) fn lending_statement(account: AccountId, partition: Partition) -> String {
    lets(&LEND, &json!({ "AWS": root(account, partition) }), None).to_string()
}

fn root(account: AccountId, partition: Partition) -> String {
    format!("arn:{partition}:iam::{account}:root")
}

fn lets(actions: &[&str], principal: &Value, condition: Option<Value>) -> Value {
    let mut statement = json!({ "Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*" });
    if let Some(condition) = condition {
        statement["Condition"] = condition;
    }
    statement
}

fn one_or_all(mut texts: Vec<String>) -> Value {
    match texts.len() {
        1 => Value::String(texts.remove(0)),
        _ => json!(texts),
    }
}
