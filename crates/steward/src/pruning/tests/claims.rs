//! What recorded images say of themselves, and what of it is believed.

use serde_json::{Value, json};

use super::super::offline::{Families, plan_offline, read_fleet};
use super::offline::*;

const ADOPT: &str = "adopt: { owner: self, name: \"web-*\", group_by: [tag:stack, architecture] }";

fn arn(build: u32) -> String {
    format!("arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.0.0/{build}")
}

/// An image that Image Builder built.
fn built(n: u32, build: u32) -> Value {
    let tags = tagged(&[("Ec2ImageBuilderArn", &arn(build))]);
    image(n, &format!("2026-01-0{n}"), tags)
}

/// Our copy of that, with this name.
fn copy(n: u32, build: u32, name: &str) -> Value {
    let release = crate::CanonicalName::from(arn(build).parse::<crate::ImageBuildArn>().unwrap()).id();
    let tags = tagged(&[("image-steward:release", &release.to_string()), ("Name", name)]);
    image(n, "2026-01-20", tags)
}

fn reason(images: &[Value], of: u32) -> String {
    let plan = plan_of(&fleet(images), &[manifest("web", RETAIN)]);
    let kept = plan["kept"].as_array().unwrap();
    let entry = kept.iter().find(|kept| kept["image"] == id(of)).unwrap();
    entry["reason"].as_str().unwrap().to_owned()
}

#[test]
fn an_image_of_image_builder_s_that_a_pattern_adopts_is_grouped_by_its_keys() {
    let family = manifest("web", &format!("{RETAIN}\n{ADOPT}"));
    let image = |n: u32, stack: &str| {
        let tags = tags(&[("Ec2ImageBuilderArn", &arn(n)), ("stack", stack)]);
        super::offline::image(n, &format!("2026-01-0{n}"), tags)
    };
    let images = [
        image(1, "a"),
        image(2, "a"),
        image(3, "b"),
        super::offline::image(4, "2026-01-04", tags(&[("Ec2ImageBuilderArn", &arn(4))])),
    ];
    let expected = ["1 available", "2 rank", "3 rank", "4 ungrouped"];
    assert_eq!(fates_by(&fleet(&images), std::slice::from_ref(&family)), expected);
    // One that carries the family's tag is what Image Builder says that it is.
    let expected = ["1 available", "2 rank"];
    assert_eq!(fates_by(&fleet(&[built(1, 8), built(2, 9)]), &[family]), expected);
}

#[test]
fn a_copy_whose_name_was_edited_is_of_its_release_all_the_same() {
    for name in ["golden", "shop/1.0.0/10", "web/1.0.0", "web/2.0.0/1", "web/1.0.0/1"] {
        // It comes before or after the build.
        for n in [1, 9] {
            let images = [copy(n, 10, name), built(2, 10), built(3, 9)];
            let mut expected = ["2 rank".to_owned(), "3 available".to_owned(), format!("{n} rank")];
            expected.sort();
            assert_eq!(fates(&images), expected, "{name}");
        }
    }
}

#[test]
fn a_copy_of_a_build_that_is_not_here_and_whose_name_says_no_number_is_kept() {
    for name in ["golden", "shop/1.0.0/10", "web/1.0.0"] {
        let images = [copy(1, 10, name), built(2, 9)];
        assert_eq!(fates(&images), ["1 ungrouped", "2 rank"], "{name}");
    }
    let says = "it is a copy of a build that is not here, and its name does not say of which number";
    assert_eq!(reason(&[copy(1, 10, "golden"), built(2, 9)], 1), says);
    // Another copy of it may say.
    let two = [copy(1, 8, "golden"), copy(3, 8, "web/1.0.0/8"), built(2, 9)];
    assert_eq!(fates(&two), ["1 available", "2 rank", "3 available"]);
    // Unless they say otherwise than one another.
    let three = [copy(1, 8, "web/1.0.0/7"), copy(3, 8, "web/1.0.0/8"), built(2, 9)];
    assert_eq!(fates(&three), ["1 ungrouped", "2 rank", "3 ungrouped"]);
}

#[test]
fn what_says_no_owner_is_kept_and_says_so() {
    let unowned = image(1, "2026-01-01", json!({ "OwnerId": null }));
    let mut missing = image(2, "2026-01-02", json!({}));
    missing.as_object_mut().unwrap().remove("OwnerId");
    let images = [unowned, missing, image(3, "2026-01-03", json!({}))];
    assert_eq!(fates(&images), ["1 unmanaged", "2 unmanaged", "3 rank"]);
    assert_eq!(reason(&images, 2), "nothing says who owns it");
}

#[test]
fn what_a_service_owns_is_never_ours() {
    for (alias, says) in [
        ("amazon", "it is Amazon's own"),
        ("aws-marketplace", "it is AWS Marketplace's own"),
        ("aws-backup-vault", "it is AWS Backup's own"),
        ("another-service", "it is another-service's own"),
    ] {
        let images = [
            image(1, "2026-01-01", json!({ "ImageOwnerAlias": alias })),
            image(2, "2026-01-02", json!({})),
        ];
        assert_eq!(fates(&images), ["1 unmanaged", "2 rank"]);
        assert_eq!(reason(&images, 1), says);
    }
    for alias in [json!("self"), json!(""), Value::Null] {
        assert_eq!(fate(json!({ "ImageOwnerAlias": alias })), "available");
    }
}

