//! What KMS refuses with. Its own sentences where its pages or its callers have them (hashicorp/terraform#20813,
//! nakedible/openssl-engine-kms#1, boto/botocore#2107); the rest is ours.

use super::key::{Key, KeyState};
use crate::wire::error::ApiError;

pub(super) fn validation(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationException", message)
}

/// A member that breaks a rule of the API's own model.
pub(super) fn invalid(member: &str, value: &str, rule: &str) -> ApiError {
    validation(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {rule}"
    ))
}

pub(super) fn not_found(message: impl Into<String>) -> ApiError {
    ApiError::client("NotFoundException", message)
}

pub(super) fn no_key(arn: &str) -> ApiError {
    not_found(format!("Key '{arn}' does not exist"))
}

pub(super) fn no_alias(arn: &str) -> ApiError {
    not_found(format!("Alias {arn} is not found."))
}

pub(super) fn no_aliases_here() -> ApiError {
    ApiError::client(
        "InvalidArnException",
        "Key Aliases are not supported for this operation",
    )
}

pub(super) fn no_principal(arn: &str) -> ApiError {
    ApiError::client(
        "InvalidArnException",
        format!("ARN does not refer to a valid principal: {arn}"),
    )
}

pub(super) fn no_grant(id: &str) -> ApiError {
    not_found(format!("Grant ID {id} not found"))
}

pub(super) fn bad_token() -> ApiError {
    ApiError::client("InvalidGrantTokenException", "The grant token is not valid")
}

pub(super) fn limit(message: impl Into<String>) -> ApiError {
    ApiError::client("LimitExceededException", message)
}

pub(super) fn malformed_policy(message: impl Into<String>) -> ApiError {
    ApiError::client("MalformedPolicyDocumentException", message)
}

/// What a dry run ends with that would have succeeded.
pub(super) fn dry_run() -> ApiError {
    ApiError::client(
        "DryRunOperationException",
        "The request would have succeeded, but the DryRun option is set.",
    )
}

/// Refuses to use a key that does not work.
pub(super) fn check_usable(arn: &str, key: &Key) -> Result<(), ApiError> {
    match key.state {
        KeyState::Enabled => Ok(()),
        KeyState::Disabled => Err(ApiError::client("DisabledException", format!("{arn} is disabled."))),
        KeyState::PendingDeletion => Err(pending(arn)),
    }
}

/// Refuses to change a key that is about to be deleted.
pub(super) fn check_stays(arn: &str, key: &Key) -> Result<(), ApiError> {
    match key.state {
        KeyState::Enabled | KeyState::Disabled => Ok(()),
        KeyState::PendingDeletion => Err(pending(arn)),
    }
}

fn pending(arn: &str) -> ApiError {
    ApiError::client("KMSInvalidStateException", format!("{arn} is pending deletion."))
}
