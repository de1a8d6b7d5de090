//! What builds left behind that failed: ours goes down the ladder, and of what is not ours people are told.

use super::super::*;
use super::reports::{assert_looks, assert_told, is_news, told_of};
use super::stage::*;
use crate::distribution::NotOurs;
use crate::{FamilyName, Words};

const UNTAGGED: Unmanaged = Unmanaged::NotOurs(NotOurs::Untagged);

/// The first of four builds failed. Of its two images the one that lacks our tag is not ours.
fn failed() -> World {
    let world = family().has_each_day(1..=4).copied(1, AWAY);
    world
        .with(1, |release| {
            release.place = Place::LeftByFailedBuild;
            release.output = Some(Box::new(BuildOutput {
                state: crate::BuildState::Failed,
                ..output(1)
            }));
        })
        .image(1, |image| image.unmanaged = Some(UNTAGGED))
}

fn told(world: &World) -> Vec<LeftBehind> {
    let plan = world.plan();
    assert_eq!(check_plan(&world.facts, &plan, world.now), []);
    plan.left_behind
}

#[test]
fn an_image_of_a_failed_build_that_lacks_our_tag_stays_and_people_are_told_of_it() {
    let left = told(&failed());
    let image = failed().of(1).placements[0].clone();
    let expected = LeftBehind {
        ami: image.ami,
        target: at(HOME),
        release: id(1),
        build: Some(output(1).arn),
        snapshots: image.snapshots,
        gib: image.gib,
        why: UNTAGGED,
    };
    assert_eq!(left, [expected]);
    let plan = failed().plan();
    let kept = plan.kept.iter().find(|kept| kept.ami == image.ami).unwrap();
    assert_eq!(kept.why.rule(), Rule::Unmanaged);
    // The other one is ours.
    assert!(plan.expendable.iter().any(|going| going.release == id(1)));
}

#[test]
fn people_are_told_of_it_whatever_else_is_in_the_way() {
    let with = |change: fn(&mut PruningFacts)| {
        let mut world = failed();
        change(&mut world.facts);
        told(&world).len()
    };
    assert_eq!(with(|facts| facts.switch = Switch::Paused("a test".into())), 1);
    assert_eq!(with(|facts| facts.evidence.clear()), 1);
    assert_eq!(with(|facts| facts.retain = None), 1);
    assert_eq!(with(|facts| facts.makes = Makes::Containers), 1);
}

#[test]
fn nobody_is_told_of_what_is_no_build_s_that_failed() {
    assert_eq!(told(&failed().image(1, |image| image.unmanaged = None)), []);
    let well = failed().with(1, |release| {
        release.place = Place::Built {
            architecture: crate::Architecture::X86_64,
            order: "1.0.1/1".parse().unwrap(),
        };
    });
    assert_eq!(told(&well), []);
    let family = |name: &str| -> FamilyName { name.parse().unwrap() };
    for (why, of) in [
        (Unmanaged::ByAnotherHand, 0),
        (Unmanaged::Of(Words::from("backup")), 0),
        (Unmanaged::ByBoth(family("a"), family("b")), 0),
        (Unmanaged::Unowned, 1),
        (Unmanaged::NotOurs(NotOurs::OtherFamily("db".into())), 1),
    ] {
        assert_eq!(told(&failed().image(1, |image| image.unmanaged = Some(why))).len(), of);
    }
}

#[test]
fn the_second_look_finds_what_people_are_not_told_of_or_told_wrongly() {
    let found = |change: fn(&mut PruningPlan)| -> Vec<String> {
        let world = failed();
        let mut plan = world.plan();
        change(&mut plan);
        let violations = check_plan(&world.facts, &plan, world.now);
        violations.iter().map(ToString::to_string).collect()
    };
    let ami = ami(1, 0);
    let wrong = [format!("every image once: {ami} is told as left behind, and is not")];
    assert_eq!(
        found(|plan| plan.left_behind.clear()),
        [format!("every image once: {ami} is left behind, and nobody is told")]
    );
    assert_eq!(found(|plan| plan.left_behind.push(plan.left_behind[0].clone())), wrong);
    assert_eq!(found(|plan| plan.left_behind[0].release = id(2))[0], wrong[0]);
    assert_eq!(found(|plan| plan.left_behind[0].target = at(MEMBER))[0], wrong[0]);
    assert_eq!(found(|plan| plan.left_behind[0].ami = plan.expendable[0].ami).len(), 2);
}

#[test]
fn the_page_and_the_message_say_what_a_person_may_do_about_it() {
    assert_looks(&failed(), None, "left-behind");
    assert_told(
        &failed(),
        "left-behind",
        "src/pruning/tests/report/left-behind.message.json",
    );
}

#[test]
fn that_more_is_left_behind_is_news_and_that_it_still_is_none() {
    assert!(is_news(&failed(), None));
    let before = told_of(&failed());
    assert!(!is_news(&failed(), Some(&before)));
    let more = failed().images(|image| {
        if image.ami == ami(1, 1) {
            image.unmanaged = Some(UNTAGGED);
        }
    });
    assert!(is_news(&more, Some(&before)));
    assert!(!is_news(&failed(), Some(&told_of(&more))));
}
