//! Groups: creating, describing, changing, deleting.

use super::*;

#[test]
fn a_group_is_described_as_it_was_created() {
    let mut bench = Bench::new();
    bench.configuration("lc");
    bench.group(
        &[
            ("MinSize", "0"),
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", "a&b"),
            ("Tags.member.1.PropagateAtLaunch", "true"),
            ("VPCZoneIdentifier", "subnet-1,subnet-2"),
        ][1..],
    );
    let xml = bench.described();
    let one = |name: &str| field(&xml, name);
    assert!(one("AutoScalingGroupARN").starts_with("arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:"));
    assert!(one("AutoScalingGroupARN").ends_with(":autoScalingGroupName/web"));
    assert_eq!(one("LaunchConfigurationName"), "lc");
    assert_eq!(
        (one("MinSize"), one("MaxSize"), one("DesiredCapacity")),
        ("0".into(), "4".into(), "0".into())
    );
    assert_eq!(one("AvailabilityZones"), "<member>eu-west-1a</member>");
    assert_eq!(one("VPCZoneIdentifier"), "subnet-1,subnet-2");
    assert_eq!(one("CreatedTime"), "2026-01-18T17:50:56.789Z");
    assert_eq!(
        (one("Key"), one("Value"), one("PropagateAtLaunch"), one("ResourceId")),
        ("team".into(), "a&amp;b".into(), "true".into(), "web".into())
    );
    assert!(!xml.contains("<Status>") && !xml.contains("WarmPool"));
}

#[test]
fn a_group_that_nobody_has_is_left_out_when_described_and_an_error_everywhere_else() {
    let mut bench = Bench::new();
    assert!(!bench.described().contains("AutoScalingGroupName"));
    let gone = validation("AutoScalingGroup name not found - AutoScalingGroup 'web' not found");
    for action in [
        "DeleteAutoScalingGroup",
        "DeleteWarmPool",
        "DescribeInstanceRefreshes",
        "DescribeScalingActivities",
        "DescribeWarmPool",
        "PutWarmPool",
        "StartInstanceRefresh",
        "UpdateAutoScalingGroup",
    ] {
        assert_eq!(bench.refused(action, &[ITS_NAME]), gone, "{action}");
    }
}

#[test]
fn a_name_is_taken_once_in_each_target() {
    let mut bench = Bench::with_group("0");
    let refused = bench.refused("CreateAutoScalingGroup", SOME);
    assert_eq!(refused.0, "AlreadyExists");
    assert!(
        refused.1.ends_with("A group with the name web already exists"),
        "{}",
        refused.1
    );
    let member = bench.ec2.member;
    let key = root(&member.account.to_string());
    let listed = bench.call_by(&key, member, "DescribeAutoScalingGroups", &[]).unwrap();
    assert!(!listed.contains("web"));
}

#[test]
fn sizes_that_contradict_each_other_are_refused() {
    let mut bench = Bench::with_group("0");
    for (pairs, message) in [
        (
            [("MinSize", "3"), ("MaxSize", "2")],
            "Max bound, 2, must be greater than or equal to min bound, 3",
        ),
        (
            [("MaxSize", "2"), ("DesiredCapacity", "3")],
            "Desired capacity:3 must be between the specified min size:0 and max size:2",
        ),
        (
            [("MinSize", "-1"), ("MaxSize", "2")],
            "1 validation error detected: Value '-1' at 'minSize' failed to satisfy constraint: Member must have value greater than or equal to 0",
        ),
    ] {
        let refused = bench.refused("UpdateAutoScalingGroup", &[ITS_NAME, pairs[0], pairs[1]]);
        assert_eq!(refused, validation(message));
    }
    for (desired, side) in [("5", "above max value 4"), ("0", "below min value 1")] {
        bench.ok("UpdateAutoScalingGroup", &[ITS_NAME, ("MinSize", "1")]);
        let refused = bench.refused("SetDesiredCapacity", &[ITS_NAME, ("DesiredCapacity", desired)]);
        assert!(refused.1.contains(side), "{}", refused.1);
    }
}

#[test]
fn desired_capacity_follows_bounds_that_move_past_it() {
    let mut bench = Bench::with_group("2");
    for (pairs, desired) in [
        ([("MinSize", "3"), ("MaxSize", "4")], "3"),
        ([("MinSize", "0"), ("MaxSize", "1")], "1"),
        ([("MinSize", "0"), ("MaxSize", "9")], "1"),
    ] {
        bench.ok("UpdateAutoScalingGroup", &[ITS_NAME, pairs[0], pairs[1]]);
        assert_eq!(field(&bench.described(), "DesiredCapacity"), desired);
    }
}

