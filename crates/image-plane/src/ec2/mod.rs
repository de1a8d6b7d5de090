//! EC2's image side: images, snapshots, and the instances that start from them.

pub(crate) mod errors;
pub(crate) mod events;
pub(crate) mod image;
pub(crate) mod instance;
pub(crate) mod make;
pub(crate) mod recycle_bin;
pub(crate) mod snapshot;
pub(crate) mod state;
pub(crate) mod tags;
pub(crate) mod visibility;

use bytes::Bytes;
use http::Request;

use crate::ids::{ImageId, SnapshotId};
use crate::wire::error::ApiError;
use crate::world::{Caller, Operation, Target, World};
pub(crate) use state::Ec2;

#[derive(Debug)]
pub(crate) struct Call;

impl Call {
    pub(crate) fn run(self, world: &mut World, caller: &Caller, request_id: &str) -> Result<Bytes, ApiError> {
        let _ = (world, caller, request_id);
        Err(ApiError::not_modelled("EC2"))
    }
}

/// What happens in EC2 without a call.
#[derive(Debug)]
pub(crate) enum Due {
    SnapshotCompletes { target: Target, id: SnapshotId, kind: events::SnapshotOrigin },
    SnapshotFails { target: Target, id: SnapshotId, reason: &'static str },
    ImageBecomes { target: Target, id: ImageId, failed: Option<&'static str> },
}

pub(crate) fn fall_due(world: &mut World, due: Due) {
    match due {
        Due::SnapshotCompletes { target, id, kind } => make::snapshot_completes(world, target, id, &kind),
        Due::SnapshotFails { target, id, reason } => make::snapshot_fails(world, target, id, reason),
        Due::ImageBecomes { target, id, failed } => make::image_becomes(world, target, id, failed),
    }
}

pub(crate) fn read(request: &Request<Bytes>) -> Result<(Operation, Call), ApiError> {
    let _ = request;
    Err(ApiError::not_modelled("EC2"))
}
