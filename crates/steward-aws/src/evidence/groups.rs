use aws_sdk_autoscaling::types::{AutoScalingGroup, LaunchTemplateOverrides, LaunchTemplateSpecification};
use steward::Words;
use steward::evidence::{Hop, Launch, Launched, Launcher};

use super::launches::{Specification, image};
use crate::pages::each_page;
use crate::{AtTarget, Problem};

impl AtTarget {
    /// Lists the Auto Scaling groups. What waits in a warm pool is an instance, and listed as one.
    pub async fn groups(&self) -> Result<Vec<Launcher>, Problem> {
        let doing = "list the Auto Scaling groups";
        let list = self.scaling.describe_auto_scaling_groups();
        let list = list.include_instances(false).max_records(100);
        let mut groups = Vec::new();
        each_page!(self, scaling_reads, doing, list, |page| {
            for group in page.auto_scaling_groups() {
                groups.push(launcher(group).map_err(|what| Problem::not_understood(doing, self.target, what))?);
            }
        });
        Ok(groups)
    }
}

fn launcher(group: &AutoScalingGroup) -> Result<Launcher, String> {
    let name = group.auto_scaling_group_name().unwrap_or_default();
    let of = |what: String| format!("the group {name} has {what}");
    let mut launches = Vec::new();
    if let Some(configuration) = group.launch_configuration_name() {
        launches.push(plain(Launched::Configuration(configuration.to_owned())));
    }
    if let Some(template) = group.launch_template() {
        launches.push(plain(specification(template).launched().map_err(of)?));
    }
    let mixed = group
        .mixed_instances_policy()
        .and_then(|policy| policy.launch_template());
    if let Some(template) = mixed.and_then(|mixed| mixed.launch_template_specification()) {
        launches.push(plain(specification(template).launched().map_err(of)?));
    }
    let overrides = mixed.map(aws_sdk_autoscaling::types::LaunchTemplate::overrides);
    for (place, over) in (1..).zip(overrides.unwrap_or_default()) {
        launches.extend(overridden(place, over).map_err(of)?);
    }
    Ok(Launcher {
        user: Hop::Group(Words::from(name)),
        launches,
    })
}

fn overridden(place: usize, over: &LaunchTemplateOverrides) -> Result<Vec<Launch>, String> {
    let within = || Some(Hop::Override(place));
    let template = over.launch_template_specification().map(|template| {
        let what = specification(template).launched()?;
        Ok::<_, String>(Launch { within: within(), what })
    });
    let named = image(over.image_id(), within());
    Ok(template.transpose()?.into_iter().chain(named).collect())
}

fn specification(template: &LaunchTemplateSpecification) -> Specification<'_> {
    Specification {
        id: template.launch_template_id(),
        name: template.launch_template_name(),
        version: template.version(),
    }
}

fn plain(what: Launched) -> Launch {
    Launch { within: None, what }
}
