use super::stage::*;
use crate::Duration;
use crate::building::{Ending, Reason};

const NOTHING: &str = "{ parent: false, change: false }";

#[test]
fn the_first_release_is_built_because_there_is_none() {
    let plot = Plot::new("web", "{ parameter: /vendor/base, owner: amazon }", "{}");
    let mut yard = Yard::new("2026-11-23T00:00:00Z", [("web", plot)]);
    yard.pass(Duration::hours(24));
    assert_eq!(yard.told(), ["web 2026-11-23T00:20:00.000Z: nothing is built yet"]);
}

#[test]
fn a_schedule_builds_each_time_it_comes_round_although_nothing_changed() {
    let mut yard = Yard::built("2026-11-20T00:00:00Z", r#"{ schedule: { cron: "0 4 ? * MON *" } }"#);
    yard.pass(Duration::days(15));
    assert_eq!(
        yard.told(),
        [
            "web 2026-11-23T04:15:00.000Z: its schedule was due at 2026-11-23T04:00:00.000Z",
            "web 2026-11-30T04:15:00.000Z: its schedule was due at 2026-11-30T04:00:00.000Z",
        ]
    );
}

#[test]
fn a_schedule_that_is_not_always_builds_only_what_changed_and_says_so() {
    let triggers = r#"{ schedule: { cron: "0 4 ? * MON *", always: false }, change: false }"#;
    let mut yard = Yard::new(
        "2026-11-20T00:00:00Z",
        [(
            "web",
            Plot::new("web", "{ parameter: /vendor/base, owner: amazon }", triggers),
        )],
    );
    yard.pass(Duration::days(4));
    assert_eq!(yard.started.len(), 1, "nothing is built yet: that differs");
    yard.pass(Duration::days(6));
    yard.pass(Duration::days(1));
    assert_eq!(yard.started.len(), 1);
    assert_eq!(
        yard.web().state.skipped.as_ref().map(ToString::to_string).as_deref(),
        Some("nothing of what it is made of is another")
    );
    yard.web().of.component = 2;
    yard.pass(Duration::days(7));
    assert_eq!(yard.started.len(), 2);
}

#[test]
fn a_release_that_is_too_old_is_built_again() {
    let mut yard = Yard::built("2026-11-01T00:00:00Z", "{ max_age: 30d }");
    yard.pass(Duration::days(29));
    assert!(yard.started.is_empty());
    yard.pass(Duration::days(2));
    assert_eq!(yard.started.len(), 1);
    assert!(matches!(yard.started[0].reasons[..], [Reason::Age { .. }]));
}

#[test]
fn a_release_that_is_too_old_and_cannot_be_built_is_tried_once_a_day() {
    let mut yard = Yard::built("2026-11-01T00:00:00Z", "{ max_age: 30d, debounce: 0m }");
    yard.pass(Duration::days(29));
    yard.web().ending = Ending::Failed("a component failed".into());
    yard.pass(Duration::hours(60));
    assert_eq!(yard.started.len(), 2);
}

#[test]
fn nothing_is_built_where_nothing_may_start_a_build() {
    let plot = Plot::new("web", "{ parameter: /vendor/base, owner: amazon }", NOTHING);
    let mut yard = Yard::new("2026-11-23T00:00:00Z", [("web", plot)]);
    yard.pass(Duration::days(9));
    assert!(yard.started.is_empty());
    assert_eq!((yard.web().looks, yard.web().writes), (0, 0));
}

#[test]
fn what_was_due_while_nobody_looked_is_built_once() {
    let mut yard = Yard::built("2026-11-20T00:00:00Z", r#"{ schedule: { cron: "0 4 * * ? *" } }"#);
    yard.now = at("2026-11-28T12:00:00Z");
    yard.pass(Duration::hours(6));
    assert_eq!(
        yard.told(),
        ["web 2026-11-28T12:20:00.000Z: its schedule was due at 2026-11-28T04:00:00.000Z"]
    );
}

#[test]
fn what_a_schedule_asked_that_is_no_more_is_not_tried_again() {
    let daily = r#"{ change: false, parent: false, debounce: 0m, schedule: { cron: "0 4 * * ? *" } }"#;
    let mut yard = Yard::new("2026-11-23T03:50:00Z", [("web", Plot::new("web", VENDOR, daily))]);
    yard.web().ending = Ending::Passing("no capacity".into());
    yard.pass(Duration::minutes(20));
    assert_eq!(yard.started.len(), 1);
    yard.web().manifest = Plot::new("web", VENDOR, NOTHING).manifest;
    yard.pass(Duration::days(2));
    assert_eq!(yard.started.len(), 1, "{:#?}", yard.told());
}
