//! Images named by a parameter: `resolve:ssm:` and the parameter's name or ARN, with a version or a label behind it.

use super::lookup;
use crate::ids::ImageId;
use crate::wire::error::ApiError;
use crate::world::{Target, World};

/// The parameter a text names instead of an image.
pub(super) fn parameter(text: &str) -> Option<&str> {
    text.strip_prefix("resolve:ssm:")
}

/// The image a text names: an id, or an alias.
pub(super) fn resolve(world: &World, target: Target, text: &str) -> Result<ImageId, ApiError> {
    let Some(reference) = parameter(text) else {
        return lookup::image_id(text);
    };
    let value = world.parameters.value(target, reference).ok_or_else(|| {
        ApiError::client(
            "InvalidParameterValue",
            format!("The parameter {reference} was not found"),
        )
    })?;
    lookup::image_id(value)
}
