//! That the second look finds what is wrong with a plan that somebody edited.

use super::super::*;
use super::checking::rungs;
use super::stage::{self, *};
use crate::BuildState;

/// What the second look says of a plan that somebody edited.
fn edited(edit: impl FnOnce(&mut PruningPlan)) -> Vec<String> {
    let world = rungs();
    let mut plan = world.plan();
    edit(&mut plan);
    check_plan(&world.facts, &plan, world.now)
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn it_finds_what_is_not_listed_once_as_what_it_is() {
    let once = |says: &str| [format!("every image once: {says}")];
    assert_eq!(
        edited(|plan| drop(plan.kept.pop())),
        once("ami-00000000000000080 is not listed")
    );
    let twice = edited(|plan| plan.kept.extend(plan.kept.last().cloned()));
    assert_eq!(twice, once("ami-00000000000000080 is listed twice"));
    let other = edited(|plan| plan.kept.last_mut().unwrap().release = id(1));
    assert_eq!(other, once("ami-00000000000000080 is listed under another release"));
    let unknown = edited(|plan| {
        let mut kept = plan.kept[0].clone();
        kept.ami = ami(9, 0);
        plan.kept.push(kept);
    });
    assert_eq!(unknown, once("ami-00000000000000090 is listed, and nobody knows it"));
    let otherwise = edited(|plan| {
        let going = plan.expendable.remove(0);
        plan.blocked.push(Blocked {
            ami: going.ami,
            target: going.target,
            release: going.release,
            by: Blocker::Paused,
        });
    });
    assert_eq!(
        otherwise,
        once("ami-00000000000000010 is listed as something else than what is done to it")
    );
    let two = edited(|plan| plan.steps.push(plan.steps[1].clone()));
    assert_eq!(two, once("ami-00000000000000010 takes two steps"));
    let of_another = edited(|plan| plan.steps[1].release = id(2));
    assert_eq!(of_another, once("ami-00000000000000010 is of another release"));
    let of_nobody = edited(|plan| plan.steps[1].release = id(9));
    assert_eq!(of_nobody.len(), 2);
    let family = edited(|plan| plan.family = "shop".parse().unwrap());
    assert!(family.contains(&once("the plan is of shop")[0]));
}

#[test]
fn it_finds_what_is_noted_or_told_of_the_wrong_release() {
    let newly = |n: u32| edited(|plan| plan.newly.push(id(n)));
    for wrong in [2, 7, 9] {
        assert_eq!(
            newly(wrong),
            [format!("every image once: {} is not newly expendable", id(wrong))]
        );
    }
    let cleared = |n: u32| edited(|plan| plan.cleared.push(id(n)));
    for wrong in [1, 2, 7] {
        let says = format!("every image once: {} was not expendable, or still is", id(wrong));
        assert_eq!(cleared(wrong), [says]);
    }
    let told = edited(|plan| plan.to_announce.push(ami(7, 0)));
    assert_eq!(
        told,
        ["every image once: ami-00000000000000070 is told to go, and does not"]
    );
}

#[test]
fn it_finds_what_image_builder_would_be_left_with_or_without() {
    let output = |says: &str| [format!("Image Builder's with the last image: {says}")];
    let arn = "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.0.3/1";
    let undeprecated = edited(|plan| {
        plan.steps
            .retain(|step| !matches!(step.effect, Effect::DeprecateOutput(_)));
    });
    let picks = output("ami-00000000000000030 is the last, and a wildcard would pick what Image Builder has of it");
    let deleted = output(&format!("{arn} is deleted, and was not deprecated before"));
    assert_eq!(undeprecated, [picks.clone(), deleted.clone()].concat());
    let before = edited(|plan| {
        let last = plan
            .steps
            .iter()
            .position(|step| matches!(step.effect, Effect::DeleteOutput(_)))
            .unwrap();
        plan.steps.swap(last - 1, last);
    });
    assert_eq!(before, output(&format!("{arn} goes before its images")));
    let anothers = |n: u32| {
        edited(move |plan| {
            let is_delete = |step: &&mut PruningStep| matches!(step.effect, Effect::DeleteOutput(_));
            plan.steps.iter_mut().find(is_delete).unwrap().release = id(n);
        })
    };
    let others = [
        format!("{arn} is of another release"),
        format!("{arn} goes before its images"),
        format!("the last image of {} goes without what Image Builder has of it", id(3)),
    ];
    assert_eq!(anothers(1), others.map(|says| output(&says)).concat());
    let deprecates = edited(|plan| {
        let is_deprecate = |step: &&mut PruningStep| matches!(step.effect, Effect::DeprecateOutput(_));
        plan.steps.iter_mut().find(is_deprecate).unwrap().release = id(1);
    });
    let others = [
        output(&format!("{arn} is of another release")),
        output(&format!("{arn} is deprecated, and an image of it stays")),
        picks,
        deleted,
    ];
    assert_eq!(deprecates, others.concat());
}

/// What it says of a plan of these facts that somebody edited.
fn edited_of(world: &World, edit: impl FnOnce(&mut PruningPlan)) -> Vec<String> {
    let mut plan = world.plan();
    assert_eq!(check_plan(&world.facts, &plan, world.now), []);
    edit(&mut plan);
    let found = check_plan(&world.facts, &plan, world.now);
    found.iter().map(ToString::to_string).collect()
}

/// Of the third release nothing is left but what Image Builder has of it, and people were told.
pub(super) fn gone() -> World {
    rungs().with(3, |release| {
        release.placements.clear();
        release.output.as_mut().unwrap().announced = Some(day(99));
    })
}

/// The steps of Image Builder's.
fn of_output(plan: &PruningPlan) -> Vec<PruningStep> {
    let is_of_output =
        |step: &&PruningStep| matches!(step.effect, Effect::DeprecateOutput(_) | Effect::DeleteOutput(_));
    plan.steps.iter().filter(is_of_output).cloned().collect()
}

#[test]
fn it_finds_what_image_builder_would_lose_of_a_release_that_stays() {
    let arn = stage::output(3).arn;
    // Its last image waits for a later run.
    let stays = edited_of(&rungs(), |plan| {
        plan.steps
            .retain(|step| !matches!(step.effect, Effect::Deregister { .. }));
    });
    let output = |says: &str| format!("Image Builder's with the last image: {says}");
    let expected = [
        output(&format!("{arn} is deprecated, and an image of it stays")),
        output(&format!("{arn} goes before its images")),
    ];
    assert_eq!(stays, expected);
    let without = edited_of(&rungs(), |plan| {
        plan.steps
            .retain(|step| !matches!(step.effect, Effect::DeleteOutput(_)));
    });
    let behind = output(&format!(
        "the last image of {} goes without what Image Builder has of it",
        id(3)
    ));
    assert_eq!(without, [behind]);
    let twice = edited_of(&rungs(), |plan| plan.steps.extend(of_output(plan)));
    let again = output(&format!("{arn} takes a step twice"));
    assert_eq!(twice, [again.clone(), again]);
    let turned = edited_of(&gone(), |plan| plan.steps.swap(3, 4));
    assert_eq!(
        turned,
        [output(&format!("{arn} is deleted, and was not deprecated before"))]
    );
}

#[test]
fn it_finds_what_is_left_of_a_release_and_goes_otherwise_than_it_may() {
    let finds = |change: fn(&mut World), expected: &[&str]| {
        let world = gone();
        let plan = world.plan();
        assert_eq!(of_output(&plan).len(), 2);
        let mut changed = world;
        change(&mut changed);
        let mut found: Vec<String> = check_plan(&changed.facts, &plan, changed.now)
            .iter()
            .map(ToString::to_string)
            .collect();
        found.dedup();
        assert_eq!(found, expected);
    };
    let left = |says: &str| format!("what Image Builder has of {} {says}", id(3));
    let waited = |says: &str| format!("nothing before its time: {}", left(says));
    let named = |says: &str| format!("nothing that is to stay: {}", left(says));
    finds(
        |world| world.of(3).since = ExpendableSince::Recorded(second(70 * 86_400 + 1)),
        &[&waited("goes before its time")],
    );
    let untold = waited("goes, and nobody was told of it a day ago");
    finds(
        |world| world.of(3).output.as_mut().unwrap().announced = None,
        &[&untold],
    );
    finds(
        |world| world.of(3).output.as_mut().unwrap().announced = Some(second(99 * 86_400 + 1)),
        &[&untold],
    );
    finds(
        |world| world.of(3).output.as_mut().unwrap().announced = Some(day(69)),
        &[&untold],
    );
    finds(
        |world| on_stable(world.of(3)),
        &[&named("is on a channel, or on the way to one")],
    );
    finds(|world| world.of(3).holds.push(hold(day(101))), &[&named("is held")]);
    let arn = stage::output(3).arn;
    let not_listed = format!("every image once: {arn} is listed, and is not left alone");
    let not_at_it = format!(
        "Image Builder's with the last image: {}",
        left("goes, and its release was not on its way out")
    );
    finds(
        |world| world.of(3).since = ExpendableSince::NotYet,
        &[&not_at_it, &not_listed],
    );
    let building = format!("Image Builder's with the last image: {arn} is being built, or deleted already");
    finds(
        |world| world.of(3).output.as_mut().unwrap().state = BuildState::Building,
        &[&building, &not_listed],
    );
}

#[test]
fn it_finds_what_is_left_of_a_release_where_the_plan_says_otherwise() {
    let arn = stage::output(3).arn;
    let once = |says: &str| format!("every image once: {says}");
    let unlisted = edited_of(&gone(), |plan| plan.orphans.clear());
    assert_eq!(
        unlisted,
        [once(&format!("what Image Builder has of {} is not listed", id(3)))]
    );
    let twice = edited_of(&gone(), |plan| plan.orphans.extend(plan.orphans.clone()));
    assert_eq!(twice, [once(&format!("{arn} is listed, and is not left alone"))]);
    let blocked = edited_of(&gone(), |plan| {
        plan.orphans[0].fate = OrphanFate::Blocked(Blocker::Paused);
    });
    assert_eq!(
        blocked,
        [once(&format!(
            "{arn} is listed as something else than what is done to it"
        ))]
    );
    // It counts among those of a run.
    let mut five = gone();
    five.facts.retain = Some(retain(&RETAIN.replace("per_run: 50", "per_run: 4")));
    let plan = gone().plan();
    let found = check_plan(&five.facts, &plan, five.now);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].to_string(), "no more at once than may: 5 images go in one run");
}

