//! RunInstances, and the rest of an instance's life as far as its image is concerned.

use std::time::Duration;

use super::describe_instances::{write_reservation, write_state};
use super::instance::InstanceState;
use super::launch::{self, Order, STARTING};
use super::launch_templates::Specification;
use super::state::{Made, Plane};
use super::tokens::Asked;
use super::{Ctx, Due, devices, errors, lookup, tag_api};
use crate::autoscaling;
use crate::ids::{InstanceId, VolumeId};
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::versioned::Versioned;
use crate::world::{self, Target, World};

/// How long a terminated instance is still described. About an hour, says EC2.
pub(super) const REMAINS: Duration = Duration::from_hours(1);
const STOPPING: Duration = Duration::from_secs(30);
const LONGEST_TOKEN: usize = 64;

pub(super) fn no_instance(id: &str) -> ApiError {
    ApiError::client(
        "InvalidInstanceID.NotFound",
        format!("The instance ID '{id}' does not exist"),
    )
}

pub(crate) fn run(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let target = ctx.target();
    let asked = Asked::read(&mut params, LONGEST_TOKEN)?;
    let template = params
        .structure("LaunchTemplate")
        .map(Specification::read)
        .transpose()?;
    let image = if template.is_some() {
        params.text("ImageId")?
    } else {
        Some(params.required("ImageId")?)
    };
    let kind = params.text("InstanceType")?;
    let (least, most) = (params.required("MinCount")?, params.required("MaxCount")?);
    let wishes = devices::read(&mut params)?;
    let tags = tag_api::read_specifications(&mut params, &["instance"])?.instance;
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
    let made = asked.made(world, target, |made| match made {
        Made::Instances(ids) => Some(ids.clone()),
        _ => None,
    })?;
    if let Some(ids) = made {
        ctx.commit()?;
        return write_reservation(world, target, &ids, xml);
    }
    let order = Order {
        image,
        kind,
        wishes,
        tags,
    };
    let order = match template {
        Some(template) => template.lay_under(world, target, order)?,
        None => order,
    };
    let ready = launch::prepare(world, target, order)?;
    ctx.commit()?;
    let ids = launch::start(world, ctx.caller, &ready, most, asked.token());
    asked.note(world, target, Made::Instances(ids.clone()));
    write_reservation(world, target, &ids, xml)
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
pub(super) struct Change {
    from: &'static [InstanceState],
    /// Already there, or on the way: nothing to do.
    fine: &'static [InstanceState],
    passing: InstanceState,
    then: InstanceState,
    after: Duration,
}

pub(super) const START: Change = Change {
    from: &[InstanceState::Stopped],
    fine: &[InstanceState::Pending, InstanceState::Running],
    passing: InstanceState::Pending,
    then: InstanceState::Running,
    after: STARTING,
};
pub(super) const STOP: Change = Change {
    from: &[InstanceState::Running],
    fine: &[InstanceState::Stopping, InstanceState::Stopped],
    passing: InstanceState::Stopping,
    then: InstanceState::Stopped,
    after: STOPPING,
};
pub(super) const TERMINATE: Change = Change {
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
pub(super) fn set_out(world: &mut World, target: Target, id: InstanceId, asked: &Change) {
    let plane = world.ec2.get(target.region);
    let instance = plane.and_then(|plane| plane.instances.get(&id)?.now());
    if instance.is_some_and(|instance| asked.from.contains(&instance.state)) {
        set_state(world, target, id, asked.passing);
        let state = asked.then;
        world.plan(asked.after, world::Due::Ec2(Due::InstanceBecomes { target, id, state }));
    }
}

/// Whether an instance is there and not at its end.
pub(super) fn lives(plane: &Plane, id: InstanceId) -> bool {
    let instance = plane.instances.get(&id).and_then(Versioned::now);
    instance.is_some_and(|instance| instance.state != InstanceState::Terminated)
}

fn change(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml, asked: &Change) -> Result<(), ApiError> {
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
    for (id, _) in &before {
        set_out(world, target, *id, asked);
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
