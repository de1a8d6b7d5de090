//! What `steward explain` says of an image by what distribution last saw of it: by which key it is encrypted, and whom it is
//! shared with.

use image_plane::Settings;
use stage::aws::{HUB, MEMBER, VIRGINIA, target};
use steward::AmiId;
use steward::distribution::Stood;

use super::Depot;

const TO_A_MEMBER: &str =
    r#"{ regions: { us-east-1: { kms_key: alias/golden } }, share_with: { accounts: ["222233334444"] } }"#;

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
    let before = explained().await;
    assert!(
        !before.contains("encrypted") && !before.contains("shared with"),
        "{before}"
    );

    depot.settle().await;
    let told = explained().await;
    let of_copy = of_image_in(&told, "111122223333/us-east-1");
    assert_eq!(
        of_copy[..2],
        [format!("encrypted by {key}"), String::from("shared with 222233334444")],
        "{told}"
    );
    let of_build = of_image_in(&told, "111122223333/eu-west-1");
    assert_eq!(
        of_build[..2],
        ["not encrypted, or by AWS's own key", "shared with 222233334444"],
        "{told}"
    );

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
    assert!(
        of_image_in(&told, "us-east-1")
            .iter()
            .all(|line| !line.contains("shared with")),
        "{told}"
    );
}
