//! What follows releases: forward, all architectures together.

use super::super::*;
use super::stage::*;

fn moved(world: &World) -> Moved {
    world.plan().moves.remove(&name("candidate")).expect("a move")
}

#[test]
fn a_channel_that_never_moved_goes_to_the_newest_version_that_every_architecture_has() {
    let world = family().usable(&["1.9.0/2", "1.10.0/1", "1.10.0/2", "1.9.0/3"]);
    assert_eq!(world.moves("candidate"), both("1.10.0/2"));
    assert_eq!(world.waits("candidate"), [""; 0]);
    let moved = moved(&world);
    assert_eq!((moved.number, moved.at, moved.backward), (1, hour(100), false));
    assert_eq!(
        (moved.by, moved.why.as_str()),
        (Mover::Itself, "1.10.0/2 is everywhere")
    );
}

#[test]
fn each_architecture_counts_its_own_builds_of_the_version() {
    let world = family()
        .has(A, "1.4.2/7", "")
        .has(A, "1.4.2/6", "")
        .has(X, "1.4.2/3", "");
    assert_eq!(world.moves("candidate"), "arm64 1.4.2/7, x86_64 1.4.2/3");
    assert_eq!(moved(&world).why.as_str(), "1.4.2/3 and 1.4.2/7 are everywhere");
}

#[test]
fn a_move_follows_the_last_one_in_number() {
    let world = family()
        .usable(&["1.0.0/1", "1.0.0/2"])
        .moved("candidate", 1, "1.0.0/1");
    assert_eq!((moved(&world).number, moved(&world).backward), (2, false));
}

#[test]
fn what_is_not_usable_or_revoked_is_not_gone_to() {
    for standing in [COMING, BUILDING, FAILED, RETIRED] {
        let world = family()
            .usable(&["1.0.0/1"])
            .has(A, "1.1.0/1", "")
            .has(X, "1.1.0/1", standing);
        assert_eq!(world.moves("candidate"), both("1.0.0/1"), "{standing}");
    }
    let world = family().usable(&["1.0.0/1", "1.1.0/1"]).revoke(X, "1.1.0/1");
    assert_eq!(world.moves("candidate"), both("1.0.0/1"));
}

#[test]
fn it_says_what_a_newer_version_waits_for_and_goes_to_the_older_one_meanwhile() {
    let waiting = |world: World| {
        let world = world.usable(&["1.0.0/1"]).has(A, "1.1.0/1", "");
        assert_eq!(world.moves("candidate"), both("1.0.0/1"));
        let waits = world.waits("candidate");
        assert_eq!(waits.len(), 1, "{waits:?}");
        waits[0].clone()
    };
    assert_eq!(waiting(family()), "1.1.0 waits for x86_64: it is not built for it yet");
    let with = |standing| waiting(family().has(X, "1.1.0/4", standing));
    assert_eq!(with(BUILDING), "1.1.0 waits for x86_64: 1.1.0/4 is still being built");
    assert_eq!(
        with(COMING),
        "1.1.0 waits for x86_64: 1.1.0/4 is on its way (us-east-1 is missing)"
    );
    assert_eq!(with(FAILED), "1.1.0 waits for x86_64: 1.1.0/4 failed");
    assert_eq!(with(RETIRED), "1.1.0 waits for x86_64: 1.1.0/4 is gone");
}

#[test]
fn of_several_builds_it_waits_for_the_one_that_is_nearest_to_being_usable() {
    let world = family().has(A, "1.0.0/1", "");
    let world = world
        .has(X, "1.0.0/1", COMING)
        .has(X, "1.0.0/2", BUILDING)
        .has(X, "1.0.0/3", FAILED);
    let world = world
        .has(X, "1.0.0/4", "")
        .revoke(X, "1.0.0/4")
        .has(X, "1.0.0/5", RETIRED);
    let said = "1.0.0 waits for x86_64: 1.0.0/2 is still being built";
    assert_eq!(world.waits("candidate"), [said]);
}

#[test]
fn it_waits_for_the_newest_version_that_it_would_go_to() {
    let world = family()
        .usable(&["1.0.0/1"])
        .has(A, "1.1.0/1", "")
        .has(A, "1.2.0/1", FAILED);
    assert_eq!(
        world.waits("candidate"),
        [
            "1.2.0 waits for arm64: 1.2.0/1 failed",
            "1.2.0 waits for x86_64: it is not built for it yet"
        ]
    );
    // Not for one of which nothing comes any more.
    let world = world.now_is(A, "1.2.0/1", RETIRED);
    assert_eq!(
        world.waits("candidate"),
        ["1.1.0 waits for x86_64: it is not built for it yet"]
    );
    let world = world.now_is(A, "1.2.0/1", "").revoke(A, "1.2.0/1");
    assert_eq!(
        world.waits("candidate"),
        ["1.1.0 waits for x86_64: it is not built for it yet"]
    );
    // Nor for one below which it already is.
    let world = family().usable(&["1.3.0/1"]).has(A, "1.2.0/1", "");
    assert_eq!(world.moved("candidate", 1, "1.3.0/1").waits("candidate"), [""; 0]);
}

