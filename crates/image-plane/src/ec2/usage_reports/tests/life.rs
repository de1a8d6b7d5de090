//! From a request until a report is gone.

use std::time::Duration;

use super::super::super::place::NewImage;
use super::super::super::testing::{Bench, fields};
use super::{HOUR, INSTANCES, ask, code, entries, entry, launch, made, shared};
use crate::sts::tests::field;

#[test]
fn a_report_is_pending_first_and_says_nothing_until_it_is_available() {
    let mut bench = Bench::new();
    let image = shared(&mut bench);
    let member = bench.member;
    launch(&mut bench, member, &image, "1");
    let id = ask(&mut bench, &image, &[("AccountId.1", "222233334444")]);
    let state = |bench: &mut Bench| {
        let answer = bench.ok("DescribeImageUsageReports", &[("ReportId.1", &id)]);
        field(&answer, "state")
    };
    assert_eq!(state(&mut bench), "pending");
    assert!(entries(&mut bench, &id).is_empty());
    bench.pass(Duration::from_mins(2));
    assert_eq!(state(&mut bench), "available");
    assert_eq!(entries(&mut bench, &id), [entry(member, "ec2:Instance", "1")]);
    let answer = bench.ok("DescribeImageUsageReports", &[("ImageId.1", &image)]);
    for (element, value) in [
        ("imageId", image.as_str()),
        ("reportId", &id),
        ("accountIdSet", "<item>222233334444</item>"),
        ("creationTime", "2026-01-18T17:50:56.789Z"),
        ("expirationTime", "2026-02-17T17:50:56.789Z"),
    ] {
        assert_eq!(field(&answer, element), value, "{element}");
    }
}

#[test]
fn a_report_can_end_in_an_error_that_says_why() {
    let mut bench = Bench::new();
    let image = shared(&mut bench);
    let (hub, named) = (bench.hub, image.parse().unwrap());
    launch(&mut bench, hub, &image, "1");
    bench.world.spoil_usage_report(hub.region, named, "InternalError");
    let id = made(&mut bench, &image, &[]);
    let answer = bench.ok("DescribeImageUsageReports", &[("ReportId.1", &id)]);
    assert_eq!(field(&answer, "state"), "error");
    assert_eq!(field(&answer, "stateReason"), "InternalError");
    assert!(entries(&mut bench, &id).is_empty());
    let next = made(&mut bench, &image, &[]);
    assert_eq!(entries(&mut bench, &next).len(), 1);
}

#[test]
fn only_an_images_owner_gets_a_report_and_sees_it() {
    let mut bench = Bench::new();
    let image = shared(&mut bench);
    let private = bench.image(NewImage::named("private"));
    let member = bench.member;
    for (image, expected) in [(&image, "AuthFailure"), (&private, "InvalidAMIID.NotFound")] {
        let pairs = [("ImageId", &**image), INSTANCES];
        let refused = bench.call_as(member, "CreateImageUsageReport", &pairs).unwrap_err();
        assert_eq!(refused.0, expected);
    }
    let id = made(&mut bench, &image, &[]);
    let not_found = "InvalidImageUsageReportId.NotFound";
    for (action, named) in [
        ("DescribeImageUsageReports", "ReportId.1"),
        ("DescribeImageUsageReportEntries", "ReportId.1"),
        ("DeleteImageUsageReport", "ReportId"),
    ] {
        let refused = bench.call_as(member, action, &[(named, &id)]).unwrap_err();
        assert_eq!(refused.0, not_found, "{action}");
    }
    let listed = bench.call_as(member, "DescribeImageUsageReports", &[]).unwrap();
    assert!(fields(&listed, "reportId").is_empty());
}

