//! Amazon S3, as far as objects are put into general purpose buckets.
//!
//! Not modelled, and refused by name: making buckets by API, bucket policies and so other accounts' buckets, ACLs, conditions,
//! parts, streamed bodies, addresses with the bucket in the path, and all other operations.

mod errors;
mod put;
mod store;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::{Method, Request};

use crate::sts::{Access, Resource, authorize_named, is_root};
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::world::buckets::Rate;
use crate::world::{Caller, Operation, World};
pub(crate) use store::Store;
pub use store::StoredObject;

/// Writes a second under one prefix. How many may come at once, AWS does not say; here a second's worth.
const RATE: Rate = Rate::new(3_500, 3_500_000);

/// A PutObject request, not yet carried out.
#[derive(Debug)]
pub(crate) struct Call {
    put: put::Put,
}

impl Call {
    /// The right to put this very object.
    pub(crate) fn needs(&self, caller: &Caller) -> Vec<(String, Access)> {
        let put::Put { bucket, key, .. } = &self.put;
        let partition = caller.target.region.partition();
        let access = Access {
            resources: vec![Resource {
                arn: format!("arn:{partition}:s3:::{bucket}/{key}"),
                ..Resource::default()
            }],
            ..Access::default()
        };
        vec![(String::from("s3:PutObject"), access)]
    }

    pub(crate) fn run(self, world: &mut World, caller: &Caller) -> Result<Bytes, ApiError> {
        if !is_root(caller) {
            for (action, access) in self.needs(caller) {
                authorize_named(world, caller, Service::S3, &action, &access)?;
            }
        }
        put::run(world, caller, self.put)?;
        Ok(Bytes::new())
    }
}

/// Finds the operation of a request.
pub(crate) fn read(request: &Request<Bytes>) -> Result<(Operation, Call), ApiError> {
    if request.method() != Method::PUT {
        return Err(ApiError::not_modelled(format_args!("s3 by {}", request.method())));
    }
    let operation = Operation {
        name: "PutObject",
        mutates: true,
        rate: RATE,
    };
    let put = put::read(request)?;
    Ok((operation, Call { put }))
}
