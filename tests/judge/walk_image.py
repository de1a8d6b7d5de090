"""An image's life from its first copy to its return from the Recycle Bin."""

from __future__ import annotations

from diary import CONSUMER, HUB, HUB_ABROAD, IRELAND, MEMBER, Diary

KEY = "alias/golden"
UNIT = "arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-ab12-11111111"
ORGANIZATION = "arn:aws:organizations::111122223333:organization/o-exampleorgid"
DAY = 86_400


def image_life(diary: Diary, image: str) -> None:
    if diary.asides:
        tags(diary, image)
    copies(diary, image)
    snapshots = shares(diary, image)
    launches(diary, image)
    retires(diary, image, snapshots)
    restores(diary, image, snapshots)


def tags(diary: Diary, image: str) -> None:
    hub = diary.ec2(HUB)
    hub(
        "the image is tagged",
        "CreateTags",
        Resources=[image],
        Tags=[{"Key": "team", "Value": "web"}, {"Key": "ec2:SharedTag/os", "Value": "al2023"}],
    )
    hub("a tag goes again", "DeleteTags", Resources=[image], Tags=[{"Key": "team", "Value": "web"}])
    hub("the others stay", "DescribeTags", Filters=[{"Name": "resource-id", "Values": [image]}])
    hub.refused("AWS's tags are its own", "CreateTags", Resources=[image], Tags=[{"Key": "aws:mine", "Value": ""}])


def copies(diary: Diary, image: str) -> None:
    hub, abroad = diary.ec2(HUB), diary.ec2(HUB_ABROAD)
    order = {"SourceImageId": image, "SourceRegion": IRELAND, "Encrypted": True, "CopyImageTags": True}
    copy = abroad(
        "the image is copied abroad",
        "CopyImage",
        Name="web-abroad",
        Description="abroad",
        KmsKeyId=KEY,
        ClientToken="copy-1",
        TagSpecifications=[{"ResourceType": "snapshot", "Tags": [{"Key": "image-steward:family", "Value": "web"}]}],
        **order,
    )["ImageId"]
    failing = abroad(
        "with a key nobody knows too",
        "CopyImage",
        Name="web-unlucky",
        KmsKeyId="alias/nobody",
        ClientToken="copy-2",
        **order,
    )["ImageId"]
    abroad("both look well at first", "DescribeImages", ImageIds=[copy, failing])
    diary.wait(60)
    abroad("the second fails late", "DescribeImages", ImageIds=[failing])
    diary.wait(3600)
    abroad("the first is done", "DescribeImages", ImageIds=[copy])
    abroad(
        "copies say where they come from",
        "DescribeImages",
        Owners=["self"],
        Filters=[{"Name": "source-image-id", "Values": [image]}, {"Name": "tag-key", "Values": ["ec2:SharedTag/os"]}],
    )
    abroad("their snapshots too", "DescribeSnapshots", OwnerIds=["self"])
    abroad(
        "the failed one goes, with its snapshots", "DeregisterImage", ImageId=failing, DeleteAssociatedSnapshots=True
    )
    abroad.refused("a copy of a copy needs another name", "CopyImage", Name="web-abroad", ClientToken="copy-3", **order)
    hub.refused("an image is not where it is not", "DescribeImages", ImageIds=[copy])


def shares(diary: Diary, image: str) -> list[str]:
    hub, member, consumer = diary.ec2(HUB), diary.ec2(MEMBER), diary.ec2(CONSUMER)
    consumer.refused("a private image is hidden from others", "DescribeImages", ImageIds=[image])
    consumer.refused("and not theirs to deregister", "DeregisterImage", ImageId=image)
    hub.refused("no id of an image", "DescribeImages", ImageIds=["ami-not-an-id"])
    hub.refused("an operation nobody modelled", "DescribeVpcs")
    devices = hub("the image's snapshots", "DescribeImages", ImageIds=[image])["Images"][0]["BlockDeviceMappings"]
    snapshots = [device["Ebs"]["SnapshotId"] for device in devices]

    grants = [
        {"UserId": MEMBER.account},
        {"UserId": CONSUMER.account},
        {"OrganizationalUnitArn": UNIT},
        {"OrganizationArn": ORGANIZATION},
    ]
    hub("the image is shared", "ModifyImageAttribute", ImageId=image, LaunchPermission={"Add": grants})
    hub("and once more", "ModifyImageAttribute", ImageId=image, Attribute="description", Value="shared")
    hub("with whom", "DescribeImageAttribute", ImageId=image, Attribute="launchPermission")
    hub("its description", "DescribeImageAttribute", ImageId=image, Attribute="description")
    hub("its boot mode", "DescribeImageAttribute", ImageId=image, Attribute="bootMode")
    hub.refused(
        "a unit has an ARN",
        "ModifyImageAttribute",
        ImageId=image,
        LaunchPermission={"Add": [{"OrganizationalUnitArn": "ou-ab12-11111111"}]},
    )
    order = {
        "Name": "web-of-member",
        "SourceImageId": image,
        "SourceRegion": IRELAND,
        "Encrypted": True,
        "KmsKeyId": KEY,
    }
    member.refused("whoever may launch may not copy", "CopyImage", ClientToken="copy-4", **order)
    for place, snapshot in enumerate(snapshots):
        permission = {"Add": [{"UserId": MEMBER.account}]}
        hub(
            f"snapshot {place} is shared",
            "ModifySnapshotAttribute",
            SnapshotId=snapshot,
            Attribute="createVolumePermission",
            CreateVolumePermission=permission,
        )
    hub("with its reader", "DescribeSnapshotAttribute", SnapshotId=snapshots[0], Attribute="createVolumePermission")
    copy = member("who copies it now", "CopyImage", ClientToken="copy-5", **order)["ImageId"]
    diary.wait(3600)
    member("and has an image of its own", "DescribeImages", ImageIds=[copy])
    return snapshots


