//! EC2 Image Builder.

use bytes::Bytes;
use http::Request;

use crate::wire::error::ApiError;
use crate::world::{Caller, Operation, World};

#[derive(Debug, Default)]
pub(crate) struct ImageBuilder;

#[derive(Debug)]
pub(crate) struct Call;

impl Call {
    pub(crate) fn run(self, world: &mut World, caller: &Caller, request_id: &str) -> Result<Bytes, ApiError> {
        let _ = (world, caller, request_id);
        Err(ApiError::not_modelled("Image Builder"))
    }
}

#[derive(Debug)]
pub(crate) enum Due {}

pub(crate) fn fall_due(world: &mut World, due: Due) {
    let _ = world;
    match due {}
}

pub(crate) fn read(request: &Request<Bytes>) -> Result<(Operation, Call), ApiError> {
    Err(ApiError::not_modelled(request.uri().path()))
}
