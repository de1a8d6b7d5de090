//! ListTagsForResource. Only repositories have tags of this kind.

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::{invalid, no_repository};
use super::{name, request};
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct List {
    resource_arn: String,
}

pub(super) fn run(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let List { resource_arn } = request::read(body)?;
    let meant = name::of_arn(&resource_arn).filter(|(target, _)| target.region == caller.target.region);
    let (target, name) = meant.ok_or_else(|| invalid("resourceArn", "Invalid ARN"))?;
    let target = request::own(caller, target, "ListTagsForResource", name)?;
    let repository = world.registries.get(target, name);
    let repository = repository.ok_or_else(|| no_repository(target, name))?;
    let tags = repository.tags.iter();
    let tags: Vec<Value> = tags.map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    Ok(json!({ "tags": tags }))
}
