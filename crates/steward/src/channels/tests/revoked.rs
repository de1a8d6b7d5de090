//! What a channel does when what it points to is revoked.

use super::super::*;
use super::stage::*;

fn moved(world: &World, channel: &str) -> Moved {
    world.plan().moves.remove(&name(channel)).expect("a move")
}

#[test]
fn a_revoked_release_is_left_for_a_newer_good_one() {
    let world = family()
        .usable(&["1.4.1/1", "1.4.2/3", "1.5.0/1"])
        .moved("candidate", 1, "1.4.1/1");
    let world = world.moved("candidate", 2, "1.4.2/3").revoke(X, "1.4.2/3");
    assert_eq!(world.moves("candidate"), both("1.5.0/1"));
    let moved = moved(&world, "candidate");
    assert_eq!((moved.backward, moved.why.as_str()), (false, "1.4.2/3 is revoked"));
    assert_eq!(moved.by, Mover::Itself);
    assert_eq!(world.waits("candidate"), [""; 0]);
}

#[test]
fn it_does_not_wait_for_the_rest_of_a_wave() {
    let world = family()
        .usable(&["1.4.2/1"])
        .moved("candidate", 1, "1.4.2/1")
        .revoke(A, "1.4.2/1");
    let world = world.has(A, "1.4.2/2", "").has(X, "1.4.2/2", BUILDING);
    assert_eq!(world.moves("candidate"), "arm64 1.4.2/2, x86_64 1.4.2/1");
}

#[test]
fn else_for_the_newest_older_one_and_says_that_it_went_back() {
    let world = family()
        .usable(&["1.4.0/1", "1.4.1/1", "1.4.2/3"])
        .moved("candidate", 1, "1.4.0/1");
    let world = world.moved("candidate", 2, "1.4.2/3").revoked("1.4.2/3");
    // It was never on 1.4.1, but it follows releases.
    assert_eq!(world.moves("candidate"), both("1.4.1/1"));
    assert!(moved(&world, "candidate").backward);
    // One that does not follow them goes where it has been.
    for channel in ["stable", "pinned"] {
        let world = world.clone().moved(channel, 1, "1.4.0/1").moved(channel, 2, "1.4.2/3");
        assert_eq!(world.moves(channel), both("1.4.0/1"), "{channel}");
        assert!(moved(&world, channel).backward);
    }
}

#[test]
fn what_it_follows_has_gone_back_too_and_takes_nothing_with_it_before_it_soaked() {
    let world = family()
        .usable(&["1.4.0/1", "1.4.1/1", "1.4.2/3"])
        .moved("candidate", 1, "1.4.1/1");
    let world = world
        .moved("candidate", 2, "1.4.2/3")
        .moved("stable", 3, "1.4.0/1")
        .revoked("1.4.2/3");
    assert_eq!(world.moves("candidate"), both("1.4.1/1"));
    assert_eq!(world.moves("stable"), "");
    assert!(world.waits("stable")[0].ends_with(&hour(124).to_string()));
}

#[test]
fn what_follows_a_channel_leaves_for_what_soaked_there_only_forward() {
    let world = family().usable(&["1.4.0/1", "1.4.1/1", "1.4.2/3", "1.5.0/1"]);
    let world = world
        .moved("stable", 1, "1.4.0/1")
        .moved("stable", 2, "1.4.2/3")
        .revoked("1.4.2/3");
    let world = world.with("stable", from("pinned", Some("24h")));
    assert_eq!(
        world.clone().moved("pinned", 3, "1.5.0/1").moves("stable"),
        both("1.5.0/1")
    );
    assert_eq!(
        world.clone().moved("pinned", 99, "1.5.0/1").moves("stable"),
        both("1.4.0/1")
    );
    assert_eq!(world.moved("pinned", 3, "1.4.1/1").moves("stable"), both("1.4.0/1"));
}

#[test]
fn of_its_past_the_newest_good_set_counts_not_the_latest() {
    let world = family()
        .usable(&["1.0.0/1", "1.1.0/1", "1.2.0/1", "1.3.0/1"])
        .moved("pinned", 1, "1.2.0/1");
    let world = world
        .moved("pinned", 2, "1.1.0/1")
        .moved("pinned", 3, "1.0.0/1")
        .moved("pinned", 4, "1.3.0/1");
    let world = world.revoke(A, "1.3.0/1");
    assert_eq!(world.moves("pinned"), both("1.2.0/1"));
    assert_eq!(world.clone().revoke(X, "1.2.0/1").moves("pinned"), both("1.1.0/1"));
    assert_eq!(
        world.clone().now_is(X, "1.2.0/1", COMING).moves("pinned"),
        both("1.1.0/1")
    );
    let world = world.revoked("1.2.0/1").revoked("1.1.0/1");
    assert_eq!(world.moves("pinned"), both("1.0.0/1"));
}

