use std::time::Duration;

use super::super::place::NewImage;
use super::super::testing::{Bench, assert_each_once};
use super::*;
use crate::sts::tests::field;

#[test]
fn every_filter_finds_the_instances_that_have_its_value_and_no_others() {
    let mut bench = Bench::new();
    let (old, new) = (bench.image(NewImage::named("old")), bench.image(NewImage::named("new")));
    let left = bench.launch(&old, &[("InstanceType", "t3.small")]);
    bench.pass(Duration::from_hours(24));
    let tag = [
        ("InstanceType", "m5.large"),
        ("TagSpecification.1.ResourceType", "instance"),
        ("TagSpecification.1.Tag.1.Key", "team"),
        ("TagSpecification.1.Tag.1.Value", "web"),
    ];
    let right = bench.launch(&new, &tag);
    bench.ok("StopInstances", &[("InstanceId.1", &right)]);
    bench.pass(Duration::from_mins(1));
    let described = bench.ok("DescribeInstances", &[("InstanceId.1", &right)]);
    let reservation = field(&described, "reservationId");
    let mut both = [left.as_str(), &right];
    both.sort_unstable();
    let right = [right.as_str()];
    let table: [(&str, &str, &[&str]); 9] = [
        ("image-id", &new, &right),
        ("instance-id", right[0], &right),
        ("instance-state-code", "80", &right),
        ("instance-state-name", "stopped", &right),
        ("instance-type", "m5.large", &right),
        ("launch-time", "2026-01-19T*", &right),
        ("owner-id", "111122223333", &both),
        ("reservation-id", &reservation, &right),
        ("tag-key", "team", &right),
    ];
    assert_each_once(table.iter().map(|(name, ..)| *name), FILTERS);
    for (name, value, found) in table {
        let action = "DescribeInstances";
        assert_eq!(bench.found(action, (name, value), "instanceId"), found, "{name}");
        assert!(bench.found(action, (name, "none"), "instanceId").is_empty(), "{name}");
    }
    assert_eq!(
        bench.found("DescribeInstances", ("tag:team", "web"), "instanceId"),
        right
    );
}
