//! What a call to Auto Scaling is about, as policies judge it: the group or the launch configuration it names.
//!
//! Reading calls have no resources in Auto Scaling's permissions; policies for them must say `*`.

use crate::sts::{Access, Resource};
use crate::wire::query::Params;
use crate::world::{Caller, World};

/// The resource of a call, from its parameters as they were sent.
pub(super) fn of_call(world: &World, caller: &Caller, mutates: bool, params: &Params) -> Access {
    let mut access = Access::unknown();
    if !mutates {
        return access;
    }
    access.resources.extend(resource(world, caller, params));
    let tags = params.peek_structure("Tags").map(|tags| tags.peek_pairs("member"));
    for (key, value) in tags.unwrap_or_default() {
        access.request_tags.insert(key.to_owned(), value.map(str::to_owned));
    }
    access
}

fn resource(world: &World, caller: &Caller, params: &Params) -> Option<Resource> {
    let target = caller.target;
    // What is not there yet has an ARN without the id that it will get.
    let unborn = |kind: &str, name: &str| {
        let (region, account) = (target.region, target.account);
        let partition = region.partition();
        format!("arn:{partition}:autoscaling:{region}:{account}:{kind}:*:{kind}Name/{name}")
    };
    if let Some(name) = params.peek("AutoScalingGroupName") {
        let group = world.scaling.group(target, name);
        let tags = group.into_iter().flat_map(|group| &group.tags);
        return Some(Resource {
            arn: group.map_or_else(|| unborn("autoScalingGroup", name), |group| group.arn.clone()),
            tags: tags.map(|tag| (tag.key.clone(), tag.value.clone())).collect(),
            owner: None,
        });
    }
    let name = params.peek("LaunchConfigurationName")?;
    let known = world.scaling.configuration(target, name);
    let arn = known.map_or_else(|| unborn("launchConfiguration", name), |known| known.arn.clone());
    Some(Resource {
        arn,
        ..Resource::default()
    })
}
