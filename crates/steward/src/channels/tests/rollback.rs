//! What a person takes back.

use std::collections::BTreeSet;

use super::super::*;
use super::stage::*;
use crate::ReleaseId;

fn promised(world: &World, to: Option<u32>) -> Result<Promised, String> {
    decide_rollback(
        world.facts(),
        &name("pinned"),
        to,
        "ann".to_owned(),
        "it crashes".into(),
    )
    .map_err(|refusal| refusal.to_string())
}

fn roll(world: &World, to: Option<u32>) -> Result<Moved, String> {
    match promised(world, to)? {
        Promised::Move(moved) => Ok(moved),
        Promised::Restore(request) => Err(format!("restored: {}", request.wanted.len())),
    }
}

fn back(world: &World, to: Option<u32>) -> String {
    roll(world, to).map_or_else(|refusal| refusal, |moved| world.says(&moved.to))
}

fn three() -> World {
    let world = family()
        .usable(&["1.0.0/1", "1.0.0/2", "1.0.0/3"])
        .moved("pinned", 1, "1.0.0/1");
    world.moved("pinned", 2, "1.0.0/2").moved("pinned", 3, "1.0.0/3")
}

#[test]
fn it_goes_back_to_where_it_was_before() {
    let moved = roll(&three(), None).unwrap();
    assert_eq!(three().says(&moved.to), both("1.0.0/2"));
    assert_eq!((moved.number, moved.backward, moved.at), (4, true, hour(100)));
    assert_eq!(
        (moved.by, moved.why.as_str()),
        (Mover::Person("ann".to_owned()), "it crashes")
    );
}

#[test]
fn what_is_no_good_any_more_is_passed_over() {
    assert_eq!(back(&three().revoke(A, "1.0.0/2"), None), both("1.0.0/1"));
    assert_eq!(back(&three().now_is(X, "1.0.0/2", RETIRED), None), both("1.0.0/1"));
}

#[test]
fn so_is_a_move_that_put_it_where_it_is_now() {
    assert_eq!(back(&three().moved("pinned", 4, "1.0.0/3"), None), both("1.0.0/2"));
    // An architecture that left the manifest makes no difference.
    let world = three().moved_to("pinned", 4, &[(X, "1.0.0/3")]).for_only(&[X]);
    assert_eq!(back(&world, None), "x86_64 1.0.0/2");
}

#[test]
fn the_next_one_goes_further_back_and_not_to_what_was_left() {
    let once = three().moved("pinned", 4, "1.0.0/2");
    assert_eq!(back(&once, None), both("1.0.0/1"));
    let twice = once.moved("pinned", 5, "1.0.0/1");
    assert_eq!(
        back(&twice, None),
        "pinned never pointed to anything older: promote a release"
    );
}

#[test]
fn it_goes_to_the_move_that_is_asked_for() {
    assert_eq!(back(&three(), Some(1)), both("1.0.0/1"));
    let forward = three().moved("pinned", 4, "1.0.0/1");
    assert!(!roll(&forward, Some(3)).unwrap().backward);
    assert_eq!(back(&three(), Some(4)), "pinned has no move 4: its last is 3");
    assert_eq!(
        back(&three(), Some(3)),
        "pinned points there already: there is nothing to change"
    );
}

#[test]
fn where_nothing_good_was_before_it_says_what_is_wrong_with_the_last() {
    let never = "pinned never pointed to anything older: promote a release";
    assert_eq!(back(&family(), None), never);
    assert_eq!(back(&family(), Some(1)), never);
    let once = family()
        .usable(&["1.0.0/1"])
        .moved("pinned", 1, "1.0.0/1")
        .moved("pinned", 2, "1.0.0/1");
    assert_eq!(back(&once, None), never);
    let world = three().revoked("1.0.0/1").now_is(A, "1.0.0/2", RETIRED);
    let retired = "1.0.0/2 of arm64 is gone: nothing brings it back; name another one";
    assert_eq!(back(&world, None), retired);
    assert_eq!(back(&world, Some(2)), retired);
    let revoked = "1.0.0/1 of arm64 is revoked: steward restore-release or steward exempt first, or name another one";
    assert_eq!(back(&world, Some(1)), revoked);
}

#[test]
fn what_is_disabled_is_gone_back_to_where_nothing_good_is_left_or_a_person_names_it() {
    let world = three().now_is(A, "1.0.0/2", DISABLED);
    assert_eq!(back(&world, None), both("1.0.0/1"));
    let asked = |world: &World, to| match promised(world, to) {
        Ok(Promised::Restore(request)) => request,
        other => panic!("{other:?}"),
    };
    let second: BTreeSet<ReleaseId> = [id(A, "1.0.0/2"), id(X, "1.0.0/2")].into();
    let request = asked(&world, Some(2));
    assert_eq!((&request.wanted, request.after, request.force), (&second, 3, true));
    assert_eq!((request.who.as_str(), request.why.as_str()), ("ann", "it crashes"));
    // The last of those that are only disabled, whatever is gone.
    let world = world.now_is(X, "1.0.0/1", DISABLED);
    assert_eq!(asked(&world, None).wanted, second);
    let world = world.now_is(X, "1.0.0/2", RETIRED);
    let first = [id(A, "1.0.0/1"), id(X, "1.0.0/1")].into();
    assert_eq!(asked(&world, None).wanted, first);
    // An architecture that left the manifest is not brought back.
    let only = asked(&world.clone().for_only(&[X]), None);
    assert_eq!(only.wanted, [id(X, "1.0.0/1")].into());
    // Revoked is revoked.
    let world = world.revoke(X, "1.0.0/1");
    assert_eq!(
        back(&world, None),
        "1.0.0/2 of x86_64 is gone: nothing brings it back; name another one"
    );
}

#[test]
fn what_the_record_does_not_know_or_had_not_every_architecture_is_refused() {
    let world = family().has(X, "1.0.0/1", "").moved_to("pinned", 1, &[(X, "1.0.0/1")]);
    let world = world.usable(&["1.0.0/2"]).moved("pinned", 2, "1.0.0/2");
    assert_eq!(
        back(&world, None),
        "move 1 of pinned had nothing of arm64: promote a release of it with the others"
    );
    let world = family()
        .usable(&["1.0.0/2"])
        .moved("pinned", 1, "1.0.0/1")
        .moved("pinned", 2, "1.0.0/2");
    let unknown = format!(
        "the record knows no release {} of this family: name another one",
        id(A, "1.0.0/1")
    );
    assert_eq!(back(&world, None), unknown);
    let refusal = decide_rollback(world.facts(), &name("x"), None, String::new(), "".into()).unwrap_err();
    assert_eq!(refusal, Refusal::NoChannel(name("x")));
}
