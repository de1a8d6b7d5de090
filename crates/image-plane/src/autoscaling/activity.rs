//! What a group did, and why it could not: the only place where a failed launch is told.

use std::time::Duration;

use super::errors;
use super::request::{cut, page};
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

/// Documented: six weeks.
const REMEMBERED: Duration = Duration::from_hours(42 * 24);

/// A scaling activity that has ended. Those under way are not listed: what they do shows on the instances.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Activity {
    number: usize,
    id: String,
    pub(super) group: String,
    description: String,
    cause: String,
    started: Time,
    ended: Time,
    failure: Option<String>,
}

/// Something a group did or failed to do.
pub(super) struct Deed {
    pub(super) description: String,
    pub(super) cause: &'static str,
    pub(super) started: Time,
    /// Why it failed.
    pub(super) failure: Option<String>,
}

/// Writes down what a group did.
pub(super) fn record(world: &mut World, target: Target, group: &str, deed: Deed) {
    let Deed {
        description,
        cause,
        started,
        failure,
    } = deed;
    let (id, now) = (world.random.uuid(), world.now);
    let holdings = world.scaling.of(target);
    let old = holdings
        .activities
        .partition_point(|activity| activity.ended + REMEMBERED < now);
    holdings.activities.drain(..old);
    holdings.activities_ever += 1;
    let activity = Activity {
        number: holdings.activities_ever,
        id,
        group: group.to_owned(),
        description,
        cause: format!("At {} {cause}", started.to_seconds()),
        started,
        ended: now,
        failure,
    };
    holdings.activities.push(activity);
}

/// DescribeScalingActivities, the newest first.
pub(super) fn describe(world: &mut World, target: Target, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let group = params.text("AutoScalingGroupName")?;
    let scope = format!("DescribeScalingActivities {group:?}");
    let page = page(world, target, &mut params, (100, 100), &scope)?;
    params.finish()?;
    if let Some(name) = &group
        && world.scaling.group(target, name).is_none()
    {
        return Err(errors::no_group(name));
    }
    let after = page.after::<usize>();
    let holdings = world.scaling.of(target);
    let wanted = holdings
        .activities
        .iter()
        .rev()
        .filter(|activity| after.is_none_or(|after| activity.number < after))
        .filter(|activity| group.as_ref().is_none_or(|group| activity.group == *group));
    let (found, token) = cut(&page, wanted, |activity| activity.number.to_string());
    xml.members("Activities", found, |xml, activity| activity.write(xml));
    xml.optional("NextToken", token);
    Ok(())
}

impl Activity {
    fn write(&self, xml: &mut Xml) {
        let failed = self.failure.is_some();
        xml.text("ActivityId", &self.id);
        xml.text("AutoScalingGroupName", &self.group);
        xml.text("Description", &self.description);
        xml.text("Cause", &self.cause);
        xml.text("StartTime", self.started);
        xml.text("EndTime", self.ended);
        xml.text("StatusCode", if failed { "Failed" } else { "Successful" });
        xml.optional("StatusMessage", self.failure.as_ref());
        xml.text("Progress", 100);
        xml.text("Details", "{}");
    }
}
