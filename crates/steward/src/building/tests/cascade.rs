use std::collections::{BTreeMap, BTreeSet};

use super::stage::*;
use crate::building::{BuildRequest, Ending, Fate, Line, Look};
use crate::{Duration, Timestamp, Words};

const NAMES: [&str; 12] = [
    "c01", "c02", "c03", "c04", "c05", "c06", "c07", "c08", "c09", "c10", "c11", "c12",
];
const CHILD: &str = "{ family: base }";
const AT_ONCE: &str = "{ debounce: 0m }";

/// Children of one base, each of which is built on its first release, and whose channel has moved to the second.
fn moved(triggers: &str) -> Yard {
    let mut yard = Yard::new(
        "2026-11-23T00:00:00Z",
        NAMES.map(|name| (name, Plot::new(name, CHILD, triggers))),
    );
    yard.pass(Duration::hours(6));
    assert!(yard.plots.values().all(|plot| plot.newest.is_some()));
    yard.started.clear();
    for plot in yard.plots.values_mut() {
        plot.of.parent = 2;
    }
    yard
}

fn fails(yard: &mut Yard, names: &[&str]) {
    for name in names {
        yard.plots.get_mut(&line(name)).unwrap().ending = Ending::Failed("nginx did not start".into());
    }
}

fn ask(yard: &mut Yard, name: &str) {
    let at = yard.now;
    let plot = yard.plots.get_mut(&line(name)).unwrap();
    plot.requests.push(BuildRequest {
        who: String::from("ann"),
        why: "it is mended".into(),
        at,
        architecture: None,
    });
}

/// Which were started, look by look.
fn waves(yard: &Yard) -> Vec<Vec<&str>> {
    let mut waves: BTreeMap<Timestamp, Vec<&str>> = BTreeMap::new();
    for started in &yard.started {
        waves.entry(started.at).or_default().push(started.line.family.as_str());
    }
    waves.into_values().collect()
}

fn blocked(yard: &Yard, name: &str) -> Option<Words> {
    match &yard.fates[&line(name)] {
        Fate::Blocked { why, .. } => Some(why.clone()),
        _ => None,
    }
}

#[test]
fn one_child_is_built_on_what_its_parent_moved_to_and_then_as_many_as_may_run() {
    let mut yard = moved(AT_ONCE);
    yard.pass(Duration::hours(6));
    let waves = waves(&yard);
    assert_eq!(waves[0], ["c01"]);
    assert_eq!(waves.iter().map(Vec::len).collect::<Vec<usize>>(), [1, 5, 5, 1]);
    let built: BTreeSet<&str> = waves.into_iter().flatten().collect();
    assert_eq!(built, BTreeSet::from(NAMES));
}

#[test]
fn who_waits_for_another_says_for_which_and_on_what_it_is_built() {
    let mut yard = moved(AT_ONCE);
    yard.pass(SWEEP);
    let Fate::Follows { reasons, canary, on } = &yard.fates[&line("c07")] else {
        panic!("{:?}", yard.fates);
    };
    assert_eq!((canary, on), (&line("c01"), &Words::from("base/1.0.2")));
    assert_eq!(reasons[0].to_string(), "stable of base moved: base/1.0.1 → base/1.0.2");
    // It is as it was: nothing is written down of a line that waits but that it was read.
    let state = &yard.plots[&line("c07")].state;
    assert_eq!((state.pending.len(), state.attempt.as_ref().unwrap().number), (1, 1));
}

#[test]
fn a_build_that_waits_for_a_person_is_nobodys_first_and_another_is() {
    let mut yard = moved(AT_ONCE);
    yard.plots.get_mut(&line("c01")).unwrap().asks = true;
    yard.pass(SWEEP);
    assert_eq!(waves(&yard), [["c01"]]);
    yard.pass(SWEEP);
    assert_eq!(waves(&yard), [["c01"], ["c02"]]);
    assert!(matches!(&yard.fates[&line("c03")], Fate::Follows { canary, .. } if *canary == line("c02")));
}

