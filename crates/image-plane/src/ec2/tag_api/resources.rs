//! What carries tags, and whose tags they are.

use super::super::tags::Tags;
use super::super::visibility::may_launch;
use super::super::{Ctx, errors, instances, launch_templates, lookup};
use super::MOST_RESOURCES;
use crate::ids::{ImageId, InstanceId, LaunchTemplateId, SnapshotId};
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::world::{Target, World};

/// What carries tags.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Resource {
    Image(ImageId),
    Snapshot(SnapshotId),
    Instance(InstanceId),
    LaunchTemplate(LaunchTemplateId),
}

pub(super) fn read_resources(params: &mut Params) -> Result<Vec<Resource>, ApiError> {
    let texts = params.texts("ResourceId")?;
    if texts.is_empty() {
        return Err(ApiError::client(
            "MissingParameter",
            "The request must contain the parameter resourceIdSet",
        ));
    }
    if texts.len() > MOST_RESOURCES {
        return Err(ApiError::client(
            "InvalidParameterValue",
            format!("At most {MOST_RESOURCES} resources can be tagged in one call"),
        ));
    }
    texts
        .iter()
        .map(|text| match text.split_once('-') {
            Some(("ami", _)) => lookup::image_id(text).map(Resource::Image),
            Some(("snap", _)) => lookup::snapshot_id(text).map(Resource::Snapshot),
            Some(("i", _)) => lookup::instance_id(text).map(Resource::Instance),
            Some(("lt", _)) => text
                .parse()
                .map(Resource::LaunchTemplate)
                .map_err(|_| launch_templates::no_id(text)),
            Some(_) => Err(ApiError::not_modelled(format!("tags of {text}"))),
            None => Err(ApiError::client("InvalidID", format!("The ID '{text}' is not valid"))),
        })
        .collect()
}

/// The caller's tags on a resource it may tag: its own, or another's image it may launch.
pub(super) fn tags_of(world: &mut World, ctx: &Ctx<'_>, resource: Resource) -> Result<Tags, ApiError> {
    let target = ctx.target();
    match resource {
        Resource::Image(id) => {
            let as_of = world.read_as_of();
            let plane = world.ec2.plane(target.region);
            let image = plane.image_seen(id, as_of).and(plane.image(id)).cloned();
            let image = image
                .filter(|image| may_launch(world, image, target.account))
                .ok_or_else(|| errors::no_image(&id.to_string()))?;
            if image.owner == target.account {
                return Ok(image.tags);
            }
            Ok(world
                .ec2
                .plane(target.region)
                .foreign_tags
                .get(&(target.account, id))
                .cloned()
                .unwrap_or_default())
        }
        Resource::Snapshot(id) => lookup::own_snapshot(world, ctx, id).map(|snapshot| snapshot.tags.clone()),
        Resource::Instance(id) => {
            let instance = world
                .ec2
                .plane(target.region)
                .instances
                .get(&id)
                .and_then(|instance| instance.now());
            let instance = instance.filter(|instance| instance.owner == target.account);
            instance
                .map(|instance| instance.tags.clone())
                .ok_or_else(|| instances::no_instance(&id.to_string()))
        }
        Resource::LaunchTemplate(id) => {
            let templates = &world.ec2.plane(target.region).launch_templates;
            let template = templates.get(&id).and_then(|template| template.now());
            template
                .filter(|template| template.owner == target.account)
                .map(|template| template.tags.clone())
                .ok_or_else(|| launch_templates::no_id(&id.to_string()))
        }
    }
}

pub(super) fn edit(world: &mut World, target: Target, resource: Resource, change: impl FnOnce(&mut Tags)) {
    let (now, lag) = (world.now, world.settings.read_lag);
    let plane = world.ec2.plane(target.region);
    match resource {
        Resource::Image(id) => {
            if plane.image(id).is_some_and(|image| image.owner != target.account) {
                change(plane.foreign_tags.entry((target.account, id)).or_default());
            } else if let Some(image) = plane.edit_image(id, now, lag) {
                change(&mut image.tags);
            }
        }
        Resource::Snapshot(id) => {
            if let Some(snapshot) = plane.edit_snapshot(id, now, lag) {
                change(&mut snapshot.tags);
            }
        }
        Resource::Instance(id) => {
            if let Some(instance) = plane
                .instances
                .get_mut(&id)
                .and_then(|instance| instance.edit(now, lag))
            {
                change(&mut instance.tags);
            }
        }
        Resource::LaunchTemplate(id) => {
            let templates = &mut plane.launch_templates;
            if let Some(template) = templates.get_mut(&id).and_then(|template| template.edit(now, lag)) {
                change(&mut template.tags);
            }
        }
    }
}

pub(super) struct Row {
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) key: String,
    pub(super) value: String,
}

impl Row {
    pub(super) fn field(&self, name: &str) -> &str {
        match name {
            "key" => &self.key,
            "resource-id" => &self.id,
            "resource-type" => self.kind,
            _ => &self.value,
        }
    }
}

pub(super) fn rows(world: &World, target: Target, as_of: Time) -> Vec<Row> {
    let Some(plane) = world.ec2.get(target.region) else {
        return Vec::new();
    };
    let me = std::collections::BTreeSet::from([target.account]);
    let mut rows = Vec::new();
    let mut add = |id: String, kind: &'static str, tags: &Tags| {
        rows.extend(tags.iter().map(|(key, value)| Row {
            id: id.clone(),
            kind,
            key: key.to_owned(),
            value: value.to_owned(),
        }));
    };
    for id in plane.image_ids(Some(&me), None, usize::MAX) {
        if let Some(image) = plane.image_seen(id, as_of) {
            add(id.to_string(), "image", &image.tags);
        }
    }
    for ((_, id), tags) in plane
        .foreign_tags
        .iter()
        .filter(|((account, _), _)| *account == target.account)
    {
        add(id.to_string(), "image", tags);
    }
    for id in plane.snapshot_ids(Some(&me), None, usize::MAX) {
        if let Some(snapshot) = plane.snapshot_seen(id, as_of) {
            add(id.to_string(), "snapshot", &snapshot.tags);
        }
    }
    for (id, instance) in &plane.instances {
        if let Some(instance) = instance.seen(as_of).filter(|instance| instance.owner == target.account) {
            add(id.to_string(), "instance", &instance.tags);
        }
    }
    for (id, template) in &plane.launch_templates {
        if let Some(template) = template.seen(as_of).filter(|template| template.owner == target.account) {
            add(id.to_string(), "launch-template", &template.tags);
        }
    }
    rows
}