#[test]
fn a_repeated_token_makes_one_report_and_another_request_is_refused() {
    let mut bench = Bench::new();
    let image = shared(&mut bench);
    let token = ("ClientToken", "one");
    let id = ask(&mut bench, &image, &[token]);
    assert_eq!(ask(&mut bench, &image, &[token]), id);
    bench.pass(HOUR);
    assert_eq!(ask(&mut bench, &image, &[token]), id);
    let other = [("ImageId", &*image), INSTANCES, token];
    assert_eq!(
        code(&mut bench, "CreateImageUsageReport", &other),
        "IdempotentParameterMismatch"
    );
}

#[test]
fn an_image_has_one_pending_report_at_a_time_and_an_account_two_thousand() {
    let mut bench = Bench::new();
    let image = shared(&mut bench);
    ask(&mut bench, &image, &[]);
    let again = [("ImageId", &*image), INSTANCES];
    assert_eq!(
        code(&mut bench, "CreateImageUsageReport", &again),
        "ResourceLimitExceeded"
    );
    for n in 1..2000 {
        let image = bench.image(NewImage::named(&format!("web-{n}")));
        bench.ok("CreateImageUsageReport", &[("ImageId", &image), INSTANCES]);
    }
    let last = bench.image(NewImage::named("last"));
    let one_more = [("ImageId", &*last), INSTANCES];
    assert_eq!(
        code(&mut bench, "CreateImageUsageReport", &one_more),
        "ResourceLimitExceeded"
    );
    bench.pass(Duration::from_mins(2));
    bench.ok("CreateImageUsageReport", &one_more);
    ask(&mut bench, &image, &[]);
}

#[test]
fn a_report_is_gone_after_thirty_days_or_when_it_is_deleted() {
    let mut bench = Bench::new();
    let image = shared(&mut bench);
    let deleted = made(&mut bench, &image, &[]);
    let answer = bench.ok("DeleteImageUsageReport", &[("ReportId", &deleted)]);
    assert_eq!(field(&answer, "return"), "true");
    let not_found = "InvalidImageUsageReportId.NotFound";
    assert_eq!(
        code(&mut bench, "DeleteImageUsageReport", &[("ReportId", &deleted)]),
        not_found
    );
    let kept = made(&mut bench, &image, &[]);
    bench.pass(HOUR * (24 * 30 - 1) + Duration::from_mins(57));
    let named = [("ReportId.1", &*kept)];
    bench.ok("DescribeImageUsageReportEntries", &named);
    bench.pass(Duration::from_mins(1));
    assert_eq!(code(&mut bench, "DescribeImageUsageReportEntries", &named), not_found);
    let listed = bench.ok("DescribeImageUsageReports", &[("ImageId.1", &image)]);
    assert!(fields(&listed, "reportId").is_empty());
    let region = bench.hub.region;
    assert!(bench.world.ec2.plane(region).usage_reports.is_empty());
}

#[test]
fn a_stale_reader_does_not_find_the_newest_report() {
    let mut bench = Bench::new();
    let image = shared(&mut bench);
    bench.world.settings_mut().read_lag = Duration::from_secs(30);
    bench.pass(HOUR);
    let id = ask(&mut bench, &image, &[]);
    let named = [("ReportId.1", &*id)];
    let not_found = "InvalidImageUsageReportId.NotFound";
    assert_eq!(code(&mut bench, "DescribeImageUsageReports", &named), not_found);
    bench.pass(Duration::from_secs(31));
    bench.ok("DescribeImageUsageReports", &named);
}

#[test]
fn reports_are_throttled_as_ec2s_other_changes_are() {
    let mut bench = Bench::new();
    let images: Vec<String> = (0..51)
        .map(|n| bench.image(NewImage::named(&format!("web-{n}"))))
        .collect();
    bench.world.settings_mut().throttling = true;
    for image in &images[..50] {
        bench.ok("CreateImageUsageReport", &[("ImageId", image), INSTANCES]);
    }
    let last = [("ImageId", &*images[50]), INSTANCES];
    assert_eq!(
        code(&mut bench, "CreateImageUsageReport", &last),
        "RequestLimitExceeded"
    );
}
