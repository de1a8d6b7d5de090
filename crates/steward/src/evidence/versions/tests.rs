use super::*;
use crate::evidence::{ConfigurationSeen, Hop, InstanceSeen, InstanceState};

fn template_id(n: u64) -> TemplateId {
    format!("lt-{n:017x}").parse().unwrap()
}

/// A template called `web-1`, `web-2` and so on, of nine versions, the fifth of which is the default.
fn template(n: u64) -> TemplateSeen {
    TemplateSeen {
        id: template_id(n),
        name: format!("web-{n}"),
        default: 5,
        latest: 9,
        versions: (1..=9).map(|version| (version, None)).collect(),
    }
}

fn by_id(version: VersionBy) -> Launched {
    let by = TemplateBy::Id(template_id(1));
    Launched::Template { by, version }
}

fn by_name(name: &str, version: VersionBy) -> Launched {
    let by = TemplateBy::Name(String::from(name));
    Launched::Template { by, version }
}

fn launcher(user: Hop, within: Option<Hop>, what: Launched) -> Launcher {
    Launcher {
        user,
        launches: vec![Launch { within, what }],
    }
}

fn group(what: Launched) -> Launcher {
    launcher(Hop::Group("shop".into()), None, what)
}

fn instance(n: u64, template: Option<(TemplateId, u64)>) -> InstanceSeen {
    InstanceSeen {
        id: format!("i-{n:017x}").parse().unwrap(),
        state: InstanceState::Stopped,
        image: "ami-00000000000000001".parse().unwrap(),
        name: None,
        owner: None,
        template,
    }
}

/// A target with two templates in which nothing names a version by its number.
fn target() -> Readings {
    Readings {
        templates: Ok(vec![template(1), template(2)]),
        ..Readings::of_nothing()
    }
}

/// Runs that read every list, and are believed.
fn runs() -> Vec<SourceRun> {
    let run = |source| SourceRun {
        source,
        as_of: "2026-01-18T00:00:00Z".parse().unwrap(),
        said: Said::Complete(1),
    };
    Source::ALL.map(run).to_vec()
}

/// The versions of the first template that are named beside the default and the latest, and by whom.
fn named(readings: &Readings) -> Vec<(u64, String)> {
    let NamesFound::All { latest: 9, named } = versions_named(readings, &runs(), template_id(1)) else {
        panic!("not all is known");
    };
    let others = named.into_iter().filter(|named| ![5, 9].contains(&named.version));
    others
        .map(|VersionNamed { version, by, more }| match more {
            0 => (version, by.to_string()),
            more => (version, format!("{by} and {more} more")),
        })
        .collect()
}

fn one(version: u64, by: &str) -> Vec<(u64, String)> {
    vec![(version, String::from(by))]
}

#[test]
fn the_default_and_the_latest_version_are_named_by_the_template_itself() {
    let found = versions_named(&target(), &runs(), template_id(1));
    let by = |version, by: &str| VersionNamed {
        version,
        by: by.into(),
        more: 0,
    };
    let named = vec![by(5, "its default version"), by(9, "its latest version")];
    assert_eq!(found, NamesFound::All { latest: 9, named });
}

#[test]
fn whoever_launches_by_a_version_names_it_whatever_it_is() {
    let third = || by_id(VersionBy::Number(3));
    let nothing = target;
    let cases = [
        (
            Readings {
                groups: Ok(vec![group(third())]),
                ..nothing()
            },
            "group shop",
        ),
        (
            Readings {
                groups: Ok(vec![launcher(
                    Hop::Group("shop".into()),
                    Some(Hop::Override(2)),
                    third(),
                )]),
                ..nothing()
            },
            "group shop → override 2",
        ),
        (
            Readings {
                fleets: Ok(vec![launcher(Hop::Fleet("fleet-1".into()), None, third())]),
                ..nothing()
            },
            "fleet fleet-1",
        ),
        (
            Readings {
                spot_fleets: Ok(vec![launcher(Hop::SpotFleet("sfr-1".into()), None, third())]),
                ..nothing()
            },
            "Spot Fleet sfr-1",
        ),
        (
            Readings {
                spot_requests: Ok(vec![launcher(Hop::SpotRequest("sir-1".into()), None, third())]),
                ..nothing()
            },
            "Spot request sir-1",
        ),
        (
            Readings {
                instances: Ok(vec![instance(1, Some((template_id(1), 3)))]),
                ..nothing()
            },
            "instance i-00000000000000001 (stopped)",
        ),
    ];
    for (readings, by) in cases {
        assert_eq!(named(&readings), one(3, by));
    }
}

