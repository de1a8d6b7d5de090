//! What AWS refuses, run after run.

use super::super::*;
use super::stage::*;
use crate::Timestamp;

/// Eight releases, of which six go, two in a run.
fn six() -> World {
    family_with(&RETAIN.replace("per_run: 50", "per_run: 2")).has_each_day(1..=8)
}

fn refused(world: World, n: u32, at: Timestamp) -> World {
    world.image(n, |image| image.refused = Some(Refused { at, times: 3 }))
}

#[test]
fn what_was_refused_of_late_goes_behind_what_was_not_and_the_oldest_first_of_each() {
    let world = refused(refused(six(), 1, day(100)), 2, second(99 * 86_400 + 1));
    assert_eq!(world.steps(), ["deprecate 3", "deprecate 4"]);
    let more = [3, 5, 6]
        .into_iter()
        .fold(world, |world, n| refused(world, n, day(100)));
    assert_eq!(more.steps(), ["deprecate 4", "deprecate 1"]);
    // Those that are told are the same.
    assert_eq!(more.plan().expendable.len(), 6);
    let told = more.plan().expendable[0].refused;
    assert_eq!(told, Some(Refused { at: day(100), times: 3 }));
    assert_eq!(more.plan().expendable[3].refused, None);
}

#[test]
fn a_day_after_it_was_refused_it_is_tried_with_the_others_again() {
    assert_eq!(refused(six(), 1, day(99)).steps()[0], "deprecate 1");
    assert_eq!(refused(six(), 1, second(99 * 86_400 + 1)).steps()[0], "deprecate 2");
    // A clock that is ahead makes nobody wait for ever.
    assert_eq!(refused(six(), 1, day(101)).steps()[0], "deprecate 2");
}

#[test]
fn what_is_refused_for_ever_starves_nothing_and_is_tried_every_day() {
    let mut world = six();
    let mut tried: Vec<i64> = Vec::new();
    for at in (0..72).map(|hours| 100 * 24 + hours) {
        world = world.at(hour(at));
        let plan = world.plan();
        let is_refused = |step: &PruningStep| [id(1), id(2)].contains(&step.release);
        let (fails, goes): (Vec<_>, Vec<_>) = plan.steps.iter().cloned().partition(is_refused);
        if !fails.is_empty() {
            tried.push(at - 2400);
        }
        let mut done = plan.clone();
        done.steps = goes;
        world = world.after(&done);
        for step in fails {
            let n = if step.release == id(1) { 1 } else { 2 };
            world = refused(world, n, hour(at));
        }
    }
    assert_eq!(tried.first(), Some(&0));
    assert!(tried.windows(2).all(|pair| pair[1] - pair[0] <= 24), "{tried:?}");
    let reached = |n: usize| world.facts.releases[n - 1].placements[0].standing.rung();
    assert!((3..=6).all(|n| reached(n) == Some(Rung::Deprecated)));
    assert!((1..=2).all(|n| reached(n) == Some(Rung::Available)));
}

#[test]
fn image_builder_s_image_goes_after_the_last_of_its_images_in_whatever_order_they_go() {
    let world = family()
        .has_each_day(1..=4)
        .copied(1, AWAY)
        .on(1, Rung::Disabled, 84, 70)
        .images(|image| image.announced = Some(day(99)))
        .with(1, |release| release.output = Some(Box::new(output(1))));
    let steps = [
        "deprecate web",
        "deregister 1",
        "deregister 1.1",
        "delete web",
        "deprecate 2",
    ];
    assert_eq!(world.steps(), steps);
    let steps = [
        "deprecate web",
        "deregister 1.1",
        "deprecate 2",
        "deregister 1",
        "delete web",
    ];
    assert_eq!(refused(world.clone(), 1, day(100)).steps(), steps);
    // Where its last image has no place in this run, it stays for the next.
    let mut two = refused(world, 1, day(100));
    two.facts.retain = Some(retain(&RETAIN.replace("per_run: 50", "per_run: 2")));
    assert_eq!(two.steps(), ["deregister 1.1", "deprecate 2"]);
}

#[test]
fn what_image_builder_refuses_to_delete_goes_behind_the_others_too() {
    let world = family_with(&RETAIN.replace("per_run: 50", "per_run: 1"))
        .has_each_day(1..=4)
        .on(1, Rung::Disabled, 84, 70)
        .with(1, |release| {
            release.placements.clear();
            let mut output = output(1);
            output.announced = Some(day(99));
            release.output = Some(Box::new(output));
        });
    assert_eq!(world.steps(), ["deprecate web", "delete web"]);
    let refused = world.with(1, |release| {
        release.output.as_mut().unwrap().refused = Some(Refused { at: day(100), times: 1 });
    });
    assert_eq!(refused.steps(), ["deprecate 2"]);
}
