use super::stage::*;
use crate::Duration;
use crate::building::{BuildRequest, Ending, Fate, Look, Looked};

#[test]
fn eight_components_within_three_minutes_are_one_build_that_lists_what_changed() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ debounce: 5m }");
    yard.web().of = Made {
        parent: 1,
        component: 9,
        recipe: 2,
    };
    yard.pass(Duration::hours(6));
    assert_eq!(yard.started.len(), 1);
    let reasons: Vec<String> = yard.started[0].reasons.iter().map(ToString::to_string).collect();
    assert_eq!(
        reasons,
        [
            "~ component update-linux: 1.0.1/1 → 1.0.9/1",
            "~ recipe: arn:aws:imagebuilder:eu-west-1:111122223333:image-recipe/web/1.0.1 → \
             arn:aws:imagebuilder:eu-west-1:111122223333:image-recipe/web/1.0.2",
        ]
    );
}

#[test]
fn a_base_that_moves_is_built_on_and_one_that_goes_back_before_is_not() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ base: 1h, debounce: 1h, wait_at_most: 8h }");
    yard.web().of.parent = 2;
    yard.pass(Duration::minutes(70));
    assert!(matches!(yard.fate(), Fate::Waits { .. }));
    yard.web().of.parent = 1;
    yard.pass(Duration::hours(24));
    assert!(yard.started.is_empty());
    yard.web().of.parent = 2;
    yard.pass(Duration::hours(24));
    assert_eq!(yard.told().len(), 1);
    assert!(yard.told()[0].ends_with("its base moved: vendor/1.0.1 → vendor/1.0.2"));
}

#[test]
fn a_base_that_nobody_asked_to_look_at_builds_nothing_by_itself() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{}");
    yard.web().of.parent = 2;
    yard.pass(Duration::days(3));
    assert!(yard.started.is_empty());
}

#[test]
fn a_steady_drip_builds_after_the_longest_wait() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ base: 30m, debounce: 1h, wait_at_most: 3h }");
    let from = yard.now;
    for parent in 2..20 {
        yard.web().of.parent = parent;
        yard.pass(Duration::minutes(30));
        if !yard.started.is_empty() {
            break;
        }
    }
    let took = yard.started[0].at.checked_since(from).unwrap();
    assert!(took <= Duration::minutes(215).length(), "{took:?}");
    assert!(took >= Duration::hours(3).length(), "{took:?}");
}

#[test]
fn what_arrives_while_it_is_built_is_one_build_that_follows_or_none() {
    let mut yard = Yard::built(
        "2026-11-23T00:00:00Z",
        r#"{ base: 5m, debounce: 0m, schedule: { cron: "*/15 * * * ? *" } }"#,
    );
    // The schedule comes round all the time: what it asks while a build runs is answered by that.
    yard.pass(Duration::hours(1));
    yard.started.clear();
    yard.web().manifest.triggers.schedule = None;
    yard.pass(Duration::hours(2));
    yard.started.clear();
    yard.web().of.parent = 2;
    yard.pass(Duration::minutes(10));
    assert_eq!(yard.started.len(), 1);
    for parent in 3..8 {
        yard.web().of.parent = parent;
        yard.pass(SWEEP);
        assert_eq!(*yard.fate(), Fate::Building);
    }
    yard.pass(Duration::hours(6));
    assert_eq!(yard.started.len(), 2, "{:#?}", yard.told());
    assert!(yard.told()[1].ends_with("its base moved: vendor/1.0.2 → vendor/1.0.7"));
}

#[test]
fn what_a_schedule_asks_while_a_build_runs_is_answered_by_that_build() {
    let mut yard = Yard::built(
        "2026-11-22T00:00:00Z",
        r#"{ base: 5m, debounce: 0m, schedule: { cron: "0 4 * * ? *" } }"#,
    );
    yard.now = at("2026-11-23T03:45:00Z");
    yard.started.clear();
    yard.web().state.scheduled = Some(yard.now);
    yard.web().of.parent = 2;
    yard.pass(Duration::hours(8));
    assert_eq!(yard.told().len(), 1, "{:#?}", yard.told());
    assert!(yard.told()[0].starts_with("web 2026-11-23T03:50:00"));
}

#[test]
fn what_a_person_asks_is_built_at_once_and_once_though_nothing_changed() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{}");
    let asked = yard.now;
    yard.web().requests.push(BuildRequest {
        who: String::from("ann"),
        why: "a new kernel".into(),
        at: asked,
        architecture: None,
    });
    yard.pass(Duration::days(2));
    assert_eq!(
        yard.told(),
        ["web 2026-11-23T02:05:00.000Z: ann asks for it: a new kernel"]
    );
}

