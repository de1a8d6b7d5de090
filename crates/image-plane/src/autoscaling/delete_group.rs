//! DeleteAutoScalingGroup.

use super::request::{flag, required};
use super::{capacity, errors, state};
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

pub(super) fn delete(world: &mut World, target: Target, mut params: Params, _: &mut Xml) -> Result<(), ApiError> {
    let name = required(&mut params, "AutoScalingGroupName")?;
    let force = flag(&mut params, "ForceDelete")?.unwrap_or(false);
    params.finish()?;
    let group = world
        .scaling
        .group(target, &name)
        .ok_or_else(|| errors::no_group(&name))?;
    if !force {
        // Both texts: cloud-custodian/cloud-custodian#1686 and #1689.
        if group.members.iter().any(|member| !member.state.ends()) {
            return Err(errors::in_use(
                "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.",
            ));
        }
        if !group.members.is_empty() || group.capacity() != group.sizes.desired {
            return Err(errors::in_progress(
                "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.",
            ));
        }
    }
    if group.members.is_empty() {
        state::remove_group(world, target, &name);
        return Ok(());
    }
    let leaving: Vec<_> = group.members.iter().map(|member| member.instance).collect();
    if let Some(group) = state::edit(world, target, &name) {
        group.going = true;
    }
    for instance in leaving {
        capacity::end(world, target, &name, instance);
    }
    Ok(())
}
