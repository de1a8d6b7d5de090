use proptest::prelude::*;

use super::*;
use crate::testing::{
    assert_prints_back, assert_refused, assert_serde, assert_survives, build_versions, mutated, owners, patterns,
    regions, resource_names, versions,
};

const BUILD: &str = "arn:aws:imagebuilder:eu-west-1:111122223333:image/web-x86_64/1.4.2/7";

#[test]
fn an_arn_knows_its_parts() {
    let arn: ImageBuildArn = BUILD.parse().unwrap();
    assert_eq!(arn.partition(), Partition::Aws);
    assert_eq!(arn.region().to_string(), "eu-west-1");
    assert_eq!(arn.owner().to_string(), "111122223333");
    assert_eq!(arn.name().as_str(), "web-x86_64");
    assert_eq!(arn.version().to_string(), "1.4.2/7");
    assert_eq!(
        ImageBuildArn::new(
            arn.region(),
            arn.owner().clone(),
            Image,
            arn.name().clone(),
            arn.version()
        ),
        arn
    );
    assert_eq!(format!("{arn:?}"), format!("ImageBuilderArn({BUILD})"));
}

#[test]
fn every_kind_of_arn_prints_back() {
    let at = "arn:aws-us-gov:imagebuilder:us-gov-west-1:111122223333:";
    assert_prints_back::<ImageBuildArn>(&format!("{at}image/web/1.4.2/7"));
    assert_prints_back::<ImageVersionArn>("arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-2023-x86/x.x.x");
    assert_prints_back::<ImageVersionArn>("arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-2-x86/2021.03.03");
    assert_prints_back::<ImageArn>(&format!("{at}image/web/1.4.x"));
    assert_prints_back::<ComponentBuildArn>("arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/1.0.2/1");
    assert_prints_back::<ComponentArn>("arn:aws:imagebuilder:us-east-1:third-party:component/cis-benchmark/x.x.x");
    assert_prints_back::<ComponentVersionArn>("arn:aws:imagebuilder:us-east-1:aws-marketplace:component/cis/1.0.0");
    assert_prints_back::<WorkflowBuildArn>("arn:aws:imagebuilder:eu-west-1:aws:workflow/build/build-image/1.0.2/1");
    assert_prints_back::<WorkflowVersionArn>(&format!("{at}workflow/test/smoke/1.x.x"));
    assert_prints_back::<WorkflowArn>(&format!("{at}workflow/distribution/send/x.x.x"));
    assert_prints_back::<ImageRecipeArn>(&format!("{at}image-recipe/web/1.4.2"));
    assert_prints_back::<ContainerRecipeArn>(&format!("{at}container-recipe/web/1.4.2"));
    assert_prints_back::<InfrastructureConfigurationArn>(&format!("{at}infrastructure-configuration/web"));
    assert_prints_back::<DistributionConfigurationArn>(&format!("{at}distribution-configuration/web"));
    assert_prints_back::<ImagePipelineArn>(&format!("{at}image-pipeline/web"));
    assert_prints_back::<LifecyclePolicyArn>(&format!("{at}lifecycle-policy/web"));
    assert_prints_back::<ImageBuilderArn<ImageRecipe, VersionPattern>>(&format!("{at}image-recipe/web/1.x.x"));
}

#[test]
fn a_workflow_knows_its_stage() {
    let stage = |stage: &str| {
        let arn = format!("arn:aws:imagebuilder:eu-west-1:aws:workflow/{stage}/default/1.0.2");
        arn.parse::<WorkflowArn>().map(|arn| arn.kind())
    };
    assert_eq!(stage("build"), Ok(WorkflowStage::Build));
    assert_eq!(stage("test"), Ok(WorkflowStage::Test));
    assert_eq!(stage("distribution"), Ok(WorkflowStage::Distribution));
}

#[test]
fn a_version_arn_matches_builds_of_the_same_image_only() {
    let matches = |version: &str| {
        version
            .parse::<ImageVersionArn>()
            .unwrap()
            .matches(&BUILD.parse().unwrap())
    };
    assert!(matches(
        "arn:aws:imagebuilder:eu-west-1:111122223333:image/web-x86_64/1.4.2"
    ));
    assert!(matches(
        "arn:aws:imagebuilder:eu-west-1:111122223333:image/web-x86_64/1.x.x"
    ));
    assert!(!matches(
        "arn:aws:imagebuilder:eu-west-1:111122223333:image/web-x86_64/2.x.x"
    ));
    assert!(!matches(
        "arn:aws:imagebuilder:eu-west-1:111122223333:image/web-arm64/x.x.x"
    ));
    assert!(!matches(
        "arn:aws:imagebuilder:eu-west-1:444455556666:image/web-x86_64/x.x.x"
    ));
    assert!(!matches(
        "arn:aws:imagebuilder:eu-west-2:111122223333:image/web-x86_64/x.x.x"
    ));
}

