//! A group keeps as many instances as it should have: it launches, takes from its warm pool, and ends.

use std::time::Duration;

use super::activity::{self, Deed};
use super::group::{Group, Member, MemberState};
use super::{Due, launch, refresh, state, warm_pool};
use crate::ec2::instance::InstanceState;
use crate::ec2::on_behalf;
use crate::ids::InstanceId;
use crate::time::Time;
use crate::world::{self, Target, World};

/// How soon a group acts. Undocumented; a group that was just created never has its instances yet.
const ACTS: Duration = Duration::from_secs(5);
/// How soon a launch that failed is tried again. Undocumented too, and in AWS it grows.
const TRIES_AGAIN: Duration = Duration::from_mins(5);

const TO_GROW: &str = "an instance was started in response to a difference between desired and actual capacity.";
const TO_SHRINK: &str =
    "an instance was taken out of service in response to a difference between desired and actual capacity.";

/// Lets a group act on what has changed.
pub(super) fn look_soon(world: &mut World, target: Target, name: &str) {
    if let Some(group) = state::edit(world, target, name)
        && !group.looks
    {
        group.looks = true;
        let name = name.to_owned();
        world.plan(ACTS, world::Due::AutoScaling(Due::GroupLooks { target, name }));
    }
}

/// The group looks whether it has what it should have, and acts.
pub(super) fn look(world: &mut World, target: Target, name: &str) {
    if let Some(group) = state::edit(world, target, name) {
        group.looks = false;
    }
    while let Some(group) = live(world, target, name)
        && group.capacity() < group.sizes.desired
    {
        let warm = group.members.iter().find(|member| member.state.waits());
        match warm.map(|member| member.instance) {
            Some(instance) => warm_pool::take(world, target, name, instance),
            None if launch_one(world, target, name, MemberState::Pending) => {}
            None => return,
        }
    }
    while let Some(leaving) = live(world, target, name).and_then(|group| spare(world, target, group)) {
        if !warm_pool::take_back(world, target, name, leaving) {
            end(world, target, name, leaving);
        }
    }
    warm_pool::fill(world, target, name);
}

pub(super) fn try_again(world: &mut World, target: Target, name: &str) {
    if let Some(group) = state::edit(world, target, name) {
        group.tries_again = false;
        look(world, target, name);
    }
}

/// A group that acts.
pub(super) fn live<'a>(world: &'a World, target: Target, name: &str) -> Option<&'a Group> {
    world.scaling.group(target, name).filter(|group| !group.going)
}

/// The instance to go first where there are too many: one that is not what the group launches today, then the oldest.
/// The default policy goes by Zones first and by billing hours last, and the model has neither.
fn spare(world: &World, target: Target, group: &Group) -> Option<InstanceId> {
    let spare = group.capacity().saturating_sub(group.sizes.desired);
    let today = launch::image_of(world, target, &group.source).ok();
    group
        .members
        .iter()
        .filter(|member| member.state.serves() && !member.protected && member.launching.weight <= spare)
        .min_by_key(|member| (Some(&member.launching) == today.as_ref(), member.launched))
        .map(|member| member.instance)
}

/// Launches one instance into a group; false where that failed, and will be tried again.
pub(super) fn launch_one(world: &mut World, target: Target, name: &str, into: MemberState) -> bool {
    let Some(source) = refresh::source_now(world, target, name) else {
        return false;
    };
    let (instance, launching) = match launch::launch(world, target, name, &source) {
        Ok(launched) => launched,
        Err(error) => {
            let message = error.message.trim_end_matches('.').to_owned();
            failed(world, target, name, world.now, &message);
            return false;
        }
    };
    let launched = world.now;
    if let Some(group) = state::edit(world, target, name) {
        let protected = group.settings.protects;
        group.members.push(Member {
            instance,
            launching,
            state: into,
            protected,
            launched,
        });
    }
    world.scaling.of(target).group_of.insert(instance, name.to_owned());
    true
}

