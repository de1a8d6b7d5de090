//! How what nobody needs goes down the ladder.

use super::super::*;
use super::stage::*;
use crate::BuildState;
use crate::distribution::NotOurs;

/// Releases 1 to 3, of which the first goes.
fn three() -> World {
    family().has_each_day(1..=3)
}

fn told(world: World, on: i64) -> World {
    world.image(1, |image| image.announced = Some(day(on)))
}

#[test]
fn a_release_goes_down_rung_by_rung_over_the_weeks() {
    let mut world = three();
    let mut said = Vec::new();
    for n in 100..=140 {
        world = world.at(day(n));
        let plan = world.plan();
        said.extend(world.steps().into_iter().map(|step| format!("{n}: {step}")));
        said.extend(plan.to_announce.iter().map(|_| format!("{n}: told")));
        world = world.after(&plan);
    }
    assert_eq!(
        said,
        ["100: deprecate 1", "114: disable 1", "129: told", "130: deregister 1"]
    );
}

#[test]
fn a_week_of_blocked_runs_shortens_no_wait() {
    let late = three().on(1, Rung::Deprecated, 107, 100).at(day(114));
    assert_eq!(late.fate(1), "deprecated → disabled on 121");
    assert_eq!(late.steps(), [""; 0]);
    assert_eq!(late.at(day(121)).steps(), ["disable 1"]);
}

#[test]
fn what_was_held_and_let_go_between_two_runs_waits_anew_from_then_on() {
    let next = |world: &World| world.plan().expendable[0].next.map(|next| (next.rung, next.at));
    let deprecated = || three().on(1, Rung::Deprecated, 86, 86);
    assert_eq!(next(&deprecated()), Some((Rung::Disabled, day(100))));
    let let_go = |end| deprecated().with(1, |release| release.holds = vec![hold(day(80)), hold(end)]);
    assert_eq!(next(&let_go(day(99))), Some((Rung::Disabled, day(113))));
    assert!(let_go(day(99)).plan().rests());
    // Whoever let it go before it was expendable shortens nothing, and lengthens nothing.
    assert_eq!(next(&let_go(day(86))), Some((Rung::Disabled, day(100))));
}

#[test]
fn what_a_manifest_lets_go_later_than_the_one_before_waits_from_then_on() {
    let gone = |young: &str| {
        let retain = format!(
            "releases: 2, for: {young}, ladder: {{ deprecate: 0d, disable: 14d, delete: 30d }}, limits: {{ share: 100% }}"
        );
        let disabled = family_with(&retain)
            .has_each_day(1..=3)
            .on(1, Rung::Disabled, 100, 86)
            .at(day(115));
        disabled.plan().expendable[0].next.map(|next| (next.rung, next.at))
    };
    assert_eq!(gone("30d"), Some((Rung::Deregistered, day(116))));
    // Its age lets it go on the hundredth day.
    assert_eq!(gone("99d"), Some((Rung::Deregistered, day(130))));
}

#[test]
fn a_rung_is_due_exactly_at_its_time() {
    let world = three().on(1, Rung::Deprecated, 86, 86);
    assert_eq!(world.steps(), ["disable 1"]);
    assert!(world.at(second(100 * 86_400 - 1)).steps().is_empty());
}

#[test]
fn it_goes_one_rung_a_run_however_short_the_ladder() {
    let ladder = "releases: 2, for: 30d, ladder: { deprecate: 0d, disable: 0d, delete: 0d }, limits: { share: 100% }";
    let mut world = told(family_with(ladder).has_each_day(1..=3), 99);
    assert_eq!(world.steps(), ["deprecate 1"]);
    world = world.after(&world.plan());
    assert!(world.steps().is_empty());
    // Nor before everybody was asked since it was surely done.
    world = world.at(second(100 * 86_400 + 900));
    assert!(world.steps().is_empty());
    world = world.at(second(100 * 86_400 + 901));
    assert_eq!(world.steps(), ["disable 1"]);
    world = world.after(&world.plan());
    assert!(world.steps().is_empty());
}

