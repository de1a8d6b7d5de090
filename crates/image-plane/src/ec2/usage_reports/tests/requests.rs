//! What is refused, and who is.

use super::super::super::place::NewImage;
use super::super::super::testing::{Bench, Pairs};
use super::{INSTANCES, TEMPLATES, code, shared};
use crate::sts::tests::field;

#[test]
fn a_request_that_makes_no_sense_is_refused() {
    let mut bench = Bench::new();
    let image = shared(&mut bench);
    let one = ("ImageId", &*image);
    let accounts: Vec<String> = (1..=201).map(|n| format!("AccountId.{n}")).collect();
    let mut crowd: Vec<(&str, &str)> = accounts.iter().map(|name| (name.as_str(), "222233334444")).collect();
    crowd.extend([one, INSTANCES]);
    let first = |name: &'static str, value: &'static str| {
        vec![
            one,
            INSTANCES,
            TEMPLATES,
            ("ResourceType.2.ResourceTypeOption.1.OptionName", name),
            ("ResourceType.2.ResourceTypeOption.1.OptionValue.1", value),
        ]
    };
    let of_type = |kind: &'static str| vec![one, ("ResourceType.1.ResourceType", kind)];
    for (pairs, expected) in [
        (vec![INSTANCES], "MissingParameter"),
        (vec![one], "MissingParameter"),
        (vec![("ImageId", "web"), INSTANCES], "InvalidAMIID.Malformed"),
        (
            vec![("ImageId", "ami-0123456789abcdef0"), INSTANCES],
            "InvalidAMIID.NotFound",
        ),
        (vec![one, INSTANCES, ("AccountId.1", "me")], "InvalidParameterValue"),
        (crowd, "InvalidParameterValue"),
        (of_type("ssm:Parameter"), "InvalidParameterValue"),
        (of_type("imagebuilder:ImageRecipe"), "NotModelled"),
        (first("version-depth", "0"), "InvalidParameterValue"),
        (first("state-name", "running"), "InvalidParameterCombination"),
        (
            vec![
                one,
                INSTANCES,
                ("TagSpecification.1.ResourceType", "image"),
                ("TagSpecification.1.Tag.1.Key", "team"),
            ],
            "InvalidParameterValue",
        ),
    ] {
        assert_eq!(
            code(&mut bench, "CreateImageUsageReport", &pairs),
            expected,
            "{pairs:?}"
        );
    }
    for action in ["DescribeImageUsageReports", "DescribeImageUsageReportEntries"] {
        for (pair, expected) in [
            (("ReportId.1", "web"), "InvalidImageUsageReportId.Malformed"),
            (("ImageId.1", "web"), "InvalidAMIID.Malformed"),
            (("MaxResults", "0"), "InvalidParameterValue"),
            (("Filter.1.Name", "colour"), "InvalidParameterValue"),
        ] {
            assert_eq!(code(&mut bench, action, &[pair]), expected, "{action} {pair:?}");
        }
    }
}

#[test]
fn creating_a_report_is_judged_on_its_image_and_on_reports_and_deleting_one_on_its_tags() {
    let mut bench = Bench::new();
    let image = bench
        .world
        .place_image(bench.member, NewImage::named("web"))
        .to_string();
    let statement = |action: &str, resource: &str, condition: &str| {
        format!(r#"{{"Effect":"Allow","Action":"ec2:{action}","Resource":"{resource}","Condition":{condition}}}"#)
    };
    let on_image = statement(
        "CreateImageUsageReport",
        &format!("arn:aws:ec2:eu-west-1::image/{image}"),
        r#"{"StringEquals":{"ec2:Owner":"222233334444"}}"#,
    );
    let on_report = statement(
        "CreateImageUsageReport",
        "arn:aws:ec2:eu-west-1:222233334444:image-usage-report/*",
        "{}",
    );
    let tags = statement("CreateTags", "*", "{}");
    let tagged = [
        ("ImageId", &*image),
        INSTANCES,
        ("TagSpecification.1.ResourceType", "image-usage-report"),
        ("TagSpecification.1.Tag.1.Key", "team"),
        ("TagSpecification.1.Tag.1.Value", "web"),
    ];
    let call = |bench: &mut Bench, statements: &[&str], action: &str, pairs: Pairs<'_>| {
        let key = bench.role(&statements.join(","));
        bench.call_with(&key, bench.member, action, pairs)
    };
    for statements in [[&*on_image, &*on_report], [&on_image, &tags], [&on_report, &tags]] {
        let refused = call(&mut bench, &statements, "CreateImageUsageReport", &tagged);
        assert_eq!(refused.unwrap_err().0, "UnauthorizedOperation", "{statements:?}");
    }
    let all = [&*on_image, &*on_report, &*tags];
    let made = call(&mut bench, &all, "CreateImageUsageReport", &tagged).unwrap();
    let id = field(&made, "reportId");
    let report = format!("arn:aws:ec2:eu-west-1:222233334444:image-usage-report/{id}");
    for (team, expected) in [("db", Some("UnauthorizedOperation")), ("web", None)] {
        let condition = format!(r#"{{"StringEquals":{{"aws:ResourceTag/team":"{team}"}}}}"#);
        let may = statement("DeleteImageUsageReport", &report, &condition);
        let answer = call(&mut bench, &[&may], "DeleteImageUsageReport", &[("ReportId", &id)]);
        assert_eq!(answer.err().map(|(code, _)| code).as_deref(), expected, "{team}");
    }
    for action in ["DescribeImageUsageReports", "DescribeImageUsageReportEntries"] {
        let other = call(&mut bench, &all, action, &[]);
        assert_eq!(other.unwrap_err().0, "UnauthorizedOperation", "{action}");
        let this = statement(action, "*", "{}");
        assert!(call(&mut bench, &[&this], action, &[]).is_ok(), "{action}");
    }
}
