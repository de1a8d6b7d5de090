//! EC2's answers as the Rust SDK parsed them, under the names AWS's other clients give their members.

use aws_sdk_ec2::operation::create_snapshot::CreateSnapshotOutput;
use aws_sdk_ec2::operation::deregister_image::DeregisterImageOutput;
use aws_sdk_ec2::operation::describe_image_attribute::DescribeImageAttributeOutput;
use aws_sdk_ec2::operation::describe_instances::DescribeInstancesOutput;
use aws_sdk_ec2::operation::describe_regions::DescribeRegionsOutput;
use aws_sdk_ec2::operation::describe_snapshot_attribute::DescribeSnapshotAttributeOutput;
use aws_sdk_ec2::operation::describe_tags::DescribeTagsOutput;
use aws_sdk_ec2::operation::list_images_in_recycle_bin::ListImagesInRecycleBinOutput;
use aws_sdk_ec2::operation::list_snapshots_in_recycle_bin::ListSnapshotsInRecycleBinOutput;
use aws_sdk_ec2::operation::restore_snapshot_from_recycle_bin::RestoreSnapshotFromRecycleBinOutput;
use aws_sdk_ec2::operation::run_instances::RunInstancesOutput;
use aws_sdk_ec2::primitives::{DateTime, DateTimeFormat};
use aws_sdk_ec2::types::{
    AttributeValue, BlockDeviceMapping, CreateVolumePermission, EbsBlockDevice, EbsInstanceBlockDevice, Image,
    Instance, InstanceBlockDeviceMapping, InstanceState, InstanceStateChange, LaunchPermission, Placement, Snapshot,
    StateReason, Tag,
};
use serde_json::{Value, json};

/// Each of these in its shape.
pub(crate) fn all<T>(items: &[T], shape: impl Fn(&T) -> Value) -> Value {
    items.iter().map(shape).collect()
}

/// What an enum says, also where the SDK does not know the word.
pub(crate) fn word(value: Option<&impl AsRef<str>>) -> Option<&str> {
    value.map(AsRef::as_ref)
}

pub(crate) fn time(at: Option<&DateTime>) -> Option<String> {
    at.map(|at| at.fmt(DateTimeFormat::DateTime).unwrap())
}

fn tags(tags: &[Tag]) -> Value {
    all(tags, |tag| json!({ "Key": tag.key(), "Value": tag.value() }))
}

pub(crate) fn images(images: &[Image]) -> Value {
    json!({ "Images": all(images, image) })
}

fn image(image: &Image) -> Value {
    json!({
        "ImageId": image.image_id(),
        "ImageLocation": image.image_location(),
        "State": word(image.state()),
        "OwnerId": image.owner_id(),
        "CreationDate": image.creation_date(),
        "Public": image.public(),
        "Architecture": word(image.architecture()),
        "ImageType": word(image.image_type()),
        "Name": image.name(),
        "Description": image.description(),
        "ImageOwnerAlias": image.image_owner_alias(),
        "Platform": word(image.platform()),
        "PlatformDetails": image.platform_details(),
        "UsageOperation": image.usage_operation(),
        "RootDeviceType": word(image.root_device_type()),
        "RootDeviceName": image.root_device_name(),
        "BlockDeviceMappings": all(image.block_device_mappings(), block_device),
        "VirtualizationType": word(image.virtualization_type()),
        "Hypervisor": word(image.hypervisor()),
        "EnaSupport": image.ena_support(),
        "SriovNetSupport": image.sriov_net_support(),
        "BootMode": word(image.boot_mode()),
        "ImdsSupport": word(image.imds_support()),
        "StateReason": image.state_reason().map(state_reason),
        "Tags": tags(image.tags()),
        "DeprecationTime": image.deprecation_time(),
        "SourceImageId": image.source_image_id(),
        "SourceImageRegion": image.source_image_region(),
        "SourceInstanceId": image.source_instance_id(),
        "LastLaunchedTime": image.last_launched_time(),
        "DeregistrationProtection": image.deregistration_protection(),
    })
}

fn state_reason(reason: &StateReason) -> Value {
    json!({ "Code": reason.code(), "Message": reason.message() })
}

