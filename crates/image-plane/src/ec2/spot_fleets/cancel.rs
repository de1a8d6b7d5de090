//! CancelSpotFleetRequests.

use super::super::capacity::{GivenUp, Stand, read_ending};
use super::super::{Ctx, on_behalf};
use crate::ids::SpotFleetId;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

pub(in crate::ec2) fn cancel(world: &mut World, ctx: &Ctx<'_>, params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let target = ctx.target();
    let (named, terminates) = read_ending(params, "SpotFleetRequestId")?;
    ctx.commit()?;
    let (mut gone, mut kept) = (Vec::new(), Vec::new());
    for text in named {
        match judge(world, target, &text) {
            Ok(id) => gone.push((id, give_up(world, target, id, terminates))),
            Err(code) => kept.push((text, code)),
        }
    }
    xml.items("successfulFleetRequestSet", gone, |xml, (id, state)| {
        xml.text("currentSpotFleetRequestState", state);
        xml.text("previousSpotFleetRequestState", "active");
        xml.text("spotFleetRequestId", id);
    });
    xml.items("unsuccessfulFleetRequestSet", kept, |xml, (id, code)| {
        xml.element("error", |xml| {
            xml.text("code", code);
            xml.text("message", format!("The spot fleet request '{id}' cannot be cancelled"));
        });
        xml.text("spotFleetRequestId", id);
    });
    Ok(())
}

/// The fleet of this id, or the code that says why it cannot be cancelled.
fn judge(world: &mut World, target: Target, text: &str) -> Result<SpotFleetId, &'static str> {
    let id = text.parse().map_err(|_| "fleetRequestIdMalformed")?;
    let plane = &*world.ec2.plane(target.region);
    let fleet = plane.spot_fleets.get(&id);
    let fleet = fleet.filter(|fleet| fleet.owner == target.account);
    match fleet.ok_or("fleetRequestIdDoesNotExist")?.holding.stand(plane) {
        Stand::Active => Ok(id),
        Stand::Running | Stand::Terminating | Stand::Over => Err("fleetRequestNotInCancellableState"),
    }
}

/// Gives a fleet up and says its state afterwards.
fn give_up(world: &mut World, target: Target, id: SpotFleetId, terminates: bool) -> &'static str {
    let at = world.now;
    let mut instances = Vec::new();
    if let Some(fleet) = world.ec2.plane(target.region).spot_fleets.get_mut(&id) {
        fleet.holding.given_up = Some(GivenUp { at, terminates });
        instances.clone_from(&fleet.holding.instances);
    }
    if terminates {
        for instance in instances {
            on_behalf::terminate(world, target, instance);
        }
    }
    let plane = &*world.ec2.plane(target.region);
    plane
        .spot_fleets
        .get(&id)
        .map_or("cancelled", |fleet| fleet.state(plane))
}
