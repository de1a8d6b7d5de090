//! EC2's errors, in EC2's words.

use crate::ids::{ImageId, SnapshotId};
use crate::wire::error::ApiError;

pub(crate) fn no_image(id: &str) -> ApiError {
    ApiError::client("InvalidAMIID.NotFound", format!("The image id '[{id}]' does not exist"))
}

pub(crate) fn malformed_image(id: &str) -> ApiError {
    ApiError::client(
        "InvalidAMIID.Malformed",
        format!("Invalid id: \"{id}\" (expecting \"ami-...\")"),
    )
}

pub(crate) fn image_unavailable(id: ImageId) -> ApiError {
    ApiError::client(
        "InvalidAMIID.Unavailable",
        format!("The image ID '{id}' is no longer available"),
    )
}

pub(crate) fn not_your_image(id: ImageId) -> ApiError {
    ApiError::client("AuthFailure", format!("Not authorized for image:{id}"))
}

pub(crate) fn no_snapshot(id: &str) -> ApiError {
    ApiError::client(
        "InvalidSnapshot.NotFound",
        format!("The snapshot '{id}' does not exist."),
    )
}

pub(crate) fn malformed_snapshot(id: &str) -> ApiError {
    ApiError::client(
        "InvalidSnapshotID.Malformed",
        format!("Invalid id: \"{id}\" (expecting \"snap-...\")"),
    )
}

pub(crate) fn not_your_snapshot(id: SnapshotId) -> ApiError {
    ApiError::client("AuthFailure", format!("Not authorized for snapshot:{id}"))
}

pub(crate) fn invalid(parameter: &str, value: &str) -> ApiError {
    ApiError::client(
        "InvalidParameterValue",
        format!("Value ({value}) for parameter {parameter} is invalid."),
    )
}

pub(crate) fn combination(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterCombination", message)
}

pub(crate) fn not_permitted(message: impl Into<String>) -> ApiError {
    ApiError::client("OperationNotPermitted", message)
}
