//! CreateKey.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::{invalid, validation};
use super::key::{Key, key_arn};
use super::key_policy;
use super::policy::{self, KeyPolicy};
use super::request;
use crate::sts::{Access, authorize_named};
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CreateKey {
    policy: Option<String>,
    description: Option<String>,
    key_usage: Option<String>,
    customer_master_key_spec: Option<String>,
    key_spec: Option<String>,
    origin: Option<String>,
    multi_region: Option<bool>,
    bypass_policy_lockout_safety_check: Option<bool>,
    tags: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Tag {
    tag_key: String,
    tag_value: String,
}

pub(super) fn run(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let CreateKey {
        policy: text,
        description,
        key_usage,
        customer_master_key_spec,
        key_spec,
        origin,
        multi_region,
        bypass_policy_lockout_safety_check,
        tags,
    } = request::read(body)?;
    if key_spec.is_some() && customer_master_key_spec.is_some() {
        return Err(validation(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request.",
        ));
    }
    let only = |value: Option<String>, known: &str| match value {
        Some(value) if value != known => Err(ApiError::not_modelled(format_args!("keys of {value}"))),
        _ => Ok(()),
    };
    only(key_spec.or(customer_master_key_spec), "SYMMETRIC_DEFAULT")?;
    only(key_usage, "ENCRYPT_DECRYPT")?;
    only(origin, "AWS_KMS")?;
    if multi_region == Some(true) {
        return Err(ApiError::not_modelled("keys of several Regions"));
    }
    let description = description.unwrap_or_default();
    if description.chars().count() > 8192 {
        return Err(invalid(
            "description",
            "…",
            "Member must have length less than or equal to 8192",
        ));
    }
    let tags = read_tags(tags.unwrap_or_default())?;
    may_create(world, caller, &tags)?;

    let home = caller.target;
    let mut key = match text {
        None => Key::new(home, false, KeyPolicy::ours(home, &policy::default(home)), world.now),
        Some(text) => {
            let policy = key_policy::read(world, home, &text)?;
            let key = Key::new(home, false, policy, world.now);
            if bypass_policy_lockout_safety_check != Some(true) {
                // Nobody knows its id yet: no policy can name it.
                key_policy::check_lockout(world, caller, &key_arn(home, "*"), &key)?;
            }
            key
        }
    };
    key.description = description;
    key.tags = tags;
    let arn = world.keys.insert(key, &mut world.random);
    let made = world.keys.get(&arn).map(|key| key.metadata(&arn));
    Ok(json!({ "KeyMetadata": made }))
}

fn read_tags(tags: Vec<Tag>) -> Result<BTreeMap<String, String>, ApiError> {
    let mut read = BTreeMap::new();
    for Tag { tag_key, tag_value } in tags {
        let fits = (1..=128).contains(&tag_key.chars().count()) && tag_value.chars().count() <= 256;
        if !fits || tag_key.starts_with("aws:") || read.insert(tag_key.clone(), tag_value).is_some() {
            return Err(ApiError::client(
                "TagException",
                format!("The tag {tag_key} is not valid"),
            ));
        }
    }
    if read.len() > 50 {
        return Err(ApiError::client("TagException", "A key has at most 50 tags"));
    }
    Ok(read)
}

/// IAM alone decides: there is no key yet that could say anything.
fn may_create(world: &World, caller: &Caller, tags: &BTreeMap<String, String>) -> Result<(), ApiError> {
    let access = Access {
        request_tags: tags
            .iter()
            .map(|(key, value)| (key.clone(), Some(value.clone())))
            .collect(),
        ..Access::default()
    };
    authorize_named(world, caller, Service::Kms, "kms:CreateKey", &access)?;
    if tags.is_empty() {
        return Ok(());
    }
    authorize_named(world, caller, Service::Kms, "kms:TagResource", &access)
}
