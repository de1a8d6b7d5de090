//! Every operation of EC2 the model answers, with its handler and its bucket.

use super::{
    Ctx, ancestry, attributes, bin_api, block_public_access, create, describe_images, describe_instances, ebs_defaults,
    fleets, image_references, instances, launch_templates, regions, retire, snapshot_attributes, snapshots,
    spot_fleets, spot_requests, tag_api, usage_reports, watermark,
};
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::buckets::Rate;
use crate::world::{Operation, World};

/// Reads its parameters, does its work, and writes its answer.
pub(super) type Handler = fn(&mut World, &Ctx<'_>, Params, &mut Xml) -> Result<(), ApiError>;

/// One operation: its name, whether it changes anything, its token bucket, its handler.
pub(super) struct Entry(
    pub(super) &'static str,
    pub(super) Kind,
    pub(super) Rate,
    pub(super) Handler,
);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
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
pub(super) const ENTRIES: &[Entry] = &[
    Entry("AttachImageWatermark", Kind::Mutates, MUTATE, watermark::attach_by_call),
    Entry("CancelSpotFleetRequests", Kind::Mutates, MUTATE, spot_fleets::cancel),
    Entry(
        "CancelSpotInstanceRequests",
        Kind::Mutates,
        MUTATE,
        spot_requests::cancel,
    ),
    Entry("CopyImage", Kind::Mutates, COPY, create::copy_image),
    Entry("CopySnapshot", Kind::Mutates, WIDE, snapshots::copy),
    Entry("CreateFleet", Kind::Mutates, MUTATE, fleets::create),
    Entry("CreateImage", Kind::Mutates, MUTATE, create::create_image),
    Entry("CreateImageUsageReport", Kind::Mutates, MUTATE, usage_reports::create),
    Entry("CreateLaunchTemplate", Kind::Mutates, MUTATE, launch_templates::create),
    Entry(
        "CreateLaunchTemplateVersion",
        Kind::Mutates,
        WIDE,
        launch_templates::create_version,
    ),
    Entry("CreateSnapshot", Kind::Mutates, WIDE, snapshots::create),
    Entry("CreateTags", Kind::Mutates, TAG, tag_api::create),
    Entry("DeleteFleets", Kind::Mutates, MUTATE, fleets::delete),
    Entry("DeleteImageUsageReport", Kind::Mutates, MUTATE, usage_reports::delete),
    Entry("DeleteLaunchTemplate", Kind::Mutates, MUTATE, launch_templates::delete),
    Entry(
        "DeleteLaunchTemplateVersions",
        Kind::Mutates,
        MUTATE,
        launch_templates::delete_versions,
    ),
    Entry("DeleteSnapshot", Kind::Mutates, WIDE, snapshots::delete),
    Entry("DeleteTags", Kind::Mutates, TAG, tag_api::delete),
    Entry("DeregisterImage", Kind::Mutates, WIDE, retire::deregister),
    Entry("DescribeFleets", Kind::Reads, READ, fleets::describe),
    Entry("DescribeImageAttribute", Kind::Reads, READ, attributes::describe),
    Entry("DescribeImageReferences", Kind::Reads, READ, image_references::describe),
    Entry(
        "DescribeImageUsageReportEntries",
        Kind::Reads,
        READ,
        usage_reports::describe_entries,
    ),
    Entry("DescribeImageUsageReports", Kind::Reads, READ, usage_reports::describe),
    Entry("DescribeImages", Kind::Reads, READ, describe_images::describe),
    Entry("DescribeInstances", Kind::Reads, READ, describe_instances::describe),
    Entry(
        "DescribeLaunchTemplateVersions",
        Kind::Reads,
        READ,
        launch_templates::describe_versions,
    ),
    Entry("DescribeLaunchTemplates", Kind::Reads, READ, launch_templates::describe),
    Entry("DescribeRegions", Kind::Reads, READ, regions::describe),
    Entry(
        "DescribeSnapshotAttribute",
        Kind::Reads,
        READ,
        snapshot_attributes::describe,
    ),
    Entry("DescribeSnapshots", Kind::Reads, READ, snapshots::describe),
    Entry("DescribeSpotFleetRequests", Kind::Reads, READ, spot_fleets::describe),
    Entry(
        "DescribeSpotInstanceRequests",
        Kind::Reads,
        READ,
        spot_requests::describe,
    ),
    Entry("DescribeTags", Kind::Reads, READ, tag_api::describe),
    Entry("DetachImageWatermark", Kind::Mutates, MUTATE, watermark::detach_by_call),
    Entry("DisableImage", Kind::Mutates, MUTATE, retire::disable),
    Entry(
        "DisableImageBlockPublicAccess",
        Kind::Mutates,
        MUTATE,
        block_public_access::disable,
    ),
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
        "EnableImageBlockPublicAccess",
        Kind::Mutates,
        MUTATE,
        block_public_access::enable,
    ),
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
    Entry("GetEbsDefaultKmsKeyId", Kind::Reads, READ, ebs_defaults::key),
    Entry("GetEbsEncryptionByDefault", Kind::Reads, READ, ebs_defaults::encryption),
    Entry("GetImageAncestry", Kind::Reads, READ, ancestry::get),
    Entry(
        "GetImageBlockPublicAccessState",
        Kind::Reads,
        READ,
        block_public_access::get,
    ),
    Entry(
        "GetSnapshotBlockPublicAccessState",
        Kind::Reads,
        READ,
        block_public_access::get_of_snapshots,
    ),
    Entry("ListImagesInRecycleBin", Kind::Reads, READ, bin_api::list_images),
    Entry("ListSnapshotsInRecycleBin", Kind::Reads, READ, bin_api::list_snapshots),
    Entry("ModifyImageAttribute", Kind::Mutates, WIDE, attributes::modify),
    Entry("ModifyLaunchTemplate", Kind::Mutates, WIDE, launch_templates::modify),
    Entry(
        "ModifySnapshotAttribute",
        Kind::Mutates,
        WIDE,
        snapshot_attributes::modify,
    ),
    Entry("RegisterImage", Kind::Mutates, MUTATE, create::register_image),
    Entry("RequestSpotFleet", Kind::Mutates, MUTATE, spot_fleets::request),
    Entry("RequestSpotInstances", Kind::Mutates, MUTATE, spot_requests::request),
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
pub(super) const UNFILTERED_SNAPSHOTS: Operation = Operation {
    name: "DescribeSnapshots (unfiltered)",
    mutates: false,
    rate: Rate::new(50, 10_000),
};
