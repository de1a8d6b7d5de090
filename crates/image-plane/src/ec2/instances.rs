//! RunInstances, and the rest of an instance's life as far as its image is concerned.

use std::sync::Arc;
use std::time::Duration;

use super::describe_instances::{write_reservation, write_state};
use super::image::{Image, ImageState, Volume};
use super::instance::{Instance, InstanceState, VolumeRecord};
use super::state::{Made, TokenUse};
use super::visibility::may_launch;
use super::{Ctx, Due, create, devices, errors, instance_type, lookup, tag_api};
use crate::autoscaling;
use crate::ids::{ImageId, InstanceId, ReservationId, VolumeId};
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::versioned::Versioned;
use crate::world::{self, Target, World};

/// The owner of an image sees a launch a day later.
const LAUNCH_SHOWS: Duration = Duration::from_hours(24);
/// How long a terminated instance is still described. About an hour, says EC2.
const REMAINS: Duration = Duration::from_hours(1);
const STARTING: Duration = Duration::from_secs(20);
const STOPPING: Duration = Duration::from_secs(30);
/// Why an instance whose volumes cannot be decrypted ends as soon as it starts.
const NO_KEY: &str = "Client.InternalError: Client error on launch";

pub(super) fn no_instance(id: &str) -> ApiError {
    ApiError::client(
        "InvalidInstanceID.NotFound",
        format!("The instance ID '{id}' does not exist"),
    )
}

pub(crate) fn run(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let target = ctx.target();
    let token = params.text("ClientToken")?.filter(|token| !token.is_empty());
    let request = format!("{params:?}");
    let image_id = params.required("ImageId")?;
    let instance_type = params.text("InstanceType")?.unwrap_or_else(|| "m1.small".to_owned());
    let (least, most) = (params.required("MinCount")?, params.required("MaxCount")?);
    let wishes = devices::read(&mut params)?;
    let tags = tag_api::read_specifications(&mut params, &["instance"])?;
    params.finish()?;
    if !instance_type::is_type(&instance_type) {
        return Err(ApiError::client(
            "InvalidParameterValue",
            format!("Invalid value '{instance_type}' for InstanceType."),
        ));
    }
    let count = |text: &str, name: &str| {
        text.parse::<usize>()
            .ok()
            .filter(|n| (1..=1000).contains(n))
            .ok_or_else(|| errors::invalid(name, text))
    };
    let (least, most) = (count(&least, "minCount")?, count(&most, "maxCount")?);
    if least > most {
        return Err(errors::combination("The parameter minCount is greater than maxCount"));
    }
    if let Some(token) = &token
        && let Some(used) = world
            .ec2
            .plane(target.region)
            .tokens
            .get(&(target.account, token.clone()))
    {
        let TokenUse {
            request: before,
            made: Made::Instances(ids),
        } = used
        else {
            return Err(create::token_mismatch());
        };
        if *before != request {
            return Err(create::token_mismatch());
        }
        let ids = ids.clone();
        ctx.commit()?;
        return write_reservation(world, target, &ids, xml);
    }
    let image_id = resolve_image(world, target, &image_id)?;
    let image = launchable(world, target, image_id)?;
    instance_type::check(&instance_type, image.architecture)?;
    let devices = devices::lay_over(world, target, &image.devices, wishes)?;
    ctx.commit()?;

    let template = Arc::new(Image { devices, ..image });
    let reservation = ReservationId::draw(&mut world.random);
    let ids: Vec<InstanceId> = (0..most)
        .map(|_| {
            launch(
                world,
                target,
                image_id,
                &template,
                reservation,
                &instance_type,
                &tags.instance,
                token.as_deref(),
            )
        })
        .collect();
    note_launch(world, target, image_id);
    if let Some(token) = token {
        let used = TokenUse {
            request,
            made: Made::Instances(ids.clone()),
        };
        world
            .ec2
            .plane(target.region)
            .tokens
            .insert((target.account, token), used);
    }
    write_reservation(world, target, &ids, xml)
}

/// The image a launch names: an id, or `resolve:ssm:` and a parameter.
fn resolve_image(world: &World, target: Target, text: &str) -> Result<ImageId, ApiError> {
    let Some(parameter) = text.strip_prefix("resolve:ssm:") else {
        return lookup::image_id(text);
    };
    let value = world.parameters.value(target, parameter).ok_or_else(|| {
        ApiError::client(
            "InvalidParameterValue",
            format!("The parameter {parameter} was not found"),
        )
    })?;
    lookup::image_id(value)
}

