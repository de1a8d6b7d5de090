//! What was there, and what came to its rung, only after somebody was asked; and what is told of those that were.

use super::super::*;
use super::random::reported_use;
use super::stage::*;
use crate::evidence::ReportedUser;
use crate::{BuildState, Timestamp};

/// Releases 1 to 4, of which the newest two stay. A member was asked half an hour ago.
fn four() -> World {
    asked_at(family().has_each_day(1..=4), half_an_hour_ago())
}

fn asked_at(mut world: World, as_of: Timestamp) -> World {
    let target = at(MEMBER);
    let evidence = world.facts.evidence.iter_mut().find(|of| of.target == target);
    evidence.unwrap().sources[1].last.as_mut().unwrap().as_of = as_of;
    world
}

fn half_an_hour_ago() -> Timestamp {
    second(100 * 86_400 - 1_800)
}

/// As long as whoever writes something down may be at it.
const QUARTER: i64 = 900_000;

fn later(at: Timestamp, milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond() + milliseconds).unwrap()
}

/// Nothing is wrong with what is decided.
fn fate(world: &World, n: u32) -> String {
    assert_eq!(check_plan(&world.facts, &world.plan(), world.now), []);
    world.fate(n)
}

#[test]
fn an_image_that_was_found_after_somebody_was_asked_waits_until_they_are_asked_again() {
    let goes = "available → deprecated on 100";
    // Whoever finds it may be at it for a quarter of an hour, until others know.
    let made = later(half_an_hour_ago(), 1);
    let found = later(made, -QUARTER);
    let world = four().image(1, |image| image.found = Some(found));
    assert_eq!(fate(&world, 1), "kept: pending");
    assert_eq!(
        world.why(1),
        "ami-00000000000000010 is known since 2026-05-13T02:10:00.001Z, and 222233334444/eu-west-1 was asked before that who \
         uses it, on 2026-05-13T02:10:00.000Z"
    );
    assert_eq!(fate(&world, 2), goes);
    assert_eq!(fate(&asked_at(world, made), 1), goes);
    // A copy that was made later is of the same release.
    let copy = |image: &mut PlacementSeen| image.created = BuildTime::At(made);
    let mut world = four()
        .copied(1, AWAY)
        .with(1, |release| copy(&mut release.placements[1]));
    world.facts.retain.as_mut().unwrap().unused_for = None;
    assert_eq!(fate(&world, 1), "kept: pending");
    assert_eq!(fate(&asked_at(world, made), 1), goes);
}

#[test]
fn what_was_found_late_neither_climbs_nor_begins_anew() {
    let world = four().on(1, Rung::Deprecated, 86, 70);
    let world = world.image(1, |image| image.found = Some(day(100)));
    assert_eq!(fate(&world, 1), "kept: pending");
    let plan = world.plan();
    assert_eq!(
        (plan.cleared.len(), world.steps()),
        (0, vec![String::from("deprecate 2")])
    );
}

#[test]
fn who_is_done_without_holds_up_nothing_that_was_found_late() {
    // After the member was asked, and before the others were.
    let found = later(half_an_hour_ago(), 600_000);
    let mut world = four().image(1, |image| image.found = Some(found));
    assert_eq!(fate(&world, 1), "kept: pending");
    for evidence in &mut world.facts.evidence {
        if evidence.target == at(MEMBER) {
            evidence.waiver = Some(Waiver {
                until: day(101),
                who: "ann".to_owned(),
                why: "it is being closed".into(),
            });
        }
    }
    assert_eq!(fate(&world, 1), "available → deprecated on 100");
}

#[test]
fn an_image_goes_on_only_once_everybody_was_asked_since_it_came_to_its_rung() {
    let fast = "releases: 2, for: 30d, ladder: { deprecate: 0d, disable: 0d, delete: 0d }, limits: { share: 100% }";
    let reached = later(half_an_hour_ago(), -QUARTER);
    let on = |rung: fn(Since) -> PlacementStanding, reached: Timestamp| {
        let world = asked_at(family_with(fast).has_each_day(1..=4), half_an_hour_ago());
        world.with(2, on_stable).with(1, |release| {
            release.since = ExpendableSince::Recorded(day(70));
            release.placements[0].standing = rung(Since {
                at: Some(reached),
                by_us: true,
            });
            release.placements[0].announced = Some(day(99));
        })
    };
    let world = on(PlacementStanding::Deprecated, reached);
    assert!(
        fate(&world, 1).starts_with("deprecated → disabled"),
        "{}",
        world.fate(1)
    );
    assert_eq!(world.steps(), [""; 0]);
    let world = on(PlacementStanding::Deprecated, later(reached, -1));
    assert_eq!((fate(&world, 1), world.steps().len()), (world.fate(1), 1));
    // Nor what nobody wrote down.
    let world = on(PlacementStanding::Deprecated, reached).image(1, |image| {
        image.standing = PlacementStanding::Deprecated(Since { at: None, by_us: true });
    });
    assert_eq!(world.steps(), ["disable 1"]);
}

#[test]
fn what_is_being_built_stays_and_pushes_nothing_out_of_the_newest() {
    let with = |state: BuildState| {
        family().has_each_day(1..=4).with(4, |release| {
            release.output = Some(Box::new(BuildOutput { state, ..output(4) }));
        })
    };
    let building = with(BuildState::Testing);
    assert_eq!(
        (fate(&building, 4), building.why(4)),
        ("kept: pending".into(), "its build is TESTING".into())
    );
    assert_eq!(
        (fate(&building, 3), fate(&building, 2)),
        ("kept: rank".into(), "kept: rank".into())
    );
    let built = with(BuildState::Available);
    assert_eq!(
        (fate(&built, 4), fate(&built, 2)),
        ("kept: rank".into(), "available → deprecated on 100".into())
    );
    assert_eq!(with(BuildState::Distributing).expendable(), ["1"]);
}

#[test]
fn what_a_report_tells_of_an_account_that_was_asked_itself_is_no_use() {
    let goes = "available → deprecated on 100";
    let used = |account: &str, seen_in: &str, by: ReportedUser| {
        four().image(1, |image| image.uses.push(reported_use(account, at(seen_in), by)))
    };
    for by in [ReportedUser::Instances, ReportedUser::LaunchTemplates] {
        let world = used(MEMBER_ACCOUNT, HOME, by.clone());
        assert_eq!(fate(&world, 1), goes, "{by:?}");
        // Another account, or another Region of it, which nobody asked.
        assert_eq!(fate(&used("333344445555", HOME, by.clone()), 1), "kept: referenced");
        assert_eq!(fate(&used(MEMBER_ACCOUNT, AWAY, by), 1), "kept: referenced");
    }
    // What EC2 has come to report since is in no list of ours.
    let other = ReportedUser::Other("ec2:Anything".into());
    assert_eq!(fate(&used(MEMBER_ACCOUNT, HOME, other), 1), "kept: referenced");
    // Nor is anybody asked who is done without.
    let mut world = used(MEMBER_ACCOUNT, HOME, ReportedUser::Instances);
    for evidence in &mut world.facts.evidence {
        evidence.waiver = Some(Waiver {
            until: day(101),
            who: "ann".to_owned(),
            why: "it is being closed".into(),
        });
    }
    assert_eq!(fate(&world, 1), "kept: referenced");
}
