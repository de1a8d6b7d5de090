//! What `steward explain` says of an image by what distribution last saw of it: by which key it is encrypted, and whom it is
//! shared with.

use image_plane::{Effect, Fault, Settings};
use stage::aws::{HUB, MEMBER, VIRGINIA, hours, minutes, target};
use steward::AmiId;
use steward::distribution::Stood;

use super::Depot;

const TO_A_MEMBER: &str =
    r#"{ regions: { us-east-1: { kms_key: alias/golden } }, share_with: { accounts: ["222233334444"] } }"#;

const NOT_LOOKED_AT: &str = "by which key it is encrypted and whom it is shared with was not looked at";

/// What is said of the image in a target, a line each.
fn of_image_in(told: &str, there: &str) -> Vec<String> {
    let lines = told
        .lines()
        .skip_while(|line| !(line.starts_with("  image: ") && line.contains(there)));
    let lines = lines.skip(1).take_while(|line| line.starts_with("    "));
    let without_time = |line: &str| line.split(", as of 2").next().unwrap().trim().to_owned();
    lines.map(without_time).collect()
}

#[tokio::test(start_paused = true)]
async fn the_key_of_an_image_and_whom_it_was_last_seen_shared_with_are_explained() {
    let depot = Depot::new(Settings::calm()).await;
    let plane = depot.hub.shop.aws.plane.clone();
    let key = plane.with(|world| world.create_key(target(HUB, VIRGINIA), Some("alias/golden"), [MEMBER]));
    depot.hub.want(TO_A_MEMBER).await;
    let explained = async || depot.hub.says(&["explain", "web"]).await;
    // Nothing is in the way: it only was not looked at.
    assert_eq!(
        of_image_in(&explained().await, "111122223333/eu-west-1")[0],
        NOT_LOOKED_AT
    );

    depot.settle().await;
    let told = explained().await;
    let made = told.lines().find(|line| line.starts_with("  made: ")).unwrap();
    assert!(made.ends_with(", started as USER_INITIATED"), "{made}");
    let of_copy = of_image_in(&told, "111122223333/us-east-1");
    assert_eq!(
        of_copy[..2],
        [format!("encrypted by {key}"), String::from("shared with 222233334444")],
        "{told}"
    );
    let of_build = of_image_in(&told, "111122223333/eu-west-1");
    assert_eq!(of_build[..2], ["not encrypted", "shared with 222233334444"], "{told}");

    depot
        .hub
        .want("{ regions: { us-east-1: { kms_key: alias/golden } } }")
        .await;
    depot.settle().await;
    let told = explained().await;
    assert_eq!(of_image_in(&told, "us-east-1")[1], "shared with nobody else", "{told}");
    // What was seen of another image says nothing of this one.
    let (record, family) = (depot.hub.record(), "web".parse().unwrap());
    let (release, there) = (
        depot.release().await.parse().unwrap(),
        "111122223333/us-east-1".parse().unwrap(),
    );
    let stood = record.stood_in(&family, release, there).await.unwrap().unwrap();
    let other: AmiId = "ami-0123456789abcdef0".parse().unwrap();
    let stood = Stood {
        ami: Some(other),
        ..stood
    };
    record.write_stood(&family, release, there, &stood).await.unwrap();
    let told = explained().await;
    assert_eq!(of_image_in(&told, "us-east-1")[0], NOT_LOOKED_AT, "{told}");
}

/// Lets the record see twice what was done by hand, and distribution look at it.
async fn seen(depot: &Depot) {
    for _ in 0..3 {
        depot.hub.shop.aws.pass(minutes(61)).await;
        depot.hub.sweep().await;
        depot.hub.shop.aws.pass(minutes(6)).await;
        depot.hub.sweep().await;
    }
    depot.hub.shop.aws.pass(hours(25)).await;
    depot.settle().await;
}

#[tokio::test(start_paused = true)]
async fn what_aws_encrypts_and_what_is_disabled_are_explained_as_such_and_what_is_gone_is_asked_nothing() {
    let depot = Depot::new(Settings::calm()).await;
    let plane = depot.hub.shop.aws.plane.clone();
    let virginia = VIRGINIA.parse().unwrap();
    plane.with(|world| world.account_mut(HUB).encrypts_by_default.insert(virginia));
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    depot.settle().await;
    let of_copy = async || {
        let told = depot.hub.says(&["explain", "web"]).await;
        of_image_in(&told, "111122223333/us-east-1")
    };
    let by_aws = "encrypted by AWS's own key";
    assert_eq!(of_copy().await[..2], [by_aws, "shared with nobody else"]);
    let copy = depot.copies().await[VIRGINIA][0].clone();
    let ec2 = depot.hub.shop.aws.ec2(HUB, VIRGINIA);
    ec2.disable_image().image_id(&copy).send().await.unwrap();
    seen(&depot).await;
    assert_eq!(of_copy().await[..2], [by_aws, "shared with nobody, as it is disabled"]);
    ec2.deregister_image().image_id(&copy).send().await.unwrap();
    seen(&depot).await;
    let told = depot.hub.says(&["explain", "web"]).await;
    assert!(
        told.contains(&format!("  image: {copy} in 111122223333/us-east-1, deregistered")),
        "{told}"
    );
    let of_gone = of_image_in(&told, &copy);
    assert!(
        of_gone
            .iter()
            .all(|line| !line.contains("encrypted") && !line.contains("shared")),
        "{told}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_nobody_could_look_at_since_is_explained_as_of_when_it_was_seen() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    depot.settle().await;
    let seen = async || {
        let told = depot.hub.says(&["explain", "web", "--format", "json"]).await;
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        let images = told[0]["images"].as_array().unwrap().iter();
        let mut of_copy = images.filter(|image| image["target"] == "111122223333/us-east-1");
        let distributed = of_copy.next().unwrap()["distributed"].clone();
        assert_eq!(distributed["encrypted"]["as_of"], distributed["shared"]["as_of"]);
        distributed
    };
    let before = seen().await;
    depot.hub.shop.aws.pass(hours(25)).await;
    depot.hub.sweep().await;
    let denied = Fault::new(Effect::Deny).on("DescribeImageAttribute");
    depot.hub.shop.aws.plane.with(|world| world.inject(denied.times(9)));
    depot.round().await;
    assert_eq!(depot.stands().await[VIRGINIA], "not looked at");
    assert_eq!(seen().await, before);
}
