//! Warm pools: instances launched ahead, which wait stopped, or running, until the group grows.

use super::capacity::{self, launch_one, live};
use super::group::{MemberState, WarmPool};
use super::request::{cut, flag, number, one_of, page, required};
use super::{errors, refresh, state};
use crate::ec2::instance::InstanceState;
use crate::ec2::on_behalf;
use crate::ids::InstanceId;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

/// PutWarmPool. What is not said stays as it was.
pub(super) fn put(world: &mut World, target: Target, mut params: Params, _: &mut Xml) -> Result<(), ApiError> {
    let most = i64::from(i32::MAX);
    let name = required(&mut params, "AutoScalingGroupName")?;
    let most_prepared = number(&mut params, "MaxGroupPreparedCapacity", -1..=most)?;
    let min = number(&mut params, "MinSize", 0..=most)?;
    let state = one_of(&mut params, "PoolState", &["Running", "Stopped"])?;
    let reuse = match params.structure("InstanceReusePolicy") {
        Some(mut policy) => {
            let reuse = flag(&mut policy, "ReuseOnScaleIn")?;
            policy.finish()?;
            reuse
        }
        None => None,
    };
    params.finish()?;
    let mut group = state::changeable(world, target, &name)?.clone();
    if refresh::under_way(world, target, &name).is_some() {
        return Err(errors::refresh_in_progress());
    }
    let mut pool = group.pool.unwrap_or(WarmPool {
        min: 0,
        most_prepared: None,
        running: false,
        reuse: None,
        going: false,
    });
    if pool.going {
        return Err(errors::validation(format!(
            "The warm pool of AutoScalingGroup {name} is pending delete"
        )));
    }
    if let Some(given) = most_prepared {
        // -1 takes back what was set.
        pool.most_prepared = u32::try_from(given).ok();
    }
    if let Some(min) = min.and_then(|min| u32::try_from(min).ok()) {
        pool.min = min;
    }
    pool.running = state.map_or(pool.running, |state| state == "Running");
    pool.reuse = reuse.or(pool.reuse);
    group.pool = Some(pool);
    if let Some(known) = state::edit(world, target, &name) {
        *known = group;
    }
    capacity::look_soon(world, target, &name);
    Ok(())
}

/// DescribeWarmPool. A group without a pool has nothing to tell, which is no error.
pub(super) fn describe(world: &mut World, target: Target, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let name = required(&mut params, "AutoScalingGroupName")?;
    let scope = format!("DescribeWarmPool {name}");
    let page = page(world, target, &mut params, (50, 50), &scope)?;
    params.finish()?;
    let as_of = world.read_as_of();
    let groups = &world.scaling.of(target).groups;
    let seen = groups.get(&name).and_then(|group| group.seen(as_of));
    let group = seen.ok_or_else(|| errors::no_group(&name))?;
    let Some(pool) = &group.pool else {
        xml.members("Instances", [(); 0], |_, ()| {});
        return Ok(());
    };
    let mut pooled: Vec<_> = group.pooled().collect();
    pooled.sort_by_key(|member| member.instance);
    let after = page.after::<InstanceId>();
    let wanted = pooled
        .into_iter()
        .filter(|member| after.is_none_or(|after| member.instance > after));
    let (found, token) = cut(&page, wanted, |member| member.instance.to_string());
    pool.write(xml);
    xml.members("Instances", found, |xml, member| member.write(target, xml));
    xml.optional("NextToken", token);
    Ok(())
}

/// DeleteWarmPool. A pool with instances goes by force only, and stays until they have ended.
pub(super) fn delete(world: &mut World, target: Target, mut params: Params, _: &mut Xml) -> Result<(), ApiError> {
    let name = required(&mut params, "AutoScalingGroupName")?;
    let force = flag(&mut params, "ForceDelete")?.unwrap_or(false);
    params.finish()?;
    let group = state::changeable(world, target, &name)?;
    if group.pool.is_none() {
        return Err(errors::validation(format!(
            "No warm pool found for AutoScalingGroup {name}"
        )));
    }
    let pooled: Vec<_> = group.pooled().map(|member| member.instance).collect();
    if !force && !pooled.is_empty() {
        return Err(errors::in_use(
            "You cannot delete a warm pool while there are instances in it. Use ForceDelete to end them.",
        ));
    }
    if let Some(group) = state::edit(world, target, &name) {
        if pooled.is_empty() {
            group.pool = None;
        } else if let Some(pool) = &mut group.pool {
            pool.going = true;
        }
    }
    for instance in pooled {
        capacity::end(world, target, &name, instance);
    }
    Ok(())
}

/// The pool gets as large as it should be.
pub(super) fn fill(world: &mut World, target: Target, name: &str) {
    loop {
        let Some(group) = live(world, target, name) else { return };
        let pooled = group.pooled().map(|member| (member.state, member.instance));
        let staying: Vec<_> = pooled.filter(|(state, _)| !state.ends()).collect();
        let count = u32::try_from(staying.len()).unwrap_or(u32::MAX);
        let wanted = group.pool_wanted();
        if count < wanted {
            if !launch_one(world, target, name, MemberState::Warming) {
                return;
            }
        } else if count > wanted
            && let Some((_, leaving)) = staying.first()
        {
            capacity::end(world, target, name, *leaving);
        } else {
            return;
        }
    }
}

/// The group takes an instance out of its pool and into service.
pub(super) fn take(world: &mut World, target: Target, name: &str, instance: InstanceId) {
    let Some(member) = capacity::member(world, target, name, instance) else {
        return;
    };
    let running = member.state == MemberState::WarmRunning;
    member.state = MemberState::Pending;
    if running {
        capacity::serves(world, target, name, instance);
    } else {
        on_behalf::start(world, target, instance);
    }
}

/// The pool takes an instance back that the group no longer needs; false where it takes none.
pub(super) fn take_back(world: &mut World, target: Target, name: &str, instance: InstanceId) -> bool {
    let Some(group) = live(world, target, name) else {
        return false;
    };
    let Some(pool) = group
        .pool
        .as_ref()
        .filter(|pool| !pool.going && pool.reuse == Some(true))
    else {
        return false;
    };
    let pooled = u32::try_from(group.pooled().count()).unwrap_or(u32::MAX);
    let room = pooled < group.pool_wanted();
    let running = pool.running;
    let Some(member) = capacity::member(world, target, name, instance) else {
        return false;
    };
    if !room || member.state != MemberState::InService {
        return false;
    }
    if running {
        member.state = MemberState::WarmRunning;
    } else {
        member.state = MemberState::Warming;
        on_behalf::stop(world, target, instance);
    }
    true
}

/// An instance of the pool is in another state: it runs first, and is stopped then. One that somebody starts is too.
pub(super) fn warms(world: &mut World, target: Target, name: &str, instance: InstanceId, state: InstanceState) {
    let group = world.scaling.group(target, name);
    let running = group
        .and_then(|group| group.pool.as_ref())
        .is_some_and(|pool| pool.running);
    let running_now = state == InstanceState::Running;
    if running_now && !running {
        on_behalf::stop(world, target, instance);
    } else if let Some(member) = capacity::member(world, target, name, instance) {
        member.state = if running_now {
            MemberState::WarmRunning
        } else {
            MemberState::WarmStopped
        };
        // The group may have grown while it warmed.
        capacity::look_soon(world, target, name);
    }
}
