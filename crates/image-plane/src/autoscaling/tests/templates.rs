//! Launches from templates, alone and under a policy.

use super::*;

const NAME: &str = "LaunchTemplate.LaunchTemplateName";
const VERSION: &str = "LaunchTemplate.Version";

/// What EC2 tells of the group's instances: these elements of theirs, in the order of the launches.
fn of_instances(bench: &mut Bench, element: &str) -> Vec<String> {
    let instances = bench.instances();
    let mut found = Vec::new();
    for instance in &instances {
        let xml = bench.ec2.ok("DescribeInstances", &[("InstanceId.1", instance)]);
        found.extend(fields(&xml, element));
    }
    found
}

/// Creates the group `web` from this, with one instance.
fn group_of(bench: &mut Bench, source: Pairs<'_>) {
    bench.ok(
        "CreateAutoScalingGroup",
        &from(&[source, &[("DesiredCapacity", "1")]].concat()),
    );
    bench.pass(60);
}

#[test]
fn an_instance_carries_its_template_in_its_tags_and_its_group_s_tags_over_the_template_s() {
    let mut bench = Bench::new();
    let image = bench.image.clone();
    let tagged = [
        ("LaunchTemplateName", "web"),
        ("LaunchTemplateData.ImageId", &image),
        ("LaunchTemplateData.InstanceType", "t3.small"),
        ("LaunchTemplateData.TagSpecification.1.ResourceType", "instance"),
        ("LaunchTemplateData.TagSpecification.1.Tag.1.Key", "team"),
        ("LaunchTemplateData.TagSpecification.1.Tag.1.Value", "template"),
        ("LaunchTemplateData.TagSpecification.1.Tag.2.Key", "tier"),
        ("LaunchTemplateData.TagSpecification.1.Tag.2.Value", "front"),
    ];
    let id = field(&bench.ec2.ok("CreateLaunchTemplate", &tagged), "launchTemplateId");
    let source = [
        (NAME, "web"),
        (VERSION, "$Latest"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "group"),
        ("Tags.member.1.PropagateAtLaunch", "true"),
    ];
    group_of(&mut bench, &source);
    let instance = field(&bench.described(), "Instances");
    let written = format!(
        "<LaunchTemplate><LaunchTemplateId>{id}</LaunchTemplateId><LaunchTemplateName>web</LaunchTemplateName><Version>1</Version></LaunchTemplate>"
    );
    assert!(instance.contains(&written), "{instance}");
    assert_eq!(field(&instance, "InstanceType"), "t3.small");
    assert_eq!(of_instances(&mut bench, "imageId"), [image]);
    assert_eq!(
        of_instances(&mut bench, "key"),
        [
            "team",
            "tier",
            "aws:ec2launchtemplate:id",
            "aws:ec2launchtemplate:version",
            "aws:autoscaling:groupName"
        ]
    );
    assert_eq!(of_instances(&mut bench, "value"), ["group", "front", &id, "1", "web"]);
}

#[test]
fn a_group_launches_the_version_that_is_latest_or_default_at_the_launch() {
    for (version, after) in [("$Latest", "2"), ("$Default", "1"), ("1", "1")] {
        let mut bench = Bench::new();
        let (old, new) = (bench.image.clone(), bench.ec2.image(NewImage::named("web-2")));
        bench.template("web", &old);
        group_of(&mut bench, &[(NAME, "web"), (VERSION, version)]);
        bench.version("web", &new);
        bench.set("2");
        bench.pass(60);
        let instances = field(&bench.described(), "Instances");
        assert_eq!(fields(&instances, "Version"), ["1", after], "{version}");
        let second = if after == "2" { new } else { old.clone() };
        assert_eq!(of_instances(&mut bench, "imageId"), [old, second], "{version}");
    }
}

#[test]
fn an_instance_of_an_old_version_goes_first_and_is_what_a_refresh_replaces() {
    let mut bench = Bench::new();
    let (old, new) = (bench.image.clone(), bench.ec2.image(NewImage::named("web-2")));
    bench.template("web", &old);
    group_of(&mut bench, &[(NAME, "web"), (VERSION, "$Latest")]);
    bench.version("web", &new);
    bench.set("2");
    bench.pass(60);
    let refresh = [ITS_NAME, ("Preferences.SkipMatching", "true")];
    let before = bench.instances();
    bench.ok("StartInstanceRefresh", &refresh);
    bench.pass(400);
    assert_eq!(of_instances(&mut bench, "imageId"), [new.clone(), new.clone()]);
    assert_eq!(bench.instances()[0], before[1]);
    bench.version("web", &old);
    bench.set("3");
    bench.pass(60);
    bench.set("1");
    bench.pass(120);
    assert_eq!(of_instances(&mut bench, "imageId"), [old]);
}