#[test]
fn whoever_put_it_on_its_rung_before_it_was_expendable_shortens_nothing() {
    let by_hand = PlacementStanding::Deprecated(Since {
        at: Some(day(20)),
        by_us: false,
    });
    let world = three().image(1, |image| image.standing = by_hand);
    assert_eq!(world.fate(1), "deprecated → disabled on 114");
    let later = three()
        .on(1, Rung::Available, 0, 70)
        .image(1, |image| image.standing = by_hand);
    assert_eq!(later.fate(1), "deprecated → disabled on 84");
}

#[test]
fn a_rung_of_which_nobody_knows_since_when_counts_from_when_it_became_expendable() {
    let since = Since { at: None, by_us: false };
    let world = three().on(1, Rung::Available, 0, 95);
    let disabled = world.image(1, |image| image.standing = PlacementStanding::Disabled(since));
    assert_eq!(disabled.fate(1), "disabled → deregistered on 125");
}

#[test]
fn what_was_disabled_at_a_time_nobody_knows_is_announced_to_nobody_and_never_goes_for_good() {
    let since = Since { at: None, by_us: false };
    let world = three().on(1, Rung::Disabled, 84, 70).image(1, |image| {
        image.standing = PlacementStanding::Disabled(since);
        image.announced = Some(day(99));
    });
    assert_eq!(
        (world.fate(1).as_str(), world.plan().to_announce),
        ("blocked: not-announced", vec![])
    );
}

#[test]
fn a_ladder_ends_where_it_says_never() {
    let ends = |ladder: &str| {
        let policy = format!("releases: 2, for: 30d, ladder: {{ {ladder} }}, limits: {{ share: 100% }}");
        family_with(&policy).has_each_day(1..=3)
    };
    assert_eq!(
        ends("deprecate: 0d, disable: 1d").on(1, Rung::Disabled, 50, 40).fate(1),
        "disabled"
    );
    assert_eq!(
        ends("deprecate: 0d").on(1, Rung::Deprecated, 50, 40).fate(1),
        "deprecated"
    );
    let never = ends("");
    assert_eq!(never.fate(1), "available");
    // It is expendable all the same, and the record says since when.
    assert_eq!((never.steps().len(), never.plan().newly), (0, vec![id(1)]));
}

#[test]
fn people_are_told_a_day_before_it_goes_for_good() {
    let world = three().on(1, Rung::Disabled, 84, 70);
    assert_eq!(world.fate(1), "blocked: not-announced");
    assert_eq!(world.why(1), "nobody was told that it is to be deregistered");
    assert_eq!(world.plan().to_announce, [ami(1, 0)]);
    let lately = world
        .clone()
        .image(1, |image| image.announced = Some(hour(99 * 24 + 1)));
    assert_eq!(lately.fate(1), "blocked: not-announced");
    assert_eq!(
        lately.why(1),
        "that it is to be deregistered was told on 2026-05-12T03:40:00.000Z, less than a day ago"
    );
    assert!(lately.plan().to_announce.is_empty());
    assert_eq!(told(world, 99).steps(), ["deregister 1"]);
}

#[test]
fn people_are_told_no_earlier_than_a_day_before_its_time() {
    let world = three().on(1, Rung::Disabled, 85, 70);
    assert_eq!(world.fate(1), "disabled → deregistered on 101");
    assert_eq!(world.plan().to_announce, [ami(1, 0)]);
    assert!(world.at(second(100 * 86_400 - 1)).plan().to_announce.is_empty());
    // Nor in the run that disables it, however short its ladder.
    let ladder = "releases: 2, for: 30d, ladder: { deprecate: 0d, disable: 0d, delete: 0d }, limits: { share: 100% }";
    let quick = family_with(ladder).has_each_day(1..=3).on(1, Rung::Disabled, 100, 99);
    assert!(quick.plan().to_announce.is_empty());
    assert_eq!(quick.at(second(100 * 86_400 + 1)).plan().to_announce, [ami(1, 0)]);
}