fn block_device(mapping: &BlockDeviceMapping) -> Value {
    let ebs = |ebs: &EbsBlockDevice| {
        json!({
            "SnapshotId": ebs.snapshot_id(),
            "VolumeSize": ebs.volume_size(),
            "VolumeType": word(ebs.volume_type()),
            "DeleteOnTermination": ebs.delete_on_termination(),
            "Encrypted": ebs.encrypted(),
            "Iops": ebs.iops(),
            "Throughput": ebs.throughput(),
            "KmsKeyId": ebs.kms_key_id(),
        })
    };
    json!({
        "DeviceName": mapping.device_name(),
        "VirtualName": mapping.virtual_name(),
        "NoDevice": mapping.no_device(),
        "Ebs": mapping.ebs().map(ebs),
    })
}

pub(crate) fn attribute(answer: &DescribeImageAttributeOutput) -> Value {
    let value = |value: Option<&AttributeValue>| value.map(|value| json!({ "Value": value.value() }));
    let permission = |permission: &LaunchPermission| {
        json!({
            "UserId": permission.user_id(),
            "Group": word(permission.group()),
            "OrganizationArn": permission.organization_arn(),
            "OrganizationalUnitArn": permission.organizational_unit_arn(),
        })
    };
    json!({
        "ImageId": answer.image_id(),
        "Description": value(answer.description()),
        "BootMode": value(answer.boot_mode()),
        "LastLaunchedTime": value(answer.last_launched_time()),
        "DeregistrationProtection": value(answer.deregistration_protection()),
        "LaunchPermissions": all(answer.launch_permissions(), permission),
    })
}

