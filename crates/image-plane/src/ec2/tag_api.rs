//! Tags at creation, and CreateTags, DeleteTags, DescribeTags afterwards.

use super::filters::wildcard;
use super::page::{Page, collect};
use super::tags::{MOST_TAGS, Tags};
use super::visibility::may_launch;
use super::{Ctx, errors, lookup};
use crate::ids::{ImageId, InstanceId, SnapshotId};
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

const MOST_RESOURCES: usize = 1000;

/// The tags a creating call gives to each kind of resource it makes.
#[derive(Clone, Debug, Default)]
pub(super) struct Specified {
    pub(super) image: Tags,
    pub(super) snapshot: Tags,
    pub(super) instance: Tags,
}

/// Reads `TagSpecification.N`; kinds the call does not make are refused.
pub(super) fn read_specifications(params: &mut Params, allowed: &[&str]) -> Result<Specified, ApiError> {
    let mut specified = Specified::default();
    for mut specification in params.list("TagSpecification")? {
        let kind = specification.required("ResourceType")?;
        let tags = read_tags(&mut specification)?;
        specification.finish()?;
        if !allowed.contains(&kind.as_str()) {
            return Err(ApiError::client(
                "InvalidParameterValue",
                format!("'{kind}' is not a valid taggable resource type for this operation."),
            ));
        }
        let slot = match kind.as_str() {
            "image" => &mut specified.image,
            "snapshot" => &mut specified.snapshot,
            _ => &mut specified.instance,
        };
        for (key, value) in tags {
            slot.set(&key, &value);
        }
        check_count(slot)?;
    }
    Ok(specified)
}

fn read_tags(params: &mut Params) -> Result<Vec<(String, String)>, ApiError> {
    let mut tags = Vec::new();
    for mut tag in params.list("Tag")? {
        let (key, value) = (tag.required("Key")?, tag.text("Value")?.unwrap_or_default());
        tag.finish()?;
        check_tag(&key, &value)?;
        tags.push((key, value));
    }
    Ok(tags)
}

fn check_tag(key: &str, value: &str) -> Result<(), ApiError> {
    if key.to_ascii_lowercase().starts_with("aws:") {
        return Err(ApiError::client(
            "InvalidParameterValue",
            format!(
                "Value ( {key} ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use"
            ),
        ));
    }
    if key.chars().count() > 128 {
        return Err(ApiError::client(
            "InvalidParameterValue",
            "Tag key exceeds the maximum length of 128 characters",
        ));
    }
    if value.chars().count() > 256 {
        return Err(ApiError::client(
            "InvalidParameterValue",
            "Tag value exceeds the maximum length of 256 characters",
        ));
    }
    Ok(())
}

pub(super) fn check_count(tags: &Tags) -> Result<(), ApiError> {
    if tags.len() > MOST_TAGS {
        return Err(ApiError::client(
            "TagLimitExceeded",
            format!("The maximum number of tags for a resource is {MOST_TAGS}"),
        ));
    }
    Ok(())
}

/// What carries tags.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Resource {
    Image(ImageId),
    Snapshot(SnapshotId),
    Instance(InstanceId),
}

fn read_resources(params: &mut Params) -> Result<Vec<Resource>, ApiError> {
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
            Some(_) => Err(ApiError::not_modelled(format!("tags of {text}"))),
            None => Err(ApiError::client("InvalidID", format!("The ID '{text}' is not valid"))),
        })
        .collect()
}

pub(crate) fn create(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let resources = read_resources(&mut params)?;
    let tags = read_tags(&mut params)?;
    params.finish()?;
    if tags.is_empty() {
        return Err(ApiError::client(
            "MissingParameter",
            "The request must contain the parameter tagSet",
        ));
    }
    for resource in &resources {
        let mut after = tags_of(world, ctx, *resource)?;
        for (key, value) in &tags {
            after.set(key, value);
        }
        check_count(&after)?;
    }
    ctx.commit()?;
    for resource in resources {
        edit(world, ctx.target(), resource, |known| {
            for (key, value) in &tags {
                known.set(key, value);
            }
        });
    }
    xml.text("return", true);
    Ok(())
}

/// What DeleteTags takes away: a key whatever its value, or only with this value.
struct Removal {
    key: String,
    value: Option<String>,
}

pub(crate) fn delete(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let resources = read_resources(&mut params)?;
    let mut removals = Vec::new();
    for mut tag in params.list("Tag")? {
        removals.push(Removal {
            key: tag.required("Key")?,
            value: tag.text("Value")?,
        });
        tag.finish()?;
    }
    params.finish()?;
    for resource in &resources {
        tags_of(world, ctx, *resource)?;
    }
    ctx.commit()?;
    for resource in resources {
        edit(world, ctx.target(), resource, |tags| {
            // Without any tag named, all that are not AWS's own go.
            let goes = |key: &str, value: &str| {
                if removals.is_empty() {
                    return !key.starts_with("aws:");
                }
                removals
                    .iter()
                    .any(|removal| removal.key == key && removal.value.as_deref().is_none_or(|wanted| wanted == value))
            };
            tags.retain(|key, value| !goes(key, value));
        });
    }
    xml.text("return", true);
    Ok(())
}

/// The caller's tags on a resource it may tag: its own, or another's image it may launch.
fn tags_of(world: &mut World, ctx: &Ctx<'_>, resource: Resource) -> Result<Tags, ApiError> {
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
                .ok_or_else(|| super::instances::no_instance(&id.to_string()))
        }
    }
}

fn edit(world: &mut World, target: Target, resource: Resource, change: impl FnOnce(&mut Tags)) {
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
    }
}

pub(crate) fn describe(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let target = ctx.target();
    let mut filters: Vec<(String, Vec<String>)> = Vec::new();
    for mut filter in params.list("Filter")? {
        let name = filter.required("Name")?;
        if !matches!(name.as_str(), "key" | "resource-id" | "resource-type" | "value") {
            return Err(ApiError::not_modelled(format!("the filter {name} of DescribeTags")));
        }
        filters.push((name, filter.texts("Value")?));
        filter.finish()?;
    }
    let page = Page::read(
        world,
        target,
        &mut params,
        (5, 1000),
        &format!("DescribeTags {filters:?}"),
    )?;
    params.finish()?;
    ctx.commit()?;
    let as_of = world.read_as_of();
    let rows = rows(world, target, as_of);
    let places: Vec<usize> = (0..rows.len()).collect();
    let (found, last) = collect(
        &page,
        false,
        page.after::<usize>(),
        |after, most| {
            places
                .iter()
                .copied()
                .skip(after.map_or(0, |at| at + 1))
                .take(most)
                .collect()
        },
        |at| {
            rows.get(at).filter(|row| {
                filters
                    .iter()
                    .all(|(name, values)| values.iter().any(|value| wildcard(value, row.field(name))))
            })
        },
    );
    xml.items("tagSet", found, |xml, row| {
        xml.text("resourceId", &row.id);
        xml.text("resourceType", row.kind);
        xml.text("key", &row.key);
        xml.text("value", &row.value);
    });
    xml.optional("nextToken", last.map(|at| page.next(&at.to_string())));
    Ok(())
}

struct Row {
    id: String,
    kind: &'static str,
    key: String,
    value: String,
}

impl Row {
    fn field(&self, name: &str) -> &str {
        match name {
            "key" => &self.key,
            "resource-id" => &self.id,
            "resource-type" => self.kind,
            _ => &self.value,
        }
    }
}

fn rows(world: &World, target: Target, as_of: crate::time::Time) -> Vec<Row> {
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
    rows
}

#[cfg(test)]
mod tests;
