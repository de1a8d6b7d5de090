use std::time::Duration;

use super::super::place::NewImage;
use super::super::testing::{Bench, Pairs, assert_each_once, fields};
use super::*;
use crate::sts::tests::field;

/// A template of this name for this image.
fn template(bench: &mut Bench, name: &str, image: &str) {
    let pairs = [("LaunchTemplateName", name), ("LaunchTemplateData.ImageId", image)];
    bench.ok("CreateLaunchTemplate", &pairs);
}

const CONFIG: &str = "LaunchTemplateConfigs.1.LaunchTemplateSpecification";

/// A fleet of two from the template `web`.
fn fleet(kind: &str, more: Pairs<'_>) -> Vec<(String, String)> {
    let mut pairs = vec![
        ("Type".to_owned(), kind.to_owned()),
        (format!("{CONFIG}.LaunchTemplateName"), "web".to_owned()),
        (format!("{CONFIG}.Version"), "$Latest".to_owned()),
        (
            "TargetCapacitySpecification.TotalTargetCapacity".to_owned(),
            "2".to_owned(),
        ),
    ];
    pairs.extend(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    pairs
}

fn create(bench: &mut Bench, kind: &str, more: Pairs<'_>) -> Result<String, (String, String)> {
    let pairs = fleet(kind, more);
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    bench.call_as(bench.hub, "CreateFleet", &pairs)
}

fn made(bench: &mut Bench, kind: &str) -> String {
    field(&create(bench, kind, &[]).unwrap(), "fleetId")
}

/// How many instances of a fleet are in this state.
fn instances(bench: &mut Bench, fleet: &str, state: &str) -> usize {
    let pairs = [
        ("Filter.1.Name", "tag:aws:ec2:fleet-id"),
        ("Filter.1.Value.1", fleet),
        ("Filter.2.Name", "instance-state-name"),
        ("Filter.2.Value.1", state),
    ];
    fields(&bench.ok("DescribeInstances", &pairs), "instanceId").len()
}

fn state(bench: &mut Bench, fleet: &str) -> String {
    field(&bench.ok("DescribeFleets", &[("FleetId.1", fleet)]), "fleetState")
}

#[test]
fn a_fleet_of_each_kind_launches_its_capacity_from_its_template() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    template(&mut bench, "web", &image);
    for kind in ["instant", "maintain", "request"] {
        let id = made(&mut bench, kind);
        bench.pass(Duration::from_mins(1));
        assert_eq!(instances(&mut bench, &id, "running"), 2, "{kind}");
        let described = bench.ok("DescribeFleets", &[("FleetId.1", &id)]);
        assert_eq!(
            (field(&described, "fleetState"), field(&described, "activityStatus")),
            ("active".to_owned(), "fulfilled".to_owned())
        );
        assert_eq!(field(&described, "type"), kind);
    }
}

#[test]
fn an_instant_fleet_answers_with_its_instances_and_is_described_only_by_id() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    template(&mut bench, "web", &image);
    let answer = create(&mut bench, "instant", &[]).unwrap();
    let instances = field(&answer, "instanceIds");
    assert_eq!(fields(&instances, "item").len(), 2);
    let id = field(&answer, "fleetId");
    let kept = made(&mut bench, "maintain");
    assert_eq!(fields(&bench.ok("DescribeFleets", &[]), "fleetId"), [&*kept]);
    let named = bench.ok("DescribeFleets", &[("FleetId.1", &id)]);
    assert_eq!(field(&named, "instanceIds"), instances);
}

#[test]
fn only_an_instant_fleet_overrides_its_image_or_looks_one_up() {
    let mut bench = Bench::new();
    let (old, new) = (bench.image(NewImage::named("old")), bench.image(NewImage::named("new")));
    template(&mut bench, "web", &old);
    let own = [("LaunchTemplateConfigs.1.Overrides.1.ImageId", &*new)];
    create(&mut bench, "instant", &own).unwrap();
    assert_eq!(fields(&bench.ok("DescribeInstances", &[]), "imageId"), [&*new, &new]);
    let refused = create(&mut bench, "maintain", &own).unwrap_err();
    assert_eq!(refused.0, "InvalidParameterCombination");
    bench.world.put_parameter(bench.hub, "/golden/web", &new);
    let pairs = [
        ("LaunchTemplateName", "web"),
        ("LaunchTemplateData.ImageId", "resolve:ssm:/golden/web"),
    ];
    bench.ok("CreateLaunchTemplateVersion", &pairs);
    assert_eq!(
        create(&mut bench, "request", &[]).unwrap_err().0,
        "InvalidParameterValue"
    );
    create(&mut bench, "instant", &[]).unwrap();
}

#[test]
fn an_image_that_cannot_be_launched_fails_an_instant_fleet_in_its_answer_and_others_in_silence() {
    let mut bench = Bench::new();
    template(&mut bench, "web", "ami-00000000000000000");
    let answer = create(&mut bench, "instant", &[]).unwrap();
    assert_eq!(field(&answer, "errorCode"), "InvalidAMIID.NotFound");
    let answer = create(&mut bench, "maintain", &[]).unwrap();
    assert!(fields(&answer, "errorCode").is_empty());
    let id = field(&answer, "fleetId");
    let described = bench.ok("DescribeFleets", &[("FleetId.1", &id)]);
    assert_eq!(field(&described, "activityStatus"), "error");
}

