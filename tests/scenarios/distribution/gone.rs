//! Copies that somebody takes away: made again, and none twice that is only listed late.

use image_plane::Settings;
use stage::aws::{HUB, VIRGINIA, hours, minutes, state};

use super::Depot;

async fn deregister(depot: &Depot, copy: &str) {
    let there = depot.hub.shop.aws.ec2(HUB, VIRGINIA);
    let gone = there
        .deregister_image()
        .image_id(copy)
        .delete_associated_snapshots(true);
    gone.send().await.unwrap();
}

/// The one copy there is.
async fn only(depot: &Depot) -> String {
    let copies = &depot.copies().await[VIRGINIA];
    let [copy] = copies.as_slice() else {
        panic!("{copies:?}")
    };
    copy.clone()
}

#[tokio::test(start_paused = true)]
async fn a_good_copy_that_somebody_deregisters_is_made_again_though_ec2_remembers_its_token() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    depot.settle().await;
    let mut before = vec![only(&depot).await];
    // More than once: each time it is another attempt.
    for _ in 0..2 {
        deregister(&depot, before.last().unwrap()).await;
        for _ in 0..3 {
            depot.hub.shop.aws.pass(hours(8)).await;
            depot.hub.sweep().await;
        }
        depot.settle().await;
        let again = only(&depot).await;
        assert!(!before.contains(&again), "{again} of {before:?}");
        assert_eq!(state(&depot.hub.shop.aws.ec2(HUB, VIRGINIA), &again).await, "available");
        before.push(again);
    }
    let changed = depot.changes();
    depot.hub.shop.aws.pass(hours(25)).await;
    depot.settle().await;
    assert_eq!(depot.changes(), changed);
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_goes_before_the_record_knows_it_is_made_again_after_two_looks() {
    let slow = Settings {
        copy_per_gib: minutes(20),
        ..Settings::calm()
    };
    let depot = Depot::new(slow).await;
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    for _ in 0..3 {
        depot.hub.shop.aws.pass(minutes(5)).await;
        depot.round().await;
    }
    let first = only(&depot).await;
    deregister(&depot, &first).await;
    depot.hub.shop.aws.pass(minutes(5)).await;
    depot.round().await;
    assert!(depot.copies().await.is_empty(), "one look is not enough");
    for _ in 0..2 {
        depot.hub.shop.aws.pass(minutes(5)).await;
        depot.round().await;
    }
    assert_ne!(only(&depot).await, first);
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_is_listed_late_is_waited_for_and_not_made_twice() {
    let depot = Depot::new(Settings {
        read_lag: minutes(14),
        ..Settings::calm()
    });
    let depot = depot.await;
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    for _ in 0..20 {
        depot.hub.shop.aws.pass(minutes(5)).await;
        depot.hub.sweep().await;
        depot.round().await;
    }
    only(&depot).await;
    let told: Vec<String> = depot.hub.journal().into_iter().map(|(_, heard)| heard).collect();
    assert!(
        !told.iter().any(|heard| heard.contains("InvalidAMIName.Duplicate")),
        "{told:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_copy_whose_tags_somebody_takes_away_is_not_taken_for_gone() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    depot.settle().await;
    let copy = only(&depot).await;
    let there = depot.hub.shop.aws.ec2(HUB, VIRGINIA);
    let ours = aws_sdk_ec2::types::Tag::builder().key(super::FAMILY).build();
    let untag = there.delete_tags().resources(&copy).tags(ours);
    untag.send().await.unwrap();
    depot.hub.shop.aws.pass(hours(24)).await;
    for _ in 0..30 {
        depot.hub.shop.aws.pass(minutes(5)).await;
        depot.round().await;
    }
    let told: Vec<String> = depot.hub.journal().into_iter().map(|(_, heard)| heard).collect();
    assert!(
        !told.iter().any(|heard| heard.contains("InvalidAMIName.Duplicate")),
        "{told:?}"
    );
}
