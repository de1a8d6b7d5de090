//! STS and the little of IAM it needs: who a key is, which roles there are, and what a session may do.

use bytes::Bytes;
use http::Request;

use crate::region::Region;
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::world::{Caller, Operation, Target, World};

/// Roles and the sessions assumed from them.
#[derive(Debug, Default)]
pub(crate) struct Roles;

#[derive(Debug)]
pub(crate) struct Call;

impl Call {
    pub(crate) fn run(self, world: &mut World, caller: &Caller, request_id: &str) -> Result<Bytes, ApiError> {
        let _ = (world, caller, request_id);
        Err(ApiError::not_modelled("STS"))
    }
}

pub(crate) fn read(request: &Request<Bytes>) -> Result<(Operation, Call), ApiError> {
    Err(ApiError::not_modelled(request.uri().path()))
}

/// Who a key belongs to. A key of 12 digits is that account's root.
pub(crate) fn identify(
    world: &World,
    service: Service,
    region: Region,
    access_key: &str,
    token: Option<&str>,
) -> Result<Caller, ApiError> {
    let _ = (world, token);
    let account = access_key.parse().map_err(|_| not_validated(service))?;
    Ok(Caller {
        target: Target { account, region },
        arn: format!("arn:{}:iam::{account}:root", region.partition()),
        access_key: access_key.to_owned(),
    })
}

/// The credentials are unknown, or the account may not be used here.
pub(crate) fn not_validated(service: Service) -> ApiError {
    match service {
        Service::Ec2 => ApiError::with_status(
            401,
            "AuthFailure",
            "AWS was not able to validate the provided access credentials",
        ),
        Service::Sts => ApiError::with_status(
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid",
        ),
        Service::ImageBuilder | Service::DynamoDb => ApiError::with_status(
            403,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
    }
}

/// The caller has no permission for the action.
pub(crate) fn denied(service: Service, caller: &Caller, action: &str) -> ApiError {
    let message = format!("User: {} is not authorized to perform: {service}:{action}", caller.arn);
    match service {
        Service::Ec2 => ApiError::with_status(
            403,
            "UnauthorizedOperation",
            format!("You are not authorized to perform this operation. {message}"),
        ),
        Service::Sts => ApiError::with_status(403, "AccessDenied", message),
        Service::ImageBuilder | Service::DynamoDb => ApiError::with_status(403, "AccessDeniedException", message),
    }
}

/// Refuses what the caller's policies do not allow.
pub(crate) fn authorize(world: &World, caller: &Caller, service: Service, action: &str) -> Result<(), ApiError> {
    let _ = (world, caller, service, action);
    Ok(())
}
