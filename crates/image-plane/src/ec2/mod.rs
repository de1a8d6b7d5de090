//! EC2's image side: images, snapshots, and the instances that start from them.

mod access;
mod ancestry;
mod attributes;
mod bin_api;
pub(crate) mod copy;
mod create;
mod describe_images;
mod describe_instances;
pub(crate) mod devices;
mod errors;
pub(crate) mod events;
mod filters;
pub(crate) mod image;
pub(crate) mod instance;
pub(crate) mod instance_type;
pub(crate) mod instances;
mod lookup;
pub(crate) mod make;
pub(crate) mod page;
pub(crate) mod place;
pub(crate) mod recycle_bin;
mod regions;
pub(crate) mod retire;
pub(crate) mod sharing;
pub(crate) mod snapshot;
mod snapshot_attributes;
pub(crate) mod snapshots;
pub(crate) mod state;
mod tag_api;
pub(crate) mod tags;
#[cfg(test)]
mod testing;
pub(crate) mod visibility;
pub(crate) mod volume_limits;

use bytes::Bytes;
use http::Request;

use crate::ids::{ImageId, InstanceId, SnapshotId};
use crate::sts::{Access, authorize_named, is_root};
use crate::time::Time;
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::buckets::Rate;
use crate::world::{Caller, Operation, Target, World};
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

/// Reads its parameters, does its work, and writes its answer.
type Handler = fn(&mut World, &Ctx<'_>, Params, &mut Xml) -> Result<(), ApiError>;

/// One operation: its name, whether it changes anything, its token bucket, its handler.
struct Entry(&'static str, Kind, Rate, Handler);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Reads,
    Mutates,
}

// The documented sizes: calls at once, and refill in 1,000 seconds.
const READ: Rate = Rate::new(100, 20_000);
const MUTATE: Rate = Rate::new(50, 5_000);
const WIDE: Rate = Rate::new(100, 5_000);
const COPY: Rate = Rate::new(100, 1_000);
const TAG: Rate = Rate::new(100, 10_000);

/// Every operation of EC2 the model answers.
const ENTRIES: &[Entry] = &[
    Entry("CopyImage", Kind::Mutates, COPY, create::copy_image),
    Entry("CopySnapshot", Kind::Mutates, WIDE, snapshots::copy),
    Entry("CreateImage", Kind::Mutates, MUTATE, create::create_image),
    Entry("CreateSnapshot", Kind::Mutates, WIDE, snapshots::create),
    Entry("CreateTags", Kind::Mutates, TAG, tag_api::create),
    Entry("DeleteSnapshot", Kind::Mutates, WIDE, snapshots::delete),
    Entry("DeleteTags", Kind::Mutates, TAG, tag_api::delete),
    Entry("DeregisterImage", Kind::Mutates, WIDE, retire::deregister),
    Entry("DescribeImageAttribute", Kind::Reads, READ, attributes::describe),
    Entry("DescribeImages", Kind::Reads, READ, describe_images::describe),
    Entry("DescribeInstances", Kind::Reads, READ, describe_instances::describe),
    Entry("DescribeRegions", Kind::Reads, READ, regions::describe),
    Entry(
        "DescribeSnapshotAttribute",
        Kind::Reads,
        READ,
        snapshot_attributes::describe,
    ),
    Entry("DescribeSnapshots", Kind::Reads, READ, snapshots::describe),
    Entry("DescribeTags", Kind::Reads, READ, tag_api::describe),
    Entry("DisableImage", Kind::Mutates, MUTATE, retire::disable),
    Entry(
        "DisableImageDeprecation",
        Kind::Mutates,
        MUTATE,
        retire::disable_deprecation,
    ),
    Entry(
        "DisableImageDeregistrationProtection",
        Kind::Mutates,
        MUTATE,
        retire::unprotect,
    ),
    Entry("EnableImage", Kind::Mutates, MUTATE, retire::enable),
    Entry(
        "EnableImageDeprecation",
        Kind::Mutates,
        MUTATE,
        retire::enable_deprecation,
    ),
    Entry(
        "EnableImageDeregistrationProtection",
        Kind::Mutates,
        MUTATE,
        retire::protect,
    ),
    Entry("GetImageAncestry", Kind::Reads, READ, ancestry::get),
    Entry("ListImagesInRecycleBin", Kind::Reads, READ, bin_api::list_images),
    Entry("ListSnapshotsInRecycleBin", Kind::Reads, READ, bin_api::list_snapshots),
    Entry("ModifyImageAttribute", Kind::Mutates, WIDE, attributes::modify),
    Entry(
        "ModifySnapshotAttribute",
        Kind::Mutates,
        WIDE,
        snapshot_attributes::modify,
    ),
    Entry("RegisterImage", Kind::Mutates, MUTATE, create::register_image),
    Entry("ResetImageAttribute", Kind::Mutates, MUTATE, attributes::reset),
    Entry(
        "RestoreImageFromRecycleBin",
        Kind::Mutates,
        MUTATE,
        bin_api::restore_image,
    ),
    Entry(
        "RestoreSnapshotFromRecycleBin",
        Kind::Mutates,
        MUTATE,
        bin_api::restore_snapshot,
    ),
    Entry("RunInstances", Kind::Mutates, MUTATE, instances::run),
    Entry("StartInstances", Kind::Mutates, MUTATE, instances::start),
    Entry("StopInstances", Kind::Mutates, MUTATE, instances::stop),
    Entry("TerminateInstances", Kind::Mutates, MUTATE, instances::terminate),
];

/// DescribeSnapshots asked for everything at once has a smaller bucket of its own.
const UNFILTERED_SNAPSHOTS: Operation = Operation {
    name: "DescribeSnapshots (unfiltered)",
    mutates: false,
    rate: Rate::new(50, 10_000),
};

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
        let asked = access::of_call(world, caller, self.name, self.mutates, &self.params);
        let mut needs = vec![(format!("ec2:{}", self.name), asked.clone())];
        // Tagging what a call creates is a permission of its own.
        if self.mutates && !self.params.peek_specified_tags().is_empty() {
            needs.push((String::from("ec2:CreateTags"), asked));
        }
        needs
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
    let body = std::str::from_utf8(request.body())
        .map_err(|_| ApiError::client("MalformedQueryString", "The request body is not UTF-8"))?;
    let mut params = Params::parse(body)?;
    let action = params
        .text("Action")?
        .ok_or_else(|| ApiError::client("MissingAction", "The request is missing an action"))?;
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
        Due::ForgetGrave { target, id } => retire::forget_grave(world, target, id),
        Due::LaunchShows { target, id, launched } => instances::launch_shows(world, target, id, launched),
        Due::InstanceBecomes { target, id, state } => instances::becomes(world, target, id, state),
        Due::ImageLeavesBin { target, id } => recycle_bin::image_leaves(world, target, id),
        Due::SnapshotLeavesBin { target, id } => recycle_bin::snapshot_leaves(world, target, id),
    }
}
