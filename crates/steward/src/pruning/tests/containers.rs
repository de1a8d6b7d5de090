//! Families of container images: judged by the same rules, and nothing is ever done.

use super::super::*;
use super::reports::{Planned, assert_looks, assert_told, is_news, summary, told_of};
use super::stage::*;
use crate::BuildState;

/// A release with one container image, and none of machines.
fn holding_one(world: World, n: u32) -> World {
    world.with(n, |release| {
        release.placements.clear();
        release.containers.push(container(n));
    })
}

fn container(n: u32) -> ContainerSeen {
    ContainerSeen {
        image: crate::ContainerImage {
            target: at(HOME),
            repository: "tools".parse().unwrap(),
            digest: format!("sha256:{n:064x}").parse().unwrap(),
        },
        tags: [format!("1.0.{n}-1")].into(),
        bytes: 300 << 20,
    }
}

/// Eight releases of container images, one a day, and all that keeps one: a rank, a hold, a channel, what builds on it, and age.
fn containers() -> World {
    let mut world = (1..=8).fold(family().has_each_day(1..=8), holding_one);
    world.facts.makes = Makes::Containers;
    // Nobody was asked who uses them.
    world.facts.evidence.clear();
    world
        .with(2, |release| release.holds.push(hold(day(130))))
        .with(3, on_stable)
        .with(4, |release| release.parent_of.push(BuildsOnIt::Pipeline("web".into())))
        .with(5, |release| release.built = BuildTime::At(day(99)))
}

/// What the rules say of each, the oldest first.
fn said(world: &World) -> Vec<String> {
    let plan = world.plan();
    assert_eq!(check_plan(&world.facts, &plan, world.now), []);
    plan.containers.iter().map(ToString::to_string).collect()
}

#[test]
fn each_is_kept_by_the_rules_that_keep_images_or_would_go() {
    assert_eq!(
        said(&containers()),
        [
            "would go: number 8 of its line, built on 2026-02-03T02:40:00.000Z; no rule keeps it since 2026-03-05T02:40:00.000Z",
            "stays: held by ann until 2026-06-12T02:40:00.000Z: audit",
            "stays: on stable",
            "stays: pipeline web builds on it",
            "would go: number 3 of its line, built on 2026-02-08T02:40:00.000Z; no rule keeps it since 2026-03-10T02:40:00.000Z",
            "stays: number 2 of the newest 2 that stay",
            "stays: the newest, of 2 that stay",
            "stays: too young until 2026-06-11T02:40:00.000Z",
        ]
    );
    let mut keeps_all = containers();
    keeps_all.facts.retain = None;
    let kept = "stays: its family's manifest has no `retain`";
    assert_eq!(said(&keeps_all), [kept; 8]);
    let unknown = containers().with(1, |release| release.built = BuildTime::Absent);
    assert_eq!(said(&unknown)[0], "stays: nothing says when it was made");
    let running = containers().with(1, |release| {
        let state = BuildState::Building;
        release.output = Some(Box::new(BuildOutput { state, ..output(1) }));
    });
    assert!(said(&running)[0].starts_with("stays: its build is "));
}

#[test]
fn nothing_is_done_of_such_a_family_whatever_it_made_before() {
    // It made images of machines once. Pruning was at some of them: one stands on a rung, one is gone but for what Image Builder has.
    let before = [10, 11, 12, 13].into_iter();
    let world = before.fold(containers(), |world, n| world.has(n, 1));
    let world = world
        .on(10, Rung::Disabled, 84, 70)
        .image(10, |image| image.announced = Some(day(98)))
        .on(11, Rung::Deprecated, 84, 70)
        .with(11, on_stable)
        .with(12, |release| {
            release.since = ExpendableSince::Recorded(day(60));
            release.placements.clear();
            release.output = Some(Box::new(output(12)));
        });
    let plan = world.plan();
    assert_eq!(check_plan(&world.facts, &plan, world.now), []);
    assert!(
        plan.rests() && plan.expendable.is_empty() && plan.troubles.is_empty(),
        "{plan:?}"
    );
    assert_eq!(plan.kept.len(), 3);
    assert!(plan.kept.iter().all(|kept| kept.why == Keeps::OfContainers));
    assert_eq!(plan.orphans[0].fate, OrphanFate::Kept(Keeps::OfContainers));
    // The same images of a family that makes them go on, or climb back.
    let mut images = family().has(10, 1).has(11, 1);
    images.facts.releases = world.facts.releases[8..10].to_vec();
    assert_eq!(images.plan().steps.len(), 2);
}

