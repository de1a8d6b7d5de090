//! Instance refreshes: a group's instances are replaced, and afterwards the group is as it was desired.
//!
//! Kept simple: all instances are replaced at once, whatever percentage should stay healthy, and it takes a fixed time.
//! The group's own settings change only when all of it has worked, as in AWS.

use std::time::Duration;

use super::group::MemberState;
use super::request::{cut, flag, number, one_of, page, required, texts};
use super::source::LaunchSource;
use super::{Due, capacity, errors, launch, state};
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{self, Target, World};

/// How long a refresh is `Pending`, and how long it is `InProgress` then. Undocumented.
const WAITS: Duration = Duration::from_secs(30);
const REPLACES: Duration = Duration::from_mins(5);

/// An instance refresh.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Refresh {
    id: String,
    /// What the group is to launch; without it, what it launches anyway.
    pub(super) desired: Option<LaunchSource>,
    preferences: Preferences,
    status: Status,
    reason: Option<String>,
    started: Option<Time>,
    ended: Option<Time>,
    /// How many instances are still to be replaced.
    left: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Status {
    Pending,
    InProgress,
    Successful,
    Failed,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Preferences {
    min_healthy: Option<i64>,
    max_healthy: Option<i64>,
    warmup: Option<i64>,
    skip_matching: Option<bool>,
}

/// StartInstanceRefresh.
pub(super) fn start(world: &mut World, target: Target, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let name = required(&mut params, "AutoScalingGroupName")?;
    one_of(&mut params, "Strategy", &["Rolling"])?;
    let group = state::changeable(world, target, &name)?.clone();
    let desired = match params.structure("DesiredConfiguration") {
        Some(desired) => Some(read_desired(desired, &group.source)?),
        None => None,
    };
    let preferences = Preferences::read(params.structure("Preferences").unwrap_or_default())?;
    params.finish()?;
    if under_way(world, target, &name).is_some() {
        return Err(errors::refresh_in_progress());
    }
    if let Some(source) = &desired {
        launch::check(world, target, source)?;
    }
    let refresh = Refresh {
        id: world.random.uuid(),
        desired,
        preferences,
        status: Status::Pending,
        reason: None,
        started: None,
        ended: None,
        left: 0,
    };
    let id = refresh.id.clone();
    xml.text("InstanceRefreshId", &id);
    let refreshes = &mut world.scaling.of(target).refreshes;
    refreshes.entry(name.clone()).or_default().push(refresh);
    world.plan(WAITS, world::Due::AutoScaling(Due::RefreshStarts { target, name, id }));
    Ok(())
}

fn read_desired(mut params: Params, before: &LaunchSource) -> Result<LaunchSource, ApiError> {
    let neither =
        || errors::validation("The desired configuration must contain a LaunchTemplate or a MixedInstancesPolicy");
    if params.has("LaunchConfigurationName") {
        return Err(neither());
    }
    let source = LaunchSource::read(&mut params, Some(before))?.ok_or_else(neither)?;
    params.finish()?;
    Ok(source)
}

/// DescribeInstanceRefreshes, the newest first.
pub(super) fn describe(world: &mut World, target: Target, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let name = required(&mut params, "AutoScalingGroupName")?;
    let ids = texts(&mut params, "InstanceRefreshIds")?;
    let scope = format!("DescribeInstanceRefreshes {name} {ids:?}");
    let page = page(world, target, &mut params, (50, 100), &scope)?;
    params.finish()?;
    if world.scaling.group(target, &name).is_none() {
        return Err(errors::no_group(&name));
    }
    let after = page.after::<usize>();
    let holdings = world.scaling.of(target);
    let refreshes = holdings.refreshes.get(&name).into_iter().flatten().enumerate();
    // Numbered in the order they were started in, so that a new one moves none to another page.
    let mut wanted: Vec<_> = refreshes
        .filter(|(place, _)| after.is_none_or(|after| *place < after))
        .filter(|(_, refresh)| ids.is_empty() || ids.contains(&refresh.id))
        .collect();
    wanted.reverse();
    let (found, token) = cut(&page, wanted.into_iter(), |(place, _)| place.to_string());
    xml.members("InstanceRefreshes", found, |xml, (_, refresh)| {
        refresh.write(&name, xml);
    });
    xml.optional("NextToken", token);
    Ok(())
}

/// The refresh of a group that has not ended.
pub(super) fn under_way<'a>(world: &'a World, target: Target, name: &str) -> Option<&'a Refresh> {
    let newest = world.scaling.get(target)?.refreshes.get(name)?.last()?;
    matches!(newest.status, Status::Pending | Status::InProgress).then_some(newest)
}