#[test]
fn what_a_person_asks_while_a_build_runs_is_built_after_it() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ base: 5m, debounce: 0m }");
    yard.web().of.parent = 2;
    yard.pass(Duration::minutes(10));
    let at = yard.now;
    yard.web().requests.push(BuildRequest {
        who: String::from("ann"),
        why: "a new kernel".into(),
        at,
        architecture: None,
    });
    yard.pass(Duration::days(2));
    assert_eq!(yard.told().len(), 2);
    assert!(yard.told()[1].ends_with("ann asks for it: a new kernel"));
}

#[test]
fn a_request_that_nothing_could_answer_for_a_day_is_over() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{}");
    let asked = yard.now;
    yard.web().obstacle = Some(Look::NoPipeline);
    yard.web().requests.push(BuildRequest {
        who: String::from("ann"),
        why: "a new kernel".into(),
        at: asked,
        architecture: None,
    });
    yard.pass(Duration::hours(23));
    assert!(matches!(yard.fate(), Fate::Blocked { .. }));
    yard.pass(Duration::hours(2));
    yard.web().obstacle = None;
    yard.pass(Duration::hours(24));
    assert!(yard.started.is_empty());
}

#[test]
fn a_request_that_aws_refuses_to_start_for_a_day_is_over() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{}");
    yard.web().refused = Some("AccessDeniedException".into());
    yard.ask("a new kernel");
    yard.pass(Duration::hours(23));
    assert!(matches!(yard.fate(), Fate::Blocked { .. }));
    yard.pass(Duration::hours(2));
    yard.web().refused = None;
    yard.pass(Duration::hours(24));
    assert!(yard.started.is_empty());
}

#[test]
fn a_request_that_a_long_build_held_is_not_over_by_the_first_thing_in_its_way() {
    for in_the_way in [Look::Unreadable("throttled".into()), Look::NoPipeline] {
        let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ base: 5m, debounce: 0m }");
        yard.web().of.parent = 2;
        yard.pass(SWEEP);
        yard.ask("a new kernel");
        // It waits for days in a step that a person has to answer.
        for _ in 0..60 {
            let now = yard.now;
            yard.web().running[0].created = now;
            yard.pass(Duration::minutes(30));
        }
        yard.web().obstacle = Some(in_the_way);
        yard.pass(Duration::hours(1));
        yard.web().obstacle = None;
        yard.pass(Duration::hours(2));
        assert_eq!(yard.started.len(), 2, "{:#?}", yard.told());
        assert!(yard.told()[1].contains("ann asks for it"), "{:#?}", yard.told());
    }
}

#[test]
fn a_request_whose_build_ended_by_the_way_after_a_day_is_tried_again() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{}");
    yard.ask("a new kernel");
    yard.pass(SWEEP);
    for _ in 0..60 {
        let now = yard.now;
        yard.web().running[0].created = now;
        yard.pass(Duration::minutes(30));
    }
    yard.web().ending = Ending::Passing("Image Builder has it no more".into());
    yard.pass(Duration::hours(1));
    yard.web().ending = Ending::Made;
    yard.pass(Duration::hours(2));
    assert_eq!(yard.started.len(), 2, "{:#?}", yard.told());
}

#[test]
fn a_request_that_nobody_could_look_at_for_days_is_built_all_the_same() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ base: 5m, debounce: 0m }");
    yard.web().of.parent = 2;
    yard.pass(Duration::minutes(10));
    yard.ask("a new kernel");
    yard.pass(SWEEP);
    assert_eq!(*yard.fate(), Fate::Building);
    // All is paused, and the build ends meanwhile.
    yard.now = yard.now.saturating_add(Duration::days(3));
    yard.pass(Duration::hours(1));
    assert!(
        yard.told()[1].ends_with("ann asks for it: a new kernel"),
        "{:#?}",
        yard.told()
    );
}

#[test]
fn a_build_of_another_hand_is_waited_for_and_counts() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ base: 5m, debounce: 0m }");
    yard.web().of.parent = 2;
    let now = yard.now;
    yard.web().start("web", now);
    yard.pass(Duration::minutes(30));
    assert_eq!(*yard.fate(), Fate::Building);
    yard.pass(Duration::hours(24));
    assert!(yard.started.is_empty(), "{:#?}", yard.told());
    yard.web().of.parent = 3;
    yard.pass(Duration::hours(1));
    assert_eq!(yard.started.len(), 1);
}

