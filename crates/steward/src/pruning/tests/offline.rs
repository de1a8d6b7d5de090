//! The plan by recorded data.

use serde_json::{Value, json};

use super::super::offline::{Families, plan_offline, read_fleet};
use crate::manifest::{Manifest, ManifestFile};

pub(super) const NOW: &str = "2026-06-01T00:00:00Z";
pub(super) const RETAIN: &str = "retain: { releases: 1, for: 30d, unused_for: 14d, keep_tags: { keep: \"true\" }, ladder: { deprecate: 0d, \
                      disable: 14d, delete: 30d }, limits: { share: 100% } }";

pub(super) fn manifest(family: &str, rest: &str) -> Manifest {
    let text = format!(
        "family: {family}\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"111122223333\" }}\n  infrastructure: {{ instance_types: \
         [t3.medium], instance_profile: P }}\n{rest}\n"
    );
    let read = ManifestFile::read(&format!("{family}.yaml"), text.as_bytes());
    let file = read.file.unwrap_or_else(|| panic!("{:?}", read.diagnostics));
    file.manifest().clone()
}

/// An image as EC2 describes it, of the family web unless `with` says otherwise.
pub(super) fn image(n: u32, created: &str, with: Value) -> Value {
    let mut image = json!({
        "ImageId": id(n),
        "OwnerId": "111122223333",
        "Name": format!("web-{n}"),
        "CreationDate": format!("{created}T00:00:00.000Z"),
        "State": "available",
        "Architecture": "x86_64",
        "Public": false,
        "Tags": [{ "Key": "image-steward:family", "Value": "web" }],
        "BlockDeviceMappings": [
            { "DeviceName": "/dev/xvda", "Ebs": { "SnapshotId": format!("snap-{n:017}"), "VolumeSize": 8 } },
            { "DeviceName": "/dev/xvdb", "VirtualName": "ephemeral0" },
        ],
    });
    let Value::Object(with) = with else { panic!("{with}") };
    image.as_object_mut().unwrap().extend(with);
    image
}

pub(super) fn id(n: u32) -> String {
    format!("ami-{n:017}")
}

/// An adopted image is a release by itself.
pub(super) fn release(n: u32) -> String {
    let name: crate::CanonicalName = format!("ami:aws:eu-west-1:{}", id(n)).parse().unwrap();
    name.id().to_string()
}

pub(super) fn tags(tags: &[(&str, &str)]) -> Value {
    let tags = tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value }));
    json!({ "Tags": tags.collect::<Vec<_>>() })
}

pub(super) fn tagged(more: &[(&str, &str)]) -> Value {
    tags(&[&[("image-steward:family", "web")], more].concat())
}

/// Four old images, of which the newest stays.
pub(super) fn four() -> Vec<Value> {
    (1..=4).map(|n| image(n, &format!("2026-01-0{n}"), json!({}))).collect()
}

pub(super) fn fleet(images: &[Value]) -> Value {
    json!({
        "account": "111122223333",
        "region": "eu-west-1",
        "images": images,
        "references": [],
        "evidence": [{ "source": "instances", "complete": true, "as_of": "2026-05-31T23:00:00Z" }],
    })
}

pub(super) fn plan_of(fleet: &Value, manifests: &[Manifest]) -> Value {
    let families = Families::new(manifests);
    let fleet = read_fleet(fleet.to_string().as_bytes(), &families).unwrap();
    serde_json::to_value(plan_offline(fleet, NOW.parse().unwrap())).unwrap()
}

/// What becomes of each image, in the order of their ids.
pub(super) fn fates_by(fleet: &Value, manifests: &[Manifest]) -> Vec<String> {
    let plan = plan_of(fleet, manifests);
    let list = |name: &str, says: &str| {
        let entries = plan[name].as_array().unwrap().iter();
        let fate = |entry: &Value| {
            format!(
                "{} {}",
                entry["image"]
                    .as_str()
                    .unwrap()
                    .trim_start_matches("ami-")
                    .trim_start_matches('0'),
                entry[says].as_str().unwrap()
            )
        };
        entries.map(fate).collect::<Vec<_>>()
    };
    let mut fates = [
        list("expendable", "rung"),
        list("kept", "rule"),
        list("blocked", "cause"),
    ]
    .concat();
    fates.sort();
    fates
}

