//! What a call to EC2 is about, as policies judge it: the resources it names, their tags, the tags it would set.
//!
//! Reading calls have no resources in EC2's permissions; policies for them must say `*`.

use super::tags::Tags;
use crate::ids::{ImageId, InstanceId, SnapshotId};
use crate::sts::{Access, Resource};
use crate::wire::query::Params;
use crate::world::{Caller, World};

/// The resources of a call, from its parameters as they were sent.
pub(super) fn of_call(world: &World, caller: &Caller, action: &str, mutates: bool, params: &Params) -> Access {
    let mut access = Access::unknown();
    if !mutates {
        return access;
    }
    let named = ["ImageId", "SnapshotId", "InstanceId"]
        .iter()
        .filter_map(|name| params.peek(name));
    for id in named
        .chain(params.peek_list("ResourceId"))
        .chain(params.peek_list("InstanceId"))
    {
        access.resources.push(resource(world, caller, id));
    }
    access.resources.extend(created(caller, action));
    for (key, value) in params.peek_pairs("Tag").into_iter().chain(params.peek_specified_tags()) {
        access.request_tags.insert(key.to_owned(), value.map(str::to_owned));
    }
    access
}

/// What a creating call makes, before it has an id. A copy's source takes no tags in conditions, so it is not among them.
fn created(caller: &Caller, action: &str) -> Vec<Resource> {
    let kinds: &[&str] = match action {
        "CopyImage" | "CreateImage" => &["image", "snapshot"],
        "RegisterImage" => &["image"],
        "CopySnapshot" | "CreateSnapshot" => &["snapshot"],
        "RunInstances" => &["instance"],
        _ => &[],
    };
    kinds
        .iter()
        .map(|kind| Resource {
            arn: arn(caller, kind, "*"),
            owner: None,
            ..Resource::default()
        })
        .collect()
}

/// An image or a snapshot has no account in its ARN; an instance has.
fn arn(caller: &Caller, kind: &str, id: &str) -> String {
    let region = caller.target.region;
    let account = if kind == "instance" {
        caller.target.account.to_string()
    } else {
        String::new()
    };
    format!("arn:{}:ec2:{region}:{account}:{kind}/{id}", region.partition())
}

/// A resource that exists, with the tags the caller sees on it. One that does not is judged by its ARN alone.
pub(super) fn resource(world: &World, caller: &Caller, id: &str) -> Resource {
    let plane = world.ec2.get(caller.target.region);
    let (kind, found) = if let Ok(image) = id.parse::<ImageId>() {
        let image = plane.and_then(|plane| plane.image(image));
        ("image", image.map(|image| (image.owner, &image.tags)))
    } else if let Ok(snapshot) = id.parse::<SnapshotId>() {
        let snapshot = plane.and_then(|plane| plane.snapshot(snapshot));
        ("snapshot", snapshot.map(|snapshot| (snapshot.owner, &snapshot.tags)))
    } else {
        let instance = plane.and_then(|plane| plane.instances.get(&id.parse::<InstanceId>().ok()?)?.now());
        ("instance", instance.map(|instance| (instance.owner, &instance.tags)))
    };
    let seen = found
        .filter(|(owner, _)| *owner == caller.target.account)
        .map(|(_, tags)| tags);
    Resource {
        arn: arn(caller, kind, id),
        tags: seen
            .into_iter()
            .flat_map(Tags::iter)
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect(),
        owner: found.map(|(owner, _)| owner.to_string()),
    }
}
