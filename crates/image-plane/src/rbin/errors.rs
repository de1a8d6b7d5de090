//! What the Recycle Bin refuses with. Its sentences AWS does not say.

use crate::wire::error::ApiError;

pub(super) fn no_rule(id: &str) -> ApiError {
    let message = format!("The specified rule {id} was not found.");
    ApiError::with_status(404, "ResourceNotFoundException", message).with_member("Reason", "RULE_NOT_FOUND")
}

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationException", message).with_member("Reason", "INVALID_PARAMETER_VALUE")
}

pub(super) fn page_token() -> ApiError {
    ApiError::client("ValidationException", "The page token is not valid.").with_member("Reason", "INVALID_PAGE_TOKEN")
}
