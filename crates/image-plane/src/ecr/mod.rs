//! Amazon ECR: repositories of container images, their tags that move from one image to the next, the events that tell of
//! pushes and deletions. Images come in past the API, as `docker push` and Image Builder bring them.
//!
//! Reads show what is true now: AWS documents no lag. Not modelled, and refused by name: repository policies, lifecycle
//! policies, replication, scans, archives, manifest lists, keys, exclusions from what a repository says of its tags.

mod access;
mod create;
mod delete_images;
mod describe_images;
mod errors;
mod events;
mod list_tags;
pub(crate) mod name;
pub(crate) mod place;
pub(crate) mod push;
mod repositories;
mod request;
mod store;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::Request;
use serde_json::Value;

use crate::sts::{Access, authorize_named, is_root};
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::wire::{json, target};
use crate::world::buckets::Rate;
use crate::world::{Caller, Operation, World};
pub(crate) use store::Registries;

type Handler = fn(&mut World, &Caller, &[u8]) -> Result<Value, ApiError>;

/// AWS publishes the rates of pushing and pulling alone. Here each of these operations has that of PutImage, 10 a second,
/// and the reads twice as much; a second's worth may come at once.
const READ: Rate = Rate::new(20, 20_000);
const WRITE: Rate = Rate::new(10, 10_000);

const fn read_only(name: &'static str, run: Handler) -> (Operation, Handler) {
    let (mutates, rate) = (false, READ);
    (Operation { name, mutates, rate }, run)
}

const fn mutating(name: &'static str, run: Handler) -> (Operation, Handler) {
    let (mutates, rate) = (true, WRITE);
    (Operation { name, mutates, rate }, run)
}

const OPERATIONS: [(Operation, Handler); 5] = [
    mutating("CreateRepository", create::run),
    read_only("DescribeRepositories", repositories::describe),
    read_only("DescribeImages", describe_images::run),
    read_only("ListTagsForResource", list_tags::run),
    mutating("BatchDeleteImage", delete_images::run),
];

/// A request and the operation that will answer it.
#[derive(Debug)]
pub(crate) struct Call {
    operation: Operation,
    run: Handler,
    body: Bytes,
}

impl Call {
    /// What the caller must be allowed.
    pub(crate) fn needs(&self, world: &World, caller: &Caller) -> Vec<(String, Access)> {
        access::needs(world, caller, self.operation.name, &self.body)
    }

    pub(crate) fn run(self, world: &mut World, caller: &Caller) -> Result<Bytes, ApiError> {
        if !is_root(caller) {
            for (action, access) in self.needs(world, caller) {
                authorize_named(world, caller, Service::Ecr, &action, &access)?;
            }
        }
        let answer = (self.run)(world, caller, &self.body)?;
        Ok(Bytes::from(json::without_nulls(answer).to_string()))
    }
}

/// Finds the operation of a request.
pub(crate) fn read(request: &Request<Bytes>) -> Result<(Operation, Call), ApiError> {
    let name = target::operation(request, "AmazonEC2ContainerRegistry_V20150921")?;
    let (operation, run) = OPERATIONS
        .into_iter()
        .find(|(operation, _)| operation.name == name)
        .ok_or_else(|| ApiError::not_modelled(format_args!("ecr:{name}")))?;
    let body = request.body().clone();
    Ok((operation, Call { operation, run, body }))
}
