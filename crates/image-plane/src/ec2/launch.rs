//! Starting instances: what every way of launching them has in common.

use std::sync::Arc;
use std::time::Duration;

use super::devices::{self, Wish};
use super::image::{Image, ImageState, Volume};
use super::instance::{Instance, InstanceState, VolumeRecord};
use super::tags::Tags;
use super::visibility::may_launch;
use super::{Due, alias, encryption, errors, instance_type};
use crate::ids::{ImageId, InstanceId, ReservationId, VolumeId};
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::world::versioned::Versioned;
use crate::world::{self, Caller, Target, World};

/// The owner of an image sees a launch a day later.
pub(crate) const LAUNCH_SHOWS: Duration = Duration::from_hours(24);
/// From the launch until the instance runs.
pub(super) const STARTING: Duration = Duration::from_secs(20);
/// Why an instance whose volumes cannot be decrypted ends as soon as it starts.
const NO_KEY: &str = "Client.InternalError: Client error on launch";

/// What a launch asks for, and what a launch template gives it.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// An id, or `resolve:ssm:` and a parameter.
    pub(crate) image: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) wishes: Vec<Wish>,
    pub(crate) tags: Tags,
}

impl Order {
    /// The type its instances get.
    pub(crate) fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or("m1.small")
    }

    /// The image it comes to at this moment.
    pub(crate) fn image_id(&self, world: &World, target: Target) -> Result<ImageId, ApiError> {
        let missing = || ApiError::client("MissingParameter", "The request must contain the parameter ImageId");
        alias::resolve(world, target, self.image.as_deref().ok_or_else(missing)?)
    }

    /// This order with another under it, whose part this one leaves open.
    ///
    /// AWS says that a parameter of the request replaces the template's of the same name, and nothing of lists: mappings
    /// are taken here as one parameter, tags one by one, as they are at instances of an Auto Scaling group.
    pub(super) fn over(self, base: Self) -> Self {
        let mut tags = base.tags;
        for (key, value) in self.tags.iter() {
            tags.set(key, value);
        }
        Self {
            image: self.image.or(base.image),
            kind: self.kind.or(base.kind),
            wishes: if self.wishes.is_empty() {
                base.wishes
            } else {
                self.wishes
            },
            tags,
        }
    }
}

/// An order in which nothing is left to refuse.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(super) image: ImageId,
    /// The image as it is now, with the devices the instances get.
    template: Arc<Image>,
    pub(super) kind: Box<str>,
    tags: Tags,
}

/// Finds the image of an order, and whether the caller may launch it like this.
pub(super) fn prepare(world: &mut World, target: Target, order: Order) -> Result<Ready, ApiError> {
    let kind: Box<str> = order.kind().into();
    if !instance_type::is_type(&kind) {
        return Err(ApiError::client(
            "InvalidParameterValue",
            format!("Invalid value '{kind}' for InstanceType."),
        ));
    }
    let id = order.image_id(world, target)?;
    let image = launchable(world, target, id)?;
    instance_type::check(&kind, image.architecture)?;
    let own = encryption::at_home(world, target, image.devices.clone());
    let devices = devices::lay_over(world, target, &own, order.wishes)?;
    Ok(Ready {
        image: id,
        template: Arc::new(Image { devices, ..image }),
        kind,
        tags: order.tags,
    })
}

fn launchable(world: &mut World, target: Target, id: ImageId) -> Result<Image, ApiError> {
    let as_of = world.read_as_of();
    let plane = world.ec2.plane(target.region);
    if plane.image(id).is_none() && plane.grave(id).is_some() {
        return Err(errors::image_unavailable(id));
    }
    let image = plane.image_seen(id, as_of).and(plane.image(id)).cloned();
    let image = image
        .filter(|image| may_launch(world, image, target.account))
        .ok_or_else(|| errors::no_image(&id.to_string()))?;
    match image.state {
        ImageState::Available => Ok(image),
        ImageState::Pending | ImageState::Disabled | ImageState::Failed(_) => Err(ApiError::client(
            "InvalidAMIID.Unavailable",
            format!("The image {id} is {} and cannot be launched", image.state),
        )),
    }
}

/// Launches so many instances of one reservation. The keys of their volumes are used in the caller's name.
pub(super) fn start(
    world: &mut World,
    caller: &Caller,
    ready: &Ready,
    count: usize,
    token: Option<&str>,
) -> Vec<InstanceId> {
    let target = caller.target;
    let reservation = ReservationId::draw(&mut world.random);
    let ids = (0..count)
        .map(|_| start_one(world, caller, ready, reservation, token))
        .collect();
    note_launch(world, target, ready.image);
    ids
}

/// Launches one instance that is all of its reservation. The keys of its volumes are used in the caller's name.
pub(super) fn start_alone(world: &mut World, caller: &Caller, ready: &Ready) -> InstanceId {
    let reservation = ReservationId::draw(&mut world.random);
    let id = start_one(world, caller, ready, reservation, None);
    note_launch(world, caller.target, ready.image);
    id
}

fn start_one(
    world: &mut World,
    caller: &Caller,
    ready: &Ready,
    reservation: ReservationId,
    token: Option<&str>,
) -> InstanceId {
    let target = caller.target;
    let id = InstanceId::draw(&mut world.random);
    let readable = encryption::unusable(world, caller, &ready.template.devices).is_none();
    let mut volumes = Vec::new();
    for device in &ready.template.devices {
        if let Volume::Ebs { size_gib, key, .. } = &device.volume {
            let volume = VolumeId::draw(&mut world.random);
            let record = VolumeRecord {
                owner: target.account,
                size_gib: *size_gib,
                key: key.clone(),
            };
            world.ec2.plane(target.region).volumes.insert(volume, record);
            volumes.push((device.name.clone(), volume));
        }
    }
    let instance = Instance {
        owner: target.account,
        reservation,
        image: ready.image,
        template: Arc::clone(&ready.template),
        kind: ready.kind.clone(),
        state: InstanceState::Pending,
        reason: (!readable).then_some(NO_KEY),
        launched: world.now,
        volumes: volumes.into_boxed_slice(),
        tags: ready.tags.clone(),
        client_token: token.map(Into::into),
        operator: None,
    };
    let (now, lag) = (world.now, world.settings.read_lag);
    world
        .ec2
        .plane(target.region)
        .instances
        .insert(id, Versioned::created(instance, now, lag));
    let state = if readable {
        InstanceState::Running
    } else {
        InstanceState::Terminated
    };
    world.plan(STARTING, world::Due::Ec2(Due::InstanceBecomes { target, id, state }));
    id
}

/// Notes a launch, which its image will show.
pub(crate) fn note_launch(world: &mut World, target: Target, id: ImageId) {
    let launched = world.now;
    world.plan(LAUNCH_SHOWS, world::Due::Ec2(Due::LaunchShows { target, id, launched }));
}

/// A launch of a day ago shows on its image.
pub(crate) fn launch_shows(world: &mut World, target: Target, id: ImageId, launched: Time) {
    let (now, lag) = (world.now, world.settings.read_lag);
    if let Some(image) = world.ec2.plane(target.region).edit_image(id, now, lag) {
        image.launched = image.launched.max(Some(launched));
    }
}
