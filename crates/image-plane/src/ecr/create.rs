//! CreateRepository.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::invalid;
use super::repositories::describe_one;
use super::request;
use super::store::Repository;
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

const MOST_TAGS: usize = 50;

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Create {
    registry_id: Option<String>,
    repository_name: String,
    tags: Option<Vec<Tag>>,
    image_tag_mutability: Option<String>,
    image_scanning_configuration: Option<Scanning>,
    encryption_configuration: Option<Encryption>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Tag {
    key: String,
    value: String,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Scanning {
    scan_on_push: Option<bool>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Encryption {
    encryption_type: String,
}

pub(super) fn run(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let Create {
        registry_id,
        repository_name: name,
        tags,
        image_tag_mutability,
        image_scanning_configuration,
        encryption_configuration,
    } = request::read(body)?;
    request::check_name("repositoryName", &name)?;
    let target = request::registry(caller, registry_id.as_deref(), "CreateRepository", &name)?;
    let repository = Repository {
        created: world.now,
        immutable: is_immutable(image_tag_mutability.as_deref())?,
        scan_on_push: image_scanning_configuration.is_some_and(|scanning| scanning.scan_on_push == Some(true)),
        tags: read_tags(tags.unwrap_or_default())?,
        images: BTreeMap::new(),
    };
    check_encryption(encryption_configuration.as_ref())?;
    if world.registries.exists(target, &name) {
        return Err(ApiError::client(
            "RepositoryAlreadyExistsException",
            format!(
                "The repository with name '{name}' already exists in the registry with id '{}'",
                target.account
            ),
        ));
    }
    let described = describe_one(target, &name, &repository);
    world.registries.put(target, &name, repository);
    Ok(json!({ "repository": described }))
}

fn is_immutable(mutability: Option<&str>) -> Result<bool, ApiError> {
    match mutability {
        None | Some("MUTABLE") => Ok(false),
        Some("IMMUTABLE") => Ok(true),
        Some(with @ ("MUTABLE_WITH_EXCLUSION" | "IMMUTABLE_WITH_EXCLUSION")) => {
            Err(ApiError::not_modelled(format_args!("the tag mutability {with}")))
        }
        Some(_) => Err(invalid(
            "imageTagMutability",
            "Member must satisfy enum value set: [MUTABLE, IMMUTABLE, IMMUTABLE_WITH_EXCLUSION, MUTABLE_WITH_EXCLUSION]",
        )),
    }
}

/// The storage's own keys are all there is.
fn check_encryption(encryption: Option<&Encryption>) -> Result<(), ApiError> {
    match encryption.map(|encryption| encryption.encryption_type.as_str()) {
        None | Some("AES256") => Ok(()),
        Some("KMS" | "KMS_DSSE") => Err(ApiError::not_modelled("repositories encrypted with keys")),
        Some(_) => Err(invalid(
            "encryptionConfiguration.encryptionType",
            "Member must satisfy enum value set: [AES256, KMS, KMS_DSSE]",
        )),
    }
}

fn read_tags(given: Vec<Tag>) -> Result<BTreeMap<String, String>, ApiError> {
    if given.len() > MOST_TAGS {
        return Err(ApiError::client(
            "TooManyTagsException",
            format!("The maximum number of tags that can be applied to a repository is {MOST_TAGS}."),
        ));
    }
    let refused = |why: String| Err(ApiError::client("InvalidTagParameterException", why));
    let mut tags = BTreeMap::new();
    for Tag { key, value } in given {
        let fits = (1..=128).contains(&key.chars().count()) && value.chars().count() <= 256;
        if !fits || key.to_ascii_lowercase().starts_with("aws:") {
            return refused(format!(
                "The tag '{key}' is invalid. Tag keys can have a maximum character length of 128 characters, and tag values \
                 can have a maximum length of 256 characters."
            ));
        }
        if tags.insert(key.clone(), value).is_some() {
            return refused(format!("The tag key '{key}' appears more than once."));
        }
    }
    Ok(tags)
}
