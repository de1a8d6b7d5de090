//! How a request names a launch template, and a version of it.

use std::sync::Arc;

use super::super::launch::Order;
use super::super::tag_api;
use super::super::{alias, errors};
use super::{Data, LaunchTemplate};
use crate::ids::LaunchTemplateId;
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

/// A template by its id or by its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::ec2) enum Reference {
    Id(LaunchTemplateId),
    Name(String),
}

impl Reference {
    pub(in crate::ec2) fn id(text: &str) -> Result<Self, ApiError> {
        text.parse().map(Self::Id).map_err(|_| {
            ApiError::client(
                "InvalidLaunchTemplateId.Malformed",
                format!("Invalid id: \"{text}\" (expecting \"lt-...\")"),
            )
        })
    }

    /// A name has 3 to 128 of these characters.
    pub(in crate::ec2) fn name(text: String) -> Result<Self, ApiError> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_./()".contains(c);
        if (3..=128).contains(&text.chars().count()) && text.chars().all(allowed) {
            return Ok(Self::Name(text));
        }
        Err(ApiError::client(
            "InvalidLaunchTemplateName.MalformedException",
            "A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: '-', '_', '.', '/', '(', and ')'.",
        ))
    }

    /// Reads the id or the name of a request; with neither it asks for none.
    pub(in crate::ec2) fn read_optional(params: &mut Params) -> Result<Option<Self>, ApiError> {
        match (params.text("LaunchTemplateId")?, params.text("LaunchTemplateName")?) {
            (Some(_), Some(_)) => Err(errors::combination(
                "Specify either a launch template ID or a launch template name, but not both",
            )),
            (Some(id), None) => Self::id(&id).map(Some),
            (None, Some(name)) => Self::name(name).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// Reads the id or the name of a request that must have one.
    pub(in crate::ec2) fn read(params: &mut Params) -> Result<Self, ApiError> {
        Self::read_optional(params)?.ok_or_else(|| {
            ApiError::client(
                "MissingParameter",
                "The request must contain the parameter LaunchTemplateId or LaunchTemplateName",
            )
        })
    }

    /// The account's template, as it is now. One just made may not be found yet.
    pub(super) fn find<'a>(
        &self,
        world: &'a mut World,
        target: Target,
    ) -> Result<(LaunchTemplateId, &'a LaunchTemplate), ApiError> {
        let as_of = world.read_as_of();
        self.find_as_of(world, target, as_of)
    }

    /// The account's template, as it is now, for a reader whose view is so old.
    fn find_as_of<'a>(
        &self,
        world: &'a World,
        target: Target,
        as_of: Time,
    ) -> Result<(LaunchTemplateId, &'a LaunchTemplate), ApiError> {
        let templates = world.ec2.get(target.region).map(|plane| &plane.launch_templates);
        let mine = |id: LaunchTemplateId| {
            let known = templates?.get(&id)?;
            let template = known.seen(as_of).and(known.now())?;
            (template.owner == target.account).then_some((id, template))
        };
        match self {
            Self::Id(id) => mine(*id).ok_or_else(|| no_id(&id.to_string())),
            Self::Name(name) => {
                let mut ids = templates.into_iter().flat_map(|templates| templates.keys());
                ids.find_map(|id| mine(*id).filter(|(_, template)| *template.name == **name))
                    .ok_or_else(|| no_name(name))
            }
        }
    }
}

pub(in crate::ec2) fn no_id(id: &str) -> ApiError {
    ApiError::client(
        "InvalidLaunchTemplateId.NotFound",
        format!("The specified launch template, with template ID {id}, does not exist."),
    )
}

pub(super) fn no_name(name: &str) -> ApiError {
    ApiError::client(
        "InvalidLaunchTemplateName.NotFoundException",
        format!("The specified launch template, with template name {name}, does not exist."),
    )
}

/// What a call's reference to a template is about, for whoever judges the call before it is carried out.
#[derive(Debug)]
pub(in crate::ec2) struct Peeked<'a> {
    pub(in crate::ec2) id: LaunchTemplateId,
    /// The image of the version, as it is named there.
    pub(in crate::ec2) image: Option<&'a str>,
    /// The tags its instances get.
    pub(in crate::ec2) instance_tags: Vec<(&'a str, &'a str)>,
}

/// The template that a part of a request names, and the version of it.
pub(in crate::ec2) fn peek<'a>(world: &'a World, target: Target, params: &Params) -> Option<Peeked<'a>> {
    let id = params.peek("LaunchTemplateId");
    let name = params.peek("LaunchTemplateName");
    let (id, template) = owned(world, target).find(|(known, template)| match (id, name) {
        (Some(id), _) => known.to_string() == id,
        (None, name) => name == Some(&*template.name),
    })?;
    let selector = Selector::parse(params.peek("Version").unwrap_or("$Default")).ok();
    let version = selector.and_then(|selector| template.version(id, selector).ok());
    let data = version.map(|(_, version)| &version.data);
    Some(Peeked {
        id,
        image: data.and_then(|data| data.image.as_deref()),
        instance_tags: data.into_iter().flat_map(Data::instance_tags).collect(),
    })
}

