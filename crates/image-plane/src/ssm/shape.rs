//! A parameter as the answers show it.

use serde_json::{Value, json};

use super::errors::invalid_key;
use super::name::arn;
use super::store::{Home, Parameter, Version};
use super::values::Kind;
use crate::wire::error::ApiError;
use crate::wire::json::seconds;
use crate::world::keys::Keys;

/// A version with its value, as reads of parameters show it.
pub(super) fn with_value(
    keys: &Keys,
    home: Home,
    parameter: &Parameter,
    (number, version): (u64, &Version),
    decrypt: bool,
) -> Result<Value, ApiError> {
    Ok(json!({
        "Name": parameter.name,
        "Type": version.kind.as_str(),
        "Value": value(keys, home, version, decrypt)?,
        "Version": number,
        "LastModifiedDate": seconds(version.at),
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
    keys: &Keys,
    home: Home,
    parameter: &Parameter,
    (number, version): (u64, &Version),
    decrypt: bool,
) -> Result<Value, ApiError> {
    let mut shown = about(parameter, number, version);
    shown["Value"] = Value::from(value(keys, home, version, decrypt)?);
    shown["Labels"] = json!(version.labels);
    Ok(shown)
}

fn about(parameter: &Parameter, number: u64, version: &Version) -> Value {
    json!({
        "Name": parameter.name,
        "Type": version.kind.as_str(),
        "KeyId": version.key.as_ref().map(|(key, _)| key),
        "LastModifiedDate": seconds(version.at),
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
fn value(keys: &Keys, home: Home, version: &Version, decrypt: bool) -> Result<String, ApiError> {
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
        && !keys.usable(key, account)
    {
        return Err(invalid_key(name));
    }
    Ok(version.value.clone())
}
