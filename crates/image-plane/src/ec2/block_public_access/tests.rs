use std::time::Duration;

use super::super::place::NewImage;
use super::super::testing::Bench;
use crate::sts::tests::field;

const STATE: &str = "imageBlockPublicAccessState";
const STATE_PARAMETER: &str = "ImageBlockPublicAccessState";
const TO_ALL: &[(&str, &str)] = &[("LaunchPermission.Add.1.Group", "all")];

fn state(bench: &mut Bench) -> String {
    field(&bench.ok("GetImageBlockPublicAccessState", &[]), STATE)
}

fn enable(bench: &mut Bench) -> String {
    let answer = bench.ok(
        "EnableImageBlockPublicAccess",
        &[(STATE_PARAMETER, "block-new-sharing")],
    );
    field(&answer, STATE)
}

/// The code with which an image is refused to everybody; `done` where it is not.
fn shared(bench: &mut Bench, image: &str) -> String {
    let mut pairs = vec![("ImageId", image)];
    pairs.extend_from_slice(TO_ALL);
    let answer = bench.call_as(bench.hub, "ModifyImageAttribute", &pairs);
    answer.map_or_else(|(code, _)| code, |_| String::from("done"))
}

/// A world in which it takes up to ten minutes to block, and two images.
fn late() -> (Bench, [String; 2]) {
    let mut bench = Bench::new();
    bench.world.settings_mut().public_block_lag = Duration::from_mins(10);
    let images = ["web", "db"].map(|name| bench.image(NewImage::named(name)));
    (bench, images)
}

#[test]
fn blocking_is_answered_at_once_and_begins_within_ten_minutes() {
    let (mut bench, [web, db]) = late();
    assert_eq!(state(&mut bench), "unblocked");
    assert_eq!(enable(&mut bench), "block-new-sharing");
    assert_eq!(state(&mut bench), "unblocked");
    assert_eq!(shared(&mut bench, &web), "done");
    bench.pass(Duration::from_mins(10));
    let answer = bench.ok("GetImageBlockPublicAccessState", &[]);
    assert_eq!(
        (field(&answer, STATE), field(&answer, "managedBy")),
        ("block-new-sharing".into(), "account".into())
    );
    assert_eq!(shared(&mut bench, &db), "OperationNotPermitted");
    // What was public stays so.
    let described = bench.ok("DescribeImages", &[("ImageId.1", &web)]);
    assert_eq!(field(&described, "isPublic"), "true");
    let member = bench
        .call_as(bench.member, "GetImageBlockPublicAccessState", &[])
        .unwrap();
    assert_eq!(field(&member, STATE), "unblocked");
}

#[test]
fn unblocking_works_at_once_and_takes_back_what_has_not_begun() {
    let (mut bench, [web, _]) = late();
    enable(&mut bench);
    let answer = bench.ok("DisableImageBlockPublicAccess", &[]);
    assert_eq!(field(&answer, STATE), "unblocked");
    bench.pass(Duration::from_mins(10));
    assert_eq!(state(&mut bench), "unblocked");
    enable(&mut bench);
    bench.pass(Duration::from_mins(10));
    assert_eq!(state(&mut bench), "block-new-sharing");
    bench.ok("DisableImageBlockPublicAccess", &[]);
    assert_eq!(shared(&mut bench, &web), "done");
}

#[test]
fn asking_again_does_not_put_off_the_beginning() {
    let (mut bench, _) = late();
    for _ in 0..3 {
        enable(&mut bench);
        bench.pass(Duration::from_mins(4));
    }
    assert_eq!(state(&mut bench), "block-new-sharing");
}

#[test]
fn blocking_says_which_block_it_means_and_dry_runs_change_nothing() {
    let mut bench = Bench::new();
    let enable = "EnableImageBlockPublicAccess";
    assert_eq!(bench.refused(enable, &[]).0, "MissingParameter");
    assert_eq!(
        bench.refused(enable, &[(STATE_PARAMETER, "unblocked")]).0,
        "InvalidParameterValue"
    );
    let dry = [(STATE_PARAMETER, "block-new-sharing"), ("DryRun", "true")];
    assert_eq!(bench.refused(enable, &dry).0, "DryRunOperation");
    assert_eq!(
        bench.refused("GetImageBlockPublicAccessState", &[("Region", "x")]).0,
        "UnknownParameter"
    );
    assert_eq!(state(&mut bench), "unblocked");
}

#[test]
fn each_of_the_three_needs_its_own_action() {
    let mut bench = Bench::new();
    let allow = r#"{"Effect":"Allow","Action":"ec2:GetImageBlockPublicAccessState","Resource":"*"}"#;
    let key = bench.role(allow);
    let member = bench.member;
    assert!(
        bench
            .call_with(&key, member, "GetImageBlockPublicAccessState", &[])
            .is_ok()
    );
    let enable = [(STATE_PARAMETER, "block-new-sharing")];
    for (action, pairs) in [
        ("EnableImageBlockPublicAccess", enable.as_slice()),
        ("DisableImageBlockPublicAccess", &[]),
    ] {
        let (code, _) = bench.call_with(&key, member, action, pairs).unwrap_err();
        assert_eq!(code, "UnauthorizedOperation", "{action}");
    }
}