/// What the group launches at this moment: while instances are replaced, what it is to launch from then on.
pub(super) fn source_now(world: &World, target: Target, name: &str) -> Option<LaunchSource> {
    let replacing = under_way(world, target, name).filter(|refresh| refresh.status == Status::InProgress);
    let desired = replacing.and_then(|refresh| refresh.desired.clone());
    desired.or_else(|| world.scaling.group(target, name).map(|group| group.source.clone()))
}

/// A refresh begins to replace. An instance that is protected is not, and makes the refresh fail in the end.
pub(super) fn starts(world: &mut World, target: Target, name: &str, id: &str) {
    let now = world.now;
    let Some(refresh) = find(world, target, name, id) else {
        return;
    };
    refresh.status = Status::InProgress;
    refresh.started = Some(now);
    let skips = refresh.preferences.skip_matching == Some(true);
    let source = source_now(world, target, name);
    let new = source.and_then(|source| launch::image_of(world, target, &source).ok());
    let Some(group) = world.scaling.group(target, name) else {
        return;
    };
    let old = group
        .members
        .iter()
        .filter(|member| !(member.state.ends() || skips && Some(&member.launching) == new.as_ref()));
    let (stuck, leaving): (Vec<_>, Vec<_>) = old.partition(|member| member.protected && !member.state.pooled());
    let stuck = stuck.len();
    let leaving: Vec<_> = leaving.into_iter().map(|member| member.instance).collect();
    if let Some(refresh) = find(world, target, name, id) {
        refresh.left = stuck;
    }
    for instance in leaving {
        capacity::end(world, target, name, instance);
    }
    capacity::look(world, target, name);
    let (name, id) = (name.to_owned(), id.to_owned());
    world.plan(REPLACES, world::Due::AutoScaling(Due::RefreshEnds { target, name, id }));
}

/// A refresh ends, well if every instance was replaced and serves.
pub(super) fn ends(world: &mut World, target: Target, name: &str, id: &str) {
    let now = world.now;
    let Some(group) = world.scaling.group(target, name) else {
        return;
    };
    let pending = group.members.iter().any(|member| member.state == MemberState::Pending);
    let short = pending || group.capacity() < group.sizes.desired;
    let Some(refresh) = find(world, target, name, id) else {
        return;
    };
    refresh.ended = Some(now);
    let reason = if short {
        "New instances did not come into service."
    } else {
        "Instances are protected from scale in."
    };
    if short || refresh.left > 0 {
        refresh.status = Status::Failed;
        refresh.reason = Some(reason.to_owned());
        return;
    }
    refresh.status = Status::Successful;
    let desired = refresh.desired.clone();
    if let Some(source) = desired
        && let Some(group) = state::edit(world, target, name)
    {
        group.source = source;
    }
}

fn find<'a>(world: &'a mut World, target: Target, name: &str, id: &str) -> Option<&'a mut Refresh> {
    let refreshes = world.scaling.of(target).refreshes.get_mut(name)?;
    refreshes.iter_mut().find(|refresh| refresh.id == id)
}

impl Preferences {
    fn read(mut params: Params) -> Result<Self, ApiError> {
        let this = Self {
            min_healthy: number(&mut params, "MinHealthyPercentage", 0..=100)?,
            max_healthy: number(&mut params, "MaxHealthyPercentage", 100..=200)?,
            warmup: number(&mut params, "InstanceWarmup", 0..=i64::from(i32::MAX))?,
            skip_matching: flag(&mut params, "SkipMatching")?,
        };
        params.finish()?;
        Ok(this)
    }

    fn write(self, xml: &mut Xml) {
        xml.text("MinHealthyPercentage", self.min_healthy.unwrap_or(90));
        xml.optional("MaxHealthyPercentage", self.max_healthy);
        xml.optional("InstanceWarmup", self.warmup);
        xml.optional("SkipMatching", self.skip_matching);
    }
}

impl Refresh {
    fn write(&self, group: &str, xml: &mut Xml) {
        let (status, percentage) = match self.status {
            Status::Pending => ("Pending", None),
            Status::InProgress => ("InProgress", Some(0)),
            Status::Successful => ("Successful", Some(100)),
            Status::Failed => ("Failed", Some(0)),
        };
        xml.text("InstanceRefreshId", &self.id);
        xml.text("AutoScalingGroupName", group);
        xml.text("Status", status);
        xml.optional("StatusReason", self.reason.as_ref());
        xml.optional("StartTime", self.started);
        xml.optional("EndTime", self.ended);
        xml.optional("PercentageComplete", percentage);
        xml.optional("InstancesToUpdate", percentage.map(|_| self.left));
        xml.element("Preferences", |xml| self.preferences.write(xml));
        if let Some(desired) = &self.desired {
            xml.element("DesiredConfiguration", |xml| desired.write(xml));
        }
        xml.text("Strategy", "Rolling");
    }
}