#[test]
fn a_first_build_of_all_goes_the_same_way() {
    let plots = NAMES.map(|name| (name, Plot::new(name, CHILD, AT_ONCE)));
    let mut yard = Yard::new("2026-11-23T00:00:00Z", plots);
    yard.pass(Duration::hours(2));
    let sizes: Vec<usize> = waves(&yard).iter().map(Vec::len).collect();
    assert_eq!(sizes, [1, 5, 5]);
}

#[test]
fn where_the_first_fails_another_is_tried_and_after_three_none_is() {
    let mut yard = moved(AT_ONCE);
    fails(&mut yard, &NAMES);
    yard.pass(Duration::days(2));
    assert_eq!(waves(&yard), [["c01"], ["c02"], ["c03"]]);
    assert_eq!(
        blocked(&yard, "c04").unwrap().to_string(),
        "3 lines failed on base/1.0.2, the last c03 for x86_64: nginx did not start; move stable of base back, change what fails, \
         or `steward build` it by hand"
    );
}

#[test]
fn two_that_failed_stop_nobody() {
    let mut yard = moved(AT_ONCE);
    fails(&mut yard, &NAMES[..2]);
    yard.pass(Duration::days(2));
    let sizes: Vec<usize> = waves(&yard).iter().map(Vec::len).collect();
    assert_eq!(sizes, [1, 1, 1, 5, 4]);
}

#[test]
fn failures_among_the_many_that_follow_stop_the_rest() {
    let mut yard = moved(AT_ONCE);
    fails(&mut yard, &NAMES[1..]);
    yard.pass(Duration::days(2));
    let sizes: Vec<usize> = waves(&yard).iter().map(Vec::len).collect();
    assert_eq!(sizes, [1, 5]);
    assert!(blocked(&yard, "c07").unwrap().as_str().starts_with("5 lines failed"));
    // The one that came through is not concerned.
    yard.started.clear();
    yard.plots.get_mut(&line("c01")).unwrap().of.component = 2;
    yard.pass(Duration::hours(6));
    assert_eq!(waves(&yard), [["c01"]]);
}

#[test]
fn what_failed_by_the_way_stops_the_rest_only_once_it_is_tried_no_more() {
    let mut yard = moved(AT_ONCE);
    for plot in yard.plots.values_mut() {
        plot.ending = Ending::Passing("no capacity".into());
    }
    yard.pass(Duration::hours(3));
    let sizes: Vec<usize> = waves(&yard).iter().map(Vec::len).collect();
    assert_eq!(sizes, [1; 5], "one after another");
    assert!(NAMES.iter().all(|name| blocked(&yard, name).is_none()));
    yard.pass(Duration::days(4));
    let given_up = yard.plots.values().filter(|plot| plot.state.breaker.is_some());
    assert_eq!(given_up.count(), 3);
    assert!(blocked(&yard, "c12").unwrap().as_str().starts_with("3 lines failed"));
}

#[test]
fn a_person_builds_on_what_three_failed_on_and_does_not_wait_for_a_first_one() {
    let mut yard = moved(AT_ONCE);
    ask(&mut yard, "c05");
    ask(&mut yard, "c06");
    yard.pass(SWEEP);
    assert_eq!(waves(&yard), [["c05", "c06"]]);
    assert!(matches!(&yard.fates[&line("c01")], Fate::Follows { canary, .. } if *canary == line("c05")));
    let mut yard = moved(AT_ONCE);
    fails(&mut yard, &NAMES);
    yard.pass(Duration::hours(6));
    ask(&mut yard, "c09");
    yard.pass(Duration::hours(6));
    assert_eq!(waves(&yard), [["c01"], ["c02"], ["c03"], ["c09"]]);
}

