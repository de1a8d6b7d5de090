//! From what a group launches to an instance of it.

use super::errors;
use super::source::LaunchSource;
use super::way::Way;
use crate::ec2::on_behalf::{self, Chosen, Order};
use crate::ids::{ImageId, InstanceId};
use crate::sts::auto_scaling;
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
    /// The version is a number here, whatever the group says: that of the template's at the launch.
    Template(Chosen),
}

impl Launching {
    pub(super) fn write(&self, xml: &mut Xml) {
        match &self.origin {
            Origin::Configuration(name) => xml.text("LaunchConfigurationName", name),
            Origin::Template(Chosen { id, name, version }) => xml.element("LaunchTemplate", |xml| {
                xml.text("LaunchTemplateId", id);
                xml.text("LaunchTemplateName", name);
                xml.text("Version", version);
            }),
        }
    }
}

/// Refuses a source that is not there, and a template that no instance can be launched from: AWS tries templates out when
/// it gives a group one, even a group that is to have no instance (terraform-provider-aws's tests make such groups to
/// have their templates verified).
///
/// Of a policy's ways only the one that is launched is tried; of the others the templates must be there. What AWS looks
/// at is nowhere written.
pub(super) fn check(world: &mut World, target: Target, source: &LaunchSource) -> Result<(), ApiError> {
    let as_of = world.read_as_of();
    let way = match source {
        LaunchSource::Configuration(name) => {
            return match world.scaling.configuration(target, name) {
                Some(_) => Ok(()),
                None => Err(errors::no_configuration(name)),
            };
        }
        LaunchSource::Template(template) => Way::plain(template),
        LaunchSource::Mixed(mixed) => {
            for way in Way::all(mixed) {
                way.order(world, target, as_of)
                    .map_err(|error| errors::bad_template(&error))?;
            }
            Way::first(mixed)
        }
    };
    let tried = way
        .order(world, target, as_of)
        .and_then(|(order, _)| on_behalf::check(world, target, order));
    tried.map_err(|error| errors::bad_template(&error))
}

/// What a launch from this source would start at this moment.
pub(super) fn image_of(world: &World, target: Target, source: &LaunchSource) -> Result<Launching, ApiError> {
    plan(world, target, source).map(|(launching, _)| launching)
}

/// What a launch from this source would start at this moment, and how it is ordered. A group's own view is current.
fn plan(world: &World, target: Target, source: &LaunchSource) -> Result<(Launching, Order), ApiError> {
    let way = match source {
        LaunchSource::Configuration(name) => return plan_configuration(world, target, name),
        LaunchSource::Template(template) => Way::plain(template),
        LaunchSource::Mixed(mixed) => Way::first(mixed),
    };
    let (order, chosen) = way.order(world, target, world.now)?;
    let launching = Launching {
        image: order.image_id(world, target)?,
        instance_type: order.kind().to_owned(),
        weight: way.weight,
        origin: Origin::Template(chosen),
    };
    Ok((launching, order))
}

fn plan_configuration(world: &World, target: Target, name: &str) -> Result<(Launching, Order), ApiError> {
    let configuration = world
        .scaling
        .configuration(target, name)
        .ok_or_else(|| errors::no_configuration(name))?;
    let launching = Launching {
        image: configuration.image,
        instance_type: configuration.instance_type.clone(),
        weight: 1,
        origin: Origin::Configuration(name.to_owned()),
    };
    let order = Order {
        image: Some(launching.image.to_string()),
        kind: Some(launching.instance_type.clone()),
        ..Order::default()
    };
    Ok((launching, order))
}

/// Launches one instance for a group.
pub(super) fn launch(
    world: &mut World,
    target: Target,
    name: &str,
    source: &LaunchSource,
) -> Result<(InstanceId, Launching), ApiError> {
    let (launching, mut order) = plan(world, target, source)?;
    // What the group says of tags counts for more than what its template says.
    order.tags.set("aws:autoscaling:groupName", name);
    let group = world.scaling.group(target, name);
    for tag in group.iter().flat_map(|group| &group.tags).filter(|tag| tag.propagate) {
        order.tags.set(&tag.key, &tag.value);
    }
    let id = on_behalf::launch(world, &auto_scaling(target), order)?;
    Ok((id, launching))
}
