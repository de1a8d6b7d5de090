//! Launch configurations: what a group launches, once and for all. Nothing changes one.

use super::request::{cut, flag, page, required, texts};
use super::source::LaunchSource;
use super::{errors, state};
use crate::ec2::on_behalf;
use crate::ids::ImageId;
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::versioned::Versioned;
use crate::world::{Target, World};

/// A launch configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct LaunchConfiguration {
    pub(super) arn: String,
    created: Time,
    pub(super) image: ImageId,
    pub(super) instance_type: String,
    key_pair: Option<String>,
    security_groups: Vec<String>,
    user_data: Option<String>,
    profile: Option<String>,
    ebs_optimized: bool,
}

pub(super) fn create(world: &mut World, target: Target, mut params: Params, _: &mut Xml) -> Result<(), ApiError> {
    let name = required(&mut params, "LaunchConfigurationName")?;
    let (image, instance_type) = (params.text("ImageId")?, params.text("InstanceType")?);
    let key_pair = params.text("KeyName")?;
    let security_groups = texts(&mut params, "SecurityGroups")?;
    let user_data = params.text("UserData")?;
    let profile = params.text("IamInstanceProfile")?;
    let ebs_optimized = flag(&mut params, "EbsOptimized")?.unwrap_or(false);
    params.finish()?;
    let (Some(image), Some(instance_type)) = (image, instance_type) else {
        return Err(errors::validation(
            "Valid requests must contain either the InstanceID parameter or both the ImageId and InstanceType parameters.",
        ));
    };
    if world.scaling.configuration(target, &name).is_some() {
        return Err(errors::configuration_exists(&name));
    }
    let image: ImageId = image
        .parse()
        .map_err(|_| errors::validation(format!("Invalid image id: {image}")))?;
    // Seen in aerospike/aws-cloudformation#14. Later the image may go: the configuration does not notice.
    if !on_behalf::describable(world, target, image) {
        return Err(errors::validation("AMI cannot be described"));
    }
    let Target { account, region } = target;
    let arn = format!(
        "arn:{}:autoscaling:{region}:{account}:launchConfiguration:{}:launchConfigurationName/{name}",
        region.partition(),
        world.random.uuid()
    );
    let configuration = LaunchConfiguration {
        arn,
        created: world.now,
        image,
        instance_type,
        key_pair,
        security_groups,
        user_data,
        profile,
        ebs_optimized,
    };
    let (now, lag) = (world.now, world.settings.read_lag);
    let configurations = &mut world.scaling.of(target).configurations;
    state::insert(configurations, name, configuration, now, lag);
    Ok(())
}

pub(super) fn delete(world: &mut World, target: Target, mut params: Params, _: &mut Xml) -> Result<(), ApiError> {
    let name = required(&mut params, "LaunchConfigurationName")?;
    params.finish()?;
    if world.scaling.configuration(target, &name).is_none() {
        return Err(errors::no_configuration(&name));
    }
    let groups = world
        .scaling
        .get(target)
        .into_iter()
        .flat_map(|holdings| &holdings.groups);
    let user = groups
        .filter_map(|(group, state)| Some((group, state.now()?)))
        .find(|(_, state)| matches!(&state.source, LaunchSource::Configuration(used) if *used == name));
    if let Some((group, _)) = user {
        return Err(errors::configuration_in_use(&name, group));
    }
    state::remove_configuration(world, target, &name);
    Ok(())
}

pub(super) fn describe(world: &mut World, target: Target, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let names = texts(&mut params, "LaunchConfigurationNames")?;
    let scope = format!("DescribeLaunchConfigurations {names:?}");
    let page = page(world, target, &mut params, (50, 100), &scope)?;
    params.finish()?;
    let as_of = world.read_as_of();
    let known = world
        .scaling
        .get(target)
        .into_iter()
        .flat_map(|holdings| &holdings.configurations);
    let seen = known
        .filter(|(name, _)| names.is_empty() || names.contains(name))
        .filter(|(name, _)| page.after.as_ref().is_none_or(|after| *name > after))
        .filter_map(|(name, state): (&String, &Versioned<_>)| Some((name, state.seen(as_of)?)));
    let (found, token) = cut(&page, seen, |(name, _)| (*name).clone());
    xml.members("LaunchConfigurations", found, |xml, (name, configuration)| {
        configuration.write(name, xml);
    });
    xml.optional("NextToken", token);
    Ok(())
}

impl LaunchConfiguration {
    /// One that says which image and which type, and leaves the rest open.
    pub(super) fn of(arn: String, created: Time, image: ImageId, instance_type: &str) -> Self {
        Self {
            arn,
            created,
            image,
            instance_type: instance_type.to_owned(),
            key_pair: None,
            security_groups: Vec::new(),
            user_data: None,
            profile: None,
            ebs_optimized: false,
        }
    }

    fn write(&self, name: &str, xml: &mut Xml) {
        xml.text("LaunchConfigurationName", name);
        xml.text("LaunchConfigurationARN", &self.arn);
        xml.text("ImageId", self.image);
        xml.text("KeyName", self.key_pair.as_deref().unwrap_or_default());
        xml.members("SecurityGroups", &self.security_groups, Xml::value);
        xml.text("UserData", self.user_data.as_deref().unwrap_or_default());
        xml.text("InstanceType", &self.instance_type);
        xml.members("BlockDeviceMappings", [(); 0], |_, ()| {});
        xml.optional("IamInstanceProfile", self.profile.as_ref());
        xml.text("CreatedTime", self.created);
        xml.text("EbsOptimized", self.ebs_optimized);
    }
}
