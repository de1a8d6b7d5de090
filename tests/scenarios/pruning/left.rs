//! Snapshots that did not go with their image.

use aws_sdk_ec2::types::Tag;
use stage::aws::{HUB, IRELAND, describe, hours, snapshots};
use steward::pruning::WhyLeft;
use steward::{CanonicalName, Words};
use steward_aws::HeldSnapshot;

use super::{LADDER, Yard};

/// A family of which an image is about to go, and the snapshot behind that.
async fn about_to_go() -> (Yard, String) {
    let yard = Yard::new(2, LADDER).await;
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let behind = snapshots(&describe(&ec2, &yard.images[0]).await);
    yard.until_deregistering().await;
    (yard, behind[0].clone())
}

pub(super) async fn tagged(yard: &Yard, snapshot: &str) {
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let tag = Tag::builder().key("image-steward:family").value("web").build();
    ec2.create_tags().resources(snapshot).tags(tag).send().await.unwrap();
}

pub(super) async fn is_there(yard: &Yard, snapshot: &str) -> bool {
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let there = ec2.describe_snapshots().owner_ids("self").send().await.unwrap();
    let mut there = there.snapshots().iter().filter_map(|there| there.snapshot_id());
    there.any(|there| there == snapshot)
}

/// Writes down that a snapshot did not go with an image.
pub(crate) async fn leave(yard: &Yard, ami: &str) {
    let now = yard.hub.moment().now;
    let left = HeldSnapshot {
        target: crate::hub::hub(),
        snapshot: "snap-0123456789abcdef0".parse().unwrap(),
        of: ami.parse().unwrap(),
        release: yard.release(ami, "name").parse::<CanonicalName>().unwrap().id(),
        family: "web".parse().unwrap(),
        why: Words::from(WhyLeft::UsedByAnother.to_string()),
        since: now,
        tries: 0,
        again: WhyLeft::again(0, now),
    };
    yard.hub.record().leave(&left).await.unwrap();
}

/// Why each snapshot is still there that is still to do.
pub(super) fn left(yard: &Yard) -> Vec<String> {
    let items = yard.hub.items().into_iter();
    let left = items.filter(|((pk, _), _)| pk == "LEFT");
    left.map(|(_, item)| item["why"]["S"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn whatever_kept_a_snapshot_it_is_still_to_do_and_goes_once_it_can() {
    let codes = [
        ("skipped", "another image uses it"),
        (
            "missing-permissions",
            "it may not be deleted: it lacks our tag, or a policy forbids it",
        ),
        ("internal-error", "EC2 failed at it"),
        ("client-error", "EC2 refused it: it may be locked"),
    ];
    for (code, why) in codes {
        let (yard, snapshot) = about_to_go().await;
        tagged(&yard, &snapshot).await;
        let id = snapshot.parse().unwrap();
        let region = IRELAND.parse().unwrap();
        let plane = &yard.hub.shop.aws.plane;
        plane.with(|world| world.spoil_snapshot_deletion(region, id, code));
        yard.apply().await;
        assert_eq!(yard.rungs().await, ["gone", "available"], "{code}");
        assert!(is_there(&yard, &snapshot).await, "{code}");
        assert_eq!(left(&yard), [why], "{code}");
        let told = [
            yard.hub.says(&["explain", &yard.images[0]]).await,
            yard.hub.says(&["plan", "prune", "web"]).await,
        ];
        let both = |part: &str| told.iter().all(|told| told.contains(part));
        assert!(both(&snapshot) && both(why), "{code}: {told:?}");
        let still = format!("the snapshot {snapshot} is still there: {why}; it is tried again from");
        assert!(told[0].contains(&still), "{code}: {}", told[0]);
        // Nothing else is to be done there.
        yard.plan_later().await;
        assert_eq!(yard.apply().await, 1, "{code}");
        assert!(!is_there(&yard, &snapshot).await, "{code}");
        assert_eq!(left(&yard), [""; 0], "{code}");
        yard.plan_later().await;
        assert_eq!(yard.apply().await, 0, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_locked_snapshot_is_tried_again_until_it_is_not() {
    let (yard, snapshot) = about_to_go().await;
    tagged(&yard, &snapshot).await;
    let plane = &yard.hub.shop.aws.plane;
    let until = plane.now() + hours(48);
    let locked = plane.with(|world| world.lock_snapshot(IRELAND.parse().unwrap(), snapshot.parse().unwrap(), until));
    assert!(locked);
    yard.apply().await;
    assert_eq!(left(&yard), ["EC2 refused it: it may be locked"]);
    for _ in 0..4 {
        yard.plan_later().await;
        yard.apply().await;
        assert!(is_there(&yard, &snapshot).await);
        assert_eq!(left(&yard).len(), 1);
    }
    for _ in 0..3 {
        yard.next_day().await;
        yard.apply().await;
    }
    assert!(!is_there(&yard, &snapshot).await);
    assert_eq!(left(&yard), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn one_that_lacks_our_tag_or_is_behind_another_image_is_never_deleted() {
    let (yard, snapshot) = about_to_go().await;
    let id = snapshot.parse().unwrap();
    let plane = &yard.hub.shop.aws.plane;
    plane.with(|world| world.spoil_snapshot_deletion(IRELAND.parse().unwrap(), id, "internal-error"));
    yard.apply().await;
    yard.plan_later().await;
    yard.apply().await;
    assert!(is_there(&yard, &snapshot).await);
    assert_eq!(
        left(&yard),
        ["it may not be deleted: it lacks our tag, or a policy forbids it"]
    );
    assert_eq!(yard.changes(&["DeleteSnapshot"]), [""; 0]);
    // Ours by now, and behind an image of somebody else's in this account.
    tagged(&yard, &snapshot).await;
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let behind = aws_sdk_ec2::types::EbsBlockDevice::builder()
        .snapshot_id(&snapshot)
        .build();
    let device = aws_sdk_ec2::types::BlockDeviceMapping::builder()
        .device_name("/dev/xvda")
        .ebs(behind)
        .build();
    let other = ec2
        .register_image()
        .name("other")
        .virtualization_type("hvm")
        .root_device_name("/dev/xvda")
        .block_device_mappings(device);
    other.send().await.unwrap();
    yard.next_day().await;
    yard.apply().await;
    assert!(is_there(&yard, &snapshot).await);
    assert_eq!(left(&yard), ["another image uses it"]);
    assert_eq!(yard.hub.calls_of("DeleteSnapshot"), 0);
}
