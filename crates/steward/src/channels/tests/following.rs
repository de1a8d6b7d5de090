//! What follows another channel: after it stood there, and in the same run.

use std::collections::BTreeMap;

use super::super::*;
use super::stage::*;

/// The candidate moved at the first hour of each, and nothing is newer.
fn candidate(builds: &[(i64, &str)]) -> World {
    builds.iter().fold(family(), |world, (hours, build)| {
        world.moved("candidate", *hours, build)
    })
}

#[test]
fn what_stood_exactly_as_long_as_it_must_goes_on() {
    let world = candidate(&[(10, "1.0.0/1")]).usable(&["1.0.0/1"]);
    let mut early = world.clone().at(34);
    early.now = early.now.checked_sub(std::time::Duration::from_millis(1)).unwrap();
    assert_eq!(early.moves("stable"), "");
    assert_eq!(
        early.waits("stable"),
        [format!(
            "what candidate has pointed to since {} moves on once it stood there for 24h, at {}",
            hour(10),
            hour(34)
        )]
    );
    let world = world.at(34);
    assert_eq!(world.moves("stable"), both("1.0.0/1"));
    assert_eq!(world.waits("stable"), [""; 0]);
    assert_eq!(
        world.plan().moves[&name("stable")].why.as_str(),
        "1.0.0/1 stood on candidate for 24h"
    );
}

#[test]
fn what_was_replaced_sooner_never_goes_on() {
    let world = candidate(&[(10, "1.0.0/1"), (33, "1.0.0/2")]).usable(&["1.0.0/1", "1.0.0/2"]);
    assert_eq!(world.clone().at(56).moves("stable"), "");
    assert_eq!(world.at(57).moves("stable"), both("1.0.0/2"));
}

#[test]
fn what_stood_long_enough_and_was_replaced_goes_on_while_the_next_one_soaks() {
    let world = candidate(&[(10, "1.0.0/1"), (34, "1.0.0/2")])
        .usable(&["1.0.0/1", "1.0.0/2"])
        .at(40);
    assert_eq!(world.moves("stable"), both("1.0.0/1"));
    assert_eq!(world.waits("stable").len(), 1);
    assert!(world.waits("stable")[0].ends_with(&hour(58).to_string()));
}

#[test]
fn the_newest_that_stood_long_enough_goes_on_and_none_before_it() {
    let world = candidate(&[(0, "1.0.0/1"), (30, "1.0.0/2"), (60, "1.0.0/3")]).at(70);
    let world = world.usable(&["1.0.0/1", "1.0.0/2", "1.0.0/3"]);
    assert_eq!(world.moves("stable"), both("1.0.0/2"));
    // Where that is no good any more, the one before it.
    let world = world.now_is(X, "1.0.0/2", RETIRED);
    assert_eq!(world.moves("stable"), both("1.0.0/1"));
}

#[test]
fn nothing_goes_on_from_before_a_move_backward() {
    let world = candidate(&[(0, "1.0.0/1"), (30, "1.0.0/2"), (60, "1.0.0/1")]).backward("candidate");
    let world = world.usable(&["1.0.0/1", "1.0.0/2"]);
    assert_eq!(world.clone().at(83).moves("stable"), "");
    assert_eq!(world.at(84).moves("stable"), both("1.0.0/1"));
}

#[test]
fn what_stood_there_in_two_stretches_has_to_stand_there_again() {
    let world = candidate(&[(0, "1.0.0/1"), (20, "1.0.0/2"), (40, "1.0.0/1")]).backward("candidate");
    let world = world.usable(&["1.0.0/1", "1.0.0/2"]).at(50);
    assert_eq!(world.moves("stable"), "");
}

#[test]
fn an_entry_that_is_yet_to_come_by_our_clock_has_stood_for_nothing() {
    let world = candidate(&[(110, "1.0.0/1")]).usable(&["1.0.0/1"]);
    assert_eq!(world.moves("stable"), "");
    assert!(world.waits("stable")[0].ends_with(&hour(134).to_string()));
    // Nor has one stood until it will have been replaced.
    let world = candidate(&[(90, "1.0.0/1"), (120, "1.0.0/2")]).usable(&["1.0.0/1", "1.0.0/2"]);
    assert_eq!(world.moves("stable"), "");
    // At once is at once.
    let world = world.with("stable", from("candidate", None));
    assert_eq!(world.moves("stable"), both("1.0.0/2"));
}

#[test]
fn without_a_time_it_moves_in_the_same_run_as_what_it_follows() {
    let world = family()
        .with("stable", from("candidate", None))
        .with("a", from("stable", None));
    let world = world.usable(&["1.0.0/1"]);
    for channel in ["candidate", "stable", "a"] {
        assert_eq!(world.moves(channel), both("1.0.0/1"), "{channel}");
    }
    assert_eq!(world.plan().moves[&name("a")].why.as_str(), "1.0.0/1 is on stable");
    // With one it starts to soak.
    let world = world.with("a", from("stable", Some("1h")));
    assert_eq!(world.moves("a"), "");
    assert!(world.waits("a")[0].ends_with(&hour(101).to_string()));
}

