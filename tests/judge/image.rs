//! An image's life from its first copy to its return from the Recycle Bin.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::copy_image::builders::CopyImageFluentBuilder;
use aws_sdk_ec2::operation::describe_image_attribute::DescribeImageAttributeOutput;
use aws_sdk_ec2::primitives::{DateTime, DateTimeFormat};
use aws_sdk_ec2::types::{
    BlockDeviceMapping, CreateVolumePermission, CreateVolumePermissionModifications, EbsBlockDevice,
    ImageAttributeName, LaunchPermission, LaunchPermissionModifications, ResourceType, SnapshotAttributeName,
};
use serde_json::json;

use crate::by_hand::{KEY, device, filter, tag, tagged};
use crate::diary::Diary;
use crate::ec2_shapes as shapes;
use crate::world::{CONSUMER, HUB, IRELAND, MEMBER, ORGANIZATION, UNIT, VIRGINIA};

const DAY: u64 = 86_400;

pub(crate) async fn image_life(diary: &mut Diary, image: &str) {
    if diary.asides {
        tags(diary, image).await;
    }
    copies(diary, image).await;
    let snapshots = shares(diary, image).await;
    launches(diary, image).await;
    retires(diary, image, &snapshots).await;
    restores(diary, image, &snapshots).await;
}

/// The image as an account describes it by id.
async fn described(diary: &mut Diary, step: &str, ec2: &Client, image: &str) -> Vec<BlockDeviceMapping> {
    let answer = ec2.describe_images().image_ids(image).send().await;
    let answer = diary.saw(step, answer, |answer| shapes::images(answer.images()));
    answer
        .images()
        .first()
        .map(|image| image.block_device_mappings().to_vec())
        .unwrap_or_default()
}

async fn attribute(
    diary: &mut Diary,
    step: &str,
    ec2: &Client,
    image: &str,
    name: ImageAttributeName,
) -> DescribeImageAttributeOutput {
    let answer = ec2.describe_image_attribute().image_id(image).attribute(name);
    diary.saw(step, answer.send().await, shapes::attribute)
}

async fn tags(diary: &mut Diary, image: &str) {
    let hub = diary.ec2(HUB, IRELAND);
    let team = tag("team", "web");
    let tags = hub
        .create_tags()
        .resources(image)
        .tags(team.clone())
        .tags(tag("ec2:SharedTag/os", "al2023"));
    diary.done("the image is tagged", tags.send().await);
    diary.done(
        "a tag goes again",
        hub.delete_tags().resources(image).tags(team).send().await,
    );
    let stay = hub.describe_tags().filters(filter("resource-id", image));
    diary.saw("the others stay", stay.send().await, shapes::described_tags);
    let of_aws = hub.create_tags().resources(image).tags(tag("aws:mine", ""));
    diary.refused("AWS's tags are its own", of_aws.send().await);
}

fn copy(ec2: &Client, image: &str, name: &str, token: &str) -> CopyImageFluentBuilder {
    ec2.copy_image()
        .source_image_id(image)
        .source_region(IRELAND)
        .encrypted(true)
        .name(name)
        .client_token(token)
}

async fn copied(diary: &mut Diary, step: &str, order: CopyImageFluentBuilder) -> String {
    let answer = diary.saw(
        step,
        order.send().await,
        |answer| json!({ "ImageId": answer.image_id() }),
    );
    answer.image_id().unwrap().to_owned()
}

