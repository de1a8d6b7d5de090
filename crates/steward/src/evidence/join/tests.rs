use proptest::prelude::*;

use super::*;
use crate::AccountId;
use crate::evidence::{InstanceState, ReportedUser, Selector};

fn ami(n: u64) -> AmiId {
    format!("ami-{n:017x}").parse().unwrap()
}

fn template_id(n: u64) -> TemplateId {
    format!("lt-{n:017x}").parse().unwrap()
}

fn nothing() -> Readings {
    Readings::of_nothing()
}

fn instance(n: u64, image: u64, template: Option<(u64, u64)>) -> InstanceSeen {
    InstanceSeen {
        id: format!("i-{n:017x}").parse().unwrap(),
        state: InstanceState::Stopped,
        image: ami(image),
        name: None,
        owner: None,
        template: template.map(|(id, version)| (template_id(id), version)),
    }
}

/// A template `web` whose versions 1, 2, 3 start images 1, 2, 3; the default is 2.
fn web() -> TemplateSeen {
    TemplateSeen {
        id: template_id(1),
        name: String::from("web"),
        default: 2,
        latest: 3,
        versions: (1..=3).map(|n| (n, Some(ImageName::Ami(ami(n))))).collect(),
    }
}

fn group(what: Launched) -> Launcher {
    Launcher {
        user: Hop::Group("shop".into()),
        launches: vec![Launch { within: None, what }],
    }
}

fn by_template(version: VersionBy) -> Launched {
    Launched::Template {
        by: TemplateBy::Id(template_id(1)),
        version,
    }
}

fn recipe<R: std::str::FromStr<Err: std::fmt::Debug>>(name: &str) -> R {
    let arn = format!("arn:aws:imagebuilder:eu-west-1:111122223333:image-recipe/{name}");
    arn.parse().unwrap()
}

/// The ways to an image by one source, as people read them.
fn ways(readings: &Readings, source: Source, image: u64) -> Vec<String> {
    let joined = join(readings);
    let uses = joined[&source].as_ref().expect("read");
    let references = uses.of.get(&ami(image)).into_iter().flatten();
    references.map(ToString::to_string).collect()
}

#[test]
fn an_account_that_a_report_tells_of_uses_the_image_and_is_named_as_another_than_the_one_that_was_read() {
    let account: AccountId = "222233334444".parse().unwrap();
    let reported = ReportedUse {
        ami: ami(7),
        requested: "2026-01-18T17:50:56Z".parse().unwrap(),
        account,
        by: ReportedUser::Instances,
        count: 2,
    };
    let readings = Readings {
        reports: Ok(ReportsSeen {
            listed: 3,
            reports: Vec::new(),
            uses: vec![reported],
        }),
        ..nothing()
    };
    assert_eq!(
        ways(&readings, Source::Reports, 7),
        ["account 222233334444 with 2 instances (usage report of 2026-01-18T17:50:56.000Z)"]
    );
    let joined = join(&readings);
    let uses = joined[&Source::Reports].as_ref().expect("read");
    assert_eq!(uses.listed, 3);
    let reference = uses.of[&ami(7)].first().expect("a use");
    assert_eq!(reference.elsewhere(), Some(account));
}

#[test]
fn a_stopped_instance_uses_its_image() {
    let readings = Readings {
        instances: Ok(vec![instance(1, 7, None)]),
        ..nothing()
    };
    assert_eq!(
        ways(&readings, Source::Instances, 7),
        ["instance i-00000000000000001 (stopped)"]
    );
}

#[test]
fn every_version_of_a_template_is_told_with_where_it_stands() {
    let readings = Readings {
        templates: Ok(vec![web()]),
        ..nothing()
    };
    let of = |image| ways(&readings, Source::LaunchTemplates, image);
    assert_eq!(of(1), ["launch template web version 1"]);
    assert_eq!(of(2), ["launch template web version 2 (default)"]);
    assert_eq!(of(3), ["launch template web version 3 (latest)"]);
}

#[test]
fn an_old_version_is_used_by_the_group_that_pins_it_and_by_the_instance_that_was_started_by_it() {
    let readings = Readings {
        templates: Ok(vec![web()]),
        instances: Ok(vec![instance(1, 9, Some((1, 1)))]),
        groups: Ok(vec![group(by_template(VersionBy::Number(1)))]),
        ..nothing()
    };
    assert_eq!(
        ways(&readings, Source::AutoScalingGroups, 1),
        ["group shop → launch template web version 1"]
    );
    assert_eq!(
        ways(&readings, Source::LaunchTemplates, 1),
        [
            "instance i-00000000000000001 (stopped) → launch template web version 1",
            "launch template web version 1",
        ]
    );
}

