//! What people are shown of images that went down the ladder, by whichever hand.

use stage::aws::minutes;

use super::{LADDER, Yard};

#[tokio::test(start_paused = true)]
async fn a_release_whose_images_another_hand_deregistered_is_nowhere_shown_as_available() {
    let yard = Yard::new(2, LADDER).await;
    let gone = yard.images[0].as_str();
    yard.deregistered(gone).await;
    let left = "x86_64        NO IMAGE LEFT  ";
    let releases = yard.hub.says(&["releases", "web"]).await;
    let shown: Vec<bool> = releases.lines().skip(1).map(|line| line.contains(left)).collect();
    assert_eq!(shown, [true, false], "{releases}");
    for words in [&["lineage", gone][..], &["lineage", gone, "--format", "mermaid"]] {
        let drawn = yard.hub.says(words).await;
        assert!(
            drawn.contains("x86_64 NO IMAGE LEFT") && !drawn.contains("AVAILABLE"),
            "{drawn}"
        );
    }
    let explained = yard.hub.says(&["explain", gone]).await;
    assert!(
        explained.lines().next().unwrap().ends_with("  x86_64 NO IMAGE LEFT"),
        "{explained}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_pruning_deprecated_is_shown_as_deprecated_until_that_is_taken_back() {
    let yard = Yard::new(2, LADDER).await;
    yard.until_expendable().await;
    yard.apply().await;
    let deprecated = yard.images[0].as_str();
    let shown = async || {
        let places = yard.hub.says(&["where", deprecated]).await;
        let explained = yard.hub.says(&["explain", deprecated]).await;
        let page = yard.hub.says(&["lineage", deprecated, "--format", "html"]).await;
        [
            places.contains("  deprecated  "),
            explained.contains(&format!(
                "  image: {deprecated} in 111122223333/eu-west-1, deprecated (since "
            )),
            page.contains("eu-west-1, deprecated</li>"),
        ]
    };
    assert_eq!(shown().await, [true; 3]);
    // Evidence has it by then.
    yard.plan_later().await;
    let back = [
        "restore",
        deprecated,
        "--until",
        "2026-12-31",
        "--because",
        "a rollback",
        "--yes",
    ];
    yard.hub.says(&back).await;
    yard.hub.shop.aws.pass(minutes(5)).await;
    yard.plan().await.unwrap();
    yard.apply().await;
    assert_eq!(shown().await, [false; 3]);
}