async fn copies(diary: &mut Diary, image: &str) {
    let (hub, abroad) = (diary.ec2(HUB, IRELAND), diary.ec2(HUB, VIRGINIA));
    let order = copy(&abroad, image, "web-abroad", "copy-1")
        .copy_image_tags(true)
        .description("abroad")
        .kms_key_id(KEY)
        .tag_specifications(tagged(ResourceType::Snapshot, vec![tag("image-steward:family", "web")]));
    let first = copied(diary, "the image is copied abroad", order).await;
    let order = copy(&abroad, image, "web-unlucky", "copy-2")
        .copy_image_tags(true)
        .kms_key_id("alias/nobody");
    let failing = copied(diary, "with a key nobody knows too", order).await;
    let both = abroad.describe_images().image_ids(&first).image_ids(&failing);
    diary.saw("both look well at first", both.send().await, |answer| {
        shapes::images(answer.images())
    });
    diary.wait(60).await;
    described(diary, "the second fails late", &abroad, &failing).await;
    diary.wait(3600).await;
    described(diary, "the first is done", &abroad, &first).await;
    let of_source = abroad
        .describe_images()
        .owners("self")
        .filters(filter("source-image-id", image))
        .filters(filter("tag-key", "ec2:SharedTag/os"));
    diary.saw("copies say where they come from", of_source.send().await, |answer| {
        shapes::images(answer.images())
    });
    let theirs = abroad.describe_snapshots().owner_ids("self").send().await;
    diary.saw("their snapshots too", theirs, |answer| {
        shapes::snapshots(answer.snapshots())
    });
    let gone = abroad
        .deregister_image()
        .image_id(failing)
        .delete_associated_snapshots(true);
    diary.saw(
        "the failed one goes, with its snapshots",
        gone.send().await,
        shapes::deregistered,
    );
    let taken = copy(&abroad, image, "web-abroad", "copy-3").copy_image_tags(true);
    diary.refused("a copy of a copy needs another name", taken.send().await);
    let elsewhere = hub.describe_images().image_ids(first).send().await;
    diary.refused("an image is not where it is not", elsewhere);
}

async fn shares(diary: &mut Diary, image: &str) -> Vec<String> {
    let (hub, member) = (diary.ec2(HUB, IRELAND), diary.ec2(MEMBER, IRELAND));
    let consumer = diary.ec2(CONSUMER, IRELAND);
    let hidden = consumer.describe_images().image_ids(image).send().await;
    diary.refused("a private image is hidden from others", hidden);
    let theirs = consumer.deregister_image().image_id(image).send().await;
    diary.refused("and not theirs to deregister", theirs);
    let malformed = hub.describe_images().image_ids("ami-not-an-id").send().await;
    diary.refused("no id of an image", malformed);
    diary.refused("an operation nobody modelled", hub.describe_vpcs().send().await);
    let devices = described(diary, "the image's snapshots", &hub, image).await;
    let snapshots: Vec<String> = devices
        .iter()
        .map(|device| device.ebs().unwrap().snapshot_id().unwrap().to_owned())
        .collect();

    let add = LaunchPermissionModifications::builder()
        .add(LaunchPermission::builder().user_id(MEMBER.to_string()).build())
        .add(LaunchPermission::builder().user_id(CONSUMER.to_string()).build())
        .add(LaunchPermission::builder().organizational_unit_arn(UNIT).build())
        .add(LaunchPermission::builder().organization_arn(ORGANIZATION).build());
    let shared = hub
        .modify_image_attribute()
        .image_id(image)
        .launch_permission(add.build());
    diary.done("the image is shared", shared.send().await);
    let said = hub
        .modify_image_attribute()
        .image_id(image)
        .attribute("description")
        .value("shared");
    diary.done("and once more", said.send().await);
    attribute(diary, "with whom", &hub, image, ImageAttributeName::LaunchPermission).await;
    attribute(diary, "its description", &hub, image, ImageAttributeName::Description).await;
    attribute(diary, "its boot mode", &hub, image, ImageAttributeName::BootMode).await;
    let bare = LaunchPermission::builder()
        .organizational_unit_arn("ou-ab12-11111111")
        .build();
    let bare = LaunchPermissionModifications::builder().add(bare).build();
    let bare = hub.modify_image_attribute().image_id(image).launch_permission(bare);
    diary.refused("a unit has an ARN", bare.send().await);
    let order = |token: &str| copy(&member, image, "web-of-member", token).kms_key_id(KEY);
    diary.refused("whoever may launch may not copy", order("copy-4").send().await);
    for (place, snapshot) in snapshots.iter().enumerate() {
        let reader = CreateVolumePermission::builder().user_id(MEMBER.to_string()).build();
        let permission = CreateVolumePermissionModifications::builder().add(reader).build();
        let shared = hub
            .modify_snapshot_attribute()
            .snapshot_id(snapshot)
            .attribute(SnapshotAttributeName::CreateVolumePermission)
            .create_volume_permission(permission);
        diary.done(&format!("snapshot {place} is shared"), shared.send().await);
    }
    let readers = hub
        .describe_snapshot_attribute()
        .snapshot_id(&snapshots[0])
        .attribute(SnapshotAttributeName::CreateVolumePermission);
    diary.saw("with its reader", readers.send().await, shapes::snapshot_attribute);
    let own = copied(diary, "who copies it now", order("copy-5")).await;
    diary.wait(3600).await;
    described(diary, "and has an image of its own", &member, &own).await;
    snapshots
}