#[test]
fn of_two_sets_that_is_the_newer_whose_oldest_release_is() {
    let world = family().usable(&["1.0.0/1", "1.0.0/2", "1.0.0/3", "1.0.0/9"]);
    let world = world.moved_to("pinned", 1, &[(A, "1.0.0/2"), (X, "1.0.0/2")]);
    let world = world
        .moved_to("pinned", 2, &[(A, "1.0.0/1"), (X, "1.0.0/3")])
        .moved("pinned", 3, "1.0.0/9");
    let world = world.revoked("1.0.0/9");
    assert_eq!(world.moves("pinned"), both("1.0.0/2"));
    // Where that is the same, whose newest is.
    let world = world
        .moved_to("pinned", 4, &[(A, "1.0.0/3"), (X, "1.0.0/2")])
        .moved("pinned", 5, "1.0.0/9");
    assert_eq!(world.moves("pinned"), "arm64 1.0.0/3, x86_64 1.0.0/2");
}

#[test]
fn the_releases_of_its_past_and_those_that_it_follows_are_measured_alike() {
    let world = family()
        .usable(&["1.0.0/1", "1.1.0/1", "1.2.0/1"])
        .has(A, "1.3.0/1", "");
    let world = world
        .moved_to("candidate", 1, &[(A, "1.2.0/1"), (X, "1.1.0/1")])
        .moved("candidate", 2, "1.2.0/1");
    let world = world.revoke(X, "1.2.0/1");
    // 1.1.0 is the newest that every architecture has; of its past one is newer.
    assert_eq!(world.moves("candidate"), "arm64 1.2.0/1, x86_64 1.1.0/1");
}

#[test]
fn with_nothing_good_to_go_to_it_stays_and_is_an_alarm() {
    let world = family()
        .usable(&["1.0.0/1", "1.0.0/2"])
        .moved("pinned", 1, "1.0.0/1")
        .moved("pinned", 2, "1.0.0/2");
    let world = world.revoked("1.0.0/2").revoke(A, "1.0.0/1");
    assert_eq!(world.plan().moves, [].into());
    let build = order("1.0.0/2");
    let alarms = [A, X].map(|architecture| Wait::Revoked { build, architecture });
    assert!(alarms.iter().all(Wait::is_alarm));
    assert_eq!(world.plan().waits[&name("pinned")], alarms);
    // One that follows says too what it waits for.
    let world = family()
        .usable(&["1.0.0/1"])
        .moved("candidate", 1, "1.0.0/1")
        .revoked("1.0.0/1");
    let waits = world.has(X, "1.0.0/2", BUILDING).waits("candidate");
    assert_eq!(waits.len(), 4, "{waits:?}");
    assert_eq!(waits[3], "1.0.0 waits for x86_64: 1.0.0/2 is still being built");
}

#[test]
fn all_that_is_revoked_is_named() {
    let world = family()
        .usable(&["1.0.0/1"])
        .has(A, "1.0.0/3", "")
        .has(X, "1.0.0/2", "");
    let world = world.moved_to("candidate", 1, &[(A, "1.0.0/3"), (X, "1.0.0/2")]);
    let world = world.revoke(A, "1.0.0/3").revoke(X, "1.0.0/2");
    assert_eq!(
        moved(&world, "candidate").why.as_str(),
        "1.0.0/2 and 1.0.0/3 are revoked"
    );
}

#[test]
fn what_is_revoked_of_an_architecture_that_left_is_dropped_at_once() {
    let world = family()
        .usable(&["1.0.0/1"])
        .moved("pinned", 1, "1.0.0/1")
        .revoke(A, "1.0.0/1")
        .for_only(&[X]);
    assert_eq!(world.moves("pinned"), "x86_64 1.0.0/1");
    assert!(!moved(&world, "pinned").backward);
    let nowhere = world.now_is(X, "1.0.0/1", COMING);
    let build = order("1.0.0/1");
    assert_eq!(
        nowhere.plan().waits[&name("pinned")],
        [Wait::Revoked { build, architecture: A }]
    );
}

#[test]
fn a_revoked_release_is_left_whatever_else_is_wrong_there() {
    let mut world = family()
        .usable(&["1.0.0/1", "1.0.0/2"])
        .moved("candidate", 1, "1.0.0/2")
        .revoke(A, "1.0.0/2");
    world.releases.retain(|seen| seen.release != id(X, "1.0.0/2"));
    assert_eq!(world.moves("candidate"), both("1.0.0/1"));
}

#[test]
fn after_it_went_back_it_goes_forward_to_what_is_newer_than_ever() {
    let world = family()
        .usable(&["1.0.0/40", "1.0.0/42"])
        .moved("candidate", 1, "1.0.0/42")
        .revoked("1.0.0/42");
    let mut world = world;
    let plan = world.plan();
    world.apply(&plan);
    assert_eq!(world.clone().usable(&["1.0.0/41"]).moves("candidate"), "");
    assert_eq!(world.usable(&["1.0.0/43"]).moves("candidate"), both("1.0.0/43"));
}