fn failed(world: &mut World, target: Target, name: &str, started: Time, why: &str) {
    let failure = format!("{why}. Launching EC2 instance failed.");
    let deed = Deed {
        description: format!("Launching a new EC2 instance.  Status Reason: {failure}"),
        cause: TO_GROW,
        started,
        failure: Some(failure),
    };
    activity::record(world, target, name, deed);
    if let Some(group) = state::edit(world, target, name)
        && !group.tries_again
    {
        group.tries_again = true;
        let name = name.to_owned();
        world.plan(
            TRIES_AGAIN,
            world::Due::AutoScaling(Due::GroupTriesAgain { target, name }),
        );
    }
}

/// Ends an instance of a group.
pub(super) fn end(world: &mut World, target: Target, name: &str, instance: InstanceId) {
    if let Some(member) = member(world, target, name, instance) {
        member.state = if member.state.pooled() {
            MemberState::Cooling
        } else {
            MemberState::Terminating
        };
    }
    on_behalf::terminate(world, target, instance);
}

/// A member of a group, to be changed.
pub(super) fn member<'a>(
    world: &'a mut World,
    target: Target,
    name: &str,
    instance: InstanceId,
) -> Option<&'a mut Member> {
    let group = state::edit(world, target, name)?;
    group.members.iter_mut().find(|member| member.instance == instance)
}

/// EC2 says that an instance is in another state. Most are no group's.
pub(crate) fn instance_became(world: &mut World, target: Target, instance: InstanceId, state: InstanceState) {
    let holdings = world.scaling.get(target);
    let Some(name) = holdings.and_then(|holdings| holdings.group_of.get(&instance)).cloned() else {
        return;
    };
    let group = world.scaling.group(target, &name);
    let known = group.and_then(|group| group.members.iter().find(|member| member.instance == instance));
    let Some(was) = known.map(|member| member.state) else {
        return;
    };
    match (was, state) {
        (_, InstanceState::Terminated) => ended(world, target, &name, instance),
        (MemberState::Pending, InstanceState::Running) => serves(world, target, &name, instance),
        (was, _) if was.waits() || was == MemberState::Warming => {
            warm_pool::warms(world, target, &name, instance, state);
        }
        // Whoever stopped it, its health check fails.
        (MemberState::InService, InstanceState::Stopped) => {
            end(world, target, &name, instance);
            look_soon(world, target, &name);
        }
        _ => {}
    }
}

/// An instance has come into service.
pub(super) fn serves(world: &mut World, target: Target, name: &str, instance: InstanceId) {
    let Some(member) = member(world, target, name, instance) else {
        return;
    };
    member.state = MemberState::InService;
    let deed = Deed {
        description: format!("Launching a new EC2 instance: {instance}"),
        cause: TO_GROW,
        started: member.launched,
        failure: None,
    };
    activity::record(world, target, name, deed);
}

/// An instance is terminated: because the group wanted it, or although it did not.
fn ended(world: &mut World, target: Target, name: &str, instance: InstanceId) {
    world.scaling.of(target).group_of.remove(&instance);
    let started = world.now;
    let Some(group) = state::edit(world, target, name) else {
        return;
    };
    let Some(place) = group.members.iter().position(|member| member.instance == instance) else {
        return;
    };
    let member = group.members.remove(place);
    if group.pool.as_ref().is_some_and(|pool| pool.going) && group.pooled().next().is_none() {
        group.pool = None;
    }
    if group.going && group.members.is_empty() {
        state::remove_group(world, target, name);
        return;
    }
    match member.state {
        // It never came up.
        MemberState::Pending | MemberState::Warming => {
            let why = format!("Instance {instance} was terminated while it was launched");
            failed(world, target, name, member.launched, &why);
        }
        _ => {
            let deed = Deed {
                description: format!("Terminating EC2 instance: {instance}"),
                cause: TO_SHRINK,
                started,
                failure: None,
            };
            activity::record(world, target, name, deed);
            look_soon(world, target, name);
        }
    }
}
