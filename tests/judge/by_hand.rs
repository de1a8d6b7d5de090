//! An image made by hand: from Amazon's own, by way of an instance.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::run_instances::builders::RunInstancesFluentBuilder;
use aws_sdk_ec2::types::{
    BlockDeviceMapping, EbsBlockDevice, Filter, Image, Instance, InstanceType, ResourceType, Tag, TagSpecification,
};
use serde_json::json;

use crate::diary::Diary;
use crate::ec2_shapes as shapes;
use crate::world::{HUB, IRELAND, VIRGINIA};

pub(crate) const KEY: &str = "alias/golden";

pub(crate) fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

pub(crate) fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build()
}

pub(crate) fn tagged(kind: ResourceType, tags: Vec<Tag>) -> TagSpecification {
    TagSpecification::builder()
        .resource_type(kind)
        .set_tags(Some(tags))
        .build()
}

pub(crate) fn device(name: &str, ebs: EbsBlockDevice) -> BlockDeviceMapping {
    BlockDeviceMapping::builder().device_name(name).ebs(ebs).build()
}

fn family() -> Tag {
    tag("image-steward:family", "web & <more>")
}

pub(crate) async fn image_by_hand(diary: &mut Diary) {
    let hub = diary.ec2(HUB, IRELAND);
    let base = bases(diary, &hub).await;
    let launched = launches(diary, &hub, &base).await;
    let (instance, volume) = (launched.instance_id().unwrap(), launched.block_device_mappings());
    let volume = volume[0].ebs().unwrap().volume_id().unwrap();
    let snapshot = images(diary, &hub, instance, volume).await;
    snapshots(diary, &hub, &snapshot).await;
    ending(diary, &hub, instance).await;
}

async fn bases(diary: &mut Diary, hub: &Client) -> String {
    let regions = hub.describe_regions().region_names(IRELAND).region_names(VIRGINIA);
    diary.saw("two Regions of many", regions.send().await, shapes::regions);
    let regions = hub
        .describe_regions()
        .all_regions(true)
        .filters(filter("opt-in-status", "not-opted-in"));
    diary.saw("Regions by their standing", regions.send().await, shapes::regions);
    let amazon = hub
        .describe_images()
        .owners("amazon")
        .filters(filter("name", "al2023-*"))
        .filters(filter("architecture", "x86_64"));
    let amazon = diary.saw("Amazon's own images", amazon.send().await, |answer| {
        shapes::images(answer.images())
    });
    let newest = amazon
        .images()
        .iter()
        .max_by_key(|image| image.creation_date().unwrap());
    newest.unwrap().image_id().unwrap().to_owned()
}

async fn launches(diary: &mut Diary, hub: &Client, base: &str) -> Instance {
    let launch = launch(hub, base);
    let first = launch.clone().send().await;
    let first = diary.saw("an instance of Amazon's image", first, shapes::launched);
    let instance = first.instances()[0].instance_id().unwrap();
    let again = launch.clone().send().await;
    diary.saw("the same token is the same instance", again, shapes::launched);
    let other = launch.clone().instance_type(InstanceType::T3Large);
    diary.refused("the same token means something else", other.send().await);
    let early = hub.create_image().instance_id(instance).name("too early");
    diary.refused("an instance that is not up yet cannot be imaged", early.send().await);
    let dry = launch.dry_run(true).client_token("launch-2");
    diary.refused("a dry run changes nothing", dry.send().await);
    diary.wait(60).await;
    let running = hub.describe_instances().instance_ids(instance);
    let running = diary.saw("the instance runs", running.send().await, shapes::reservations);
    let instance = running.reservations()[0].instances()[0].clone();
    // Both clients would repeat a mistake of the model's: what was asked for is held here.
    let kept = instance.block_device_mappings().iter().map(|mapping| {
        let ebs = mapping.ebs().unwrap();
        (mapping.device_name().unwrap(), ebs.delete_on_termination().unwrap())
    });
    assert_eq!(kept.collect::<Vec<_>>(), [("/dev/xvda", true), ("/dev/sdb", false)]);
    instance
}

/// An image of the instance, and the snapshot that is made beside it.
async fn images(diary: &mut Diary, hub: &Client, instance: &str, volume: &str) -> String {
    let made = hub
        .create_image()
        .instance_id(instance)
        .name("web-by-hand")
        .description("made by hand: \"quoted\" & <marked>")
        .no_reboot(true)
        .tag_specifications(tagged(ResourceType::Image, vec![family()]))
        .tag_specifications(tagged(ResourceType::Snapshot, vec![family(), tag("empty", "")]));
    let made = diary.saw(
        "an image of the instance",
        made.send().await,
        |answer| json!({ "ImageId": answer.image_id() }),
    );
    let made = made.image_id().unwrap();
    let pending = hub.describe_images().image_ids(made).send().await;
    diary.saw("it is pending first", pending, |answer| shapes::images(answer.images()));
    let launch = hub
        .run_instances()
        .image_id(made)
        .min_count(1)
        .max_count(1)
        .client_token("launch-3");
    diary.refused("and cannot be launched", launch.send().await);
    let taken = hub.create_image().instance_id(instance).name("web-by-hand");
    diary.refused("its name is taken", taken.send().await);
    let snapshot = hub
        .create_snapshot()
        .volume_id(volume)
        .description("one volume")
        .tag_specifications(tagged(ResourceType::Snapshot, vec![family()]));
    let snapshot = diary.saw(
        "a snapshot of one volume",
        snapshot.send().await,
        shapes::created_snapshot,
    );
    diary.wait(600).await;
    let there = hub.describe_images().image_ids(made).send().await;
    diary.saw("then it is there", there, |answer| shapes::images(answer.images()));
    let theirs = hub
        .describe_snapshots()
        .owner_ids("self")
        .filters(filter("status", "completed"));
    diary.saw("so are its snapshots", theirs.send().await, |answer| {
        shapes::snapshots(answer.snapshots())
    });
    snapshot.snapshot_id().unwrap().to_owned()
}

