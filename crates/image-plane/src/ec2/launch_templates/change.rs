//! ModifyLaunchTemplate, DeleteLaunchTemplate, DeleteLaunchTemplateVersions.

use super::super::state::Made;
use super::super::tokens::Asked;
use super::super::{Ctx, Due, errors};
use super::create::{LONGEST_TOKEN, write_whole};
use super::{Reference, Selector, own, write};
use crate::ids::LaunchTemplateId;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{self, Target, World};

/// At most so many versions are deleted in one call.
const MOST_VERSIONS: usize = 200;

pub(in crate::ec2) fn modify(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let target = ctx.target();
    let asked = Asked::read(&mut params, LONGEST_TOKEN)?;
    let reference = Reference::read(&mut params)?;
    let text = params.required("SetDefaultVersion")?;
    let number = text.parse().map_err(|_| errors::invalid("SetDefaultVersion", &text))?;
    params.finish()?;
    let made = asked.made(world, target, |made| match made {
        Made::LaunchTemplate(id) => Some(*id),
        _ => None,
    })?;
    if let Some(id) = made {
        ctx.commit()?;
        return write_whole(world, ctx, id, xml);
    }
    let (id, template) = own(world, ctx, &reference)?;
    template.version(id, Selector::Number(number))?;
    ctx.commit()?;
    let (now, lag) = (world.now, world.settings.read_lag);
    let templates = &mut world.ec2.plane(target.region).launch_templates;
    if let Some(template) = templates.get_mut(&id).and_then(|known| known.edit(now, lag)) {
        template.default = number;
    }
    asked.note(world, target, Made::LaunchTemplate(id));
    write_whole(world, ctx, id, xml)
}

pub(in crate::ec2) fn delete(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let target = ctx.target();
    let reference = Reference::read(&mut params)?;
    params.finish()?;
    let (id, template) = own(world, ctx, &reference)?;
    let template = template.clone();
    ctx.commit()?;
    let (now, lag) = (world.now, world.settings.read_lag);
    if let Some(known) = world.ec2.plane(target.region).launch_templates.get_mut(&id) {
        known.remove(now, lag);
    }
    world.plan(lag, world::Due::Ec2(Due::ForgetLaunchTemplate { target, id }));
    xml.element("launchTemplate", |xml| write(xml, id, &template));
    Ok(())
}

/// Forgets a deleted template that no stale reader can see any more.
pub(in crate::ec2) fn forget(world: &mut World, target: Target, id: LaunchTemplateId) {
    let templates = &mut world.ec2.plane(target.region).launch_templates;
    if templates.get(&id).is_some_and(|known| known.now().is_none()) {
        templates.remove(&id);
    }
}

/// Why a version stays.
struct Kept {
    number: u64,
    code: &'static str,
    message: String,
}

pub(in crate::ec2) fn delete_versions(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let target = ctx.target();
    let reference = Reference::read(&mut params)?;
    let numbers = params
        .texts("LaunchTemplateVersion")?
        .iter()
        .map(|text| text.parse().map_err(|_| errors::invalid("LaunchTemplateVersion", text)))
        .collect::<Result<Vec<u64>, _>>()?;
    params.finish()?;
    if numbers.is_empty() {
        return Err(ApiError::client(
            "MissingParameter",
            "The request must contain the parameter LaunchTemplateVersion",
        ));
    }
    if numbers.len() > MOST_VERSIONS {
        return Err(errors::invalid("LaunchTemplateVersion", &numbers.len().to_string()));
    }
    // AWS lists codes for a template that is missing among those of single versions, too; when it would rather say
    // so version by version than refuse the call is nowhere written.
    let (id, template) = own(world, ctx, &reference)?;
    let name = std::sync::Arc::clone(&template.name);
    let (mut gone, mut kept) = (Vec::new(), Vec::new());
    for number in numbers {
        if template.version(id, Selector::Number(number)).is_err() {
            kept.push(Kept {
                number,
                code: "launchTemplateVersionDoesNotExist",
                message: format!("The specified launch template version, {number}, does not exist."),
            });
        } else if number == template.default {
            // That it stays is documented, the code is not: of those there are, this one is left.
            kept.push(Kept {
                number,
                code: "unexpectedError",
                message: format!("Version {number} is the default version of {id} and cannot be deleted."),
            });
        } else {
            gone.push(number);
        }
    }
    ctx.commit()?;
    let (now, lag) = (world.now, world.settings.read_lag);
    let templates = &mut world.ec2.plane(target.region).launch_templates;
    if !gone.is_empty()
        && let Some(template) = templates.get_mut(&id).and_then(|known| known.edit(now, lag))
    {
        template.versions.retain(|number, _| !gone.contains(number));
    }
    let head = |xml: &mut Xml, number: u64| {
        xml.text("launchTemplateId", id);
        xml.text("launchTemplateName", &name);
        xml.text("versionNumber", number);
    };
    xml.items("successfullyDeletedLaunchTemplateVersionSet", gone, head);
    xml.items("unsuccessfullyDeletedLaunchTemplateVersionSet", kept, |xml, kept| {
        head(xml, kept.number);
        xml.element("responseError", |xml| {
            xml.text("code", kept.code);
            xml.text("message", kept.message);
        });
    });
    Ok(())
}