pub(super) fn fates(images: &[Value]) -> Vec<String> {
    fates_by(&fleet(images), &[manifest("web", RETAIN)])
}

/// What becomes of the first of four, where it is another.
pub(super) fn fate(with: Value) -> String {
    let mut images = four();
    images[0] = image(1, "2026-01-01", with);
    fates(&images).remove(0).split_off(2)
}

#[test]
fn an_answer_has_every_image_once_with_what_becomes_of_it() {
    let mut images = four();
    images[1] = image(2, "2026-01-02", tagged(&[("keep", "true")]));
    let plan = plan_of(&fleet(&images), &[manifest("web", RETAIN)]);
    let expected = json!({
        "expendable": [
            {
                "image": id(1),
                "release": release(1),
                "rung": "available",
                "next": "deprecated",
                "at": "2026-01-31T00:00:00.000Z",
                "snapshots": ["snap-00000000000000001"],
                "reason": "number 4 of its line, built on 2026-01-01T00:00:00.000Z, never launched",
            },
            {
                "image": id(3),
                "release": release(3),
                "rung": "available",
                "next": "deprecated",
                "at": "2026-02-02T00:00:00.000Z",
                "snapshots": ["snap-00000000000000003"],
                "reason": "number 2 of its line, built on 2026-01-03T00:00:00.000Z, never launched",
            },
        ],
        "kept": [
            { "image": id(2), "rule": "tag", "reason": format!("{} is tagged keep=true in 111122223333", id(2)) },
            { "image": id(4), "rule": "rank", "reason": "the newest, of 1 that stay" },
        ],
        "blocked": [],
    });
    assert_eq!(plan, expected);
}

#[test]
fn what_ec2_says_of_an_image_decides() {
    let cases = [
        (json!({}), "available"),
        (json!({ "LastLaunchedTime": "2026-05-30T00:00:00Z" }), "launched"),
        (json!({ "LastLaunchedTime": "2026-05-01T00:00:00Z" }), "available"),
        (json!({ "LastLaunchedTime": "lately" }), "launched"),
        (
            json!({ "DeregistrationProtection": "enabled-with-cooldown" }),
            "protected",
        ),
        (json!({ "DeregistrationProtection": "disabled" }), "available"),
        (json!({ "State": "pending" }), "pending"),
        (json!({ "State": "failed" }), "pending"),
        (json!({ "CreationDate": null }), "undated"),
        (json!({ "CreationDate": "" }), "undated"),
        (json!({ "CreationDate": "yesterday" }), "undated"),
        (json!({ "CreationDate": "2026-06-01T00:00:01.000Z" }), "undated"),
        (json!({ "CreationDate": "2026-05-31T00:00:00.000Z" }), "rank"),
        (json!({ "Architecture": "i386" }), "ungrouped"),
        (json!({ "Architecture": null }), "ungrouped"),
        (json!({ "Architecture": "arm64" }), "rank"),
        (json!({ "OwnerId": "222233334444" }), "unmanaged"),
        (json!({ "OwnerId": null }), "unmanaged"),
        (tags(&[]), "unmanaged"),
        (tags(&[("image-steward:family", "shop")]), "unmanaged"),
        (
            tagged(&[("aws:backup:source-resource", "i-0123456789abcdef0")]),
            "unmanaged",
        ),
        (json!({ "DeprecationTime": "2026-06-01T00:00:00.000Z" }), "deprecated"),
        (json!({ "DeprecationTime": "2026-06-01T00:00:01.000Z" }), "available"),
    ];
    for (with, expected) in cases {
        assert_eq!(fate(with.clone()), expected, "{with}");
    }
}