/// The parameters that stand for images in the account's templates, of the one named or of all.
pub(in crate::ec2) fn peek_aliases<'a>(world: &'a World, target: Target, params: &Params) -> Vec<&'a str> {
    let only = peek(world, target, params).map(|peeked| peeked.id);
    let templates = owned(world, target).filter(|(id, _)| only.is_none_or(|only| only == *id));
    let mut aliases: Vec<&str> = templates
        .flat_map(|(_, template)| template.versions.values())
        .filter_map(|version| alias::parameter(version.data.image.as_deref()?))
        .collect();
    aliases.sort_unstable();
    aliases.dedup();
    aliases
}

fn owned(world: &World, target: Target) -> impl Iterator<Item = (LaunchTemplateId, &LaunchTemplate)> {
    let plane = world.ec2.get(target.region).into_iter();
    plane
        .flat_map(|plane| &plane.launch_templates)
        .filter_map(|(id, known)| Some((*id, known.now()?)))
        .filter(move |(_, template)| template.owner == target.account)
}

/// Which version of a template.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Selector {
    Latest,
    Default,
    Number(u64),
}

impl Selector {
    /// AWS documents no error for what is neither a number nor one of the two words.
    pub(super) fn parse(text: &str) -> Result<Self, ApiError> {
        match text {
            "$Latest" => Ok(Self::Latest),
            "$Default" => Ok(Self::Default),
            number => number
                .parse()
                .map(Self::Number)
                .map_err(|_| errors::invalid("version", text)),
        }
    }
}

/// What to launch from: a template, and a version of it where one is said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Specification {
    reference: Reference,
    /// As it was said.
    pub(in crate::ec2) version: Option<String>,
}

/// The version of a template that a launch comes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Chosen {
    pub(crate) id: LaunchTemplateId,
    pub(crate) name: Arc<str>,
    pub(crate) version: u64,
}

impl Specification {
    pub(in crate::ec2) fn read(mut params: Params) -> Result<Self, ApiError> {
        let reference = Reference::read(&mut params)?;
        let version = params.text("Version")?;
        params.finish()?;
        Self::of(reference, version.as_deref())
    }

    /// A template that another service knows by its id.
    pub(crate) fn by_id(id: &str, version: Option<&str>) -> Result<Self, ApiError> {
        Self::of(Reference::id(id)?, version)
    }

    /// A template that another service knows by its name.
    pub(crate) fn by_name(name: &str, version: Option<&str>) -> Result<Self, ApiError> {
        Self::of(Reference::name(name.to_owned())?, version)
    }

    fn of(reference: Reference, version: Option<&str>) -> Result<Self, ApiError> {
        version.map(Selector::parse).transpose()?;
        let version = version.map(str::to_owned);
        Ok(Self { reference, version })
    }

    pub(in crate::ec2) fn write(&self, xml: &mut Xml) {
        match &self.reference {
            Reference::Id(id) => xml.text("launchTemplateId", id),
            Reference::Name(name) => xml.text("launchTemplateName", name),
        }
        xml.optional("version", self.version.as_deref());
    }

    /// The order with the template's part under it, and the tags that say which template it was.
    pub(in crate::ec2) fn lay_under(&self, world: &mut World, target: Target, order: Order) -> Result<Order, ApiError> {
        let as_of = world.read_as_of();
        self.lay_under_as_of(world, target, as_of, order)
            .map(|(order, _)| order)
    }

    /// The same for a reader whose view is so old, and which version it came to.
    ///
    /// Of a template's data an instance of the model has the image, the type, the devices and the tags.
    pub(crate) fn lay_under_as_of(
        &self,
        world: &World,
        target: Target,
        as_of: Time,
        order: Order,
    ) -> Result<(Order, Chosen), ApiError> {
        let selector = self.version.as_deref().map_or(Ok(Selector::Default), Selector::parse)?;
        let (id, template) = self.reference.find_as_of(world, target, as_of)?;
        let (number, version) = template.version(id, selector)?;
        let mut order = order.over(version.data.order());
        tag_api::check_count(&order.tags)?;
        order.tags.set("aws:ec2launchtemplate:id", &id.to_string());
        order.tags.set("aws:ec2launchtemplate:version", &number.to_string());
        let chosen = Chosen {
            id,
            name: Arc::clone(&template.name),
            version: number,
        };
        Ok((order, chosen))
    }
}
