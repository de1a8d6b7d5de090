//! Releases are what Image Builder answers, and their histories are like real ones.

use std::collections::BTreeMap;

use super::super::{Architecture, Built, Release};
use super::*;
use serde_json::json;

fn lines(it: &Organization) -> BTreeMap<(usize, Architecture), Vec<&Release>> {
    let mut lines: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for release in &it.releases {
        lines
            .entry((release.family, release.architecture))
            .or_default()
            .push(release);
    }
    lines
}

#[test]
fn image_builder_knows_every_release_but_those_deleted_with_their_hub_image_among_the_outputs() {
    let mut founded = Founded::new(&OrganizationSettings::of_seed(1));
    let it = founded.it.clone();
    for (place, release) in it.releases.iter().enumerate() {
        let arn = release.arn.replace(':', "%3A").replace('/', "%2F");
        let answer = founded.builder(it.hub, "GET", &format!("/GetImage?imageBuildVersionArn={arn}"), "");
        let status = match release.built {
            Built::Available => json!("AVAILABLE"),
            Built::Deprecated => json!("DEPRECATED"),
            Built::Deleted => json!(null),
        };
        assert_eq!(answer["image"]["state"]["status"], status, "{answer}");
        if release.built == Built::Deleted {
            continue;
        }
        let original = it
            .placements
            .iter()
            .find(|image| image.release == Some(place) && image.home == it.hub);
        let outputs = answer["image"]["outputResources"]["amis"].as_array().unwrap();
        let here = outputs
            .iter()
            .find(|output| output["region"] == it.hub.region.name())
            .unwrap();
        assert_eq!(here["image"], original.unwrap().ami.to_string());
        assert_eq!(answer["image"]["dateCreated"], release.created.to_string());
    }
    let listed = founded.pages(it.hub, "ListImagePipelines");
    for (family, architecture) in lines(&it).keys() {
        let name = it.families[*family].line(*architecture);
        assert!(listed.contains(&format!(":image-pipeline/{name}\"")), "{listed}");
    }
}

#[test]
fn builds_are_spread_over_the_days_and_none_is_of_tomorrow() {
    let it = Founded::new(&OrganizationSettings::of_seed(2)).it;
    for line in lines(&it).values() {
        let ages: Vec<u64> = line
            .iter()
            .map(|release| it.founded.since(release.created).as_secs() / 86_400)
            .collect();
        assert!(ages.is_sorted_by(|older, newer| older >= newer), "{ages:?}");
        assert!(ages[0] > 300 && ages[0] <= 400, "{ages:?}");
        assert!(*ages.last().unwrap() < 40, "{ages:?}");
        let all = line.iter().map(|release| (release.version, release.build));
        let distinct: std::collections::BTreeSet<_> = all.collect();
        assert_eq!(distinct.len(), line.len());
    }
}

#[test]
fn versions_pass_ten_so_that_comparing_them_as_texts_goes_wrong() {
    let wrong = (0..20).filter(|seed| {
        let it = Founded::new(&OrganizationSettings::of_seed(*seed)).it;
        lines(&it).values().any(|line| {
            let text = |release: &Release| release.version.map(|node| node.to_string()).join(".");
            line.is_sorted_by_key(|release| release.version) && !line.is_sorted_by_key(|release| text(release))
        })
    });
    assert!(wrong.count() > 10);
}

#[test]
fn a_release_is_built_on_an_older_one_of_its_familys_parent() {
    let it = Founded::new(&OrganizationSettings::of_seed(3)).it;
    let mut children = 0;
    for release in &it.releases {
        let Some(parent) = release.parent.map(|parent| &it.releases[parent]) else {
            continue;
        };
        assert_eq!(it.families[release.family].parent, Some(parent.family));
        assert_eq!(release.architecture, parent.architecture);
        assert!(parent.created < release.created);
        children += 1;
    }
    assert!(children > 0);
}

#[test]
fn a_channel_points_at_one_of_the_two_newest_and_its_parameter_says_which_image_that_is() {
    let mut founded = Founded::new(&OrganizationSettings::of_seed(4));
    let it = founded.it.clone();
    for family in &it.families {
        for channel in &family.channels {
            let image = it
                .placements
                .iter()
                .find(|image| image.release == Some(channel.release) && image.home == it.hub);
            let name = format!("/golden/{}/{}/{}", family.name, channel.architecture, channel.name);
            let answer = founded.ssm(it.hub, "GetParameter", &json!({ "Name": name }));
            assert_eq!(answer["Parameter"]["Value"], image.unwrap().ami.to_string());
        }
    }
}
