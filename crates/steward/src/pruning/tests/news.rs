//! When people are told of a run, and what they are told changed since they were told last.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::*;
use super::random::family_of;
use super::reports::{Planned, assert_told_since, is_news, since, told_of};
use super::stage::*;
use crate::Timestamp;
use crate::testing::how_many;

/// Four releases of which two go: they wait for their time, and nobody needs to do anything.
fn waits() -> World {
    family().has_each_day(1..=4)
}

/// A day later, with evidence of then.
fn a_day_later(world: &World) -> World {
    world.clone().at(day(101))
}

#[test]
fn of_a_family_that_nobody_was_told_of_the_first_plan_is_news_unless_it_has_nothing() {
    assert!(is_news(&waits(), None));
    assert!(!is_news(&family(), None));
}

#[test]
fn what_is_in_the_way_is_told_at_once_and_once() {
    let waits = waits();
    let mut unread = waits.clone();
    unread.facts.evidence[0].sources[0].last = None;
    let told = told_of(&unread);
    assert!(is_news(&unread, Some(&told_of(&waits))));
    assert!(!is_news(&unread, Some(&told)));
    unread.facts.evidence[1].sources[0].last = None;
    assert!(is_news(&unread, Some(&told)));
    let mut over = waits.clone();
    over.facts.retain = Some(retain(&RETAIN.replace("share: 100%", "share: 5%")));
    let told = told_of(&over);
    assert!(is_news(&over, Some(&told_of(&waits))));
    assert!(!is_news(&over, Some(&told)));
    assert!(is_news(&over.has(5, 5), Some(&told)));
}

#[test]
fn that_evidence_is_stale_is_told_once_however_old_it_gets_and_however_often_it_is_read_in_between() {
    let mut stale = waits();
    stale.facts.evidence[0].sources[0] = read("instances", day(98));
    let told = told_of(&stale);
    assert_eq!(told.doubts, ["evidence-stale 111122223333/eu-west-1 instances".into()]);
    stale.facts.evidence[0].sources[0] = read("instances", day(99));
    assert!(!is_news(&stale, Some(&told)));
}

fn told_again(world: &World, before: &LastTold) -> LastTold {
    let planned = Planned::of(world);
    let report = PruningReport {
        told: Some(since(world, before)),
        ..planned.report(None)
    };
    report.to_tell()
}

#[test]
fn doubts_that_take_turns_are_told_once_a_day_and_so_is_that_one_of_them_is_over() {
    let stale = |n: usize| {
        let mut stale = waits();
        stale.facts.evidence[n].sources[0] = read("instances", day(98));
        stale
    };
    let first = told_of(&stale(0));
    assert!(is_news(&stale(1), Some(&first)));
    let both = told_again(&stale(1), &first);
    assert!(!is_news(&stale(0), Some(&both)));
    assert!(!is_news(&stale(1), Some(&both)));
    let tomorrow = a_day_later(&stale(1));
    assert!(is_news(&tomorrow, Some(&both)));
    assert_eq!(
        told_again(&tomorrow, &both).doubts.len(),
        tomorrow.plan().troubles.len()
    );
}

#[test]
fn of_a_family_that_keeps_everything_nothing_is_told_daily_whatever_its_images_are() {
    let mut bare = waits();
    bare.facts.retain = None;
    assert!(!is_news(&bare, None));
    let others = bare.images(|image| image.unmanaged = Some(Unmanaged::ByAnotherHand));
    assert!(!is_news(&others, None));
}

#[test]
fn a_count_that_is_another_is_told_a_day_after_people_were_told_last_and_no_sooner() {
    let told = told_of(&waits());
    let held = waits().with(1, |release| release.holds.push(hold(day(130))));
    assert!(!is_news(&held, Some(&told)));
    let almost = held.clone().at(hour(100 * 24 + 23));
    assert!(!is_news(&almost, Some(&told)));
    assert!(is_news(&a_day_later(&held), Some(&told)));
}

