//! Instances that another service of AWS starts, stops and ends in an account's name.

use std::sync::Arc;

use super::image::Image;
use super::instances::{self, Asked, START, STOP, TERMINATE};
use super::tags::Tags;
use super::visibility::may_launch;
use super::{errors, instance_type};
use crate::ids::{ImageId, InstanceId, ReservationId};
use crate::wire::error::ApiError;
use crate::world::versioned::Versioned;
use crate::world::{Target, World};

/// Whether the account can describe an image at this moment.
pub(crate) fn describable(world: &mut World, target: Target, id: ImageId) -> bool {
    let as_of = world.read_as_of();
    let plane = world.ec2.get(target.region);
    let image = plane.and_then(|plane| plane.image_seen(id, as_of));
    image.is_some_and(|image| may_launch(world, image, target.account))
}

/// Launches one instance, refused as RunInstances would refuse it. Its tags may be AWS's own, which no account can set.
pub(crate) fn launch(
    world: &mut World,
    target: Target,
    image_id: ImageId,
    kind: &str,
    tags: &Tags,
) -> Result<InstanceId, ApiError> {
    if !instance_type::is_type(kind) {
        return Err(errors::invalid("instanceType", kind));
    }
    let image = instances::launchable(world, target, image_id)?;
    instance_type::check(kind, image.architecture)?;
    let template: Arc<Image> = Arc::new(image);
    let reservation = ReservationId::draw(&mut world.random);
    let id = instances::launch(world, target, image_id, &template, reservation, kind, tags, None);
    instances::note_launch(world, target, image_id);
    Ok(id)
}

/// Starts a stopped instance.
pub(crate) fn start(world: &mut World, target: Target, id: InstanceId) {
    set_out(world, target, id, &START);
}

/// Stops a running instance.
pub(crate) fn stop(world: &mut World, target: Target, id: InstanceId) {
    set_out(world, target, id, &STOP);
}

/// Terminates an instance, in whatever state it is.
pub(crate) fn terminate(world: &mut World, target: Target, id: InstanceId) {
    set_out(world, target, id, &TERMINATE);
}

fn set_out(world: &mut World, target: Target, id: InstanceId, asked: &Asked) {
    let plane = world.ec2.get(target.region);
    let instance = plane
        .and_then(|plane| plane.instances.get(&id))
        .and_then(Versioned::now);
    if let Some(before) = instance.map(|instance| instance.state) {
        instances::set_out(world, target, id, before, asked);
    }
}
