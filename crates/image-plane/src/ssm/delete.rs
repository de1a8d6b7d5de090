//! DeleteParameter and DeleteParameters: all versions, with what is being checked.
//!
//! AWS asks to wait 30 seconds before a parameter of the same name is made, and does not say what happens to who does not.

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::not_found;
use super::events::{Change, tell};
use super::name::Reference;
use super::request;
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct One {
    name: String,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Several {
    names: Vec<String>,
}

pub(super) fn one(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let One { name } = request::read(body)?;
    if delete(world, caller, &name) {
        Ok(json!({}))
    } else {
        Err(not_found(&name))
    }
}

pub(super) fn some(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let Several { names } = request::read(body)?;
    request::count("names", names.len(), 1..=10)?;
    let (gone, bad): (Vec<String>, Vec<String>) = names.into_iter().partition(|name| delete(world, caller, name));
    Ok(json!({ "DeletedParameters": gone, "InvalidParameters": bad }))
}

/// False where the caller has no such parameter; an ARN is no name.
fn delete(world: &mut World, caller: &Caller, name: &str) -> bool {
    let reference = Reference::name(caller.target, name);
    if world.parameters.find(&reference).is_none() {
        return false;
    }
    let Some(parameter) = world.parameters.remove(reference.home, name.trim()) else {
        return false;
    };
    if let Some((_, version)) = parameter.current() {
        tell(world, caller.target, Change::Delete, &parameter.name, version);
    }
    true
}