#[test]
fn that_images_grow_older_and_others_weigh_more_is_no_news() {
    let told = told_of(&waits());
    let heavier = waits().images(|image| image.gib += 100);
    assert!(!is_news(&a_day_later(&waits()), Some(&told)));
    assert!(!is_news(&a_day_later(&heavier), Some(&told)));
}

#[test]
fn what_pruning_did_is_news_a_day_later_although_as_many_are_on_each_rung() {
    let on = |n, at: i64| waits().on(n, Rung::Deprecated, at, 60);
    let told = told_of(&on(1, 90));
    // Another took its place.
    let other = on(2, 101).images(|image| {
        if let PlacementStanding::Deprecated(since) = &mut image.standing {
            since.at = Some(hour(100 * 24 + 1));
        }
    });
    let other = other.at(day(101));
    assert_eq!(
        other.facts.brought_since(told.at),
        Brought {
            deprecated: 1,
            ..Brought::default()
        }
    );
    assert!(is_news(&other, Some(&told)));
    let mut gone = a_day_later(&waits());
    let told = told_of(&waits());
    gone.of(1).gone = [day(99), hour(100 * 24 - 1), hour(100 * 24 + 1)].map(gone_at).into();
    assert_eq!(gone.facts.brought_since(told.at).deregistered, 1);
    assert!(is_news(&gone, Some(&told)));
}

#[test]
fn what_another_hand_brought_down_is_nothing_that_pruning_did() {
    let by_hand = waits().images(|image| {
        image.standing = PlacementStanding::Disabled(Since {
            at: Some(day(99)),
            by_us: false,
        });
    });
    assert_eq!(by_hand.facts.brought_since(day(1)), Brought::default());
}

#[test]
fn that_plans_are_carried_out_from_now_on_is_news_and_so_is_that_nothing_is_in_the_way_any_more() {
    let looked = LastTold {
        mode: RunMode::Observes,
        ..told_of(&waits())
    };
    assert!(is_news(&a_day_later(&waits()), Some(&looked)));
    let blocked = LastTold {
        doubts: vec!["evidence-stale 111122223333/eu-west-1 instances".into()],
        ..told_of(&waits())
    };
    assert!(!is_news(&waits(), Some(&blocked)));
    assert!(is_news(&a_day_later(&waits()), Some(&blocked)));
}

#[test]
fn of_a_family_of_which_nothing_ever_goes_nobody_is_told() {
    let mut keeps = waits();
    keeps.facts.retain = None;
    assert!(!is_news(&keeps, None));
    let told = told_of(&keeps);
    assert!(!is_news(&a_day_later(&keeps.has(5, 5)), Some(&told)));
}

#[test]
fn what_was_told_reads_back() {
    let mut world = waits();
    world.facts.evidence[0].sources[0].last = None;
    let told = told_of(&world);
    let text = serde_json::to_string(&told).unwrap();
    assert_eq!(serde_json::from_str::<LastTold>(&text).unwrap(), told);
}

/// A family a day after people were told, of which one image is gone and two are on their way down.
fn moved() -> World {
    let mut moved = family()
        .has_each_day(1..=9)
        .on(1, Rung::Disabled, 80, 70)
        .on(2, Rung::Disabled, 82, 70)
        .on(3, Rung::Deprecated, 100, 82)
        .on(4, Rung::Deprecated, 83, 82)
        .with(5, |release| release.holds.push(hold(day(130))));
    moved.of(1).gone = vec![gone_at(day(100))];
    moved
}

fn gone_at(since: Timestamp) -> GoneImage {
    GoneImage {
        ami: ami(1, 1),
        target: at(HOME),
        since: Some(since),
        by_us: true,
        snapshots: BTreeSet::new(),
        gib: 0,
    }
}

#[test]
fn people_are_told_what_pruning_did_since_what_goes_next_and_which_counts_are_others() {
    let before = family().has_each_day(1..=8).at(day(99));
    let told = told_of(&before);
    assert_told_since(&moved(), &told, "since");
}

