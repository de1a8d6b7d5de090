use std::time::Duration;

use super::super::place::NewImage;
use super::super::testing::{Bench, Pairs, fields};
use crate::sts::tests::field;

/// A Spot Fleet of two, of what more says.
fn request(bench: &mut Bench, more: Pairs<'_>) -> Result<String, String> {
    let mut pairs = vec![
        (
            "SpotFleetRequestConfig.IamFleetRole",
            "arn:aws:iam::111122223333:role/fleet",
        ),
        ("SpotFleetRequestConfig.TargetCapacity", "2"),
    ];
    pairs.extend_from_slice(more);
    let answer = bench.call_as(bench.hub, "RequestSpotFleet", &pairs);
    answer
        .map(|answer| field(&answer, "spotFleetRequestId"))
        .map_err(|(code, _)| code)
}

const IMAGE: &str = "SpotFleetRequestConfig.LaunchSpecifications.1.ImageId";
const TEMPLATE: &str = "SpotFleetRequestConfig.LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateName";
const VERSION: &str = "SpotFleetRequestConfig.LaunchTemplateConfigs.1.LaunchTemplateSpecification.Version";

fn template(bench: &mut Bench, name: &str, image: &str) {
    let pairs = [("LaunchTemplateName", name), ("LaunchTemplateData.ImageId", image)];
    bench.ok("CreateLaunchTemplate", &pairs);
}

fn state(bench: &mut Bench, id: &str) -> String {
    let described = bench.ok("DescribeSpotFleetRequests", &[("SpotFleetRequestId.1", id)]);
    field(&described, "spotFleetRequestState")
}

#[test]
fn a_spot_fleet_launches_from_a_specification_or_a_template_and_shows_which() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    template(&mut bench, "web", &image);
    let plain = request(&mut bench, &[(IMAGE, &image)]).unwrap();
    let templated = request(&mut bench, &[(TEMPLATE, "web"), (VERSION, "1")]).unwrap();
    for id in [&plain, &templated] {
        let tagged = ("tag:aws:ec2spot:fleet-request-id", id.as_str());
        assert_eq!(bench.found("DescribeInstances", tagged, "instanceId").len(), 2);
    }
    let shown = |bench: &mut Bench, id: &str| bench.ok("DescribeSpotFleetRequests", &[("SpotFleetRequestId.1", id)]);
    assert_eq!(field(&shown(&mut bench, &plain), "imageId"), image);
    assert_eq!(field(&shown(&mut bench, &templated), "launchTemplateName"), "web");
}

#[test]
fn a_spot_fleet_has_specifications_or_templates_and_images_only_by_id() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    bench.world.put_parameter(bench.hub, "/golden/web", &image);
    let alias = "resolve:ssm:/golden/web";
    template(&mut bench, "web", &image);
    template(&mut bench, "alias", alias);
    let overridden = "SpotFleetRequestConfig.LaunchTemplateConfigs.1.Overrides.1.ImageId";
    for (more, code) in [
        (vec![], "InvalidSpotFleetRequestConfig"),
        (
            vec![(IMAGE, &*image), (TEMPLATE, "web"), (VERSION, "1")],
            "InvalidSpotFleetRequestConfig",
        ),
        (vec![(IMAGE, alias)], "InvalidAMIID.Malformed"),
        (vec![(TEMPLATE, "alias"), (VERSION, "1")], "InvalidParameterValue"),
        (
            vec![(TEMPLATE, "web"), (VERSION, "1"), (overridden, &image)],
            "UnknownParameter",
        ),
    ] {
        assert_eq!(request(&mut bench, &more), Err(code.to_owned()), "{more:?}");
    }
}

#[test]
fn a_cancelled_spot_fleet_ends_its_instances_or_lets_them_run() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    let ending = request(&mut bench, &[(IMAGE, &image)]).unwrap();
    let running = request(&mut bench, &[(IMAGE, &image)]).unwrap();
    bench.pass(Duration::from_mins(1));
    for (id, terminate, after) in [
        (&ending, "true", "cancelled_terminating"),
        (&running, "false", "cancelled_running"),
    ] {
        assert_eq!(state(&mut bench, id), "active");
        let pairs = [("SpotFleetRequestId.1", id.as_str()), ("TerminateInstances", terminate)];
        let cancelled = bench.ok("CancelSpotFleetRequests", &pairs);
        assert_eq!(field(&cancelled, "currentSpotFleetRequestState"), after);
    }
    bench.pass(Duration::from_mins(5));
    assert_eq!(state(&mut bench, &ending), "cancelled");
    assert_eq!(state(&mut bench, &running), "cancelled_running");
}

#[test]
fn a_spot_fleet_that_cannot_be_cancelled_says_why() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    let id = request(&mut bench, &[(IMAGE, &image)]).unwrap();
    let pairs = [
        ("SpotFleetRequestId.1", id.as_str()),
        ("SpotFleetRequestId.2", &id),
        ("SpotFleetRequestId.3", "sfr-00000000-0000-0000-0000-000000000000"),
        ("SpotFleetRequestId.4", "sfr-1"),
        ("TerminateInstances", "false"),
    ];
    let cancelled = bench.ok("CancelSpotFleetRequests", &pairs);
    assert_eq!(
        fields(&cancelled, "code"),
        [
            "fleetRequestNotInCancellableState",
            "fleetRequestIdDoesNotExist",
            "fleetRequestIdMalformed"
        ]
    );
}

#[test]
fn spot_fleets_are_listed_page_by_page_and_an_unknown_one_is_an_error() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    let mut ids: Vec<String> = (0..3)
        .map(|_| request(&mut bench, &[(IMAGE, &image)]).unwrap())
        .collect();
    ids.sort_unstable();
    let first = bench.ok("DescribeSpotFleetRequests", &[("MaxResults", "2")]);
    let next = field(&first, "nextToken");
    let second = bench.ok(
        "DescribeSpotFleetRequests",
        &[("MaxResults", "2"), ("NextToken", &next)],
    );
    let mut found = fields(&first, "spotFleetRequestId");
    found.extend(fields(&second, "spotFleetRequestId"));
    assert_eq!(found, ids);
    for (id, code) in [
        (
            "sfr-00000000-0000-0000-0000-000000000000",
            "InvalidSpotFleetRequestId.NotFound",
        ),
        ("sfr-1", "InvalidSpotFleetRequestId.Malformed"),
    ] {
        let refused = bench.refused("DescribeSpotFleetRequests", &[("SpotFleetRequestId.1", id)]);
        assert_eq!(refused.0, code);
    }
}
