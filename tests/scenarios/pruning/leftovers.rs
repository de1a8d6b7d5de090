//! What is left of a family and nothing of ours takes away: told until a person has, and never touched.

use image_plane::{BuildStage, FailureCause, World};
use record_lineage::tag_snapshots;
use serde_json::{Value, json};
use stage::aws::{HUB, IRELAND, describe, hours, minutes, snapshots};
use steward_aws::FirstValue;

use super::described::assert_described;
use super::left::is_there;
use super::reported::{document, key, stored};
use super::{RETAIN, Yard};
use crate::evidence::gather;

/// Looks at the snapshots, as each hour has it.
async fn look_at_snapshots(yard: &Yard) {
    let (room, _) = yard.hub.tagging_room(FirstValue::Running);
    let sweep = json!({ "wake": "sweep" });
    let looked = tag_snapshots(&room, &sweep, yard.hub.moment()).await.unwrap();
    assert_eq!(looked.targets, 1);
}

/// What the last report has of it.
fn told(yard: &Yard) -> Value {
    document(&stored(yard)[&key(yard)][0])["leftovers"].clone()
}

#[tokio::test(start_paused = true)]
async fn what_others_took_away_is_told_with_its_snapshots_until_a_person_has_cleared_it() {
    let yard = Yard::new(2, RETAIN).await;
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let (image, build) = (&yard.images[0], yard.release(&yard.images[0], "name"));
    let behind = snapshots(&describe(&ec2, image).await);
    look_at_snapshots(&yard).await;
    yard.plan_later().await;
    assert!(told(&yard).is_null());

    yard.deregistered(image).await;
    look_at_snapshots(&yard).await;
    yard.hub.shop.aws.plane.with(World::take_published);
    yard.plan_later().await;
    let left = told(&yard);
    let outputs = left["outputs"].as_array().unwrap();
    let [output] = outputs.as_slice() else {
        panic!("{outputs:?}")
    };
    assert_eq!(
        (&output["output"], &output["why"], &output["state"]),
        (&build.as_str().into(), &"images-gone".into(), &"AVAILABLE".into())
    );
    let of_images = left["snapshots"].as_array().unwrap();
    let [left] = of_images.as_slice() else {
        panic!("{of_images:?}")
    };
    assert_eq!(
        (&left["image"], &left["snapshots"], &left["target"]),
        (&image.as_str().into(), &json!(behind), &"111122223333/eu-west-1".into())
    );
    let published = yard.hub.shop.aws.plane.with(World::take_published);
    for message in &published {
        assert_described(&serde_json::from_str(&message.message).unwrap());
    }
    let mut mails = published.iter().map(|message| &message.by_protocol["email"]);
    assert!(
        mails.any(|mail| mail.contains("others took images away, and left 1 snapshot")),
        "{published:?}"
    );
    let shown = yard.hub.says(&["plan", "prune", "web"]).await;
    assert!(shown.contains(&build) && shown.contains(&behind[0]), "{shown}");
    for _ in 0..3 {
        yard.apply().await;
        yard.next_day().await;
    }
    assert!(is_there(&yard, &behind[0]).await);
    assert_eq!(yard.release(image, "state"), "AVAILABLE");

    let delete = yard.hub.shop.ib.delete_image().image_build_version_arn(&build);
    delete.send().await.unwrap();
    ec2.delete_snapshot().snapshot_id(&behind[0]).send().await.unwrap();
    look_at_snapshots(&yard).await;
    yard.plan_later().await;
    assert!(told(&yard).is_null());
}

#[tokio::test(start_paused = true)]
async fn a_list_that_nobody_can_read_is_said_to_be_unknown_and_holds_up_no_step() {
    let yard = Yard::new(2, RETAIN).await;
    yard.hub.shop.aws.pass(hours(49)).await;
    yard.hub.sweep().await;
    gather(&yard.hub).await.unwrap();
    yard.garble("T#111122223333#eu-west-1", "LISTED#builds#0000", "ids")
        .await;
    let failure = format!("{:?}", yard.plan().await.unwrap_err());
    assert!(failure.contains("LISTED#builds"), "{failure}");
    assert_eq!(yard.sent().len(), 1);
    assert_eq!(told(&yard)["unknown"][0]["list"], "builds");
    // The next sweep lists them anew.
    yard.plan_later().await;
    assert!(told(&yard).is_null());
}

#[tokio::test(start_paused = true)]
async fn a_build_that_failed_without_an_image_is_told_in_the_report_and_is_no_news() {
    let yard = Yard::new(1, RETAIN).await;
    let shop = &yard.hub.shop;
    // That there is a family is news.
    yard.plan_later().await;
    shop.aws.plane.with(World::take_published);
    let step = FailureCause::Component {
        component_arn: None,
        phase: String::from("build"),
        step: String::from("install"),
        action: String::from("ExecuteBash"),
        message: String::from("exit status 1"),
    };
    shop.fail_next(BuildStage::Building, step);
    let build = shop.build().await;
    shop.aws.pass(hours(3)).await;
    // It is looked for twice what it left.
    for _ in 0..2 {
        yard.hub.sweep().await;
        shop.aws.pass(minutes(5)).await;
    }
    shop.aws.pass(hours(24)).await;
    yard.hub.sweep().await;
    yard.plan_later().await;
    let left = told(&yard);
    assert_eq!(
        (
            &left["outputs"][0]["output"],
            &left["outputs"][0]["why"],
            &left["outputs"][0]["state"]
        ),
        (&build.as_str().into(), &"never-made".into(), &"FAILED".into())
    );
    assert_eq!(left["snapshots"], json!([]));
    let published = shop.aws.plane.with(World::take_published);
    assert!(published.is_empty(), "{published:?}");
}