#[test]
fn a_template_is_meant_by_its_name_as_by_its_id_and_another_one_is_not() {
    let by = |what: Launched| Readings {
        groups: Ok(vec![group(what)]),
        ..target()
    };
    assert_eq!(named(&by(by_name("web-1", VersionBy::Number(3)))), one(3, "group shop"));
    for name in ["web-2", "web", "Web-1"] {
        assert_eq!(named(&by(by_name(name, VersionBy::Number(3)))), []);
    }
    let other = Launched::Template {
        by: TemplateBy::Id(template_id(2)),
        version: VersionBy::Number(3),
    };
    assert_eq!(named(&by(other)), []);
    let instances = Readings {
        instances: Ok(vec![instance(1, Some((template_id(2), 3))), instance(2, None)]),
        ..target()
    };
    assert_eq!(named(&instances), []);
}

#[test]
fn a_fleet_by_a_word_may_be_by_any_version_and_one_by_another_template_is_by_none() {
    let fleets = |what: &Launched, within: Option<Hop>| {
        let of = |user| Ok(vec![launcher(user, within.clone(), what.clone())]);
        [
            Readings {
                fleets: of(Hop::Fleet("fleet-1".into())),
                ..target()
            },
            Readings {
                spot_fleets: of(Hop::SpotFleet("sfr-1".into())),
                ..target()
            },
        ]
    };
    for word in [VersionBy::Default, VersionBy::Latest] {
        for what in [by_id(word), by_name("web-1", word)] {
            let whys = fleets(&what, Some(Hop::Override(2))).map(|readings| not_all(&readings, &runs()));
            let why = |who| {
                let names = "names $Default or $Latest, and no list tells which version that was when it began";
                format!("{who} → override 2 {names}")
            };
            assert_eq!(whys, [why("fleet fleet-1"), why("Spot Fleet sfr-1")]);
        }
        for readings in fleets(&by_name("web-2", word), None) {
            assert_eq!(named(&readings), []);
        }
    }
}

