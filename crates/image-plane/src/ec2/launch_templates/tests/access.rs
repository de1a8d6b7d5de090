//! What a role must be allowed: the action, the template, and what the template brings along.

use super::super::super::place::NewImage;
use super::super::super::testing::{Bench, Pairs};
use crate::sts::tests::field;

const ARN: &str = "arn:aws:ec2:eu-west-1:222233334444:launch-template";

/// A statement that allows actions on resources.
fn allow(actions: &str, resource: &str) -> String {
    let quoted: Vec<_> = actions.split(' ').map(|action| format!("\"{action}\"")).collect();
    format!(
        r#"{{"Effect":"Allow","Action":[{}],"Resource":"{resource}"}}"#,
        quoted.join(",")
    )
}

/// The code a member's role with these statements is answered, `done` where it is.
fn code(bench: &mut Bench, statements: &[String], action: &str, pairs: Pairs<'_>) -> String {
    let key = bench.role(&statements.join(","));
    bench
        .call_with(&key, bench.member, action, pairs)
        .map_or_else(|(code, _)| code, |_| "done".to_owned())
}

/// A template of the member's with these data.
fn template(bench: &mut Bench, data: Pairs<'_>) -> String {
    let mut pairs = vec![("LaunchTemplateName", "web")];
    pairs.extend_from_slice(data);
    let made = bench.call_as(bench.member, "CreateLaunchTemplate", &pairs).unwrap();
    field(&made, "launchTemplateId")
}

#[test]
fn a_role_reads_what_images_are_launched_from_only_if_it_may() {
    let mut bench = Bench::new();
    let versions = ("LaunchTemplateVersion.1", "$Latest");
    for (action, pairs) in [
        ("DescribeLaunchTemplates", vec![]),
        ("DescribeLaunchTemplateVersions", vec![versions]),
        ("DescribeFleets", vec![]),
        ("DescribeSpotFleetRequests", vec![]),
        ("DescribeSpotInstanceRequests", vec![]),
    ] {
        let other = [allow("ec2:DescribeImages", "*")];
        assert_eq!(code(&mut bench, &other, action, &pairs), "UnauthorizedOperation");
        let this = [allow(&format!("ec2:{action}"), "*")];
        assert_eq!(code(&mut bench, &this, action, &pairs), "done");
    }
}

#[test]
fn a_role_bound_to_one_template_changes_no_other() {
    let mut bench = Bench::new();
    let id = template(&mut bench, &[("LaunchTemplateData.ImageId", "ami-1")]);
    let pairs = [("LaunchTemplateName", "web"), ("LaunchTemplateData.ImageId", "ami-2")];
    let action = "CreateLaunchTemplateVersion";
    let other = [allow("ec2:*", &format!("{ARN}/lt-00000000000000000"))];
    assert_eq!(code(&mut bench, &other, action, &pairs), "UnauthorizedOperation");
    let this = [allow("ec2:*", &format!("{ARN}/{id}"))];
    assert_eq!(code(&mut bench, &this, action, &pairs), "done");
    let tagged = [String::from(
        r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"web"}}}"#,
    )];
    assert_eq!(code(&mut bench, &tagged, action, &pairs), "UnauthorizedOperation");
    let tag = [("ResourceId.1", &*id), ("Tag.1.Key", "team"), ("Tag.1.Value", "web")];
    bench.call_as(bench.member, "CreateTags", &tag).unwrap();
    assert_eq!(code(&mut bench, &tagged, action, &pairs), "done");
}