#[test]
fn nor_for_a_version_below_what_one_architecture_was_promoted_to() {
    let world = family()
        .usable(&["1.0.0/1"])
        .has(A, "1.3.0/1", "")
        .has(X, "1.2.0/1", "");
    let world = world.moved_to("candidate", 1, &[(A, "1.3.0/1"), (X, "1.0.0/1")]);
    assert_eq!(
        world.waits("candidate"),
        ["1.3.0 waits for x86_64: it is not built for it yet"]
    );
    let world = world.now_is(A, "1.3.0/1", RETIRED);
    assert_eq!(
        world.waits("candidate"),
        ["it points to 1.3.0/1 of arm64, which is gone: promote another one, or roll back"]
    );
}

#[test]
fn where_there_is_nothing_to_go_to_nor_to_wait_for_it_says_so() {
    let said = "no version is usable for every architecture, and none is to come: build one";
    assert_eq!(family().waits("candidate"), [said]);
    assert_eq!(
        family().usable(&["1.0.0/1"]).revoked("1.0.0/1").waits("candidate"),
        [said]
    );
    assert_eq!(family().has(A, "1.0.0/1", BUILDING).waits("candidate").len(), 2);
    let world = family().usable(&["1.0.0/1"]).moved("candidate", 1, "1.0.0/1");
    assert_eq!(world.waits("candidate"), [""; 0]);
}

#[test]
fn a_wave_of_builds_moves_together() {
    let world = family()
        .usable(&["1.4.2/1"])
        .moved("candidate", 1, "1.4.2/1")
        .has(A, "1.4.2/2", "");
    let waits = |standing| {
        let world = world.clone().has(X, "1.4.2/2", standing);
        assert_eq!(world.moves("candidate"), "", "{standing}");
        world.waits("candidate").join("; ")
    };
    let together = "the architectures move together, and 1.4.2/2 of x86_64";
    assert_eq!(waits(BUILDING), format!("{together} is still being built"));
    assert_eq!(
        waits(COMING),
        format!("{together} is on its way (us-east-1 is missing)")
    );
    assert_eq!(waits(FAILED), format!("{together} failed"));
    assert_eq!(world.clone().has(X, "1.4.2/2", "").moves("candidate"), both("1.4.2/2"));
}

#[test]
fn a_wave_waits_for_nothing_that_never_becomes_usable() {
    let alone = "arm64 1.4.2/2, x86_64 1.4.2/1";
    let world = family()
        .usable(&["1.4.2/1"])
        .moved("candidate", 1, "1.4.2/1")
        .has(A, "1.4.2/2", "");
    assert_eq!(world.moves("candidate"), alone);
    assert_eq!(world.clone().has(X, "1.4.2/2", RETIRED).moves("candidate"), alone);
    let revoked = world.clone().has(X, "1.4.2/2", BUILDING).revoke(X, "1.4.2/2");
    assert_eq!(revoked.moves("candidate"), alone);
    // Nor for builds of another version, of this architecture, or older ones.
    let others = world
        .has(X, "1.5.0/1", BUILDING)
        .has(A, "1.4.2/3", BUILDING)
        .has(X, "1.4.2/0", BUILDING);
    assert_eq!(others.moves("candidate"), alone);
}

#[test]
fn where_every_architecture_goes_forward_a_newer_build_is_not_waited_for() {
    let world = family()
        .usable(&["1.4.2/1", "1.4.2/2"])
        .moved("candidate", 1, "1.4.2/1");
    let world = world.has(X, "1.4.2/3", BUILDING).has(A, "1.4.2/3", COMING);
    assert_eq!(world.moves("candidate"), both("1.4.2/2"));
    assert_eq!(world.waits("candidate"), [""; 0]);
}

#[test]
fn build_41_that_finishes_after_42_changes_nothing() {
    let world = family()
        .usable(&["1.0.0/42"])
        .moved("candidate", 1, "1.0.0/42")
        .usable(&["1.0.0/41"]);
    assert_eq!(world.moves("candidate"), "");
    assert_eq!(world.waits("candidate"), [""; 0]);
}

