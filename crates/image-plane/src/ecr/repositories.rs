//! DescribeRepositories: those of a registry page by page, or those that are named.

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::no_repository;
use super::store::Repository;
use super::{name, request};
use crate::ec2::page;
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Describe {
    registry_id: Option<String>,
    repository_names: Option<Vec<String>>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

pub(super) fn describe(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let Describe {
        registry_id,
        repository_names,
        max_results,
        next_token,
    } = request::read(body)?;
    let first = repository_names.as_ref().and_then(|names| names.first());
    let meant = first.map_or("*", String::as_str);
    let target = request::registry(caller, registry_id.as_deref(), "DescribeRepositories", meant)?;
    let named = repository_names.as_ref().map(|_| "repositoryNames");
    let asked = (max_results, next_token.as_deref());
    let page = request::page(world, target, asked, named, "DescribeRepositories")?;
    if let Some(names) = repository_names {
        request::count("repositoryNames", names.len(), 1..=100)?;
        let mut described = Vec::new();
        for name in names {
            request::check_name("repositoryNames", &name)?;
            let found = world.registries.get(target, &name);
            let found = found.ok_or_else(|| no_repository(target, &name))?;
            described.push(describe_one(target, &name, found));
        }
        return Ok(json!({ "repositories": described }));
    }
    let (found, last) = page::collect(
        &page,
        world.settings.sparse_pages,
        page.after.as_deref(),
        |after, most| world.registries.names(target, after, most),
        |name| Some(describe_one(target, name, world.registries.get(target, name)?)),
    );
    Ok(json!({ "repositories": found, "nextToken": last.map(|last| page.next(last)) }))
}

/// A repository as the answers show it.
pub(super) fn describe_one(target: Target, name: &str, repository: &Repository) -> Value {
    let Repository {
        created,
        immutable,
        scan_on_push,
        tags: _,
        images: _,
    } = repository;
    json!({
        "repositoryArn": name::arn(target, name),
        "registryId": target.account.to_string(),
        "repositoryName": name,
        "repositoryUri": name::uri(target, name),
        "createdAt": created.epoch_seconds(),
        "imageTagMutability": if *immutable { "IMMUTABLE" } else { "MUTABLE" },
        "imageScanningConfiguration": { "scanOnPush": scan_on_push },
        "encryptionConfiguration": { "encryptionType": "AES256" },
    })
}
