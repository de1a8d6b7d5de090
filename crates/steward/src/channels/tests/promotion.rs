//! What a person asks of a channel.

use std::collections::BTreeSet;

use super::super::*;
use super::stage::*;
use crate::{Architecture, ReleaseId};

const WHO: &str = "arn:aws:iam::111122223333:user/ann";

fn promote_to(world: &World, channel: &str, wanted: &[(Architecture, &str)], force: bool) -> Result<Moved, String> {
    let wanted = wanted
        .iter()
        .map(|(architecture, build)| id(*architecture, build))
        .collect();
    let why = "asked for".into();
    match decide_promotion(world.facts(), &name(channel), &wanted, force, WHO.to_owned(), why) {
        Ok(Promised::Move(moved)) => Ok(moved),
        Ok(Promised::Restore(request)) => Err(format!("restored: {}", request.wanted.len())),
        Err(refusal) => Err(refusal.to_string()),
    }
}

fn promote(world: &World, wanted: &[(Architecture, &str)]) -> Result<String, String> {
    promote_to(world, "pinned", wanted, false).map(|moved| world.says(&moved.to))
}

fn refused(message: &str) -> Result<String, String> {
    Err(message.to_owned())
}

#[test]
fn what_a_person_names_is_gone_to_in_their_name() {
    let world = family().usable(&["1.0.0/1", "1.0.0/2"]).moved("pinned", 1, "1.0.0/1");
    let moved = promote_to(&world, "pinned", &[(A, "1.0.0/2"), (X, "1.0.0/2")], false).unwrap();
    assert_eq!(world.says(&moved.to), both("1.0.0/2"));
    assert_eq!((moved.number, moved.at, moved.backward), (2, hour(100), false));
    assert_eq!(
        (moved.by, moved.why.as_str()),
        (Mover::Person(WHO.to_owned()), "asked for")
    );
    // Of any kind of channel.
    assert!(promote_to(&world, "candidate", &[(A, "1.0.0/2"), (X, "1.0.0/2")], false).is_ok());
    let none = promote_to(&world, "stabel", &[(A, "1.0.0/2")], true).unwrap_err();
    assert_eq!(
        none,
        "there is no channel stabel: name one of `channels` in the manifest"
    );
}

#[test]
fn an_architecture_that_nobody_named_stays_where_it_is() {
    let world = family().usable(&["1.0.0/1", "1.0.0/2"]).moved("pinned", 1, "1.0.0/1");
    assert_eq!(
        promote(&world, &[(A, "1.0.0/2")]).unwrap(),
        "arm64 1.0.0/2, x86_64 1.0.0/1"
    );
    let world = family().usable(&["1.0.0/1"]);
    let lacking = refused("pinned has nothing of x86_64 yet: name a release of it too");
    assert_eq!(promote(&world, &[(A, "1.0.0/1")]), lacking);
    assert_eq!(
        promote(&world.for_only(&[A]), &[(A, "1.0.0/1")]).unwrap(),
        "arm64 1.0.0/1"
    );
}

#[test]
fn an_architecture_that_left_the_manifest_is_dropped_and_cannot_be_named() {
    let world = family()
        .usable(&["1.0.0/1", "1.0.0/2"])
        .moved("pinned", 1, "1.0.0/1")
        .for_only(&[X]);
    assert_eq!(promote(&world, &[(X, "1.0.0/2")]).unwrap(), "x86_64 1.0.0/2");
    assert_eq!(
        promote(&world, &[(A, "1.0.0/2")]),
        refused("1.0.0/2 is for arm64, and the manifest does not name that: leave it out")
    );
}

#[test]
fn one_release_of_each_architecture_can_be_named_and_only_one_that_is_known() {
    let world = family().usable(&["1.0.0/1", "1.0.0/2"]);
    assert_eq!(
        promote(&world, &[(A, "1.0.0/2"), (A, "1.0.0/1"), (X, "1.0.0/1")]),
        refused("1.0.0/1 and 1.0.0/2 are both for arm64: name one of them")
    );
    let unknown = format!(
        "the record knows no release {} of this family: name another one",
        id(A, "9.0.0/1")
    );
    assert_eq!(promote(&world, &[(A, "9.0.0/1")]), Err(unknown));
}

