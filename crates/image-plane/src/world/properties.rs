//! No sequence of calls breaks what the model promises of itself, whoever makes them, at whatever pace.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use proptest::prelude::*;

use super::settings::Settings;
use super::{Target, World};
use crate::ec2::image::ImageState;
use crate::ec2::place::NewImage;
use crate::ec2::recycle_bin::{BinKind, BinRule};
use crate::ids::AccountId;
use crate::time::Time;

const HUB: AccountId = AccountId::new(111_122_223_333);
const MEMBER: AccountId = AccountId::new(222_233_334_444);

/// One call of a random history; the numbers pick among what there is.
#[derive(Clone, Debug)]
enum Step {
    Call {
        member: bool,
        virginia: bool,
        action: &'static str,
        image: usize,
        extra: usize,
    },
    Wait(u64),
}

const ACTIONS: &[&str] = &[
    "CopyImage",
    "CopySnapshot",
    "CreateImage",
    "CreateTags",
    "DeleteSnapshot",
    "DeleteTags",
    "DeregisterImage",
    "DisableImage",
    "DisableImageDeregistrationProtection",
    "EnableImage",
    "EnableImageDeregistrationProtection",
    "ModifyImageAttribute",
    "ModifySnapshotAttribute",
    "RegisterImage",
    "RestoreImageFromRecycleBin",
    "RestoreSnapshotFromRecycleBin",
    "RunInstances",
    "TerminateInstances",
];

fn step() -> impl Strategy<Value = Step> {
    let call = (
        any::<bool>(),
        any::<bool>(),
        prop::sample::select(ACTIONS),
        0_usize..40,
        0_usize..40,
    )
        .prop_map(|(member, virginia, action, image, extra)| Step::Call {
            member,
            virginia,
            action,
            image,
            extra,
        });
    prop_oneof![8 => call, 1 => (0_u64..100_000).prop_map(Step::Wait)]
}

fn target(member: bool, virginia: bool) -> Target {
    Target {
        account: if member { MEMBER } else { HUB },
        region: if virginia { "us-east-1" } else { "eu-west-1" }.parse().unwrap(),
    }
}

/// Every id the world knows, so that calls hit things that are there.
struct Known {
    images: Vec<String>,
    snapshots: Vec<String>,
    instances: Vec<String>,
}

impl Known {
    fn of(world: &World) -> Self {
        let mut known = Self {
            images: Vec::new(),
            snapshots: Vec::new(),
            instances: Vec::new(),
        };
        for (_, plane) in world.ec2.planes() {
            known.images.extend(plane.images().map(|(id, _)| id.to_string()));
            known.images.extend(plane.image_bin.keys().map(ToString::to_string));
            known.snapshots.extend(plane.snapshots().map(|(id, _)| id.to_string()));
            known
                .snapshots
                .extend(plane.snapshot_bin.keys().map(ToString::to_string));
            known.instances.extend(plane.instances.keys().map(ToString::to_string));
        }
        known
    }
}

fn pick(ids: &[String], n: usize) -> &str {
    if ids.is_empty() {
        "ami-00000000"
    } else {
        &ids[n % ids.len()]
    }
}

fn body(action: &str, known: &Known, image: usize, extra: usize) -> String {
    let id = pick(&known.images, image);
    let snapshot = pick(&known.snapshots, image);
    let instance = pick(&known.instances, image);
    let parameters = match action {
        "CopyImage" => format!("Name=copy-{extra}&SourceImageId={id}&SourceRegion=eu-west-1"),
        "CopySnapshot" => format!(
            "SourceSnapshotId={snapshot}&SourceRegion=eu-west-1&Encrypted={}",
            extra.is_multiple_of(2)
        ),
        "CreateImage" => format!("InstanceId={instance}&Name=made-{extra}"),
        "CreateTags" => format!("ResourceId.1={id}&Tag.1.Key=k{extra}&Tag.1.Value=v"),
        "DeleteTags" => format!("ResourceId.1={id}"),
        "DeleteSnapshot" | "RestoreSnapshotFromRecycleBin" => format!("SnapshotId={snapshot}"),
        "DeregisterImage" => format!("ImageId={id}&DeleteAssociatedSnapshots={}", extra.is_multiple_of(2)),
        "EnableImageDeregistrationProtection" => format!("ImageId={id}&WithCooldown={}", extra.is_multiple_of(2)),
        "ModifyImageAttribute" => format!("ImageId={id}&LaunchPermission.Add.1.UserId=222233334444"),
        "ModifySnapshotAttribute" => format!("SnapshotId={snapshot}&OperationType=add&UserId.1=222233334444"),
        "RegisterImage" => format!(
            "Name=registered-{extra}&VirtualizationType=hvm&RootDeviceName=/dev/xvda\
             &BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.SnapshotId={snapshot}"
        ),
        "RunInstances" => format!("ImageId={id}&MinCount=1&MaxCount=1"),
        "TerminateInstances" => format!("InstanceId.1={instance}"),
        _ => format!("ImageId={id}"),
    };
    format!("Action={action}&Version=2016-11-15&{parameters}")
}

