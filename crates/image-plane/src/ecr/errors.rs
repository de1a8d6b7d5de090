//! What ECR refuses with. Where AWS documents only the code, the sentence is as callers reported it, or ours.

use super::store::Id;
use crate::wire::error::ApiError;
use crate::world::Target;

/// A member that breaks a rule.
pub(super) fn invalid(member: &str, rule: impl std::fmt::Display) -> ApiError {
    parameter(format!(
        "Invalid parameter at '{member}' failed to satisfy constraint: '{rule}'"
    ))
}

pub(super) fn parameter(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterException", message)
}

pub(super) fn no_repository(target: Target, name: &str) -> ApiError {
    ApiError::client(
        "RepositoryNotFoundException",
        format!(
            "The repository with name '{name}' does not exist in the registry with id '{}'",
            target.account
        ),
    )
}

pub(super) fn no_image(target: Target, repository: &str, id: &Id) -> ApiError {
    ApiError::client(
        "ImageNotFoundException",
        format!(
            "The image with imageId {id} does not exist within the repository with name '{repository}' in the registry with \
             id '{}'",
            target.account
        ),
    )
}

pub(super) fn tag_taken(repository: &str, tag: &str) -> ApiError {
    ApiError::client(
        "ImageTagAlreadyExistsException",
        format!(
            "The image tag '{tag}' already exists in the '{repository}' repository and cannot be overwritten because the \
             repository is immutable."
        ),
    )
}
