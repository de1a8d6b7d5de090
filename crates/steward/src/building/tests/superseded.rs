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
