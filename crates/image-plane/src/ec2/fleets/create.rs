//! CreateFleet.

use super::super::capacity::{Config, Dialect, Holding, refuse_alias};
use super::super::state::Made;
use super::super::tokens::Asked;
use super::super::{Ctx, errors, launch, tag_api};
use super::{Capacity, Fleet, Kind, no_fleet};
use crate::ids::FleetId;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Caller, World};

const LONGEST_TOKEN: usize = 64;
/// A fleet's quota.
const MOST: usize = 10_000;

fn read_capacity(params: &mut Params) -> Result<Capacity, ApiError> {
    let mut part = params.structure("TargetCapacitySpecification").unwrap_or_default();
    let total = part.required("TotalTargetCapacity")?;
    let capacity = Capacity {
        total: total
            .parse()
            .ok()
            .filter(|total| *total <= MOST)
            .ok_or_else(|| errors::invalid("TotalTargetCapacity", &total))?,
        on_demand: part.parsed("OnDemandTargetCapacity")?,
        spot: part.parsed("SpotTargetCapacity")?,
        default: part.text("DefaultTargetCapacityType")?,
    };
    part.finish()?;
    if let Some(kind) = &capacity.default
        && !matches!(kind.as_str(), "on-demand" | "spot")
    {
        return Err(errors::invalid("DefaultTargetCapacityType", kind));
    }
    if capacity.on_demand.unwrap_or(0) + capacity.spot.unwrap_or(0) > capacity.total {
        return Err(errors::combination(
            "OnDemandTargetCapacity and SpotTargetCapacity are together more than TotalTargetCapacity",
        ));
    }
    Ok(capacity)
}

pub(in crate::ec2) fn create(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let target = ctx.target();
    let asked = Asked::read(&mut params, LONGEST_TOKEN)?;
    let kind = params.text("Type")?.unwrap_or_else(|| "maintain".to_owned());
    let kind = Kind::parse(&kind).ok_or_else(|| errors::invalid("Type", &kind))?;
    let configs = Config::read_all(&mut params, Dialect::Fleet)?;
    let capacity = read_capacity(&mut params)?;
    let excess = params.text("ExcessCapacityTerminationPolicy")?;
    let terminates_when_expired = params.flag("TerminateInstancesWithExpiration")?;
    let replaces_unhealthy = params.flag("ReplaceUnhealthyInstances")?;
    let tags = tag_api::read_specifications(&mut params, &["fleet", "instance"])?;
    params.finish()?;
    let Some(config) = configs.first() else {
        return Err(ApiError::client(
            "MissingParameter",
            "The request must contain the parameter LaunchTemplateConfigs",
        ));
    };
    if kind != Kind::Instant && !tags.instance.is_empty() {
        return Err(errors::combination(
            "Only a fleet of type instant tags its instances; a launch template tags those of the others",
        ));
    }
    let with_image = |config: &Config| config.overrides.iter().any(|part| part.image.is_some());
    if kind != Kind::Instant && configs.iter().any(with_image) {
        return Err(errors::combination(
            "ImageId can be overridden only in a fleet of type instant",
        ));
    }
    let made = asked.made(world, target, |made| match made {
        Made::Fleet(id) => Some(*id),
        _ => None,
    })?;
    if let Some(id) = made {
        ctx.commit()?;
        return write(world, ctx, id, xml);
    }
    // Every template must be there; what is wrong with a launch shows when it is tried.
    for config in &configs {
        let order = config.order(world, target)?;
        if kind != Kind::Instant {
            refuse_alias(&order)?;
        }
    }
    let mut order = config.order(world, target)?;
    ctx.commit()?;
    let id = FleetId::draw(&mut world.random);
    for (key, value) in tags.instance.iter() {
        order.tags.set(key, value);
    }
    order.tags.set("aws:ec2:fleet-id", &id.to_string());
    let (mut holding, mut launched, mut failure) = (Holding::default(), None, None);
    match launch::prepare(world, target, order) {
        Ok(ready) => {
            holding.instances = launch::start(world, &Caller::of_account(target), &ready, capacity.total, None);
            launched = Some(ready.kind);
        }
        Err(error) => failure = Some((error.code.to_string(), error.message)),
    }
    let fleet = Fleet {
        owner: target.account,
        kind,
        created: world.now,
        configs,
        capacity,
        excess,
        terminates_when_expired,
        replaces_unhealthy,
        token: asked.token().map(str::to_owned),
        tags: tags.own,
        holding,
        launched,
        failure,
    };
    world.ec2.plane(target.region).fleets.insert(id, fleet);
    asked.note(world, target, Made::Fleet(id));
    write(world, ctx, id, xml)
}

fn write(world: &World, ctx: &Ctx<'_>, id: FleetId, xml: &mut Xml) -> Result<(), ApiError> {
    let plane = world.ec2.get(ctx.target().region);
    let fleet = plane
        .and_then(|plane| plane.fleets.get(&id))
        .ok_or_else(|| no_fleet(id))?;
    xml.text("fleetId", id);
    fleet.write_launches(xml);
    Ok(())
}

impl Fleet {
    /// What an instant fleet launched and what it could not; of the others AWS tells neither.
    pub(super) fn write_launches(&self, xml: &mut Xml) {
        if self.kind != Kind::Instant {
            return;
        }
        let from = |xml: &mut Xml| {
            xml.element("launchTemplateAndOverrides", |xml| {
                if let Some(config) = self.configs.first() {
                    xml.element("launchTemplateSpecification", |xml| config.specification.write(xml));
                    if let Some(part) = config.overrides.first() {
                        xml.element("overrides", |xml| part.write(xml, Dialect::Fleet));
                    }
                }
            });
            xml.text("lifecycle", self.capacity.lifecycle());
        };
        xml.items("errorSet", &self.failure, |xml, (code, message)| {
            from(xml);
            xml.text("errorCode", code);
            xml.text("errorMessage", message);
        });
        xml.items("fleetInstanceSet", &self.launched, |xml, kind| {
            from(xml);
            xml.element("instanceIds", |xml| {
                for id in &self.holding.instances {
                    xml.text("item", id);
                }
            });
            xml.text("instanceType", kind);
        });
    }
}