#[test]
fn what_a_person_took_back_stays_back_until_there_is_something_newer_than_ever() {
    let world = family()
        .usable(&["1.0.0/41", "1.0.0/42"])
        .moved("candidate", 1, "1.0.0/41");
    let world = world
        .moved("candidate", 2, "1.0.0/42")
        .moved("candidate", 3, "1.0.0/41")
        .backward("candidate");
    assert_eq!(world.moves("candidate"), "");
    // One at its mark may come along.
    let forward = world.clone().has(A, "1.0.0/43", "");
    assert_eq!(forward.moves("candidate"), "arm64 1.0.0/43, x86_64 1.0.0/42");
    assert!(!moved(&forward).backward);
    // One below its mark may not, and is said.
    let behind = forward.revoke(X, "1.0.0/42");
    assert_eq!(behind.moves("candidate"), "");
    assert_eq!(
        behind.waits("candidate"),
        ["1.0.0/41 of x86_64 is older than 1.0.0/42, to which it once pointed: build a newer one, or promote this one"]
    );
}

#[test]
fn no_architecture_goes_back_for_another_one() {
    let world = family().usable(&["1.0.0/1", "1.1.0/1"]).has(X, "1.2.0/1", "");
    let world = world.moved_to("candidate", 1, &[(A, "1.0.0/1"), (X, "1.2.0/1")]);
    assert_eq!(world.moves("candidate"), "");
    assert_eq!(
        world.has(A, "1.2.0/1", "").moves("candidate"),
        "arm64 1.2.0/1, x86_64 1.2.0/1"
    );
}

#[test]
fn an_architecture_that_came_is_waited_for() {
    let world = family()
        .has(X, "1.0.0/1", "")
        .moved_to("candidate", 1, &[(X, "1.0.0/1")]);
    assert_eq!(world.moves("candidate"), "");
    assert_eq!(
        world.waits("candidate"),
        ["1.0.0 waits for arm64: it is not built for it yet"]
    );
    let world = world.has(A, "1.0.0/1", "");
    assert_eq!(world.moves("candidate"), both("1.0.0/1"));
}

#[test]
fn an_architecture_that_left_is_dropped_with_the_next_move() {
    let world = family()
        .usable(&["1.0.0/1"])
        .moved("candidate", 1, "1.0.0/1")
        .for_only(&[X]);
    assert_eq!(
        (world.moves("candidate"), world.waits("candidate")),
        (String::new(), vec![])
    );
    let world = world.has(X, "1.0.0/2", "").has(A, "1.0.0/9", BUILDING);
    assert_eq!(world.moves("candidate"), "x86_64 1.0.0/2");
    assert_eq!(world.waits("candidate"), [""; 0]);
}

#[test]
fn a_release_that_the_record_does_not_know_holds_the_channel_and_is_an_alarm() {
    let mut world = family()
        .usable(&["1.0.0/1", "1.0.0/2"])
        .moved("candidate", 1, "1.0.0/1");
    world.releases.retain(|seen| seen.release != id(X, "1.0.0/1"));
    assert_eq!(world.moves("candidate"), "");
    let unknown = Wait::Unknown {
        release: id(X, "1.0.0/1"),
        architecture: X,
    };
    assert!(unknown.is_alarm());
    assert_eq!(world.plan().waits[&name("candidate")], [unknown]);
    // Not where its architecture left the manifest: the next move drops it.
    assert_eq!(world.for_only(&[A]).moves("candidate"), "arm64 1.0.0/2");
}

#[test]
fn a_retired_release_holds_nothing_up_and_is_an_alarm_while_it_is_there() {
    let world = family()
        .usable(&["1.0.0/1"])
        .moved("candidate", 1, "1.0.0/1")
        .now_is(X, "1.0.0/1", RETIRED);
    let retired = Wait::Retired {
        build: order("1.0.0/1"),
        architecture: X,
    };
    assert!(retired.is_alarm());
    assert_eq!(world.plan().waits[&name("candidate")][0], retired);
    let world = world.now_is(X, "1.0.0/1", DISABLED);
    let disabled = Wait::Disabled {
        build: order("1.0.0/1"),
        architecture: X,
    };
    assert_eq!(world.plan().waits[&name("candidate")][0], disabled);
    // It does not go back by itself.
    let back = family()
        .usable(&["1.0.0/1", "1.0.0/2"])
        .moved("candidate", 1, "1.0.0/1");
    let back = back.moved("candidate", 2, "1.0.0/2").now_is(X, "1.0.0/2", RETIRED);
    assert_eq!(back.moves("candidate"), "");
    assert_eq!(back.clone().now_is(X, "1.0.0/2", DISABLED).moves("candidate"), "");
    assert_eq!(back.clone().for_only(&[A]).waits("candidate"), [""; 0]);
    let forward = back.usable(&["1.0.0/3"]);
    assert_eq!(forward.moves("candidate"), both("1.0.0/3"));
    assert_eq!(forward.waits("candidate"), [""; 0]);
}

#[test]
fn what_is_there_and_only_lacks_a_copy_again_stays() {
    let world = family()
        .usable(&["1.0.0/1"])
        .moved("candidate", 1, "1.0.0/1")
        .now_is(X, "1.0.0/1", COMING);
    assert_eq!(
        (world.moves("candidate"), world.waits("candidate")),
        (String::new(), vec![])
    );
}
