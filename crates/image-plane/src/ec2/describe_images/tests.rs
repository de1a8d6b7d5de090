use super::super::image::{Architecture, VolumeKind};
use super::super::place::NewImage;
use super::super::testing::{Bench, assert_each_once};
use super::super::watermark;
use super::*;
use crate::time::Time;

#[test]
fn every_filter_finds_the_images_that_have_its_value_and_no_others() {
    let mut bench = Bench::new();
    let left = NewImage::named("left").created(Time::parse("2020-02-02T00:00:00Z").unwrap());
    let left = bench.image(left.windows().amazon().tag("team", "web"));
    let key = bench.world.create_key(bench.hub, None, []);
    let right = bench.image(NewImage::named("right").arm64().volumes([(20, Some(key))]));
    bench
        .world
        .place_image(bench.member, NewImage::named("theirs").public());
    let snapshot = bench.snapshot_of(&right);
    bench.edit_image(&right, |image| {
        image.state = ImageState::Failed("no key".into());
        image.description = "the right one".into();
        image.root_device = "/dev/sdz".into();
        image.boot_mode = Some("uefi".into());
        image.ena = false;
        image.source = Some((left.parse().unwrap(), "us-east-1".parse().unwrap()));
        image.source_instance = Some("i-0123456789abcdef0".parse().unwrap());
        image.devices[0].name = "/dev/sdz".into();
        if let Volume::Ebs {
            kind,
            delete_on_termination,
            ..
        } = &mut image.devices[0].volume
        {
            (*kind, *delete_on_termination) = (VolumeKind::Io1, false);
        }
        assert_eq!(image.architecture, Architecture::Arm64);
    });
    watermark::attach(
        &mut bench.world,
        bench.hub,
        right.parse().unwrap(),
        &[String::from("mark")],
    );
    let all = ["left", "right", "theirs"].as_slice();
    let table: [(&str, &str, &[&str]); 35] = [
        ("architecture", "arm64", &["right"]),
        ("block-device-mapping.delete-on-termination", "false", &["right"]),
        ("block-device-mapping.device-name", "/dev/sdz", &["right"]),
        ("block-device-mapping.encrypted", "true", &["right"]),
        ("block-device-mapping.snapshot-id", &snapshot, &["right"]),
        ("block-device-mapping.volume-size", "20", &["right"]),
        ("block-device-mapping.volume-type", "io1", &["right"]),
        ("boot-mode", "uefi", &["right"]),
        ("creation-date", "2020-02-02T*", &["left"]),
        ("description", "the right one", &["right"]),
        ("ena-support", "false", &["right"]),
        ("hypervisor", "xen", all),
        ("image-id", &right, &["right"]),
        ("image-type", "machine", all),
        ("image-watermark.source-image-creation-time", "20*", &["right"]),
        ("image-watermark.source-image-id", &right, &["right"]),
        ("image-watermark.source-image-region", "eu-west-1", &["right"]),
        ("image-watermark.watermark-creation-time", "20*", &["right"]),
        ("image-watermark.watermark-key", "111122223333:mark", &["right"]),
        ("is-public", "true", &["left", "theirs"]),
        ("manifest-location", "amazon/left", &["left"]),
        ("name", "right", &["right"]),
        ("owner-alias", "amazon", &["left"]),
        ("owner-id", "222233334444", &["theirs"]),
        ("platform", "windows", &["left"]),
        ("root-device-name", "/dev/sdz", &["right"]),
        ("root-device-type", "ebs", all),
        ("source-image-id", &left, &["right"]),
        ("source-image-region", "us-east-1", &["right"]),
        ("source-instance-id", "i-0123456789abcdef0", &["right"]),
        ("state", "failed", &["right"]),
        ("state-reason-code", "Client.InternalError", &["right"]),
        ("state-reason-message", "no key", &["right"]),
        ("tag-key", "team", &["left"]),
        ("virtualization-type", "hvm", all),
    ];
    assert_each_once(table.iter().map(|(name, ..)| *name), FILTERS);
    for (name, value, found) in table {
        assert_eq!(bench.found("DescribeImages", (name, value), "name"), found, "{name}");
        assert!(
            bench.found("DescribeImages", (name, "none"), "name").is_empty(),
            "{name}"
        );
    }
    assert_eq!(bench.found("DescribeImages", ("tag:team", "web"), "name"), ["left"]);
}
