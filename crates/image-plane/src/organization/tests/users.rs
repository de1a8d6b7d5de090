//! Every user is found by the list operation that would find it in AWS, naming the image that the description says.

use std::collections::BTreeMap;

use serde_json::json;

use super::super::{GroupSource, InstanceStanding, Oddity, SpotStanding, User, Who};
use super::*;
use crate::ec2::testing::fields;

/// Answers that were asked for already.
type Asked = BTreeMap<(Target, &'static str), String>;

fn list(founded: &mut Founded, asked: &mut Asked, user: &User, action: &'static str) -> String {
    let service = if action.contains("AutoScaling") || action.contains("LaunchConfigurations") {
        "autoscaling"
    } else {
        "ec2"
    };
    let home = user.home;
    let listed = asked.entry((home, action)).or_insert_with(|| {
        let pairs: Pairs<'_> = if service == "ec2" {
            &[]
        } else {
            &[("MaxRecords", "100")]
        };
        let page = founded.query(service, home, action, pairs).unwrap();
        assert_eq!(
            field(&page, "nextToken") + &field(&page, "NextToken"),
            "",
            "one page holds them"
        );
        page
    });
    listed.clone()
}

/// The part of a list that is about one thing: from this element to the next of its kind.
fn part<'a>(list: &'a str, element: &str, value: &str) -> &'a str {
    let open = format!("<{element}>");
    let start = list
        .find(&format!("{open}{value}<"))
        .unwrap_or_else(|| panic!("no {element} {value} in {list}"));
    let rest = &list[start + open.len()..];
    rest.find(&open).map_or(rest, |end| &rest[..end])
}

fn found(founded: &mut Founded, asked: &mut Asked, user: &User) {
    let image = user.image.map(|image| image.to_string()).unwrap_or_default();
    match &user.who {
        Who::Instance { id, standing, .. } => {
            let all = list(founded, asked, user, "DescribeInstances");
            let xml = part(&all, "instanceId", &id.to_string());
            let state = match standing {
                InstanceStanding::Running => "running",
                InstanceStanding::Stopped => "stopped",
                InstanceStanding::Terminated => "terminated",
            };
            assert_eq!((field(xml, "imageId"), field(xml, "name")), (image, state.to_owned()));
        }
        Who::TemplateVersion(version) => {
            let number = version.number.to_string();
            let pairs = [
                ("LaunchTemplateId", &*version.template),
                ("LaunchTemplateVersion.1", &number),
                ("ResolveAlias", "true"),
            ];
            let xml = founded
                .ec2(user.home, "DescribeLaunchTemplateVersions", &pairs)
                .unwrap();
            assert_eq!(field(&xml, "imageId"), image);
            assert_eq!(field(&xml, "defaultVersion"), version.is_default.to_string());
            let all = list(founded, asked, user, "DescribeLaunchTemplates");
            let template = part(&all, "launchTemplateId", &version.template);
            assert_eq!(field(template, "latestVersionNumber") == number, version.is_latest);
        }
        Who::Configuration { name, .. } => {
            let all = list(founded, asked, user, "DescribeLaunchConfigurations");
            assert_eq!(field(part(&all, "LaunchConfigurationName", name), "ImageId"), image);
        }
        Who::Group { name, source } => {
            let all = list(founded, asked, user, "DescribeAutoScalingGroups");
            let xml = part(&all, "AutoScalingGroupName", name);
            let says = match source {
                GroupSource::Configuration(name) => name,
                GroupSource::Template(named) | GroupSource::Mixed(named) | GroupSource::OverrideTemplate(named) => {
                    &named.template
                }
                GroupSource::OverrideImage => &image.as_str().into(),
            };
            assert!(xml.contains(&**says), "{says} in {xml}");
        }
        Who::Fleet { id, from, ended } => {
            let all = list(founded, asked, user, "DescribeFleets");
            let xml = part(&all, "fleetId", id);
            assert_eq!(field(xml, "launchTemplateId"), *from.template);
            assert_eq!(field(xml, "fleetState") != "active", *ended);
        }
        Who::SpotFleet { id, ended } => {
            let all = list(founded, asked, user, "DescribeSpotFleetRequests");
            assert!(all.contains(&**id), "{id}");
            assert!(fields(&all, "imageId").contains(&image));
            assert!(!ended || all.contains("cancelled_running"));
        }
        Who::SpotRequest { id, standing } => {
            let all = list(founded, asked, user, "DescribeSpotInstanceRequests");
            let state = match standing {
                SpotStanding::Active => "active",
                SpotStanding::Open => "open",
                SpotStanding::Closed => "closed",
                SpotStanding::Cancelled => "cancelled",
            };
            // The id comes behind the specification: the part before it is the request's own.
            let place = all.find(&format!("<spotInstanceRequestId>{id}<")).unwrap();
            assert_eq!(fields(&all[..place], "imageId").last(), Some(&image));
            assert_eq!(field(&all[place..], "state"), state);
        }
        Who::Parameter(version) => {
            let body = json!({ "Name": version.name });
            let answer = founded.ssm(user.home, "GetParameterHistory", &body);
            let versions = answer["Parameters"].as_array().unwrap();
            let this = versions
                .iter()
                .find(|known| known["Version"] == version.number)
                .unwrap();
            assert!(this["Value"].as_str().unwrap().contains(&image));
            assert_eq!(versions.last() == Some(this), version.is_current);
            let labels = version.label.iter().map(|label| json!(label)).collect::<Vec<_>>();
            assert_eq!(this.get("Labels").cloned().unwrap_or(json!([])), json!(labels));
        }
        Who::Pipeline { arn, .. } => pipeline(founded, user, arn, &image),
        Who::Recipe { arn } => {
            let listed = founded.pages(user.home, "ListImageRecipes");
            assert!(listed.contains(&**arn), "{arn}");
        }
    }
}

