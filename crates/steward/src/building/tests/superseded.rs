//! A build that is ended because something else would be built now.

use super::stage::*;
use crate::Duration;
use crate::building::{Ending, Fate};

const TRIGGERS: &str = "{ base: 5m, debounce: 0m, cancel_superseded: true }";

/// A family whose build of another base is under way since a moment ago.
fn building(triggers: &str) -> Yard {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", triggers);
    yard.web().of.parent = 2;
    yard.pass(SWEEP);
    assert_eq!(yard.started.len(), 1);
    yard.pass(SWEEP);
    yard
}

fn is_ended(yard: &Yard) -> bool {
    matches!(yard.fate(), Fate::Cancels { .. })
}

#[test]
fn a_build_is_ended_when_something_else_would_be_built_and_that_follows_at_once() {
    let mut yard = building(TRIGGERS);
    yard.web().of.parent = 3;
    yard.pass(SWEEP);
    assert!(is_ended(&yard), "{:?}", yard.fate());
    yard.pass(Duration::days(1));
    assert_eq!(
        yard.told(),
        [
            "web 2026-11-23T02:05:00.000Z: its base moved: vendor/1.0.1 → vendor/1.0.2",
            "web 2026-11-23T02:20:00.000Z: its base moved: vendor/1.0.1 → vendor/1.0.3",
        ]
    );
}

#[test]
fn no_build_is_ended_where_the_manifest_does_not_ask_for_it() {
    let mut yard = building("{ base: 5m, debounce: 0m }");
    yard.web().of.parent = 3;
    yard.pass(SWEEP);
    assert_eq!(*yard.fate(), Fate::Building);
    assert_eq!(yard.web().ended.len(), 1, "the first one");
}

#[test]
fn changes_that_come_faster_than_builds_end_one_build_and_leave_the_next() {
    let mut yard = building(TRIGGERS);
    for parent in 3..40 {
        yard.web().of.parent = parent;
        yard.pass(SWEEP);
    }
    yard.pass(Duration::days(1));
    let ended: Vec<bool> = yard.web().ended.values().map(|how| *how == Ending::Cancelled).collect();
    assert_eq!(ended[..5], [false, true, false, true, false]);
    assert!(!ended.windows(2).any(|two| two == [true, true]), "{ended:?}");
    assert!(
        yard.told().last().unwrap().ends_with("→ vendor/1.0.39"),
        "{:#?}",
        yard.told()
    );
}

#[test]
fn a_build_that_has_come_to_its_tests_is_left_and_the_other_follows_it() {
    let mut yard = building(TRIGGERS);
    yard.pass(TESTS);
    yard.web().of.parent = 3;
    yard.pass(SWEEP);
    assert!(is_ended(&yard), "it is tried once");
    yard.pass(SWEEP);
    assert_eq!(*yard.fate(), Fate::Building);
    yard.pass(Duration::days(1));
    assert_eq!(yard.started.len(), 2);
    assert_eq!(yard.web().ended.len(), 3, "each came to its end");
}

#[test]
fn what_else_asked_for_the_ended_build_asks_for_the_one_that_follows() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", TRIGGERS);
    yard.ask("a new kernel");
    yard.web().of.parent = 2;
    yard.pass(Duration::minutes(10));
    yard.web().of.parent = 3;
    yard.pass(Duration::days(1));
    assert_eq!(yard.started.len(), 2, "{:#?}", yard.told());
    for told in yard.told() {
        assert!(told.contains("ann asks for it: a new kernel"), "{told}");
    }
}

#[test]
fn what_was_ended_is_built_where_all_goes_back_to_it() {
    let mut yard = building(TRIGGERS);
    let wanted = yard.web().of;
    yard.web().of.parent = 3;
    yard.pass(SWEEP);
    assert!(is_ended(&yard));
    yard.web().of = wanted;
    yard.pass(Duration::days(1));
    assert_eq!(yard.started.len(), 2);
    assert_eq!(yard.started[0].fingerprint, yard.started[1].fingerprint);
}

#[test]
fn neither_the_build_of_another_hand_is_ended_nor_one_in_a_freeze_or_before_what_may_come_has_come() {
    let mut others = Yard::built("2026-11-23T00:00:00Z", TRIGGERS);
    others.web().of.parent = 2;
    let now = others.now;
    others.web().start("web", now);
    let freeze = "{ base: 5m, debounce: 0m, cancel_superseded: true, freeze: [ { from: 2026-11-23, to: 2026-11-23, except: [manual] } ] }";
    let mut frozen = Yard::new("2026-11-22T22:00:00Z", [("web", Plot::new("web", VENDOR, freeze))]);
    frozen.pass(Duration::minutes(110));
    frozen.web().of.parent = 2;
    frozen.pass(SWEEP);
    assert_eq!(frozen.fate(), &Fate::Starts, "{:#?}", frozen.told());
    let waits = "{ base: 5m, debounce: 1h, cancel_superseded: true }";
    let mut waits = Yard::built("2026-11-23T00:00:00Z", waits);
    waits.web().of.parent = 2;
    waits.pass(Duration::minutes(75));
    assert_eq!(waits.started.len(), 1);
    for yard in [&mut others, &mut frozen, &mut waits] {
        yard.web().of.parent = 3;
        for _ in 0..4 {
            yard.pass(SWEEP);
            assert_eq!(*yard.fate(), Fate::Building);
        }
    }
}

