//! RunInstances, and the rest of an instance's life as far as its image is concerned.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::filters::Filters;
use super::image::{Image, ImageState, Volume};
use super::instance::{Instance, InstanceState, VolumeRecord};
use super::page::{Page, collect};
use super::state::{Made, TokenUse};
use super::visibility::may_launch;
use super::{Ctx, Due, create, devices, errors, lookup, make, snapshots, tag_api};
use crate::ids::{ImageId, InstanceId, ReservationId, VolumeId};
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::versioned::Versioned;
use crate::world::{self, Target, World};

const FILTERS: &[&str] = &[
    "image-id",
    "instance-id",
    "instance-state-code",
    "instance-state-name",
    "instance-type",
    "launch-time",
    "owner-id",
    "reservation-id",
    "tag-key",
];

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
    let over = devices::read(world, target, &mut params)?;
    let tags = tag_api::read_specifications(&mut params, &["instance"])?;
    params.finish()?;
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
    ctx.commit()?;

    let template = Arc::new(Image {
        devices: make::overlay(&image.devices, over),
        ..image
    });
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
    world.plan(
        LAUNCH_SHOWS,
        world::Due::Ec2(Due::LaunchShows {
            target,
            id: image_id,
            launched: world.now,
        }),
    );
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

#[expect(
    clippy::too_many_arguments,
    reason = "one launch is described by all of these, and only here"
)]
fn launch(
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
        set_state(world, target, id, state);
        if state == InstanceState::Terminated {
            world.plan(REMAINS, world::Due::Ec2(Due::InstanceBecomes { target, id, state }));
        }
    }
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

pub(crate) fn describe(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let target = ctx.target();
    let ids = params
        .texts("InstanceId")?
        .iter()
        .map(|id| lookup::instance_id(id))
        .collect::<Result<Vec<_>, _>>()?;
    let filters = Filters::read(&mut params, FILTERS, &[])?;
    let page = Page::read(
        world,
        target,
        &mut params,
        (5, 1000),
        &format!("DescribeInstances {filters:?}"),
    )?;
    params.finish()?;
    if page.most.is_some() && !ids.is_empty() {
        return Err(errors::combination(
            "The parameter instancesSet cannot be used with the parameter maxResults",
        ));
    }
    ctx.commit()?;
    let as_of = world.read_as_of();
    let sparse = world.settings.sparse_pages;
    let plane = &*world.ec2.plane(target.region);
    let seen = |id: InstanceId| {
        plane
            .instances
            .get(&id)
            .and_then(|instance| instance.seen(as_of))
            .filter(|instance| instance.owner == target.account)
    };
    let wanted = |id: InstanceId, instance: &Instance| {
        filters.is_empty()
            || filters.match_all(&instance.tags.iter().collect::<Vec<_>>(), |name| {
                values(id, instance, name)
            })
    };
    let (found, last) = if ids.is_empty() {
        collect(
            &page,
            sparse,
            page.after(),
            |after, most| snapshots::ids_after(&plane.instances, after, most),
            |id| {
                seen(id)
                    .filter(|instance| wanted(id, instance))
                    .map(|instance| (id, instance))
            },
        )
    } else {
        let mut found = Vec::new();
        for id in ids {
            let instance = seen(id).ok_or_else(|| no_instance(&id.to_string()))?;
            found.extend(wanted(id, instance).then_some((id, instance)));
        }
        (found, None)
    };
    xml.items("reservationSet", found, |xml, (id, instance)| {
        xml.text("reservationId", instance.reservation);
        xml.text("ownerId", instance.owner);
        xml.items("instancesSet", [instance], |xml, instance| {
            write(xml, target, id, instance);
        });
    });
    xml.optional("nextToken", last.map(|id| page.next(&id.to_string())));
    Ok(())
}

fn values<'a>(id: InstanceId, instance: &'a Instance, name: &str) -> Vec<Cow<'a, str>> {
    let value = match name {
        "image-id" => instance.image.to_string(),
        "instance-id" => id.to_string(),
        "instance-state-code" => instance.state.code().to_string(),
        "instance-state-name" => instance.state.to_string(),
        "instance-type" => instance.kind.to_string(),
        "launch-time" => instance.launched.to_string(),
        "owner-id" => instance.owner.to_string(),
        "reservation-id" => instance.reservation.to_string(),
        _ => return Vec::new(),
    };
    vec![Cow::Owned(value)]
}

