//! What a recipe starts from: an AMI, a parameter that names one, or an image of Image Builder.

use super::arn::{Arn, Kind, Owner};
use super::component::Platform;
use super::image::{Image, Status};
use super::managed;
use crate::ec2::image::ImageState;
use crate::ec2::visibility::may_launch;
use crate::ids::{AccountId, ImageId};
use crate::world::{Target, World};

/// A parent as it is at this moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Parent {
    pub(crate) ami: ImageId,
    pub(crate) owner: AccountId,
    /// As the image's recipe shows it: a build version's ARN, or an AMI. What stood behind a parameter is shown, not its name.
    pub(crate) shown: String,
    pub(crate) platform: Platform,
    /// `imageSource` of what is built on it.
    pub(crate) source: &'static str,
    pub(crate) os_version: Option<String>,
}

/// Finds the parent a recipe means now, or says why nothing can be built on it.
pub(crate) fn resolve(world: &World, target: Target, text: &str) -> Result<Parent, String> {
    if text.starts_with("arn:") {
        return of_image(world, target, text);
    }
    let ami = match text.strip_prefix("ssm:") {
        Some(reference) => parameter(world, target, reference)?,
        None => text.to_owned(),
    };
    of_ami(world, target, &ami)
}

fn parameter(world: &World, target: Target, reference: &str) -> Result<String, String> {
    let prefix = format!("arn:{}:ssm:{}:", target.region.partition(), target.region);
    // `arn:aws:ssm:eu-west-1:111122223333:parameter/name`; a public parameter has no account.
    let name = match reference
        .strip_prefix(&prefix)
        .and_then(|rest| rest.split_once(":parameter"))
    {
        Some((account, name)) if account.is_empty() || account == target.account.to_string() => name,
        Some(_) => return Err(format!("You are not authorized to read the parameter '{reference}'.")),
        None => reference,
    };
    let value = world
        .parameters
        .value(target, reference)
        .ok_or_else(|| format!("The SSM parameter '{name}' does not exist."))?;
    Ok(value.to_owned())
}

fn of_ami(world: &World, target: Target, text: &str) -> Result<Parent, String> {
    let ami: ImageId = text
        .parse()
        .map_err(|_| format!("'{text}' is not an AMI ID, an SSM parameter, or an image ARN."))?;
    let image = world.ec2.get(target.region).and_then(|plane| plane.image(ami));
    let image = image.filter(|image| may_launch(world, image, target.account));
    let image = image.ok_or_else(|| {
        format!("The AMI '{ami}' does not exist, or you are not authorized to use the provided image.")
    })?;
    if image.state != ImageState::Available {
        return Err(format!("The AMI '{ami}' is {}.", image.state));
    }
    let platform = if image.windows {
        Platform::Windows
    } else {
        Platform::Linux
    };
    Ok(Parent {
        ami,
        owner: image.owner,
        shown: ami.to_string(),
        platform,
        source: "CUSTOM",
        os_version: None,
    })
}

fn of_image(world: &World, target: Target, text: &str) -> Result<Parent, String> {
    let arn = Arn::read("parentImage", text, Kind::Image)
        .and_then(|arn| arn.at_home(target))
        .map_err(|error| error.message)?;
    let missing = || format!("The image '{arn}' does not exist.");
    match arn.owner {
        Owner::Amazon => {
            let (place, image) = managed::newest_image(world, &arn).ok_or_else(missing)?;
            let parent = of_ami(world, target, &image.ami.to_string())?;
            let shown = managed::arn(arn.region, Kind::Image, place).to_string();
            Ok(Parent {
                shown,
                platform: image.platform,
                source: "AMAZON_MANAGED",
                os_version: Some(image.os_version.clone()),
                ..parent
            })
        }
        Owner::Account(_) => {
            let (place, image) = newest(world, target, &arn).ok_or_else(missing)?;
            // Pipelines still run on a deprecated image that they name exactly; on a disabled one they do not.
            if !matches!(image.status, Status::Available | Status::Deprecated) {
                return Err(format!("The image '{arn}' is {}.", image.status));
            }
            let output = image
                .outputs
                .iter()
                .find(|output| output.target.region == target.region);
            let output = output.ok_or_else(|| format!("The image '{arn}' has no AMI in {}.", target.region))?;
            let parent = of_ami(world, target, &output.ami.to_string())?;
            Ok(Parent {
                shown: Arn::of_build(target, Kind::Image, place).to_string(),
                os_version: image.os_version.clone(),
                ..parent
            })
        }
    }
}

/// The image an ARN means: the build it names in any state, or the newest of those that are AVAILABLE now.
///
/// Whether the image's AMI still exists, a wildcard does not ask: a release whose AMI is gone is picked until its image
/// is deprecated or deleted.
pub(crate) fn newest<'a>(world: &'a World, target: Target, arn: &Arn) -> Option<(&'a super::arn::Place, &'a Image)> {
    let mut images = world.builder.shelf(target).images.iter();
    images.rfind(|(place, image)| arn.matches(place) && (arn.build.is_some() || image.status == Status::Available))
}
