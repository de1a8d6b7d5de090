//! Pushes, as Docker makes them: the image first, then one tag after the other. A tag that is refused leaves what came
//! before it.

use std::fmt;

pub(crate) use super::store::Manifest;
use super::store::{Id, Pushing};
use super::{errors, events, name};
use crate::wire::error::ApiError;
use crate::world::{Target, World};

/// Why an image, or a tag of it, could not be pushed, in ECR's words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PushError(String);

impl fmt::Display for PushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PushError {}

/// Pushes an image under these tags, or without any.
pub(crate) fn push(
    world: &mut World,
    target: Target,
    repository: &str,
    manifest: &Manifest,
    tags: &[&str],
) -> Result<(), PushError> {
    let tags: Vec<Option<&str>> = if tags.is_empty() {
        vec![None]
    } else {
        tags.iter().copied().map(Some).collect()
    };
    tags.into_iter()
        .try_for_each(|tag| push_one(world, target, repository, manifest, tag))
        .map_err(|error| PushError(error.message))
}

fn push_one(
    world: &mut World,
    target: Target,
    repository: &str,
    manifest: &Manifest,
    tag: Option<&str>,
) -> Result<(), ApiError> {
    let now = world.now;
    let known = world.registries.get_mut(target, repository);
    let known = known.ok_or_else(|| errors::no_repository(target, repository))?;
    if tag.is_some_and(|tag| !name::is_tag(tag)) {
        let rule = format!("must satisfy regular expression '{}'", name::TAG);
        return Err(errors::invalid("imageTag", rule));
    }
    match known.push(manifest, tag, now) {
        Pushing::Done => {
            let id = Id {
                image_digest: Some(manifest.digest.clone()),
                image_tag: tag.map(str::to_owned),
            };
            events::pushed(world, target, repository, &id);
            Ok(())
        }
        Pushing::Unchanged => Ok(()),
        Pushing::Taken => Err(errors::tag_taken(repository, tag.unwrap_or_default())),
    }
}
