//! What groups launch: configurations, templates, policies.

use super::*;

#[test]
fn a_launch_configuration_is_described_as_it_was_created_and_a_name_is_taken_once() {
    let mut bench = Bench::new();
    bench.configuration("lc");
    let xml = bench.ok("DescribeLaunchConfigurations", &[]);
    assert_eq!(field(&xml, "ImageId"), bench.image);
    assert_eq!(field(&xml, "InstanceType"), "t3.micro");
    assert!(field(&xml, "LaunchConfigurationARN").ends_with(":launchConfigurationName/lc"));
    let image = bench.image.clone();
    let again = [
        ("LaunchConfigurationName", "lc"),
        ("ImageId", image.as_str()),
        ("InstanceType", "t3.micro"),
    ];
    assert_eq!(bench.refused("CreateLaunchConfiguration", &again).0, "AlreadyExists");
}

#[test]
fn a_launch_configuration_needs_an_image_the_account_can_describe() {
    let mut bench = Bench::new();
    let with = |image: &str| {
        [
            ("LaunchConfigurationName", "lc"),
            ("ImageId", image),
            ("InstanceType", "t3.micro"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let image = bench.image.clone();
    let member = bench.ec2.member;
    let key = root(&member.account.to_string());
    let sent = with(&image);
    let pairs: Vec<_> = sent
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let refused = bench
        .call_by(&key, member, "CreateLaunchConfiguration", &pairs)
        .unwrap_err();
    assert_eq!(refused, validation("AMI cannot be described"));
    let refused = bench.refused("CreateLaunchConfiguration", &[("LaunchConfigurationName", "lc")]);
    assert!(refused.1.contains("both the ImageId and InstanceType"), "{}", refused.1);
}

#[test]
fn a_launch_configuration_stays_while_a_group_uses_it() {
    let mut bench = Bench::with_group("0");
    let name = [("LaunchConfigurationName", "lc")];
    assert_eq!(
        bench.refused("DeleteLaunchConfiguration", &name),
        (
            String::from("ResourceInUse"),
            String::from("Cannot delete launch configuration lc because it is attached to AutoScalingGroup web")
        )
    );
    bench.configuration("lc-2");
    bench.ok(
        "UpdateAutoScalingGroup",
        &[ITS_NAME, ("LaunchConfigurationName", "lc-2")],
    );
    bench.ok("DeleteLaunchConfiguration", &name);
    assert_eq!(
        bench.refused("DeleteLaunchConfiguration", &name).1,
        "Launch configuration name not found - A launch configuration with the name: lc does not exist"
    );
    let xml = bench.ok("DescribeLaunchConfigurations", &[]);
    assert_eq!(fields(&xml, "LaunchConfigurationName"), ["lc-2"]);
}

#[test]
fn a_request_says_exactly_once_what_to_launch() {
    let mut bench = Bench::new();
    let rest = &SOME[2..];
    let nothing = [&[ITS_NAME], rest].concat();
    let twice = [SOME, &[("LaunchTemplate.LaunchTemplateName", "t")]].concat();
    for pairs in [nothing, twice] {
        let refused = bench.refused("CreateAutoScalingGroup", &pairs);
        assert!(
            refused
                .1
                .starts_with("Valid requests must contain either LaunchTemplate"),
            "{}",
            refused.1
        );
    }
    let unknown = bench.refused("CreateAutoScalingGroup", SOME);
    assert!(
        unknown.1.starts_with("Launch configuration name not found"),
        "{}",
        unknown.1
    );
}

#[test]
fn a_template_is_named_once_with_a_version_that_can_be_one() {
    let (id, name) = ("LaunchTemplate.LaunchTemplateId", "LaunchTemplate.LaunchTemplateName");
    let version = "LaunchTemplate.Version";
    for good in [None, Some("$Latest"), Some("$Default"), Some("1")] {
        let mut bench = with_templates();
        let given: Vec<_> = [(name, "base")]
            .into_iter()
            .chain(good.map(|text| (version, text)))
            .collect();
        bench.ok("CreateAutoScalingGroup", &from(&given));
        let said = good
            .map(|text| format!("<Version>{text}</Version>"))
            .unwrap_or_default();
        let written = format!("<LaunchTemplate><LaunchTemplateName>base</LaunchTemplateName>{said}</LaunchTemplate>");
        let xml = bench.described();
        assert!(xml.contains(&written), "{xml}");
    }
    let mut bench = with_templates();
    for bad in [
        &[(id, "lt-1"), (name, "base")][..],
        &[(version, "1")],
        &[(name, "base"), (version, "newest")],
        &[(name, "base"), ("LaunchTemplate.Versoin", "1")],
    ] {
        bench.refused("CreateAutoScalingGroup", &from(bad));
    }
}

/// With the launch templates `base` and `arm`.
fn with_templates() -> Bench {
    let mut bench = Bench::new();
    let image = bench.image.clone();
    bench.template("base", &image);
    bench.template("arm", "ami-0123456789abcdef0");
    bench
}

const MIXED: Pairs<'_> = &[
    (
        "MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateName",
        "base",
    ),
    (
        "MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.Version",
        "$Latest",
    ),
    (
        "MixedInstancesPolicy.LaunchTemplate.Overrides.member.1.InstanceType",
        "t3.micro",
    ),
    (
        "MixedInstancesPolicy.LaunchTemplate.Overrides.member.1.WeightedCapacity",
        "2",
    ),
    (
        "MixedInstancesPolicy.LaunchTemplate.Overrides.member.2.InstanceType",
        "t4g.micro",
    ),
    (
        "MixedInstancesPolicy.LaunchTemplate.Overrides.member.2.WeightedCapacity",
        "3",
    ),
    (
        "MixedInstancesPolicy.LaunchTemplate.Overrides.member.2.LaunchTemplateSpecification.LaunchTemplateName",
        "arm",
    ),
    (
        "MixedInstancesPolicy.LaunchTemplate.Overrides.member.2.ImageId",
        "ami-0123456789abcdef0",
    ),
    ("MixedInstancesPolicy.InstancesDistribution.OnDemandBaseCapacity", "1"),
];

#[test]
fn a_policy_is_described_with_every_way_it_leads_to_an_image() {
    let mut bench = with_templates();
    bench.ok("CreateAutoScalingGroup", &from(MIXED));
    let policy = field(&bench.described(), "MixedInstancesPolicy");
    for written in [
        "<LaunchTemplateSpecification><LaunchTemplateName>base</LaunchTemplateName><Version>$Latest</Version></LaunchTemplateSpecification>",
        "<member><InstanceType>t3.micro</InstanceType><WeightedCapacity>2</WeightedCapacity></member>",
        "<LaunchTemplateSpecification><LaunchTemplateName>arm</LaunchTemplateName></LaunchTemplateSpecification><ImageId>ami-0123456789abcdef0</ImageId>",
        "<OnDemandBaseCapacity>1</OnDemandBaseCapacity><OnDemandPercentageAboveBaseCapacity>100<",
    ] {
        assert!(policy.contains(written), "{written} in {policy}");
    }
}

#[test]
fn an_update_of_a_policy_keeps_what_it_does_not_say() {
    let mut bench = with_templates();
    bench.ok("CreateAutoScalingGroup", &from(MIXED));
    let spot = (
        "MixedInstancesPolicy.InstancesDistribution.OnDemandPercentageAboveBaseCapacity",
        "0",
    );
    bench.ok("UpdateAutoScalingGroup", &[ITS_NAME, spot]);
    let policy = field(&bench.described(), "MixedInstancesPolicy");
    assert!(
        policy.contains("t4g.micro") && policy.contains("<OnDemandBaseCapacity>1<"),
        "{policy}"
    );
    assert!(policy.contains("<OnDemandPercentageAboveBaseCapacity>0<"), "{policy}");
    let other = ("LaunchTemplate.LaunchTemplateName", "base");
    bench.ok("UpdateAutoScalingGroup", &[ITS_NAME, other]);
    assert!(!bench.described().contains("MixedInstancesPolicy"));
}

#[test]
fn a_policy_that_weighs_weighs_all_and_says_nothing_unknown() {
    let mut bench = with_templates();
    let without = |name: &str| {
        let kept: Vec<_> = MIXED.iter().filter(|(key, _)| !key.ends_with(name)).copied().collect();
        kept
    };
    let unweighted = without("member.2.WeightedCapacity");
    let rootless = without("LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateName");
    let unknown = [
        MIXED,
        &[(
            "MixedInstancesPolicy.InstancesDistribution.DistributionSegments.member.1",
            "x",
        )],
    ]
    .concat();
    for bad in [unweighted, rootless, unknown] {
        bench.refused("CreateAutoScalingGroup", &from(&bad));
    }
}
