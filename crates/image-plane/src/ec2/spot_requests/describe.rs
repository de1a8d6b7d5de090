//! DescribeSpotInstanceRequests.

use std::borrow::Cow;

use super::super::filters::Filters;
use super::super::page::{Page, collect};
use super::super::snapshots::ids_after;
use super::super::state::Plane;
use super::super::{Ctx, errors};
use super::{SpotRequest, no_request, request_id};
use crate::ids::SpotRequestId;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::World;

pub(super) const FILTERS: &[&str] = &[
    "create-time",
    "instance-id",
    "launch.image-id",
    "launch.instance-type",
    "launch.key-name",
    "spot-instance-request-id",
    "spot-price",
    "state",
    "status-code",
    "tag-key",
    "type",
];
const FILTERS_OF_AWS: &[&str] = &[
    "availability-zone-group",
    "fault-code",
    "fault-message",
    "launch-group",
    "launch.block-device-mapping.delete-on-termination",
    "launch.block-device-mapping.device-name",
    "launch.block-device-mapping.snapshot-id",
    "launch.block-device-mapping.volume-size",
    "launch.block-device-mapping.volume-type",
    "launch.group-id",
    "launch.group-name",
    "launch.kernel-id",
    "launch.monitoring-enabled",
    "launch.ramdisk-id",
    "launched-availability-zone",
    "launched-availability-zone-id",
    "product-description",
    "status-message",
    "valid-from",
    "valid-until",
];

pub(in crate::ec2) fn describe(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let target = ctx.target();
    let ids = params
        .texts("SpotInstanceRequestId")?
        .iter()
        .map(|id| request_id(id))
        .collect::<Result<Vec<_>, _>>()?;
    let filters = Filters::read(&mut params, FILTERS, FILTERS_OF_AWS)?;
    let scope = format!("DescribeSpotInstanceRequests {filters:?}");
    let page = Page::read(world, target, &mut params, (5, 1000), &scope)?;
    params.finish()?;
    // As with instances: AWS says it there, and nothing here.
    if page.most.is_some() && !ids.is_empty() {
        return Err(errors::combination(
            "The parameter SpotInstanceRequestId cannot be used with the parameter MaxResults",
        ));
    }
    ctx.commit()?;
    let sparse = world.settings.sparse_pages;
    let plane = &*world.ec2.plane(target.region);
    let mine = |id: SpotRequestId| {
        let request = plane.spot_requests.get(&id)?;
        (request.owner == target.account).then_some(request)
    };
    for id in &ids {
        mine(*id).ok_or_else(|| no_request(*id))?;
    }
    let (found, last) = collect(
        &page,
        sparse,
        page.after(),
        |after, most| ids_after(&plane.spot_requests, after, most),
        |id| {
            let request = mine(id).filter(|_| ids.is_empty() || ids.contains(&id))?;
            let tags: Vec<_> = request.tags.iter().collect();
            let values = |name: &str| request.value(plane, id, name).into_iter().collect();
            filters.match_all(&tags, values).then_some((id, request))
        },
    );
    xml.items("spotInstanceRequestSet", found, |xml, (id, request)| {
        request.write(xml, plane, id);
    });
    xml.optional("nextToken", last.map(|id| page.next(&id.to_string())));
    Ok(())
}

impl SpotRequest {
    fn value(&self, plane: &Plane, id: SpotRequestId, filter: &str) -> Option<Cow<'_, str>> {
        let value: Cow<'_, str> = match filter {
            "create-time" => self.created.to_string().into(),
            "instance-id" => self.instance.to_string().into(),
            "launch.image-id" => self.launch.image.as_str().into(),
            "launch.instance-type" => self.launch.kind.as_deref()?.into(),
            "launch.key-name" => self.launch.key_name.as_deref()?.into(),
            "spot-instance-request-id" => id.to_string().into(),
            "spot-price" => self.price.as_deref()?.into(),
            "state" => self.state(plane).into(),
            "status-code" => self.status(plane).into(),
            "type" => self.kind().into(),
            _ => return None,
        };
        Some(value)
    }
}