pub(crate) fn deregistered(answer: &DeregisterImageOutput) -> Value {
    let results = all(
        answer.delete_snapshot_results(),
        |result| json!({ "SnapshotId": result.snapshot_id(), "ReturnCode": word(result.return_code()) }),
    );
    json!({ "Return": answer.r#return(), "DeleteSnapshotResults": results })
}

pub(crate) fn snapshots(snapshots: &[Snapshot]) -> Value {
    let snapshot = |snapshot: &Snapshot| {
        json!({
            "SnapshotId": snapshot.snapshot_id(),
            "VolumeId": snapshot.volume_id(),
            "State": word(snapshot.state()),
            "StateMessage": snapshot.state_message(),
            "StartTime": time(snapshot.start_time()),
            "Progress": snapshot.progress(),
            "OwnerId": snapshot.owner_id(),
            "Description": snapshot.description(),
            "VolumeSize": snapshot.volume_size(),
            "Encrypted": snapshot.encrypted(),
            "KmsKeyId": snapshot.kms_key_id(),
            "StorageTier": word(snapshot.storage_tier()),
            "TransferType": word(snapshot.transfer_type()),
            "Tags": tags(snapshot.tags()),
        })
    };
    json!({ "Snapshots": all(snapshots, snapshot) })
}

pub(crate) fn created_snapshot(snapshot: &CreateSnapshotOutput) -> Value {
    json!({
        "SnapshotId": snapshot.snapshot_id(),
        "VolumeId": snapshot.volume_id(),
        "State": word(snapshot.state()),
        "StartTime": time(snapshot.start_time()),
        "Progress": snapshot.progress(),
        "OwnerId": snapshot.owner_id(),
        "Description": snapshot.description(),
        "VolumeSize": snapshot.volume_size(),
        "Encrypted": snapshot.encrypted(),
        "KmsKeyId": snapshot.kms_key_id(),
        "StorageTier": word(snapshot.storage_tier()),
        "Tags": tags(snapshot.tags()),
    })
}

pub(crate) fn restored_snapshot(snapshot: &RestoreSnapshotFromRecycleBinOutput) -> Value {
    json!({
        "SnapshotId": snapshot.snapshot_id(),
        "VolumeId": snapshot.volume_id(),
        "State": word(snapshot.state()),
        "StartTime": time(snapshot.start_time()),
        "Progress": snapshot.progress(),
        "OwnerId": snapshot.owner_id(),
        "Description": snapshot.description(),
        "VolumeSize": snapshot.volume_size(),
        "Encrypted": snapshot.encrypted(),
    })
}

pub(crate) fn snapshot_attribute(answer: &DescribeSnapshotAttributeOutput) -> Value {
    let permission = |permission: &CreateVolumePermission| json!({ "UserId": permission.user_id(), "Group": word(permission.group()) });
    json!({
        "SnapshotId": answer.snapshot_id(),
        "CreateVolumePermissions": all(answer.create_volume_permissions(), permission),
    })
}

pub(crate) fn binned_images(answer: &ListImagesInRecycleBinOutput) -> Value {
    let image = |image: &aws_sdk_ec2::types::ImageRecycleBinInfo| {
        json!({
            "ImageId": image.image_id(),
            "Name": image.name(),
            "Description": image.description(),
            "RecycleBinEnterTime": time(image.recycle_bin_enter_time()),
            "RecycleBinExitTime": time(image.recycle_bin_exit_time()),
        })
    };
    json!({ "Images": all(answer.images(), image), "NextToken": answer.next_token() })
}

pub(crate) fn binned_snapshots(answer: &ListSnapshotsInRecycleBinOutput) -> Value {
    let snapshot = |snapshot: &aws_sdk_ec2::types::SnapshotRecycleBinInfo| {
        json!({
            "SnapshotId": snapshot.snapshot_id(),
            "VolumeId": snapshot.volume_id(),
            "Description": snapshot.description(),
            "RecycleBinEnterTime": time(snapshot.recycle_bin_enter_time()),
            "RecycleBinExitTime": time(snapshot.recycle_bin_exit_time()),
        })
    };
    json!({ "Snapshots": all(answer.snapshots(), snapshot), "NextToken": answer.next_token() })
}

pub(crate) fn launched(answer: &RunInstancesOutput) -> Value {
    json!({
        "ReservationId": answer.reservation_id(),
        "OwnerId": answer.owner_id(),
        "Instances": all(answer.instances(), instance),
    })
}

pub(crate) fn reservations(answer: &DescribeInstancesOutput) -> Value {
    let reservations = all(answer.reservations(), |reservation| {
        json!({
            "ReservationId": reservation.reservation_id(),
            "OwnerId": reservation.owner_id(),
            "Instances": all(reservation.instances(), instance),
        })
    });
    json!({ "Reservations": reservations, "NextToken": answer.next_token() })
}

fn instance(instance: &Instance) -> Value {
    let ebs = |ebs: &EbsInstanceBlockDevice| {
        json!({
            "VolumeId": ebs.volume_id(),
            "Status": word(ebs.status()),
            "DeleteOnTermination": ebs.delete_on_termination(),
            "AttachTime": time(ebs.attach_time()),
        })
    };
    let device = |mapping: &InstanceBlockDeviceMapping| json!({ "DeviceName": mapping.device_name(), "Ebs": mapping.ebs().map(ebs) });
    json!({
        "InstanceId": instance.instance_id(),
        "ImageId": instance.image_id(),
        "State": instance.state().map(instance_state),
        "StateReason": instance.state_reason().map(state_reason),
        "StateTransitionReason": instance.state_transition_reason(),
        "InstanceType": word(instance.instance_type()),
        "LaunchTime": time(instance.launch_time()),
        "Architecture": word(instance.architecture()),
        "RootDeviceType": word(instance.root_device_type()),
        "RootDeviceName": instance.root_device_name(),
        "Placement": instance.placement().map(placement),
        "ClientToken": instance.client_token(),
        "BlockDeviceMappings": all(instance.block_device_mappings(), device),
        "Tags": tags(instance.tags()),
    })
}

fn placement(placement: &Placement) -> Value {
    json!({ "AvailabilityZone": placement.availability_zone() })
}

fn instance_state(state: &InstanceState) -> Value {
    json!({ "Code": state.code(), "Name": word(state.name()) })
}

pub(crate) fn changes(member: &str, changes: &[InstanceStateChange]) -> Value {
    let change = |change: &InstanceStateChange| {
        json!({
            "InstanceId": change.instance_id(),
            "CurrentState": change.current_state().map(instance_state),
            "PreviousState": change.previous_state().map(instance_state),
        })
    };
    json!({ member: all(changes, change) })
}

pub(crate) fn regions(answer: &DescribeRegionsOutput) -> Value {
    let regions = all(
        answer.regions(),
        |region| json!({ "RegionName": region.region_name(), "Endpoint": region.endpoint(), "OptInStatus": region.opt_in_status() }),
    );
    json!({ "Regions": regions })
}

pub(crate) fn described_tags(answer: &DescribeTagsOutput) -> Value {
    let tags = all(answer.tags(), |tag| {
        json!({
            "Key": tag.key(),
            "Value": tag.value(),
            "ResourceId": tag.resource_id(),
            "ResourceType": word(tag.resource_type()),
        })
    });
    json!({ "Tags": tags, "NextToken": answer.next_token() })
}
