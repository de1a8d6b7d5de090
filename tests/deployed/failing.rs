//! What becomes of a wake whose function fails. Each test has a hub of its own, in an account of its own: what is taken from
//! a function here is taken from no other test.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use steward_deployed::{Cloud, wait_for};

use crate::hub::Hub;

/// Fires the sweep, and waits for it in the failure destination.
fn swept_and_failed(hub: &Hub<'_>) -> Value {
    hub.cloud.sweep(hub.account, "record-lineage");
    let queue = hub.cloud.output(hub.account, "FailedWakesQueue");
    let body = wait_for("the wake that failed", || {
        let words = ["sqs", "receive-message", "--wait-time-seconds", "1", "--queue-url"];
        Some(hub.aws(&[&words[..], &[&queue]].concat())["Messages"][0]["Body"].clone()).filter(Value::is_string)
    });
    let message: Value = serde_json::from_str(body.as_str().unwrap()).unwrap();
    assert_eq!(message["requestPayload"]["wake"], "sweep", "{message}");
    assert_eq!(message["requestContext"]["approximateInvokeCount"], 3, "{message}");
    message
}

#[test]
fn a_function_that_lacks_a_permission_fails_clearly_and_its_wake_is_kept() {
    let cloud = Cloud::here();
    let hub = Hub::deploy(&cloud, "444455556666");
    let role = hub.physical("RecordLineageRole");
    // As SAM names the function's own statements.
    let policy = ["--role-name", &role, "--policy-name", "RecordLineageRolePolicy0"];
    let held = hub.aws(&[&["iam", "get-role-policy"], &policy[..]].concat());
    let mut document = held["PolicyDocument"].clone();
    let statements = document["Statement"].as_array_mut().unwrap();
    let before = statements.len();
    statements.retain(|statement| statement["Action"] != "imagebuilder:ListImages");
    assert_eq!(before - statements.len(), 1);
    let document = document.to_string();
    let replaced = [
        &["iam", "put-role-policy"],
        &policy[..],
        &["--policy-document", &document],
    ]
    .concat();
    hub.aws(&replaced);

    let message = swept_and_failed(&hub);
    let error = message["responsePayload"]["errorMessage"].as_str().unwrap();
    assert!(error.contains("imagebuilder:ListImages"), "{message}");
}

#[test]
fn a_function_that_panics_says_so_and_its_wake_is_kept() {
    let cloud = Cloud::here();
    let hub = Hub::deploy(&cloud, "555566667777");
    let panicking = std::env::var("IMAGE_STEWARD_PANICS").expect("run these tests by `cargo xtask test deployed`");
    let folder = Path::new(cloud.folder()).join("panics");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(panicking, folder.join("bootstrap")).unwrap();
    let zipped = Command::new(format!("{}/python", cloud.bin()))
        .args(["-m", "zipfile", "-c", "panics.zip", "bootstrap"])
        .current_dir(&folder)
        .status();
    assert!(zipped.unwrap().success());
    let code = format!("fileb://{}/panics.zip", folder.display());
    let function = hub.physical("RecordLineage");
    hub.aws(&[
        "lambda",
        "update-function-code",
        "--function-name",
        &function,
        "--zip-file",
        &code,
    ]);

    let message = swept_and_failed(&hub);
    let error = message["responsePayload"]["errorMessage"].as_str().unwrap();
    assert!(error.contains("this function panics on purpose"), "{message}");
}
