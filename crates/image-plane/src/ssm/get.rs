//! GetParameter and GetParameters: one or a few, by name or ARN, now or as of a version or label.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::{elsewhere, not_found, version_not_found};
use super::name::Reference;
use super::{request, shape};
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct One {
    name: String,
    with_decryption: Option<bool>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Some10 {
    names: Vec<String>,
    with_decryption: Option<bool>,
}

pub(super) fn one(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let One { name, with_decryption } = request::read(body)?;
    let (_, parameter) = read(world, caller.target, &name, with_decryption)?;
    Ok(json!({ "Parameter": parameter }))
}

/// Those that are not there are named, and nobody is told why. The others come in the order of their names.
pub(super) fn some(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let Some10 { names, with_decryption } = request::read(body)?;
    request::count("names", names.len(), 1..=10)?;
    let mut parameters = BTreeMap::new();
    let mut invalid = Vec::new();
    for name in names {
        match read(world, caller.target, &name, with_decryption) {
            Ok((place, parameter)) => {
                parameters.insert(place, parameter);
            }
            Err(error) if error.code == "InvalidKeyId" => return Err(error),
            Err(_) => invalid.push(name),
        }
    }
    let parameters: Vec<Value> = parameters.into_values().collect();
    Ok(json!({ "Parameters": parameters, "InvalidParameters": invalid }))
}

/// A parameter with its place among others.
fn read(
    world: &World,
    target: Target,
    text: &str,
    decrypt: Option<bool>,
) -> Result<((String, String), Value), ApiError> {
    let reference = Reference::read(target, text).map_err(|why| elsewhere(text, why))?;
    let parameter = world.parameters.find(&reference).ok_or_else(|| not_found(text))?;
    let selected = reference.selected.unwrap_or_default();
    let version = parameter
        .select(reference.selector)
        .ok_or_else(|| version_not_found(selected, &parameter.name))?;
    let decrypt = decrypt.unwrap_or(false);
    let mut shown = shape::with_value(world, reference.home, parameter, version, decrypt)?;
    if let Some(selected) = reference.selected {
        shown["Selector"] = Value::from(selected);
    }
    Ok(((parameter.name.clone(), selected.to_owned()), shown))
}