pub(super) fn launchable(world: &mut World, target: Target, id: ImageId) -> Result<Image, ApiError> {
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

#[expect(
    clippy::too_many_arguments,
    reason = "one launch is described by all of these, and only here"
)]
pub(super) fn launch(
    world: &mut World,
    target: Target,
    image: ImageId,
    template: &Arc<Image>,
    reservation: ReservationId,
    instance_type: &str,
    tags: &super::tags::Tags,
    token: Option<&str>,
) -> InstanceId {
    let id = InstanceId::draw(&mut world.random);
    let mut readable = true;
    let mut volumes = Vec::new();
    for device in &template.devices {
        if let Volume::Ebs { size_gib, key, .. } = &device.volume {
            readable &= key.as_ref().is_none_or(|key| world.keys.usable(key, target.account));
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
        image,
        template: Arc::clone(template),
        kind: instance_type.into(),
        state: InstanceState::Pending,
        reason: (!readable).then_some(NO_KEY),
        launched: world.now,
        volumes: volumes.into_boxed_slice(),
        tags: tags.clone(),
        client_token: token.map(Into::into),
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

/// An instance's next state has come.
pub(crate) fn becomes(world: &mut World, target: Target, id: InstanceId, state: InstanceState) {
    let plane = world.ec2.plane(target.region);
    let Some(instance) = plane.instances.get(&id).and_then(Versioned::now) else {
        return;
    };
    let expected = match state {
        InstanceState::Running => instance.state == InstanceState::Pending,
        InstanceState::Stopped => instance.state == InstanceState::Stopping,
        InstanceState::Terminated => matches!(instance.state, InstanceState::Pending | InstanceState::ShuttingDown),
        InstanceState::Pending | InstanceState::Stopping | InstanceState::ShuttingDown => false,
    };
    if instance.state == InstanceState::Terminated {
        plane.instances.remove(&id);
    } else if expected {
        let volumes: Vec<VolumeId> = instance.volumes_that_go().collect();
        set_state(world, target, id, state);
        autoscaling::instance_became(world, target, id, state);
        if state == InstanceState::Terminated {
            let plane = world.ec2.plane(target.region);
            for volume in volumes {
                plane.volumes.remove(&volume);
            }
            world.plan(REMAINS, world::Due::Ec2(Due::InstanceBecomes { target, id, state }));
        }
    }
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

fn set_state(world: &mut World, target: Target, id: InstanceId, state: InstanceState) {
    let (now, lag) = (world.now, world.settings.read_lag);
    if let Some(instance) = world
        .ec2
        .plane(target.region)
        .instances
        .get_mut(&id)
        .and_then(|instance| instance.edit(now, lag))
    {
        instance.state = state;
    }
}

/// A change of state somebody asks for.
pub(super) struct Asked {
    from: &'static [InstanceState],
    /// Already there, or on the way: nothing to do.
    fine: &'static [InstanceState],
    passing: InstanceState,
    then: InstanceState,
    after: Duration,
}

pub(super) const START: Asked = Asked {
    from: &[InstanceState::Stopped],
    fine: &[InstanceState::Pending, InstanceState::Running],
    passing: InstanceState::Pending,
    then: InstanceState::Running,
    after: STARTING,
};
pub(super) const STOP: Asked = Asked {
    from: &[InstanceState::Running],
    fine: &[InstanceState::Stopping, InstanceState::Stopped],
    passing: InstanceState::Stopping,
    then: InstanceState::Stopped,
    after: STOPPING,
};
pub(super) const TERMINATE: Asked = Asked {
    from: &[
        InstanceState::Pending,
        InstanceState::Running,
        InstanceState::Stopping,
        InstanceState::Stopped,
    ],
    fine: &[InstanceState::ShuttingDown, InstanceState::Terminated],
    passing: InstanceState::ShuttingDown,
    then: InstanceState::Terminated,
    after: STOPPING,
};

pub(crate) fn start(world: &mut World, ctx: &Ctx<'_>, params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    change(world, ctx, params, xml, &START)
}

pub(crate) fn stop(world: &mut World, ctx: &Ctx<'_>, params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    change(world, ctx, params, xml, &STOP)
}

pub(crate) fn terminate(world: &mut World, ctx: &Ctx<'_>, params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    change(world, ctx, params, xml, &TERMINATE)
}

/// Sets an instance out for another state, where it is in one from which that can be asked.
pub(super) fn set_out(world: &mut World, target: Target, id: InstanceId, before: InstanceState, asked: &Asked) {
    if asked.from.contains(&before) {
        set_state(world, target, id, asked.passing);
        let state = asked.then;
        world.plan(asked.after, world::Due::Ec2(Due::InstanceBecomes { target, id, state }));
    }
}

fn change(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml, asked: &Asked) -> Result<(), ApiError> {
    let target = ctx.target();
    let ids = params
        .texts("InstanceId")?
        .iter()
        .map(|id| lookup::instance_id(id))
        .collect::<Result<Vec<_>, _>>()?;
    params.finish()?;
    let mut before = Vec::new();
    for id in ids {
        let instance = world
            .ec2
            .plane(target.region)
            .instances
            .get(&id)
            .and_then(Versioned::now)
            .filter(|instance| instance.owner == target.account);
        let state = instance.ok_or_else(|| no_instance(&id.to_string()))?.state;
        if !asked.from.contains(&state) && !asked.fine.contains(&state) {
            return Err(ApiError::client(
                "IncorrectInstanceState",
                format!(
                    "The instance '{id}' is not in a state from which it can be {}.",
                    asked.then
                ),
            ));
        }
        before.push((id, state));
    }
    ctx.commit()?;
    for (id, state) in &before {
        set_out(world, target, *id, *state, asked);
    }
    xml.items("instancesSet", before, |xml, (id, state)| {
        xml.text("instanceId", id);
        let now = if asked.from.contains(&state) {
            asked.passing
        } else {
            state
        };
        xml.element("currentState", |xml| write_state(xml, now));
        xml.element("previousState", |xml| write_state(xml, state));
    });
    Ok(())
}
