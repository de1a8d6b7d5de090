//! The deployed system, end to end: the real `bootstrap` behind the real rules, with the deployed roles as all it may do.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails right there")]

mod applied;
mod building;
mod distributing;
mod failing;
mod family;
mod hub;
mod pruning;
mod sweeping;
mod swept;
mod telling;
mod updating;

use std::time::Duration;

use family::Family;
use hub::Hub;
use serde_json::json;
use steward_deployed::{Cloud, HUB, MEMBER, REGION, wait_for};
use swept::swept;

const DAY: Duration = Duration::from_hours(24);

#[test]
fn a_build_that_the_aws_cli_starts_is_in_the_record_by_its_events_alone() {
    let cloud = Cloud::here();
    // A hub of its own, which no test sweeps, and schedules do not run by themselves here.
    let hub = Hub::deploy(&cloud, "888899990000");
    let family = Family::of(&cloud, hub.account, "started");
    family.build();
    let release = family.release();
    let recorded = || cloud.partition_of(hub.account, &release).into_iter();
    let meta = wait_for("the release, placed", || {
        recorded().find(|item| item["sk"]["S"] == "META" && item["placed"]["BOOL"] == true)
    });
    assert_eq!(meta["state"]["S"], "AVAILABLE");
    assert_eq!(meta["family"]["S"], "started");
    let placements = recorded();
    let placements = placements.filter(|item| item["sk"]["S"].as_str().unwrap().starts_with("P#"));
    assert_eq!(placements.count(), 1);
}

#[test]
fn an_instance_that_the_aws_cli_starts_is_known_as_a_user_of_its_image() {
    let cloud = Cloud::here();
    let family = Family::new(&cloud, "used");
    family.build();
    let release = family.release();
    let placement = wait_for("the placement", || {
        cloud
            .partition(&release)
            .into_iter()
            .find(|item| item["sk"]["S"].as_str().unwrap().starts_with("P#"))
    });
    let ami = placement["sk"]["S"]
        .as_str()
        .unwrap()
        .rsplit('#')
        .next()
        .unwrap()
        .to_owned();
    let started = cloud.hub(&[
        "ec2",
        "run-instances",
        "--image-id",
        &ami,
        "--instance-type",
        "t3.small",
    ]);
    let instance = started["Instances"][0]["InstanceId"].as_str().unwrap();
    cloud.sweep(HUB, "gather-evidence");
    let usage = wait_for("the use", || {
        cloud.item(&format!("AMI#{ami}"), &format!("U#instances#{HUB}#{REGION}"))
    });
    let reference = &usage["usage"]["M"]["references"]["L"][0]["L"][0]["M"]["instance"]["M"];
    assert_eq!(reference["id"]["S"], instance, "{usage}");
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
    let is = |member: &'static str| {
        let (cloud, release, sk) = (&cloud, &release, &sk);
        move || cloud.item(release, sk).filter(|item| item[member]["S"] == "disabled")
    };
    // The event's look is one; the sweep's, minutes later, agrees.
    wait_for("the doubt", is("doubt"));
    // Tests beside this one let hours pass: a doubt that grew old meanwhile begins anew, and two sweeps settle it.
    let is_disabled = is("state");
    let sweeps: (&[&str], Duration) = (&["record-lineage"], Duration::from_mins(6));
    let placement = swept(&cloud, sweeps, "the placement, disabled", is_disabled);
    // The function saw it in the cloud's time, not in this computer's.
    let day = |item: &serde_json::Value| day_of(item["seen"]["S"].as_str().unwrap());
    assert!(day(&placement) - day(&theirs) >= 20, "{theirs} {placement}");
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
    assert_eq!(cloud.partition("F#forged"), [] as [serde_json::Value; 0]);
    let releases = cloud.scan("name", &arn);
    assert_eq!(releases, [] as [serde_json::Value; 0]);
}

/// The number of a timestamp's day, counted from a first of March long ago.
fn day_of(timestamp: &str) -> i64 {
    let number = |range: std::ops::Range<usize>| timestamp[range].parse::<i64>().unwrap();
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day
}
