//! Tags at creation, and CreateTags, DeleteTags, DescribeTags afterwards.

mod resources;

use super::Ctx;
use super::filters::wildcard;
use super::page::{Page, collect};
use super::tags::{MOST_TAGS, Tags};
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::World;
use resources::{edit, read_resources, rows, tags_of};

const MOST_RESOURCES: usize = 1000;

/// The tags a creating call gives to each kind of resource it makes.
#[derive(Clone, Debug, Default)]
pub(super) struct Specified {
    pub(super) image: Tags,
    pub(super) snapshot: Tags,
    pub(super) instance: Tags,
    /// Of the one kind that a call makes which is none of these.
    pub(super) own: Tags,
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
            "instance" => &mut specified.instance,
            _ => &mut specified.own,
        };
        for (key, value) in tags {
            slot.set(&key, &value);
        }
        check_count(slot)?;
    }
    Ok(specified)
}

pub(super) fn read_tags(params: &mut Params) -> Result<Vec<(String, String)>, ApiError> {
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

/// Refuses tags of images and snapshots that the tag policy of the account does not allow. Of a policy only values are modelled, and
/// that it is enforced for these kinds.
pub(super) fn check_policy(world: &World, ctx: &Ctx<'_>, specified: &Specified) -> Result<(), ApiError> {
    let Specified {
        image,
        snapshot,
        instance: _,
        own: _,
    } = specified;
    check_values(world, ctx, image.iter().chain(snapshot.iter()))
}

fn check_values<'a>(
    world: &World,
    ctx: &Ctx<'_>,
    mut tags: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<(), ApiError> {
    let account = world.account(ctx.target().account);
    let is_refused = |(key, value): &(&str, &str)| {
        let allowed = account.and_then(|account| account.tag_policy.get(*key));
        allowed.is_some_and(|allowed| !allowed.contains(*value))
    };
    match tags.find(is_refused) {
        Some((key, _)) => Err(ApiError::client(
            "TagPolicyViolation",
            format!("The tag policy does not allow the specified value for the following tag key: '{key}'."),
        )),
        None => Ok(()),
    }
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
    check_values(
        world,
        ctx,
        tags.iter().map(|(key, value)| (key.as_str(), value.as_str())),
    )?;
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

#[cfg(test)]
mod tests;
