//! What counts as a use, worked out twice: while founding, and from the description.

use super::super::{
    Built, Chosen, InstanceStanding, Oddity, ParameterVersion, TemplateUse, TemplateVersion, User, Who,
};
use super::*;
use crate::ids::ImageId;

#[test]
fn what_was_founded_as_a_use_is_one_by_the_description_alone() {
    for seed in 0..30 {
        let it = Founded::new(&odd(seed)).it;
        let founded: Vec<_> = it.users.iter().filter(|user| user.counts).collect();
        assert_eq!(it.uses().collect::<Vec<_>>(), founded, "seed {seed}");
        assert!(founded.len() > 50);
        for image in it.used_images() {
            assert!(it.users_of(image).next().is_some());
        }
    }
}

#[test]
fn some_images_are_used_and_others_only_named() {
    let it = Founded::new(&OrganizationSettings::of_seed(1)).it;
    let used = it.used_images();
    let named: std::collections::BTreeSet<ImageId> = it.users.iter().filter_map(|user| user.image).collect();
    assert!(used.is_subset(&named) && used != named);
    let unused = it.placements.iter().filter(|placement| !named.contains(&placement.ami));
    assert!(unused.count() > 0);
}

/// An organization in which this is all that names images, each time the same one.
fn only(users: Vec<Who>) -> (Organization, ImageId) {
    let mut it = Founded::new(&OrganizationSettings::tiny(1)).it;
    let image = it.placements[0].ami;
    let user = |who| User {
        home: it.hub,
        who,
        image: Some(image),
        counts: false,
    };
    it.users = users.into_iter().map(user).collect();
    (it, image)
}

fn old_version(parameter: Option<&str>) -> Who {
    Who::TemplateVersion(Box::new(TemplateVersion {
        template: "lt-1".into(),
        name: "app".into(),
        number: 2,
        is_default: false,
        is_latest: false,
        parameter: parameter.map(Into::into),
    }))
}

fn fleet(version: Chosen, ended: bool) -> Who {
    let template = "lt-1".into();
    Who::Fleet {
        id: "fleet-1".into(),
        from: Box::new(TemplateUse { template, version }),
        ended,
    }
}

fn past(label: Option<&str>) -> Who {
    Who::Parameter(Box::new(ParameterVersion {
        name: "/app".into(),
        number: 2,
        is_current: false,
        label: label.map(Into::into),
    }))
}

#[test]
fn an_old_version_is_a_use_when_a_living_user_names_its_number() {
    let alone = only(vec![old_version(None)]);
    assert_eq!(alone.0.users_of(alone.1).count(), 0);
    for (version, ended, uses) in [
        (Chosen::Number(2), false, 2),
        (Chosen::Number(2), true, 0),
        (Chosen::Number(3), false, 1),
        (Chosen::Latest, false, 1),
    ] {
        let (it, image) = only(vec![old_version(None), fleet(version, ended)]);
        assert_eq!(it.users_of(image).count(), uses, "{version:?} {ended}");
    }
}

#[test]
fn a_past_value_is_a_use_when_a_version_that_counts_names_it_by_number_or_label() {
    let pin = || fleet(Chosen::Number(2), false);
    for (value, reference, uses) in [
        (past(None), "/app:2", 3),
        (past(None), "/app:3", 2),
        (past(None), "/app", 2),
        (past(None), "/app2:2", 2),
        (past(Some("blue")), "/app:blue", 3),
        (past(Some("blue")), "/app:green", 2),
    ] {
        let (it, image) = only(vec![value, old_version(Some(reference)), pin()]);
        assert_eq!(it.users_of(image).count(), uses, "{reference}");
    }
    let (it, image) = only(vec![past(Some("blue")), old_version(Some("/app:blue"))]);
    assert_eq!(it.users_of(image).count(), 0);
}

#[test]
fn what_is_over_and_what_is_in_a_closed_account_is_no_use() {
    let instance = |standing| Who::Instance {
        id: "i-0123456789abcdef0".parse().unwrap(),
        standing,
        from: None,
    };
    let (it, image) = only(vec![instance(InstanceStanding::Terminated)]);
    assert_eq!(it.users_of(image).count(), 0);
    let (mut it, image) = only(vec![instance(InstanceStanding::Stopped)]);
    assert_eq!(it.users_of(image).count(), 1);
    it.accounts[0].suspended = true;
    assert_eq!(it.users_of(image).count(), 0);
}

#[test]
fn a_deregistered_image_with_an_instance_is_still_in_use() {
    let it = Founded::new(&odd(1)).it;
    let gone = it
        .strange
        .iter()
        .find(|strange| strange.oddity == Oddity::GoneButRunning);
    let image = gone.unwrap().about[0].parse().unwrap();
    assert!(it.used_images().contains(&image));
    assert!(it.releases.iter().any(|release| release.built == Built::Deleted));
}