async fn launches(diary: &mut Diary, image: &str) {
    let (hub, consumer) = (diary.ec2(HUB, IRELAND), diary.ec2(CONSUMER, IRELAND));
    let shared = consumer.describe_images().executable_users("self").send().await;
    diary.saw("a consumer sees what is shared with it", shared, |answer| {
        shapes::images(answer.images())
    });
    let keep = consumer.create_tags().resources(image).tags(tag("keep", "true"));
    diary.done("its own tags stay its own", keep.send().await);
    described(diary, "and are all it sees but shared ones", &consumer, image).await;
    let launch = consumer
        .run_instances()
        .image_id(image)
        .min_count(1)
        .max_count(2)
        .client_token("launch-4");
    let launched = diary.saw("it launches the image", launch.send().await, shapes::launched);
    diary.wait(60).await;
    let ids = launched
        .instances()
        .iter()
        .map(|instance| instance.instance_id().unwrap().to_owned())
        .collect();
    let ended = consumer.describe_instances().set_instance_ids(Some(ids));
    let ended = diary.saw("whose key it may not use", ended.send().await, shapes::reservations);
    let [reservation] = ended.reservations() else {
        panic!("one launch is one reservation: {ended:?}");
    };
    assert_eq!(reservation.instances().len(), 2);
    let launched = ImageAttributeName::LastLaunchedTime;
    let early = attribute(diary, "nobody knows yet", &hub, image, launched.clone()).await;
    assert_eq!(early.last_launched_time().and_then(|time| time.value()), None);
    diary.wait(DAY).await;
    attribute(diary, "a day later the owner does", &hub, image, launched).await;
    let listed = consumer.describe_instances().max_results(5);
    diary.saw(
        "instances are listed in pages",
        listed.send().await,
        shapes::reservations,
    );
}

