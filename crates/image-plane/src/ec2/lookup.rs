//! Finding what a request names, with EC2's own answer when it is not there or not the caller's.

use super::image::Image;
use super::snapshot::Snapshot;
use super::visibility::may_read_snapshot;
use super::{Ctx, errors};
use crate::ids::{ImageId, InstanceId, SnapshotId};
use crate::wire::error::ApiError;
use crate::world::World;

pub(super) fn image_id(text: &str) -> Result<ImageId, ApiError> {
    text.parse().map_err(|_| errors::malformed_image(text))
}

pub(super) fn snapshot_id(text: &str) -> Result<SnapshotId, ApiError> {
    text.parse().map_err(|_| errors::malformed_snapshot(text))
}

pub(super) fn instance_id(text: &str) -> Result<InstanceId, ApiError> {
    text.parse()
        .map_err(|_| ApiError::client("InvalidInstanceID.Malformed", format!("Invalid id: \"{text}\"")))
}

/// The image the caller owns and may change. One just made may not be found yet; one just deregistered is unavailable.
pub(super) fn own_image<'a>(world: &'a mut World, ctx: &Ctx<'_>, id: ImageId) -> Result<&'a Image, ApiError> {
    let target = ctx.target();
    let as_of = world.read_as_of();
    let plane = world.ec2.plane(target.region);
    if plane.image(id).is_none() && plane.grave(id) == Some(target.account) {
        return Err(errors::image_unavailable(id));
    }
    let image = match plane.image_seen(id, as_of).and(plane.image(id)) {
        Some(image) if image.owner == target.account => {
            return world
                .ec2
                .plane(target.region)
                .image(id)
                .ok_or_else(|| errors::no_image(&id.to_string()));
        }
        Some(image) => image.clone(),
        None => return Err(errors::no_image(&id.to_string())),
    };
    // Whether a foreign image exists is told only to those who may see it.
    if super::visibility::may_launch(world, &image, target.account) {
        Err(errors::not_your_image(id))
    } else {
        Err(errors::no_image(&id.to_string()))
    }
}

/// The snapshot the caller owns and may change.
pub(super) fn own_snapshot<'a>(world: &'a mut World, ctx: &Ctx<'_>, id: SnapshotId) -> Result<&'a Snapshot, ApiError> {
    let target = ctx.target();
    let as_of = world.read_as_of();
    let plane = world.ec2.plane(target.region);
    plane
        .snapshot_seen(id, as_of)
        .ok_or_else(|| errors::no_snapshot(&id.to_string()))?;
    let snapshot = plane.snapshot(id).ok_or_else(|| errors::no_snapshot(&id.to_string()))?;
    if snapshot.owner == target.account {
        Ok(snapshot)
    } else if may_read_snapshot(snapshot, target.account) {
        Err(errors::not_your_snapshot(id))
    } else {
        Err(errors::no_snapshot(&id.to_string()))
    }
}
