//! What must be known of who uses images before anything is done.

use super::super::*;
use super::stage::*;
use crate::evidence::Said;

fn four() -> World {
    family().has_each_day(1..=4)
}

/// The evidence of a target, changed.
fn with(target: &str, change: impl FnOnce(&mut TargetEvidence)) -> World {
    let mut world = four();
    let target = at(target);
    change(
        world
            .facts
            .evidence
            .iter_mut()
            .find(|evidence| evidence.target == target)
            .unwrap(),
    );
    world
}

fn last(evidence: &mut TargetEvidence) -> &mut LastRead {
    evidence.sources[0].last.as_mut().unwrap()
}

fn is_blocked(world: &World, cause: &str, why: &str) {
    let blocked = format!("blocked: {cause}");
    assert_eq!(
        world.fates(),
        (1..=4).map(|n| format!("{n} {blocked}")).collect::<Vec<_>>()
    );
    assert_eq!(world.why(1), why);
    assert!(world.plan().rests());
    assert_eq!(
        world.plan().troubles.first().map(ToString::to_string).as_deref(),
        Some(why)
    );
}

#[test]
fn a_family_is_blocked_whole_by_one_source_of_one_target_that_was_not_read_to_its_end() {
    is_blocked(
        &with(MEMBER, |evidence| evidence.sources[1].last = None),
        "evidence-incomplete",
        "the source images of 222233334444/eu-west-1 was never read",
    );
    is_blocked(
        &with(MEMBER, |evidence| {
            last(evidence).said = Said::Unread("throttled".into());
        }),
        "evidence-incomplete",
        "the source instances of 222233334444/eu-west-1 was not read to its end: throttled",
    );
    is_blocked(
        &with(AWAY, |evidence| evidence.sources.clear()),
        "evidence-incomplete",
        "the evidence of 111122223333/us-east-1 was never read",
    );
}

#[test]
fn a_target_that_owns_an_image_must_have_been_read_whoever_listed_it() {
    let mut world = four();
    world.facts.evidence.retain(|evidence| evidence.target != at(HOME));
    is_blocked(
        &world,
        "evidence-incomplete",
        "the evidence of 111122223333/eu-west-1 was never read",
    );
}

#[test]
fn evidence_of_an_hour_ago_is_fresh_and_older_is_not() {
    let read = |seconds: i64| with(AWAY, |evidence| last(evidence).as_of = second(100 * 86_400 - seconds));
    assert_eq!(read(3600).expendable(), ["1", "2"]);
    is_blocked(
        &read(3601),
        "evidence-stale",
        "the source instances of 111122223333/us-east-1 is of 2026-05-13T01:39:59.000Z, more than an hour ago",
    );
    is_blocked(
        &read(-1),
        "evidence-stale",
        "the source instances of 111122223333/us-east-1 is of 2026-05-13T02:40:01.000Z, which is still to come",
    );
}

#[test]
fn evidence_that_nobody_believes_blocks() {
    let said = Said::Implausible { count: 3, usual: 40 };
    is_blocked(
        &with(HOME, |evidence| last(evidence).said = said),
        "evidence-implausible",
        "the source instances of 111122223333/eu-west-1 lists 3 where 40 are usual",
    );
}

#[test]
fn a_person_does_without_a_target_until_a_date_and_every_plan_shows_it() {
    let waived = |until: i64| {
        with(MEMBER, |evidence| {
            evidence.sources.clear();
            evidence.waiver = Some(Waiver {
                until: hour(until),
                who: "ann".to_owned(),
                why: "the account is being closed".into(),
            });
        })
    };
    let world = waived(100 * 24 + 1);
    assert_eq!(world.expendable(), ["1", "2"]);
    let plan = world.plan();
    assert_eq!(plan.waived.len(), 1);
    assert_eq!((plan.waived[0].0, plan.waived[0].1.who.as_str()), (at(MEMBER), "ann"));
    let over = waived(100 * 24);
    assert!(over.plan().waived.is_empty());
    assert_eq!(over.fate(1), "blocked: evidence-incomplete");
}

#[test]
fn what_is_not_ours_is_kept_in_a_blocked_family_too() {
    let mut world = with(HOME, |evidence| evidence.sources.clear());
    world.of(1).placements[0].unmanaged = Some(Unmanaged::ByAnotherHand);
    assert_eq!(
        world.fates()[..2],
        ["1 kept: unmanaged", "2 blocked: evidence-incomplete"]
    );
}

#[test]
fn while_a_family_is_blocked_nothing_climbs_back_that_nobody_holds_and_no_wait_begins_or_ends() {
    let mut world = with(HOME, |evidence| evidence.sources.clear());
    world = world.on(1, Rung::Disabled, 80, 60).on(4, Rung::Disabled, 80, 60);
    world.of(1).channels.push(Pointing::On("stable".parse().unwrap()));
    world.of(4).holds.push(hold(day(100)));
    assert!(world.plan().rests());
}

#[test]
fn what_a_person_holds_climbs_back_while_its_family_is_blocked_by_evidence_and_waits_anew_afterwards() {
    let mut world = with(HOME, |evidence| evidence.sources.clear());
    world = world.on(1, Rung::Disabled, 80, 60).on(2, Rung::Deprecated, 80, 60);
    for n in [1, 3] {
        world.of(n).holds.push(hold(day(101)));
    }
    let blocked = |n: u32| format!("{n} blocked: evidence-incomplete");
    assert_eq!(
        world.fates(),
        ["1 kept: hold".to_owned(), blocked(2), blocked(3), blocked(4)]
    );
    assert_eq!(world.steps(), ["restore 1 from disabled"]);
    let plan = world.plan();
    assert_eq!((plan.cleared.len(), plan.troubles.len()), (1, 1));
    assert!(world.after(&plan).plan().rests());
}

#[test]
fn what_was_held_while_its_family_was_blocked_waits_anew_once_neither_is_so_although_it_never_went_down() {
    let mut world = four();
    world.of(1).since = ExpendableSince::Recorded(day(60));
    world.of(1).holds.push(hold(day(101)));
    let sources = world.facts.evidence[0].sources.clone();
    world.facts.evidence[0].sources.clear();
    let plan = world.plan();
    assert_eq!(world.fates()[0], "1 blocked: evidence-incomplete");
    assert_eq!(plan.cleared, [world.of(1).release]);
    let mut after = world.after(&plan);
    after.facts.evidence[0].sources = sources;
    let plan = after.at(day(102)).plan();
    let first = plan
        .expendable
        .iter()
        .find(|image| image.release == world.of(1).release);
    assert_eq!(first.map(|image| image.since), Some(day(102)));
    assert!(plan.newly.contains(&world.of(1).release));
}

#[test]
fn while_the_switch_is_thrown_nothing_is_done() {
    let mut world = four().on(4, Rung::Disabled, 80, 60);
    world.of(4).holds.push(hold(day(101)));
    world.facts.switch = Switch::Paused("an incident".into());
    assert_eq!(
        world.fates(),
        (1..=4).map(|n| format!("{n} blocked: paused")).collect::<Vec<_>>()
    );
    assert!(world.plan().rests());
    world.facts.retain = None;
    assert!(world.plan().rests());
}
