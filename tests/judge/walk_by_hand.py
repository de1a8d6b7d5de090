"""An image made by hand: from Amazon's own, by way of an instance."""

from __future__ import annotations

from diary import HUB, VIRGINIA, IRELAND, Diary, Place

KEY = "alias/golden"
TAG = {"Key": "image-steward:family", "Value": "web & <more>"}


def image_by_hand(diary: Diary) -> None:
    hub = diary.ec2(HUB)
    hub("two Regions of many", "DescribeRegions", RegionNames=[IRELAND, VIRGINIA])
    hub(
        "Regions by their standing",
        "DescribeRegions",
        AllRegions=True,
        Filters=[{"Name": "opt-in-status", "Values": ["not-opted-in"]}],
    )
    base = hub(
        "Amazon's own images",
        "DescribeImages",
        Owners=["amazon"],
        Filters=[{"Name": "name", "Values": ["al2023-*"]}, {"Name": "architecture", "Values": ["x86_64"]}],
    )
    base = max(base["Images"], key=lambda image: image["CreationDate"])["ImageId"]

    launch = {
        "ImageId": base,
        "MinCount": 1,
        "MaxCount": 1,
        "InstanceType": "t3.medium",
        "ClientToken": "launch-1",
        "BlockDeviceMappings": [
            {
                "DeviceName": "/dev/xvda",
                "Ebs": {"VolumeSize": 10, "VolumeType": "gp3", "Encrypted": True, "KmsKeyId": KEY, "Iops": 3000},
            },
            {"DeviceName": "/dev/sdb", "Ebs": {"VolumeSize": 4, "VolumeType": "gp2", "DeleteOnTermination": False}},
        ],
        "TagSpecifications": [{"ResourceType": "instance", "Tags": [TAG]}],
    }
    launched = hub("an instance of Amazon's image", "RunInstances", **launch)
    instance = launched["Instances"][0]["InstanceId"]
    hub("the same token is the same instance", "RunInstances", **launch)
    hub.refused("the same token means something else", "RunInstances", **launch | {"InstanceType": "t3.large"})
    hub.refused("an instance that is not up yet cannot be imaged", "CreateImage", InstanceId=instance, Name="too early")
    hub.refused("a dry run changes nothing", "RunInstances", **launch | {"DryRun": True, "ClientToken": "launch-2"})
    diary.wait(60)
    running = hub("the instance runs", "DescribeInstances", InstanceIds=[instance])
    volume = running["Reservations"][0]["Instances"][0]["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]

    made = hub(
        "an image of the instance",
        "CreateImage",
        InstanceId=instance,
        Name="web-by-hand",
        Description='made by hand: "quoted" & <marked>',
        NoReboot=True,
        TagSpecifications=[
            {"ResourceType": "image", "Tags": [TAG]},
            {"ResourceType": "snapshot", "Tags": [TAG, {"Key": "empty", "Value": ""}]},
        ],
    )["ImageId"]
    hub("it is pending first", "DescribeImages", ImageIds=[made])
    hub.refused("and cannot be launched", "RunInstances", ImageId=made, MinCount=1, MaxCount=1, ClientToken="launch-3")
    hub.refused("its name is taken", "CreateImage", InstanceId=instance, Name="web-by-hand")
    snapshot = hub(
        "a snapshot of one volume",
        "CreateSnapshot",
        VolumeId=volume,
        Description="one volume",
        TagSpecifications=[{"ResourceType": "snapshot", "Tags": [TAG]}],
    )["SnapshotId"]
    diary.wait(600)
    hub("then it is there", "DescribeImages", ImageIds=[made])
    hub(
        "so are its snapshots",
        "DescribeSnapshots",
        OwnerIds=["self"],
        Filters=[{"Name": "status", "Values": ["completed"]}],
    )
    snapshots(diary, snapshot)

    hub("the instance stops", "StopInstances", InstanceIds=[instance])
    diary.wait(60)
    hub("starts", "StartInstances", InstanceIds=[instance])
    diary.wait(60)
    hub("and ends", "TerminateInstances", InstanceIds=[instance])
    diary.wait(60)
    hub(
        "it is seen for a while",
        "DescribeInstances",
        Filters=[{"Name": "instance-state-name", "Values": ["terminated"]}],
    )


def listings(diary: Diary) -> None:
    """Pages, by the client's own paginator; a second walk goes on where the first was cut off."""
    hub = diary.ec2(HUB)
    hub.pages("every image there is, two by two", "DescribeImages", {"PageSize": 2})
    first = hub.pages("the first three", "DescribeImages", {"PageSize": 2, "MaxItems": 3})
    hub.pages("and the rest", "DescribeImages", {"PageSize": 2, "StartingToken": first["NextToken"]})
    hub.refused("a page holds no more than a thousand", "DescribeImages", MaxResults=1001)
    hub.refused("a page's token is not made up", "DescribeImages", MaxResults=2, NextToken="bm90IGEgdG9rZW4=")


def snapshots(diary: Diary, snapshot: str) -> None:
    """A snapshot's own life."""
    hub, abroad = diary.ec2(HUB), diary.ec2(Place(HUB.account, VIRGINIA))
    copied = abroad(
        "the snapshot is copied abroad",
        "CopySnapshot",
        SourceSnapshotId=snapshot,
        SourceRegion=IRELAND,
        Encrypted=True,
        KmsKeyId=KEY,
        Description="abroad",
    )["SnapshotId"]
    abroad("the copy is under way", "DescribeSnapshots", SnapshotIds=[copied])
    diary.wait(600)
    abroad("and done", "DescribeSnapshots", SnapshotIds=[copied])
    abroad("the copy goes", "DeleteSnapshot", SnapshotId=copied)
    abroad.refused("and is gone", "DescribeSnapshots", SnapshotIds=[copied])
    abroad.refused("no id of a snapshot", "DeleteSnapshot", SnapshotId="snap-XYZ")
    hub("the original goes to the bin", "DeleteSnapshot", SnapshotId=snapshot)
    hub("where it is listed", "ListSnapshotsInRecycleBin", SnapshotIds=[snapshot])
