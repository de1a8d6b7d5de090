//! What is lent of an image of the hub's that is disabled or gone: its snapshots are taken back, and then they are looked at no more.

use image_plane::{Effect, Fault, Settings};
use stage::aws::{HUB, MEMBER, VIRGINIA, describe, hours, snapshots};
use steward::distribution::Lent;

use super::super::Depot;
use super::{ONE, copiers_of, copy_of, depot, hubs, lent, nobody, stood};

/// A depot in which a member is lent the hub's image in Virginia, and cannot copy it; with that image and its snapshots.
async fn lending() -> (Depot, String, Vec<String>) {
    let depot = depot(Settings::calm()).await;
    depot.hub.want(ONE).await;
    let denied = Fault::new(Effect::Deny).on("CopyImage").account(MEMBER).always();
    depot.hub.shop.aws.plane.with(|world| world.inject(denied));
    depot.rounds(8).await;
    let image = hubs(&depot, VIRGINIA).await;
    let behind = snapshots(&describe(&depot.hub.shop.aws.ec2(HUB, VIRGINIA), &image).await);
    let member = vec![MEMBER.to_string()];
    assert_eq!(lent(&depot, VIRGINIA).await, (member.clone(), member));
    (depot, image, behind)
}

/// After a day nothing is lent of those snapshots, nor known to be, so that nobody looks at them any more.
async fn is_taken_back(depot: &Depot, behind: Vec<String>) {
    for _ in 0..5 {
        depot.hub.shop.aws.pass(hours(6)).await;
        depot.settle().await;
    }
    let ec2 = depot.hub.shop.aws.ec2(HUB, VIRGINIA);
    assert_eq!(copiers_of(&ec2, behind).await, [""; 0]);
    let known = stood(depot, HUB, VIRGINIA).await.unwrap().lent;
    assert_eq!(known, Lent::default());
}

#[tokio::test(start_paused = true)]
async fn the_snapshots_of_an_image_that_somebody_disabled_are_taken_back() {
    let (depot, image, behind) = lending().await;
    let ec2 = depot.hub.shop.aws.ec2(HUB, VIRGINIA);
    ec2.disable_image().image_id(&image).send().await.unwrap();
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    is_taken_back(&depot, behind).await;
}

/// A release has two images there then, one after the other: each of them was lent.
#[tokio::test(start_paused = true)]
async fn the_snapshots_of_an_image_that_another_one_replaced_are_taken_back_with_those_of_the_other() {
    let (depot, image, behind) = lending().await;
    let ec2 = depot.hub.shop.aws.ec2(HUB, VIRGINIA);
    ec2.deregister_image().image_id(&image).send().await.unwrap();
    for _ in 0..4 {
        depot.hub.shop.aws.pass(hours(8)).await;
        depot.hub.sweep().await;
        depot.rounds(4).await;
    }
    assert_ne!(hubs(&depot, VIRGINIA).await, image);
    let member = vec![MEMBER.to_string()];
    assert_eq!(lent(&depot, VIRGINIA).await, (member.clone(), member.clone()));
    assert_eq!(copiers_of(&ec2, behind.clone()).await, member);
    depot.hub.shop.aws.plane.with(image_plane::World::clear_faults);
    is_taken_back(&depot, behind).await;
    assert_eq!(lent(&depot, VIRGINIA).await, nobody());
    copy_of(&depot, MEMBER, VIRGINIA).await;
}

#[tokio::test(start_paused = true)]
async fn the_snapshots_of_an_image_that_somebody_deregistered_are_taken_back() {
    let (depot, image, behind) = lending().await;
    let ec2 = depot.hub.shop.aws.ec2(HUB, VIRGINIA);
    ec2.deregister_image().image_id(&image).send().await.unwrap();
    // The release is wanted there no more, so that no other copy of it is made.
    depot.hub.want("{ regions: { eu-west-1: {} } }").await;
    is_taken_back(&depot, behind).await;
}
