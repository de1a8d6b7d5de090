//! Reports on the use of an image: made for its owner, about every account of the Region, with roles in them or not.
//!
//! A report tells what there was when it was asked for, but for the newest uses, and is shown once it is ready. AWS says
//! that the newest uses may be missing; here they are. What has ended by then is missing too, although AWS may still know it.

mod create;
mod describe;
mod describe_entries;
mod uses;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::referrer::{AskedType, Referrer};
use super::tags::Tags;
use super::{Ctx, Due, errors, lookup};
use crate::ids::{AccountId, ImageId, UsageReportId};
use crate::region::Region;
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{self, Target, World};
pub(super) use create::create;
pub(super) use describe::describe;
pub(super) use describe_entries::describe as describe_entries;

/// EC2 deletes a report at this age.
const KEPT: Duration = Duration::from_hours(30 * 24);
/// Ids of images, or of reports, in one request.
const MOST_IDS: usize = 200;

/// A report on the use of an image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct UsageReport {
    pub(super) owner: AccountId,
    image: ImageId,
    types: Vec<AskedType>,
    /// None: every account.
    accounts: Vec<AccountId>,
    created: Time,
    state: State,
    /// How many resources of which type in which account, for when it is ready.
    uses: BTreeMap<(AccountId, Referrer), u64>,
    pub(super) tags: Tags,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Pending,
    Available,
    Error(&'static str),
}

impl State {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Available => "available",
            Self::Error(_) => "error",
        }
    }
}

/// AWS documents no codes for reports; these are made as those of its other resources are.
fn no_report(id: UsageReportId) -> ApiError {
    ApiError::client(
        "InvalidImageUsageReportId.NotFound",
        format!("The image usage report ID '{id}' does not exist"),
    )
}

fn report_id(text: &str) -> Result<UsageReportId, ApiError> {
    text.parse().map_err(|_| {
        ApiError::client(
            "InvalidImageUsageReportId.Malformed",
            format!("Invalid id: \"{text}\" (expecting \"amiur-...\")"),
        )
    })
}

/// Which reports a request is about: those it names, those of images it names, or all.
#[derive(Debug)]
struct Sought {
    images: BTreeSet<ImageId>,
    reports: BTreeSet<UsageReportId>,
}

impl Sought {
    fn read(params: &mut Params) -> Result<Self, ApiError> {
        let images = params.texts("ImageId")?;
        let reports = params.texts("ReportId")?;
        for (name, ids) in [("imageId", &images), ("reportId", &reports)] {
            if ids.len() > MOST_IDS {
                return Err(errors::invalid(name, &ids.len().to_string()));
            }
        }
        Ok(Self {
            images: images.iter().map(|id| lookup::image_id(id)).collect::<Result<_, _>>()?,
            reports: reports.iter().map(|id| report_id(id)).collect::<Result<_, _>>()?,
        })
    }

    /// The caller's own, for a reader whose view is so old. A report that is named must be there, an image need not.
    fn find<'a>(
        &self,
        world: &'a World,
        target: Target,
        as_of: Time,
    ) -> Result<BTreeMap<UsageReportId, &'a UsageReport>, ApiError> {
        let plane = world.ec2.get(target.region).into_iter();
        let mine: BTreeMap<_, _> = plane
            .flat_map(|plane| &plane.usage_reports)
            .filter_map(|(id, known)| Some((*id, known.seen(as_of)?)))
            .filter(|(_, report)| report.owner == target.account)
            .collect();
        if let Some(missing) = self.reports.iter().find(|id| !mine.contains_key(id)) {
            return Err(no_report(*missing));
        }
        let asked_for = |id: &UsageReportId, report: &UsageReport| {
            (self.reports.is_empty() || self.reports.contains(id))
                && (self.images.is_empty() || self.images.contains(&report.image))
        };
        Ok(mine.into_iter().filter(|(id, report)| asked_for(id, report)).collect())
    }
}

pub(super) fn delete(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let target = ctx.target();
    let id = report_id(&params.required("ReportId")?)?;
    params.finish()?;
    let as_of = world.read_as_of();
    let reports = &world.ec2.plane(target.region).usage_reports;
    reports
        .get(&id)
        .and_then(|known| known.seen(as_of).and(known.now()))
        .filter(|report| report.owner == target.account)
        .ok_or_else(|| no_report(id))?;
    ctx.commit()?;
    remove(world, target, id);
    xml.text("return", true);
    Ok(())
}

/// A report can be read from now on, or never.
pub(super) fn is_ready(world: &mut World, target: Target, id: UsageReportId) {
    let (now, lag) = (world.now, world.settings.read_lag);
    let plane = world.ec2.plane(target.region);
    let known = plane.usage_reports.get_mut(&id);
    if let Some(report) = known.and_then(|known| known.edit(now, lag)) {
        let spoiled = plane.spoiled_reports.remove(&report.image);
        report.state = spoiled.map_or(State::Available, State::Error);
    }
}

/// Takes a report away, where nobody has; stale readers see it on.
pub(super) fn remove(world: &mut World, target: Target, id: UsageReportId) {
    let (now, lag) = (world.now, world.settings.read_lag);
    let known = world.ec2.plane(target.region).usage_reports.get_mut(&id);
    if known.and_then(|known| known.remove(now, lag)).is_some() {
        world.plan(lag, world::Due::Ec2(Due::ForgetUsageReport { target, id }));
    }
}

/// Forgets a report that no stale reader can see any more.
pub(super) fn forget(world: &mut World, target: Target, id: UsageReportId) {
    world.ec2.plane(target.region).usage_reports.remove(&id);
}

impl World {
    /// Makes the next report on the use of this image end in an error, with this reason.
    pub fn spoil_usage_report(&mut self, region: Region, image: ImageId, reason: &'static str) {
        self.ec2.plane(region).spoiled_reports.insert(image, reason);
    }
}

#[cfg(test)]
mod tests;
