//! Spot Instance requests: RequestSpotInstances, and what becomes of them.
//!
//! There is always capacity, at any price: a request is fulfilled as soon as it is made. A persistent one whose instance
//! has ended is open again, and stays so.

mod describe;
pub(crate) mod place;

use super::instances::lives;
use super::spot_launch::Launch;
use super::state::{Made, Plane};
use super::tags::Tags;
use super::tokens::Asked;
use super::{Ctx, errors, launch, tag_api};
use crate::ids::{AccountId, InstanceId, SpotRequestId};
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Caller, World};
pub(super) use describe::describe;

const LONGEST_TOKEN: usize = 64;

/// A Spot Instance request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SpotRequest {
    pub(super) owner: AccountId,
    created: Time,
    persistent: bool,
    launch: Launch,
    price: Option<String>,
    instance: InstanceId,
    pub(super) tags: Tags,
    cancelled: bool,
}

impl SpotRequest {
    fn kind(&self) -> &'static str {
        if self.persistent { "persistent" } else { "one-time" }
    }

    fn state(&self, plane: &Plane) -> &'static str {
        match (self.cancelled, lives(plane, self.instance), self.persistent) {
            (true, ..) => "cancelled",
            (false, true, _) => "active",
            (false, false, true) => "open",
            (false, false, false) => "closed",
        }
    }

    fn status(&self, plane: &Plane) -> &'static str {
        match (lives(plane, self.instance), self.cancelled) {
            (true, true) => "request-canceled-and-instance-running",
            (true, false) => "fulfilled",
            (false, _) => "instance-terminated-by-user",
        }
    }

    fn write(&self, xml: &mut Xml, plane: &Plane, id: SpotRequestId) {
        xml.text("createTime", self.created);
        xml.text("instanceId", self.instance);
        xml.element("launchSpecification", |xml| self.launch.write(xml));
        xml.text("productDescription", "Linux/UNIX");
        xml.text("spotInstanceRequestId", id);
        xml.optional("spotPrice", self.price.as_deref());
        xml.text("state", self.state(plane));
        xml.element("status", |xml| xml.text("code", self.status(plane)));
        if !self.tags.is_empty() {
            xml.items("tagSet", self.tags.iter(), |xml, (key, value)| {
                xml.text("key", key);
                xml.text("value", value);
            });
        }
        xml.text("type", self.kind());
    }
}

fn request_id(text: &str) -> Result<SpotRequestId, ApiError> {
    text.parse().map_err(|_| {
        ApiError::client(
            "InvalidSpotInstanceRequestID.Malformed",
            format!("Invalid id: \"{text}\" (expecting \"sir-...\")"),
        )
    })
}

fn no_request(id: SpotRequestId) -> ApiError {
    ApiError::client(
        "InvalidSpotInstanceRequestID.NotFound",
        format!("The spot instance request ID '{id}' does not exist"),
    )
}

pub(crate) fn request(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let target = ctx.target();
    let asked = Asked::read(&mut params, LONGEST_TOKEN)?;
    let launch = params.structure("LaunchSpecification").unwrap_or_default();
    let launch = Launch::read(launch)?;
    let count: usize = params.parsed("InstanceCount")?.unwrap_or(1);
    let kind = params.text("Type")?.unwrap_or_else(|| "one-time".to_owned());
    let price = params.text("SpotPrice")?;
    let tags = tag_api::read_specifications(&mut params, &["spot-instances-request"])?.own;
    params.finish()?;
    if !matches!(kind.as_str(), "one-time" | "persistent") {
        return Err(errors::invalid("Type", &kind));
    }
    if !(1..=1000).contains(&count) {
        return Err(errors::invalid("InstanceCount", &count.to_string()));
    }
    let made = asked.made(world, target, |made| match made {
        Made::SpotRequests(ids) => Some(ids.clone()),
        _ => None,
    })?;
    if let Some(ids) = made {
        ctx.commit()?;
        write_all(world, ctx, &ids, xml);
        return Ok(());
    }
    let ready = launch::prepare(world, target, launch.order())?;
    ctx.commit()?;
    let mut ids = Vec::new();
    for instance in launch::start(world, &Caller::of_account(target), &ready, count, None) {
        let id = SpotRequestId::draw(&mut world.random);
        let request = SpotRequest {
            owner: target.account,
            created: world.now,
            persistent: kind == "persistent",
            launch: launch.clone(),
            price: price.clone(),
            instance,
            tags: tags.clone(),
            cancelled: false,
        };
        world.ec2.plane(target.region).spot_requests.insert(id, request);
        ids.push(id);
    }
    asked.note(world, target, Made::SpotRequests(ids.clone()));
    write_all(world, ctx, &ids, xml);
    Ok(())
}

fn write_all(world: &mut World, ctx: &Ctx<'_>, ids: &[SpotRequestId], xml: &mut Xml) {
    let plane = &*world.ec2.plane(ctx.target().region);
    let requests = ids.iter().filter_map(|id| Some((*id, plane.spot_requests.get(id)?)));
    xml.items("spotInstanceRequestSet", requests, |xml, (id, request)| {
        request.write(xml, plane, id);
    });
}

/// CancelSpotInstanceRequests: the instances run on.
pub(crate) fn cancel(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let target = ctx.target();
    let ids = params
        .texts("SpotInstanceRequestId")?
        .iter()
        .map(|id| request_id(id))
        .collect::<Result<Vec<_>, _>>()?;
    params.finish()?;
    if ids.is_empty() {
        return Err(ApiError::client(
            "MissingParameter",
            "The request must contain the parameter SpotInstanceRequestId",
        ));
    }
    let requests = &world.ec2.plane(target.region).spot_requests;
    for id in &ids {
        let request = requests.get(id).filter(|request| request.owner == target.account);
        request.ok_or_else(|| no_request(*id))?;
    }
    ctx.commit()?;
    let requests = &mut world.ec2.plane(target.region).spot_requests;
    for id in &ids {
        if let Some(request) = requests.get_mut(id) {
            request.cancelled = true;
        }
    }
    xml.items("spotInstanceRequestSet", ids, |xml, id| {
        xml.text("spotInstanceRequestId", id);
        xml.text("state", "cancelled");
    });
    Ok(())
}

#[cfg(test)]
mod tests;
