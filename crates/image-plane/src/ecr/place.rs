//! Registries as a world's test reaches them, past the API: repositories, pushes, pulls.

use super::push::{self, Manifest, PushError};
use super::store::Repository;
use super::{events, name};
use crate::world::{Target, World};

impl World {
    /// Creates a repository for container images in the registry of an account and Region, where there is none of that
    /// name. Its tags may move.
    pub fn create_repository(&mut self, target: Target, name: &str) {
        let created = self.now;
        self.registries.put(
            target,
            name,
            Repository {
                created,
                ..Repository::default()
            },
        );
    }

    /// Whether the tags of a repository stay with their images for good; false where there is no such repository.
    pub fn set_tags_immutable(&mut self, target: Target, repository: &str, immutable: bool) -> bool {
        let known = self.registries.get_mut(target, repository);
        known.map(|known| known.immutable = immutable).is_some()
    }

    /// Pushes a container image under these tags, or without any, as Docker would: tags that other images had move to it.
    /// Gives its digest, made up where none is given.
    pub fn push_container(
        &mut self,
        target: Target,
        repository: &str,
        digest: Option<&str>,
        tags: &[&str],
    ) -> Result<String, PushError> {
        let drawn = Manifest::draw(&mut self.random);
        let manifest = Manifest {
            digest: digest.map_or(drawn.digest, str::to_owned),
            ..drawn
        };
        push::push(self, target, repository, &manifest, tags)?;
        Ok(manifest.digest)
    }

    /// Pulls a container image by its address (`111122223333.dkr.ecr.eu-west-1.amazonaws.com/tools:1.0.0-1`, or behind `@` its
    /// digest), of which ECR keeps the time; false where there is none.
    pub fn pull_container(&mut self, uri: &str) -> bool {
        let now = self.now;
        name::of_uri(uri).is_some_and(|(target, repository, id)| {
            let known = self.registries.get_mut(target, repository);
            known.is_some_and(|known| known.pull(&id, now))
        })
    }

    /// Deletes a container image with all its tags, of which an event tells; false where there is none.
    pub fn delete_container(&mut self, target: Target, repository: &str, digest: &str) -> bool {
        let known = self.registries.get_mut(target, repository);
        let gone = known.map(|known| known.remove(digest)).unwrap_or_default();
        for id in &gone {
            events::deleted(self, target, repository, id);
        }
        !gone.is_empty()
    }

    /// The container images that are in a repository: their digests, each with its tags.
    #[must_use]
    pub fn containers_in(&self, target: Target, repository: &str) -> Vec<(String, Vec<String>)> {
        let known = self.registries.get(target, repository).into_iter();
        known
            .flat_map(|known| &known.images)
            .map(|(digest, image)| (digest.clone(), image.tags.iter().cloned().collect()))
            .collect()
    }
}
