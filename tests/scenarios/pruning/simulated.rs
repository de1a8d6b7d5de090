//! What a manifest comes to, before anybody acts by it.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use stage::aws::{HUB, IRELAND, hours};

use super::{LADDER, RETAIN_NOTHING_GOES, Yard};
use crate::evidence::gather;

/// What the command answers to programs, and its exit code.
async fn simulated(yard: &Yard, words: &[&str]) -> (Value, i32) {
    let words = [&["simulate", "web", "--format", "json"], words].concat();
    let told = yard.hub.steward(&words).await;
    assert_eq!(told.err, "");
    (serde_json::from_str(&told.out).unwrap(), told.code.into())
}

/// How many of today's images are gone on the last day.
fn gone(told: &Value) -> u64 {
    let days = told["forward"]["days"].as_array().unwrap();
    days.last().unwrap()["gone"].as_u64().unwrap()
}

/// A folder with one manifest of the family.
struct Folder(PathBuf);

impl Folder {
    fn with(beside: &str) -> Self {
        let folder = Self(std::env::temp_dir().join(format!("steward-simulated-{}", std::process::id())));
        fs::create_dir_all(&folder.0).unwrap();
        let text = format!(
            "family: web\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"111122223333\" }}\n  infrastructure: {{ instance_types: \
             [t3.medium], instance_profile: P }}\n{beside}\n"
        );
        fs::write(folder.0.join("web.yaml"), text).unwrap();
        folder
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_manifest_is_played_forward_whether_or_not_it_holds_and_nothing_is_changed() {
    let yard = Yard::new(3, RETAIN_NOTHING_GOES).await;
    yard.hub.shop.aws.pass(hours(48)).await;
    gather(&yard.hub).await.unwrap();
    let before = yard.hub.items();
    let (told, code) = simulated(&yard, &["--days", "10"]).await;
    assert_eq!(told["forward"]["days"].as_array().unwrap().len(), 11);
    assert_eq!((gone(&told), code), (0, 0));
    let distribute = "distribute: { regions: { eu-west-1: {} } }";
    let folder = Folder::with(&format!("{distribute}\n{LADDER}"));
    let (told, _) = simulated(&yard, &["--days", "10", "--families", folder.path()]).await;
    assert!(gone(&told) >= 2, "{told:#}");
    let shown = yard
        .hub
        .steward(&["simulate", "web", "--families", folder.path()])
        .await;
    assert!(
        shown.out.contains("# available, + deprecated, . disabled"),
        "{}",
        shown.out
    );
    assert_eq!(yard.hub.items(), before);
    assert!(
        yard.changes(&["DisableImage", "DeregisterImage", "EnableImageDeprecation"])
            .is_empty()
    );
}

/// A family whose manifest would have deleted its oldest image long before that was launched.
pub(crate) async fn launched_late() -> Yard {
    let yard = Yard::new(2, LADDER).await;
    yard.hub.shop.aws.pass(hours(24 * 40)).await;
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let run = ec2.run_instances().image_id(&yard.images[0]).min_count(1).max_count(1);
    let instance = run.send().await.unwrap().instances()[0]
        .instance_id()
        .unwrap()
        .to_owned();
    ec2.terminate_instances().instance_ids(&instance).send().await.unwrap();
    // EC2 tells of a launch a day later.
    yard.hub.shop.aws.pass(hours(49)).await;
    yard.plan_later().await;
    yard
}

#[tokio::test(start_paused = true)]
async fn what_was_launched_after_it_would_have_gone_is_named() {
    let yard = launched_late().await;
    let (told, code) = simulated(&yard, &["--back", "30"]).await;
    let missed = told["backward"]["missed"].as_array().unwrap();
    let [missed] = missed.as_slice() else {
        panic!("{told:#}")
    };
    assert_eq!((missed["image"].as_str(), code), (Some(yard.images[0].as_str()), 2));
    let (told, code) = simulated(&yard, &["--back", "1"]).await;
    assert_eq!(
        (told["backward"]["missed"].as_array().unwrap().len(), code),
        (0, 0),
        "{told:#}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_family_or_a_folder_that_is_not_there_is_named_in_one_sentence() {
    let yard = Yard::new(1, RETAIN_NOTHING_GOES).await;
    let other = Folder::with("").path().to_owned();
    for (words, says) in [
        (&["simulate", "wbe"][..], "no manifest of wbe was ever applied"),
        (&["simulate", "web", "--families", &other], &other),
        (&["simulate", "web", "--days", "0"], "--days"),
        (&["simulate", "web", "--days", "9999"], "--days"),
    ] {
        let told = yard.hub.steward(words).await;
        assert!(told.code == 2 && told.err.contains(says), "{words:?}: {told:?}");
        assert_eq!(told.out, "");
    }
}
