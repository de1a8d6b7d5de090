//! What all calls have in common: who may make them, how often, and what is not known.

use super::*;
use crate::sts::tests::{HUB, TRUSTS_HUB, assume};
use crate::wire::call::Service;
use crate::world::faults::{Effect, Fault};

#[test]
fn an_operation_a_parameter_and_a_version_nobody_knows_are_named() {
    let mut bench = Bench::new();
    let refused = bench.refused("AttachInstances", &[]);
    assert_eq!(refused.0, "NotModelled");
    assert!(refused.1.contains("AttachInstances"));
    let refused = bench.refused("DescribeAutoScalingGroups", &[("MaxResults", "1")]);
    assert!(refused.1.contains("MaxResults"), "{}", refused.1);
}

#[test]
fn a_missing_parameter_is_named_as_auto_scaling_names_it() {
    let mut bench = Bench::new();
    assert_eq!(
        bench.refused("DescribeWarmPool", &[]),
        validation(
            "1 validation error detected: Value null at 'autoScalingGroupName' failed to satisfy constraint: Member must not be null"
        )
    );
}

#[test]
fn all_actions_of_an_account_in_a_region_draw_from_one_bucket() {
    let mut bench = Bench::new();
    bench.ec2.world.settings.throttling = true;
    for _ in 0..100 {
        bench.described();
    }
    let refused = bench.refused("DescribeLaunchConfigurations", &[]);
    assert_eq!(refused, (String::from("Throttling"), String::from("Rate exceeded")));
    let member = bench.ec2.member;
    let key = root(&member.account.to_string());
    bench
        .call_by(&key, member, "DescribeLaunchConfigurations", &[])
        .unwrap();
}

#[test]
fn a_server_error_has_auto_scaling_s_own_code() {
    let mut bench = Bench::new();
    for (status, code) in [(500, "InternalFailure"), (503, "ServiceUnavailable")] {
        let fault = Fault::new(Effect::ServerError(status))
            .service(Service::AutoScaling)
            .times(1);
        bench.ec2.world.inject(fault);
        assert_eq!(bench.refused("DescribeAutoScalingGroups", &[]).0, code);
    }
}

#[test]
fn permissions_reach_as_far_as_a_group_s_name_and_tags() {
    let mut bench = Bench::with_group("0");
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"autoscaling:Describe*","Resource":"*"},
        {"Effect":"Allow","Action":"autoscaling:*Group","Resource":"arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/api-*",
         "Condition":{"StringEquals":{"aws:RequestTag/team":"a"}}},
        {"Effect":"Allow","Action":"autoscaling:SetDesiredCapacity","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"a"}}}]}"#;
    let hub = bench.ec2.hub;
    let role = bench
        .ec2
        .world
        .create_role(hub.account, "scaler", TRUSTS_HUB, &[policy])
        .unwrap();
    let key = assume(&mut bench.ec2.world, &root(HUB), &role).unwrap();
    bench.call_by(&key, hub, "DescribeAutoScalingGroups", &[]).unwrap();
    let set = [ITS_NAME, ("DesiredCapacity", "0")];
    let refused = bench.call_by(&key, hub, "SetDesiredCapacity", &set).unwrap_err();
    assert_eq!(refused.0, "AccessDenied");
    assert!(
        refused
            .1
            .contains("autoscaling:SetDesiredCapacity on resource: arn:aws:autoscaling:"),
        "{}",
        refused.1
    );
    let tag = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "a")];
    let create = [&[("AutoScalingGroupName", "api-1")], &SOME[1..], &tag].concat();
    bench.call_by(&key, hub, "CreateAutoScalingGroup", &create).unwrap();
    let untagged = [&[("AutoScalingGroupName", "api-2")], &SOME[1..]].concat();
    bench
        .call_by(&key, hub, "CreateAutoScalingGroup", &untagged)
        .unwrap_err();
    let set = [("AutoScalingGroupName", "api-1"), ("DesiredCapacity", "0")];
    bench.call_by(&key, hub, "SetDesiredCapacity", &set).unwrap();
}