async fn retires(diary: &mut Diary, image: &str, snapshots: &[String]) {
    let (hub, consumer) = (diary.ec2(HUB, IRELAND), diary.ec2(CONSUMER, IRELAND));
    let in_use = hub.delete_snapshot().snapshot_id(&snapshots[0]);
    diary.refused("a snapshot in use stays", in_use.send().await);
    let deprecate = |at: &str| {
        let at = DateTime::from_str(at, DateTimeFormat::DateTime).unwrap();
        hub.enable_image_deprecation().image_id(image).deprecate_at(at)
    };
    let past = deprecate("2026-01-01T00:00:00Z").send().await;
    diary.refused("nothing is deprecated in the past", past);
    let soon = deprecate("2026-02-01T12:00:31Z").send().await;
    diary.saw(
        "the image will be deprecated",
        soon,
        |answer| json!({ "Return": answer.r#return() }),
    );
    diary.wait(30 * DAY).await;
    let own = hub.describe_images().owners("self").send().await;
    diary.saw("its owner still lists it", own, |answer| {
        shapes::images(answer.images())
    });
    let theirs = consumer.describe_images().owners(HUB.to_string());
    diary.saw("others do not", theirs.clone().send().await, |answer| {
        shapes::images(answer.images())
    });
    let asked = theirs.include_deprecated(true).send().await;
    diary.saw("unless they ask", asked, |answer| shapes::images(answer.images()));
    let no_longer = hub.disable_image_deprecation().image_id(image).send().await;
    diary.saw(
        "it is so no longer",
        no_longer,
        |answer| json!({ "Return": answer.r#return() }),
    );

    protected(diary, &hub, image).await;

    let disabled = hub.disable_image().image_id(image).send().await;
    diary.saw(
        "the image is disabled",
        disabled,
        |answer| json!({ "Return": answer.r#return() }),
    );
    let launch = hub
        .run_instances()
        .image_id(image)
        .min_count(1)
        .max_count(1)
        .client_token("launch-5");
    diary.refused("nobody launches it", launch.send().await);
    let hidden = consumer.describe_images().image_ids(image).send().await;
    diary.refused("others do not find it", hidden);
    let add = LaunchPermission::builder().user_id(MEMBER.to_string()).build();
    let add = LaunchPermissionModifications::builder().add(add).build();
    let share = hub.modify_image_attribute().image_id(image).launch_permission(add);
    diary.refused("it cannot be shared", share.send().await);
    let asked = hub
        .describe_images()
        .owners("self")
        .include_disabled(true)
        .filters(filter("state", "disabled"));
    diary.saw("its owner has to ask for it", asked.send().await, |answer| {
        shapes::images(answer.images())
    });
    let enabled = hub.enable_image().image_id(image).send().await;
    diary.saw(
        "it is enabled again",
        enabled,
        |answer| json!({ "Return": answer.r#return() }),
    );
    attribute(
        diary,
        "its permissions are lost",
        &hub,
        image,
        ImageAttributeName::LaunchPermission,
    )
    .await;
    let reset = hub
        .reset_image_attribute()
        .image_id(image)
        .attribute(aws_sdk_ec2::types::ResetImageAttributeName::LaunchPermission);
    diary.done("and can be none once more", reset.send().await);
}

async fn protected(diary: &mut Diary, hub: &Client, image: &str) {
    let on = hub
        .enable_image_deregistration_protection()
        .image_id(image)
        .with_cooldown(true);
    diary.saw(
        "the image is protected",
        on.send().await,
        |answer| json!({ "Return": answer.r#return() }),
    );
    diary.refused("and stays", hub.deregister_image().image_id(image).send().await);
    let off = hub.disable_image_deregistration_protection().image_id(image);
    diary.saw(
        "protection ends slowly",
        off.send().await,
        |answer| json!({ "Return": answer.r#return() }),
    );
    let name = ImageAttributeName::DeregistrationProtection;
    attribute(diary, "as the image says", hub, image, name).await;
    let still = hub.deregister_image().image_id(image).send().await;
    diary.refused("and it stays a while longer", still);
    diary.wait(DAY + 60).await;
}

async fn restores(diary: &mut Diary, image: &str, snapshots: &[String]) {
    let hub = diary.ec2(HUB, IRELAND);
    let root = EbsBlockDevice::builder()
        .snapshot_id(&snapshots[0])
        .volume_type("gp3".into())
        .throughput(125)
        .build();
    let second = hub
        .register_image()
        .name("web-second")
        .architecture("x86_64".into())
        .root_device_name("/dev/xvda")
        .virtualization_type("hvm")
        .ena_support(true)
        .boot_mode("uefi-preferred".into())
        .imds_support("v2.0".into())
        .block_device_mappings(device("/dev/xvda", root));
    let second = diary.saw(
        "a second image on the same snapshot",
        second.send().await,
        |answer| json!({ "ImageId": answer.image_id() }),
    );
    let second = second.image_id().unwrap();
    diary.wait(60).await;
    described(diary, "is as it was registered", &hub, second).await;
    let gone = hub.deregister_image().image_id(image).delete_associated_snapshots(true);
    diary.saw(
        "the first goes with its snapshots",
        gone.send().await,
        shapes::deregistered,
    );
    described(diary, "for a while it is nothing", &hub, image).await;
    let binned = hub.list_images_in_recycle_bin().image_ids(image).send().await;
    diary.saw("it is in the bin", binned, shapes::binned_images);
    let binned = hub.list_snapshots_in_recycle_bin().send().await;
    diary.saw("and so is what nobody else used", binned, shapes::binned_snapshots);
    let restore = hub.restore_image_from_recycle_bin().image_id(image);
    diary.refused("its snapshots come back first", restore.clone().send().await);
    for (place, snapshot) in snapshots.iter().skip(1).enumerate() {
        let back = hub.restore_snapshot_from_recycle_bin().snapshot_id(snapshot);
        diary.saw(
            &format!("snapshot {place} comes back"),
            back.send().await,
            shapes::restored_snapshot,
        );
    }
    diary.saw(
        "then the image",
        restore.send().await,
        |answer| json!({ "Return": answer.r#return() }),
    );
    described(diary, "and is what it was", &hub, image).await;
    let alone = hub.deregister_image().image_id(second).send().await;
    diary.saw("the second goes alone", alone, shapes::deregistered);
    diary.wait(2 * 3600).await;
    let forgotten = hub.describe_images().image_ids(second).send().await;
    diary.refused("and nobody knows it any more", forgotten);
}
