//! Keys: Auto Scaling launches by its own role in an account, which may use less than the account.

use serde_json::{Value, json};

use super::*;
use crate::kms::KeyArn;

const ITS_ROLE: &str =
    "arn:aws:iam::222233334444:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
/// As AWS says what its role needs.
const NEEDED: [&str; 8] = [
    "CreateGrant",
    "Decrypt",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
];

/// What a whole account may do with a key: all.
fn all(account: &str) -> Value {
    let root = format!("arn:aws:iam::{account}:root");
    json!({ "Effect": "Allow", "Principal": { "AWS": root }, "Action": "kms:*", "Resource": "*" })
}

/// A key of the hub's that the member may use as it likes, and an image under it that the member may launch.
fn shared(bench: &mut Bench) -> KeyArn {
    let (hub, member) = (bench.ec2.hub, bench.ec2.member.account);
    let key = bench.ec2.world.create_key(hub, None, []);
    let policy = json!({ "Version": "2012-10-17", "Statement": [all("111122223333"), all("222233334444")] });
    bench.ec2.world.set_key_policy(&key, &policy.to_string()).unwrap();
    let image = NewImage::named("secret").volumes([(8, Some(key.clone()))]);
    bench.image = bench.ec2.image(image.shared_with([member]));
    key
}

/// Calls Auto Scaling as the member.
fn member_ok(bench: &mut Bench, action: &str, pairs: Pairs<'_>) -> String {
    let member = bench.ec2.member;
    bench
        .call_by(&root(&member.account.to_string()), member, action, pairs)
        .unwrap()
}

/// How many instances of a new group of the member's come into service.
fn in_service(bench: &mut Bench, name: &str) -> usize {
    let image = bench.image.clone();
    let configuration = [
        ("LaunchConfigurationName", name),
        ("ImageId", &image),
        ("InstanceType", "t3.micro"),
    ];
    member_ok(bench, "CreateLaunchConfiguration", &configuration);
    let group = [
        ("AutoScalingGroupName", name),
        ("LaunchConfigurationName", name),
        ("MinSize", "1"),
        ("MaxSize", "1"),
        ("AvailabilityZones.member.1", "eu-west-1a"),
    ];
    member_ok(bench, "CreateAutoScalingGroup", &group);
    bench.pass(60);
    let described = member_ok(
        bench,
        "DescribeAutoScalingGroups",
        &[("AutoScalingGroupNames.member.1", name)],
    );
    let states = fields(&described, "LifecycleState");
    states.iter().filter(|state| *state == "InService").count()
}

/// Makes the grant that Auto Scaling's role of the member's needs, in the name of this account.
fn grant(bench: &mut Bench, account: &str, key: &str) -> Result<(), String> {
    let body = json!({ "KeyId": key, "GranteePrincipal": ITS_ROLE, "Operations": NEEDED });
    let mut request = request(&root(account), "eu-west-1", "kms", &body.to_string());
    let target = "TrentService.CreateGrant".parse().unwrap();
    request.headers_mut().insert("x-amz-target", target);
    let world = &mut bench.ec2.world;
    let response = world.call(world.now(), request);
    match response.status().as_u16() {
        200 => Ok(()),
        _ => Err(String::from_utf8(response.body().to_vec()).unwrap()),
    }
}

#[test]
fn of_another_accounts_key_its_role_needs_a_grant_that_its_own_account_makes() {
    let mut bench = Bench::new();
    let key = shared(&mut bench);
    assert_eq!(in_service(&mut bench, "without"), 0);
    grant(&mut bench, "111122223333", &key).unwrap();
    assert_eq!(in_service(&mut bench, "by-the-owner"), 0);
    grant(&mut bench, "222233334444", &key).unwrap();
    assert_eq!(in_service(&mut bench, "by-its-own"), 1);
}

#[test]
fn its_role_is_there_from_the_first_group_on_and_nobody_is_granted_anything_before() {
    let mut bench = Bench::new();
    let key = shared(&mut bench);
    let refused = grant(&mut bench, "222233334444", &key).unwrap_err();
    assert!(refused.contains("InvalidArnException"), "{refused}");
    let member = bench.ec2.member;
    assert_eq!(bench.ec2.world.link_auto_scaling(member), ITS_ROLE);
    grant(&mut bench, "222233334444", &key).unwrap();
    assert_eq!(in_service(&mut bench, "web"), 1);
    // The first group makes no other.
    assert_eq!(bench.ec2.world.link_auto_scaling(member), ITS_ROLE);
}

#[test]
fn of_a_key_of_its_own_account_that_names_the_account_alone_it_needs_to_be_named_itself() {
    let mut bench = Bench::new();
    let member = bench.ec2.member;
    let key = bench.ec2.world.create_key(member, None, []);
    let image = NewImage::named("own").volumes([(8, Some(key.clone()))]);
    bench.image = bench.ec2.world.place_image(member, image).to_string();
    assert_eq!(in_service(&mut bench, "without"), 0);
    let named = json!({ "Effect": "Allow", "Principal": { "AWS": ITS_ROLE }, "Action": "kms:*", "Resource": "*" });
    let policy = json!({ "Version": "2012-10-17", "Statement": [all("222233334444"), named] });
    bench.ec2.world.set_key_policy(&key, &policy.to_string()).unwrap();
    assert_eq!(in_service(&mut bench, "named"), 1);
}

#[test]
fn what_its_account_encrypts_by_default_it_launches_without_asking() {
    let mut bench = Bench::new();
    let member = bench.ec2.member;
    let key = bench.ec2.world.default_key(member);
    let image = NewImage::named("own").volumes([(8, Some(key))]);
    bench.image = bench.ec2.world.place_image(member, image).to_string();
    assert_eq!(in_service(&mut bench, "web"), 1);
}