fn launch(hub: &Client, base: &str) -> RunInstancesFluentBuilder {
    let root = EbsBlockDevice::builder()
        .volume_size(10)
        .volume_type("gp3".into())
        .encrypted(true)
        .kms_key_id(KEY)
        .iops(3000);
    let data = EbsBlockDevice::builder()
        .volume_size(4)
        .volume_type("gp2".into())
        .delete_on_termination(false);
    hub.run_instances()
        .image_id(base)
        .min_count(1)
        .max_count(1)
        .instance_type(InstanceType::T3Medium)
        .client_token("launch-1")
        .block_device_mappings(device("/dev/xvda", root.build()))
        .block_device_mappings(device("/dev/sdb", data.build()))
        .tag_specifications(tagged(ResourceType::Instance, vec![family()]))
}

/// Pages, by the client's own paginator; a second walk goes on where the first was cut off.
pub(crate) async fn listings(diary: &mut Diary) {
    let hub = &diary.ec2(HUB, IRELAND);
    let all = pages(hub, None, usize::MAX).await;
    let images: Vec<Image> = all.iter().flat_map(|(images, _)| images.clone()).collect();
    diary.note("every image there is, two by two", &shapes::images(&images));
    // Cut off within the second page, which is asked for again to go on.
    let first = pages(hub, None, 2).await;
    let first: Vec<Image> = first.iter().flat_map(|(images, _)| images.clone()).take(3).collect();
    diary.note("the first three", &shapes::images(&first));
    let rest = pages(hub, all[0].1.clone(), usize::MAX).await;
    let rest: Vec<Image> = rest.into_iter().flat_map(|(images, _)| images).skip(1).collect();
    diary.note("and the rest", &shapes::images(&rest));
    diary.refused(
        "a page holds no more than a thousand",
        hub.describe_images().max_results(1001).send().await,
    );
    let made_up = hub.describe_images().max_results(2).next_token("bm90IGEgdG9rZW4=");
    diary.refused("a page's token is not made up", made_up.send().await);
}

/// At most so many pages of two, with the token behind each.
async fn pages(hub: &Client, from: Option<String>, most: usize) -> Vec<(Vec<Image>, Option<String>)> {
    let mut walk = hub
        .describe_images()
        .set_next_token(from)
        .into_paginator()
        .page_size(2)
        .send();
    let mut pages = Vec::new();
    while pages.len() < most
        && let Some(page) = walk.next().await
    {
        let page = page.unwrap();
        pages.push((page.images().to_vec(), page.next_token().map(str::to_owned)));
    }
    pages
}

/// A snapshot's own life.
async fn snapshots(diary: &mut Diary, hub: &Client, snapshot: &str) {
    let abroad = diary.ec2(HUB, VIRGINIA);
    let copy = abroad
        .copy_snapshot()
        .source_snapshot_id(snapshot)
        .source_region(IRELAND)
        .encrypted(true)
        .kms_key_id(KEY)
        .description("abroad");
    let copied = diary.saw(
        "the snapshot is copied abroad",
        copy.send().await,
        |answer| json!({ "SnapshotId": answer.snapshot_id() }),
    );
    let copied = copied.snapshot_id().unwrap();
    let look = abroad.describe_snapshots().snapshot_ids(copied);
    diary.saw("the copy is under way", look.clone().send().await, |answer| {
        shapes::snapshots(answer.snapshots())
    });
    diary.wait(600).await;
    diary.saw("and done", look.clone().send().await, |answer| {
        shapes::snapshots(answer.snapshots())
    });
    diary.done(
        "the copy goes",
        abroad.delete_snapshot().snapshot_id(copied).send().await,
    );
    diary.refused("and is gone", look.send().await);
    diary.refused(
        "no id of a snapshot",
        abroad.delete_snapshot().snapshot_id("snap-XYZ").send().await,
    );
    diary.done(
        "the original goes to the bin",
        hub.delete_snapshot().snapshot_id(snapshot).send().await,
    );
    let binned = hub.list_snapshots_in_recycle_bin().snapshot_ids(snapshot);
    diary.saw("where it is listed", binned.send().await, shapes::binned_snapshots);
}

async fn ending(diary: &mut Diary, hub: &Client, instance: &str) {
    diary.saw(
        "the instance stops",
        hub.stop_instances().instance_ids(instance).send().await,
        |answer| shapes::changes("StoppingInstances", answer.stopping_instances()),
    );
    diary.wait(60).await;
    diary.saw(
        "starts",
        hub.start_instances().instance_ids(instance).send().await,
        |answer| shapes::changes("StartingInstances", answer.starting_instances()),
    );
    diary.wait(60).await;
    diary.saw(
        "and ends",
        hub.terminate_instances().instance_ids(instance).send().await,
        |answer| shapes::changes("TerminatingInstances", answer.terminating_instances()),
    );
    diary.wait(60).await;
    let ended = hub
        .describe_instances()
        .filters(filter("instance-state-name", "terminated"));
    diary.saw("it is seen for a while", ended.send().await, shapes::reservations);
}