#[test]
fn it_finds_what_is_told_too_soon_twice_or_of_what_does_not_go() {
    // The third is told of, and goes tomorrow at the earliest.
    let world = || rungs().image(3, |image| image.announced = None);
    assert_eq!(world().plan().to_announce, [ami(3, 0)]);
    let finds = |change: fn(&mut World), says: &str| {
        let plan = world().plan();
        let mut changed = world();
        change(&mut changed);
        let found = check_plan(&changed.facts, &plan, changed.now);
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found.first().map(String::as_str), Some(says), "{found:?}");
    };
    let told = |says: &str| format!("nothing before its time: {} is told to go, and {says}", ami(3, 0));
    let soon = format!("nothing before its time: {} is told to go too soon", ami(3, 0));
    let reached = |seconds: i64| {
        PlacementStanding::Disabled(Since {
            at: Some(second(seconds)),
            by_us: true,
        })
    };
    let stands = move |world: &mut World, seconds: i64| world.of(3).placements[0].standing = reached(seconds);
    let mut day_ahead = world();
    stands(&mut day_ahead, 85 * 86_400);
    assert_eq!(day_ahead.plan().to_announce, [ami(3, 0)]);
    assert_eq!(check_plan(&day_ahead.facts, &day_ahead.plan(), day_ahead.now), []);
    finds(
        |world| world.of(3).placements[0].standing = standing(Rung::Disabled, 86),
        &soon,
    );
    finds(|world| world.of(3).since = ExpendableSince::Recorded(day(72)), &soon);
    finds(
        |world| world.of(3).placements[0].announced = Some(day(99)),
        &told("was before"),
    );
    finds(
        |world| world.of(3).placements[0].standing = standing(Rung::Deprecated, 84),
        &told("leaves out a rung"),
    );
    let nobody_knows = |world: &mut World| {
        world.of(3).placements[0].standing = PlacementStanding::Disabled(Since { at: None, by_us: true });
    };
    finds(nobody_knows, &told("goes, and nobody knows since when it is disabled"));
    finds(
        |world| world.facts.shared = Shared::WithoutRoles,
        &told("goes without a usage report"),
    );
    let once = |says: &str| format!("every image once: {} {says}", ami(3, 0));
    finds(
        |world| on_stable(world.of(3)),
        &format!("every image once: {} is needed, and stays expendable", id(3)),
    );
    finds(
        |world| world.of(3).place = Place::Ungrouped(Ungrouped::Architecture(None)),
        &once("is told to go, and does not"),
    );
    let unknown = edited(|plan| plan.to_announce.push(ami(9, 0)));
    let says = format!("every image once: {} is told to go, and nobody knows it", ami(9, 0));
    assert_eq!(unknown, [says]);
}

