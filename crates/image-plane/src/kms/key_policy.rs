//! GetKeyPolicy and PutKeyPolicy.

use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{Ask, authorize, leave};
use super::errors::{limit, malformed_policy, no_key, not_found};
use super::key::Key;
use super::name::{Takes, find};
use super::policy::KeyPolicy;
use super::request;
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

/// Bytes that a policy has at most.
const LARGEST: usize = 32_768;
/// The only policy a key has.
const NAME: &str = "default";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Get {
    key_id: String,
    policy_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Put {
    key_id: String,
    policy_name: Option<String>,
    policy: String,
    bypass_policy_lockout_safety_check: Option<bool>,
}

pub(super) fn get(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let Get { key_id, policy_name } = request::read(body)?;
    let ask = Ask::directly("kms:GetKeyPolicy");
    let arn = find(world, caller, "kms:GetKeyPolicy", &key_id, Takes::Keys)?.arn;
    let key = world.keys.get(&arn).ok_or_else(|| no_key(&arn))?;
    authorize(world, caller, &arn, key, &ask)?;
    check_name(policy_name.as_deref())?;
    Ok(json!({ "Policy": key.policy.text, "PolicyName": NAME }))
}

pub(super) fn put(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let Put {
        key_id,
        policy_name,
        policy,
        bypass_policy_lockout_safety_check,
    } = request::read(body)?;
    let ask = Ask::directly("kms:PutKeyPolicy");
    let arn = find(world, caller, "kms:PutKeyPolicy", &key_id, Takes::Keys)?.arn;
    let key = world.keys.get(&arn).ok_or_else(|| no_key(&arn))?;
    authorize(world, caller, &arn, key, &ask)?;
    check_name(policy_name.as_deref())?;
    let policy = read(world, key.home, &policy)?;
    if bypass_policy_lockout_safety_check != Some(true) {
        let changed = Key {
            policy: policy.clone(),
            ..key.clone()
        };
        check_lockout(world, caller, &arn, &changed)?;
    }
    if let Some(key) = world.keys.get_mut(&arn) {
        key.policy = policy;
    }
    Ok(Value::Null)
}

fn check_name(name: Option<&str>) -> Result<(), ApiError> {
    match name {
        None | Some(NAME) => Ok(()),
        Some(_) => Err(not_found("No such policy exists")),
    }
}

/// Reads a policy as a request brings it.
pub(super) fn read(world: &World, home: Target, text: &str) -> Result<KeyPolicy, ApiError> {
    if text.len() > LARGEST {
        return Err(limit(format!("A key policy has at most {LARGEST} bytes")));
    }
    KeyPolicy::read(&world.roles, home, text).map_err(|error| match error {
        error if error.only_here => ApiError::not_modelled(error.problem),
        error if error.path.contains("Principal") => {
            malformed_policy("Policy contains a statement with one or more invalid principals.")
        }
        error => malformed_policy(error.to_string()),
    })
}

/// Refuses a policy under which its writer could not write another.
pub(super) fn check_lockout(world: &World, caller: &Caller, arn: &str, key: &Key) -> Result<(), ApiError> {
    leave(world, caller, arn, key, &Ask::directly("kms:PutKeyPolicy"))
        .map(|_| ())
        .map_err(|_| malformed_policy("The new key policy will not allow you to update the key policy in the future."))
}
