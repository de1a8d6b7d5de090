//! The Parameter Store of AWS Systems Manager: parameters with their versions and labels, the late check of those that
//! name an image, and the events that tell of changes.
//!
//! Reads show what is true now: AWS documents no lag. Not modelled, and refused by name: policies, sharing, tags but at
//! creation, higher throughput, the `Filters` that `ParameterFilters` replaced, and the rest of Systems Manager.

mod access;
mod check;
mod delete;
mod errors;
mod events;
mod filter;
mod get;
mod history;
mod label;
mod list;
mod name;
mod put;
mod request;
mod shape;
mod store;
#[cfg(test)]
mod tests;
mod values;

use crate::wire::call::Service;
use crate::wire::target;
use crate::world::buckets::Rate;
use crate::world::judged::{Handler, Judged};
use crate::world::{Operation, World};
pub(crate) use access::resource;
pub(crate) use store::Parameters;

/// The default throughput: 40 a second for the three reads together, 3 a second for each of the others. How many may come
/// at once, AWS does not say; here a second's worth.
const READ: Rate = Rate::new(40, 40_000).shared("reads of parameters");
const OTHER: Rate = Rate::new(3, 3_000);

const fn read_only(name: &'static str, rate: Rate, run: Handler) -> (Operation, Handler) {
    let mutates = false;
    (Operation { name, mutates, rate }, run)
}

const fn mutating(name: &'static str, run: Handler) -> (Operation, Handler) {
    let (mutates, rate) = (true, OTHER);
    (Operation { name, mutates, rate }, run)
}

const OPERATIONS: [(Operation, Handler); 10] = [
    read_only("GetParameter", READ, get::one),
    read_only("GetParameters", READ, get::some),
    read_only("GetParametersByPath", READ, list::by_path),
    read_only("DescribeParameters", OTHER, list::describe),
    read_only("GetParameterHistory", OTHER, history::run),
    mutating("PutParameter", put::run),
    mutating("LabelParameterVersion", label::attach),
    mutating("UnlabelParameterVersion", label::detach),
    mutating("DeleteParameter", delete::one),
    mutating("DeleteParameters", delete::some),
];

/// The service, as its requests are judged and answered.
pub(crate) const PARAMETER_STORE: &Judged = &Judged {
    service: Service::Ssm,
    prefix: "AmazonSSM",
    name: "ssm",
    content_type: target::CONTENT_TYPE,
    operations: &OPERATIONS,
    needs: access::needs,
};

/// The check of a version that waits under this id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Due(u64);

pub(crate) fn fall_due(world: &mut World, Due(id): Due) {
    put::conclude(world, id);
}