#[test]
fn what_was_told_of_an_earlier_way_down_tells_nothing_of_this_one() {
    let world = told(three().on(1, Rung::Disabled, 84, 70), 83);
    assert_eq!(world.fate(1), "blocked: not-announced");
    assert_eq!(world.plan().to_announce, [ami(1, 0)]);
    // Another hand disabled it, and it was needed again in between.
    let by_hand = told(three().on(1, Rung::Disabled, 20, 65), 64);
    assert_eq!(by_hand.fate(1), "blocked: not-announced");
}

#[test]
fn what_is_shared_stays_disabled_for_seven_days_at_least() {
    let quick = "releases: 2, for: 30d, ladder: { deprecate: 0d, disable: 1d, delete: 2d }, limits: { share: 100% }";
    for (shared, fate) in [
        (Shared::WithNobody, "disabled → deregistered on 101"),
        (Shared::WithRoles, "disabled → deregistered on 107"),
        (Shared::WithoutRoles, "disabled → deregistered on 107"),
    ] {
        let mut world = family_with(quick).has_each_day(1..=3).on(1, Rung::Disabled, 100, 99);
        world.facts.shared = shared;
        assert_eq!(world.fate(1), fate);
    }
}

#[test]
fn where_nobody_can_look_a_report_must_tell_of_the_time_before_it_was_disabled() {
    let world = |shared: Shared, reported: Option<i64>| {
        let mut world = told(three().on(1, Rung::Disabled, 84, 70), 99);
        world.facts.shared = shared;
        world.of(1).placements[0].reported = reported.map(hour);
        world
    };
    assert_eq!(world(Shared::WithRoles, None).steps(), ["deregister 1"]);
    assert_eq!(world(Shared::WithoutRoles, Some(88 * 24)).steps(), ["deregister 1"]);
    for too_early in [None, Some(88 * 24 - 1)] {
        let world = world(Shared::WithoutRoles, too_early);
        assert_eq!(world.fate(1), "blocked: evidence-incomplete");
        assert!(world.steps().is_empty());
        assert_eq!(
            world.why(1),
            "no usage report asked for from 2026-05-01T02:40:00.000Z on shows nothing: accounts that let nobody look may use it"
        );
        // Nor is anybody told of what may not come.
        let untold = world.image(1, |image| image.announced = None);
        assert!(untold.plan().to_announce.is_empty());
    }
    // The others of the family are not concerned.
    let mut two = family().has_each_day(1..=4).on(1, Rung::Disabled, 84, 70);
    two.facts.shared = Shared::WithoutRoles;
    assert_eq!(two.steps(), ["deprecate 2"]);
}

#[test]
fn with_its_last_image_goes_what_image_builder_has_of_a_release() {
    let world = |state: BuildState| {
        let world = three().copied(1, AWAY).on(1, Rung::Disabled, 84, 70);
        world
            .images(|image| image.announced = Some(day(99)))
            .with(1, |release| release.output = Some(Box::new(output(1))))
            .with(1, |release| release.output.as_mut().unwrap().state = state)
    };
    let both = world(BuildState::Available);
    let steps = ["deprecate web", "deregister 1", "deregister 1.1", "delete web"];
    assert_eq!(both.steps(), steps);
    assert_eq!(world(BuildState::Deprecated).steps(), steps[1..]);
    assert_eq!(world(BuildState::Deleted).steps(), steps[1..3]);
    assert_eq!(world(BuildState::Failed).steps(), steps[1..]);
    // One that stays keeps it.
    let waits = both.clone().with(1, |release| release.placements[1].announced = None);
    assert_eq!(waits.steps(), ["deregister 1"]);
    // Another hand's does not: nothing that we know of picks it.
    let others = both.with(1, |release| {
        release.placements[1].unmanaged = Some(Unmanaged::ByAnotherHand);
    });
    assert_eq!(others.steps(), ["deprecate web", "deregister 1", "delete web"]);
}