#[test]
fn default_and_latest_mean_what_they_mean_now() {
    let used = |version| {
        let readings = Readings {
            templates: Ok(vec![web()]),
            groups: Ok(vec![group(by_template(version))]),
            ..nothing()
        };
        let joined = join(&readings);
        let uses = joined[&Source::AutoScalingGroups].as_ref().unwrap();
        uses.of.keys().copied().collect::<Vec<_>>()
    };
    assert_eq!(used(VersionBy::Default), [ami(2)]);
    assert_eq!(used(VersionBy::Latest), [ami(3)]);
    assert_eq!(used(VersionBy::Number(4)), []);
}

#[test]
fn a_group_names_its_template_by_name_too_and_its_overrides_one_of_their_own() {
    let named = Launched::Template {
        by: TemplateBy::Name(String::from("web")),
        version: VersionBy::Latest,
    };
    let mut mixed = group(named);
    mixed.launches.push(Launch {
        within: Some(Hop::Override(2)),
        what: by_template(VersionBy::Number(1)),
    });
    let readings = Readings {
        templates: Ok(vec![web()]),
        groups: Ok(vec![mixed]),
        ..nothing()
    };
    assert_eq!(
        ways(&readings, Source::AutoScalingGroups, 3),
        ["group shop → launch template web version 3 (latest)"]
    );
    assert_eq!(
        ways(&readings, Source::AutoScalingGroups, 1),
        ["group shop → override 2 → launch template web version 1"]
    );
}

#[test]
fn a_launch_configuration_is_a_use_with_and_without_a_group() {
    let readings = Readings {
        configurations: Ok(vec![ConfigurationSeen {
            name: String::from("old"),
            image: Some(ami(1)),
        }]),
        groups: Ok(vec![group(Launched::Configuration(String::from("old")))]),
        ..nothing()
    };
    assert_eq!(
        ways(&readings, Source::LaunchConfigurations, 1),
        ["launch configuration old"]
    );
    assert_eq!(
        ways(&readings, Source::AutoScalingGroups, 1),
        ["group shop → launch configuration old"]
    );
}

#[test]
fn a_parameter_is_followed_in_each_of_its_forms_and_what_it_held_before_only_where_that_is_named() {
    let parameter = |selector| ParameterRef {
        name: String::from("/golden/web"),
        selector,
    };
    let forms = [
        (parameter(None), 3),
        (parameter(Some(Selector::Version(1))), 1),
        (parameter(Some(Selector::Label(String::from("blue")))), 2),
    ];
    let mut template = web();
    template.versions = (1..)
        .zip(&forms)
        .map(|(n, (form, _))| (n, Some(ImageName::Parameter(form.clone()))))
        .collect();
    let mut readings = Readings {
        templates: Ok(vec![template]),
        ..nothing()
    };
    assert_eq!(parameters_named(&readings).len(), 3);
    readings.parameters = Ok(ParametersSeen {
        listed: 1,
        holding: BTreeMap::from([(String::from("/golden/web"), BTreeSet::from([ami(3)]))]),
        named: forms
            .iter()
            .map(|(form, image)| (form.clone(), BTreeSet::from([ami(*image)])))
            .collect(),
    });
    let of = |image| ways(&readings, Source::LaunchTemplates, image);
    assert_eq!(
        of(1),
        ["launch template web version 2 (default) → parameter /golden/web:1"]
    );
    assert_eq!(
        of(2),
        ["launch template web version 3 (latest) → parameter /golden/web:blue"]
    );
    assert_eq!(of(3), ["launch template web version 1 → parameter /golden/web"]);
    assert_eq!(ways(&readings, Source::Parameters, 3), ["parameter /golden/web"]);
    assert!(ways(&readings, Source::Parameters, 1).is_empty());
}

#[test]
fn a_pipeline_uses_what_its_recipe_builds_on_however_that_is_named() {
    let base = ParameterRef::newest("/golden/base");
    let pipeline = |name: &str, parent: Option<ImageName>, builds_on: &[u64]| PipelineSeen {
        name: name.into(),
        recipe: recipe("web/1.x.x"),
        parent,
        builds_on: builds_on.iter().map(|n| ami(*n)).collect(),
    };
    let mut readings = Readings {
        pipelines: Ok(vec![
            pipeline("by-id", Some(ImageName::Ami(ami(1))), &[]),
            pipeline("by-parameter", Some(ImageName::Parameter(base.clone())), &[]),
            pipeline("by-build", None, &[3]),
        ]),
        ..nothing()
    };
    assert_eq!(parameters_named(&readings), BTreeSet::from([base.clone()]));
    readings.parameters = Ok(ParametersSeen {
        named: BTreeMap::from([(base, BTreeSet::from([ami(2)]))]),
        ..ParametersSeen::default()
    });
    let of = |image| ways(&readings, Source::Pipelines, image);
    assert_eq!(of(1), ["pipeline by-id → recipe web/1.x.x"]);
    assert_eq!(
        of(2),
        ["pipeline by-parameter → recipe web/1.x.x → parameter /golden/base"]
    );
    assert_eq!(of(3), ["pipeline by-build → recipe web/1.x.x"]);
}