#[test]
fn it_finds_what_is_told_before_its_way_down_has_begun() {
    let quick = "releases: 2, for: 30d, ladder: { deprecate: 0d, disable: 0d, delete: 0d }, limits: { share: 100% }";
    let world = || family_with(quick).has_each_day(1..=3).on(1, Rung::Disabled, 84, 99);
    let plan = world().plan();
    assert_eq!(plan.to_announce, [ami(1, 0)]);
    let not_yet: [fn(&mut ReleaseFacts); 2] = [
        |release| release.since = ExpendableSince::Recorded(second(100 * 86_400 + 1)),
        |release| release.placements[0].standing = standing(Rung::Disabled, 100),
    ];
    for change in not_yet {
        let mut changed = world();
        change(changed.of(1));
        let found: Vec<String> = check_plan(&changed.facts, &plan, changed.now)
            .iter()
            .map(ToString::to_string)
            .collect();
        let soon = format!("nothing before its time: {} is told to go too soon", ami(1, 0));
        assert_eq!(found, [soon]);
    }
}

#[test]
fn it_finds_what_is_told_of_what_is_left_of_a_release() {
    let world = || gone().with(3, |release| release.output.as_mut().unwrap().announced = None);
    let arn = stage::output(3).arn;
    assert_eq!(world().plan().orphans_to_announce, std::slice::from_ref(&arn));
    let finds = |change: fn(&mut World)| {
        let plan = world().plan();
        let mut changed = world();
        change(&mut changed);
        let found = check_plan(&changed.facts, &plan, changed.now);
        let says = format!("nothing before its time: {arn} is announced, and does not go so soon");
        assert!(found.iter().any(|found| found.to_string() == says), "{found:?}");
    };
    finds(|world| world.of(3).since = ExpendableSince::Recorded(second(71 * 86_400 + 1)));
    finds(|world| world.of(3).output.as_mut().unwrap().announced = Some(day(70)));
    finds(|world| on_stable(world.of(3)));
    finds(|world| world.of(3).placements.push(placement(3, 0, HOME)));
    finds(|world| world.of(3).since = ExpendableSince::Recorded(day(101)));
    let mut day_ahead = world();
    day_ahead.of(3).since = ExpendableSince::Recorded(day(71));
    assert_eq!(check_plan(&day_ahead.facts, &day_ahead.plan(), day_ahead.now), []);
    assert_eq!(day_ahead.plan().orphans_to_announce, [arn]);
}