#[test]
fn where_nobody_stores_it_a_release_is_expendable_since_the_last_rule_let_go() {
    let reckoned = |world: World| world.with(1, |release| release.since = ExpendableSince::Reckoned);
    let since = |world: World| {
        let plan = reckoned(world).plan();
        plan.expendable
            .iter()
            .find(|going| going.ami == ami(1, 0))
            .unwrap()
            .since
    };
    // Built on the first day, beyond the newest two since the third.
    assert_eq!(since(three()), day(31));
    assert_eq!(since(family().has(1, 1).has(2, 2).has(3, 60)), day(60));
    // The second of the newer ones counts, whatever their order.
    assert_eq!(since(family().has(1, 1).has(2, 80).has(3, 50).has(4, 60)), day(60));
    assert_eq!(
        since(three().image(1, |image| image.launched = LastLaunch::At(day(40)))),
        day(55)
    );
    let held = |until: i64| hold(day(until));
    assert_eq!(
        since(three().with(1, |release| release.holds.extend([held(45), held(44)]))),
        day(45)
    );
    let cooled = three().image(1, |image| image.protection = Some(Protection::CoolsDown(day(46))));
    assert_eq!(since(cooled), day(46));
    // The last of its images counts, whichever that is.
    for (first, second) in [(40, 42), (42, 40)] {
        let launched = three().copied(1, AWAY).with(1, |release| {
            release.placements[0].launched = LastLaunch::At(day(first));
            release.placements[1].launched = LastLaunch::At(day(second));
        });
        assert_eq!(since(launched), day(57));
        let cooled = three().copied(1, AWAY).with(1, |release| {
            release.placements[0].protection = Some(Protection::CoolsDown(day(first)));
            release.placements[1].protection = Some(Protection::CoolsDown(day(second)));
        });
        assert_eq!(since(cooled), day(42));
    }
    // Nothing of it is stored.
    assert!(reckoned(three()).plan().newly.is_empty());
}

#[test]
fn what_image_builder_has_of_a_release_stays_while_an_image_of_it_that_lost_our_tag_is_there() {
    for lost in [true, false] {
        let world = family()
            .has_each_day(1..=3)
            .on(1, Rung::Disabled, 84, 70)
            .with(1, |release| {
                release.placements[0].unmanaged = Some(if lost {
                    Unmanaged::NotOurs(NotOurs::Untagged)
                } else {
                    Unmanaged::ByAnotherHand
                });
                let mut output = output(1);
                output.announced = Some(day(99));
                release.output = Some(Box::new(output));
            });
        assert_eq!(world.steps().is_empty(), lost, "{:?}", world.steps());
    }
}

#[test]
fn nobody_is_told_of_a_coming_end_before_the_stored_time_has_come() {
    let quick = "releases: 2, for: 30d, ladder: { deprecate: 0d, disable: 0d, delete: 0d }, limits: { share: 100% }";
    let world = family_with(quick).has_each_day(1..=3).on(1, Rung::Disabled, 84, 101);
    let after = world.after(&world.plan());
    assert!(after.plan().rests(), "{:?}", after.plan().to_announce);
}

#[test]
fn what_was_disabled_at_a_time_nobody_knows_goes_by_no_usage_report() {
    let mut world = family()
        .has_each_day(1..=3)
        .on(1, Rung::Disabled, 84, 70)
        .with(1, |release| {
            let image = &mut release.placements[0];
            (image.announced, image.reported) = (Some(day(99)), Some(day(89)));
        });
    world.facts.shared = Shared::WithoutRoles;
    assert_eq!(world.steps().len(), 1);
    let world = world.with(1, |release| {
        release.placements[0].standing = PlacementStanding::Disabled(Since { at: None, by_us: false });
    });
    assert_eq!(world.steps(), [""; 0]);
}

#[test]
fn a_snapshot_that_is_behind_an_image_twice_goes_once() {
    let mut world = told(three().on(1, Rung::Disabled, 84, 70), 99);
    let snapshots = &mut world.of(1).placements[0].snapshots;
    let behind = snapshots[0];
    snapshots.push(behind);
    let plan = world.plan();
    assert_eq!(
        (plan.expendable[0].snapshots.as_slice(), plan.expendable[0].gib),
        ([behind].as_slice(), 8)
    );
    let goes = plan.steps.iter().find_map(|step| match &step.effect {
        Effect::Deregister { snapshots, .. } => Some(snapshots.as_slice()),
        _ => None,
    });
    assert_eq!(goes, Some([behind].as_slice()));
}