fn write_reservation(world: &mut World, target: Target, ids: &[InstanceId], xml: &mut Xml) -> Result<(), ApiError> {
    let plane = world.ec2.plane(target.region);
    let instances: Vec<_> = ids
        .iter()
        .filter_map(|id| Some((*id, plane.instances.get(id)?.now()?)))
        .collect();
    let Some((_, first)) = instances.first() else {
        return Err(no_instance(&format!("{ids:?}")));
    };
    xml.text("reservationId", first.reservation);
    xml.text("ownerId", target.account);
    xml.items("instancesSet", instances, |xml, (id, instance)| {
        write(xml, target, id, instance);
    });
    Ok(())
}

fn write(xml: &mut Xml, target: Target, id: InstanceId, instance: &Instance) {
    xml.text("instanceId", id);
    xml.text("imageId", instance.image);
    xml.element("instanceState", |xml| write_state(xml, instance.state));
    xml.text("instanceType", &instance.kind);
    xml.text("launchTime", instance.launched);
    xml.text("architecture", instance.template.architecture);
    xml.text("rootDeviceType", "ebs");
    xml.text("rootDeviceName", &instance.template.root_device);
    xml.element("placement", |xml| {
        xml.text("availabilityZone", format!("{}a", target.region));
    });
    xml.optional("clientToken", instance.client_token.as_deref());
    if let Some(reason) = instance.reason.filter(|_| instance.state == InstanceState::Terminated) {
        xml.element("stateReason", |xml| {
            xml.text("code", "Client.InternalError");
            xml.text("message", reason);
        });
    }
    xml.items("blockDeviceMapping", &instance.volumes, |xml, (name, volume)| {
        xml.text("deviceName", name);
        xml.element("ebs", |xml| {
            xml.text("volumeId", volume);
            xml.text("status", "attached");
            xml.text("deleteOnTermination", true);
        });
    });
    if !instance.tags.is_empty() {
        xml.items("tagSet", instance.tags.iter(), |xml, (key, value)| {
            xml.text("key", key);
            xml.text("value", value);
        });
    }
}

fn write_state(xml: &mut Xml, state: InstanceState) {
    xml.text("code", state.code());
    xml.text("name", state);
}

/// A change of state a person asks for.
struct Asked {
    from: &'static [InstanceState],
    /// Already there, or on the way: nothing to do.
    fine: &'static [InstanceState],
    passing: InstanceState,
    then: InstanceState,
    after: Duration,
}

pub(crate) fn start(world: &mut World, ctx: &Ctx<'_>, params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    use InstanceState::{Pending, Running, Stopped};
    change(
        world,
        ctx,
        params,
        xml,
        &Asked {
            from: &[Stopped],
            fine: &[Pending, Running],
            passing: Pending,
            then: Running,
            after: STARTING,
        },
    )
}

pub(crate) fn stop(world: &mut World, ctx: &Ctx<'_>, params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    use InstanceState::{Running, Stopped, Stopping};
    change(
        world,
        ctx,
        params,
        xml,
        &Asked {
            from: &[Running],
            fine: &[Stopping, Stopped],
            passing: Stopping,
            then: Stopped,
            after: STOPPING,
        },
    )
}

pub(crate) fn terminate(world: &mut World, ctx: &Ctx<'_>, params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    use InstanceState::{Pending, Running, ShuttingDown, Stopped, Stopping, Terminated};
    let asked = Asked {
        from: &[Pending, Running, Stopping, Stopped],
        fine: &[ShuttingDown, Terminated],
        passing: ShuttingDown,
        then: Terminated,
        after: STOPPING,
    };
    change(world, ctx, params, xml, &asked)
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
        if asked.from.contains(state) {
            set_state(world, target, *id, asked.passing);
            world.plan(
                asked.after,
                world::Due::Ec2(Due::InstanceBecomes {
                    target,
                    id: *id,
                    state: asked.then,
                }),
            );
        }
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