#[test]
fn a_family_that_makes_images_of_machines_has_none_to_judge() {
    assert!(family().has_each_day(1..=8).plan().containers.is_empty());
}

/// What the second look says of the plan, after somebody changed it.
fn found(change: impl FnOnce(&mut PruningPlan)) -> Vec<String> {
    let world = containers()
        .has(10, 1)
        .with(10, |release| release.place = Place::LeftByFailedBuild);
    let mut plan = world.plan();
    change(&mut plan);
    let violations = check_plan(&world.facts, &plan, world.now);
    violations.iter().map(ToString::to_string).collect()
}

#[test]
fn the_second_look_finds_a_step_whatever_it_is() {
    assert!(found(|_| {}).is_empty());
    let step = |effect| PruningStep {
        release: id(10),
        effect,
    };
    let (ami, target) = (ami(10, 0), at(HOME));
    let snapshots = Vec::new();
    for effect in [
        Effect::Restore {
            ami,
            target,
            from: Rung::Disabled,
        },
        Effect::Deprecate { ami, target },
        Effect::Disable { ami, target },
        Effect::Deregister { ami, target, snapshots },
        Effect::DeprecateOutput(output(10).arn),
        Effect::DeleteOutput(output(10).arn),
    ] {
        let found = found(|plan| plan.steps.push(step(effect)));
        let says = "nothing of container images: something is done";
        assert!(found.iter().any(|found| found == says), "{found:?}");
    }
}

#[test]
fn the_second_look_finds_what_is_noted_told_or_judged_wrongly() {
    let of = |says: &str| vec![format!("nothing of container images: something {says}")];
    assert_eq!(found(|plan| plan.newly.push(id(1))), of("becomes expendable"));
    assert_eq!(found(|plan| plan.cleared.push(id(1))), of("is expendable no more"));
    assert_eq!(found(|plan| plan.to_announce.push(ami(10, 0))), of("is announced"));
    assert_eq!(
        found(|plan| plan.orphans_to_announce.push(output(1).arn)),
        of("is announced")
    );
    let image = |n| container(n).image;
    assert_eq!(
        found(|plan| drop(plan.containers.remove(0))),
        [format!("every image once: {} is not listed", image(1))]
    );
    assert_eq!(
        found(|plan| plan.containers.push(plan.containers[0].clone())),
        [format!("every image once: {} is listed twice", image(1))]
    );
    assert_eq!(
        found(|plan| plan.containers[0].release = id(2))[0],
        format!("every image once: {} is listed, and not of {}", image(1), id(2))
    );
    for (at, n) in [(1, 2), (2, 3), (3, 4), (5, 7), (6, 8), (7, 5)] {
        assert_eq!(
            found(|plan| plan.containers[at].verdict = plan.containers[0].verdict.clone()),
            [format!(
                "nothing that is to stay: {} would go, and is to stay",
                image(n)
            )]
        );
    }
}

#[test]
fn each_is_shown_with_what_keeps_it_and_that_nothing_is_done() {
    let before = summary(&containers().at(day(31)));
    assert_looks(&containers(), Some(&before), "containers");
    assert_told(
        &containers(),
        "containers",
        "src/pruning/tests/report/containers.message.json",
    );
    assert!(
        Planned::of(&containers())
            .report(None)
            .text()
            .contains("nothing is ever done with one")
    );
}

#[test]
fn that_more_would_go_is_news_and_that_they_still_would_is_none() {
    let world = containers();
    assert!(is_news(&world, None));
    assert!(!is_news(&world, Some(&told_of(&world))));
    let fewer = world.clone().with(6, |release| release.holds.push(hold(day(130))));
    assert!(is_news(&world, Some(&told_of(&fewer))));
    assert!(!is_news(&fewer, Some(&told_of(&world))));
    let none = fewer.with(1, |release| release.holds.push(hold(day(130))));
    assert!(is_news(&none, None) && !is_news(&none, Some(&told_of(&none))));
}
