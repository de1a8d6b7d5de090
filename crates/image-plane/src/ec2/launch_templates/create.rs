//! CreateLaunchTemplate, CreateLaunchTemplateVersion.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::state::Made;
use super::super::tokens::Asked;
use super::super::{Ctx, errors, tag_api};
use super::{Data, LaunchTemplate, Reference, Selector, Shown, Version, no_id, own, write};
use crate::ids::LaunchTemplateId;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::World;
use crate::world::versioned::Versioned;

pub(super) const LONGEST_TOKEN: usize = 128;

fn read_description(params: &mut Params) -> Result<Option<Box<str>>, ApiError> {
    let description = params.text("VersionDescription")?;
    match description {
        Some(text) if text.chars().count() > 255 => Err(errors::invalid("VersionDescription", &text)),
        text => Ok(text.map(Into::into)),
    }
}

fn missing_data() -> ApiError {
    ApiError::client(
        "MissingParameter",
        "The request must contain the parameter LaunchTemplateData",
    )
}

pub(in crate::ec2) fn create(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let target = ctx.target();
    let asked = Asked::read(&mut params, LONGEST_TOKEN)?;
    let name = params.required("LaunchTemplateName")?;
    let reference = Reference::name(name.clone())?;
    let description = read_description(&mut params)?;
    let data = params.structure("LaunchTemplateData").ok_or_else(missing_data)?;
    let data = Data::read(data)?;
    let tags = tag_api::read_specifications(&mut params, &["launch-template"])?.own;
    params.finish()?;
    let made = asked.made(world, target, |made| match made {
        Made::LaunchTemplate(id) => Some(*id),
        _ => None,
    })?;
    if let Some(id) = made {
        ctx.commit()?;
        return write_whole(world, ctx, id, xml);
    }
    // Whatever a stale reader sees: a name is taken while there is a template of it.
    let plane = world.ec2.plane(target.region);
    let mut known = plane.launch_templates.values().filter_map(Versioned::now);
    if known.any(|known| known.owner == target.account && *known.name == *name) {
        return Err(ApiError::client(
            "InvalidLaunchTemplateName.AlreadyExistsException",
            "Launch template name already in use.",
        ));
    }
    ctx.commit()?;
    let Reference::Name(name) = reference else {
        return Err(errors::invalid("LaunchTemplateName", &name));
    };
    let id = LaunchTemplateId::draw(&mut world.random);
    let (now, lag) = (world.now, world.settings.read_lag);
    let creator: Arc<str> = ctx.caller.arn.as_str().into();
    let version = Version {
        description,
        created: now,
        creator: Arc::clone(&creator),
        data,
    };
    let template = LaunchTemplate {
        owner: target.account,
        name: name.into(),
        created: now,
        creator,
        default: 1,
        given: 1,
        versions: BTreeMap::from([(1, Arc::new(version))]),
        tags,
        operator: None,
    };
    let templates = &mut world.ec2.plane(target.region).launch_templates;
    templates.insert(id, Versioned::created(template, now, lag));
    asked.note(world, target, Made::LaunchTemplate(id));
    write_whole(world, ctx, id, xml)
}

/// Writes a template the call itself made or changed, which no lag hides from it.
pub(super) fn write_whole(world: &World, ctx: &Ctx<'_>, id: LaunchTemplateId, xml: &mut Xml) -> Result<(), ApiError> {
    let template = now(world, ctx, id)?;
    xml.element("launchTemplate", |xml| write(xml, id, template));
    Ok(())
}

fn now<'a>(world: &'a World, ctx: &Ctx<'_>, id: LaunchTemplateId) -> Result<&'a LaunchTemplate, ApiError> {
    let plane = world.ec2.get(ctx.target().region);
    plane
        .and_then(|plane| plane.launch_templates.get(&id)?.now())
        .ok_or_else(|| no_id(&id.to_string()))
}

pub(in crate::ec2) fn create_version(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let target = ctx.target();
    let asked = Asked::read(&mut params, LONGEST_TOKEN)?;
    let reference = Reference::read(&mut params)?;
    let source = params.text("SourceVersion")?;
    let source = source.as_deref().map(Selector::parse).transpose()?;
    let description = read_description(&mut params)?;
    let data = params.structure("LaunchTemplateData");
    let resolve = params.flag("ResolveAlias")?;
    // Data that says nothing is not sent at all: from a source it is a copy.
    let data = match (data, source) {
        (Some(data), _) => Data::read(data)?,
        (None, Some(_)) => Data::default(),
        (None, None) => return Err(missing_data()),
    };
    params.finish()?;
    let made = asked.made(world, target, |made| match made {
        Made::LaunchTemplateVersion(id, number) => Some((*id, *number)),
        _ => None,
    })?;
    if let Some((id, number)) = made {
        ctx.commit()?;
        return write_version(world, ctx, id, number, resolve, xml);
    }
    let (id, template) = own(world, ctx, &reference)?;
    let data = match source {
        Some(source) => data.based_on(&template.version(id, source)?.1.data),
        None => data,
    };
    let number = template.given + 1;
    ctx.commit()?;
    let (now, lag) = (world.now, world.settings.read_lag);
    let version = Arc::new(Version {
        description,
        created: now,
        creator: ctx.caller.arn.as_str().into(),
        data,
    });
    let templates = &mut world.ec2.plane(target.region).launch_templates;
    if let Some(template) = templates.get_mut(&id).and_then(|known| known.edit(now, lag)) {
        template.given = number;
        template.versions.insert(number, version);
    }
    asked.note(world, target, Made::LaunchTemplateVersion(id, number));
    write_version(world, ctx, id, number, resolve, xml)
}

fn write_version(
    world: &World,
    ctx: &Ctx<'_>,
    id: LaunchTemplateId,
    number: u64,
    resolve: bool,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let template = now(world, ctx, id)?;
    let version = template.version(id, Selector::Number(number))?;
    let shown = Shown::new(world, ctx.target(), (id, template), version, resolve)?;
    xml.element("launchTemplateVersion", |xml| shown.write(xml));
    Ok(())
}
