//! Parameters that publishing cannot write, or that two families would: told before anything is written.

use std::fs;
use std::path::PathBuf;

use steward_cli::Spoken;

use super::{told, waiting};

#[tokio::test(start_paused = true)]
async fn parameters_that_lie_where_nobody_may_write_are_told_before_a_channel_is_published_and_by_who_publishes() {
    let publish = r#"{ regions: {}, publish: { parameter: "/silver/{family}/{channel}", to: [hub] } }
channels: { candidate: { from: release }, stable: { by: hand } }"#;
    let depot = waiting(publish).await;
    let (lines, code) = told(&depot).await;
    let outside =
        "the parameter /silver/web/candidate and 1 more lie outside of /golden/, which alone the hub may write";
    assert_eq!((lines.len(), code), (2, 2), "{lines:?}");
    assert_eq!(lines[0], "Parameters and launch templates");
    assert!(lines[1].contains(outside), "{lines:?}");
    // The worker says the same, and asks for nothing that it may not read.
    depot.hub.shop.built().await;
    depot.rounds(8).await;
    let said = depot.hub.says(&["channels", "web"]).await;
    assert!(said.contains(outside), "{said}");
    assert_eq!((depot.calls("GetParameters"), depot.calls("PutParameter")), (0, 0));
}

/// A folder with the manifest of a family, gone when the test is.
struct Folder(PathBuf);

impl Folder {
    fn with(family: &str, distribute: &str) -> Self {
        let folder = Self(std::env::temp_dir().join(format!("steward-doctor-{family}-{}", std::process::id())));
        fs::create_dir_all(&folder.0).unwrap();
        let text = format!(
            "family: {family}\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"111122223333\" }}\n  infrastructure: {{ instance_types: \
             [t3.medium], instance_profile: P }}\ndistribute: {distribute}\n"
        );
        fs::write(folder.0.join(format!("{family}.yaml")), text).unwrap();
        folder
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

#[tokio::test(start_paused = true)]
async fn one_parameter_of_two_families_is_refused_from_whichever_folder_it_comes_and_told_where_both_hold_already() {
    let publish = r#"{ regions: {}, publish: { parameter: "/golden/{channel}", to: [hub] } }
channels: { candidate: { from: release } }"#;
    let depot = waiting(publish).await;
    let folder = Folder::with("db", publish);
    let folder = folder.0.to_str().unwrap();
    for words in [&["plan", "apply", folder][..], &["apply", folder, "--yes"]] {
        let Spoken { out, err, code } = depot.hub.steward(words).await;
        assert_eq!((err.as_str(), code), ("", 2), "{out}");
        assert!(out.contains("web publishes to /golden/candidate already"), "{out}");
        assert!(out.contains("db.yaml"), "{out}");
    }
    let for_programs = ["plan", "apply", folder, "--format", "json"];
    let Spoken { out, err, .. } = depot.hub.steward(&for_programs).await;
    assert_eq!(out, "");
    assert!(err.contains("web publishes to /golden/candidate already"), "{err}");
    assert_eq!(depot.hub.record().applied(&"db".parse().unwrap()).await.unwrap(), None);
    assert_eq!(told(&depot).await, (vec![], 0));
    // Somebody applied both before that was looked at.
    depot.hub.want_of("db", publish).await;
    let (lines, code) = told(&depot).await;
    assert_eq!((lines.len(), code), (2, 2), "{lines:?}");
    assert!(
        lines[1].contains("the parameter /golden/candidate is one of db too"),
        "{lines:?}"
    );
}