#[test]
fn a_template_s_parameter_is_looked_up_at_each_launch() {
    let mut bench = Bench::new();
    let (old, new) = (bench.image.clone(), bench.ec2.image(NewImage::named("web-2")));
    let hub = bench.ec2.hub;
    bench.ec2.world.put_parameter(hub, "/golden/web", &old);
    bench.template("web", "resolve:ssm:/golden/web");
    group_of(&mut bench, &[(NAME, "web")]);
    bench.ec2.world.put_parameter(hub, "/golden/web", &new);
    bench.set("2");
    bench.pass(60);
    assert_eq!(of_instances(&mut bench, "imageId"), [old, new]);
}

#[test]
fn a_policy_launches_by_its_first_override_with_that_one_s_own_template_or_image() {
    let base = (
        "MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateName",
        "base",
    );
    let kind = (
        "MixedInstancesPolicy.LaunchTemplate.Overrides.member.1.InstanceType",
        "m5.large",
    );
    let other = (
        "MixedInstancesPolicy.LaunchTemplate.Overrides.member.1.LaunchTemplateSpecification.LaunchTemplateName",
        "other",
    );
    let weight = (
        "MixedInstancesPolicy.LaunchTemplate.Overrides.member.1.WeightedCapacity",
        "3",
    );
    let image = "MixedInstancesPolicy.LaunchTemplate.Overrides.member.1.ImageId";
    let images = || {
        let mut bench = Bench::new();
        let three = [
            bench.image.clone(),
            bench.ec2.image(NewImage::named("other")),
            bench.ec2.image(NewImage::named("own")),
        ];
        bench.template("base", &three[0]);
        bench.template("other", &three[1]);
        (bench, three)
    };
    for (overrides, with_image, (launched, name, of_type)) in [
        (&[][..], false, (0, "base", "m1.small")),
        (&[kind], false, (0, "base", "m5.large")),
        (&[kind, other, weight], false, (1, "other", "m5.large")),
        (&[other], true, (2, "other", "m1.small")),
        (&[kind], true, (2, "base", "m5.large")),
    ] {
        let (mut bench, images) = images();
        let own = with_image.then_some((image, images[2].as_str()));
        let source: Vec<_> = [base].iter().chain(overrides).copied().chain(own).collect();
        group_of(&mut bench, &source);
        bench.set("2");
        bench.pass(60);
        let count = if overrides.contains(&weight) { 1 } else { 2 };
        let told = field(&bench.described(), "Instances");
        assert_eq!(fields(&told, "LaunchTemplateName"), vec![name; count]);
        assert_eq!(fields(&told, "InstanceType"), vec![of_type; count]);
        assert_eq!(
            of_instances(&mut bench, "imageId"),
            vec![images[launched].clone(); count]
        );
    }
}