#[test]
fn either_form_says_which_it_is() {
    let build: ImageBuildArn = BUILD.parse().unwrap();
    let version = build.without_build();
    assert_eq!(version.to_string(), BUILD.strip_suffix("/7").unwrap());
    assert!(version.matches(&build));

    let either: ImageArn = BUILD.parse().unwrap();
    assert_eq!((either.as_build(), either.as_version()), (Some(build.clone()), None));
    assert_eq!(ImageArn::from(build), either);

    let either: ImageArn = version.to_string().parse().unwrap();
    assert_eq!((either.as_build(), either.as_version()), (None, Some(version.clone())));
    assert_eq!(ImageArn::from(version), either);
}

/// Checks the messages for what stands in the place of the whole ARN, or behind `arn:aws:imagebuilder:eu-west-1:`.
fn assert_refused_each<T: FromStr<Err = ArnError> + fmt::Debug>(cases: &[(&str, &str)]) {
    for (text, message) in cases {
        assert_refused::<T>(&[(*text, &format!("{text:?} {message}"))]);
    }
}

#[test]
fn a_bad_arn_is_refused_with_what_would_be_right() {
    let example = "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.4.2/7";
    assert_refused_each::<ImageBuildArn>(&[
        ("", &format!("is not an ARN, must be as in {example}")),
        ("web/1.4.2/7", &format!("is not an ARN, must be as in {example}")),
        (
            "ami-0123456789abcdef0",
            &format!("is not an ARN, must be as in {example}"),
        ),
        ("arn", &format!("is not an ARN, must be as in {example}")),
        (
            "arn:aws:imagebuilder",
            &format!("has 3 parts between colons, must have 6, as in {example}"),
        ),
        (
            "arn:aws-mars:imagebuilder:eu-west-1:111122223333:image/web/1.4.2/7",
            "has an invalid partition: \"aws-mars\" is not known, must be one of aws, aws-cn, aws-eusc, aws-iso, \
             aws-iso-b, aws-iso-e, aws-iso-f, aws-us-gov",
        ),
        (
            "arn:aws:ec2:eu-west-1:111122223333:image/web/1.4.2/7",
            r#"belongs to the service "ec2", must belong to imagebuilder"#,
        ),
        (
            "arn:aws:imagebuilder::111122223333:image/web/1.4.2/7",
            r#"has an invalid Region: "" is not a Region, must be as in eu-west-1"#,
        ),
        (
            "arn:aws:imagebuilder:cn-north-1:111122223333:image/web/1.4.2/7",
            "has the partition aws, but cn-north-1 is in aws-cn",
        ),
        (
            "arn:aws:imagebuilder:eu-west-1:11112222333:image/web/1.4.2/7",
            r#"has an invalid owner: "11112222333" has 11 digits, must be 12"#,
        ),
        (
            "arn:aws:imagebuilder:eu-west-1:amazon:image/web/1.4.2/7",
            "has an invalid owner: \"amazon\" is no owner, must be an account id of 12 digits, aws, aws-marketplace \
             or third-party",
        ),
        (
            "arn:aws:imagebuilder:eu-west-1:aws:component/web/1.4.2/7",
            r#"names "component", must name an image"#,
        ),
        (
            "arn:aws:imagebuilder:eu-west-1:aws:image-recipe/web/1.4.2",
            r#"names "image-recipe", must name an image"#,
        ),
        (
            "arn:aws:imagebuilder:eu-west-1:aws:image",
            r#"has an invalid name: "" is empty"#,
        ),
        (
            "arn:aws:imagebuilder:eu-west-1:aws:image/Web/1.4.2/7",
            r#"has an invalid name: "Web" has upper-case letters, must be lower case"#,
        ),
        (
            "arn:aws:imagebuilder:eu-west-1:aws:image/web",
            "has no version, must end in a version and its build, as in /1.4.2/7",
        ),
        (
            "arn:aws:imagebuilder:eu-west-1:aws:image/web/1.4.2",
            "names no build, must end in a version and its build, as in /1.4.2/7",
        ),
        (
            "arn:aws:imagebuilder:eu-west-1:aws:image/web/x.x.x",
            "names no build, must end in a version and its build, as in /1.4.2/7",
        ),
        (
            "arn:aws:imagebuilder:eu-west-1:aws:image/web/1.x.x/7",
            r#"has an invalid version: "1.x.x" is a wildcard, must be one version, as in 1.4.2"#,
        ),
        (
            "arn:aws:imagebuilder:eu-west-1:aws:image/web/1.4.2/7/8",
            r#"has an invalid build number: "7/8" is not a number, must be as in 7"#,
        ),
    ]);
}

