//! `steward plan --offline`, as people and programs type it: no network, no credentials, no record.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails right there")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/offline")
}

fn steward(words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_steward"));
    command.env_clear().current_dir(folder()).args(words).output().unwrap()
}

fn plan(format: &str) -> String {
    let words = [
        "plan",
        "--offline",
        "fleet.json",
        "--families",
        "families",
        "--now",
        "2026-06-01T04:00:00Z",
    ];
    let output = steward(&[&words[..], &["--format", format]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What is said is what the file has, which IMAGE_STEWARD_BLESS=1 writes.
fn assert_blessed(said: &str, file: &str) {
    let path = folder().join(file);
    if std::env::var_os("IMAGE_STEWARD_BLESS").is_some() {
        fs::write(&path, said).unwrap();
    }
    let told = fs::read_to_string(&path).unwrap();
    assert_eq!(
        said, told,
        "run this test with IMAGE_STEWARD_BLESS=1 and read the difference"
    );
}

#[test]
fn people_read_what_would_go_what_would_stay_and_what_is_blocked_in_tables() {
    assert_blessed(&plan("text"), "plan.txt");
}

#[test]
fn programs_get_every_image_exactly_once() {
    let said = plan("json");
    assert_blessed(&said, "plan.json");
    let plan: Value = serde_json::from_str(&said).unwrap();
    let images = |of: &Value, key: &str| {
        let images = of
            .as_array()
            .unwrap()
            .iter()
            .map(|image| image[key].as_str().unwrap().to_owned());
        images.collect::<Vec<_>>()
    };
    let listed = ["expendable", "kept", "blocked"]
        .map(|list| images(&plan[list], "image"))
        .concat();
    let once: BTreeSet<&String> = listed.iter().collect();
    assert_eq!(once.len(), listed.len());
    let fleet: Value = serde_json::from_str(&fs::read_to_string(folder().join("fleet.json")).unwrap()).unwrap();
    let recorded = images(&fleet["images"], "ImageId");
    assert_eq!(once, recorded.iter().collect());
}

fn refused(words: &[&str]) -> String {
    let output = steward(words);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

/// A folder that goes with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("steward-offline-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn path(&self) -> &str {
        Path::to_str(&self.0).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    assert_eq!(
        refused(&["plan", "--offline", "none.json"]),
        "steward: none.json cannot be read: No such file or directory (os error 2).\n"
    );
    let scratch = Scratch::new("refused");
    let fleet = scratch.file(
        "fleet.json",
        r#"{"account":"111122223333","images":[{"ImageId":"ami-1","State":"available"}]}"#,
    );
    let says = refused(&["plan", "--offline", &fleet]);
    assert!(
        says.contains("cannot be read: images[0]: invalid AMI id: \"ami-1\" has 1 hex digit"),
        "{says}"
    );
    let when = refused(&["plan", "--offline", "fleet.json", "--now", "today"]);
    assert_eq!(
        when,
        "steward: invalid time in --now: \"today\" is no time, must be as in 2026-01-18T17:50:56Z.\n"
    );
    scratch.file("web.yaml", "family: web\ncolour: red\n");
    let manifests = refused(&["plan", "--offline", "fleet.json", "--families", scratch.path()]);
    assert!(manifests.contains("colour"), "{manifests}");
}

#[test]
fn a_plan_of_nothing_in_particular_is_answered_by_what_there_is() {
    let says = refused(&["plan"]);
    assert!(
        says.contains("--offline <FLEET>") && says.contains("distribute"),
        "{says}"
    );
    let says = refused(&["plan", "--offline", "fleet.json", "distribute"]);
    assert!(says.contains("distribute"), "{says}");
}
