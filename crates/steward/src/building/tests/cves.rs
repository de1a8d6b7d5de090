use std::collections::BTreeSet;

use super::stage::*;
use crate::Duration;
use crate::building::Fate;

const HIGH: &str = "{ cve: { at_least: high }, base: 1h, debounce: 0m }";

#[test]
fn what_a_scan_finds_builds_once_though_nothing_differs() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", HIGH);
    yard.web().found = cves(&[1, 2, 3, 4]);
    yard.pass(SWEEP);
    assert_eq!(
        yard.told(),
        ["web 2026-11-23T02:05:00.000Z: CVE-2026-0001, CVE-2026-0002, CVE-2026-0003 and 1 more in 1.0.1/1"]
    );
    // The rebuild mends it.
    yard.pass(Duration::minutes(30));
    yard.web().found = BTreeSet::new();
    yard.pass(Duration::days(3));
    assert_eq!(yard.started.len(), 1);
}

#[test]
fn what_a_rebuild_did_not_mend_is_not_built_again_until_there_is_more_or_another_base() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", HIGH);
    yard.web().found = cves(&[1, 2]);
    yard.pass(Duration::days(3));
    assert_eq!(yard.started.len(), 1);
    assert_eq!(
        yard.web().state.skipped.as_ref().map(ToString::to_string).as_deref(),
        Some("a build on vendor/1.0.1 was tried for it, and did not help")
    );
    yard.web().found = cves(&[2]);
    yard.pass(Duration::days(1));
    assert_eq!(yard.started.len(), 1, "part of what was tried");
    yard.web().found = cves(&[2, 3]);
    yard.pass(Duration::days(1));
    assert_eq!(yard.started.len(), 2, "one more");
    yard.web().manifest.triggers.base = None;
    yard.web().of.parent = 2;
    yard.pass(Duration::days(1));
    assert_eq!(yard.started.len(), 3, "another base");
    yard.pass(Duration::days(2));
    assert_eq!(yard.started.len(), 3);
}

#[test]
fn nothing_is_built_for_what_a_scan_finds_where_nobody_asked_for_that() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ base: 1h, debounce: 0m }");
    yard.web().found = cves(&[1]);
    yard.pass(Duration::days(1));
    assert!(yard.started.is_empty());
}

#[test]
fn what_a_scan_finds_goes_first_and_through_a_freeze_that_lets_it() {
    let triggers = "{ cve: { at_least: high }, debounce: 0m, \
                    freeze: [ { from: 2026-11-24, to: 2026-11-26, except: [cve] } ] }";
    let mut yard = Yard::built("2026-11-23T00:00:00Z", triggers);
    yard.now = at("2026-11-25T00:00:00Z");
    yard.web().of.recipe = 2;
    yard.pass(Duration::hours(2));
    assert!(matches!(yard.fate(), Fate::Waits { .. }));
    yard.web().found = cves(&[1]);
    yard.pass(SWEEP);
    assert_eq!(yard.started.len(), 1);
    assert_eq!(yard.started[0].reasons.len(), 2);
}

#[test]
fn a_build_for_what_a_scan_found_that_failed_is_not_built_again_by_itself() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", HIGH);
    yard.web().ending = crate::building::Ending::Failed("a component".into());
    yard.web().found = cves(&[1]);
    yard.pass(Duration::days(2));
    assert_eq!(yard.started.len(), 1);
}

#[test]
fn what_a_rebuild_did_not_mend_is_said_whatever_may_come_yet() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ cve: { at_least: high }, debounce: 15m }");
    yard.web().found = cves(&[1]);
    yard.pass(Duration::hours(6));
    assert_eq!(yard.started.len(), 1);
    assert_eq!(
        yard.web().state.skipped.as_ref().map(ToString::to_string).as_deref(),
        Some("a build on vendor/1.0.1 was tried for it, and did not help")
    );
}