#[test]
fn a_version_arn_takes_no_build() {
    assert_refused_each::<ImageVersionArn>(&[
        (BUILD, r#"has "7" after the version, must end there"#),
        (
            "arn:aws:imagebuilder:eu-west-1:aws:image/web/1.x.8",
            "has an invalid version: \"1.x.8\" has a number after an x: everything right of the first x must be x",
        ),
        (
            "arn:aws:imagebuilder:eu-west-1:aws:image/web",
            "has no version, must end in a version or wildcard, as in /1.4.2 or /1.x.x",
        ),
    ]);
}

#[test]
fn either_form_takes_no_build_of_a_wildcard() {
    assert_refused_each::<ComponentArn>(&[(
        "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/x.x.x/1",
        r#"has an invalid version: "x.x.x" is a wildcard, must be one version, as in 1.4.2"#,
    )]);
}

#[test]
fn a_recipe_arn_takes_no_wildcard_and_no_build() {
    assert_refused_each::<ImageRecipeArn>(&[
        (
            "arn:aws:imagebuilder:eu-west-1:aws:image-recipe/web/1.x.x",
            r#"has an invalid version: "1.x.x" is a wildcard, must be one version, as in 1.4.2"#,
        ),
        (
            "arn:aws:imagebuilder:eu-west-1:aws:image-recipe/web/1.4.2/1",
            r#"has "1" after the version, must end there"#,
        ),
        (
            "arn:aws:imagebuilder:eu-west-1:aws:image-recipe/web",
            "has no version, must end in a version, as in /1.4.2",
        ),
    ]);
}

#[test]
fn a_pipeline_arn_takes_no_version() {
    assert_refused_each::<ImagePipelineArn>(&[(
        "arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/web/1.4.2",
        r#"has "1.4.2" after the name, must end there"#,
    )]);
}

#[test]
fn a_workflow_arn_needs_its_stage() {
    assert_refused_each::<WorkflowArn>(&[
        (
            "arn:aws:imagebuilder:eu-west-1:aws:workflow/default/1.0.2",
            r#"names "workflow", must name a build, test or distribution workflow"#,
        ),
        (
            "web",
            "is not an ARN, must be as in arn:aws:imagebuilder:eu-west-1:111122223333:workflow/build/web/1.x.x",
        ),
    ]);
}

#[test]
fn an_arn_travels_as_its_string() {
    assert_serde::<ImageBuildArn>(BUILD, "web", "image build version ARN");
    assert_serde::<ComponentVersionArn>(
        "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/x.x.x",
        "update-linux",
        "component version ARN",
    );
    assert_serde::<WorkflowArn>(
        "arn:aws:imagebuilder:eu-west-1:aws:workflow/test/smoke/1.0.0",
        "smoke",
        "workflow version or build version ARN",
    );
    assert_serde::<ImagePipelineArn>(
        "arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/web",
        "web",
        "image pipeline ARN",
    );
}

fn arns(kinds: &'static str, version: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (regions(), owners(), kinds, resource_names(), version).prop_map(|(region, owner, kind, name, version)| {
        let partition = region.parse::<Region>().unwrap().partition();
        format!("arn:{partition}:imagebuilder:{region}:{owner}:{kind}/{name}{version}")
    })
}

fn slashed(version: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    version.prop_map(|version| format!("/{version}"))
}

proptest! {
    #[test]
    fn every_build_arn_prints_back(text in arns("image", slashed(build_versions()))) {
        assert_prints_back::<ImageBuildArn>(&text);
        assert_prints_back::<ImageArn>(&text);
        prop_assert!(text.parse::<ImageVersionArn>().is_err());
    }

    #[test]
    fn every_version_arn_prints_back(text in arns("component", slashed(patterns()))) {
        assert_prints_back::<ComponentVersionArn>(&text);
        assert_prints_back::<ComponentArn>(&text);
        prop_assert!(text.parse::<ComponentBuildArn>().is_err());
    }

    #[test]
    fn every_workflow_arn_prints_back(text in arns("workflow/(build|test|distribution)", slashed(patterns()))) {
        assert_prints_back::<WorkflowArn>(&text);
    }

    #[test]
    fn every_recipe_arn_prints_back(text in arns("image-recipe", slashed(versions()))) {
        assert_prints_back::<ImageRecipeArn>(&text);
    }

    #[test]
    fn every_unversioned_arn_prints_back(text in arns("image-pipeline", Just(String::new()))) {
        assert_prints_back::<ImagePipelineArn>(&text);
    }

    #[test]
    fn a_mutated_arn_is_refused_or_prints_back(text in mutated(arns("image", slashed(build_versions())))) {
        assert_survives::<ImageBuildArn>(&text);
        assert_survives::<ImageVersionArn>(&text);
        assert_survives::<ImageArn>(&text);
    }
}