#[test]
fn a_line_that_was_changed_or_built_since_counts_as_failed_no_more() {
    let stopped = || {
        let mut yard = moved(AT_ONCE);
        fails(&mut yard, &NAMES[..3]);
        yard.pass(Duration::hours(6));
        assert!(blocked(&yard, "c04").is_some());
        yard
    };
    let mut changed = stopped();
    let mended = changed.plots.get_mut(&line("c02")).unwrap();
    (mended.of.recipe, mended.number, mended.ending) = (2, 2, Ending::Made);
    changed.pass(Duration::hours(6));
    assert_eq!(waves(&changed)[3].len(), 1);
    assert_eq!(changed.started.len(), 3 + 10);
    let mut built = stopped();
    built.plots.get_mut(&line("c02")).unwrap().ending = Ending::Made;
    ask(&mut built, "c02");
    built.pass(Duration::hours(6));
    assert_eq!(waves(&built)[3], ["c02"]);
    assert_eq!(built.started.len(), 3 + 10);
}

#[test]
fn a_channel_that_goes_back_asks_for_nothing_and_one_that_moves_on_builds_anew() {
    let mut yard = moved(AT_ONCE);
    fails(&mut yard, &NAMES[..3]);
    yard.pass(Duration::hours(6));
    yard.started.clear();
    let mut moves = |parent: u32| {
        for plot in yard.plots.values_mut() {
            (plot.of.parent, plot.ending) = (parent, Ending::Made);
        }
        yard.pass(Duration::hours(6));
        (yard.started.len(), blocked(&yard, "c12"))
    };
    assert_eq!(moves(1), (0, None));
    assert_eq!(moves(3), (12, None));
}