#[test]
fn what_is_not_good_is_refused_whatever_the_force() {
    let world = family()
        .usable(&["1.0.0/1"])
        .moved("pinned", 1, "1.0.0/1")
        .has(X, "1.1.0/1", "");
    let no = |world: World| {
        let refusal = promote_to(&world, "pinned", &[(A, "1.1.0/1"), (X, "1.1.0/1")], true).unwrap_err();
        assert_eq!(promote(&world, &[(A, "1.1.0/1"), (X, "1.1.0/1")]).unwrap_err(), refusal);
        refusal
    };
    let with = |standing| no(world.clone().has(A, "1.1.0/1", standing));
    let coming = "1.1.0/1 of arm64 is on its way (us-east-1 is missing): wait for it, or name another one";
    assert_eq!(with(COMING), coming);
    assert_eq!(
        with(BUILDING),
        "1.1.0/1 of arm64 is still being built: wait for it, or name another one"
    );
    assert_eq!(
        with(FAILED),
        "1.1.0/1 of arm64 failed: name another build, or start one"
    );
    let retired = "1.1.0/1 of arm64 is gone: nothing brings it back; name another one";
    assert_eq!(with(RETIRED), retired);
    let revoked = "1.1.0/1 of arm64 is revoked: steward restore-release or steward exempt first, or name another one";
    for standing in ["", COMING] {
        assert_eq!(
            no(world.clone().has(A, "1.1.0/1", standing).revoke(A, "1.1.0/1")),
            revoked
        );
    }
}

#[test]
fn what_changes_nothing_is_refused() {
    let world = family().usable(&["1.0.0/1"]).moved("pinned", 1, "1.0.0/1");
    let unchanged = refused("pinned points there already: there is nothing to change");
    assert_eq!(promote(&world, &[(A, "1.0.0/1"), (X, "1.0.0/1")]), unchanged);
    assert_eq!(promote(&world, &[(X, "1.0.0/1")]), unchanged);
    assert_eq!(promote(&world, &[]), unchanged);
}

#[test]
fn it_goes_back_only_by_force_and_says_so() {
    let world = family()
        .usable(&["1.0.0/41", "1.0.0/42"])
        .moved("pinned", 1, "1.0.0/42");
    let back = [(X, "1.0.0/41")];
    assert_eq!(
        promote(&world, &back),
        refused("x86_64 would go back from 1.0.0/42 to 1.0.0/41: steward rollback, or --force")
    );
    let forced = promote_to(&world, "pinned", &back, true).unwrap();
    assert_eq!(world.says(&forced.to), "arm64 1.0.0/42, x86_64 1.0.0/41");
    assert!(forced.backward);
    // From where it is, not from where it ever was.
    let world = world.moved("pinned", 2, "1.0.0/41");
    assert!(
        !promote_to(&world, "pinned", &[(X, "1.0.0/42")], false)
            .unwrap()
            .backward
    );
}

#[test]
fn a_version_means_the_newest_build_of_each_architecture_of_the_manifest() {
    let world = family()
        .usable(&["1.0.0/1", "1.0.0/2", "1.1.0/1"])
        .has(X, "1.0.0/10", FAILED);
    let means = |world: &World, version: &str, build: Option<&str>| {
        newest_of(
            world.facts(),
            version.parse().unwrap(),
            build.map(|build| build.parse().unwrap()),
        )
    };
    let ids = |ids: &[ReleaseId]| ids.iter().copied().collect::<BTreeSet<ReleaseId>>();
    let newest = ids(&[id(A, "1.0.0/2"), id(X, "1.0.0/10")]);
    assert_eq!(means(&world, "1.0.0", None), newest);
    assert_eq!(
        means(&world, "1.0.0", Some("1")),
        ids(&[id(A, "1.0.0/1"), id(X, "1.0.0/1")])
    );
    assert_eq!(means(&world, "1.0.0", Some("10")), ids(&[id(X, "1.0.0/10")]));
    assert_eq!(means(&world, "1.2.0", None), ids(&[]));
    let mut turned = world.clone();
    turned.releases.reverse();
    assert_eq!(means(&turned, "1.0.0", None), newest);
    assert_eq!(means(&world.for_only(&[A]), "1.0.0", None), ids(&[id(A, "1.0.0/2")]));
}
