//! The events EC2 and EBS send, in their odd shapes.

use serde_json::json;

use crate::ids::{ImageId, SnapshotId, VolumeId};
use crate::region::Region;
use crate::time::Time;
use crate::world::{Target, World};

/// What a snapshot was made from, which decides the event that tells of it.
#[derive(Clone, Debug)]
pub(crate) enum SnapshotOrigin {
    Created,
    Copied { from: SnapshotId, region: Region },
}

/// `EC2 AMI State Change`. Its ARN has no account, its keys are in Pascal case.
pub(crate) fn image(world: &mut World, target: Target, id: ImageId, state: &str, error: &str) {
    let arn = format!("arn:{}:ec2:{}::image/{id}", target.region.partition(), target.region);
    let request = world.random.uuid();
    let detail = json!({ "RequestId": request, "ImageId": id.to_string(), "State": state, "ErrorMessage": error });
    world.emit(target, "aws.ec2", "EC2 AMI State Change", &[arn], &detail);
}

/// `EBS Snapshot Notification`, in the account and Region of the new snapshot. Its ARNs put the Region where the account belongs.
pub(crate) fn snapshot(
    world: &mut World,
    target: Target,
    id: SnapshotId,
    origin: &SnapshotOrigin,
    started: Time,
    volume: VolumeId,
    failed: Option<&str>,
) {
    let region = target.region;
    let arn = |region: Region, id: SnapshotId| format!("arn:{}:ec2::{region}:snapshot/{id}", region.partition());
    let (event, source) = match origin {
        SnapshotOrigin::Created => (
            "createSnapshot",
            format!("arn:{}:ec2::{region}:volume/{volume}", region.partition()),
        ),
        SnapshotOrigin::Copied { from, region } => ("copySnapshot", arn(*region, *from)),
    };
    let mut detail = json!({
        "event": event,
        "result": if failed.is_some() { "failed" } else { "succeeded" },
        "cause": failed.unwrap_or(""),
        "request-id": "",
        "snapshot_id": arn(region, id),
        "source": source,
        "startTime": started.to_seconds(),
        "endTime": world.now.to_seconds(),
    });
    if matches!(origin, SnapshotOrigin::Copied { .. }) {
        detail["incremental"] = json!("true");
        detail["transferType"] = json!("standard");
    }
    world.emit(
        target,
        "aws.ec2",
        "EBS Snapshot Notification",
        &[arn(region, id)],
        &detail,
    );
}

/// `shareSnapshot`, sent to the account a snapshot is shared with.
pub(crate) fn snapshot_shared(world: &mut World, receiver: Target, id: SnapshotId, by: Target) {
    let region = receiver.region;
    let arn = format!("arn:{}:ec2::{region}:snapshot/{id}", region.partition());
    let now = world.now.to_seconds();
    let detail = json!({
        "event": "shareSnapshot", "result": "succeeded", "cause": "", "request-id": "", "snapshot_id": arn,
        "source": by.account.to_string(), "startTime": now, "endTime": now,
    });
    world.emit(
        receiver,
        "aws.ec2",
        "EBS Snapshot Notification",
        std::slice::from_ref(&arn),
        &detail,
    );
}