#[test]
fn a_group_needs_a_place() {
    let mut bench = Bench::new();
    bench.configuration("lc");
    assert_eq!(
        bench.refused("CreateAutoScalingGroup", &SOME[..4]),
        validation("At least one Availability Zone or VPC Subnet is required.")
    );
    let elsewhere = [&SOME[..4], &[("AvailabilityZones.member.1", "us-east-1a")]].concat();
    assert_eq!(bench.refused("CreateAutoScalingGroup", &elsewhere).0, "ValidationError");
}

#[test]
fn groups_come_in_pages_by_name() {
    let mut bench = Bench::new();
    bench.configuration("lc");
    for name in ["a", "b", "c"] {
        let pairs = [&[("AutoScalingGroupName", name)], &SOME[1..]].concat();
        bench.ok("CreateAutoScalingGroup", &pairs);
    }
    let first = bench.ok("DescribeAutoScalingGroups", &[("MaxRecords", "2")]);
    assert_eq!(fields(&first, "AutoScalingGroupName"), ["a", "b"]);
    let token = field(&first, "NextToken");
    let second = bench.ok(
        "DescribeAutoScalingGroups",
        &[("MaxRecords", "2"), ("NextToken", &token)],
    );
    assert_eq!(fields(&second, "AutoScalingGroupName"), ["c"]);
    assert!(!second.contains("NextToken"));
    let other = bench.refused("DescribeLaunchConfigurations", &[("NextToken", &token)]);
    assert_eq!(other.0, "InvalidNextToken");
    for records in ["0", "101"] {
        let refused = bench.refused("DescribeAutoScalingGroups", &[("MaxRecords", records)]);
        assert_eq!(refused.0, "ValidationError", "{}", refused.1);
    }
}

#[test]
fn groups_are_found_by_their_tags() {
    let mut bench = Bench::new();
    bench.configuration("lc");
    for (name, key, value) in [("a", "team", "x"), ("b", "team", "y"), ("c", "x", "y")] {
        let tags = [("Tags.member.1.Key", key), ("Tags.member.1.Value", value)];
        let pairs = [&[("AutoScalingGroupName", name)], &SOME[1..], &tags].concat();
        bench.ok("CreateAutoScalingGroup", &pairs);
    }
    for (filter, value, found) in [
        ("tag:team", "x", &["a"][..]),
        ("tag-key", "team", &["a", "b"]),
        ("tag-value", "y", &["b", "c"]),
        ("tag-value", "*", &[]),
    ] {
        let filter = [
            ("Filters.member.1.Name", filter),
            ("Filters.member.1.Values.member.1", value),
        ];
        let xml = bench.ok("DescribeAutoScalingGroups", &filter);
        assert_eq!(fields(&xml, "AutoScalingGroupName"), found);
    }
    let unknown = [
        ("Filters.member.1.Name", "name"),
        ("Filters.member.1.Values.member.1", "a"),
    ];
    assert_eq!(
        bench.refused("DescribeAutoScalingGroups", &unknown).0,
        "ValidationError"
    );
}

#[test]
fn a_group_with_instances_goes_by_force_only_and_not_before_they_have_ended() {
    let mut bench = Bench::with_group("1");
    assert_eq!(
        bench.refused("DeleteAutoScalingGroup", &[ITS_NAME]).0,
        "ScalingActivityInProgress"
    );
    bench.pass(60);
    assert_eq!(bench.refused("DeleteAutoScalingGroup", &[ITS_NAME]).0, "ResourceInUse");
    bench.ok("DeleteAutoScalingGroup", &[ITS_NAME, ("ForceDelete", "true")]);
    assert_eq!(field(&bench.described(), "Status"), "Delete in progress");
    assert_eq!(bench.states(), ["Terminating"]);
    assert_eq!(
        bench.refused("UpdateAutoScalingGroup", &[ITS_NAME]),
        validation("The AutoScaling group may not be modified while it is pending delete")
    );
    let exists = bench.refused("CreateAutoScalingGroup", SOME).1;
    assert!(exists.contains("pending delete"), "{exists}");
    bench.pass(60);
    assert!(bench.instances().is_empty() && !bench.described().contains("AutoScalingGroupName"));
    bench.group(&[]);
}

#[test]
fn stale_readers_still_see_a_group_that_is_gone() {
    let mut bench = Bench::with_group("0");
    bench.pass(60);
    bench.ec2.world.settings.read_lag = Duration::from_mins(10);
    bench.ok("DeleteAutoScalingGroup", &[ITS_NAME]);
    let seen = (0..20)
        .filter(|_| bench.described().contains("AutoScalingGroupName"))
        .count();
    assert!(seen > 0, "a read up to ten minutes old never showed it");
    bench.pass(601);
    assert!(!bench.described().contains("AutoScalingGroupName"));
}
