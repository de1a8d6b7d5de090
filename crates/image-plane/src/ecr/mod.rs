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

use crate::wire::call::Service;
use crate::wire::target;
use crate::world::Operation;
use crate::world::buckets::Rate;
use crate::world::judged::{Handler, Judged};
pub(crate) use store::Registries;

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

/// The service, as its requests are judged and answered.
pub(crate) const REGISTRY: &Judged = &Judged {
    service: Service::Ecr,
    prefix: "AmazonEC2ContainerRegistry_V20150921",
    name: "ecr",
    content_type: target::CONTENT_TYPE,
    operations: &OPERATIONS,
    needs: access::needs,
};
