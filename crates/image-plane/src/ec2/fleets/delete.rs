//! DeleteFleets.

use super::super::capacity::{GivenUp, Stand, read_ending};
use super::super::{Ctx, errors, on_behalf};
use super::Kind;
use crate::ids::FleetId;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

/// At most so many of those in one call may be instant.
const MOST_INSTANT: usize = 25;

/// What becomes of one fleet of the call.
enum Outcome {
    Goes(FleetId),
    Stays {
        named: String,
        code: &'static str,
        message: String,
    },
}

pub(in crate::ec2) fn delete(world: &mut World, ctx: &Ctx<'_>, params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let target = ctx.target();
    let (named, terminates) = read_ending(params, "FleetId")?;
    let outcomes: Vec<Outcome> = named.into_iter().map(|id| judge(world, target, id)).collect();
    let plane = world.ec2.plane(target.region);
    let instant = outcomes.iter().filter(|outcome| match outcome {
        Outcome::Goes(id) => plane.fleets.get(id).is_some_and(|fleet| fleet.kind == Kind::Instant),
        Outcome::Stays { .. } => false,
    });
    let instant = instant.count();
    if instant > MOST_INSTANT {
        return Err(errors::invalid("FleetId", &instant.to_string()));
    }
    // AWS says that it cannot be asked for, and not how it is refused.
    if instant > 0 && !terminates {
        return Err(errors::combination(
            "The instances of a fleet of type instant cannot outlive it",
        ));
    }
    ctx.commit()?;
    let (mut gone, mut kept) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Outcome::Goes(id) => gone.push((id, give_up(world, target, id, terminates))),
            Outcome::Stays { named, code, message } => kept.push((named, code, message)),
        }
    }
    xml.items("successfulFleetDeletionSet", gone, |xml, (id, state)| {
        xml.text("currentFleetState", state);
        xml.text("previousFleetState", "active");
        xml.text("fleetId", id);
    });
    xml.items("unsuccessfulFleetDeletionSet", kept, |xml, (id, code, message)| {
        xml.element("error", |xml| {
            xml.text("code", code);
            xml.text("message", message);
        });
        xml.text("fleetId", id);
    });
    Ok(())
}

fn judge(world: &mut World, target: Target, named: String) -> Outcome {
    let Ok(id) = named.parse::<FleetId>() else {
        return Outcome::Stays {
            code: "fleetIdMalformed",
            message: format!("The fleet ID '{named}' is malformed"),
            named,
        };
    };
    let now = world.now;
    let plane = &*world.ec2.plane(target.region);
    let fleet = plane.fleets.get(&id);
    match fleet.filter(|fleet| fleet.owner == target.account && !fleet.forgotten(plane, now)) {
        None => Outcome::Stays {
            code: "fleetIdDoesNotExist",
            message: format!("The fleet ID '{named}' does not exist"),
            named,
        },
        Some(fleet) if fleet.holding.stand(plane) != Stand::Active => Outcome::Stays {
            code: "fleetNotInDeletableState",
            message: format!("The fleet '{named}' is {}", fleet.state(plane)),
            named,
        },
        Some(_) => Outcome::Goes(id),
    }
}

/// Gives a fleet up and says its state afterwards.
fn give_up(world: &mut World, target: Target, id: FleetId, terminates: bool) -> &'static str {
    let at = world.now;
    let mut instances = Vec::new();
    if let Some(fleet) = world.ec2.plane(target.region).fleets.get_mut(&id) {
        fleet.holding.given_up = Some(GivenUp { at, terminates });
        instances.clone_from(&fleet.holding.instances);
    }
    if terminates {
        for instance in instances {
            on_behalf::terminate(world, target, instance);
        }
    }
    let plane = &*world.ec2.plane(target.region);
    plane.fleets.get(&id).map_or("deleted", |fleet| fleet.state(plane))
}