#[test]
fn a_fleet_needs_a_template_that_exists_a_version_and_a_capacity_in_order() {
    let mut bench = Bench::new();
    assert_eq!(
        create(&mut bench, "instant", &[]).unwrap_err().0,
        "InvalidLaunchTemplateName.NotFoundException"
    );
    template(&mut bench, "web", "ami-1");
    let name = "LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateName";
    let total = "TargetCapacitySpecification.TotalTargetCapacity";
    for (pairs, code) in [
        (vec![(total, "1")], "MissingParameter"),
        (vec![(name, "web"), (total, "1")], "MissingParameter"),
        (vec![(name, "web")], "MissingParameter"),
    ] {
        assert_eq!(bench.refused("CreateFleet", &pairs).0, code, "{pairs:?}");
    }
    let more = [("TargetCapacitySpecification.SpotTargetCapacity", "3")];
    assert_eq!(
        create(&mut bench, "instant", &more).unwrap_err().0,
        "InvalidParameterCombination"
    );
    assert_eq!(create(&mut bench, "often", &[]).unwrap_err().0, "InvalidParameterValue");
}

#[test]
fn a_deleted_fleet_ends_its_instances_or_lets_them_run_and_is_gone_two_days_later() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    template(&mut bench, "web", &image);
    let (ending, running) = (made(&mut bench, "maintain"), made(&mut bench, "maintain"));
    bench.pass(Duration::from_mins(1));
    for (id, terminate, after) in [
        (&ending, "true", "deleted_terminating"),
        (&running, "false", "deleted_running"),
    ] {
        let deleted = bench.ok("DeleteFleets", &[("FleetId.1", id), ("TerminateInstances", terminate)]);
        assert_eq!(field(&deleted, "currentFleetState"), after);
    }
    bench.pass(Duration::from_mins(5));
    assert_eq!(state(&mut bench, &ending), "deleted");
    assert_eq!(state(&mut bench, &running), "deleted_running");
    assert_eq!(instances(&mut bench, &running, "running"), 2);
    bench.pass(Duration::from_hours(49));
    let (code, _) = bench.refused("DescribeFleets", &[("FleetId.1", &ending)]);
    assert_eq!(code, "InvalidFleetId.NotFound");
    assert_eq!(state(&mut bench, &running), "deleted_running");
}

#[test]
fn a_fleet_that_cannot_be_deleted_says_why_beside_those_that_can() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    template(&mut bench, "web", &image);
    let id = made(&mut bench, "maintain");
    let unknown = "fleet-00000000-0000-0000-0000-000000000000";
    let pairs = [
        ("FleetId.1", &*id),
        ("FleetId.2", unknown),
        ("FleetId.3", "fleet-x"),
        ("TerminateInstances", "true"),
    ];
    let deleted = bench.ok("DeleteFleets", &pairs);
    assert_eq!(fields(&deleted, "fleetId"), [&*id, unknown, "fleet-x"]);
    assert_eq!(fields(&deleted, "code"), ["fleetIdDoesNotExist", "fleetIdMalformed"]);
    let again = bench.ok("DeleteFleets", &[pairs[0], pairs[3]]);
    assert_eq!(fields(&again, "code"), ["fleetNotInDeletableState"]);
    let instant = made(&mut bench, "instant");
    let kept = [("FleetId.1", &*instant), ("TerminateInstances", "false")];
    assert_eq!(bench.refused("DeleteFleets", &kept).0, "InvalidParameterCombination");
}

#[test]
fn every_filter_finds_the_fleets_that_have_its_value_and_no_others() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    template(&mut bench, "web", &image);
    let left = made(&mut bench, "maintain");
    let more = [("ReplaceUnhealthyInstances", "true")];
    let right = field(&create(&mut bench, "request", &more).unwrap(), "fleetId");
    bench.pass(Duration::from_mins(1));
    bench.ok("DeleteFleets", &[("FleetId.1", &left), ("TerminateInstances", "false")]);
    let table = [
        ("activity-status", "fulfilled"),
        ("fleet-state", "active"),
        ("replace-unhealthy-instances", "true"),
        ("type", "request"),
    ];
    assert_each_once(table.iter().map(|(name, _)| *name), describe::FILTERS);
    for (name, value) in table {
        assert_eq!(
            bench.found("DescribeFleets", (name, value), "fleetId"),
            [&*right],
            "{name}"
        );
        assert!(
            bench.found("DescribeFleets", (name, "none"), "fleetId").is_empty(),
            "{name}"
        );
    }
    for value in ["deleted-running", "deleted_running"] {
        assert_eq!(
            bench.found("DescribeFleets", ("fleet-state", value), "fleetId"),
            [&*left]
        );
    }
}

#[test]
fn a_token_makes_one_fleet_and_pages_lead_on() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    template(&mut bench, "web", &image);
    let token = [("ClientToken", "t")];
    let mut all: Vec<String> = (0..2)
        .map(|_| field(&create(&mut bench, "maintain", &token).unwrap(), "fleetId"))
        .collect();
    assert_eq!(all[0], all[1]);
    all[1] = made(&mut bench, "maintain");
    all.sort_unstable();
    let first = bench.ok("DescribeFleets", &[("MaxResults", "1")]);
    let next = field(&first, "nextToken");
    let second = bench.ok("DescribeFleets", &[("MaxResults", "1"), ("NextToken", &next)]);
    assert_eq!([field(&first, "fleetId"), field(&second, "fleetId")], *all);
    assert!(fields(&second, "nextToken").is_empty());
}
