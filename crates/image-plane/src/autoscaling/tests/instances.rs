//! Instances: launched, ended and replaced as the group wants.

use super::*;

#[test]
fn a_group_launches_what_it_should_have_and_it_comes_into_service() {
    let mut bench = Bench::with_group("2");
    assert!(bench.instances().is_empty());
    bench.pass(10);
    assert_eq!(bench.states(), ["Pending", "Pending"]);
    bench.pass(30);
    assert_eq!(bench.states(), ["InService", "InService"]);
    let xml = bench.described();
    let instance = field(&xml, "Instances");
    assert!(instance.contains("<LaunchConfigurationName>lc</LaunchConfigurationName>"));
    assert!(instance.contains("<ProtectedFromScaleIn>false</ProtectedFromScaleIn>"));
    let activities = bench.activities();
    assert_eq!(fields(&activities, "StatusCode"), ["Successful", "Successful"]);
    let bare = bench.ok("DescribeAutoScalingGroups", &[("IncludeInstances", "false")]);
    assert!(!bare.contains("InstanceId") && bare.contains("<DesiredCapacity>2<"));
}

#[test]
fn an_instance_carries_its_group_s_name_and_the_tags_that_propagate() {
    let mut bench = Bench::new();
    bench.configuration("lc");
    bench.group(&[
        ("DesiredCapacity", "1"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "a"),
        ("Tags.member.1.PropagateAtLaunch", "true"),
        ("Tags.member.2.Key", "secret"),
        ("Tags.member.2.Value", "b"),
        ("Tags.member.2.PropagateAtLaunch", "false"),
    ]);
    bench.pass(10);
    let filter = [
        ("Filter.1.Name", "tag:aws:autoscaling:groupName"),
        ("Filter.1.Value.1", "web"),
    ];
    let xml = bench.ec2.ok("DescribeInstances", &filter);
    assert_eq!(fields(&xml, "imageId"), [bench.image.clone()]);
    assert_eq!(fields(&xml, "key"), ["aws:autoscaling:groupName", "team"]);
}

#[test]
fn a_group_that_shrinks_ends_what_it_would_no_longer_launch_first() {
    let mut bench = Bench::with_group("1");
    bench.pass(60);
    let old = bench.instances();
    bench.configuration("lc-2");
    bench.ok(
        "UpdateAutoScalingGroup",
        &[ITS_NAME, ("LaunchConfigurationName", "lc-2")],
    );
    bench.set("3");
    bench.pass(60);
    assert_eq!(bench.instances().len(), 3);
    assert!(bench.instances().contains(&old[0]), "an update replaces nothing");
    bench.set("2");
    bench.pass(10);
    assert_eq!(bench.states(), ["InService", "InService", "Terminating"]);
    bench.pass(60);
    assert_eq!(bench.instances().len(), 2);
    assert!(!bench.instances().contains(&old[0]));
}

#[test]
fn protected_instances_stay_when_the_group_shrinks() {
    let mut bench = Bench::new();
    bench.configuration("lc");
    bench.group(&[("DesiredCapacity", "2"), ("NewInstancesProtectedFromScaleIn", "true")]);
    bench.pass(60);
    bench.set("0");
    bench.pass(60);
    assert_eq!(bench.states(), ["InService", "InService"]);
}

#[test]
fn an_instance_that_somebody_ends_or_stops_is_replaced() {
    for action in ["TerminateInstances", "StopInstances"] {
        let mut bench = Bench::with_group("1");
        bench.pass(60);
        let before = bench.instances();
        bench.ec2.ok(action, &[("InstanceId.1", &before[0])]);
        bench.pass(180);
        let after = bench.instances();
        assert_eq!(
            (after.len(), bench.states()),
            (1, vec![String::from("InService")]),
            "{action}"
        );
        assert_ne!(before, after, "{action}");
    }
}

#[test]
fn a_launch_that_fails_is_told_by_an_activity_only_and_tried_again() {
    let mut bench = Bench::with_group("0");
    let image = bench.image.clone();
    bench.ec2.ok("DisableImage", &[("ImageId", &image)]);
    bench.set("1");
    bench.pass(60);
    assert!(bench.instances().is_empty());
    let activities = bench.activities();
    assert_eq!(fields(&activities, "StatusCode"), ["Failed"]);
    let message = field(&activities, "StatusMessage");
    assert!(
        message.contains(&image) && message.ends_with("Launching EC2 instance failed."),
        "{message}"
    );
    bench.ec2.ok("EnableImage", &[("ImageId", &image)]);
    bench.pass(400);
    assert_eq!(bench.states(), ["InService"]);
}

#[test]
fn a_configuration_outlives_its_image_and_launches_no_more() {
    let mut bench = Bench::with_group("1");
    bench.pass(60);
    let image = bench.image.clone();
    bench.ec2.ok("DeregisterImage", &[("ImageId", &image)]);
    assert_eq!(bench.states(), ["InService"]);
    let xml = bench.ok("DescribeLaunchConfigurations", &[]);
    assert_eq!(field(&xml, "ImageId"), image);
    let instance = bench.instances();
    bench.ec2.ok("TerminateInstances", &[("InstanceId.1", &instance[0])]);
    bench.pass(120);
    assert!(bench.instances().is_empty());
    assert_eq!(fields(&bench.activities(), "StatusCode")[0], "Failed");
}

#[test]
fn a_launch_of_a_group_shows_on_its_image_a_day_later() {
    let mut bench = Bench::with_group("1");
    bench.pass(25 * 3600);
    let image = bench.image.clone();
    let xml = bench.ec2.ok(
        "DescribeImageAttribute",
        &[("ImageId", &image), ("Attribute", "lastLaunchedTime")],
    );
    assert!(xml.contains("2026-01-18T17:51:01"), "{xml}");
}

#[test]
fn a_patient_change_of_capacity_waits_for_the_cooldown() {
    let mut bench = Bench::with_group("0");
    bench.set("1");
    let patient = [ITS_NAME, ("DesiredCapacity", "2"), ("HonorCooldown", "true")];
    assert_eq!(
        bench.refused("SetDesiredCapacity", &patient).0,
        "ScalingActivityInProgress"
    );
    bench.pass(301);
    bench.ok("SetDesiredCapacity", &patient);
}

#[test]
fn activities_come_in_pages_the_newest_first_and_are_kept_for_six_weeks() {
    let mut bench = Bench::with_group("2");
    bench.pass(60);
    let first = bench.ok("DescribeScalingActivities", &[ITS_NAME, ("MaxRecords", "1")]);
    let token = field(&first, "NextToken");
    let second = [ITS_NAME, ("MaxRecords", "1"), ("NextToken", &token)];
    let second = bench.ok("DescribeScalingActivities", &second);
    assert_ne!(field(&first, "ActivityId"), field(&second, "ActivityId"));
    assert!(!second.contains("NextToken"));
    bench.pass(43 * 24 * 3600);
    bench.set("3");
    bench.pass(60);
    assert_eq!(fields(&bench.activities(), "ActivityId").len(), 1);
}