#[test]
fn self_is_the_account_that_was_recorded_and_no_other() {
    let family = manifest("web", &format!("{RETAIN}\n{ADOPT}"));
    let legacy = |n: u32, owner: &str| {
        let with = json!({ "OwnerId": owner, "Tags": [{ "Key": "stack", "Value": "a" }] });
        image(n, &format!("2026-01-0{n}"), with)
    };
    let images = [
        legacy(1, "222233334444"),
        legacy(2, "111122223333"),
        legacy(3, "111122223333"),
    ];
    assert_eq!(
        fates_by(&fleet(&images), std::slice::from_ref(&family)),
        ["1 unmanaged", "2 available", "3 rank"]
    );
    let mut other = fleet(&images);
    other["account"] = json!("222233334444");
    assert_eq!(fates_by(&other, &[family]), ["1 rank", "2 unmanaged", "3 unmanaged"]);
}

#[test]
fn times_may_have_an_offset() {
    let created = |date: &str| {
        let images = [
            image(1, "2026-01-01", json!({ "CreationDate": date })),
            image(5, "2026-05-20", json!({})),
        ];
        fates(&images).remove(0).split_off(2)
    };
    // Exactly thirty days before, and a second less.
    assert_eq!(created("2026-05-02T00:00:00+00:00"), "available");
    assert_eq!(created("2026-05-02T02:00:00.000+02:00"), "available");
    assert_eq!(created("2026-05-02T02:00:01+02:00"), "age");
    assert_eq!(created("2026-05-01T20:00:01-04:00"), "age");
    for date in [
        "2026-05-02 02:00:00+02:00",
        "2026-05-02T02:00:00",
        "2026-05-02T02:00:00+02:00[Europe/Berlin]",
    ] {
        assert_eq!(created(date), "undated", "{date}");
    }
    assert_eq!(
        fate(json!({ "LastLaunchedTime": "2026-05-30T02:00:00+02:00" })),
        "launched"
    );
    assert_eq!(
        fate(json!({ "DeprecationTime": "2026-06-01T02:00:00+02:00" })),
        "deprecated"
    );
    assert_eq!(
        fate(json!({ "DeprecationTime": "2026-06-01T02:00:01+02:00" })),
        "available"
    );
    let mut offset = fleet(&four());
    offset["evidence"][0]["as_of"] = json!("2026-06-01T02:00:00+02:00");
    assert_eq!(fates_by(&offset, &[manifest("web", RETAIN)])[0], "1 available");
}

#[test]
fn a_source_of_which_nobody_knows_when_it_was_read_was_never_read() {
    for as_of in [None, Some(Value::Null)] {
        let mut recorded = fleet(&four());
        let source = recorded["evidence"][0].as_object_mut().unwrap();
        source.remove("as_of");
        source.extend(as_of.map(|as_of| (String::from("as_of"), as_of)));
        let manifests = [manifest("web", RETAIN)];
        assert_eq!(fates_by(&recorded, &manifests)[0], "1 evidence-incomplete");
        let families = Families::new(&manifests);
        let read = read_fleet(recorded.to_string().as_bytes(), &families).unwrap();
        let plan = plan_offline(read, NOW.parse().unwrap());
        let says = plan.blocked[0].by.to_string();
        assert_eq!(says, "the source instances of 111122223333/eu-west-1 was never read");
    }
}

#[test]
fn what_share_holds_back_says_how_many_would_go_and_how_many_may() {
    let manifests = [manifest("web", &RETAIN.replace("100%", "50%"))];
    let families = Families::new(&manifests);
    let read = read_fleet(fleet(&four()).to_string().as_bytes(), &families).unwrap();
    let plan = plan_offline(read, NOW.parse().unwrap());
    let says = "3 releases would become expendable at once, this one among them, and `share` lets 2 of 4";
    assert_eq!(plan.blocked.len(), 3);
    assert!(plan.blocked.iter().all(|blocked| blocked.by.to_string() == says));
}

#[test]
fn a_snapshot_behind_two_volumes_counts_once_with_the_greater_size() {
    let volume = |snapshot: u32, gib: Value| json!({ "Ebs": { "SnapshotId": format!("snap-{snapshot:017}"), "VolumeSize": gib } });
    let mut images = four();
    let volumes = [
        volume(1, json!(8)),
        volume(2, json!(100)),
        volume(1, json!(20)),
        volume(3, Value::Null),
        json!({ "Ebs": { "VolumeSize": 500 } }),
    ];
    images[0]["BlockDeviceMappings"] = json!(volumes);
    let manifests = [manifest("web", RETAIN)];
    let families = Families::new(&manifests);
    let read = read_fleet(fleet(&images).to_string().as_bytes(), &families).unwrap();
    let plan = plan_offline(read, NOW.parse().unwrap());
    assert_eq!((plan.expendable[0].snapshots.len(), plan.expendable[0].gib), (3, 120));
}
