//! What a report says, and what it leaves out.

use std::time::Duration;

use super::super::super::place::NewImage;
use super::super::super::testing::Bench;
use super::{HOUR, INSTANCES, ask, entries, entry, launch, made, shared, template};
use crate::sts::tests::field;
use crate::world::Target;

#[test]
fn a_report_counts_what_uses_the_image_in_every_account_of_the_region() {
    let mut bench = Bench::new();
    let image = shared(&mut bench);
    let other = bench.image(NewImage::named("other"));
    let (hub, member) = (bench.hub, bench.member);
    launch(&mut bench, hub, &image, "1");
    launch(&mut bench, hub, &other, "4");
    launch(&mut bench, member, &image, "3");
    template(&mut bench, member, "web", &[&image, &image]);
    template(&mut bench, member, "both", &[&other, &image]);
    let elsewhere = Target {
        region: "us-east-1".parse().unwrap(),
        ..member
    };
    template(&mut bench, elsewhere, "web", &[&image]);
    let id = made(&mut bench, &image, &[]);
    assert_eq!(
        entries(&mut bench, &id),
        [
            entry(hub, "ec2:Instance", "1"),
            entry(member, "ec2:Instance", "3"),
            entry(member, "ec2:LaunchTemplate", "2"),
        ]
    );
}

#[test]
fn the_newest_uses_are_missing_by_default() {
    let mut bench = Bench::new();
    let image = shared(&mut bench);
    let member = bench.member;
    let real = crate::world::settings::Settings::default();
    let settings = bench.world.settings_mut();
    settings.instance_use_lag = real.instance_use_lag;
    settings.template_use_lag = real.template_use_lag;
    launch(&mut bench, member, &image, "2");
    template(&mut bench, member, "web", &[&image]);
    for (hours, found) in [(0, 0), (23, 0), (2, 1), (46, 1), (2, 2)] {
        bench.pass(HOUR * hours);
        let id = made(&mut bench, &image, &[]);
        assert_eq!(entries(&mut bench, &id).len(), found, "{hours} hours later");
    }
}

#[test]
fn a_new_version_of_an_old_template_does_not_hide_what_the_version_before_names() {
    let mut bench = Bench::new();
    let (image, other) = (shared(&mut bench), bench.image(NewImage::named("other")));
    let member = bench.member;
    template(&mut bench, member, "web", &[&image]);
    bench.pass(HOUR * 80);
    bench.world.settings_mut().template_use_lag = HOUR * 72;
    let next = [("LaunchTemplateName", "web"), ("LaunchTemplateData.ImageId", &*other)];
    bench.call_as(member, "CreateLaunchTemplateVersion", &next).unwrap();
    let depth = [
        ("ResourceType.2.ResourceTypeOption.1.OptionName", "version-depth"),
        ("ResourceType.2.ResourceTypeOption.1.OptionValue.1", "1"),
    ];
    let id = made(&mut bench, &image, &depth);
    assert_eq!(entries(&mut bench, &id), [entry(member, "ec2:LaunchTemplate", "1")]);
    let answer = bench.ok("DescribeImageUsageReports", &[("ReportId.1", &id)]);
    assert_eq!(field(&answer, "optionName"), "version-depth");
    assert_eq!(field(&answer, "optionValueSet"), "<item>1</item>");
    let id = made(&mut bench, &other, &depth);
    assert!(entries(&mut bench, &id).is_empty());
}

#[test]
fn launch_templates_are_looked_at_twenty_versions_deep_unless_a_depth_is_named() {
    let mut bench = Bench::new();
    let (image, other) = (shared(&mut bench), bench.image(NewImage::named("other")));
    let member = bench.member;
    let mut images = vec![&*image];
    images.extend([&*other; 20]);
    template(&mut bench, member, "web", &images);
    let id = made(&mut bench, &image, &[]);
    assert!(entries(&mut bench, &id).is_empty());
    let deeper = [
        ("ResourceType.2.ResourceTypeOption.1.OptionName", "version-depth"),
        ("ResourceType.2.ResourceTypeOption.1.OptionValue.1", "21"),
    ];
    let id = made(&mut bench, &image, &deeper);
    assert_eq!(entries(&mut bench, &id).len(), 1);
}

#[test]
fn a_use_that_has_ended_is_missing() {
    let mut bench = Bench::new();
    let image = shared(&mut bench);
    let member = bench.member;
    let ended = launch(&mut bench, member, &image, "1").remove(0);
    bench.pass(Duration::from_mins(1));
    bench
        .call_as(member, "TerminateInstances", &[("InstanceId.1", &ended)])
        .unwrap();
    bench.pass(HOUR * 2);
    let id = made(&mut bench, &image, &[]);
    assert!(entries(&mut bench, &id).is_empty());
}

#[test]
fn a_report_stays_as_it_was_made() {
    let mut bench = Bench::new();
    let image = shared(&mut bench);
    let member = bench.member;
    let id = ask(&mut bench, &image, &[]);
    launch(&mut bench, member, &image, "1");
    bench.pass(HOUR);
    assert!(entries(&mut bench, &id).is_empty());
}

#[test]
fn a_report_is_about_the_accounts_and_types_it_was_asked_about() {
    let mut bench = Bench::new();
    let image = shared(&mut bench);
    let (hub, member) = (bench.hub, bench.member);
    for who in [hub, member] {
        launch(&mut bench, who, &image, "1");
        template(&mut bench, who, "web", &[&image]);
    }
    let id = made(&mut bench, &image, &[("AccountId.1", "222233334444")]);
    assert_eq!(
        entries(&mut bench, &id),
        [
            entry(member, "ec2:Instance", "1"),
            entry(member, "ec2:LaunchTemplate", "1")
        ]
    );
    let answer = bench.ok("CreateImageUsageReport", &[("ImageId", &image), INSTANCES]);
    bench.pass(Duration::from_mins(2));
    assert_eq!(
        entries(&mut bench, &field(&answer, "reportId")),
        [entry(hub, "ec2:Instance", "1"), entry(member, "ec2:Instance", "1")]
    );
}

#[test]
fn a_public_image_has_reports_like_any_other() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web").public());
    let member = bench.member;
    launch(&mut bench, member, &image, "1");
    let id = made(&mut bench, &image, &[]);
    assert_eq!(entries(&mut bench, &id), [entry(member, "ec2:Instance", "1")]);
}