#[test]
fn lines_that_were_built_on_it_are_not_stopped_by_those_that_fail_later() {
    let mut yard = moved(r#"{ debounce: 0m, schedule: { cron: "0 4 * * ? *" } }"#);
    let frozen = "{ debounce: 0m, freeze: [ { from: 2026-11-23, to: 2026-11-24 } ] }";
    yard.plots.get_mut(&line("c11")).unwrap().manifest.triggers = Plot::new("c11", CHILD, frozen).manifest.triggers;
    yard.pass(Duration::hours(6));
    yard.started.clear();
    fails(&mut yard, &NAMES[..6]);
    yard.pass(Duration::days(2));
    let starts = |name: &str| yard.started.iter().filter(|started| started.line == line(name)).count();
    assert_eq!((starts("c12"), starts("c11")), (2, 1));
}

#[test]
fn nobody_waits_for_one_that_cannot_start() {
    let freeze = "{ debounce: 0m, freeze: [ { from: 2026-11-23, to: 2026-11-30 } ] }";
    let mut yard = moved(AT_ONCE);
    yard.plots.get_mut(&line("c01")).unwrap().obstacle = Some(Look::NoPipeline);
    yard.plots.get_mut(&line("c02")).unwrap().manifest.triggers = Plot::new("c02", CHILD, freeze).manifest.triggers;
    yard.plots.get_mut(&line("c03")).unwrap().manifest.triggers.debounce = Duration::hours(3);
    yard.pass(Duration::hours(2));
    assert_eq!(waves(&yard)[0], ["c04"]);
    assert_eq!(waves(&yard)[1].len(), 5);
}

#[test]
fn the_first_of_one_architecture_and_parent_stands_for_no_other() {
    let of = |family: &'static str, parent: &str| (family, Plot::new(family, parent, AT_ONCE));
    let other = "{ family: other }";
    let plots = [of("c01", CHILD), of("c02", CHILD), of("d01", other), of("d02", other)];
    let mut yard = Yard::new("2026-11-23T00:00:00Z", plots);
    yard.pass(SWEEP);
    assert_eq!(waves(&yard), [["c01", "d01"]]);
}

#[test]
fn who_is_queued_counts_those_that_start_and_are_queued_before_it() {
    let mut yard = moved(AT_ONCE);
    yard.at_once = 1;
    ask(&mut yard, "c05");
    ask(&mut yard, "c06");
    yard.pass(SWEEP);
    let ahead: BTreeMap<&Line, usize> = yard
        .fates
        .iter()
        .filter_map(|(line, fate)| match fate {
            Fate::Queued { ahead, .. } => Some((line, *ahead)),
            _ => None,
        })
        .collect();
    assert_eq!(ahead, BTreeMap::from([(&line("c06"), 1)]));
}

const ENDS: &str = "{ debounce: 0m, cancel_superseded: true }";

/// Children whose builds on a release that is proven are under way, when the channel moves once more.
fn moved_again() -> Yard {
    let mut yard = moved(ENDS);
    while yard.plots.values().filter(|plot| !plot.running.is_empty()).count() < 5 {
        yard.pass(SWEEP);
    }
    for plot in yard.plots.values_mut() {
        plot.of.parent = 3;
    }
    yard
}

fn ended(yard: &Yard) -> Vec<&str> {
    let ends = |fate: &Fate| matches!(fate, Fate::Cancels { .. });
    let ended = yard.fates.iter().filter(|(_, fate)| ends(fate));
    ended.map(|(line, _)| line.family.as_str()).collect()
}

#[test]
fn no_build_is_ended_for_one_that_would_wait_for_its_place() {
    let mut yard = moved_again();
    yard.pass(SWEEP);
    assert!(ended(&yard).is_empty(), "others wait for it: {:?}", yard.fates);
}

#[test]
fn of_builds_on_what_the_parent_has_left_one_is_ended_and_the_others_once_that_is_proven() {
    let mut yard = moved_again();
    yard.at_once = 20;
    yard.pass(SWEEP);
    let first: Vec<String> = ended(&yard).into_iter().map(String::from).collect();
    assert!(first.len() <= 1, "{first:?}");
    let mut most = 0;
    for _ in 0..7 {
        yard.pass(SWEEP);
        most = most.max(ended(&yard).len());
    }
    assert!(
        most <= 1,
        "{most} were ended for a release that nobody was built on yet"
    );
    yard.pass(Duration::hours(6));
    let on = |plot: &Plot| plot.newest.as_ref().unwrap().of.parent.as_ref().unwrap().says.clone();
    assert!(yard.plots.values().all(|plot| on(plot).as_str() == "base/1.0.3"));
}

#[test]
fn no_build_is_ended_for_a_release_on_which_three_lines_failed() {
    let mut yard = moved(ENDS);
    fails(&mut yard, &NAMES[..3]);
    yard.pass(Duration::hours(6));
    assert!(blocked(&yard, "c04").is_some());
    for name in NAMES {
        yard.plots.get_mut(&line(name)).unwrap().of.parent = 1;
    }
    yard.plots.get_mut(&line("c05")).unwrap().of.component = 2;
    ask(&mut yard, "c05");
    yard.pass(Duration::minutes(10));
    assert!(!yard.plots[&line("c05")].running.is_empty());
    for name in NAMES {
        yard.plots.get_mut(&line(name)).unwrap().of.parent = 2;
    }
    for _ in 0..3 {
        yard.pass(SWEEP);
        assert!(ended(&yard).is_empty(), "{:?}", yard.fates);
    }
}

#[test]
fn no_build_is_ended_for_one_that_would_wait_for_its_parent() {
    let child = Plot::new("web", CHILD, "{ debounce: 0m, cancel_superseded: true, change: true }");
    let base = Plot::new("base", VENDOR, "{ debounce: 0m }");
    let mut yard = Yard::new("2026-11-23T00:00:00Z", [("base", base), ("web", child)]);
    yard.pass(Duration::hours(6));
    yard.web().of.component = 2;
    yard.web().number += 1;
    yard.pass(SWEEP);
    assert_eq!(*yard.fate(), Fate::Starts);
    let now = yard.now;
    yard.plots.get_mut(&line("base")).unwrap().start("base", now);
    yard.web().of.component = 3;
    yard.web().number += 1;
    for _ in 0..3 {
        yard.pass(SWEEP);
        assert_eq!(*yard.fate(), Fate::Building);
    }
}
