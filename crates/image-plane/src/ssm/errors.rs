//! What the Parameter Store refuses with. Where AWS documents only the code, the sentence is as callers reported it, or ours.

use super::name::Elsewhere;
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

pub(super) fn not_among(member: &str, value: &str, known: &[&str]) -> ApiError {
    let rule = format!("Member must satisfy enum value set: [{}]", known.join(", "));
    invalid(member, value, &rule)
}

pub(super) fn not_found(name: &str) -> ApiError {
    ApiError::client("ParameterNotFound", format!("Parameter {name} not found."))
}

pub(super) fn version_not_found(selected: &str, name: &str) -> ApiError {
    ApiError::client(
        "ParameterVersionNotFound",
        format!("Systems Manager could not find version or label {selected} of {name}. Verify it and try again."),
    )
}

/// AWS does not say what an ARN of another Region gets.
pub(super) fn elsewhere(reference: &str, why: Elsewhere) -> ApiError {
    match why {
        Elsewhere::Account => ApiError::with_status(
            403,
            "AccessDeniedException",
            format!("The parameter {reference} is not shared with you."),
        ),
        Elsewhere::Malformed => validation(format!("{reference} is not the ARN of a parameter in this Region.")),
    }
}

/// Names that are Amazon's own.
pub(super) fn denied_name(name: &str) -> ApiError {
    ApiError::with_status(
        403,
        "AccessDeniedException",
        format!("No access to reserved parameter name: {name}."),
    )
}

pub(super) fn invalid_key(key: &str) -> ApiError {
    ApiError::client("InvalidKeyId", format!("Invalid keyId {key}"))
}
