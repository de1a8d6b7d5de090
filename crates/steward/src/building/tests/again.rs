//! What is asked for is built, however the build before it ended.

use super::stage::*;
use crate::Duration;
use crate::building::{Ending, Fate, Look, Reason};

fn failed() -> Ending {
    Ending::Failed("nginx did not start".into())
}

fn passing() -> Ending {
    Ending::Passing("InsufficientInstanceCapacity".into())
}

const HIGH: &str = "{ cve: { at_least: high }, base: 1h, debounce: 0m }";

#[test]
fn what_a_person_asks_while_a_build_runs_that_fails_or_is_cancelled_is_built_after_it() {
    for ending in [failed(), Ending::Cancelled] {
        let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ base: 5m, debounce: 0m }");
        yard.web().of.parent = 2;
        yard.web().ending = ending;
        yard.pass(Duration::minutes(10));
        yard.ask("a new kernel");
        yard.pass(Duration::minutes(30));
        yard.web().ending = Ending::Made;
        yard.pass(Duration::days(2));
        assert_eq!(yard.told().len(), 2, "{:#?}", yard.told());
        assert!(yard.told()[1].contains("ann asks for it"), "{:#?}", yard.told());
    }
}

#[test]
fn what_a_person_asks_and_gets_no_build_for_is_answered_once() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{}");
    yard.web().ending = failed();
    yard.ask("a new kernel");
    yard.pass(Duration::days(2));
    assert_eq!(yard.started.len(), 1);
    assert!(yard.web().writes < 60, "{}", yard.web().writes);
}

#[test]
fn a_build_for_what_a_scan_found_that_failed_by_the_way_is_tried_again() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", HIGH);
    yard.web().ending = passing();
    yard.web().found = cves(&[1]);
    yard.pass(Duration::minutes(50));
    yard.web().ending = Ending::Made;
    yard.pass(Duration::hours(3));
    assert_eq!(yard.started.len(), 2, "{:#?}", yard.told());
}

#[test]
fn more_that_a_scan_finds_after_a_build_failed_is_a_build_of_its_own() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", HIGH);
    yard.web().ending = failed();
    yard.web().found = cves(&[1]);
    yard.pass(Duration::days(1));
    assert_eq!(yard.started.len(), 1);
    yard.web().ending = Ending::Made;
    yard.web().found = cves(&[1, 2]);
    yard.pass(Duration::days(1));
    assert_eq!(yard.started.len(), 2, "{:#?}", yard.told());
}

#[test]
fn what_a_scan_finds_and_a_rebuild_does_not_mend_is_looked_at_no_more_than_anything_else() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", HIGH);
    yard.web().found = cves(&[1]);
    yard.pass(Duration::hours(3));
    let looks = yard.web().looks;
    yard.pass(Duration::hours(10));
    assert!(yard.web().looks - looks <= 11, "{}", yard.web().looks - looks);
}

#[test]
fn a_release_that_is_too_old_and_failed_by_the_way_is_tried_again_within_the_hour() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ max_age: 30d, debounce: 0m }");
    yard.pass(Duration::days(29));
    yard.web().ending = passing();
    yard.pass(Duration::hours(23));
    yard.web().ending = Ending::Made;
    yard.pass(Duration::hours(2));
    assert_eq!(yard.started.len(), 2, "{:#?}", yard.told());
}

#[test]
fn a_start_that_aws_refused_is_made_again_with_all_that_asked_for_it() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", HIGH);
    yard.web().refused = Some("AccessDeniedException".into());
    yard.web().found = cves(&[1]);
    yard.ask("a new kernel");
    yard.pass(Duration::hours(5));
    assert!(yard.started.is_empty());
    let Fate::Blocked { why, .. } = yard.fate() else {
        panic!("{:?}", yard.fate());
    };
    assert!(why.as_str().contains("AccessDeniedException"), "{why}");
    assert!(yard.web().state.breaker.is_none());
    yard.web().refused = None;
    yard.pass(Duration::minutes(20));
    assert_eq!(yard.started.len(), 1);
    assert_eq!(yard.started[0].reasons.len(), 2, "{:#?}", yard.told());
    yard.pass(Duration::days(2));
    assert_eq!(yard.started.len(), 1, "{:#?}", yard.told());
}