fn request(target: Target, body: String) -> Request<Bytes> {
    let scope = format!("{}/20260101/{}/ec2/aws4_request", target.account, target.region);
    Request::post("/")
        .header("authorization", format!("AWS4-HMAC-SHA256 Credential={scope}"))
        .body(Bytes::from(body))
        .unwrap()
}

/// What must hold at every moment.
pub(crate) fn check(world: &World) {
    for (region, plane) in world.ec2.planes() {
        let mut users: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let mut names = BTreeMap::new();
        for (id, image) in plane.images() {
            assert!(
                names.insert((image.owner, image.name.clone()), id).is_none(),
                "{region}: two images named {}",
                image.name
            );
            assert!(
                !plane.image_bin.contains_key(&id),
                "{region}: {id} is alive and in the bin"
            );
            assert!(
                image.state != ImageState::Disabled || image.launch.is_none(),
                "{region}: {id} is disabled and shared"
            );
            for snapshot in image.snapshots() {
                let found = plane.snapshot(snapshot);
                assert!(
                    found.is_some(),
                    "{region}: the snapshot {snapshot} is gone and {id} uses it"
                );
                assert!(
                    found.is_some_and(|found| found.owner == image.owner),
                    "{region}: {id} starts from a foreign snapshot"
                );
                users.entry(snapshot).or_default().push(id);
            }
        }
        for (id, snapshot) in plane.snapshots() {
            assert!(
                !plane.snapshot_bin.contains_key(&id),
                "{region}: {id} is there and in the bin"
            );
            let mut listed = snapshot.images.clone();
            let mut using = users.remove(&id).unwrap_or_default();
            listed.sort_unstable();
            using.sort_unstable();
            assert_eq!(listed, using, "{region}: who uses {id}");
        }
        for account in [HUB, MEMBER] {
            assert!(
                plane.copies_in_flight(account) <= crate::ec2::copy::MOST_COPIES,
                "{region}: too many copies in flight"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_history_breaks_the_books(seed in any::<u64>(), steps in prop::collection::vec(step(), 1..120)) {
        let mut now = Time::parse("2026-01-01T00:00:00Z").unwrap();
        let mut world = World::new(seed, now, Settings { throttling: false, ..Settings::default() });
        let mut done = 0;
        for (member, virginia) in [(false, false), (false, true), (true, false)] {
            for n in 0..3 {
                world.place_image(target(member, virginia), NewImage::named(&format!("web-{n}")).volumes([(8, None), (4, None)]));
            }
        }
        let week = Duration::from_hours(168);
        let rules = [BinKind::Image, BinKind::Snapshot].map(|kind| BinRule::of(kind, week));
        world.set_bin_rules(target(false, false), rules.to_vec());
        for step in steps {
            match step {
                Step::Wait(seconds) => {
                    now = now + Duration::from_secs(seconds);
                    world.settle(now);
                }
                Step::Call { member, virginia, action, image, extra } => {
                    let body = body(action, &Known::of(&world), image, extra);
                    let response = world.call(now, request(target(member, virginia), body));
                    prop_assert!(response.status().as_u16() < 500, "{:?}", response);
                    done += u32::from(response.status().is_success());
                }
            }
            check(&world);
        }
        prop_assert_eq!(u64::from(done), world.ledger().counts().map(|(.., counts)| counts.done).sum::<u64>());
    }

    #[test]
    fn no_request_makes_the_world_panic(action in prop::sample::select(ACTIONS), body in "[ -~]{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let now = Time::parse("2026-01-01T00:00:00Z").unwrap();
        let mut world = World::new(1, now, Settings::default());
        let id = world.place_image(target(false, false), NewImage::named("web"));
        for body in [format!("Action={action}&Version=2016-11-15&ImageId={id}&{body}").into_bytes(), body.into_bytes(), bytes] {
            let scope = "AWS4-HMAC-SHA256 Credential=111122223333/20260101/eu-west-1/ec2/aws4_request";
            let request = Request::post("/").header("authorization", scope).body(Bytes::from(body)).unwrap();
            let response = world.call(now, request);
            let text = String::from_utf8(response.body().to_vec()).unwrap();
            prop_assert!(response.status().is_success() || text.contains("<Errors><Error><Code>"), "{}", text);
        }
    }
}