#[test]
fn two_messages_of_the_same_news_are_one_that_was_sent_twice_and_those_of_two_days_are_two() {
    let id = |world: &World, told: &LastTold| {
        let planned = Planned::of(world);
        let report = PruningReport {
            told: Some(since(world, told)),
            ..planned.report(None)
        };
        let chat: serde_json::Value = serde_json::from_str(&report.message().chat()).unwrap();
        chat["id"].as_str().unwrap().to_owned()
    };
    let told = told_of(&waits());
    assert_eq!(id(&waits(), &told), id(&waits(), &told));
    let next_day = LastTold {
        at: day(101),
        ..told.clone()
    };
    assert_ne!(id(&waits(), &told), id(&waits(), &next_day));
}

#[test]
fn of_what_goes_on_many_days_a_few_are_told_and_the_rest_is_counted() {
    let mut world = family().has_each_day(1..=20);
    for n in 1..=18 {
        world = world.on(n, Rung::Deprecated, 88 + i64::from(n), 80);
    }
    let message = Planned::of(&world).report(None).message();
    let text = message.text();
    let next = text.split("What goes next:\n").nth(1).unwrap();
    let lines: Vec<&str> = next.lines().take_while(|line| line.starts_with("- ")).collect();
    let machine: serde_json::Value = serde_json::from_str(&message.json()).unwrap();
    let all = machine["next"]["listed"].as_array().unwrap().len();
    assert_eq!((lines.len(), lines[5]), (6, format!("- +{} more", all - 5).as_str()));
    let images: u64 = machine["next"]["listed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|wave| wave["images"].as_u64().unwrap())
        .sum();
    assert_eq!(images, 18);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(how_many("IMAGE_STEWARD_PRUNING", 256)))]

    #[test]
    fn whatever_the_families_are_what_was_told_is_no_news_and_every_message_is_within_bounds(
        seed in any::<u64>(),
        before in any::<u64>(),
    ) {
        let mut world = family_of(seed);
        world.facts.family = "f".repeat(64).parse().unwrap();
        prop_assert!(!is_news(&world, Some(&told_of(&world))));
        let told = told_of(&family_of(before));
        let planned = Planned::of(&world);
        let report = PruningReport {
            told: Some(since(&world, &told)),
            ..planned.report(None)
        };
        let message = report.message();
        prop_assert!(message.subject().len() < 100);
        prop_assert!(message.json().len() <= 48 << 10 && message.text().len() <= 16 << 10);
        let chat: serde_json::Value = serde_json::from_str(&message.chat()).unwrap();
        let within = |text: &serde_json::Value, most| text.as_str().unwrap().chars().count() <= most;
        prop_assert!(within(&chat["id"], 256) && within(&chat["content"]["title"], 250));
        prop_assert!(within(&chat["content"]["description"], 8_000));
        let steps = chat["content"]["nextSteps"].as_array().unwrap();
        prop_assert!(steps.iter().all(|step| within(step, 350)));
        let machine: serde_json::Value = serde_json::from_str(&message.json()).unwrap();
        let waves = machine["next"]["listed"].as_array().unwrap().iter();
        let told: u64 = waves.map(|wave| wave["images"].as_u64().unwrap()).sum();
        let going = world.plan().expendable.iter().filter(|image| image.next.is_some()).count();
        prop_assert_eq!(told, u64::try_from(going).unwrap());
    }
}

#[test]
fn what_goes_on_one_day_is_one_line_from_the_first_of_it_on() {
    let reached = |world: World, n: u32, at: i64| {
        world.on(n, Rung::Deprecated, 90, 80).image(n, |image| {
            image.standing = PlacementStanding::Deprecated(Since {
                at: Some(hour(at)),
                by_us: true,
            });
        })
    };
    let mut world = family().has_each_day(1..=5);
    for (n, at) in [(1, 90 * 24 + 3), (2, 90 * 24 + 2), (3, 91 * 24)] {
        world = reached(world, n, at);
    }
    let text = Planned::of(&world).report(None).message().text();
    let says =
        "What goes next:\n- 2 disabled from 2026-05-17 04:40 UTC on\n- 1 disabled from 2026-05-18 02:40 UTC on\n";
    assert!(text.contains(says), "{text}");
}
