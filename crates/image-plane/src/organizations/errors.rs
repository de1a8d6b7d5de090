//! What Organizations refuses with. The sentences are as callers reported them, or those of its reference.

use crate::wire::error::ApiError;

/// The caller may not read this organization, whatever its own policies allow.
pub(super) fn denied() -> ApiError {
    ApiError::client(
        "AccessDeniedException",
        "You don't have permissions to access this resource.",
    )
}

pub(super) fn not_in_use() -> ApiError {
    ApiError::client(
        "AWSOrganizationsNotInUseException",
        "Your account is not a member of an organization.",
    )
}

pub(super) fn no_account() -> ApiError {
    ApiError::client(
        "AccountNotFoundException",
        "You specified an account that doesn't exist.",
    )
}

pub(super) fn no_child() -> ApiError {
    ApiError::client("ChildNotFoundException", "You specified a child that doesn't exist.")
}

pub(super) fn no_parent() -> ApiError {
    ApiError::client("ParentNotFoundException", "You specified a parent that doesn't exist.")
}

pub(super) fn no_unit() -> ApiError {
    ApiError::client(
        "OrganizationalUnitNotFoundException",
        "You specified an organizational unit that doesn't exist.",
    )
}

/// A request that breaks a rule of the API's model, and which: the reason is a member of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reason {
    InputRequired,
    InvalidPaginationToken,
    InvalidPattern,
    MaxValueExceeded,
    MinValueExceeded,
}

pub(super) fn invalid(reason: Reason) -> ApiError {
    let (name, message) = match reason {
        Reason::InputRequired => (
            "INPUT_REQUIRED",
            "You must include a value for all required parameters.",
        ),
        Reason::InvalidPaginationToken => (
            "INVALID_PAGINATION_TOKEN",
            "Get the value for the NextToken parameter from the response to a previous call of the operation.",
        ),
        Reason::InvalidPattern => (
            "INVALID_PATTERN",
            "You provided a value that doesn't match the required pattern.",
        ),
        Reason::MaxValueExceeded => (
            "MAX_VALUE_EXCEEDED",
            "You provided a numeric parameter that has a larger value than allowed.",
        ),
        Reason::MinValueExceeded => (
            "MIN_VALUE_EXCEEDED",
            "You provided a numeric parameter that has a smaller value than allowed.",
        ),
    };
    ApiError::client("InvalidInputException", message).with_member("Reason", name)
}

/// A signature for a Region that has no Organizations. AWS words it so of every service.
pub(super) fn wrong_region(region: &str) -> ApiError {
    ApiError::with_status(
        403,
        "InvalidSignatureException",
        format!("Credential should be scoped to a valid region, not '{region}'."),
    )
}
