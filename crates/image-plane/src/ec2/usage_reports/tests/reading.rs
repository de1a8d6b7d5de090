//! Filters and pages.

use super::super::super::place::NewImage;
use super::super::super::testing::{Bench, assert_each_once, fields};
use super::super::{describe, describe_entries};
use super::{HOUR, ask, launch, made, shared, template};
use crate::sts::tests::field;

#[test]
fn every_filter_of_reports_finds_those_that_have_its_value_and_no_others() {
    let mut bench = Bench::new();
    let (old, new) = (shared(&mut bench), bench.image(NewImage::named("new")));
    let tag = [
        ("TagSpecification.1.ResourceType", "image-usage-report"),
        ("TagSpecification.1.Tag.1.Key", "team"),
        ("TagSpecification.1.Tag.1.Value", "web"),
    ];
    ask(&mut bench, &old, &[]);
    bench.pass(HOUR * 24);
    let right = [ask(&mut bench, &new, &tag)];
    let action = "DescribeImageUsageReports";
    let table = [
        ("creation-time", "2026-01-19T*"),
        ("state", "pending"),
        ("tag-key", "team"),
    ];
    assert_each_once(table.iter().map(|(name, _)| *name), describe::FILTERS);
    for (name, value) in table.into_iter().chain([("tag:team", "web")]) {
        assert_eq!(bench.found(action, (name, value), "reportId"), right, "{name}");
        assert!(bench.found(action, (name, "none"), "reportId").is_empty(), "{name}");
    }
}

#[test]
fn every_filter_of_entries_finds_those_that_have_its_value_and_no_others() {
    let mut bench = Bench::new();
    let image = shared(&mut bench);
    let (hub, member) = (bench.hub, bench.member);
    launch(&mut bench, hub, &image, "1");
    made(&mut bench, &image, &[]);
    bench.pass(HOUR * 24);
    template(&mut bench, member, "web", &[&image]);
    made(&mut bench, &image, &[("AccountId.1", "222233334444")]);
    let action = "DescribeImageUsageReportEntries";
    let table = [
        ("account-id", "222233334444"),
        ("creation-time", "2026-01-19T*"),
        ("resource-type", "ec2:LaunchTemplate"),
    ];
    assert_each_once(table.iter().map(|(name, _)| *name), describe_entries::FILTERS);
    for (name, value) in table {
        let found = bench.found(action, (name, value), "accountId");
        assert_eq!(found, ["222233334444"], "{name}");
        assert!(bench.found(action, (name, "none"), "accountId").is_empty(), "{name}");
    }
}

#[test]
fn pages_of_entries_lead_to_the_end() {
    let mut bench = Bench::new();
    let image = shared(&mut bench);
    let (hub, member) = (bench.hub, bench.member);
    for who in [hub, member] {
        launch(&mut bench, who, &image, "1");
        template(&mut bench, who, "web", &[&image]);
    }
    made(&mut bench, &image, &[]);
    made(&mut bench, &image, &[]);
    for (action, element, count) in [
        ("DescribeImageUsageReportEntries", "usageCount", 8),
        ("DescribeImageUsageReports", "state", 2),
    ] {
        let (mut found, mut token) = (0, String::new());
        loop {
            let mut pairs = vec![("ImageId.1", &*image), ("MaxResults", "1")];
            if !token.is_empty() {
                pairs.push(("NextToken", &token));
            }
            let answer = bench.ok(action, &pairs);
            found += fields(&answer, element).len();
            token = field(&answer, "nextToken");
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(found, count, "{action}");
    }
}
