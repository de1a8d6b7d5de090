use std::time::Duration;

use super::super::place::NewImage;
use super::super::testing::{Bench, Pairs, assert_each_once, fields};
use super::describe;
use crate::sts::tests::field;

/// A Spot request for this image, and its instance.
fn request(bench: &mut Bench, image: &str, more: Pairs<'_>) -> (String, String) {
    let mut pairs = vec![("LaunchSpecification.ImageId", image)];
    pairs.extend_from_slice(more);
    let made = bench.ok("RequestSpotInstances", &pairs);
    (field(&made, "spotInstanceRequestId"), field(&made, "instanceId"))
}

fn state(bench: &mut Bench, id: &str) -> (String, String) {
    let described = bench.ok("DescribeSpotInstanceRequests", &[("SpotInstanceRequestId.1", id)]);
    (field(&described, "state"), field(&described, "code"))
}

fn is(state: &str, status: &str) -> (String, String) {
    (state.to_owned(), status.to_owned())
}

#[test]
fn a_request_is_active_with_its_instance_and_a_persistent_one_open_after_it() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    for (kind, after) in [("one-time", "closed"), ("persistent", "open")] {
        let (id, instance) = request(&mut bench, &image, &[("Type", kind)]);
        assert_eq!(state(&mut bench, &id), is("active", "fulfilled"));
        bench.pass(Duration::from_mins(1));
        bench.ok("TerminateInstances", &[("InstanceId.1", &instance)]);
        bench.pass(Duration::from_mins(5));
        assert_eq!(state(&mut bench, &id), is(after, "instance-terminated-by-user"));
    }
}

#[test]
fn the_instance_of_a_cancelled_request_runs_on() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    let (id, instance) = request(&mut bench, &image, &[("Type", "persistent")]);
    let cancelled = bench.ok("CancelSpotInstanceRequests", &[("SpotInstanceRequestId.1", &id)]);
    assert_eq!(field(&cancelled, "state"), "cancelled");
    bench.pass(Duration::from_mins(5));
    assert_eq!(
        state(&mut bench, &id),
        is("cancelled", "request-canceled-and-instance-running")
    );
    let described = bench.ok("DescribeInstances", &[("InstanceId.1", &instance)]);
    assert_eq!(field(&described, "name"), "running");
}

#[test]
fn a_request_for_several_instances_is_several_requests_and_a_token_makes_them_once() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    let pairs = [
        ("LaunchSpecification.ImageId", &*image),
        ("InstanceCount", "3"),
        ("ClientToken", "t"),
    ];
    let ids = |bench: &mut Bench| fields(&bench.ok("RequestSpotInstances", &pairs), "spotInstanceRequestId");
    let first = ids(&mut bench);
    assert_eq!(first.len(), 3);
    assert_eq!(ids(&mut bench), first);
    assert_eq!(fields(&bench.ok("DescribeInstances", &[]), "instanceId").len(), 3);
}

#[test]
fn a_request_for_an_image_that_is_not_there_or_by_a_parameter_is_refused() {
    let mut bench = Bench::new();
    for (image, code) in [
        ("ami-00000000000000000", "InvalidAMIID.NotFound"),
        ("resolve:ssm:/golden/web", "InvalidAMIID.Malformed"),
    ] {
        let refused = bench.refused("RequestSpotInstances", &[("LaunchSpecification.ImageId", image)]);
        assert_eq!(refused.0, code);
    }
    for (id, code) in [
        ("sir-00000000", "InvalidSpotInstanceRequestID.NotFound"),
        ("sir-0", "InvalidSpotInstanceRequestID.Malformed"),
    ] {
        for action in ["DescribeSpotInstanceRequests", "CancelSpotInstanceRequests"] {
            let refused = bench.refused(action, &[("SpotInstanceRequestId.1", id)]);
            assert_eq!(refused.0, code, "{action}");
        }
    }
}

#[test]
fn every_filter_finds_the_requests_that_have_its_value_and_no_others() {
    let mut bench = Bench::new();
    let (old, new) = (bench.image(NewImage::named("old")), bench.image(NewImage::named("new")));
    let (left, _) = request(&mut bench, &old, &[]);
    bench.ok("CancelSpotInstanceRequests", &[("SpotInstanceRequestId.1", &left)]);
    bench.pass(Duration::from_hours(24));
    let more = [
        ("Type", "persistent"),
        ("SpotPrice", "0.05"),
        ("LaunchSpecification.InstanceType", "t3.small"),
        ("LaunchSpecification.KeyName", "ops"),
        ("TagSpecification.1.ResourceType", "spot-instances-request"),
        ("TagSpecification.1.Tag.1.Key", "team"),
        ("TagSpecification.1.Tag.1.Value", "web"),
    ];
    let (right, instance) = request(&mut bench, &new, &more);
    let table = [
        ("create-time", "2026-01-19T*"),
        ("instance-id", &*instance),
        ("launch.image-id", &new),
        ("launch.instance-type", "t3.small"),
        ("launch.key-name", "ops"),
        ("spot-instance-request-id", &right),
        ("spot-price", "0.05"),
        ("state", "active"),
        ("status-code", "fulfilled"),
        ("tag-key", "team"),
        ("type", "persistent"),
    ];
    assert_each_once(table.iter().map(|(name, _)| *name), describe::FILTERS);
    let action = "DescribeSpotInstanceRequests";
    for (name, value) in table.into_iter().chain([("tag:team", "web")]) {
        let found = bench.found(action, (name, value), "spotInstanceRequestId");
        assert_eq!(found, [&*right], "{name}");
        assert!(
            bench.found(action, (name, "none"), "spotInstanceRequestId").is_empty(),
            "{name}"
        );
    }
}

#[test]
fn a_page_of_requests_holds_five_to_a_thousand() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    request(&mut bench, &image, &[("InstanceCount", "7")]);
    let first = bench.ok("DescribeSpotInstanceRequests", &[("MaxResults", "5")]);
    assert_eq!(fields(&first, "spotInstanceRequestId").len(), 5);
    let next = field(&first, "nextToken");
    let second = bench.ok("DescribeSpotInstanceRequests", &[("NextToken", &next)]);
    assert_eq!(fields(&second, "spotInstanceRequestId").len(), 2);
    for most in ["4", "1001"] {
        let refused = bench.refused("DescribeSpotInstanceRequests", &[("MaxResults", most)]);
        assert_eq!(refused.0, "InvalidParameterValue");
    }
}
