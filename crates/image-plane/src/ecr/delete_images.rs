//! BatchDeleteImage: a tag goes alone, and with its last tag the image; by its digest an image goes with all its tags.
//! What cannot be deleted is told in an answer that is no error.

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::no_repository;
use super::store::{Id, Repository};
use super::{events, name, request};
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Delete {
    registry_id: Option<String>,
    repository_name: String,
    image_ids: Vec<Id>,
}

/// Why an image stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Failure {
    MissingDigestAndTag,
    InvalidImageDigest,
    InvalidImageTag,
    ImageNotFound,
    ImageTagDoesNotMatchDigest,
}

impl Failure {
    const fn code(self) -> &'static str {
        match self {
            Self::MissingDigestAndTag => "MissingDigestAndTag",
            Self::InvalidImageDigest => "InvalidImageDigest",
            Self::InvalidImageTag => "InvalidImageTag",
            Self::ImageNotFound => "ImageNotFound",
            Self::ImageTagDoesNotMatchDigest => "ImageTagDoesNotMatchDigest",
        }
    }

    fn reason(self) -> String {
        match self {
            Self::MissingDigestAndTag => "Invalid request parameters: both tag and digest cannot be null".into(),
            Self::InvalidImageDigest => {
                "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'"
                    .into()
            }
            Self::InvalidImageTag => {
                format!(
                    "Invalid request parameters: image tag should satisfy the regex '{}'",
                    name::TAG
                )
            }
            Self::ImageNotFound => "Requested image not found".into(),
            Self::ImageTagDoesNotMatchDigest => "The requested tag does not belong to the requested digest".into(),
        }
    }
}

pub(super) fn run(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let Delete {
        registry_id,
        repository_name: name,
        image_ids,
    } = request::read(body)?;
    request::check_name("repositoryName", &name)?;
    let target = request::registry(caller, registry_id.as_deref(), "BatchDeleteImage", &name)?;
    request::count("imageIds", image_ids.len(), 1..=100)?;
    let repository = world.registries.get_mut(target, &name);
    let repository = repository.ok_or_else(|| no_repository(target, &name))?;
    let (mut gone, mut failures) = (Vec::new(), Vec::new());
    for id in image_ids {
        match delete(repository, &id) {
            Ok(deleted) => gone.extend(deleted),
            Err(failure) => failures.push(json!({
                "imageId": id,
                "failureCode": failure.code(),
                "failureReason": failure.reason(),
            })),
        }
    }
    for id in &gone {
        events::deleted(world, target, &name, id);
    }
    Ok(json!({ "imageIds": gone, "failures": failures }))
}

/// Named by both, an image goes as by its digest: AWS says of either alone what it does, of both together nothing.
fn delete(repository: &mut Repository, id: &Id) -> Result<Vec<Id>, Failure> {
    let Id {
        image_digest,
        image_tag,
    } = id;
    if image_digest.as_ref().is_some_and(|digest| !name::is_digest(digest)) {
        return Err(Failure::InvalidImageDigest);
    }
    if image_tag.as_ref().is_some_and(|tag| !name::is_tag(tag)) {
        return Err(Failure::InvalidImageTag);
    }
    let found = repository.find(id).map(str::to_owned);
    match (image_digest, image_tag, found) {
        (None, None, _) => Err(Failure::MissingDigestAndTag),
        (Some(digest), Some(_), None) if repository.images.contains_key(digest) => {
            Err(Failure::ImageTagDoesNotMatchDigest)
        }
        (_, _, None) => Err(Failure::ImageNotFound),
        (None, Some(tag), Some(digest)) => Ok(repository.untag(&digest, tag)),
        (Some(_), _, Some(digest)) => Ok(repository.remove(&digest)),
    }
}
