use aws_sdk_ec2::types::{Filter, Instance, Tag};
use steward::Words;
use steward::evidence::{InstanceSeen, InstanceState};

use crate::pages::each_page;
use crate::{AtTarget, Problem};

/// Put by EC2 on what was started by a launch template; nobody else can.
const TEMPLATE: &str = "aws:ec2launchtemplate:id";
const VERSION: &str = "aws:ec2launchtemplate:version";
/// As people tag what they answer for.
const OWNER: [&str; 2] = ["owner", "Owner"];
/// All but terminated.
pub(super) const STATES: [&str; 5] = ["pending", "running", "shutting-down", "stopped", "stopping"];

impl AtTarget {
    /// Lists the instances that are not terminated, also those that a service of AWS manages and hides.
    pub async fn instances(&self) -> Result<Vec<InstanceSeen>, Problem> {
        let doing = "list the instances";
        let states = Filter::builder().name("instance-state-name");
        let states = states.set_values(Some(STATES.map(String::from).to_vec())).build();
        let list = self.ec2.describe_instances();
        let list = list.include_managed_resources(true).filters(states).max_results(1000);
        let mut instances = Vec::new();
        each_page!(self, reads, doing, list, |page| {
            let found = page.reservations().iter();
            for instance in found.flat_map(aws_sdk_ec2::types::Reservation::instances) {
                let seen = seen(instance).map_err(|what| Problem::not_understood(doing, self.target, what))?;
                instances.extend(seen);
            }
        });
        Ok(instances)
    }
}

/// None for an instance that is terminated by now.
fn seen(instance: &Instance) -> Result<Option<InstanceSeen>, String> {
    let id = instance.instance_id().ok_or("an instance without an id")?;
    let of = |what: &dyn std::fmt::Display| format!("{id} has {what}");
    let tag = |key: &str| {
        let tags = instance.tags().iter();
        tags.filter(|tag| tag.key() == Some(key)).find_map(Tag::value)
    };
    let state = instance.state().and_then(|state| state.name());
    let state = state.ok_or_else(|| of(&"no state"))?;
    let Some(state) = InstanceState::read(state.as_str())? else {
        return Ok(None);
    };
    let image = instance.image_id().ok_or_else(|| of(&"no image"))?;
    let template = tag(TEMPLATE).zip(tag(VERSION));
    let template = template.map(|(template, version)| {
        let template = template
            .parse()
            .map_err(|error| of(&format_args!("a bad template: {error}")))?;
        let version = version
            .parse()
            .map_err(|_| of(&format_args!("the version {version}")))?;
        Ok::<_, String>((template, version))
    });
    Ok(Some(InstanceSeen {
        id: id.parse().map_err(|error| of(&format_args!("a bad id: {error}")))?,
        state,
        image: image
            .parse()
            .map_err(|error| of(&format_args!("a bad image: {error}")))?,
        name: tag("Name").filter(|name| !name.is_empty()).map(Words::from),
        owner: OWNER.into_iter().find_map(tag).map(Words::from),
        template: template.transpose()?,
    }))
}
