//! UpdateAutoScalingGroup and SetDesiredCapacity.

use std::time::Duration;

use super::request::{count, flag, required};
use super::settings::{GroupSettings, Sizes};
use super::source::LaunchSource;
use super::{capacity, errors, launch, refresh, state};
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

/// Instances that run stay what they are; what changes shows in the next launch.
pub(super) fn update(world: &mut World, target: Target, mut params: Params, _: &mut Xml) -> Result<(), ApiError> {
    let name = required(&mut params, "AutoScalingGroupName")?;
    let mut group = state::changeable(world, target, &name)?.clone();
    let source = LaunchSource::read(&mut params, Some(&group.source))?;
    group.sizes = Sizes::read(&mut params, Some(group.sizes))?;
    group.settings = GroupSettings::read(target, &mut params, Some(&group.settings))?;
    params.finish()?;
    if let Some(source) = source {
        if refresh::under_way(world, target, &name).is_some_and(|refresh| refresh.desired.is_some()) {
            return Err(errors::validation(
                "An active instance refresh with a desired configuration exists. All configuration options derived from the desired configuration are not available for update while the instance refresh is active.",
            ));
        }
        launch::check(world, target, &source)?;
        group.source = source;
    }
    if let Some(known) = state::edit(world, target, &name) {
        *known = group;
    }
    capacity::look_soon(world, target, &name);
    Ok(())
}

pub(super) fn set_desired_capacity(
    world: &mut World,
    target: Target,
    mut params: Params,
    _: &mut Xml,
) -> Result<(), ApiError> {
    let name = required(&mut params, "AutoScalingGroupName")?;
    let desired = count(&mut params, "DesiredCapacity")?;
    let patient = flag(&mut params, "HonorCooldown")?.unwrap_or(false);
    params.finish()?;
    let desired = desired.ok_or_else(|| errors::validation("DesiredCapacity is required"))?;
    let mut group = state::changeable(world, target, &name)?.clone();
    let Sizes { min, max, .. } = group.sizes;
    if desired > max {
        return Err(errors::validation(format!(
            "New SetDesiredCapacity value {desired} is above max value {max} for the AutoScalingGroup."
        )));
    }
    if desired < min {
        return Err(errors::validation(format!(
            "New SetDesiredCapacity value {desired} is below min value {min} for the AutoScalingGroup."
        )));
    }
    let cooldown = Duration::from_secs(group.settings.cooldown.into());
    if patient && group.scaled.is_some_and(|scaled| scaled + cooldown > world.now) {
        return Err(errors::in_progress(
            "A scaling activity is in progress or cooling down and blocks this action",
        ));
    }
    group.sizes.desired = desired;
    group.scaled = Some(world.now);
    if let Some(known) = state::edit(world, target, &name) {
        *known = group;
    }
    capacity::look_soon(world, target, &name);
    Ok(())
}
