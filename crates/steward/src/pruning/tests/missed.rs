//! When Image Builder is believed to have nothing of a release any more: one look that finds nothing may be wrong.

use super::super::*;
use super::second_look::{arn, built, deregister, disabled, look_at, shown, there};
use super::stage::*;
use crate::{BuildState, Duration, Settled};

/// The same, where so many seconds ago a look has not found what Image Builder has.
fn missed(world: &World, seconds: u16) -> World {
    let since = world.now.checked_sub(Duration::seconds(seconds));
    world
        .clone()
        .with(1, |release| release.output.as_mut().unwrap().missed = since)
}

#[test]
fn that_image_builder_has_nothing_any_more_is_believed_once_a_look_five_minutes_later_agrees() {
    let world = built(disabled(), BuildState::Available);
    let plan = world.plan();
    let [deprecate, goes, delete] = plan.steps.as_slice() else {
        panic!("{:?}", plan.steps)
    };
    let look = |step: &PruningStep, world: &World| look_at(step, world, Some(shown(world)), Some(OutputNow::Gone));
    let later = format!("waits: {}", Awaited::AnotherLook(arn()));
    for once in [world.clone(), missed(&world, 299), missed(&world, 3 * 3600)] {
        assert_eq!([deprecate, delete].map(|step| look(step, &once)), [&*later, &later]);
        // It may be there, and a wildcard pick it.
        let waits = format!("waits: {}", Awaited::Deprecation(arn()));
        assert_eq!(look(goes, &once), waits);
    }
    let twice = missed(&world, 300);
    assert_eq!(
        [deprecate, goes, delete].map(|step| look(step, &twice)),
        ["found", "make", "found"]
    );
    // What is deprecated no wildcard picks, whether it is there or not.
    let deprecated = built(disabled(), BuildState::Deprecated);
    assert_eq!(look(&deregister(&deprecated, 0), &deprecated), "make");
}

#[test]
fn what_a_look_adds_to_what_is_known_of_what_image_builder_has() {
    let settled = |world: &World, seen| world.facts.settle_output(id(1), seen, world.now);
    let world = built(disabled(), BuildState::Available);
    let there = there(BuildState::Available);
    assert_eq!(settled(&world, there), Settled::Nothing);
    assert_eq!(settled(&world, OutputNow::Gone), Settled::Doubt);
    assert_eq!(settled(&missed(&world, 299), OutputNow::Gone), Settled::Nothing);
    assert_eq!(settled(&missed(&world, 300), OutputNow::Gone), Settled::Changed);
    assert_eq!(settled(&missed(&world, 300), there), Settled::NoDoubt);
    let deleted = built(disabled(), BuildState::Deleted);
    let nothing = world.with(1, |release| release.output = None);
    for known in [deleted, nothing] {
        assert_eq!(settled(&known, OutputNow::Gone), Settled::Nothing);
    }
}
