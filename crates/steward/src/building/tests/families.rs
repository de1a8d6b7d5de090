use super::stage::*;
use crate::Duration;
use crate::building::{BuildRequest, Fate};

const VENDOR: &str = "{ parameter: /vendor/base, owner: amazon }";

#[test]
fn no_more_run_at_once_than_may_and_none_is_lost() {
    let names = [
        "f01", "f02", "f03", "f04", "f05", "f06", "f07", "f08", "f09", "f10", "f11", "f12",
    ];
    let plots = names.map(|name| (name, Plot::new(name, VENDOR, "{ debounce: 0m }")));
    let mut yard = Yard::new("2026-11-23T00:00:00Z", plots);
    yard.pass(SWEEP);
    assert_eq!(yard.started.len(), 5);
    let queued = yard.fates.values().filter(|fate| matches!(fate, Fate::Queued { .. }));
    assert_eq!(queued.count(), 7);
    yard.pass(Duration::hours(6));
    let mut built: Vec<String> = yard
        .started
        .iter()
        .map(|started| started.line.family.to_string())
        .collect();
    built.sort();
    assert_eq!(built, names);
}

#[test]
fn who_waits_for_a_person_goes_before_who_waits_for_the_clock() {
    let clock = r#"{ debounce: 0m, change: false, schedule: { cron: "0 4 * * ? *" } }"#;
    let names = ["f01", "f02", "f03", "f04", "f05", "f06"];
    let mut yard = Yard::new(
        "2026-11-23T03:50:00Z",
        names.map(|name| (name, Plot::new(name, VENDOR, clock))),
    );
    yard.sweep();
    let now = yard.now;
    let last = yard.plots.get_mut(&line("f06")).unwrap();
    last.requests.push(BuildRequest {
        who: String::from("ann"),
        why: "now".into(),
        at: now.saturating_add(Duration::minutes(10)),
        architecture: None,
    });
    last.manifest.triggers.schedule = None;
    yard.now = at("2026-11-23T03:55:00Z");
    yard.pass(SWEEP);
    assert_eq!(yard.started[0].line, line("f01"));
    let started: Vec<String> = yard
        .started
        .iter()
        .map(|started| started.line.family.to_string())
        .collect();
    assert!(started.contains(&String::from("f06")), "{started:?}");
    assert_eq!(started.len(), 5);
}

#[test]
fn a_child_is_built_once_its_parents_channel_moved_and_not_before() {
    let child = "{ family: base }";
    let mut yard = Yard::new(
        "2026-11-23T00:00:00Z",
        [
            ("base", Plot::new("base", VENDOR, "{ base: 1h, debounce: 0m }")),
            ("web", Plot::new("web", child, "{ debounce: 0m }")),
        ],
    );
    yard.pass(Duration::hours(4));
    yard.started.clear();
    yard.plots.get_mut(&line("base")).unwrap().of.parent = 2;
    yard.pass(Duration::hours(3));
    assert_eq!(yard.told().len(), 1, "{:#?}", yard.told());
    // A person promotes it.
    yard.web().of.parent = 2;
    yard.pass(Duration::minutes(10));
    assert!(
        yard.told()[1].ends_with("stable of base moved: base/1.0.1 → base/1.0.2"),
        "{:#?}",
        yard.told()
    );
    yard.pass(Duration::days(3));
    assert_eq!(yard.started.len(), 2);
}

#[test]
fn a_child_that_only_its_clock_asks_for_waits_for_a_parent_that_is_being_built() {
    let clock = r#"{ debounce: 0m, schedule: { cron: "0 4 ? * MON *" } }"#;
    let mut yard = Yard::new(
        "2026-11-20T00:00:00Z",
        [
            ("base", Plot::new("base", VENDOR, clock)),
            ("web", Plot::new("web", "{ family: base }", clock)),
        ],
    );
    yard.pass(Duration::days(3));
    yard.started.clear();
    yard.pass(Duration::hours(8));
    let told = yard.told();
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[0].starts_with("base 2026-11-23T04:00"));
    assert!(told[1].starts_with("web 2026-11-23T04:4"), "{told:#?}");
}

#[test]
fn what_a_person_asks_is_not_lost_however_long_others_go_first() {
    let names: [&str; 40] = std::array::from_fn(|n| &*String::leak(format!("f{n:02}")));
    let mut yard = Yard::new(
        "2026-11-23T00:00:00Z",
        names.map(|name| (name, Plot::new(name, VENDOR, "{ change: false, parent: false }"))),
    );
    yard.at_once = 1;
    let asked = yard.now;
    for plot in yard.plots.values_mut() {
        plot.requests.push(BuildRequest {
            who: String::from("ann"),
            why: "a new kernel".into(),
            at: asked,
            architecture: None,
        });
    }
    yard.pass(Duration::days(3));
    assert_eq!(yard.started.len(), 40);
}
