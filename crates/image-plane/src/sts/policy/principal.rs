//! The Principal element of a resource's policy: whom it speaks of.

use super::error::PolicyError;
use super::evaluate::Subject;
use super::json::{Json, Object, texts};
use super::pattern;
use crate::ids::AccountId;

/// Somebody a statement speaks of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::sts) enum Principal {
    Everyone,
    /// An account: everybody in it whom the account itself lets.
    Account(AccountId),
    /// A role, by the unique id its ARN stood for when the policy was written. A role made anew under the same name has
    /// another id, so the policy no longer speaks of it.
    Role(String),
    /// An AWS service. No caller of this model is one.
    Service,
}

/// How such a policy finds the role an ARN names, and which partition its principals must be of.
#[derive(Clone, Copy)]
pub(in crate::sts) struct Trusting<'a> {
    pub(in crate::sts) partition: &'a str,
    pub(in crate::sts) role_id: &'a dyn Fn(&str) -> Option<String>,
}

impl Principal {
    pub(super) fn covers(&self, subject: &Subject<'_>) -> bool {
        match self {
            Self::Everyone => true,
            Self::Account(account) => *account == subject.account,
            Self::Role(id) => subject.role_id == Some(id.as_str()),
            Self::Service => false,
        }
    }
}

/// Reads `"*"`, `{"AWS": …}` and `{"Service": …}`.
pub(super) fn read(path: &str, json: Json, trusting: Trusting<'_>) -> Result<Vec<Principal>, PolicyError> {
    if json == Json::Text(String::from("*")) {
        return Ok(vec![Principal::Everyone]);
    }
    let mut principals = Vec::new();
    for (path, kind, names) in Object::new(path, json)?.rest() {
        let names = texts(&path, names)?;
        match kind.as_str() {
            "AWS" => {
                for name in &names {
                    principals.push(named(&path, name, trusting)?);
                }
            }
            "Service" => principals.push(Principal::Service),
            _ => {
                return Err(PolicyError::not_modelled(
                    &path,
                    format_args!("principals of the kind {kind}"),
                ));
            }
        }
    }
    if principals.is_empty() {
        return Err(PolicyError::malformed(path, "must not be empty"));
    }
    Ok(principals)
}

fn named(path: &str, name: &str, trusting: Trusting<'_>) -> Result<Principal, PolicyError> {
    if name == "*" {
        return Ok(Principal::Everyone);
    }
    if let Ok(account) = name.parse() {
        return Ok(Principal::Account(account));
    }
    let invalid = || PolicyError::malformed(path, format!("Invalid principal in policy: \"AWS\":\"{name}\""));
    if name.contains(['*', '?']) {
        return Err(invalid());
    }
    let [_, partition, service, region, account, resource] = pattern::arn_parts(name).ok_or_else(invalid)?;
    if partition != trusting.partition || !region.is_empty() {
        return Err(invalid());
    }
    let account = account.parse().map_err(|_| invalid())?;
    match (service, resource) {
        ("iam", "root") => Ok(Principal::Account(account)),
        // A role that is not there cannot be trusted: IAM has no id to write down.
        ("iam", resource) if resource.starts_with("role/") => {
            (trusting.role_id)(name).map(Principal::Role).ok_or_else(invalid)
        }
        _ => Err(PolicyError::not_modelled(path, format_args!("the principal {name}"))),
    }
}
