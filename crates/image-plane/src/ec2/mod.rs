//! EC2's image side: images, snapshots, and the instances that start from them.

mod access;
mod alias;
pub(crate) mod ancestry;
mod attributes;
mod bin_api;
mod block_public_access;
pub(crate) mod capacity;
pub(crate) mod copy;
mod create;
mod describe_images;
mod describe_instances;
pub(crate) mod devices;
mod ebs_defaults;
pub(crate) mod encryption;
mod errors;
pub(crate) mod events;
mod filters;
pub(crate) mod fleets;
pub(crate) mod image;
mod image_references;
pub(crate) mod instance;
pub(crate) mod instance_type;
pub(crate) mod instances;
pub(crate) mod launch;
pub(crate) mod launch_templates;
mod lookup;
pub(crate) mod make;
pub(crate) mod on_behalf;
mod operations;
pub(crate) mod operator;
pub(crate) mod page;
pub(crate) mod place;
pub(crate) mod place_instance;
pub(crate) mod recycle_bin;
mod referrer;
mod regions;
pub(crate) mod retire;
pub(crate) mod sharing;
pub(crate) mod snapshot;
mod snapshot_attributes;
pub(crate) mod snapshots;
pub(crate) mod spot_fleets;
mod spot_launch;
pub(crate) mod spot_requests;
pub(crate) mod state;
pub(crate) mod survey;
mod tag_api;
pub(crate) mod tags;
#[cfg(test)]
pub(crate) mod testing;
mod tokens;
pub(crate) mod usage_reports;
pub(crate) mod visibility;
pub(crate) mod volume_limits;
pub(crate) mod watermark;

use bytes::Bytes;
use http::Request;

use crate::ids::{ImageId, InstanceId, LaunchTemplateId, SnapshotId, UsageReportId};
use crate::sts::{Access, authorize_named, is_root};
use crate::time::Time;
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Caller, Operation, Target, World};
use operations::{ENTRIES, Entry, Handler, Kind, UNFILTERED_SNAPSHOTS};
pub(crate) use state::Ec2;

/// The API's version, which every client sends and every answer repeats in its namespace.
const VERSION: &str = "2016-11-15";

/// A call to EC2: who makes it, and whether it is meant.
#[derive(Debug)]
pub(crate) struct Ctx<'a> {
    caller: &'a Caller,
    dry_run: bool,
}

impl Ctx<'_> {
    fn target(&self) -> Target {
        self.caller.target
    }

    /// Stops a dry run, right before anything would be read out or changed.
    fn commit(&self) -> Result<(), ApiError> {
        if self.dry_run {
            return Err(ApiError::with_status(
                412,
                "DryRunOperation",
                "Request would have succeeded, but DryRun flag is set.",
            ));
        }
        Ok(())
    }
}

/// A request to EC2, read as far as its operation.
#[derive(Debug)]
pub(crate) struct Call {
    name: &'static str,
    mutates: bool,
    handler: Handler,
    params: Params,
}

impl Call {
    /// What the caller must be allowed.
    pub(crate) fn needs(&self, world: &World, caller: &Caller) -> Vec<(String, Access)> {
        access::needs(world, caller, self.name, self.mutates, &self.params)
    }

    pub(crate) fn run(mut self, world: &mut World, caller: &Caller, request_id: &str) -> Result<Bytes, ApiError> {
        if !is_root(caller) {
            for (action, access) in self.needs(world, caller) {
                authorize_named(world, caller, Service::Ec2, &action, &access)?;
            }
        }
        let dry_run = self.params.flag("DryRun")?;
        let mut xml = Xml::document();
        let mut result = Ok(());
        let element = format!("{}Response", self.name);
        xml.element_with(&element, "xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"", |xml| {
            xml.text("requestId", request_id);
            result = (self.handler)(world, &Ctx { caller, dry_run }, self.params, xml);
        });
        result.map(|()| xml.into_bytes())
    }
}