#[test]
fn a_start_of_which_nobody_learned_for_half_a_day_is_what_was_built_since_or_is_made_anew() {
    for is_there in [true, false] {
        let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ base: 5m, debounce: 0m }");
        yard.web().of.parent = 2;
        yard.pass(SWEEP);
        yard.web().state.attempt.as_mut().unwrap().build = None;
        let first = yard.web().state.attempt.clone().unwrap();
        if !is_there {
            yard.web().running.clear();
        }
        // Nobody looks meanwhile, and what runs goes on.
        yard.now = yard.now.saturating_add(Duration::hours(13));
        for running in &mut yard.web().running {
            running.created = running.created.saturating_add(Duration::hours(13));
        }
        yard.pass(SWEEP);
        yard.pass(Duration::hours(2));
        let again = yard.web().state.attempt.clone().unwrap();
        assert_eq!(again.number == first.number, is_there, "{again:?}");
        assert_eq!(yard.started.len(), if is_there { 1 } else { 2 });
    }
}

#[test]
fn what_a_person_asks_in_a_freeze_is_built_when_it_ends_however_long_that_is() {
    let triggers = "{ debounce: 0m, freeze: [ { from: 2026-11-24, to: 2026-11-29 } ] }";
    let mut yard = Yard::built("2026-11-23T00:00:00Z", triggers);
    yard.now = at("2026-11-24T12:00:00Z");
    yard.ask("a new kernel");
    yard.pass(Duration::days(7));
    assert_eq!(
        yard.told(),
        ["web 2026-11-30T00:00:00.000Z: ann asks for it: a new kernel"]
    );
}

#[test]
fn one_persons_clock_answers_nobody_elses_request() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{}");
    yard.ask_at(yard.now.saturating_add(Duration::minutes(10)), "from ahead");
    yard.pass(Duration::hours(1));
    assert_eq!(yard.started.len(), 1);
    yard.ask_at(at("2026-11-23T02:05:00Z"), "from behind");
    yard.pass(Duration::days(2));
    assert_eq!(yard.started.len(), 2, "{:#?}", yard.told());
}

#[test]
fn another_schedule_is_due_from_when_it_is_first_seen() {
    let weekly = |day: &str| format!(r#"{{ schedule: {{ cron: "0 4 ? * {day} *" }} }}"#);
    // A Monday.
    let mut yard = Yard::built("2026-11-23T00:00:00Z", &weekly("MON"));
    yard.pass(Duration::days(3));
    assert_eq!(yard.started.len(), 1);
    yard.web().manifest = Plot::new("web", VENDOR, &weekly("WED")).manifest;
    yard.pass(Duration::days(1));
    assert_eq!(yard.started.len(), 1, "{:#?}", yard.told());
    yard.pass(Duration::days(6));
    assert_eq!(yard.started.len(), 2, "{:#?}", yard.told());
}

#[test]
fn what_keeps_a_line_from_being_read_is_said_although_nothing_asks_for_a_build() {
    for (obstacle, says) in [
        (Look::NoPipeline, "run `steward apply`"),
        (
            Look::Unreadable("the parameter names no image".into()),
            "names no image",
        ),
    ] {
        let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ base: 5m, debounce: 0m }");
        yard.web().obstacle = Some(obstacle);
        yard.pass(Duration::minutes(30));
        for _ in 0..3 {
            let Fate::Blocked { reasons, why } = yard.fate() else {
                panic!("{:?}", yard.fate());
            };
            assert!(reasons.is_empty() && why.as_str().contains(says), "{why}");
            yard.pass(SWEEP);
        }
        yard.web().obstacle = None;
        yard.pass(Duration::minutes(10));
        assert_eq!(*yard.fate(), Fate::Quiet);
    }
}

