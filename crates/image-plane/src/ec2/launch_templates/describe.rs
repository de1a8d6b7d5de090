//! DescribeLaunchTemplates.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Bound;

use super::super::Ctx;
use super::super::filters::Filters;
use super::super::operator::Managed;
use super::super::page::{Page, collect};
use super::reference::no_name;
use super::{LaunchTemplate, Reference, no_id, write};
use crate::ids::LaunchTemplateId;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::World;

pub(super) const FILTERS: &[&str] = &["create-time", "launch-template-name", "tag-key"];
/// A page has at most so many. A request that names no number gets as many: AWS documents no default.
pub(super) const MOST: usize = 200;

pub(in crate::ec2) fn describe(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let target = ctx.target();
    let mut named = params
        .texts("LaunchTemplateId")?
        .iter()
        .map(|id| Reference::id(id))
        .collect::<Result<Vec<_>, _>>()?;
    for name in params.texts("LaunchTemplateName")? {
        named.push(Reference::name(name)?);
    }
    let filters = Filters::read(&mut params, FILTERS, &[])?;
    let managed = Managed::read(world, target, &mut params)?;
    let scope = format!("DescribeLaunchTemplates {named:?} {filters:?} {managed:?}");
    let mut page = Page::read(world, target, &mut params, (1, MOST), &scope)?;
    page.most.get_or_insert(MOST);
    params.finish()?;
    ctx.commit()?;
    let as_of = world.read_as_of();
    let sparse = world.settings.sparse_pages;
    let plane = &*world.ec2.plane(target.region);
    let seen = |id: LaunchTemplateId| {
        let template = plane.launch_templates.get(&id)?.seen(as_of)?;
        (template.owner == target.account).then_some(template)
    };
    let mine: BTreeSet<LaunchTemplateId> = plane
        .launch_templates
        .keys()
        .copied()
        .filter(|id| seen(*id).is_some())
        .collect();
    let candidates = if named.is_empty() {
        mine
    } else {
        let find = |reference: &Reference| match reference {
            Reference::Id(id) => mine.get(id).copied().ok_or_else(|| no_id(&id.to_string())),
            Reference::Name(name) => mine
                .iter()
                .copied()
                .find(|id| seen(*id).is_some_and(|template| *template.name == **name))
                .ok_or_else(|| no_name(name)),
        };
        named.iter().map(find).collect::<Result<_, _>>()?
    };
    let (found, last) = collect(
        &page,
        sparse,
        page.after(),
        |after, most| {
            let from = after.map_or(Bound::Unbounded, Bound::Excluded);
            candidates.range((from, Bound::Unbounded)).copied().take(most).collect()
        },
        |id| {
            seen(id)
                .filter(|template| managed.shows(template.operator.as_ref()) && wanted(&filters, template))
                .map(|template| (id, template))
        },
    );
    xml.items("launchTemplates", found, |xml, (id, template)| {
        write(xml, id, template);
        managed.write(xml, template.operator.as_ref());
    });
    xml.optional("nextToken", last.map(|id| page.next(&id.to_string())));
    Ok(())
}

fn wanted(filters: &Filters, template: &LaunchTemplate) -> bool {
    filters.match_all(&template.tags.iter().collect::<Vec<_>>(), |name| match name {
        "create-time" => vec![Cow::Owned(template.created.to_string())],
        "launch-template-name" => vec![Cow::Borrowed(&*template.name)],
        _ => Vec::new(),
    })
}