#[test]
fn what_was_disabled_long_ago_goes_only_once_people_are_told() {
    assert_eq!(fate(json!({ "State": "disabled" })), "not-announced");
    let mut images = four();
    images[0] = image(
        1,
        "2026-01-01",
        json!({ "State": "disabled", "LastLaunchedTime": "2026-05-01T00:00:00Z" }),
    );
    let plan = plan_of(&fleet(&images), &[manifest("web", RETAIN)]);
    let next = plan["expendable"][0].clone();
    // Launched on the 1st, which counts for 14 days and one: expendable since the 16th.
    assert_eq!(
        (&next["next"], &next["at"]),
        (&json!("deregistered"), &json!("2026-06-15T00:00:00.000Z"))
    );
    let ends = "retain: { releases: 1, for: 30d, limits: { share: 100% } }";
    let plan = plan_of(&fleet(&four()), &[manifest("web", ends)]);
    assert_eq!(
        (&plan["expendable"][0]["next"], &plan["expendable"][0]["at"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn a_snapshot_behind_two_volumes_of_an_image_is_one() {
    let volume = |snapshot: &str| json!({ "Ebs": { "SnapshotId": snapshot, "VolumeSize": 8 } });
    let (one, other) = (format!("snap-{:017}", 1), format!("snap-{:017}", 2));
    let mut images = four();
    images[0]["BlockDeviceMappings"] = json!([volume(&other), volume(&one), volume(&other)]);
    let plan = plan_of(&fleet(&images), &[manifest("web", RETAIN)]);
    assert_eq!(plan["expendable"][0]["snapshots"], json!([one, other]));
}

#[test]
fn who_uses_an_image_keeps_it_and_says_so() {
    let mut fleet = fleet(&four());
    fleet["references"] = json!([{ "image": id(1), "by": "asg/web" }, { "image": id(9), "by": "asg/other" }]);
    let manifests = [manifest("web", RETAIN)];
    assert_eq!(fates_by(&fleet, &manifests)[0], "1 referenced");
    let reason = plan_of(&fleet, &manifests)["kept"][0]["reason"].clone();
    assert_eq!(reason, format!("{} is used in 111122223333/eu-west-1: asg/web", id(1)));
}

#[test]
fn builds_rank_by_their_numbers_and_copies_with_what_they_are_copies_of() {
    let arn = |build: u32| format!("arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.0.0/{build}");
    let built = |n: u32, build: u32| {
        image(
            n,
            &format!("2026-01-0{n}"),
            tagged(&[("Ec2ImageBuilderArn", &arn(build))]),
        )
    };
    assert_eq!(fates(&[built(1, 10), built(2, 9)]), ["1 rank", "2 available"]);
    let release = crate::CanonicalName::from(arn(10).parse::<crate::ImageBuildArn>().unwrap())
        .id()
        .to_string();
    let copy = |name: &str| {
        let tags = tagged(&[("image-steward:release", &release), ("Name", name)]);
        image(3, "2026-05-20", tags)
    };
    let together = [built(1, 10), built(2, 9), copy("web/1.0.0/10")];
    assert_eq!(fates(&together), ["1 rank", "2 available", "3 rank"]);
    let manifests = [manifest("web", RETAIN)];
    let older = fleet(&[built(1, 8), built(2, 9)]);
    let id = crate::CanonicalName::from(arn(8).parse::<crate::ImageBuildArn>().unwrap())
        .id()
        .to_string();
    assert_eq!(plan_of(&older, &manifests)["expendable"][0]["release"], id);
    let families = Families::new(&manifests);
    let read = read_fleet(older.to_string().as_bytes(), &families).unwrap();
    let plan = plan_offline(read, NOW.parse().unwrap());
    assert_eq!(plan.expendable[0].title.as_str(), "web/1.0.0/8");
}

#[test]
fn a_release_is_as_old_as_the_first_of_its_images() {
    let arn = |build: u32| format!("arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.0.0/{build}");
    let built = |n: u32, created: &str, build: u32| image(n, created, tagged(&[("Ec2ImageBuilderArn", &arn(build))]));
    let newest = built(9, "2026-05-01", 9);
    let copied = |on: &str| [built(1, on, 1), built(2, "2026-01-01", 1), newest.clone()];
    assert_eq!(fates(&copied("2026-05-10")), ["1 available", "2 available", "9 rank"]);
    // A young copy may have been launched since it was made, whatever its release's age.
    assert_eq!(fates(&copied("2026-05-20")), ["1 launched", "2 launched", "9 rank"]);
    let mut undated = built(3, "2026-01-01", 1);
    undated["CreationDate"] = Value::Null;
    let unknown = [built(1, "2026-01-01", 1), undated.clone(), newest.clone()];
    assert_eq!(fates(&unknown), ["1 undated", "3 undated", "9 rank"]);
}

#[test]
fn images_are_adopted_by_name_tags_and_owner_and_ranked_by_their_group() {
    let adopt = "adopt: { owner: self, name: \"web-*\", tags: { app: web }, group_by: [tag:stack, architecture] }";
    let families = [manifest("web", &format!("{RETAIN}\n{adopt}"))];
    let legacy = |n: u32, stack: &str| image(n, &format!("2026-01-0{n}"), tags(&[("app", "web"), ("stack", stack)]));
    let images = [
        legacy(1, "a"),
        legacy(2, "b"),
        legacy(3, "a"),
        image(4, "2026-01-04", tags(&[("app", "web")])),
        image(5, "2026-01-05", tags(&[("app", "shop"), ("stack", "a")])),
        image(
            6,
            "2026-01-06",
            json!({ "Name": "shop-6", "Tags": [{ "Key": "app", "Value": "web" }] }),
        ),
    ];
    let expected = [
        "1 available",
        "2 rank",
        "3 rank",
        "4 ungrouped",
        "5 unmanaged",
        "6 unmanaged",
    ];
    assert_eq!(fates_by(&fleet(&images), &families), expected);
    // Of an owner that is another none are.
    let other = manifest(
        "web",
        &format!("{RETAIN}\n{}", adopt.replace("self", "\"222233334444\"")),
    );
    assert_eq!(fates_by(&fleet(&images[..1]), &[other]), ["1 unmanaged"]);
    let own = manifest(
        "web",
        &format!("{RETAIN}\n{}", adopt.replace("self", "\"111122223333\"")),
    );
    assert_eq!(fates_by(&fleet(&images[..1]), &[own]), ["1 rank"]);
    // Nor is what two would have; a tag decides before any pattern.
    let shop = manifest(
        "shop",
        &format!("{RETAIN}\nadopt: {{ owner: self, tags: {{ app: web }} }}"),
    );
    let both = [families[0].clone(), shop];
    let plan = plan_of(&fleet(&images[..1]), &both);
    assert_eq!(plan["kept"][0]["reason"], "shop and web would both adopt it");
    let tag = tags(&[("image-steward:family", "shop"), ("app", "web"), ("stack", "a")]);
    assert_eq!(fates_by(&fleet(&[image(1, "2026-01-01", tag)]), &both), ["1 rank"]);
}

#[test]
fn families_are_decided_apart() {
    let shops: Vec<Value> = (5..=6)
        .map(|n| image(n, &format!("2026-01-0{n}"), tags(&[("image-steward:family", "shop")])))
        .collect();
    let manifests = [manifest("web", RETAIN), manifest("shop", "")];
    let images = [four(), shops].concat();
    let expected = [
        "1 available",
        "2 available",
        "3 available",
        "4 rank",
        "5 unmanaged",
        "6 unmanaged",
    ];
    assert_eq!(fates_by(&fleet(&images), &manifests), expected);
}

#[test]
fn every_image_of_a_blocked_family_is_blocked() {
    let evidence = |evidence: Value| {
        let mut fleet = fleet(&four());
        fleet["evidence"] = evidence;
        let fates = fates_by(&fleet, &[manifest("web", RETAIN)]);
        assert!(fates.iter().all(|fate| fate[2..] == fates[0][2..]), "{fates:?}");
        fates[0][2..].to_owned()
    };
    let source = |complete: bool, as_of: &str| json!([{ "source": "instances", "complete": complete, "as_of": as_of }]);
    assert_eq!(evidence(json!([])), "evidence-incomplete");
    assert_eq!(evidence(source(false, NOW)), "evidence-incomplete");
    assert_eq!(evidence(source(true, "2026-05-31T22:59:59Z")), "evidence-stale");
    let mut many = fleet(&four());
    let policy = RETAIN.replace("100%", "50%");
    assert_eq!(
        fates_by(&many, &[manifest("web", &policy)])[..3],
        ["1 share-limit", "2 share-limit", "3 share-limit"]
    );
    many["images"] = json!([]);
    assert!(fates_by(&many, &[manifest("web", RETAIN)]).is_empty());
}

#[test]
fn what_is_shared_stays_until_reports_would_tell() {
    let shared = format!("{RETAIN}\ndistribute: {{ share_with: {{ accounts: [\"222233334444\"] }} }}");
    let mut images = four();
    images[0] = image(1, "2026-01-01", json!({ "State": "disabled" }));
    assert_eq!(
        fates_by(&fleet(&images), &[manifest("web", &shared)])[0],
        "1 evidence-incomplete"
    );
}

#[test]
fn an_image_that_is_on_two_pages_is_one_image_unless_they_say_otherwise() {
    let mut images = four();
    images.push(images[0].clone());
    assert_eq!(fates(&images).len(), 4);
    images[4]["State"] = json!("disabled");
    assert_refused(
        &fleet(&images),
        "images: ami-00000000000000001 is there twice, and not the same at line 1 column",
    );
}

#[test]
fn the_order_of_what_was_recorded_changes_nothing() {
    let manifests = [manifest("web", RETAIN)];
    let mut turned = four();
    turned.reverse();
    assert_eq!(
        plan_of(&fleet(&turned), &manifests),
        plan_of(&fleet(&four()), &manifests)
    );
}

fn assert_refused(fleet: &Value, expected: &str) {
    let manifests = [manifest("web", RETAIN)];
    let families = Families::new(&manifests);
    let refused = read_fleet(fleet.to_string().as_bytes(), &families)
        .unwrap_err()
        .to_string();
    assert!(refused.starts_with(expected), "{refused}");
}

#[test]
fn what_is_not_as_it_should_be_is_refused_with_its_place() {
    let with = |key: &str, value: Value| {
        let mut fleet = fleet(&four());
        fleet[key] = value;
        fleet
    };
    let without = |key: &str| {
        let mut fleet = fleet(&four());
        fleet.as_object_mut().unwrap().remove(key);
        fleet
    };
    for key in ["account", "region", "images", "references", "evidence"] {
        assert_refused(&without(key), &format!("missing field `{key}`"));
    }
    assert_refused(
        &with("acount", json!("1")),
        "unknown field `acount`, expected one of `account`",
    );
    assert_refused(
        &with("account", json!("1")),
        "invalid account id: \"1\" has 1 digit, must be 12",
    );
    assert_refused(&with("region", json!("eu")), "invalid Region: \"eu\" is not a Region");
    assert_refused(
        &with("images", json!({})),
        "invalid type: map, expected the list of images",
    );
    let reference = json!([{ "image": id(1), "by": "asg/web", "why": "" }]);
    assert_refused(&with("references", reference), "references[0]: unknown field `why`");
    assert_refused(
        &with("references", json!([{ "image": "ami-1", "by": "a" }])),
        "references[0]: invalid AMI id",
    );
    assert_refused(
        &with("references", json!([{ "image": id(1), "by": 7 }])),
        "references[0]: invalid type: integer `7`",
    );
    let evidence = json!([{ "source": "instances", "complete": "yes", "as_of": NOW }]);
    assert_refused(&with("evidence", evidence), "evidence[0]: invalid type: string \"yes\"");
    let images = |with: Value| fleet(&[four()[0].clone(), image(2, "2026-01-02", with)]);
    assert_refused(
        &images(json!({ "ImageId": "ami-2" })),
        "images[1]: invalid AMI id: \"ami-2\" has 1 hex digit",
    );
    assert_refused(
        &images(json!({ "State": "gone" })),
        "images[1]: invalid image state: \"gone\" is no state",
    );
    assert_refused(
        &images(json!({ "State": null })),
        "images[1]: invalid type: null, expected a quoted image state",
    );
    assert_refused(
        &images(json!({ "DeprecationTime": "soon" })),
        "images[1]: invalid time: \"soon\" is no time",
    );
    assert_refused(&images(json!({ "OwnerId": "self" })), "images[1]: invalid account id");
    assert_refused(&json!([]), "invalid type: sequence, expected what was recorded");
}

#[test]
fn what_comes_twice_or_after_its_end_is_refused() {
    let manifests = [manifest("web", RETAIN)];
    let families = Families::new(&manifests);
    let refused = |text: &str| read_fleet(text.as_bytes(), &families).unwrap_err().to_string();
    assert!(refused(r#"{"account":"111122223333","account":"111122223333"}"#).starts_with("duplicate field `account`"));
    assert!(refused(r#"{"images":[],"images":[]}"#).starts_with("duplicate field `images`"));
    let whole = fleet(&four()).to_string();
    assert!(refused(&format!("{whole} {{}}")).starts_with("trailing characters"));
    assert!(refused(&whole[..whole.len() - 1]).starts_with("EOF while parsing"));
}
