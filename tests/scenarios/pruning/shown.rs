//! What people are shown of images that went down the ladder, by whichever hand.

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
