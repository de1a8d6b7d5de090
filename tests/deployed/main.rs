//! The deployed system, end to end: the real `bootstrap` behind the real rules, with the deployed roles as all it may do.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails right there")]

mod family;

use std::time::Duration;

use family::Family;
use serde_json::{Value, json};
use steward_deployed::{Cloud, HUB, MEMBER, REGION, STACK, wait_for};

const DAY: Duration = Duration::from_hours(24);

#[test]
fn a_build_that_the_aws_cli_starts_is_in_the_record() {
    let cloud = Cloud::here();
    let family = Family::new(&cloud, "started");
    family.build();
    let release = family.release();
    let meta = wait_for("the release, placed", || {
        cloud
            .item(&release, "META")
            .filter(|meta| meta["placed"]["BOOL"] == true)
    });
    assert_eq!(meta["state"]["S"], "AVAILABLE");
    assert_eq!(meta["family"]["S"], "started");
    let placements = cloud.partition(&release).into_iter();
    let placements = placements.filter(|item| item["sk"]["S"].as_str().unwrap().starts_with("P#"));
    assert_eq!(placements.count(), 1);
}

#[test]
fn an_image_event_in_a_member_account_reaches_the_record() {
    let cloud = Cloud::here();
    cloud.plane_door("distribution_role", &json!({ "account": MEMBER }));
    let family = Family::with_copy_in(&cloud, "copied", MEMBER);
    family.build();
    let release = family.release();
    let theirs = wait_for("the member's placement", || {
        cloud.partition(&release).into_iter().find(|item| {
            let sk = item["sk"]["S"].as_str().unwrap();
            sk.starts_with(&format!("P#{MEMBER}#"))
        })
    });
    let sk = theirs["sk"]["S"].as_str().unwrap().to_owned();
    let ami = sk.rsplit('#').next().unwrap().to_owned();
    // After 21 days the function's session in the member has long ended: it is renewed.
    cloud.pass(21 * DAY);
    cloud.aws(MEMBER, REGION, &["ec2", "disable-image", "--image-id", &ami]);
    let placement = wait_for("the placement, disabled", || {
        cloud
            .item(&release, &sk)
            .filter(|item| item["state"]["S"] == "disabled")
    });
    // The function saw it in the cloud's time, not in this computer's.
    assert!(placement["seen"]["S"].as_str().unwrap() > theirs["seen"]["S"].as_str().unwrap());
}

#[test]
fn a_forged_event_changes_nothing() {
    let cloud = Cloud::here();
    let arn = format!("arn:aws:imagebuilder:{REGION}:999988887777:image/forged/1.0.0/1");
    let event = json!({
        "version": "0", "id": "6b0a7692-573b-471d-9b01-616cb2f62f90", "source": "aws.imagebuilder",
        "detail-type": "EC2 Image Builder Image State Change", "account": HUB, "region": REGION,
        "time": "2026-01-18T17:50:56Z", "resources": [arn],
        "detail": { "previous-state": { "status": "TESTING" }, "state": { "status": "AVAILABLE" } },
    });
    cloud.door("events", &event);
    let log = format!("{}/local-cloud.log", cloud.folder());
    wait_for("the refusal in the log", || {
        let text = std::fs::read_to_string(&log).ok()?;
        text.contains("the event is of account 111122223333, but what it is about belongs to 999988887777")
            .then_some(())
    });
}

#[test]
fn deploying_again_replaces_nothing() {
    let cloud = Cloud::here();
    let resources = || {
        let words = ["cloudformation", "list-stack-resources", "--stack-name", STACK];
        let mut resources: Vec<(String, String)> = cloud.hub(&words)["StackResourceSummaries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|resource| {
                let text = |name: &str| resource[name].as_str().unwrap().to_owned();
                (text("LogicalResourceId"), text("PhysicalResourceId"))
            })
            .collect();
        resources.sort();
        resources
    };
    let before = resources();
    family::deploy(&cloud, HUB);
    assert_eq!(resources(), before);
}

/// A hub of its own, in an account of its own: what is taken from it here is taken from no other test.
#[test]
fn a_function_that_lacks_a_permission_fails_clearly_and_its_wake_is_kept() {
    const BROKEN: &str = "444455556666";
    let cloud = Cloud::here();
    family::deploy(&cloud, BROKEN);
    let aws = |words: &[&str]| cloud.aws(BROKEN, REGION, words);
    let words = ["cloudformation", "list-stack-resources", "--stack-name", STACK];
    let resources = aws(&words)["StackResourceSummaries"].clone();
    let physical = |logical: &str| {
        let found = resources
            .as_array()
            .unwrap()
            .iter()
            .find(|resource| resource["LogicalResourceId"] == logical);
        found.unwrap()["PhysicalResourceId"].as_str().unwrap().to_owned()
    };
    let role = physical("RecordLineageRole");
    // As SAM names the function's own statements.
    let policy = "RecordLineageRolePolicy0";
    let held = aws(&["iam", "get-role-policy", "--role-name", &role, "--policy-name", policy]);
    let mut document = held["PolicyDocument"].clone();
    let statements = document["Statement"].as_array_mut().unwrap();
    let before = statements.len();
    statements.retain(|statement| statement["Action"] != "imagebuilder:ListImages");
    assert_eq!(before - statements.len(), 1);
    let document = document.to_string();
    aws(&[
        "iam",
        "put-role-policy",
        "--role-name",
        &role,
        "--policy-name",
        policy,
        "--policy-document",
        &document,
    ]);

    let schedules = aws(&["scheduler", "list-schedules"])["Schedules"].clone();
    let (group, name) = (&schedules[0]["GroupName"], &schedules[0]["Name"]);
    let fire = json!({ "account": BROKEN, "region": REGION, "group": group, "name": name });
    cloud.door("fire", &fire);
    let queue = cloud.output(BROKEN, "FailedWakesQueue");
    let message = wait_for("the wake that failed", || {
        let words = [
            "sqs",
            "receive-message",
            "--queue-url",
            &queue,
            "--wait-time-seconds",
            "1",
        ];
        Some(aws(&words)["Messages"][0]["Body"].clone()).filter(Value::is_string)
    });
    let message = message.as_str().unwrap();
    assert!(message.contains("sweep"), "{message}");
    assert!(message.contains("imagebuilder:ListImages"), "{message}");
}
