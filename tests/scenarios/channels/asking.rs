//! Which channels a release is on: said wherever people ask about it.

use image_plane::Settings;
use serde_json::{Value, json};

use super::BY_HAND;
use crate::distribution::Depot;

/// The line of an answer that begins so, without that.
fn line(told: &str, begins: &str) -> String {
    let mut lines = told.lines().filter_map(|line| line.trim_start().strip_prefix(begins));
    let found = lines.next().unwrap_or_else(|| panic!("{begins}: {told}"));
    found.trim().to_owned()
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_about_a_release_is_told_the_channels_that_it_is_on_and_since_when() {
    let depot = Depot::new(Settings::calm()).await;
    let says = async |words: &[&str]| depot.hub.says(words).await;
    depot
        .hub
        .want(&format!("{{ regions: {{ us-east-1: {{}} }} }}{BY_HAND}"))
        .await;
    assert!(line(&says(&["releases", "web"]).await, "web/1.4.2/1").ends_with("  -"));
    assert!(!says(&["explain", "web"]).await.contains("channel"));

    depot.rounds(10).await;
    let promote = [
        "promote",
        "web/1.4.2/1",
        "--to",
        "stable",
        "--because",
        "tested",
        "--yes",
    ];
    says(&promote).await;
    let (candidate, stable) = (depot.moves("candidate").await, depot.moves("stable").await);
    assert!(line(&says(&["releases", "web"]).await, "web/1.4.2/1").ends_with("  candidate, stable"));
    assert_eq!(
        line(&says(&["explain", "web/1.4.2/1"]).await, "on the channels "),
        format!("candidate (since {}), stable (since {})", candidate[0].at, stable[0].at)
    );

    depot.next_release().await;
    let second = depot.moves("candidate").await[1].at;
    let releases = says(&["releases", "web"]).await;
    assert!(line(&releases, "web/1.4.2/1").ends_with("  stable"), "{releases}");
    assert!(line(&releases, "web/1.4.2/2").ends_with("  candidate"), "{releases}");
    assert_eq!(
        line(&says(&["explain", "web/1.4.2/2"]).await, "on the channel "),
        format!("candidate (since {second})")
    );
    let impact = says(&["impact", "web/1.4.2"]).await;
    assert_eq!(
        line(&impact, "web/1.4.2/1 (x86_64) "),
        "[stable], web/1.4.2/2 (x86_64) [candidate]"
    );
    let tree = says(&["lineage", "web/1.4.2/2"]).await;
    assert_eq!(
        line(&tree, "└─ web/1.4.2/2  "),
        "x86_64 AVAILABLE [candidate]  <- asked for"
    );
    let page = says(&["lineage", "web/1.4.2/1", "--format", "html"]).await;
    let label = "<ul class=\"channels\" aria-label=\"channels\"><li>stable</li></ul>";
    assert_eq!(page.matches(label).count(), 1, "{page}");
    let answer: Value = serde_json::from_str(&says(&["releases", "web", "--format", "json"]).await).unwrap();
    assert_eq!(
        [&answer[0]["channels"], &answer[1]["channels"]],
        [&json!(["stable"]), &json!(["candidate"])]
    );
}