fn told(by: Referrer) -> Vec<ReferenceSeen> {
    vec![ReferenceSeen { ami: ami(1), by }]
}

#[test]
fn whatever_no_list_shows_is_a_use_by_ec2s_own_word() {
    let parameter = || ParametersSeen {
        listed: 1,
        holding: BTreeMap::from([(String::from("/golden/web"), BTreeSet::from([ami(3)]))]),
        named: BTreeMap::new(),
    };
    let other = Referrer::Other {
        kind: "ec2:Fleet".into(),
        arn: "arn:aws:ec2:eu-west-1:111122223333:fleet/1".into(),
    };
    for (by, said) in [
        (
            Referrer::Instance("i-00000000000000001".parse().unwrap()),
            "instance i-00000000000000001 (EC2 says so)",
        ),
        (
            Referrer::LaunchTemplate(template_id(2)),
            "launch template lt-00000000000000002 (EC2 says so)",
        ),
        (
            Referrer::Parameter("/golden/web".into()),
            "parameter /golden/web (EC2 says so)",
        ),
        (
            other,
            "ec2:Fleet arn:aws:ec2:eu-west-1:111122223333:fleet/1 (EC2 says so)",
        ),
    ] {
        // An instance of another image, a parameter that held another one a moment ago: EC2 is asked last.
        let readings = Readings {
            instances: Ok(vec![instance(1, 9, None)]),
            templates: Ok(vec![web()]),
            parameters: Ok(parameter()),
            references: Ok(told(by)),
            ..nothing()
        };
        assert_eq!(ways(&readings, Source::References, 1), [said]);
        assert!(ways(&readings, Source::References, 9).is_empty());
    }
}

#[test]
fn a_template_of_which_an_old_version_names_the_image_is_told_by_its_list_and_by_ec2_only_where_that_was_not_read() {
    let readings = Readings {
        templates: Ok(vec![web()]),
        references: Ok(told(Referrer::LaunchTemplate(template_id(1)))),
        ..nothing()
    };
    assert_eq!(
        ways(&readings, Source::LaunchTemplates, 1),
        ["launch template web version 1"]
    );
    assert!(ways(&readings, Source::References, 1).is_empty());
    let without_image = TemplateSeen {
        versions: BTreeMap::from([(1, None), (3, Some(ImageName::Ami(ami(3))))]),
        ..web()
    };
    for templates in [Err("UnauthorizedOperation".into()), Ok(vec![without_image])] {
        let readings = Readings {
            templates,
            ..readings.clone()
        };
        let said = "launch template lt-00000000000000001 (EC2 says so)";
        assert_eq!(ways(&readings, Source::References, 1), [said]);
    }
}

#[test]
fn a_template_whose_old_version_an_instance_was_started_by_is_told_with_it() {
    // The instance is of another image by now; its way and the version's are both the list's.
    let readings = Readings {
        templates: Ok(vec![web()]),
        instances: Ok(vec![instance(1, 9, Some((1, 1)))]),
        references: Ok(told(Referrer::LaunchTemplate(template_id(1)))),
        ..nothing()
    };
    assert_eq!(ways(&readings, Source::LaunchTemplates, 1).len(), 2);
    assert!(ways(&readings, Source::References, 1).is_empty());
}

#[test]
fn a_recipe_that_no_pipeline_may_build_by_is_no_use() {
    let pipeline = PipelineSeen {
        name: "web".into(),
        recipe: recipe("web/1.x.x"),
        parent: Some(ImageName::Ami(ami(7))),
        builds_on: BTreeSet::new(),
    };
    let of = |version: &str| {
        let readings = Readings {
            pipelines: Ok(vec![pipeline.clone()]),
            references: Ok(told(Referrer::Recipe(recipe(version)))),
            ..nothing()
        };
        ways(&readings, Source::References, 1)
    };
    // Its list shows the newest that matches alone; once that is deleted this one is meant.
    assert_eq!(of("web/1.0.0"), ["recipe web/1.0.0 (EC2 says so)"]);
    assert!(of("web/2.0.0").is_empty());
    assert!(of("shop/1.0.0").is_empty());
}

