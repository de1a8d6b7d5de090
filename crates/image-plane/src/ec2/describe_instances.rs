//! DescribeInstances, and how an instance is written in every answer.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::filters::Filters;
use super::instance::{Instance, InstanceState};
use super::instances::no_instance;
use super::operator::Managed;
use super::page::{Page, collect};
use super::{Ctx, errors, lookup, snapshots};
use crate::ids::{InstanceId, ReservationId};
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

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

pub(crate) fn describe(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let target = ctx.target();
    let ids = params
        .texts("InstanceId")?
        .iter()
        .map(|id| lookup::instance_id(id))
        .collect::<Result<Vec<_>, _>>()?;
    let filters = Filters::read(&mut params, FILTERS, &[])?;
    let managed = Managed::read(world, target, &mut params)?;
    let scope = format!("DescribeInstances {filters:?} {managed:?}");
    let page = Page::read(world, target, &mut params, (5, 1000), &scope)?;
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
        managed.shows(instance.operator.as_ref())
            && (filters.is_empty()
                || filters.match_all(&instance.tags.iter().collect::<Vec<_>>(), |name| {
                    values(id, instance, name)
                }))
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
    let mut reservations: BTreeMap<ReservationId, Vec<(InstanceId, &Instance)>> = BTreeMap::new();
    for (id, instance) in found {
        reservations
            .entry(instance.reservation)
            .or_default()
            .push((id, instance));
    }
    xml.items("reservationSet", reservations, |xml, (reservation, instances)| {
        xml.text("reservationId", reservation);
        xml.text("ownerId", target.account);
        xml.items("instancesSet", instances, |xml, (id, instance)| {
            write(xml, target, id, instance);
            managed.write(xml, instance.operator.as_ref());
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

pub(super) fn write_reservation(
    world: &mut World,
    target: Target,
    ids: &[InstanceId],
    xml: &mut Xml,
) -> Result<(), ApiError> {
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
            xml.text("deleteOnTermination", instance.deletes(name));
        });
    });
    if !instance.tags.is_empty() {
        xml.items("tagSet", instance.tags.iter(), |xml, (key, value)| {
            xml.text("key", key);
            xml.text("value", value);
        });
    }
}

pub(super) fn write_state(xml: &mut Xml, state: InstanceState) {
    xml.text("code", state.code());
    xml.text("name", state);
}

#[cfg(test)]
mod tests;