#[test]
fn a_template_that_is_not_there_or_launches_nothing_is_refused_even_for_a_group_without_instances() {
    let mut bench = Bench::new();
    let image = bench.image.clone();
    bench.template("web", &image);
    bench.template("gone", "ami-00000000000000001");
    bench.template("late", "resolve:ssm:/none");
    let typed = [
        ("LaunchTemplateName", "bare"),
        ("LaunchTemplateData.InstanceType", "t3.micro"),
    ];
    bench.ec2.ok("CreateLaunchTemplate", &typed);
    bench.ec2.ok(
        "CreateLaunchTemplate",
        &[
            ("LaunchTemplateName", "arm"),
            ("LaunchTemplateData.ImageId", &image),
            ("LaunchTemplateData.InstanceType", "t4g.micro"),
        ],
    );
    let id = "LaunchTemplate.LaunchTemplateId";
    let missing = "lt-00000000000000000";
    let base = "MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateName";
    let other = "MixedInstancesPolicy.LaunchTemplate.Overrides.member.2.LaunchTemplateSpecification.LaunchTemplateName";
    let kind = "MixedInstancesPolicy.LaunchTemplate.Overrides.member.1.InstanceType";
    for (bad, said) in [
        (
            &[(id, missing)][..],
            "with template ID lt-00000000000000000, does not exist",
        ),
        (&[(id, "lt-1")], "Invalid id"),
        (&[(NAME, "none")], "with template name none, does not exist"),
        (
            &[(NAME, "web"), (VERSION, "2")],
            "Could not find the specified version 2",
        ),
        (
            &[(NAME, "gone")],
            "The image id '[ami-00000000000000001]' does not exist",
        ),
        (&[(NAME, "late")], "The parameter /none was not found"),
        (&[(NAME, "bare")], "ImageId"),
        (&[(NAME, "arm")], "architecture"),
        (&[(base, "none")], "with template name none, does not exist"),
        (
            &[(base, "none"), (kind, "t3.micro"), (other, "web")],
            "with template name none",
        ),
        (
            &[(base, "web"), (kind, "t3.micro"), (other, "none")],
            "with template name none",
        ),
    ] {
        let (code, message) = bench.refused("CreateAutoScalingGroup", &from(bad));
        assert_eq!(code, "ValidationError", "{message}");
        assert!(
            message.starts_with("You must use a valid fully-formed launch template. ") && message.contains(said),
            "{message}"
        );
    }
    bench.configuration("lc");
    bench.group(&[]);
    bench.refused("UpdateAutoScalingGroup", &[ITS_NAME, (NAME, "gone")]);
    let desired = ("DesiredConfiguration.LaunchTemplate.LaunchTemplateName", "gone");
    bench.refused("StartInstanceRefresh", &[ITS_NAME, desired]);
}

#[test]
fn a_template_that_goes_later_fails_launches_and_no_call() {
    let mut bench = Bench::new();
    let image = bench.image.clone();
    bench.template("web", &image);
    group_of(&mut bench, &[(NAME, "web")]);
    bench.ec2.ok("DeleteLaunchTemplate", &[("LaunchTemplateName", "web")]);
    bench.set("2");
    bench.pass(60);
    assert_eq!(bench.states(), ["InService"]);
    let message = field(&bench.activities(), "StatusMessage");
    assert!(
        message.contains("web, does not exist") && message.ends_with("Launching EC2 instance failed."),
        "{message}"
    );
}

#[test]
fn a_group_whose_version_was_deleted_launches_nothing_more_and_says_so() {
    let mut bench = Bench::new();
    let image = bench.image.clone();
    bench.template("web", &image);
    bench.version("web", &image);
    bench.version("web", &image);
    group_of(&mut bench, &[(NAME, "web"), (VERSION, "2")]);
    let deleted = bench.ec2.ok(
        "DeleteLaunchTemplateVersions",
        &[("LaunchTemplateName", "web"), ("LaunchTemplateVersion.1", "2")],
    );
    assert!(!deleted.contains("responseError"), "{deleted}");
    bench.set("2");
    bench.pass(60);
    assert_eq!(bench.states(), ["InService"]);
    let message = field(&bench.activities(), "StatusMessage");
    assert!(
        message.contains("Could not find the specified version 2")
            && message.ends_with("Launching EC2 instance failed."),
        "{message}"
    );
}

#[test]
fn a_template_that_was_just_made_may_not_be_found_yet() {
    let mut bench = Bench::new();
    let image = bench.image.clone();
    bench.ec2.world.settings_mut().read_lag = Duration::from_secs(5);
    let create = |bench: &mut Bench, name: &str| {
        let hub = bench.ec2.hub;
        let pairs = [&[("AutoScalingGroupName", name), (NAME, name)], &SOME[2..]].concat();
        bench.call_by(&root(&hub.account.to_string()), hub, "CreateAutoScalingGroup", &pairs)
    };
    let mut late = Vec::new();
    for n in 0..20 {
        let name = format!("web-{n}");
        bench.template(&name, &image);
        bench.pass(2);
        late.extend(create(&mut bench, &name).is_err().then_some(name));
    }
    assert!((1..20).contains(&late.len()), "{late:?}");
    bench.pass(10);
    for name in late {
        create(&mut bench, &name).unwrap();
    }
}