#[test]
fn it_goes_on_only_while_all_of_it_is_good() {
    let world = candidate(&[(0, "1.0.0/1")]).usable(&["1.0.0/1"]).at(50);
    let stuck = |world: &World| {
        assert_eq!(world.moves("stable"), "");
        world.waits("stable").join("; ")
    };
    let said = "candidate, which it follows, points to";
    let retired = world.clone().now_is(A, "1.0.0/1", RETIRED);
    assert_eq!(stuck(&retired), format!("{said} 1.0.0/1 of arm64, which is gone"));
    let revoked = world.clone().revoke(X, "1.0.0/1");
    assert_eq!(stuck(&revoked), format!("{said} 1.0.0/1 of x86_64, which is revoked"));
    let mut unknown = world.clone();
    unknown.releases.retain(|seen| seen.architecture == A);
    let id = id(X, "1.0.0/1");
    assert_eq!(
        stuck(&unknown),
        format!("{said} {id} of x86_64, which the record does not know")
    );
    let lacking = family()
        .moved_to("candidate", 0, &[(X, "1.0.0/1")])
        .has(X, "1.0.0/1", "")
        .at(50);
    assert_eq!(stuck(&lacking), format!("{said} nothing of arm64 yet"));
    assert_eq!(stuck(&family()), "candidate, which it follows, points to nothing yet");
}

#[test]
fn an_architecture_that_came_is_waited_for_there() {
    let world = family()
        .has(X, "1.0.0/1", "")
        .moved_to("candidate", 0, &[(X, "1.0.0/1")]);
    let world = world.moved_to("stable", 24, &[(X, "1.0.0/1")]);
    assert_eq!(
        world.waits("stable"),
        ["candidate, which it follows, points to nothing of arm64 yet"]
    );
}

#[test]
fn an_architecture_that_left_does_not_go_on() {
    let world = candidate(&[(0, "1.0.0/1")]).usable(&["1.0.0/1"]).for_only(&[X]);
    assert_eq!(world.moves("stable"), "x86_64 1.0.0/1");
}

#[test]
fn it_goes_forward_only_and_says_nothing_where_it_is_ahead() {
    let world = candidate(&[(0, "1.0.0/41")]).usable(&["1.0.0/41", "1.0.0/42"]);
    let world = world
        .moved("stable", 0, "1.0.0/42")
        .moved("stable", 1, "1.0.0/41")
        .backward("stable");
    // So that the candidate stays there.
    let world = world.now_is(A, "1.0.0/42", FAILED);
    assert_eq!((world.moves("stable"), world.waits("stable")), (String::new(), vec![]));
    // Nor while what is behind soaks, or is no good.
    assert_eq!(world.clone().at(10).waits("stable"), [""; 0]);
    assert_eq!(world.at(10).now_is(A, "1.0.0/41", COMING).waits("stable"), [""; 0]);
}

#[test]
fn where_one_architecture_would_go_forward_and_another_back_it_stays_and_says_so() {
    let world = family()
        .with("stable", from("pinned", None))
        .usable(&["1.0.0/1", "1.0.0/2", "1.0.0/3"]);
    let world = world.moved_to("stable", 0, &[(A, "1.0.0/1"), (X, "1.0.0/3")]);
    let world = world.moved_to("pinned", 0, &[(A, "1.0.0/3"), (X, "1.0.0/2")]);
    assert_eq!(world.moves("stable"), "");
    assert_eq!(
        world.waits("stable"),
        ["1.0.0/2 of x86_64 is older than 1.0.0/3, to which it once pointed: build a newer one, or promote this one"]
    );
}

#[test]
fn a_channel_that_a_person_moves_does_not_move_by_itself() {
    let world = family().usable(&["1.0.0/1"]);
    assert_eq!(world.moves("pinned"), "");
    assert_eq!(
        world.waits("pinned"),
        ["it points to nothing until somebody moves it: steward promote"]
    );
    let world = world.usable(&["1.0.0/2"]).moved("pinned", 0, "1.0.0/1");
    assert_eq!((world.moves("pinned"), world.waits("pinned")), (String::new(), vec![]));
}

#[test]
fn what_is_followed_may_be_moved_by_a_person() {
    let world = family()
        .with("stable", from("pinned", None))
        .usable(&["1.0.0/1", "1.0.0/2"]);
    let world = world.moved("pinned", 100, "1.0.0/1");
    assert_eq!(world.moves("stable"), both("1.0.0/1"));
}

#[test]
fn channels_that_follow_each_other_or_nothing_hang_nothing_up() {
    let mut world = family().usable(&["1.0.0/1"]).moved("b", 0, "1.0.0/1");
    world.channels = BTreeMap::from([
        (name("a"), from("b", None)),
        (name("b"), from("c", None)),
        (name("c"), from("a", None)),
        (name("d"), from("d", None)),
        (name("e"), from("nothing", None)),
    ]);
    let plan = world.plan();
    let moved: Vec<&str> = plan.moves.keys().map(crate::ChannelName::as_str).collect();
    assert_eq!(moved, ["a"]);
    assert_eq!(world.waits("e"), ["nothing, which it follows, points to nothing yet"]);
    assert_eq!(plan.waits[&name("d")], [Wait::SourceEmpty(name("d"))]);
}
