//! Spot Fleets: RequestSpotFleet, DescribeSpotFleetRequests, CancelSpotFleetRequests.

mod cancel;
mod describe;
pub(crate) mod place;

use super::capacity::{Config, Dialect, Holding, Stand, refuse_alias};
use super::spot_launch::Launch;
use super::state::{Made, Plane};
use super::tags::Tags;
use super::tokens::Asked;
use super::{Ctx, errors, launch};
use crate::ids::{AccountId, SpotFleetId};
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Caller, Target, World};
pub(super) use cancel::cancel;
pub(super) use describe::describe;

const LONGEST_TOKEN: usize = 64;
/// A fleet's quota.
const MOST: usize = 10_000;

/// A Spot Fleet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SpotFleet {
    pub(super) owner: AccountId,
    created: Time,
    settings: Settings,
    token: Option<String>,
    pub(super) tags: Tags,
    holding: Holding,
    /// Nothing could be launched.
    failed: bool,
}

/// What the caller asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Settings {
    role: String,
    kind: String,
    launches: Vec<Launch>,
    configs: Vec<Config>,
    capacity: usize,
    price: Option<String>,
    strategy: Option<String>,
    terminates_when_expired: bool,
    replaces_unhealthy: bool,
}

impl Settings {
    fn read(params: &mut Params) -> Result<Self, ApiError> {
        let launches = params.list("LaunchSpecifications")?;
        let capacity = params.required("TargetCapacity")?;
        let settings = Self {
            role: params.required("IamFleetRole")?,
            kind: params.text("Type")?.unwrap_or_else(|| "maintain".to_owned()),
            launches: launches
                .into_iter()
                .map(Launch::read_priced)
                .collect::<Result<_, _>>()?,
            configs: Config::read_all(params, Dialect::SpotFleet)?,
            capacity: capacity
                .parse()
                .ok()
                .filter(|capacity| *capacity <= MOST)
                .ok_or_else(|| errors::invalid("TargetCapacity", &capacity))?,
            price: params.text("SpotPrice")?,
            strategy: params.text("AllocationStrategy")?,
            terminates_when_expired: params.flag("TerminateInstancesWithExpiration")?,
            replaces_unhealthy: params.flag("ReplaceUnhealthyInstances")?,
        };
        if !matches!(settings.kind.as_str(), "maintain" | "request") {
            return Err(errors::invalid("Type", &settings.kind));
        }
        if settings.launches.is_empty() == settings.configs.is_empty() {
            return Err(ApiError::client(
                "InvalidSpotFleetRequestConfig",
                "A Spot Fleet request has either LaunchSpecifications or LaunchTemplateConfigs",
            ));
        }
        Ok(settings)
    }

    /// What its instances are like: the first it names, as with fleets of the other kind.
    fn order(&self, world: &mut World, target: Target) -> Result<launch::Order, ApiError> {
        for config in &self.configs {
            refuse_alias(&config.order(world, target)?)?;
        }
        match (self.launches.first(), self.configs.first()) {
            (Some(launch), _) => Ok(launch.order()),
            (None, Some(config)) => config.order(world, target),
            (None, None) => Ok(launch::Order::default()),
        }
    }
}

impl SpotFleet {
    fn state(&self, plane: &Plane) -> &'static str {
        match self.holding.stand(plane) {
            Stand::Active => "active",
            Stand::Running => "cancelled_running",
            Stand::Terminating => "cancelled_terminating",
            Stand::Over => "cancelled",
        }
    }
}

pub(crate) fn request(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let target = ctx.target();
    let mut config = params.structure("SpotFleetRequestConfig").unwrap_or_default();
    let asked = Asked::read(&mut config, LONGEST_TOKEN)?;
    let settings = Settings::read(&mut config)?;
    config.finish()?;
    params.finish()?;
    let made = asked.made(world, target, |made| match made {
        Made::SpotFleet(id) => Some(*id),
        _ => None,
    })?;
    if let Some(id) = made {
        ctx.commit()?;
        xml.text("spotFleetRequestId", id);
        return Ok(());
    }
    let mut order = settings.order(world, target)?;
    ctx.commit()?;
    let id = SpotFleetId::draw(&mut world.random);
    order.tags.set("aws:ec2spot:fleet-request-id", &id.to_string());
    let mut holding = Holding::default();
    let ready = launch::prepare(world, target, order);
    if let Ok(ready) = &ready {
        holding.instances = launch::start(world, &Caller::of_account(target), ready, settings.capacity, None);
    }
    let fleet = SpotFleet {
        owner: target.account,
        created: world.now,
        settings,
        token: asked.token().map(str::to_owned),
        tags: Tags::default(),
        holding,
        failed: ready.is_err(),
    };
    world.ec2.plane(target.region).spot_fleets.insert(id, fleet);
    asked.note(world, target, Made::SpotFleet(id));
    xml.text("spotFleetRequestId", id);
    Ok(())
}

#[cfg(test)]
mod tests;