#[test]
fn what_another_hand_built_on_is_left_again_where_the_base_goes_back_to_what_we_built_on() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ base: 5m, debounce: 0m }");
    let now = yard.now;
    yard.web().of.parent = 2;
    yard.web().start("web", now);
    yard.pass(Duration::hours(2));
    yard.web().of.parent = 1;
    yard.pass(Duration::hours(2));
    assert_eq!(yard.told().len(), 1);
    assert!(yard.told()[0].ends_with("its base moved: vendor/1.0.2 → vendor/1.0.1"));
    yard.pass(Duration::days(1));
    assert_eq!(yard.started.len(), 1);
}

#[test]
fn what_is_said_to_be_new_is_looked_at_once_and_not_within_a_minute_of_the_last_look() {
    let looked = at("2026-11-23T12:00:00Z");
    let look = |triggers: &str, said: Option<&str>, now: &str| {
        let mut plot = Plot::new("web", VENDOR, triggers);
        plot.state.looked = Some(Looked {
            at: looked,
            manifest: plot.number,
            parent: None,
        });
        plot.rumour = said.map(at);
        let state = &plot.state;
        state.is_to_be_looked_at(&plot.facts(false), at(now))
    };
    let later = Some("2026-11-23T12:00:00.001Z");
    for triggers in ["{ change: true }", "{ base: 1h }", "{ parent: true }"] {
        assert!(!look(triggers, later, "2026-11-23T12:00:59.999Z"));
        assert!(look(triggers, later, "2026-11-23T12:01:00Z"));
        assert!(!look(triggers, Some("2026-11-23T12:00:00Z"), "2026-11-23T12:05:00Z"));
        assert!(!look(triggers, None, "2026-11-23T12:05:00Z"));
    }
    let by_the_clock_alone = "{ parent: false, change: false, schedule: { cron: \"0 4 * * ? *\" } }";
    assert!(!look(by_the_clock_alone, later, "2026-11-23T12:05:00Z"));
}

#[test]
fn another_manifest_is_looked_at_at_once() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ debounce: 0m }");
    yard.pass(Duration::hours(3));
    (yard.web().number, yard.web().of.recipe) = (2, 2);
    yard.pass(SWEEP);
    assert_eq!(yard.started.len(), 1);
}

#[test]
fn a_quiet_line_is_read_once_an_hour_and_written_then() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{}");
    yard.pass(Duration::hours(2));
    let (looks, writes) = (yard.web().looks, yard.web().writes);
    yard.pass(Duration::hours(10));
    assert_eq!((yard.web().looks - looks, yard.web().writes - writes), (10, 10));
}

#[test]
fn a_start_that_nobody_saw_answered_is_made_again_as_it_was() {
    let mut yard = Yard::built("2026-11-23T00:00:00Z", "{ base: 5m, debounce: 0m }");
    yard.web().of.parent = 2;
    yard.pass(SWEEP);
    let first = yard.web().state.attempt.clone().unwrap();
    // The answer is lost, and the build with it.
    yard.web().state.attempt.as_mut().unwrap().build = None;
    yard.web().running.clear();
    yard.web().of.parent = 3;
    yard.pass(SWEEP);
    let again = yard.web().state.attempt.clone().unwrap();
    assert_eq!((again.number, &again.fingerprint), (first.number, &first.fingerprint));
    assert_eq!(yard.started.len(), 2);
}

#[test]
fn what_follows_a_long_build_waits_for_what_may_come_as_ever() {
    let mut yard = Yard::built(
        "2026-11-22T00:00:00Z",
        r#"{ base: 5m, debounce: 15m, wait_at_most: 20m, schedule: { cron: "0 4 * * ? *" } }"#,
    );
    yard.now = at("2026-11-23T03:30:00Z");
    yard.web().state.scheduled = Some(yard.now);
    yard.web().of.parent = 2;
    yard.pass(Duration::minutes(40));
    assert_eq!(*yard.fate(), Fate::Building);
    yard.web().of.parent = 3;
    yard.pass(Duration::hours(3));
    let took = yard.started[1].at.checked_since(yard.started[0].at).unwrap();
    assert_eq!(
        took,
        (BUILD.length() + Duration::minutes(15).length()),
        "{:#?}",
        yard.told()
    );
}
