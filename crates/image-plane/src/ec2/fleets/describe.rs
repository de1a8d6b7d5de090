//! DescribeFleets.

use std::borrow::Cow;

use super::super::Ctx;
use super::super::capacity::Dialect;
use super::super::filters::Filters;
use super::super::page::{Page, collect};
use super::super::snapshots::ids_after;
use super::super::state::Plane;
use super::{Fleet, Kind, fleet_id, no_fleet};
use crate::ids::FleetId;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::World;

pub(super) const FILTERS: &[&str] = &["activity-status", "fleet-state", "replace-unhealthy-instances", "type"];
const FILTERS_OF_AWS: &[&str] = &["excess-capacity-termination-policy"];

pub(in crate::ec2) fn describe(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let target = ctx.target();
    let ids = params
        .texts("FleetId")?
        .iter()
        .map(|id| fleet_id(id))
        .collect::<Result<Vec<_>, _>>()?;
    let filters = Filters::read(&mut params, FILTERS, FILTERS_OF_AWS)?;
    let scope = format!("DescribeFleets {ids:?} {filters:?}");
    // The bounds are those of its siblings: for this call AWS states none.
    let page = Page::read(world, target, &mut params, (1, 1000), &scope)?;
    params.finish()?;
    ctx.commit()?;
    let (now, sparse) = (world.now, world.settings.sparse_pages);
    let plane = &*world.ec2.plane(target.region);
    let mine = |id: FleetId| {
        let fleet = plane.fleets.get(&id)?;
        (fleet.owner == target.account && !fleet.forgotten(plane, now)).then_some(fleet)
    };
    for id in &ids {
        mine(*id).ok_or_else(|| no_fleet(*id))?;
    }
    let (found, last) = collect(
        &page,
        sparse,
        page.after(),
        |after, most| ids_after(&plane.fleets, after, most),
        |id| {
            let fleet = mine(id)?;
            // An instant fleet is shown only to whoever names it.
            let asked_for = if ids.is_empty() {
                fleet.kind != Kind::Instant
            } else {
                ids.contains(&id)
            };
            let values = |name: &str| fleet.values(plane, name);
            (asked_for && filters.match_all(&[], values)).then_some((id, fleet))
        },
    );
    xml.items("fleetSet", found, |xml, (id, fleet)| fleet.write(xml, plane, id));
    xml.optional("nextToken", last.map(|id| page.next(&id.to_string())));
    Ok(())
}

impl Fleet {
    fn activity(&self, plane: &Plane) -> &'static str {
        if self.holding.given_up.is_some() {
            return "pending_termination";
        }
        match self.failure {
            Some(_) => "error",
            None if self.holding.living(plane) < self.capacity.total => "pending_fulfillment",
            None => "fulfilled",
        }
    }

    fn values(&self, plane: &Plane, filter: &str) -> Vec<Cow<'static, str>> {
        let value = match filter {
            "activity-status" => self.activity(plane).to_owned(),
            "fleet-state" => self.state(plane).to_owned(),
            "replace-unhealthy-instances" => self.replaces_unhealthy.to_string(),
            _ => self.kind.to_string(),
        };
        // Documented with hyphens, and answered with underscores.
        vec![Cow::Owned(value.replace('_', "-")), Cow::Owned(value)]
    }

    fn write(&self, xml: &mut Xml, plane: &Plane, id: FleetId) {
        xml.text("activityStatus", self.activity(plane));
        xml.text("createTime", self.created);
        xml.text("fleetId", id);
        xml.text("fleetState", self.state(plane));
        xml.optional("clientToken", self.token.as_deref());
        xml.optional("excessCapacityTerminationPolicy", self.excess.as_deref());
        let living = self.holding.living(plane);
        xml.text("fulfilledCapacity", format!("{living}.0"));
        let on_demand = if self.capacity.lifecycle() == "on-demand" {
            living
        } else {
            0
        };
        xml.text("fulfilledOnDemandCapacity", format!("{on_demand}.0"));
        xml.items("launchTemplateConfigs", &self.configs, |xml, config| {
            config.write(xml, Dialect::Fleet);
        });
        xml.element("targetCapacitySpecification", |xml| {
            xml.text("totalTargetCapacity", self.capacity.total);
            xml.text("onDemandTargetCapacity", self.capacity.on_demand.unwrap_or(0));
            xml.text("spotTargetCapacity", self.capacity.spot.unwrap_or(0));
            xml.text("defaultTargetCapacityType", self.capacity.lifecycle());
        });
        xml.text("terminateInstancesWithExpiration", self.terminates_when_expired);
        xml.text("type", self.kind);
        xml.text("replaceUnhealthyInstances", self.replaces_unhealthy);
        if !self.tags.is_empty() {
            xml.items("tagSet", self.tags.iter(), |xml, (key, value)| {
                xml.text("key", key);
                xml.text("value", value);
            });
        }
        self.write_launches(xml);
    }
}