/// A pipeline's recipe builds on the image that the description says, if Image Builder can find it.
fn pipeline(founded: &mut Founded, user: &User, arn: &str, image: &str) {
    let escaped = |arn: &str| arn.replace(':', "%3A").replace('/', "%2F");
    let path = format!("/GetImagePipeline?imagePipelineArn={}", escaped(arn));
    let answer = founded.builder(user.home, "GET", &path, "");
    let recipe = answer["imagePipeline"]["imageRecipeArn"].as_str().unwrap();
    let path = format!("/GetImageRecipe?imageRecipeArn={}", escaped(recipe));
    let answer = founded.builder(user.home, "GET", &path, "");
    let parent = answer["imageRecipe"]["parentImage"].as_str().unwrap();
    let Who::Pipeline { parent: said, .. } = &user.who else {
        unreachable!("a pipeline")
    };
    assert_eq!(parent, &**said);
    if let Some(name) = parent.strip_prefix("ssm:") {
        let answer = founded.ssm(user.home, "GetParameter", &json!({ "Name": name }));
        assert_eq!(answer["Parameter"]["Value"], image);
    } else if parent.starts_with("arn:") && !image.is_empty() {
        let path = format!("/GetImage?imageBuildVersionArn={}", escaped(parent));
        let answer = founded.builder(user.home, "GET", &path, "");
        assert!(
            answer["image"]["outputResources"].to_string().contains(image),
            "{answer}"
        );
    } else if !parent.starts_with("arn:") {
        assert_eq!(parent, image);
    }
}

#[test]
fn every_user_is_found_by_the_list_that_would_find_it() {
    for seed in 0..8 {
        let settings = OrganizationSettings { swarm: 20, ..odd(seed) };
        let mut founded = Founded::new(&settings);
        let mut asked = Asked::new();
        for user in founded.it.users.clone() {
            if founded.answers(user.home) {
                found(&mut founded, &mut asked, &user);
            }
        }
    }
}

