//! What a build left behind that failed: ours goes down the ladder, and of what lacks our tag people are told.

use aws_sdk_ec2::types::Tag;
use image_plane::{BuildStage, FailureCause, RegionFailure, RegionFailureStatus, World};
use serde_json::Value;
use stage::aws::{HUB, IRELAND, VIRGINIA, describe, hours, minutes, snapshots};

use super::described::assert_described;
use super::reported::{document, key, stored};
use super::{RETAIN, Yard};

/// A family of one release, and the image in the first Region of a build that did not get to the second; and that build.
async fn failed() -> (Yard, String, String) {
    let yard = Yard::in_regions(1, RETAIN, [IRELAND, VIRGINIA]).await;
    let there = RegionFailure {
        region: VIRGINIA.parse().unwrap(),
        account: None,
        status: RegionFailureStatus::Failed,
        step: None,
        message: String::from("no such key"),
    };
    let shop = &yard.hub.shop;
    shop.fail_next(BuildStage::Distributing, FailureCause::Regions(vec![there]));
    let build = shop.build().await;
    shop.aws.pass(hours(3)).await;
    // EC2 may list it late: it is looked for twice.
    for _ in 0..2 {
        yard.hub.sweep().await;
        shop.aws.pass(minutes(5)).await;
    }
    let images = shop.aws.hub().describe_images().owners("self").send().await.unwrap();
    let by_it = images.images().iter().find(|image| {
        let mut tags = image.tags().iter();
        tags.any(|tag| tag.value() == Some(build.as_str()))
    });
    let ami = by_it.unwrap().image_id().unwrap().to_owned();
    (yard, ami, build)
}

fn family() -> Tag {
    Tag::builder().key("image-steward:family").value("web").build()
}

#[tokio::test(start_paused = true)]
async fn what_lacks_our_tag_is_told_of_and_never_touched_until_a_person_tags_it() {
    let (yard, ami, build) = failed().await;
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let behind = snapshots(&describe(&ec2, &ami).await);
    ec2.delete_tags().resources(&ami).tags(family()).send().await.unwrap();
    yard.hub.shop.aws.pass(hours(48)).await;
    yard.plan_later().await;
    let told = document(&stored(&yard)[&key(&yard)][0]);
    let left = told["plan"]["left_behind"].as_array().unwrap();
    let [left] = left.as_slice() else { panic!("{left:?}") };
    assert_eq!(
        (&left["image"], &left["build"], &left["snapshots"][0], &left["target"]),
        (
            &Value::from(ami.as_str()),
            &build.as_str().into(),
            &behind[0].as_str().into(),
            &"111122223333/eu-west-1".into()
        )
    );
    let published = yard.hub.shop.aws.plane.with(World::take_published);
    for message in &published {
        assert_described(&serde_json::from_str(&message.message).unwrap());
    }
    let mails: Vec<&String> = published.iter().map(|message| &message.by_protocol["email"]).collect();
    assert!(
        mails
            .iter()
            .any(|mail| mail.contains("Failed builds left 1 image behind that is not ours")),
        "{mails:?}"
    );
    let shown = yard.hub.says(&["plan", "prune", "web"]).await;
    assert!(
        shown.contains(&behind[0]) && shown.contains("aws ec2 deregister-image"),
        "{shown}"
    );
    for _ in 0..3 {
        yard.apply().await;
        yard.next_day().await;
    }
    assert_eq!(yard.rung(IRELAND, &ami).await, "available");

    ec2.create_tags().resources(&ami).tags(family()).send().await.unwrap();
    yard.next_day().await;
    yard.apply().await;
    assert_eq!(yard.rung(IRELAND, &ami).await, "deprecated");
    let told = document(&stored(&yard)[&key(&yard)][0]);
    assert!(told["plan"]["left_behind"].is_null());
}
