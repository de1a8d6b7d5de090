//! Instances that a fleet, or another service of AWS, starts, stops and ends in an account's name.

use super::instances::{self, START, STOP, TERMINATE};
use super::launch;
pub(crate) use super::launch::Order;
pub(crate) use super::launch_templates::{Chosen, Specification};
use super::visibility::may_launch;
use crate::ids::{ImageId, InstanceId};
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

/// Whether the account can describe an image at this moment.
pub(crate) fn describable(world: &mut World, target: Target, id: ImageId) -> bool {
    let as_of = world.read_as_of();
    let plane = world.ec2.get(target.region);
    let image = plane.and_then(|plane| plane.image_seen(id, as_of));
    image.is_some_and(|image| may_launch(world, image, target.account))
}

/// Refuses an order for one instance that RunInstances would refuse.
pub(crate) fn check(world: &mut World, target: Target, order: Order) -> Result<(), ApiError> {
    launch::prepare(world, target, order).map(|_| ())
}

/// Launches one instance for a service, refused as RunInstances would refuse it. Its tags may be AWS's own, which no account
/// can set; the keys of its volumes are used in the service's name.
pub(crate) fn launch(world: &mut World, service: &Caller, order: Order) -> Result<InstanceId, ApiError> {
    let ready = launch::prepare(world, service.target, order)?;
    Ok(launch::start_alone(world, service, &ready))
}

/// Starts a stopped instance.
pub(crate) fn start(world: &mut World, target: Target, id: InstanceId) {
    instances::set_out(world, target, id, &START);
}

/// Stops a running instance.
pub(crate) fn stop(world: &mut World, target: Target, id: InstanceId) {
    instances::set_out(world, target, id, &STOP);
}

/// Terminates an instance, in whatever state it is.
pub(crate) fn terminate(world: &mut World, target: Target, id: InstanceId) {
    instances::set_out(world, target, id, &TERMINATE);
}