#[test]
fn no_list_finds_an_instance_that_the_description_does_not_name() {
    let mut founded = Founded::new(&odd(9));
    let mut named: Vec<String> = Vec::new();
    let mut homes = std::collections::BTreeSet::new();
    for user in &founded.it.users {
        if let Who::Instance { id, .. } = &user.who
            && founded.answers(user.home)
        {
            named.push(id.to_string());
            homes.insert(user.home);
        }
    }
    let mut listed = Vec::new();
    for home in homes {
        let xml = founded.ec2(home, "DescribeInstances", &[]).unwrap();
        listed.extend(fields(&xml, "instanceId"));
    }
    named.sort_unstable();
    listed.sort_unstable();
    assert_eq!(named, listed);
}

#[test]
fn a_terminated_instance_is_listed_for_another_hour() {
    let settings = OrganizationSettings {
        odds: super::super::Odds::all(0).with(Oddity::TerminatedListed, 1000),
        suspended: 0,
        ..OrganizationSettings::default()
    };
    let mut founded = Founded::new(&settings);
    let ended = founded
        .it
        .users
        .iter()
        .find(|user| !user.counts && matches!(user.who, Who::Instance { .. }));
    let home = ended.unwrap().home;
    let terminated = |founded: &mut Founded| {
        let xml = founded.ec2(home, "DescribeInstances", &[]).unwrap();
        fields(&xml, "name")
            .iter()
            .filter(|state| *state == "terminated")
            .count()
    };
    assert!(terminated(&mut founded) > 0);
    let later = founded.world.now() + std::time::Duration::from_hours(1);
    founded.world.settle(later);
    assert_eq!(terminated(&mut founded), 0);
}

#[test]
fn groups_by_template_and_by_policy_have_instances_of_their_template() {
    let mut founded = Founded::new(&OrganizationSettings::of_seed(1));
    let mut seen = [0, 0];
    for user in founded.it.users.clone() {
        let Who::Group { name, source } = &user.who else {
            continue;
        };
        let (at, template) = match source {
            GroupSource::Template(named) => (0, &named.template),
            GroupSource::Mixed(named) => (1, &named.template),
            _ => continue,
        };
        if !founded.answers(user.home) {
            continue;
        }
        let pairs = [("AutoScalingGroupNames.member.1", &**name)];
        let xml = founded
            .query("autoscaling", user.home, "DescribeAutoScalingGroups", &pairs)
            .unwrap();
        for instance in fields(&xml, "InstanceId") {
            seen[at] += 1;
            let pairs = [("InstanceId.1", &*instance)];
            let xml = founded.ec2(user.home, "DescribeInstances", &pairs).unwrap();
            assert_eq!(Some(field(&xml, "imageId")), user.image.map(|image| image.to_string()));
            assert!(xml.contains(&**template), "{template} in {xml}");
        }
    }
    assert!(seen.iter().all(|instances| *instances > 0), "{seen:?}");
}

#[test]
fn a_group_of_a_configuration_has_its_instances_and_keeps_them() {
    let mut founded = Founded::new(&OrganizationSettings::of_seed(1));
    let later = founded.world.now() + std::time::Duration::from_hours(100);
    let before = founded
        .it
        .users
        .iter()
        .filter(|user| matches!(user.who, Who::Instance { .. }))
        .count();
    founded.world.settle(later);
    let mut homes: Vec<Target> = founded.it.users.iter().map(|user| user.home).collect();
    homes.sort_unstable();
    homes.dedup();
    let mut after = 0;
    for home in homes
        .into_iter()
        .filter(|home| founded.answers(*home))
        .collect::<Vec<_>>()
    {
        after += fields(&founded.ec2(home, "DescribeInstances", &[]).unwrap(), "instanceId").len();
    }
    assert!(after <= before && after > 0);
}