#[test]
fn a_build_of_the_same_is_not_read_for_at_every_look() {
    let mut yard = Yard::built(
        "2026-11-23T00:00:00Z",
        "{ base: 1h, debounce: 0m, cancel_superseded: true }",
    );
    yard.web().of.parent = 2;
    while yard.started.is_empty() {
        yard.pass(SWEEP);
    }
    let looks = yard.web().looks;
    yard.pass(Duration::minutes(30));
    assert_eq!(yard.web().looks, looks);
}

#[test]
fn a_build_that_nobody_ended_yet_is_left_where_all_goes_back_to_it() {
    let mut yard = building(TRIGGERS);
    yard.web().is_deaf = true;
    yard.web().of.parent = 3;
    yard.pass(SWEEP);
    assert!(is_ended(&yard));
    yard.web().of.parent = 2;
    yard.web().is_deaf = false;
    yard.pass(SWEEP);
    assert_eq!(*yard.fate(), Fate::Building);
    yard.pass(Duration::days(1));
    assert_eq!(yard.started.len(), 1);
}

#[test]
fn a_build_that_ended_after_all_is_built_anew_where_it_was_to_be_left() {
    let mut yard = building(TRIGGERS);
    yard.web().is_deaf = true;
    yard.web().of.parent = 3;
    yard.pass(SWEEP);
    yard.web().of.parent = 2;
    yard.pass(SWEEP);
    let (build, now) = (yard.web().running[0].build.clone(), yard.now);
    assert!(yard.web().cancel(&build, now), "it had heard of it");
    yard.pass(Duration::days(1));
    assert_eq!(yard.started.len(), 2);
    assert_eq!(yard.started[0].fingerprint, yard.started[1].fingerprint);
}

#[test]
fn a_build_is_not_ended_any_more_once_a_freeze_holds_what_would_follow_or_the_manifest_asks_no_more() {
    let freeze =
        "{ base: 5m, debounce: 0m, cancel_superseded: true, freeze: [ { from: 2026-11-23, to: 2026-11-23 } ] }";
    for triggers in [freeze, "{ base: 5m, debounce: 0m }"] {
        let mut yard = building(TRIGGERS);
        yard.web().is_deaf = true;
        yard.web().of.parent = 3;
        yard.pass(SWEEP);
        assert!(is_ended(&yard));
        yard.web().manifest = Plot::new("web", VENDOR, triggers).manifest;
        yard.web().number += 1;
        yard.web().is_deaf = false;
        yard.pass(SWEEP);
        assert_eq!(*yard.fate(), Fate::Building, "{triggers}");
    }
}

#[test]
fn no_build_is_ended_so_shortly_before_a_freeze_that_it_may_hold_what_would_follow() {
    let freeze =
        "{ base: 5m, debounce: 0m, cancel_superseded: true, freeze: [ { from: 2026-11-23, to: 2026-11-25 } ] }";
    let mut yard = Yard::new("2026-11-22T20:00:00Z", [("web", Plot::new("web", VENDOR, freeze))]);
    yard.pass(Duration::minutes(215));
    yard.web().of.parent = 2;
    yard.pass(SWEEP);
    assert_eq!(yard.fate(), &Fate::Starts, "at 23:40");
    yard.web().of.parent = 3;
    yard.pass(Duration::minutes(15));
    assert_eq!(*yard.fate(), Fate::Building);
    yard.pass(Duration::hours(3));
    assert_eq!(yard.web().builds, 2, "what was under way came to its end");
    assert!(
        yard.web()
            .newest
            .as_ref()
            .unwrap()
            .of
            .parent
            .as_ref()
            .unwrap()
            .says
            .as_str()
            .ends_with("1.0.2")
    );
}

#[test]
fn what_follows_a_build_that_was_ended_is_left_though_its_start_was_refused_or_it_failed_by_the_way() {
    for is_refused in [true, false] {
        let mut yard = building(TRIGGERS);
        yard.web().of.parent = 3;
        yard.pass(SWEEP);
        assert!(is_ended(&yard));
        if is_refused {
            yard.web().refused = Some("LimitExceeded".into());
            yard.pass(SWEEP);
            yard.web().refused = None;
        } else {
            yard.pass(SWEEP);
            yard.web().ending = Ending::Passing("capacity".into());
            yard.pass(Duration::minutes(40));
            yard.web().ending = Ending::Made;
        }
        for _ in 0..12 {
            if yard.web().running.is_empty() {
                yard.pass(SWEEP);
            }
        }
        yard.web().of.parent = 4;
        for _ in 0..3 {
            yard.pass(SWEEP);
            assert_eq!(*yard.fate(), Fate::Building, "refused: {is_refused}");
        }
    }
}

#[test]
fn what_was_built_since_a_start_that_nobody_saw_answered_is_never_ended() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", TRIGGERS);
    yard.web().of.parent = 2;
    yard.pass(SWEEP);
    let web = yard.web();
    web.state.attempt.as_mut().unwrap().build = None;
    web.running.clear();
    yard.now = yard.now.saturating_add(Duration::hours(13));
    let now = yard.now;
    // Ann starts it in the console; whoever began the other learns nothing of it.
    yard.web().start("web", now);
    yard.web().of.parent = 3;
    for _ in 0..3 {
        yard.pass(SWEEP);
        assert_eq!(*yard.fate(), Fate::Building);
    }
}