#[test]
fn a_pipeline_that_somebody_disabled_is_said_once_although_nothing_asks_for_a_build() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ base: 5m, debounce: 0m }");
    yard.web().obstacle = Some(Look::Disabled(None));
    yard.pass(Duration::hours(2));
    let skipped = yard.web().state.skipped.clone().unwrap();
    assert!(skipped.as_str().starts_with("its pipeline is disabled"), "{skipped}");
    assert!(!matches!(yard.fate(), Fate::Blocked { .. }));
}

#[test]
fn what_scans_find_in_a_base_and_in_what_stands_on_it_is_built_in_the_base_first() {
    let mut yard = Yard::new(
        "2026-11-23T00:00:00Z",
        [
            ("app", Plot::new("app", "{ family: base }", HIGH)),
            ("base", Plot::new("base", VENDOR, HIGH)),
        ],
    );
    yard.pass(Duration::hours(4));
    yard.started.clear();
    for family in ["app", "base"] {
        yard.plots.get_mut(&line(family)).unwrap().found = cves(&[1]);
    }
    yard.pass(Duration::minutes(10));
    assert_eq!(yard.told().len(), 1, "{:#?}", yard.told());
    assert!(yard.told()[0].starts_with("base "), "{:#?}", yard.told());
}

#[test]
fn a_child_waits_for_a_parent_that_waits_for_what_may_come_yet() {
    let at_four = |debounce: &str| format!(r#"{{ debounce: {debounce}, schedule: {{ cron: "0 4 ? * MON *" }} }}"#);
    let mut yard = Yard::new(
        "2026-11-20T00:00:00Z",
        [
            ("base", Plot::new("base", VENDOR, &at_four("15m"))),
            ("web", Plot::new("web", "{ family: base }", &at_four("0m"))),
        ],
    );
    yard.pass(Duration::days(3));
    yard.started.clear();
    yard.pass(Duration::hours(8));
    let told = yard.told();
    assert!(told[0].starts_with("base 2026-11-23T04:15"), "{told:#?}");
    assert_eq!(told.len(), 2, "{told:#?}");
}

#[test]
fn a_line_that_is_frozen_is_read_no_more_often_than_one_that_is_quiet() {
    let triggers = "{ base: 1h, debounce: 0m, freeze: [ { from: 2026-11-24, to: 2026-12-09 } ] }";
    let mut yard = Yard::built("2026-11-23T00:00:00Z", triggers);
    yard.now = at("2026-11-24T12:00:00Z");
    yard.web().of.parent = 2;
    yard.pass(Duration::hours(2));
    let looks = yard.web().looks;
    yard.pass(Duration::hours(10));
    assert!(yard.web().looks - looks <= 11, "{}", yard.web().looks - looks);
    assert!(matches!(yard.fate(), Fate::Waits { reasons, .. } if matches!(reasons[..], [Reason::Base { .. }])));
}

#[test]
fn a_release_that_grows_too_old_while_the_next_is_built_is_built_once_though_the_record_is_late() {
    let mut yard = Yard::built("2026-11-01T00:00:00Z", "{ max_age: 30d, debounce: 0m }");
    let created = yard.web().newest.as_ref().unwrap().created.unwrap();
    yard.now = created
        .saturating_add(Duration::days(30))
        .checked_sub(Duration::minutes(20))
        .unwrap();
    let before = yard.web().newest.clone();
    yard.ask("a new kernel");
    yard.pass(Duration::minutes(45));
    for _ in 0..24 {
        yard.web().newest.clone_from(&before);
        yard.pass(SWEEP);
    }
    assert_eq!(yard.told().len(), 1, "{:#?}", yard.told());
}
