use super::stage::*;
use crate::Duration;
use crate::building::{BuildRequest, Ending, Fate, Look};

#[test]
fn a_component_that_failed_is_not_built_again_until_something_differs() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ base: 1h, debounce: 0m }");
    yard.web().ending = Ending::Failed("nginx did not start".into());
    yard.web().of.parent = 2;
    yard.pass(Duration::days(5));
    assert_eq!(yard.started.len(), 1);
    assert_eq!(
        yard.web().state.skipped.as_ref().map(ToString::to_string).as_deref(),
        Some("the same was built, and failed: nginx did not start")
    );
    yard.web().ending = Ending::Made;
    yard.web().of.component = 2;
    yard.pass(Duration::hours(3));
    assert_eq!(yard.started.len(), 2);
    assert_eq!(yard.web().state.failures, 0);
}

#[test]
fn a_first_build_that_failed_is_not_built_again_by_itself() {
    let plot = Plot::new("web", "{ parameter: /vendor/base, owner: amazon }", "{}");
    let mut yard = Yard::new("2026-11-23T00:00:00Z", [("web", plot)]);
    yard.web().ending = Ending::Failed("nginx did not start".into());
    yard.pass(Duration::days(5));
    assert_eq!(yard.started.len(), 1);
}

#[test]
fn what_failed_by_the_way_is_tried_again_later_each_time_and_then_no_more() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ base: 1h, debounce: 0m }");
    yard.web().ending = Ending::Passing("no capacity".into());
    yard.web().of.parent = 2;
    yard.pass(Duration::days(2));
    let after: Vec<u64> = yard
        .started
        .windows(2)
        .map(|pair| pair[1].at.checked_since(pair[0].at).unwrap().as_secs() / 60)
        .collect();
    // Three in a row open the breaker.
    assert_eq!(after, [55, 70]);
    assert!(yard.web().state.breaker.is_some());
}

#[test]
fn a_schedule_that_failed_by_the_way_is_tried_again_for_its_reason() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", r#"{ schedule: { cron: "0 4 ? * MON *" } }"#);
    yard.web().ending = Ending::Passing("no capacity".into());
    yard.pass(Duration::hours(3));
    assert_eq!(yard.started.len(), 1);
    yard.web().ending = Ending::Made;
    yard.pass(Duration::days(2));
    assert_eq!(yard.started.len(), 2);
    assert_eq!(yard.started[0].reasons, yard.started[1].reasons);
}

#[test]
fn three_failures_in_a_row_open_the_breaker_and_another_recipe_closes_it() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ base: 1h, debounce: 0m }");
    yard.web().ending = Ending::Failed("nginx did not start".into());
    for parent in 2..9 {
        yard.web().of.parent = parent;
        yard.pass(Duration::hours(6));
    }
    assert_eq!(yard.started.len(), 3);
    let Fate::Blocked { why, .. } = yard.fate().clone() else {
        panic!("{:?}", yard.fate());
    };
    assert_eq!(
        why.to_string(),
        "3 builds in a row failed, the last: nginx did not start; change what fails, or `steward build` it by hand"
    );
    yard.web().ending = Ending::Made;
    yard.web().of.recipe = 2;
    yard.pass(Duration::hours(6));
    assert_eq!(yard.started.len(), 4);
    assert_eq!(yard.web().state.breaker, None);
}

#[test]
fn a_person_builds_though_the_breaker_is_open_and_a_success_closes_it() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ base: 1h, debounce: 0m }");
    yard.web().ending = Ending::Failed("nginx did not start".into());
    for parent in 2..6 {
        yard.web().of.parent = parent;
        yard.pass(Duration::hours(6));
    }
    assert!(yard.web().state.breaker.is_some());
    yard.started.clear();
    let now = yard.now;
    yard.web().requests.push(BuildRequest {
        who: String::from("ann"),
        why: "the mirror is back".into(),
        at: now,
        architecture: None,
    });
    yard.web().ending = Ending::Made;
    yard.pass(Duration::hours(3));
    assert_eq!(yard.started.len(), 1);
    assert_eq!((yard.web().state.breaker.clone(), yard.web().state.failures), (None, 0));
}

#[test]
fn what_somebody_cancelled_is_not_started_again() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ base: 1h, debounce: 0m }");
    yard.web().ending = Ending::Cancelled;
    yard.web().of.parent = 2;
    yard.pass(Duration::days(2));
    assert_eq!(yard.started.len(), 1);
    assert_eq!(yard.web().state.failures, 0);
}

