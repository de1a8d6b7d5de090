//! CreateAutoScalingGroup.

use super::group::{Group, GroupTag};
use super::request::{flag, members, required};
use super::settings::{GroupSettings, Sizes};
use super::source::{LaunchSource, exactly_one};
use super::{capacity, errors, launch, state};
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

pub(super) fn create(world: &mut World, target: Target, mut params: Params, _: &mut Xml) -> Result<(), ApiError> {
    let name = required(&mut params, "AutoScalingGroupName")?;
    let source = LaunchSource::read(&mut params, None)?;
    let sizes = Sizes::read(&mut params, None)?;
    let settings = GroupSettings::read(target, &mut params, None)?;
    let tags = read_tags(&mut params, &name)?;
    params.finish()?;
    let source = source.ok_or_else(exactly_one)?;
    if name.len() > 255 || !name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':') {
        return Err(errors::validation(format!("Invalid AutoScalingGroup name: {name}")));
    }
    if let Some(group) = world.scaling.group(target, &name) {
        return Err(errors::group_exists(&name, group.going));
    }
    launch::check(world, target, &source)?;
    world.link_auto_scaling(target);
    let Target { account, region } = target;
    let arn = format!(
        "arn:{}:autoscaling:{region}:{account}:autoScalingGroup:{}:autoScalingGroupName/{name}",
        region.partition(),
        world.random.uuid()
    );
    let group = Group {
        arn,
        created: world.now,
        source,
        sizes,
        settings,
        tags,
        members: Vec::new(),
        pool: None,
        going: false,
        scaled: None,
        looks: false,
        tries_again: false,
    };
    let (now, lag) = (world.now, world.settings.read_lag);
    let groups = &mut world.scaling.of(target).groups;
    state::insert(groups, name.clone(), group, now, lag);
    capacity::look_soon(world, target, &name);
    Ok(())
}

fn read_tags(params: &mut Params, group: &str) -> Result<Vec<GroupTag>, ApiError> {
    let mut tags: Vec<GroupTag> = Vec::new();
    for mut tag in members(params, "Tags")? {
        let key = required(&mut tag, "Key")?;
        let value = tag.text("Value")?.unwrap_or_default();
        // Undocumented: what is not said is not propagated.
        let propagate = flag(&mut tag, "PropagateAtLaunch")?.unwrap_or(false);
        let (of, kind) = (tag.text("ResourceId")?, tag.text("ResourceType")?);
        tag.finish()?;
        if of.is_some_and(|of| of != group) || kind.is_some_and(|kind| kind != "auto-scaling-group") {
            return Err(errors::validation("Tags can be put on the group that is created only"));
        }
        if key.starts_with("aws:") {
            return Err(errors::validation("The key can't start with the reserved prefix aws:"));
        }
        if tags.iter().any(|tag| tag.key == key) {
            return Err(errors::validation(format!("The tag key {key} is given more than once")));
        }
        tags.push(GroupTag { key, value, propagate });
    }
    Ok(tags)
}