#[test]
fn a_source_that_stands_on_one_that_was_not_read_is_not_read_either() {
    let denied = || Words::from("UnauthorizedOperation");
    let unread = |readings: &Readings| {
        let joined = join(readings);
        let unread = joined.into_iter().filter(|(_, uses)| uses.is_err());
        unread.map(|(source, _)| source).collect::<Vec<_>>()
    };
    let without_parameters = Readings {
        parameters: Err(denied()),
        ..nothing()
    };
    assert_eq!(
        unread(&without_parameters),
        [
            Source::LaunchTemplates,
            Source::AutoScalingGroups,
            Source::Fleets,
            Source::SpotFleets,
            Source::SpotRequests,
            Source::Parameters,
            Source::Pipelines,
            Source::References,
        ]
    );
    let without_configurations = Readings {
        configurations: Err(denied()),
        ..nothing()
    };
    assert_eq!(
        unread(&without_configurations),
        [Source::AutoScalingGroups, Source::LaunchConfigurations]
    );
    let without_images = Readings {
        images: Err(denied()),
        ..nothing()
    };
    assert_eq!(unread(&without_images), [Source::Images, Source::References]);
    assert!(unread(&nothing()).is_empty());
    let said = join(&without_parameters)[&Source::LaunchTemplates].clone().unwrap_err();
    assert_eq!(said.as_str(), "parameters could not be read: UnauthorizedOperation");
}

#[test]
fn a_template_or_a_version_that_is_named_and_was_not_listed_is_missed() {
    let by = |name: &str, version| Launched::Template {
        by: TemplateBy::Name(name.to_owned()),
        version,
    };
    let mut nameless = web();
    nameless.versions.insert(2, None);
    let readings = Readings {
        templates: Ok(vec![nameless]),
        instances: Ok(vec![instance(1, 9, Some((1, 7))), instance(2, 9, Some((1, 1)))]),
        groups: Ok(vec![
            group(by("web", VersionBy::Default)),
            group(by("web", VersionBy::Latest)),
            group(by("gone", VersionBy::Latest)),
        ]),
        ..nothing()
    };
    // That a version names no image is known of it: only what was never read is missed.
    let missed: Vec<_> = templates_missing(&readings).into_iter().collect();
    assert_eq!(
        missed,
        [
            (TemplateBy::Id(template_id(1)), VersionBy::Number(7)),
            (TemplateBy::Name(String::from("gone")), VersionBy::Latest),
        ]
    );
}

#[test]
fn public_parameters_are_not_asked_for() {
    let mut template = web();
    let amazon = ImageName::read("resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023").unwrap();
    template.versions.insert(3, Some(amazon));
    let readings = Readings {
        templates: Ok(vec![template]),
        ..nothing()
    };
    assert!(parameters_named(&readings).is_empty());
}

proptest! {
    #[test]
    fn neither_order_nor_repetition_of_a_list_changes_who_uses_what(
        instances in proptest::collection::vec((0u64..9, 0u64..5, proptest::option::of((1u64..3, 1u64..5))), 0..20),
        turn in 0usize..20,
    ) {
        let list: Vec<_> = instances.iter().map(|(n, image, by)| instance(*n, *image, *by)).collect();
        let mut turned = list.clone();
        if !turned.is_empty() {
            let by = turn % turned.len();
            turned.rotate_left(by);
            turned.push(list[0].clone());
        }
        let of = |instances| Readings { instances: Ok(instances), templates: Ok(vec![web()]), ..nothing() };
        let uses = |readings: &Readings| {
            join(readings).into_iter().map(|(source, uses)| (source, uses.unwrap().of)).collect::<BTreeMap<_, _>>()
        };
        prop_assert_eq!(uses(&of(list)), uses(&of(turned)));
    }
}

#[test]
fn versions_that_were_deleted_are_not_counted_among_the_newer_ones() {
    let standing = |template: TemplateSeen| {
        let readings = Readings {
            templates: Ok(vec![template]),
            ..nothing()
        };
        let mut joined = join(&readings);
        let uses = joined.remove(&Source::LaunchTemplates).unwrap().unwrap().of;
        let weaknesses = uses
            .into_values()
            .map(|ways| ways.iter().map(Reference::weakness).max());
        weaknesses.flatten().collect::<Vec<u64>>()
    };
    let image = |n: u64| (n, Some(ImageName::Ami(ami(n))));
    let template = |latest: u64, versions: Vec<(u64, Option<ImageName>)>| TemplateSeen {
        default: latest,
        latest,
        versions: versions.into_iter().collect(),
        ..web()
    };
    let gaps = vec![image(2), image(7), (8, None), image(9)];
    assert_eq!(standing(template(9, gaps)), [3, 2, 0]);
    // Of a template of which the latest was not read, what was read is not the latest for that.
    assert_eq!(standing(template(9, vec![image(7)])), [1]);
}
