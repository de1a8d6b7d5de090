//! LabelParameterVersion and UnlabelParameterVersion. A label is at one version of a parameter; given to another, it moves.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::{invalid, not_found, version_not_found};
use super::events::{Change, tell};
use super::name::Reference;
use super::request;
use super::store::Parameter;
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

const MOST_LABELS: usize = 10;

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Label {
    name: String,
    parameter_version: Option<u64>,
    labels: Vec<String>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Unlabel {
    name: String,
    parameter_version: u64,
    labels: Vec<String>,
}

/// Labels that cannot be are named in the answer; the others are attached, all or none.
pub(super) fn attach(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let Label {
        name,
        parameter_version,
        labels,
    } = request::read(body)?;
    check(&labels)?;
    let parameter = own(world, caller, &name)?;
    let newest = parameter.current().map(|(number, _)| number);
    let number = parameter_version.or(newest).unwrap_or_default();
    let version = parameter.versions.get(&number);
    let version = version.ok_or_else(|| version_not_found(&number.to_string(), &parameter.name))?;
    let (good, bad): (Vec<String>, Vec<String>) = labels.into_iter().partition(|label| may_be(label));
    let after: BTreeSet<&String> = version.labels.iter().chain(&good).collect();
    if after.len() > MOST_LABELS {
        return Err(ApiError::client(
            "ParameterVersionLabelLimitExceeded",
            format!(
                "A parameter version can have a maximum of {MOST_LABELS} labels. Move one or more to another version."
            ),
        ));
    }
    parameter.label(number, &good);
    let told = parameter.versions.get(&number).cloned();
    let name = parameter.name.clone();
    if let Some(version) = told.filter(|_| !good.is_empty()) {
        tell(world, caller.target, Change::LabelParameterVersion, &name, &version);
    }
    Ok(json!({ "InvalidLabels": bad, "ParameterVersion": number }))
}

/// Labels that are not at this version are named in the answer. No event tells of it: AWS lists none.
pub(super) fn detach(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let Unlabel {
        name,
        parameter_version,
        labels,
    } = request::read(body)?;
    check(&labels)?;
    let parameter = own(world, caller, &name)?;
    let missing = || version_not_found(&parameter_version.to_string(), &name);
    let version = parameter.versions.get_mut(&parameter_version).ok_or_else(missing)?;
    let (gone, bad): (Vec<String>, Vec<String>) = labels.into_iter().partition(|label| version.labels.remove(label));
    Ok(json!({ "RemovedLabels": gone, "InvalidLabels": bad }))
}

/// The caller's own parameter of this name; an ARN is none.
fn own<'a>(world: &'a mut World, caller: &Caller, name: &str) -> Result<&'a mut Parameter, ApiError> {
    let reference = Reference::name(caller.target, name);
    let found = world.parameters.find_mut(&reference);
    found.ok_or_else(|| not_found(name))
}

fn check(labels: &[String]) -> Result<(), ApiError> {
    request::count("labels", labels.len(), 1..=MOST_LABELS)?;
    match labels.iter().find(|label| !(1..=100).contains(&label.chars().count())) {
        Some(label) => Err(invalid(
            "labels",
            label,
            "Member must have between 1 and 100 characters",
        )),
        None => Ok(()),
    }
}

fn may_be(label: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let lower = label.to_ascii_lowercase();
    label.bytes().all(allowed)
        && !label.starts_with(|first: char| first.is_ascii_digit())
        && !lower.starts_with("aws")
        && !lower.starts_with("ssm")
}
