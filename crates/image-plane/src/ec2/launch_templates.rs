//! Launch templates: what to launch, in numbered versions under one name.

mod change;
mod create;
mod data;
mod describe;
mod describe_versions;
pub(crate) mod place;
mod reference;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::operator::Operator;
use super::tags::Tags;
use super::{Ctx, alias};
use crate::ids::{AccountId, LaunchTemplateId};
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::xml::Xml;
use crate::world::{Target, World};
pub(super) use change::{delete, delete_versions, forget, modify};
pub(super) use create::{create, create_version};
use data::Data;
pub(super) use data::write_device;
pub(super) use describe::describe;
pub(super) use describe_versions::describe as describe_versions;
pub(crate) use reference::{Chosen, Specification};
pub(super) use reference::{Peeked, no_id, peek, peek_aliases};
use reference::{Reference, Selector};

/// A launch template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LaunchTemplate {
    pub(super) owner: AccountId,
    pub(super) name: Arc<str>,
    created: Time,
    /// The ARN of who made it.
    creator: Arc<str>,
    default: u64,
    /// The highest number a version ever had: a number is not given twice.
    given: u64,
    versions: BTreeMap<u64, Arc<Version>>,
    pub(super) tags: Tags,
    pub(super) operator: Option<Operator>,
}

/// One version of a launch template. It never changes.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Version {
    description: Option<Box<str>>,
    created: Time,
    creator: Arc<str>,
    data: Data,
}

impl LaunchTemplate {
    /// The highest version there is. AWS does not say what is latest once the latest is deleted; it must be one that can
    /// be launched.
    fn latest(&self) -> u64 {
        self.versions
            .last_key_value()
            .map_or(self.default, |(number, _)| *number)
    }

    /// What its newest versions name as their images, so many versions deep, of the versions made by then.
    pub(super) fn images(&self, depth: usize, made_by: Time) -> impl Iterator<Item = &str> {
        let versions = self.versions.values().rev();
        versions
            .filter(move |version| version.created <= made_by)
            .take(depth)
            .filter_map(|version| version.data.image.as_deref())
    }

    /// What whoever names no number launches: the images of its default version and of its latest, as they are named.
    pub(super) fn offered(&self) -> impl Iterator<Item = &str> {
        let offered = [self.default, self.latest()].into_iter();
        offered.filter_map(|number| self.versions.get(&number)?.data.image.as_deref())
    }

    /// The version a caller means, with its number.
    fn version(&self, id: LaunchTemplateId, selector: Selector) -> Result<(u64, &Arc<Version>), ApiError> {
        let number = match selector {
            Selector::Latest => self.latest(),
            Selector::Default => self.default,
            Selector::Number(number) => number,
        };
        let version = self.versions.get(&number).ok_or_else(|| {
            ApiError::client(
                "InvalidLaunchTemplateId.VersionNotFound",
                format!("Could not find the specified version {number} for the launch template with ID {id}."),
            )
        })?;
        Ok((number, version))
    }
}

fn write(xml: &mut Xml, id: LaunchTemplateId, template: &LaunchTemplate) {
    xml.text("launchTemplateId", id);
    xml.text("launchTemplateName", &template.name);
    xml.text("createTime", template.created);
    xml.text("createdBy", &template.creator);
    xml.text("defaultVersionNumber", template.default);
    xml.text("latestVersionNumber", template.latest());
    if !template.tags.is_empty() {
        xml.items("tagSet", template.tags.iter(), |xml, (key, value)| {
            xml.text("key", key);
            xml.text("value", value);
        });
    }
}

/// A version as answers show it.
struct Shown {
    id: LaunchTemplateId,
    name: Arc<str>,
    number: u64,
    default: bool,
    version: Arc<Version>,
    /// The image as named, or what its alias stands for now.
    image: Option<String>,
    operator: Option<Operator>,
}

impl Shown {
    /// With `resolve`, an alias is shown as the image it stands for.
    fn new(
        world: &World,
        target: Target,
        (id, template): (LaunchTemplateId, &LaunchTemplate),
        (number, version): (u64, &Arc<Version>),
        resolve: bool,
    ) -> Result<Self, ApiError> {
        let image = match version.data.image.as_deref() {
            Some(named) if resolve && alias::parameter(named).is_some() => {
                Some(alias::resolve(world, target, named)?.to_string())
            }
            named => named.map(str::to_owned),
        };
        Ok(Self {
            id,
            name: Arc::clone(&template.name),
            number,
            default: number == template.default,
            version: Arc::clone(version),
            image,
            operator: template.operator.clone(),
        })
    }

    fn write(&self, xml: &mut Xml) {
        let Version {
            description,
            created,
            creator,
            data,
        } = &*self.version;
        xml.text("launchTemplateId", self.id);
        xml.text("launchTemplateName", &self.name);
        xml.text("versionNumber", self.number);
        xml.optional("versionDescription", description.as_deref());
        xml.text("createTime", created);
        xml.text("createdBy", creator);
        xml.text("defaultVersion", self.default);
        xml.element("launchTemplateData", |xml| data.write(xml, self.image.as_deref()));
    }
}

/// The caller's template, as it is now. One just made may not be found yet.
fn own<'a>(
    world: &'a mut World,
    ctx: &Ctx<'_>,
    reference: &Reference,
) -> Result<(LaunchTemplateId, &'a LaunchTemplate), ApiError> {
    reference.find(world, ctx.target())
}

#[cfg(test)]
mod tests;
