//! DescribeSpotFleetRequests.

use super::super::Ctx;
use super::super::capacity::Dialect;
use super::super::page::{Page, collect};
use super::super::snapshots::ids_after;
use super::super::state::Plane;
use super::{Settings, SpotFleet};
use crate::ids::SpotFleetId;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::World;

fn fleet_id(text: &str) -> Result<SpotFleetId, ApiError> {
    text.parse().map_err(|_| {
        ApiError::client(
            "InvalidSpotFleetRequestId.Malformed",
            format!("Invalid id: \"{text}\" (expecting \"sfr-...\")"),
        )
    })
}

fn no_fleet(id: SpotFleetId) -> ApiError {
    ApiError::client(
        "InvalidSpotFleetRequestId.NotFound",
        format!("The spot fleet request ID '{id}' does not exist"),
    )
}

pub(in crate::ec2) fn describe(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let target = ctx.target();
    let ids = params
        .texts("SpotFleetRequestId")?
        .iter()
        .map(|id| fleet_id(id))
        .collect::<Result<Vec<_>, _>>()?;
    let scope = format!("DescribeSpotFleetRequests {ids:?}");
    let page = Page::read(world, target, &mut params, (1, 1000), &scope)?;
    params.finish()?;
    ctx.commit()?;
    let sparse = world.settings.sparse_pages;
    let plane = &*world.ec2.plane(target.region);
    let mine = |id: SpotFleetId| {
        let fleet = plane.spot_fleets.get(&id)?;
        (fleet.owner == target.account).then_some(fleet)
    };
    for id in &ids {
        mine(*id).ok_or_else(|| no_fleet(*id))?;
    }
    let (found, last) = collect(
        &page,
        sparse,
        page.after(),
        |after, most| ids_after(&plane.spot_fleets, after, most),
        |id| {
            let fleet = mine(id).filter(|_| ids.is_empty() || ids.contains(&id));
            fleet.map(|fleet| (id, fleet))
        },
    );
    xml.items("spotFleetRequestConfigSet", found, |xml, (id, fleet)| {
        fleet.write(xml, plane, id);
    });
    xml.optional("nextToken", last.map(|id| page.next(&id.to_string())));
    Ok(())
}

impl SpotFleet {
    fn activity(&self, plane: &Plane) -> &'static str {
        if self.holding.given_up.is_some() {
            "pending_termination"
        } else if self.failed {
            "error"
        } else if self.holding.living(plane) < self.settings.capacity {
            "pending_fulfillment"
        } else {
            "fulfilled"
        }
    }

    fn write(&self, xml: &mut Xml, plane: &Plane, id: SpotFleetId) {
        xml.text("activityStatus", self.activity(plane));
        xml.text("createTime", self.created);
        xml.element("spotFleetRequestConfig", |xml| {
            xml.optional("clientToken", self.token.as_deref());
            xml.text("fulfilledCapacity", format!("{}.0", self.holding.living(plane)));
            self.settings.write(xml);
        });
        xml.text("spotFleetRequestId", id);
        xml.text("spotFleetRequestState", self.state(plane));
    }
}

impl Settings {
    fn write(&self, xml: &mut Xml) {
        xml.optional("allocationStrategy", self.strategy.as_deref());
        xml.text("iamFleetRole", &self.role);
        if !self.launches.is_empty() {
            xml.items("launchSpecifications", &self.launches, |xml, launch| {
                launch.write(xml);
            });
        }
        if !self.configs.is_empty() {
            xml.items("launchTemplateConfigs", &self.configs, |xml, config| {
                config.write(xml, Dialect::SpotFleet);
            });
        }
        xml.optional("spotPrice", self.price.as_deref());
        xml.text("targetCapacity", self.capacity);
        xml.text("terminateInstancesWithExpiration", self.terminates_when_expired);
        xml.text("type", &self.kind);
        xml.text("replaceUnhealthyInstances", self.replaces_unhealthy);
    }
}