#[test]
fn a_pipeline_that_is_gone_or_disabled_blocks_and_says_what_to_do() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ base: 1h, debounce: 0m }");
    yard.web().of.parent = 2;
    yard.web().number = 2;
    for (look, says) in [
        (Look::NoPipeline, "its pipeline is not there: run `steward apply`"),
        (
            Look::Disabled(Some(5)),
            "its pipeline is disabled, after 5 builds in a row that failed: enable it in Image Builder",
        ),
        (
            Look::Disabled(None),
            "its pipeline is disabled: enable it in Image Builder",
        ),
    ] {
        let now = yard.now;
        yard.web().requests = vec![BuildRequest {
            who: String::from("ann"),
            why: "now".into(),
            at: now,
            architecture: None,
        }];
        yard.web().obstacle = Some(look);
        yard.pass(SWEEP);
        let Fate::Blocked { why, .. } = yard.fate().clone() else {
            panic!("{:?}", yard.fate());
        };
        assert_eq!(why.to_string(), says);
    }
    assert!(yard.started.is_empty());
    yard.web().obstacle = None;
    yard.pass(SWEEP);
    assert_eq!(yard.started.len(), 1);
}

#[test]
fn what_cannot_be_read_twice_waits_and_the_third_time_is_told() {
    let mut yard = Yard::built(
        "2026-11-23T00:00:00Z",
        r#"{ base: 1h, debounce: 0m, schedule: { cron: "0 4 * * ? *" } }"#,
    );
    yard.now = at("2026-11-23T03:55:00Z");
    yard.web().obstacle = Some(Look::Unreadable("the parameter /vendor/base is not there".into()));
    yard.pass(SWEEP);
    let told = |yard: &Yard| match yard.fate() {
        Fate::Blocked { why, .. } => Some(why.to_string()),
        _ => None,
    };
    assert_eq!(told(&yard), None);
    yard.pass(SWEEP);
    yard.pass(SWEEP);
    assert_eq!(
        told(&yard).as_deref(),
        Some("what it would build cannot be read: the parameter /vendor/base is not there")
    );
    assert!(yard.started.is_empty());
    yard.web().obstacle = None;
    yard.pass(SWEEP);
    assert_eq!(yard.started.len(), 1);
}

#[test]
fn a_release_that_the_record_has_not_yet_is_not_built_twice() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ base: 5m, debounce: 0m }");
    let before = yard.web().newest.clone();
    yard.web().of.parent = 2;
    yard.pass(Duration::minutes(40));
    for _ in 0..24 {
        // It ended, and is not the newest release yet.
        yard.pass(SWEEP);
        yard.web().newest = before.clone();
    }
    assert_eq!(yard.started.len(), 1, "{:#?}", yard.told());
}

#[test]
fn another_recipe_closes_the_breaker_where_no_change_builds() {
    let clock = r#"{ change: false, parent: false, debounce: 0m, schedule: { cron: "0 4 * * ? *" } }"#;
    let mut yard = Yard::new("2026-11-20T00:00:00Z", [("web", Plot::new("web", VENDOR, clock))]);
    yard.web().ending = Ending::Failed("nginx did not start".into());
    yard.pass(Duration::days(5));
    assert_eq!(yard.started.len(), 3);
    assert!(yard.web().state.breaker.is_some());
    (yard.web().of.recipe, yard.web().number, yard.web().ending) = (2, 2, Ending::Made);
    yard.pass(Duration::days(2));
    assert_eq!(yard.web().state.breaker, None);
    assert!(yard.started.len() > 3);
}

#[test]
fn what_mends_a_line_that_failed_three_times_is_built_once_nothing_more_may_come() {
    let mut yard = Yard::built(
        "2026-11-23T00:00:00Z",
        r#"{ debounce: 15m, schedule: { cron: "0 4 * * ? *" } }"#,
    );
    yard.web().ending = Ending::Failed("nginx did not start".into());
    yard.pass(Duration::days(3));
    assert!(yard.web().state.breaker.is_some());
    yard.web().ending = Ending::Made;
    yard.started.clear();
    let mended = yard.now;
    (yard.web().of.recipe, yard.web().number) = (2, 2);
    yard.pass(Duration::hours(2));
    assert_eq!(yard.started[0].at, mended.saturating_add(Duration::minutes(20)));
}

#[test]
fn what_holds_a_line_is_the_same_whether_it_was_looked_at_just_now_or_not() {
    let freeze = "freeze: [ { from: 2026-11-25, to: 2026-11-28 } ]";
    let mut frozen = Yard::built(
        "2026-11-23T00:00:00Z",
        &format!("{{ base: 1h, debounce: 30m, {freeze} }}"),
    );
    frozen.now = at("2026-11-25T12:00:00Z");
    frozen.web().of.parent = 2;
    for _ in 0..24 {
        frozen.pass(SWEEP);
        assert!(
            matches!(frozen.fate(), Fate::Waits { until, .. } if *until == at("2026-11-29T00:00:00Z")),
            "{:?}",
            frozen.fate()
        );
    }
    frozen.web().obstacle = Some(Look::NoPipeline);
    frozen.pass(Duration::hours(1));
    for _ in 0..24 {
        frozen.pass(SWEEP);
        assert!(matches!(frozen.fate(), Fate::Blocked { .. }), "{:?}", frozen.fate());
    }
}