#[test]
fn it_finds_what_is_noted_or_told_while_nothing_may_be_judged() {
    let mut paused = rungs();
    paused.facts.switch = Switch::Paused("an incident".into());
    let says = |what: &str| {
        [format!(
            "nothing while paused: something {what}, and nothing may be judged"
        )]
    };
    let arn = stage::output(3).arn;
    assert_eq!(
        edited_of(&paused, |plan| plan.newly.push(id(1))),
        says("becomes expendable")
    );
    assert_eq!(
        edited_of(&paused, |plan| plan.cleared.push(id(4))),
        says("is expendable no more")
    );
    assert_eq!(
        edited_of(&paused, |plan| plan.to_announce.push(ami(3, 0))),
        says("is announced")
    );
    let orphan = edited_of(&paused, |plan| plan.orphans_to_announce.push(arn));
    assert_eq!(orphan, says("of Image Builder is announced"));
}

#[test]
fn it_finds_what_somebody_needs_and_stays_expendable() {
    let kept = edited(|plan| plan.cleared.clear());
    assert_eq!(
        kept,
        [format!("every image once: {} is needed, and stays expendable", id(4))]
    );
}

#[test]
fn what_a_person_lets_through_is_told_from_all_else_by_its_first_twelve_characters() {
    let mut world = rungs();
    world.facts.retain = Some(retain(&RETAIN.replace("share: 100%", "share: 37%")));
    let acceptance = world.plan().acceptance().unwrap();
    world.facts.accepted = Some(acceptance.clone());
    let plan = world.plan();
    assert_eq!(plan.newly.len(), 3);
    let holds = |accepted: &str| {
        let mut facts = world.facts.clone();
        facts.accepted = Some(accepted.to_owned());
        check_plan(&facts, &plan, world.now).is_empty()
    };
    assert!(holds(&acceptance));
    assert!(!holds(&acceptance[..11]));
    assert!(!holds(&format!("{acceptance}0")) || !holds(&format!("{acceptance}1")));
    // Of any others it says nothing.
    let mut more = world.clone().has(9, 9);
    more.facts.accepted = Some(acceptance);
    assert!(more.plan().newly.is_empty());
}
