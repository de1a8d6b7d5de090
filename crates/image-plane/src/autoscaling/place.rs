//! Putting launch configurations and groups into a world past every API.

use super::configurations::LaunchConfiguration;
use super::group::{Group, Member, MemberState};
use super::launch::{self, Launching};
use super::policy::{Mixed, Override};
use super::settings::{GroupSettings, Sizes};
use super::source::{LaunchSource, TemplateChoice, TemplateNamed};
use crate::ids::{ImageId, InstanceId};
use crate::time::Time;
use crate::world::versioned::Versioned;
use crate::world::{Target, World};

/// A launch template as a group names it.
#[derive(Clone, Debug)]
pub(crate) struct NamedTemplate {
    pub(crate) id: String,
    /// A number, `$Latest` or `$Default`; nothing said means `$Default`.
    pub(crate) version: Option<String>,
}

impl NamedTemplate {
    fn choice(self) -> TemplateChoice {
        TemplateChoice {
            named: TemplateNamed::Id(self.id),
            version: self.version,
        }
    }
}

/// What differs from a policy's template for another type.
#[derive(Clone, Debug)]
pub(crate) struct NewOverride {
    pub(crate) kind: &'static str,
    pub(crate) template: Option<NamedTemplate>,
    pub(crate) image: Option<ImageId>,
}

/// What a group launches.
#[derive(Clone, Debug)]
pub(crate) enum NewSource {
    Configuration(String),
    Template(NamedTemplate),
    Mixed(NamedTemplate, Vec<NewOverride>),
}

/// A group that has what it should have.
#[derive(Clone, Debug)]
pub(crate) struct NewGroup {
    pub(crate) name: String,
    pub(crate) created: Time,
    pub(crate) source: NewSource,
    /// Instances launched from its source as it is.
    pub(crate) instances: Vec<InstanceId>,
}

impl World {
    /// Puts a launch configuration into a target.
    pub(crate) fn place_launch_configuration(
        &mut self,
        target: Target,
        name: &str,
        created: Time,
        (image, kind): (ImageId, &str),
    ) {
        let arn = self.arn_of_scaling(target, "launchConfiguration", "launchConfigurationName", name);
        let configuration = LaunchConfiguration::of(arn, created, image, kind);
        let configurations = &mut self.scaling.of(target).configurations;
        configurations.insert(name.to_owned(), Versioned::settled(configuration));
    }

    /// Puts an Auto Scaling group into a target.
    pub(crate) fn place_group(&mut self, target: Target, new: NewGroup) {
        let NewGroup {
            name,
            created,
            source,
            instances,
        } = new;
        let arn = self.arn_of_scaling(target, "autoScalingGroup", "autoScalingGroupName", &name);
        let source = read(source);
        let members = self.members(target, &source, &instances);
        let desired = u32::try_from(members.len()).unwrap_or(u32::MAX);
        let group = Group {
            arn,
            created,
            source,
            sizes: Sizes {
                min: 0,
                max: desired.max(4),
                desired,
            },
            settings: GroupSettings::usual(target),
            tags: Vec::new(),
            members,
            pool: None,
            going: false,
            scaled: None,
            looks: false,
            tries_again: false,
        };
        let holdings = self.scaling.of(target);
        for member in &group.members {
            holdings.group_of.insert(member.instance, name.clone());
        }
        holdings.groups.insert(name, Versioned::settled(group));
    }

    fn members(&self, target: Target, source: &LaunchSource, instances: &[InstanceId]) -> Vec<Member> {
        let Ok(planned) = launch::image_of(self, target, source) else {
            return Vec::new();
        };
        let plane = self.ec2.get(target.region);
        let found = instances.iter().filter_map(|id| {
            let instance = plane?.instances.get(id)?.now()?;
            Some(Member {
                instance: *id,
                launching: Launching {
                    image: instance.image,
                    instance_type: instance.kind.to_string(),
                    ..planned.clone()
                },
                state: MemberState::InService,
                protected: false,
                launched: instance.launched,
            })
        });
        found.collect()
    }

    fn arn_of_scaling(&mut self, Target { account, region }: Target, kind: &str, member: &str, name: &str) -> String {
        let id = self.random.uuid();
        format!(
            "arn:{}:autoscaling:{region}:{account}:{kind}:{id}:{member}/{name}",
            region.partition()
        )
    }
}

fn read(source: NewSource) -> LaunchSource {
    let over = |NewOverride { kind, template, image }| Override {
        instance_type: Some(String::from(kind)),
        weight: None,
        template: template.map(NamedTemplate::choice),
        image: image.map(|image: ImageId| image.to_string()),
    };
    match source {
        NewSource::Configuration(name) => LaunchSource::Configuration(name),
        NewSource::Template(template) => LaunchSource::Template(template.choice()),
        NewSource::Mixed(template, overrides) => {
            LaunchSource::Mixed(Mixed::of(template.choice(), overrides.into_iter().map(over).collect()))
        }
    }
}