#[test]
fn a_version_that_a_group_names_by_a_word_is_the_one_that_it_means_now() {
    for (word, version) in [(VersionBy::Default, 5), (VersionBy::Latest, 9)] {
        let readings = Readings {
            groups: Ok(vec![group(by_id(word))]),
            ..target()
        };
        let NamesFound::All { named, .. } = versions_named(&readings, &runs(), template_id(1)) else {
            panic!("not all is known");
        };
        let more = named.into_iter().map(|named| (named.version, named.more));
        let expected = [5, 9].map(|number| (number, usize::from(number == version)));
        assert_eq!(more.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn of_many_that_name_a_version_one_is_told_and_how_many_more() {
    let readings = Readings {
        groups: Ok(vec![group(by_id(VersionBy::Number(3)))]),
        instances: Ok((1..=40).map(|n| instance(n, Some((template_id(1), 3)))).collect()),
        ..target()
    };
    assert_eq!(named(&readings), one(3, "group shop and 40 more"));
}

#[test]
fn an_image_or_a_launch_configuration_names_no_version() {
    let image = Launched::Image(crate::evidence::ImageName::Ami(
        "ami-00000000000000001".parse().unwrap(),
    ));
    let readings = Readings {
        groups: Ok(vec![
            group(image),
            group(Launched::Configuration(String::from("web-1"))),
        ]),
        configurations: Ok(vec![ConfigurationSeen {
            name: String::from("web-1"),
            image: None,
        }]),
        ..target()
    };
    assert_eq!(named(&readings), []);
}

fn not_all(readings: &Readings, runs: &[SourceRun]) -> String {
    match versions_named(readings, runs, template_id(1)) {
        NamesFound::NotAll(why) => why.to_string(),
        found @ NamesFound::All { .. } => panic!("{found:?}"),
    }
}

#[test]
fn a_list_that_was_not_read_or_is_not_believed_never_looks_like_one_in_which_nobody_names_a_version() {
    for source in NAMING {
        let of = |said: Said| {
            let mut runs = runs();
            runs.iter_mut().find(|run| run.source == source).unwrap().said = said;
            not_all(&target(), &runs)
        };
        let unread = of(Said::Unread("throttled".into()));
        assert_eq!(unread, format!("{source} could not be read: throttled"));
        let short = of(Said::Implausible { count: 1, usual: 40 });
        assert_eq!(short, format!("of {source} 1 were listed where 40 are usual"));
        let fewer: Vec<SourceRun> = runs().into_iter().filter(|run| run.source != source).collect();
        assert_eq!(not_all(&target(), &fewer), format!("{source} were not read"));
    }
    // What names no version is not asked for.
    for source in [Source::Images, Source::Pipelines, Source::Reports, Source::References] {
        let others: Vec<SourceRun> = runs().into_iter().filter(|run| run.source != source).collect();
        assert!(matches!(
            versions_named(&target(), &others, template_id(1)),
            NamesFound::All { .. }
        ));
    }
}

#[test]
fn nor_does_one_that_only_its_run_says_was_read() {
    let unread = || Words::from("throttled");
    for readings in [
        Readings {
            instances: Err(unread()),
            ..target()
        },
        Readings {
            templates: Err(unread()),
            ..target()
        },
        Readings {
            groups: Err(unread()),
            ..target()
        },
        Readings {
            fleets: Err(unread()),
            ..target()
        },
        Readings {
            spot_fleets: Err(unread()),
            ..target()
        },
        Readings {
            spot_requests: Err(unread()),
            ..target()
        },
    ] {
        assert_eq!(not_all(&readings, &runs()), "throttled");
    }
}

#[test]
fn of_a_template_that_is_not_listed_nothing_is_known() {
    let readings = Readings {
        templates: Ok(vec![template(2)]),
        ..target()
    };
    let said = not_all(&readings, &runs());
    assert_eq!(said, "it is not among the launch templates of its account");
}

#[test]
fn more_named_versions_than_the_record_holds_are_as_good_as_unknown() {
    let started = |count: u64| Readings {
        instances: Ok((1..=count)
            .map(|n| instance(n, Some((template_id(1), 9 + n))))
            .collect()),
        ..target()
    };
    assert_eq!(named(&started(998)).len(), 998);
    assert_eq!(
        not_all(&started(999), &runs()),
        "more than 1000 of its versions are named"
    );
}

#[test]
fn what_was_found_travels_as_it_is() {
    for found in [
        versions_named(&target(), &runs(), template_id(1)),
        NamesFound::NotAll("throttled".into()),
    ] {
        let as_of = "2026-01-18T00:00:00Z".parse().unwrap();
        let named = VersionsNamed { as_of, found };
        let json = serde_json::to_string(&named).unwrap();
        assert_eq!(serde_json::from_str::<VersionsNamed>(&json).unwrap(), named);
    }
}

#[test]
fn a_version_is_nobodys_once_two_runs_that_are_apart_found_it_so() {
    let at = |minutes: i64| Timestamp::from_millisecond(1_770_000_000_000 + minutes * 60_000).unwrap();
    let all = |latest, versions: &[u64]| {
        let by = |version: &u64| VersionNamed {
            version: *version,
            by: "group shop".into(),
            more: 0,
        };
        let named = versions.iter().map(by).collect();
        NamesFound::All { latest, named }
    };
    let before = |minutes: i64, found| VersionsNamed {
        as_of: at(-minutes),
        found,
    };
    let both = |found: &NamesFound, before: Option<VersionsNamed>| named_by_both(found, before.as_ref(), at(0));
    let known = both(&all(9, &[3, 5]), Some(before(35, all(8, &[2, 5]))));
    assert_eq!(known, all(8, &[2, 3, 5]));
    for apart in [20, 25 * 60] {
        assert_eq!(both(&all(9, &[3]), Some(before(apart, all(9, &[3])))), all(9, &[3]));
    }
    let unread = NamesFound::NotAll("groups could not be read".into());
    assert_eq!(both(&unread, Some(before(35, all(9, &[])))), unread);
    let once = [
        None,
        Some(before(35, unread)),
        Some(before(19, all(9, &[]))),
        Some(before(25 * 60 + 1, all(9, &[]))),
        Some(before(-1, all(9, &[]))),
    ];
    for before in once {
        let found = both(&all(9, &[]), before);
        assert!(
            matches!(&found, NamesFound::NotAll(why) if why.as_str().contains("twice")),
            "{found:?}"
        );
    }
}
