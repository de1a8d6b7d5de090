//! What Image Builder has of releases whose images are gone.

use super::super::*;
use super::stage::*;
use crate::{BuildState, ImageBuildArn};

/// Of the first release the images are gone, whoever took them away. It was expendable since the seventieth day.
fn gone() -> World {
    let world = family().has_each_day(1..=4).on(1, Rung::Disabled, 84, 70);
    world.with(1, |release| {
        release.placements.clear();
        release.output = Some(Box::new(output(1)));
    })
}

fn told(world: World, on: i64) -> World {
    world.with(1, |release| release.output.as_mut().unwrap().announced = Some(day(on)))
}

fn arn() -> ImageBuildArn {
    output(1).arn
}

/// What becomes of it.
fn fate(world: &World) -> OrphanFate {
    let orphans = world.plan().orphans;
    assert_eq!(orphans.len(), 1);
    assert_eq!((&orphans[0].output, orphans[0].release), (&arn(), id(1)));
    orphans[0].fate.clone()
}

const GOES: [&str; 2] = ["deprecate web", "delete web"];

/// What is done to it.
fn of_it(world: &World) -> Vec<String> {
    let steps = world.steps();
    steps.into_iter().filter(|step| step.ends_with("web")).collect()
}

#[test]
fn it_goes_at_the_time_at_which_its_images_would_have_gone_and_a_day_after_people_were_told() {
    let world = told(gone(), 99);
    assert_eq!(fate(&world), OrphanFate::Goes { at: Some(day(100)) });
    assert_eq!(of_it(&world), GOES);
    let early = world.clone().at(second(100 * 86_400 - 1));
    assert_eq!(fate(&early), OrphanFate::Goes { at: Some(day(100)) });
    assert!(of_it(&early).is_empty());
    let late = told(gone(), 99).with(1, |release| {
        release.output.as_mut().unwrap().announced = Some(second(99 * 86_400 + 1));
    });
    let since = Some(second(99 * 86_400 + 1));
    assert_eq!(fate(&late), OrphanFate::Blocked(Blocker::NotAnnounced { since }));
    assert!(of_it(&late).is_empty());
}

#[test]
fn people_are_told_of_it_a_day_ahead_and_once() {
    let world = gone();
    assert_eq!(fate(&world), OrphanFate::Blocked(Blocker::NotAnnounced { since: None }));
    assert_eq!(world.plan().orphans_to_announce, [arn()]);
    assert!(of_it(&world).is_empty());
    let day_ahead = gone().at(day(99));
    assert_eq!(day_ahead.plan().orphans_to_announce, [arn()]);
    assert!(!day_ahead.plan().rests());
    let earlier = gone().at(second(99 * 86_400 - 1));
    assert!(earlier.plan().orphans_to_announce.is_empty());
    assert!(told(gone(), 99).plan().orphans_to_announce.is_empty());
    // What was told of an earlier way down tells nothing of this one.
    let before = told(gone(), 69);
    assert_eq!(before.plan().orphans_to_announce, [arn()]);
    assert!(of_it(&before).is_empty());
    assert_eq!(of_it(&told(gone(), 70)), GOES);
}

#[test]
fn over_the_days_it_is_told_and_goes() {
    let mut world = gone().at(day(98));
    let mut said = Vec::new();
    for n in 98..=102 {
        world = world.at(day(n));
        let plan = world.plan();
        said.extend(of_it(&world).into_iter().map(|step| format!("{n}: {step}")));
        said.extend(plan.orphans_to_announce.iter().map(|_| format!("{n}: told")));
        world = world.after(&plan);
    }
    assert_eq!(said, ["99: told", "100: deprecate web", "100: delete web"]);
    assert!(world.plan().orphans.is_empty());
}

#[test]
fn it_stays_where_pruning_was_not_at_it_or_image_builder_has_nothing_that_could_go() {
    let not_yet = told(gone(), 99).with(1, |release| release.since = ExpendableSince::NotYet);
    let reckoned = told(gone(), 99).with(1, |release| release.since = ExpendableSince::Reckoned);
    let state = |state: BuildState| told(gone(), 99).with(1, |release| release.output.as_mut().unwrap().state = state);
    for world in [
        not_yet,
        reckoned,
        state(BuildState::Building),
        state(BuildState::Deleted),
    ] {
        assert!(world.plan().orphans.is_empty() && of_it(&world).is_empty());
    }
    assert_eq!(of_it(&state(BuildState::Deprecated)), ["delete web"]);
}

/// What names a release, and the rule by which it stays then.
type Named = (fn(&mut ReleaseFacts), Rule);

#[test]
fn it_stays_while_anything_names_it_or_where_its_ladder_ends_before() {
    let parent = |release: &mut ReleaseFacts| release.parent_of.push(BuildsOnIt::Pipeline("shop".into()));
    let held = |release: &mut ReleaseFacts| release.holds.push(hold(day(101)));
    let names: [Named; 3] = [(on_stable, Rule::Channel), (parent, Rule::Parent), (held, Rule::Hold)];
    for (name, rule) in names {
        let world = gone().with(1, name);
        assert!(matches!(fate(&world), OrphanFate::Kept(why) if why.rule() == rule));
        assert!(world.plan().orphans_to_announce.is_empty() && of_it(&told(world, 99)).is_empty());
    }
    let mut ends = told(gone(), 99);
    ends.facts.retain = Some(retain(&RETAIN.replace("delete: 30d", "delete: never")));
    assert_eq!(fate(&ends), OrphanFate::Goes { at: None });
    assert!(of_it(&ends).is_empty() && ends.plan().orphans_to_announce.is_empty());
    ends.facts.retain = None;
    assert_eq!(fate(&ends), OrphanFate::Kept(Keeps::NothingGoes));
    assert!(of_it(&ends).is_empty());
}

#[test]
fn nothing_is_done_with_it_while_paused_or_while_evidence_does_not_hold() {
    let mut paused = told(gone(), 99);
    paused.facts.switch = Switch::Paused("an incident".into());
    assert_eq!(fate(&paused), OrphanFate::Blocked(Blocker::Paused));
    let mut unread = told(gone(), 99);
    unread.facts.evidence[0].sources.clear();
    assert!(matches!(fate(&unread), OrphanFate::Blocked(Blocker::Evidence(_))));
    for world in [paused, unread] {
        assert!(world.steps().is_empty() && world.plan().orphans_to_announce.is_empty());
    }
}

#[test]
fn it_counts_as_an_image_among_those_that_a_run_takes() {
    let of_one = |world: World, built: i64| {
        let mut world = told(world, 99).with(1, |release| release.built = BuildTime::At(day(built)));
        world.facts.retain = Some(retain(&RETAIN.replace("per_run: 50", "per_run: 1")));
        world.steps()
    };
    assert_eq!(of_one(gone(), 1), GOES);
    // The other is older.
    assert_eq!(of_one(gone(), 3), ["deprecate 2"]);
}
