//! Image Builder's errors, in its words as far as they are known.

use std::fmt::Display;

use crate::wire::error::ApiError;

/// A parameter that breaks its rule. Operations do not declare this error, and answer with it all the same.
pub(crate) fn invalid(parameter: impl Display, why: impl Display) -> ApiError {
    ApiError::client(
        "InvalidParameterValueException",
        format!("The value supplied for parameter '{parameter}' is not valid. {why}"),
    )
}

/// A request that does not fit the state of things, or whose members do not fit each other.
pub(crate) fn request(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidRequestException", message)
}

pub(crate) fn combination(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterCombinationException", message)
}

pub(crate) fn version(parameter: impl Display, why: impl Display) -> ApiError {
    ApiError::client(
        "InvalidVersionNumberException",
        format!("The value supplied for parameter '{parameter}' is not valid. {why}"),
    )
}

/// Nothing bears this ARN. Get operations do not declare this error either; for a deleted image AWS documents none.
pub(crate) fn not_found(arn: impl Display) -> ApiError {
    ApiError::with_status(
        404,
        "ResourceNotFoundException",
        format!("The resource with ARN '{arn}' cannot be found."),
    )
}

pub(crate) fn exists(kind: &str, arn: impl Display) -> ApiError {
    ApiError::client(
        "ResourceAlreadyExistsException",
        format!("The following resource '{kind}' already exists: '{arn}'."),
    )
}

pub(crate) fn depended_on(arn: impl Display) -> ApiError {
    ApiError::client(
        "ResourceDependencyException",
        format!("Resource dependency error: The resource ARN '{arn}' has other resources depended on it."),
    )
}

pub(crate) fn in_use(message: impl Into<String>) -> ApiError {
    ApiError::client("ResourceInUseException", message)
}

pub(crate) fn quota(message: impl Into<String>) -> ApiError {
    ApiError::with_status(402, "ServiceQuotaExceededException", message)
}

pub(crate) fn token_mismatch() -> ApiError {
    ApiError::client(
        "IdempotentParameterMismatchException",
        "The specified client token was already used with other request parameters. Use a new token, or the parameters of the first request.",
    )
}

pub(crate) fn page_token() -> ApiError {
    ApiError::client(
        "InvalidPaginationTokenException",
        "You have provided an invalid pagination token in your request.",
    )
}

pub(crate) fn dry_run() -> ApiError {
    ApiError::with_status(
        412,
        "DryRunOperationException",
        "The request would have succeeded, but the dryRun flag is set.",
    )
}

/// A resource of another account: sharing through RAM is not modelled, so nobody else's can be read.
pub(crate) fn foreign(arn: impl Display) -> ApiError {
    ApiError::with_status(
        403,
        "AccessDeniedException",
        format!("You are not authorized to access the resource '{arn}'"),
    )
}
