//! DescribeLaunchTemplateVersions: of one template, or the latest and default ones of all.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Bound;
use std::str::FromStr;

use super::super::filters::Filters;
use super::super::operator::Managed;
use super::super::page::{Page, collect};
use super::super::{Ctx, errors};
use super::describe::MOST;
use super::reference::no_name;
use super::{LaunchTemplate, Reference, Selector, Shown, no_id};
use crate::ids::{LaunchTemplateId, Malformed};
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::World;

pub(super) const FILTERS: &[&str] = &[
    "create-time",
    "ebs-optimized",
    "http-endpoint",
    "http-tokens",
    "iam-instance-profile",
    "image-id",
    "instance-type",
    "is-default-version",
];
const FILTERS_OF_AWS: &[&str] = &[
    "host-resource-group-arn",
    "http-protocol-ipv4",
    "kernel-id",
    "license-configuration-arn",
    "network-card-index",
    "ram-disk-id",
];

/// A version's place in the answer: template by template, the newest version first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Place(LaunchTemplateId, Reverse<u64>);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.0, self.1.0)
    }
}

impl FromStr for Place {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (id, number) = text.split_once('/').ok_or(Malformed)?;
        Ok(Self(id.parse()?, Reverse(number.parse().map_err(|_| Malformed)?)))
    }
}

/// Which versions are asked for.
#[derive(Debug)]
struct Wanted {
    template: Option<Reference>,
    versions: Vec<Selector>,
    least: Option<u64>,
    most: Option<u64>,
}

impl Wanted {
    fn read(params: &mut Params) -> Result<Self, ApiError> {
        let wanted = Self {
            template: Reference::read_optional(params)?,
            versions: params
                .texts("LaunchTemplateVersion")?
                .iter()
                .map(|text| Selector::parse(text))
                .collect::<Result<_, _>>()?,
            least: params.parsed("MinVersion")?,
            most: params.parsed("MaxVersion")?,
        };
        if wanted.template.is_some() {
            return Ok(wanted);
        }
        if wanted.versions.is_empty() {
            return Err(ApiError::client(
                "MissingParameter",
                "The request must contain the parameter LaunchTemplateId or LaunchTemplateName, or the versions $Latest or $Default",
            ));
        }
        if wanted.least.is_some() || wanted.most.is_some() {
            return Err(errors::combination(
                "MinVersion and MaxVersion need a launch template ID or a launch template name",
            ));
        }
        match wanted
            .versions
            .iter()
            .find(|version| matches!(version, Selector::Number(_)))
        {
            Some(Selector::Number(number)) => Err(ApiError::client(
                "InvalidParameterValue",
                format!("Without a launch template only $Latest and $Default can be described, not {number}"),
            )),
            _ => Ok(wanted),
        }
    }

    /// The places of one template's versions. A version that two words mean comes once; AWS does not say.
    fn places(&self, id: LaunchTemplateId, template: &LaunchTemplate) -> Result<Vec<Place>, ApiError> {
        // MinVersion is "the version number after which to describe": taken here as the first one described.
        let between =
            |number: u64| self.least.is_none_or(|least| number >= least) && self.most.is_none_or(|most| number <= most);
        let numbers: Vec<u64> = if self.versions.is_empty() {
            template.versions.keys().copied().collect()
        } else {
            self.versions
                .iter()
                .map(|selector| template.version(id, *selector).map(|(number, _)| number))
                .collect::<Result<_, _>>()?
        };
        let between = numbers.into_iter().filter(|number| between(*number));
        Ok(between.map(|number| Place(id, Reverse(number))).collect())
    }
}

pub(in crate::ec2) fn describe(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let target = ctx.target();
    let wanted = Wanted::read(&mut params)?;
    let resolve = params.flag("ResolveAlias")?;
    let filters = Filters::read(&mut params, FILTERS, FILTERS_OF_AWS)?;
    let managed = Managed::read(world, target, &mut params)?;
    let scope = format!("DescribeLaunchTemplateVersions {wanted:?} {filters:?} {managed:?}");
    let mut page = Page::read(world, target, &mut params, (1, MOST), &scope)?;
    page.most.get_or_insert(MOST);
    params.finish()?;
    ctx.commit()?;
    let as_of = world.read_as_of();
    let sparse = world.settings.sparse_pages;
    // So that what is only read may be read while aliases are resolved.
    world.ec2.plane(target.region);
    let world = &*world;
    let templates = world
        .ec2
        .get(target.region)
        .into_iter()
        .flat_map(|plane| &plane.launch_templates);
    let mine = templates
        .filter_map(|(id, known)| Some((*id, known.seen(as_of)?)))
        .filter(|(_, template)| template.owner == target.account);
    let mine: Vec<(LaunchTemplateId, &LaunchTemplate)> = match &wanted.template {
        None => mine.collect(),
        Some(reference) => vec![find(mine, reference)?],
    };
    let mut places = BTreeSet::new();
    for (id, template) in &mine {
        places.extend(wanted.places(*id, template)?);
    }
    let version = |Place(id, Reverse(number)): Place| {
        let at = mine.binary_search_by_key(&id, |(known, _)| *known).ok()?;
        let template = mine[at].1;
        Some((template, number, template.versions.get(&number)?))
    };
    let (found, last) = collect(
        &page,
        sparse,
        page.after::<Place>(),
        |after, most| {
            let from = after.map_or(Bound::Unbounded, Bound::Excluded);
            places.range((from, Bound::Unbounded)).copied().take(most).collect()
        },
        |place| {
            let (template, number, version) = version(place)?;
            let values = |name: &str| -> Vec<Cow<'_, str>> {
                match name {
                    "create-time" => vec![Cow::Owned(version.created.to_string())],
                    "is-default-version" => vec![Cow::Owned((number == template.default).to_string())],
                    // The image as the version names it, resolved or not: AWS does not say which.
                    name => version.data.value(name).into_iter().collect(),
                }
            };
            (managed.shows(template.operator.as_ref()) && filters.match_all(&[], values))
                .then(|| Shown::new(world, target, (place.0, template), (number, version), resolve))
        },
    );
    let found = found.into_iter().collect::<Result<Vec<_>, _>>()?;
    xml.items("launchTemplateVersionSet", found, |xml, shown| {
        shown.write(xml);
        managed.write(xml, shown.operator.as_ref());
    });
    xml.optional("nextToken", last.map(|place| page.next(&place.to_string())));
    Ok(())
}

/// The one template of these that is named, as the reader sees it.
fn find<'a>(
    mut mine: impl Iterator<Item = (LaunchTemplateId, &'a LaunchTemplate)>,
    reference: &Reference,
) -> Result<(LaunchTemplateId, &'a LaunchTemplate), ApiError> {
    match reference {
        Reference::Id(wanted) => mine
            .find(|(id, _)| id == wanted)
            .ok_or_else(|| no_id(&wanted.to_string())),
        Reference::Name(name) => mine
            .find(|(_, template)| *template.name == **name)
            .ok_or_else(|| no_name(name)),
    }
}
