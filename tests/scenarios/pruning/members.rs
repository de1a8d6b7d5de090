//! Copies that members own: the hub retires them by the role that they let it in by, and by no other.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::Tag;
use image_plane::NewImage;
use stage::aws::{IRELAND, MEMBER, describe, snapshots, target};
use stage::member::{LET_EC2_LOOK, PRUNE, TRUST};
use steward::pruning::PRUNE_ROLE;
use steward::{AmiState, CanonicalName, Placement};

use super::left::left;
use super::{LADDER, Yard};

/// What is done to an image of a member's on its whole way down and up.
const ALL: [&str; 6] = [
    "EnableImageDeprecation",
    "DisableImage",
    "EnableImage",
    "DisableImageDeprecation",
    "DeregisterImage",
    "DeleteSnapshot",
];

/// A family whose two releases a member has copies of, who lets the hub look; the copy of the oldest. The snapshots behind them
/// carry our tag, as those of our copies do.
async fn with_copies() -> (Yard, String) {
    let yard = Yard::new(2, LADDER).await;
    yard.hub.admit_to_look(MEMBER);
    let mut copies = Vec::new();
    for (n, image) in yard.images.iter().enumerate() {
        copies.push(copied(&yard, image, &format!("copy-{n}")).await);
    }
    (yard, copies.remove(0))
}

async fn copied(yard: &Yard, image: &str, name: &str) -> String {
    let aws = &yard.hub.shop.aws;
    let copy = NewImage::named(name).tag("image-steward:family", "web");
    let ami = aws.image_with(MEMBER, IRELAND, copy);
    let ec2 = aws.ec2(MEMBER, IRELAND);
    let behind = snapshots(&describe(&ec2, &ami).await);
    let tag = Tag::builder().key("image-steward:family").value("web").build();
    let tagging = ec2.create_tags().resources(&behind[0]).tags(tag);
    tagging.send().await.unwrap();
    let build: CanonicalName = yard.release(image, "name").parse().unwrap();
    let placement = Placement {
        release: build.id(),
        target: format!("{MEMBER}/{IRELAND}").parse().unwrap(),
        ami: ami.parse().unwrap(),
        managed: true,
        state: AmiState::Available,
        name: name.to_owned(),
        created: Some(yard.hub.moment().now),
        snapshots: BTreeSet::from([behind[0].parse().unwrap()]),
        size: 8,
        watermarks: BTreeSet::new(),
        seen: yard.hub.moment().now,
    };
    yard.hub.record().place(&placement).await.unwrap();
    ami
}

fn let_in(yard: &Yard) {
    let plane = &yard.hub.shop.aws.plane;
    let role = plane.with(|world| world.create_role(MEMBER, PRUNE_ROLE, TRUST, &[PRUNE, LET_EC2_LOOK]));
    role.unwrap();
}

/// What was changed of a member's images, and by whom.
fn changed(yard: &Yard) -> (Vec<&'static str>, BTreeSet<String>) {
    let plane = &yard.hub.shop.aws.plane;
    plane.with(|world| {
        let changes = world.ledger().changes();
        let of_member =
            changes.filter(|change| change.target == target(MEMBER, IRELAND) && ALL.contains(&change.action));
        of_member.map(|change| (change.action, change.who.clone())).unzip()
    })
}

#[tokio::test(start_paused = true)]
async fn a_members_own_copy_goes_by_the_role_for_that_with_its_snapshot() {
    let (yard, copy) = with_copies().await;
    let_in(&yard);
    let id = yard.member_of(&copy, "snapshots")["L"][0]["S"]
        .as_str()
        .unwrap()
        .to_owned();
    let plane = &yard.hub.shop.aws.plane;
    plane.with(|world| world.spoil_snapshot_deletion(IRELAND.parse().unwrap(), id.parse().unwrap(), "internal-error"));
    yard.until_expendable().await;
    for _ in 0..10 {
        yard.apply().await;
        yard.next_day().await;
    }
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["gone", "available"]);
    assert_eq!(yard.placed(&copy, "state").as_deref(), Some("deregistered"));
    let (made, by) = changed(&yard);
    assert_eq!(made, [ALL[0], ALL[1], ALL[4], ALL[5]]);
    assert_eq!(by.len(), 1);
    assert!(
        by.iter()
            .all(|who| who.contains(&format!("{MEMBER}:assumed-role/{PRUNE_ROLE}/"))),
        "{by:?}"
    );
    assert_eq!(left(&yard), [""; 0]);
    assert_eq!(yard.open_steps(), [""; 0]);
    let ec2 = yard.hub.shop.aws.ec2(MEMBER, IRELAND);
    let there = ec2.describe_images().owners("self").send().await.unwrap();
    let there: Vec<_> = there.images().iter().filter_map(|image| image.name()).collect();
    assert_eq!(there, ["copy-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_members_own_copy_climbs_back_by_the_same_role() {
    let (yard, copy) = with_copies().await;
    let_in(&yard);
    yard.until_disabling().await;
    yard.apply().await;
    assert_eq!(yard.placed(&copy, "state").as_deref(), Some("disabled"));
    yard.want(&LADDER.replace("releases: 1", "releases: 2")).await;
    yard.plan_later().await;
    yard.apply().await;
    assert_eq!(changed(&yard).0, ALL[..4]);
    assert_eq!(yard.rungs().await, ["available"; 2]);
}

#[tokio::test(start_paused = true)]
async fn where_a_member_does_not_let_the_hub_retire_or_its_image_lost_our_tag_nothing_is_changed_there() {
    let (yard, copy) = with_copies().await;
    yard.until_disabling().await;
    yard.apply().await;
    // Without the role nothing is made there, and the hub's own goes on.
    assert_eq!(changed(&yard).0, [""; 0]);
    assert_eq!(yard.rungs().await, ["disabled", "available"]);
    let_in(&yard);
    let ec2 = yard.hub.shop.aws.ec2(MEMBER, IRELAND);
    let family = Tag::builder().key("image-steward:family").build();
    yard.plan_later().await;
    ec2.delete_tags().resources(&copy).tags(family).send().await.unwrap();
    yard.apply().await;
    assert_eq!(changed(&yard).0, [""; 0]);
}
