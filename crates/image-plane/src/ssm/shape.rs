//! A parameter as the answers show it.

use serde_json::{Value, json};

use super::errors::invalid_key;
use super::name::arn;
use super::store::{Home, Parameter, Version};
use super::values::Kind;
use crate::ids::AccountId;
use crate::kms::may_use;
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

/// A version with its value, as reads of parameters show it.
pub(super) fn with_value(
    world: &World,
    home: Home,
    parameter: &Parameter,
    (number, version): (u64, &Version),
    decrypt: bool,
) -> Result<Value, ApiError> {
    Ok(json!({
        "Name": parameter.name,
        "Type": version.kind.as_str(),
        "Value": value(world, home, version, decrypt)?,
        "Version": number,
        "LastModifiedDate": version.at.epoch_seconds(),
        "ARN": arn(home, &parameter.name),
        "DataType": version.data_type.as_str(),
    }))
}

/// The current version without its value.
pub(super) fn metadata(home: Home, parameter: &Parameter, (number, version): (u64, &Version)) -> Value {
    let mut shown = about(parameter, number, version);
    shown["ARN"] = Value::from(arn(home, &parameter.name));
    shown
}

/// A version of a parameter's history.
pub(super) fn history(
    world: &World,
    home: Home,
    parameter: &Parameter,
    (number, version): (u64, &Version),
    decrypt: bool,
) -> Result<Value, ApiError> {
    let mut shown = about(parameter, number, version);
    shown["Value"] = Value::from(value(world, home, version, decrypt)?);
    shown["Labels"] = json!(version.labels);
    Ok(shown)
}

fn about(parameter: &Parameter, number: u64, version: &Version) -> Value {
    json!({
        "Name": parameter.name,
        "Type": version.kind.as_str(),
        "KeyId": version.key.as_ref().map(|(key, _)| key),
        "LastModifiedDate": version.at.epoch_seconds(),
        "LastModifiedUser": version.by,
        "Description": version.description,
        "AllowedPattern": version.pattern,
        "Version": number,
        "Tier": version.tier.as_str(),
        "Policies": [],
        "DataType": version.data_type.as_str(),
    })
}

/// What a reader gets: a secure string without decryption is something else than its text, and of no use.
fn value(world: &World, home: Home, version: &Version, decrypt: bool) -> Result<String, ApiError> {
    if version.kind != Kind::SecureString {
        return Ok(version.value.clone());
    }
    if !decrypt {
        let sum = version.value.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        return Ok(format!("AQICAHh{sum:016x}"));
    }
    if let (Some((name, Some(key))), Some(account)) = (&version.key, home.account)
        && !may_use(world, &reader(account, home), key, "ssm", &["kms:Decrypt"])
    {
        return Err(invalid_key(name));
    }
    Ok(version.value.clone())
}

/// The account of a parameter, which is asked for its key whoever reads.
fn reader(account: AccountId, home: Home) -> Caller {
    Caller::of_account(Target {
        account,
        region: home.region,
    })
}
