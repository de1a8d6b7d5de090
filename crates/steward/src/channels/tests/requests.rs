//! What a person asks for that is disabled: it waits, is done once, or comes to nothing.

use std::collections::BTreeSet;

use super::super::*;
use super::stage::*;
use crate::{Architecture, ReleaseId};

const WHO: &str = "ann";
const OLD: &str = "1.0.0/1";

fn ids(of: &[(Architecture, &str)]) -> BTreeSet<ReleaseId> {
    of.iter()
        .map(|(architecture, build)| id(*architecture, build))
        .collect()
}

fn promised(world: &World, wanted: &[(Architecture, &str)], force: bool) -> Result<Promised, Refusal> {
    let why = "the new one crashes".into();
    decide_promotion(world.facts(), &name("pinned"), &ids(wanted), force, WHO.to_owned(), why)
}

fn asked(world: &World, wanted: &[(Architecture, &str)], force: bool) -> Request {
    match promised(world, wanted, force) {
        Ok(Promised::Restore(request)) => request,
        other => panic!("{other:?}"),
    }
}

/// On a newer release, and one architecture's older one is disabled.
fn left() -> World {
    family()
        .usable(&[OLD, "1.0.0/2"])
        .moved("pinned", 1, "1.0.0/2")
        .now_is(X, OLD, DISABLED)
}

fn both_old() -> [(Architecture, &'static str); 2] {
    [(A, OLD), (X, OLD)]
}

fn answer(world: &World, request: &Request) -> Answer {
    decide_request(world.facts(), &name("pinned"), request)
}

fn history(world: &World) -> &[Moved] {
    &world.held[&name("pinned")].history
}

fn is_open(world: &World, request: &Request) -> bool {
    request.is_open(history(world), world.now)
}

#[test]
fn what_is_disabled_is_restored_before_a_channel_goes_to_it() {
    let world = left();
    let request = asked(&world, &both_old(), true);
    let expected = Request {
        wanted: ids(&both_old()),
        after: 1,
        force: true,
        who: WHO.to_owned(),
        why: "the new one crashes".into(),
        at: hour(100),
        ended: None,
    };
    assert_eq!(request, expected);
    assert!(is_open(&world, &request));
    let waits = Answer::Waits("1.0.0/1 of x86_64 is disabled in us-east-1".into());
    assert_eq!(answer(&world, &request), waits);
    let world = world.now_is(X, OLD, COMING);
    let waits = Answer::Waits("1.0.0/1 of x86_64 is on its way (us-east-1 is missing)".into());
    assert_eq!(answer(&world, &request), waits);
    let world = world.now_is(X, OLD, "").at(101);
    let Answer::Moves(moved) = answer(&world, &request) else {
        panic!("it waits")
    };
    assert_eq!(world.says(&moved.to), both(OLD));
    assert_eq!(
        (moved.number, moved.at, moved.backward, moved.by, moved.why.as_str()),
        (2, hour(101), true, Mover::Person(WHO.to_owned()), "the new one crashes")
    );
}

#[test]
fn it_is_held_to_what_any_move_by_hand_is_held_to() {
    let world = left();
    let refused = |promised: Result<Promised, Refusal>| promised.unwrap_err().to_string();
    assert_eq!(
        refused(promised(&world, &both_old(), false)),
        "arm64 would go back from 1.0.0/2 to 1.0.0/1: steward rollback, or --force"
    );
    let revoked = world.clone().revoke(X, OLD);
    assert!(refused(promised(&revoked, &both_old(), true)).contains("is revoked"));
    let gone = world.clone().now_is(A, OLD, RETIRED);
    assert_eq!(
        refused(promised(&gone, &both_old(), true)),
        "1.0.0/1 of arm64 is gone: nothing brings it back; name another one"
    );
    // Nor is it forgotten while it waits.
    let request = asked(&world, &both_old(), true);
    for (world, why) in [(revoked, "is revoked"), (gone, "is gone")] {
        let Answer::Refused(refusal) = answer(&world, &request) else {
            panic!("{why}")
        };
        assert!(refusal.to_string().contains(why), "{refusal}");
    }
    let forward = Request {
        force: false,
        ..request
    };
    assert!(matches!(
        answer(&world, &forward),
        Answer::Refused(Refusal::Backward { .. })
    ));
}

#[test]
fn an_architecture_that_nobody_named_is_not_restored() {
    let world = left();
    let promised = promised(&world, &[(A, OLD)], true).unwrap();
    assert!(matches!(promised, Promised::Move(_)), "{promised:?}");
    assert_eq!(asked(&world, &[(X, OLD)], true).wanted, ids(&[(X, OLD)]));
}

#[test]
fn what_a_channel_points_to_is_restored_without_a_move() {
    let world = family().usable(&[OLD]).moved("pinned", 1, OLD).now_is(X, OLD, DISABLED);
    let request = asked(&world, &both_old(), false);
    assert!(matches!(answer(&world, &request), Answer::Waits(_)));
    assert_eq!(answer(&world.now_is(X, OLD, ""), &request), Answer::Met);
}

#[test]
fn a_request_is_open_until_a_person_moves_the_channel_or_it_is_ended_or_a_day_old() {
    let world = left();
    let request = asked(&world, &both_old(), true);
    // By itself it may move on meanwhile.
    let moved = world.clone().usable(&["1.0.0/3"]).moved("pinned", 101, "1.0.0/3");
    assert!(is_open(&moved, &request));
    assert!(!is_open(&moved.clone().by_hand("pinned"), &request));
    // Its own move is one, whatever comes after.
    let done = world.clone().moved("pinned", 101, OLD).by_hand("pinned");
    assert!(!is_open(
        &done.usable(&["1.0.0/3"]).moved("pinned", 102, "1.0.0/3"),
        &request
    ));
    // One before it was asked is none.
    assert!(is_open(&world.clone().by_hand("pinned"), &request));
    let ended = Request {
        ended: Some("somebody withdrew it".into()),
        ..request.clone()
    };
    assert!(!is_open(&world, &ended));
    assert_eq!(ended.over(hour(100)).unwrap().as_str(), "somebody withdrew it");
    assert!(is_open(&world.clone().at(123), &request));
    assert_eq!(request.over(hour(123)), None);
    assert!(!is_open(&world.at(124), &request));
    assert_eq!(request.over(hour(124)).unwrap().as_str(), "it was not done within 24h");
}

#[test]
fn a_request_is_kept_as_it_was() {
    let world = left();
    let request = asked(&world, &[(X, OLD)], true);
    let kept = serde_json::json!({
        "wanted": [id(X, OLD)],
        "after": 1,
        "force": true,
        "who": "ann",
        "why": "the new one crashes",
        "at": hour(100),
        "ended": null,
    });
    assert_eq!(serde_json::to_value(&request).unwrap(), kept);
    assert_eq!(serde_json::from_value::<Request>(kept).unwrap(), request);
}