def launches(diary: Diary, image: str) -> None:
    hub, consumer = diary.ec2(HUB), diary.ec2(CONSUMER)
    consumer("a consumer sees what is shared with it", "DescribeImages", ExecutableUsers=["self"])
    consumer("its own tags stay its own", "CreateTags", Resources=[image], Tags=[{"Key": "keep", "Value": "true"}])
    consumer("and are all it sees but shared ones", "DescribeImages", ImageIds=[image])
    launched = consumer(
        "it launches the image", "RunInstances", ImageId=image, MinCount=1, MaxCount=2, ClientToken="launch-4"
    )
    diary.wait(60)
    consumer(
        "whose key it may not use",
        "DescribeInstances",
        InstanceIds=[instance["InstanceId"] for instance in launched["Instances"]],
    )
    hub("nobody knows yet", "DescribeImageAttribute", ImageId=image, Attribute="lastLaunchedTime")
    diary.wait(DAY)
    hub("a day later the owner does", "DescribeImageAttribute", ImageId=image, Attribute="lastLaunchedTime")
    consumer("instances are listed in pages", "DescribeInstances", MaxResults=5)


def retires(diary: Diary, image: str, snapshots: list[str]) -> None:
    hub, consumer = diary.ec2(HUB), diary.ec2(CONSUMER)
    hub.refused("a snapshot in use stays", "DeleteSnapshot", SnapshotId=snapshots[0])
    hub.refused(
        "nothing is deprecated in the past", "EnableImageDeprecation", ImageId=image, DeprecateAt="2026-01-01T00:00:00Z"
    )
    hub("the image will be deprecated", "EnableImageDeprecation", ImageId=image, DeprecateAt="2026-02-01T12:00:31Z")
    diary.wait(30 * DAY)
    hub("its owner still lists it", "DescribeImages", Owners=["self"])
    consumer("others do not", "DescribeImages", Owners=[HUB.account])
    consumer("unless they ask", "DescribeImages", Owners=[HUB.account], IncludeDeprecated=True)
    hub("it is so no longer", "DisableImageDeprecation", ImageId=image)

    hub("the image is protected", "EnableImageDeregistrationProtection", ImageId=image, WithCooldown=True)
    hub.refused("and stays", "DeregisterImage", ImageId=image)
    hub("protection ends slowly", "DisableImageDeregistrationProtection", ImageId=image)
    hub("as the image says", "DescribeImageAttribute", ImageId=image, Attribute="deregistrationProtection")
    hub.refused("and it stays a while longer", "DeregisterImage", ImageId=image)
    diary.wait(DAY + 60)

    hub("the image is disabled", "DisableImage", ImageId=image)
    hub.refused("nobody launches it", "RunInstances", ImageId=image, MinCount=1, MaxCount=1, ClientToken="launch-5")
    consumer.refused("others do not find it", "DescribeImages", ImageIds=[image])
    hub.refused(
        "it cannot be shared",
        "ModifyImageAttribute",
        ImageId=image,
        LaunchPermission={"Add": [{"UserId": MEMBER.account}]},
    )
    hub(
        "its owner has to ask for it",
        "DescribeImages",
        Owners=["self"],
        IncludeDisabled=True,
        Filters=[{"Name": "state", "Values": ["disabled"]}],
    )
    hub("it is enabled again", "EnableImage", ImageId=image)
    hub("its permissions are lost", "DescribeImageAttribute", ImageId=image, Attribute="launchPermission")
    hub("and can be none once more", "ResetImageAttribute", ImageId=image, Attribute="launchPermission")


def restores(diary: Diary, image: str, snapshots: list[str]) -> None:
    hub = diary.ec2(HUB)
    root = [{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshots[0], "VolumeType": "gp3", "Throughput": 125}}]
    second = hub(
        "a second image on the same snapshot",
        "RegisterImage",
        Name="web-second",
        Architecture="x86_64",
        RootDeviceName="/dev/xvda",
        VirtualizationType="hvm",
        EnaSupport=True,
        BootMode="uefi-preferred",
        ImdsSupport="v2.0",
        BlockDeviceMappings=root,
    )["ImageId"]
    diary.wait(60)
    hub("is as it was registered", "DescribeImages", ImageIds=[second])
    hub("the first goes with its snapshots", "DeregisterImage", ImageId=image, DeleteAssociatedSnapshots=True)
    hub("for a while it is nothing", "DescribeImages", ImageIds=[image])
    hub("it is in the bin", "ListImagesInRecycleBin", ImageIds=[image])
    hub("and so is what nobody else used", "ListSnapshotsInRecycleBin")
    hub.refused("its snapshots come back first", "RestoreImageFromRecycleBin", ImageId=image)
    for place, snapshot in enumerate(snapshots[1:]):
        hub(f"snapshot {place} comes back", "RestoreSnapshotFromRecycleBin", SnapshotId=snapshot)
    hub("then the image", "RestoreImageFromRecycleBin", ImageId=image)
    hub("and is what it was", "DescribeImages", ImageIds=[image])
    hub("the second goes alone", "DeregisterImage", ImageId=second)
    diary.wait(2 * 3600)
    hub.refused("and nobody knows it any more", "DescribeImages", ImageIds=[second])
