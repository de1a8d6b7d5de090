//! How much goes at once.

use super::super::*;
use super::stage::*;

fn limited(limits: &str, releases: u32) -> World {
    let policy = format!(
        "releases: 1, for: 30d, ladder: {{ deprecate: 0d, disable: 14d, delete: 30d }}, limits: {{ {limits} }}"
    );
    family_with(&policy).has_each_day(1..=releases)
}

/// Of twelve releases so many newly go: the others are on a channel.
fn going(limits: &str, newly: u32) -> World {
    (newly + 1..=12).fold(limited(limits, 12), |world, n| world.with(n, on_stable))
}

#[test]
fn a_quarter_of_a_family_may_become_expendable_at_once_and_more_starts_nothing() {
    let quarter = going("share: 25%", 3);
    assert_eq!(quarter.steps(), ["deprecate 1", "deprecate 2", "deprecate 3"]);
    assert!(quarter.plan().over_share.is_none());
    let more = going("share: 25%", 4);
    assert_eq!(
        (more.fate(1), more.fate(4), more.fate(5)),
        (
            "blocked: share-limit".to_owned(),
            "blocked: share-limit".to_owned(),
            "kept: channel".to_owned()
        )
    );
    let says = "4 releases would become expendable at once, this one among them, and `share` lets 3 of 12";
    assert_eq!(more.why(1), says);
    let plan = more.plan();
    assert!(plan.rests());
    let over = plan.over_share.unwrap();
    assert_eq!((over.releases.len(), over.allowed, over.of), (4, 3, 12));
}

#[test]
fn one_release_may_always_go() {
    assert_eq!(going("share: 0%", 1).steps(), ["deprecate 1"]);
    assert!(going("share: 0%", 2).steps().is_empty());
}

#[test]
fn what_is_on_its_way_goes_on_and_does_not_count() {
    let world = (1..=6).fold(going("share: 25%", 10), |world, n| {
        world.on(n, Rung::Deprecated, 86, 86)
    });
    assert_eq!(world.steps().len(), 6);
    assert_eq!(world.fate(7), "blocked: share-limit");
    let fewer = world.with(7, |release| release.since = ExpendableSince::Recorded(day(99)));
    assert_eq!((fewer.steps().len(), fewer.plan().newly.len()), (10, 3));
}

#[test]
fn where_nobody_stores_it_what_stands_on_the_ladder_is_on_its_way() {
    let world = (1..=10).fold(going("share: 25%", 10), |world, n| {
        world.with(n, |release| release.since = ExpendableSince::Reckoned)
    });
    assert_eq!(world.fate(1), "blocked: share-limit");
    let laddered = (1..=7).fold(world, |world, n| {
        world.image(n, |image| image.standing = standing(Rung::Deprecated, 86))
    });
    assert_eq!(
        (laddered.fate(7), laddered.fate(10)),
        (
            "deprecated → disabled on 100".to_owned(),
            "available → deprecated on 40".to_owned()
        )
    );
}

#[test]
fn what_has_no_image_of_ours_left_is_none_of_the_family() {
    let world = (9..=12).fold(going("share: 25%", 3), |world, n| {
        world.with(n, |release| release.placements.clear())
    });
    assert_eq!(world.fate(1), "blocked: share-limit");
    assert_eq!(world.plan().over_share.unwrap().of, 8);
}

#[test]
fn a_person_lets_that_very_plan_through_and_no_other() {
    let mut world = going("share: 25%", 4);
    let acceptance = world.plan().acceptance().unwrap();
    assert_eq!(acceptance.len(), 12);
    // Whatever else goes on in between.
    world = world.on(12, Rung::Disabled, 90, 80);
    assert_eq!(world.plan().acceptance().as_deref(), Some(acceptance.as_str()));
    world.facts.accepted = Some(acceptance.clone());
    assert_eq!(world.plan().newly.len(), 4);
    assert!(world.plan().over_share.is_none() && world.plan().acceptance().is_none());
    let other = World {
        facts: PruningFacts {
            accepted: Some(acceptance.clone()),
            ..going("share: 25%", 5).facts
        },
        ..world.clone()
    };
    assert_eq!(other.fate(1), "blocked: share-limit");
    world.facts.accepted = Some(acceptance[..11].to_owned());
    assert_eq!(world.fate(1), "blocked: share-limit");
}

#[test]
fn of_four_hundred_the_oldest_fifty_go_and_the_rest_in_later_runs() {
    let world = limited("per_run: 50, share: 100%", 401).at(day(500));
    let steps = world.steps();
    assert_eq!(steps.len(), 50);
    assert_eq!((steps[0].as_str(), steps[49].as_str()), ("deprecate 1", "deprecate 50"));
    // All of them are expendable from now on, and say so.
    let plan = world.plan();
    assert_eq!((plan.expendable.len(), plan.newly.len()), (400, 400));
    let next = world.after(&plan).steps();
    assert_eq!((next.len(), next[0].as_str()), (50, "deprecate 51"));
}

#[test]
fn what_is_bounded_is_images_and_not_releases() {
    let world = limited("per_run: 3, share: 100%", 4).copied(1, AWAY).copied(2, AWAY);
    assert_eq!(world.steps(), ["deprecate 1", "deprecate 1.1", "deprecate 2"]);
}

#[test]
fn a_plan_is_told_from_others_by_what_it_does() {
    let world = limited("share: 100%", 4);
    let digest = world.plan().digest();
    assert_eq!(digest.len(), 64);
    let mut turned = world.clone();
    turned.facts.releases.reverse();
    assert_eq!(turned.plan().digest(), digest);
    // A moment later it does the same.
    assert_eq!(world.clone().at(hour(100 * 24 + 1)).plan().digest(), digest);
    let more = world.clone().has(5, 5);
    assert_ne!(more.plan().digest(), digest);
    assert_ne!(world.after(&world.plan()).plan().digest(), digest);
}

#[test]
fn a_plan_is_the_one_that_was_asked_for_as_long_as_nothing_of_what_it_does_changes() {
    let world = family().has_each_day(1..=3);
    let plan = world.plan();
    let asked = LetThrough {
        digest: String::from("0123456789ab"),
        who: String::from("ann"),
        at: day(100),
        manifest: 1,
        plan: Some(plan.digest()),
    };
    assert_eq!(asked.is_not(&plan), None);
    let held = world.with(1, |release| release.holds.push(hold(day(101)))).plan();
    let (number, other) = (plan.number(), held.number());
    assert_eq!((number.len(), other.len()), (12, 12));
    let said = asked.is_not(&held).unwrap().to_string();
    let begins = format!("asked for the plan {number}, planned {other}: something changed in between");
    assert!(number != other && said.starts_with(&begins), "{said}");
    // Of a request of before that was kept nobody knows.
    let unknown = LetThrough { plan: None, ..asked };
    assert_eq!(unknown.is_not(&held), None);
}
