//! From what a group launches to an instance of it.

use super::errors;
use super::source::{LaunchSource, TemplateChoice};
use crate::ec2::on_behalf::{self, Order};
use crate::ec2::tags::Tags;
use crate::ids::{ImageId, InstanceId};
use crate::wire::error::ApiError;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

/// What an instance is launched from, everything resolved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Launching {
    pub(super) image: ImageId,
    pub(super) instance_type: String,
    /// How much of the group's capacity it is.
    pub(super) weight: u32,
    pub(super) origin: Origin,
}

/// What an instance is said to come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Origin {
    Configuration(String),
    #[expect(dead_code, reason = "nothing launches from templates until EC2 has them")]
    Template(TemplateChoice),
}

impl Launching {
    pub(super) fn write(&self, xml: &mut Xml) {
        match &self.origin {
            Origin::Configuration(name) => xml.text("LaunchConfigurationName", name),
            Origin::Template(template) => xml.element("LaunchTemplate", |xml| template.write(xml)),
        }
    }
}

/// Refuses a source that is not there.
pub(super) fn check(world: &World, target: Target, source: &LaunchSource) -> Result<(), ApiError> {
    match source {
        LaunchSource::Configuration(name) if world.scaling.configuration(target, name).is_none() => {
            Err(errors::no_configuration(name))
        }
        // Whether a template is there, EC2 cannot say yet.
        LaunchSource::Configuration(_) | LaunchSource::Template(_) | LaunchSource::Mixed(_) => Ok(()),
    }
}

/// What a launch from this source would start at this moment.
pub(super) fn image_of(world: &World, target: Target, source: &LaunchSource) -> Result<Launching, ApiError> {
    match source {
        LaunchSource::Configuration(name) => {
            let configuration = world
                .scaling
                .configuration(target, name)
                .ok_or_else(|| errors::no_configuration(name))?;
            Ok(Launching {
                image: configuration.image,
                instance_type: configuration.instance_type.clone(),
                weight: 1,
                origin: Origin::Configuration(name.clone()),
            })
        }
        LaunchSource::Template(_) | LaunchSource::Mixed(_) => {
            Err(ApiError::not_modelled("launches from launch templates yet"))
        }
    }
}

/// Launches one instance for a group.
pub(super) fn launch(
    world: &mut World,
    target: Target,
    name: &str,
    source: &LaunchSource,
) -> Result<(InstanceId, Launching), ApiError> {
    let launching = image_of(world, target, source)?;
    let mut tags = Tags::default();
    tags.set("aws:autoscaling:groupName", name);
    let group = world.scaling.group(target, name);
    for tag in group.iter().flat_map(|group| &group.tags).filter(|tag| tag.propagate) {
        tags.set(&tag.key, &tag.value);
    }
    let order = Order {
        image: Some(launching.image.to_string()),
        kind: Some(launching.instance_type.clone()),
        tags,
        ..Order::default()
    };
    let id = on_behalf::launch(world, target, order)?;
    Ok((id, launching))
}