#[test]
fn a_launch_is_judged_by_its_templates_image_and_tags() {
    let mut bench = Bench::new();
    let image = bench
        .world
        .place_image(bench.member, NewImage::named("web"))
        .to_string();
    let id = template(
        &mut bench,
        &[
            ("LaunchTemplateData.ImageId", &image),
            ("LaunchTemplateData.TagSpecification.1.ResourceType", "instance"),
            ("LaunchTemplateData.TagSpecification.1.Tag.1.Key", "team"),
            ("LaunchTemplateData.TagSpecification.1.Tag.1.Value", "web"),
        ],
    );
    let pairs = [
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("LaunchTemplate.LaunchTemplateId", &*id),
    ];
    let on = |resource: String| allow("ec2:RunInstances", &resource);
    let statements = [
        on(format!("{ARN}/*")),
        on(String::from("arn:aws:ec2:eu-west-1:222233334444:instance/*")),
        on(format!("arn:aws:ec2:eu-west-1::image/{image}")),
        allow("ec2:CreateTags", "*"),
    ];
    assert_eq!(code(&mut bench, &statements, "RunInstances", &pairs), "done");
    for missing in 0..statements.len() {
        let mut fewer = statements.to_vec();
        fewer.remove(missing);
        assert_eq!(
            code(&mut bench, &fewer, "RunInstances", &pairs),
            "UnauthorizedOperation",
            "without {}",
            statements[missing]
        );
    }
}

#[test]
fn whoever_has_an_alias_resolved_must_be_allowed_to_read_its_parameter() {
    let mut bench = Bench::new();
    let image = bench
        .world
        .place_image(bench.member, NewImage::named("web"))
        .to_string();
    bench.world.put_parameter(bench.member, "/golden/web", &image);
    let alias = "resolve:ssm:/golden/web:1";
    let id = template(&mut bench, &[("LaunchTemplateData.ImageId", alias)]);
    let counts = [("MinCount", "1"), ("MaxCount", "1")];
    let versions = ("LaunchTemplateVersion.1", "$Latest");
    for (action, pairs) in [
        ("RunInstances", vec![counts[0], counts[1], ("ImageId", alias)]),
        (
            "RunInstances",
            vec![counts[0], counts[1], ("LaunchTemplate.LaunchTemplateId", &id)],
        ),
        (
            "DescribeLaunchTemplateVersions",
            vec![versions, ("ResolveAlias", "true")],
        ),
    ] {
        let ec2 = allow("ec2:*", "*");
        let parameter = |name: &str| {
            allow(
                "ssm:GetParameters",
                &format!("arn:aws:ssm:eu-west-1:222233334444:parameter/{name}"),
            )
        };
        let other = [ec2.clone(), parameter("golden/other")];
        assert_eq!(
            code(&mut bench, &other, action, &pairs),
            "UnauthorizedOperation",
            "{action}"
        );
        let this = [ec2, parameter("golden/web")];
        assert_eq!(code(&mut bench, &this, action, &pairs), "done", "{action}");
    }
    let plain = [allow("ec2:*", "*")];
    let asked = [versions];
    assert_eq!(
        code(&mut bench, &plain, "DescribeLaunchTemplateVersions", &asked),
        "done"
    );
}

#[test]
fn a_fleet_is_judged_as_a_fleet_and_by_its_template() {
    let mut bench = Bench::new();
    let image = bench
        .world
        .place_image(bench.member, NewImage::named("web"))
        .to_string();
    let id = template(&mut bench, &[("LaunchTemplateData.ImageId", &image)]);
    let pairs = [
        (
            "LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateId",
            &*id,
        ),
        ("LaunchTemplateConfigs.1.LaunchTemplateSpecification.Version", "1"),
        ("TargetCapacitySpecification.TotalTargetCapacity", "1"),
    ];
    let fleet = allow("ec2:CreateFleet", "arn:aws:ec2:eu-west-1:222233334444:fleet/*");
    let from = |id: &str| allow("ec2:CreateFleet", &format!("{ARN}/{id}"));
    let other = [fleet.clone(), from("lt-00000000000000000")];
    assert_eq!(code(&mut bench, &other, "CreateFleet", &pairs), "UnauthorizedOperation");
    assert_eq!(code(&mut bench, &[fleet, from(&id)], "CreateFleet", &pairs), "done");
}