/// Finds the operation of a request.
pub(crate) fn read(request: &Request<Bytes>) -> Result<(Operation, Call), ApiError> {
    let (mut params, action) = Params::of_action(request.body())?;
    let version = params.required("Version")?;
    if version != VERSION {
        return Err(ApiError::not_modelled(format!("version {version} of EC2's API")));
    }
    let Entry(name, kind, rate, handler) = ENTRIES
        .iter()
        .find(|entry| entry.0 == action)
        .ok_or_else(|| ApiError::not_modelled(format!("the EC2 operation {action}")))?;
    let operation = if *name == "DescribeSnapshots" && snapshots::unbounded(&params) {
        UNFILTERED_SNAPSHOTS
    } else {
        Operation {
            name,
            mutates: *kind == Kind::Mutates,
            rate: *rate,
        }
    };
    Ok((
        operation,
        Call {
            name,
            mutates: *kind == Kind::Mutates,
            handler: *handler,
            params,
        },
    ))
}

/// What happens in EC2 without a call.
#[derive(Debug)]
pub(crate) enum Due {
    SnapshotCompletes {
        target: Target,
        id: SnapshotId,
        origin: events::SnapshotOrigin,
    },
    SnapshotFails {
        target: Target,
        id: SnapshotId,
        origin: events::SnapshotOrigin,
        reason: &'static str,
    },
    ImageBecomes {
        target: Target,
        id: ImageId,
        failed: Option<&'static str>,
    },
    /// No stale reader can see it any more.
    ForgetImage {
        target: Target,
        id: ImageId,
    },
    ForgetSnapshot {
        target: Target,
        id: SnapshotId,
    },
    ForgetLaunchTemplate {
        target: Target,
        id: LaunchTemplateId,
    },
    /// Its id is no longer known.
    ForgetGrave {
        target: Target,
        id: ImageId,
    },
    /// A launch shows on the image, a day later.
    LaunchShows {
        target: Target,
        id: ImageId,
        launched: Time,
    },
    InstanceBecomes {
        target: Target,
        id: InstanceId,
        state: instance::InstanceState,
    },
    UsageReportIsReady {
        target: Target,
        id: UsageReportId,
    },
    UsageReportExpires {
        target: Target,
        id: UsageReportId,
    },
    ForgetUsageReport {
        target: Target,
        id: UsageReportId,
    },
    /// What was asked for at this time takes effect, unless it was taken back since.
    PublicImagesAreBlocked {
        target: Target,
        asked: Time,
    },
    ImageLeavesBin {
        target: Target,
        id: ImageId,
    },
    SnapshotLeavesBin {
        target: Target,
        id: SnapshotId,
    },
}

pub(crate) fn fall_due(world: &mut World, due: Due) {
    match due {
        Due::SnapshotCompletes { target, id, origin } => make::snapshot_completes(world, target, id, &origin),
        Due::SnapshotFails {
            target,
            id,
            origin,
            reason,
        } => make::snapshot_fails(world, target, id, &origin, reason),
        Due::ImageBecomes { target, id, failed } => make::image_becomes(world, target, id, failed),
        Due::ForgetImage { target, id } => world.ec2.plane(target.region).forget_image(id),
        Due::ForgetSnapshot { target, id } => world.ec2.plane(target.region).forget_snapshot(target.account, id),
        Due::ForgetLaunchTemplate { target, id } => launch_templates::forget(world, target, id),
        Due::ForgetGrave { target, id } => retire::forget_grave(world, target, id),
        Due::LaunchShows { target, id, launched } => launch::launch_shows(world, target, id, launched),
        Due::InstanceBecomes { target, id, state } => instances::becomes(world, target, id, state),
        Due::UsageReportIsReady { target, id } => usage_reports::is_ready(world, target, id),
        Due::UsageReportExpires { target, id } => usage_reports::remove(world, target, id),
        Due::ForgetUsageReport { target, id } => usage_reports::forget(world, target, id),
        Due::PublicImagesAreBlocked { target, asked } => block_public_access::takes_effect(world, target, asked),
        Due::ImageLeavesBin { target, id } => recycle_bin::image_leaves(world, target, id),
        Due::SnapshotLeavesBin { target, id } => recycle_bin::snapshot_leaves(world, target, id),
    }
}
