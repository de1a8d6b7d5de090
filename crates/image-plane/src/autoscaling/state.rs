//! What Auto Scaling keeps in each target.

use std::collections::BTreeMap;
use std::time::Duration;

use super::activity::Activity;
use super::configurations::LaunchConfiguration;
use super::group::Group;
use super::refresh::Refresh;
use super::{Due, errors};
use crate::ids::{ImageId, InstanceId};
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::world::versioned::Versioned;
use crate::world::{self, Target, World};

/// Auto Scaling, target by target.
#[derive(Debug, Default)]
pub(crate) struct AutoScaling {
    targets: BTreeMap<Target, Holdings>,
}

/// What Auto Scaling keeps in one target.
#[derive(Debug, Default)]
pub(super) struct Holdings {
    pub(super) groups: BTreeMap<String, Versioned<Group>>,
    pub(super) configurations: BTreeMap<String, Versioned<LaunchConfiguration>>,
    /// The group of each instance that a group has.
    pub(super) group_of: BTreeMap<InstanceId, String>,
    /// The refreshes of each group, oldest first.
    pub(super) refreshes: BTreeMap<String, Vec<Refresh>>,
    /// Oldest first, of all groups.
    pub(super) activities: Vec<Activity>,
    pub(super) activities_ever: usize,
}

impl AutoScaling {
    pub(super) fn of(&mut self, target: Target) -> &mut Holdings {
        self.targets.entry(target).or_default()
    }

    pub(super) fn get(&self, target: Target) -> Option<&Holdings> {
        self.targets.get(&target)
    }

    /// Every launch configuration, and the image that it names.
    pub(crate) fn configured(&self) -> impl Iterator<Item = (Target, &str, ImageId)> {
        self.targets.iter().flat_map(|(target, holdings)| {
            let there = holdings.configurations.iter();
            there.filter_map(|(name, known)| Some((*target, name.as_str(), known.now()?.image)))
        })
    }

    pub(super) fn group(&self, target: Target, name: &str) -> Option<&Group> {
        self.get(target)?.groups.get(name)?.now()
    }

    pub(super) fn configuration(&self, target: Target, name: &str) -> Option<&LaunchConfiguration> {
        self.get(target)?.configurations.get(name)?.now()
    }
}

/// A group that may be changed.
pub(super) fn changeable<'a>(world: &'a World, target: Target, name: &str) -> Result<&'a Group, ApiError> {
    let group = world
        .scaling
        .group(target, name)
        .ok_or_else(|| errors::no_group(name))?;
    if group.going {
        return Err(errors::pending_delete());
    }
    Ok(group)
}

/// Changes a group; stale readers see on what it was.
pub(super) fn edit<'a>(world: &'a mut World, target: Target, name: &str) -> Option<&'a mut Group> {
    let (now, lag) = (world.now, world.settings.read_lag);
    world.scaling.of(target).groups.get_mut(name)?.edit(now, lag)
}

/// Puts a thing where none is now.
pub(super) fn insert<T: Clone>(
    things: &mut BTreeMap<String, Versioned<T>>,
    name: String,
    thing: T,
    now: Time,
    lag: Duration,
) {
    match things.get_mut(&name) {
        Some(gone) => gone.replace(thing, now, lag),
        None => {
            things.insert(name, Versioned::created(thing, now, lag));
        }
    }
}

/// Takes a group off the books, with its history.
pub(super) fn remove_group(world: &mut World, target: Target, name: &str) {
    let (now, lag) = (world.now, world.settings.read_lag);
    let holdings = world.scaling.of(target);
    if let Some(group) = holdings.groups.get_mut(name) {
        group.remove(now, lag);
    }
    holdings.refreshes.remove(name);
    holdings.activities.retain(|activity| activity.group != name);
    let name = name.to_owned();
    world.plan(lag, world::Due::AutoScaling(Due::ForgetGroup { target, name }));
}

/// Takes a launch configuration off the books.
pub(super) fn remove_configuration(world: &mut World, target: Target, name: &str) {
    let (now, lag) = (world.now, world.settings.read_lag);
    if let Some(configuration) = world.scaling.of(target).configurations.get_mut(name) {
        configuration.remove(now, lag);
    }
    let name = name.to_owned();
    world.plan(lag, world::Due::AutoScaling(Due::ForgetConfiguration { target, name }));
}

pub(super) fn forget_group(world: &mut World, target: Target, name: &str) {
    forget(&mut world.scaling.of(target).groups, name);
}

pub(super) fn forget_configuration(world: &mut World, target: Target, name: &str) {
    forget(&mut world.scaling.of(target).configurations, name);
}

fn forget<T: Clone>(things: &mut BTreeMap<String, Versioned<T>>, name: &str) {
    if things.get(name).is_some_and(|thing| thing.now().is_none()) {
        things.remove(name);
    }
}
