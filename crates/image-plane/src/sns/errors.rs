//! What SNS refuses with. The sentences are as callers reported them where AWS documents only the code.

use crate::wire::error::ApiError;

/// wellcomecollection/platform#1107 and #1460.
pub(super) fn invalid(what: &str) -> ApiError {
    ApiError::client("InvalidParameter", format!("Invalid parameter: {what}"))
}

/// A message attribute that is refused.
pub(super) fn invalid_attribute(message: impl Into<String>) -> ApiError {
    ApiError::client("ParameterValueInvalid", message)
}

pub(super) fn no_topic() -> ApiError {
    ApiError::with_status(404, "NotFound", "Topic does not exist")
}
