//! What S3 refuses with.

use crate::wire::error::ApiError;

pub(super) fn no_bucket() -> ApiError {
    ApiError::with_status(404, "NoSuchBucket", "The specified bucket does not exist")
}

/// The bucket is another account's, or not that of whom the caller takes for its owner.
pub(super) fn access_denied() -> ApiError {
    ApiError::with_status(403, "AccessDenied", "Access Denied")
}

pub(super) fn key_too_long() -> ApiError {
    ApiError::client("KeyTooLongError", "Your key is too long")
}

/// The bucket lies in another Region than the caller signed for.
pub(super) fn wrong_region() -> ApiError {
    ApiError::with_status(
        301,
        "PermanentRedirect",
        "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests \
         to this endpoint.",
    )
}
