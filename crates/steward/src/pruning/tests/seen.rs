//! That what is seen of an image, and done to it, is taken into the facts of that image and of no other.

use std::collections::BTreeSet;

use super::super::*;
use super::second_look::{deprecated, disabled, look_by, refused, shown};
use super::stage::*;
use crate::Timestamp;

/// The images that the facts have of the first release.
fn images(facts: &PruningFacts) -> Vec<String> {
    let placements = facts.releases[0].placements.iter();
    placements.map(|image| number(image.ami)).collect()
}

/// What is looked at of an image of the world's hub.
fn seen(world: &World, launched: Option<Timestamp>, n: u32) -> Seen {
    let release = world.facts.releases.iter().find(|of| of.release == id(n)).unwrap();
    let snapshots = release.placements[0].snapshots.iter().copied();
    let image = ImageNow {
        launched,
        snapshots: snapshots.collect(),
        ..shown(world)
    };
    Seen {
        image: Some(image),
        output: None,
        wishes: Some(Wishes::default()),
        undeclared: Some(BTreeSet::new()),
        named_by: Some(Vec::new()),
    }
}

#[test]
fn what_is_seen_of_an_image_is_held_against_that_image() {
    let world = family().has_each_day(1..=4);
    let plan = world.plan();
    let launched = day(99);
    let kept = Keeps::Launched {
        ami: ami(2, 0),
        at: Some(launched),
        until: day(114),
    };
    assert_eq!(
        look_by(&plan.steps[1], &world, &seen(&world, Some(launched), 2)),
        refused(kept)
    );
    assert_eq!(look_by(&plan.steps[1], &world, &seen(&world, None, 2)), "make");
}

#[test]
fn of_what_is_gone_nothing_is_left_in_the_facts_and_all_else_is() {
    let world = disabled().copied(1, AWAY).on(1, Rung::Disabled, 84, 70);
    let world = world.images(|image| image.announced = Some(day(98)));
    let plan = world.plan();
    let mut facts = world.facts.clone();
    let gone = Seen {
        image: None,
        ..seen(&world, None, 1)
    };
    assert_eq!(
        look_again(&mut facts, &plan.steps[0], &gone, world.now),
        SecondLook::Found
    );
    assert_eq!(images(&facts), ["1.1"]);
}

#[test]
fn what_is_done_to_an_image_is_not_done_to_another_there() {
    let both = deprecated().copied(1, HOME).on(1, Rung::Deprecated, 86, 86);
    let plan = both.plan();
    let mut facts = both.facts.clone();
    facts.made(&plan.steps[1], both.now);
    let stands = |facts: &PruningFacts| [0, 1].map(|k| facts.releases[0].placements[k].standing.rung());
    assert_eq!(stands(&facts), [Some(Rung::Deprecated), Some(Rung::Disabled)]);
    let both = disabled().copied(1, HOME).on(1, Rung::Disabled, 84, 70);
    let both = both.images(|image| image.announced = Some(day(98)));
    let plan = both.plan();
    let mut facts = both.facts.clone();
    facts.made(&plan.steps[0], both.now);
    assert_eq!(images(&facts), ["1.1"]);
}
