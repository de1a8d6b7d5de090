//! CreateAlias and ListAliases.

use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{Ask, authorize};
use super::errors::{check_stays, limit, no_key, validation};
use super::key::{arn, id_of};
use super::name::{Takes, find};
use super::request;
use crate::ec2::page::collect;
use crate::sts::{Access, Resource, authorize_named};
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

/// Aliases that lead to one key.
const MOST_OF_A_KEY: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Create {
    alias_name: String,
    target_key_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct List {
    key_id: Option<String>,
    limit: Option<usize>,
    marker: Option<String>,
}

pub(super) fn create(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    const ACTION: &str = "kms:CreateAlias";
    let Create {
        alias_name,
        target_key_id,
    } = request::read(body)?;
    request::name("aliasName", &alias_name, ":/_-")?;
    let Some(short) = alias_name.strip_prefix("alias/").filter(|short| !short.is_empty()) else {
        return Err(validation("Alias must start with the prefix \"alias/\"."));
    };
    if short.starts_with("aws/") || short.contains(':') {
        let message = format!("The alias name {alias_name} is not valid");
        return Err(ApiError::client("InvalidAliasNameException", message));
    }
    let alias_arn = arn(caller.target, &alias_name);
    // On the alias IAM alone decides; on the key its policy does.
    let resource = Resource {
        arn: alias_arn.clone(),
        ..Resource::default()
    };
    let on_alias = Access {
        resources: vec![resource],
        ..Access::default()
    };
    authorize_named(world, caller, Service::Kms, ACTION, &on_alias)?;
    let key_arn = find(world, caller, ACTION, &target_key_id, Takes::Keys)?.arn;
    let key = world.keys.get(&key_arn).ok_or_else(|| no_key(&key_arn))?;
    authorize(world, caller, &key_arn, key, &Ask::directly(ACTION))?;
    check_stays(&key_arn, key)?;
    if world.keys.alias(caller.target, &alias_name).is_some() {
        let message = format!("An alias with the name {alias_arn} already exists");
        return Err(ApiError::client("AlreadyExistsException", message));
    }
    if key.aliases.len() >= MOST_OF_A_KEY {
        return Err(limit(format!("A key has at most {MOST_OF_A_KEY} aliases")));
    }
    world.keys.name(caller.target, &alias_name, &key_arn, world.now);
    Ok(Value::Null)
}

pub(super) fn list(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    const ACTION: &str = "kms:ListAliases";
    let List { key_id, limit, marker } = request::read(body)?;
    authorize_named(world, caller, Service::Kms, ACTION, &Access::unknown())?;
    let home = caller.target;
    let of = match &key_id {
        Some(key_id) => Some(find(world, caller, ACTION, key_id, Takes::Keys)?.arn),
        None => None,
    };
    let page = request::page(world, home, (limit, marker.as_deref()), &format!("ListAliases {of:?}"))?;
    let aliases = world.keys.aliases(home);
    let (found, last) = collect(
        &page,
        world.settings.sparse_pages,
        page.after.as_deref(),
        |after, most| {
            let names = aliases.keys().copied();
            names
                .filter(|name| after.is_none_or(|after| *name > after))
                .take(most)
                .collect()
        },
        |name| {
            let alias = aliases.get(name).copied().flatten();
            let wanted = of.as_ref().is_none_or(|of| alias.is_some_and(|alias| alias.key == *of));
            wanted.then(|| {
                json!({
                    "AliasName": name,
                    "AliasArn": arn(home, name),
                    "TargetKeyId": alias.map(|alias| id_of(&alias.key)),
                    "CreationDate": alias.map(|alias| alias.created.epoch_seconds()),
                    "LastUpdatedDate": alias.map(|alias| alias.created.epoch_seconds()),
                })
            })
        },
    );
    Ok(json!({ "Aliases": found, "Truncated": last.is_some(), "NextMarker": last.map(|last| page.next(last)) }))
}
