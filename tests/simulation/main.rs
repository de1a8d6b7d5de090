//! Whole organizations, simulated: from a seed a world, what goes wrong in it and what people do in it, and the functions at work
//! in between. After every step it is judged by the model's own state.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails right there")]

mod acts;
mod builders;
mod building;
mod changes;
mod company;
mod diary;
mod dice;
mod grid;
mod judge;
mod life;
mod people;
mod policy;
mod pruners;
mod retention;
mod site;
mod switch;
mod users;
mod weather;
mod weeks;
mod whole;
mod workers;
mod year;

use acts::Act;
use company::Size;
use grid::{At, distribute};
use image_plane::Effect;
use judge::{Kind, Retired, Seen};
use life::{Life, play, play_days, play_weeks, play_whole};
use weather::Door;

/// So many seeds each of these tests plays; more by IMAGE_STEWARD_SIMULATIONS, from a first one by IMAGE_STEWARD_FIRST_SEED.
const SEEDS: u64 = 2;

/// The same of lives in which weeks pass.
const SEEDS_OF_WEEKS: u64 = 3;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap())
}

/// Plays so many seeds, every other one from this one on, and adds up what there was to judge. Whoever breaks a rule fails them all.
fn play_each(first: u64, seeds: u64, play: impl Fn(u64) -> Result<Life, String>) -> Seen {
    let seeds = number("IMAGE_STEWARD_SIMULATIONS").unwrap_or(seeds);
    let first = first + number("IMAGE_STEWARD_FIRST_SEED").unwrap_or(0);
    let (mut failed, mut seen) = (Vec::new(), Seen::default());
    for seed in (first..).step_by(2).take(seeds.try_into().unwrap()) {
        match play(seed) {
            Ok(life) => seen.add(life.seen),
            Err(why) => failed.push(why),
        }
    }
    assert!(
        failed.is_empty(),
        "{}\n\n{} of {seeds} seeds failed",
        failed.join("\n\n"),
        failed.len()
    );
    seen
}

fn play_from(first: u64) {
    let seen = play_each(first, SEEDS, |seed| play(seed, Size::of_most));
    // Silence is no consent: there was something to judge.
    let Seen {
        mutations,
        pointers,
        moves,
        copies,
        retired: _,
        pairs: _,
        acted: _,
        built: _,
    } = seen;
    assert!(mutations.min(pointers).min(moves).min(copies) > 0, "{seen:?}");
}

#[test]
fn even_seeds_hold_every_rule() {
    play_from(0);
}

#[test]
fn odd_seeds_hold_every_rule() {
    play_from(1);
}

fn play_weeks_from(first: u64) {
    let seen = play_each(first, SEEDS_OF_WEEKS, |seed| {
        let life = play_weeks(seed)?;
        tell(&format!("seed {seed}: {:?}", life.seen.retired));
        if std::env::var_os("IMAGE_STEWARD_DIARY").is_some() {
            tell(&life.diary.join("\n"));
        }
        Ok(life)
    });
    tell(&format!("{:?}", seen.retired));
    let Retired {
        deprecated,
        disabled,
        deregistered,
        left,
        ..
    } = seen.retired;
    assert!(deprecated.min(disabled).min(deregistered) > 0, "{:?}", seen.retired);
    // An old report may still show a use that has ended.
    assert!(left <= deregistered, "{:?}", seen.retired);
}

#[expect(
    clippy::print_stdout,
    reason = "whoever runs many seeds wants to know what they came to"
)]
fn tell(line: &str) {
    println!("{line}");
}

#[test]
fn over_weeks_even_seeds_retire_what_nobody_needs_and_nothing_else() {
    play_weeks_from(0);
}

#[test]
fn over_weeks_odd_seeds_retire_what_nobody_needs_and_nothing_else() {
    play_weeks_from(1);
}

#[test]
fn an_organization_of_fifty_accounts_and_eight_regions_holds_every_rule_a_sweep_after_whatever_people_did() {
    let seen = play_each(0, 1, play_whole);
    tell(&format!("{:?}", Act::ALL.map(|act| (act, seen.acted[act as usize]))));
    assert!(seen.pairs > 0, "{seen:?}");
    for act in Act::ALL {
        assert!(seen.acted[act as usize] > 0, "nobody {act:?}: {seen:?}");
    }
}

/// Days of a life in which builds are started for reasons; more by IMAGE_STEWARD_DAYS.
const DAYS: u64 = 3;
/// In so many there is a build for each kind of reason, and images go for good.
const DAYS_FOR_ALL: u64 = 60;

#[test]
fn over_days_what_there_is_a_reason_for_is_built_once_and_recorded_and_distributed_and_all_that_is_needed_stays() {
    let days = number("IMAGE_STEWARD_DAYS").unwrap_or(DAYS);
    let seen = play_each(0, 1, |seed| {
        let life = play_days(seed, days.try_into().unwrap())?;
        tell(&format!("seed {seed}: {:?}", life.seen));
        if std::env::var_os("IMAGE_STEWARD_DIARY").is_some() {
            tell(&life.diary.join("\n"));
        }
        Ok(life)
    });
    let Seen {
        mutations: _,
        pointers,
        moves,
        copies,
        retired,
        pairs: _,
        acted: _,
        built,
    } = seen;
    let least = [pointers, moves, copies, built.started, built.settled];
    assert!(least.into_iter().all(|least| least > 0), "{seen:?}");
    if days < DAYS_FOR_ALL {
        return;
    }
    for kind in Kind::ALL {
        assert!(
            built.kinds[kind as usize] > 0,
            "nothing was built for {kind:?}: {seen:?}"
        );
    }
    let least = [
        built.by_hand,
        built.failed,
        built.crashed,
        built.frozen,
        retired.deregistered,
    ];
    assert!(least.into_iter().all(|least| least > 0), "{seen:?}");
}

/// What goes wrong beside a crash.
const BESIDE: [(Effect, u64); 5] = [
    (Effect::Throttle, 3),
    (Effect::ServerErrorAfterApply(500), 1),
    (Effect::ResetAfterApply, 1),
    (Effect::Conflict, 1),
    (Effect::ServerErrorAfterApply(500), 9),
];

/// Crashes of this kind at one of so many calls of a door, each with a fault at another: with every so-manieth of the other
/// calls where all are asked for, by IMAGE_STEWARD_GRID.
fn crash_at_each_call(door: Door, stride: usize) {
    let every: Option<usize> = number("IMAGE_STEWARD_GRID").map(|every| every.try_into().unwrap());
    let mut failed = Vec::new();
    let mut crashes = 0;
    for (kind, effect) in [Effect::CrashBefore, Effect::CrashAfter].into_iter().enumerate() {
        for call in (kind..).step_by(every.map_or(stride, |_| 1)) {
            // It is another crash, and another call, with each.
            let others = every.map_or_else(
                || vec![call * 7 % 90],
                |every| (call % every..90).step_by(every).collect(),
            );
            let mut is_met = false;
            for (n, other) in others.into_iter().enumerate() {
                let (beside, times) = BESIDE[(call + n) % BESIDE.len()];
                let door_beside = if (call + n) % 2 == 0 { Door::Aws } else { Door::Tables };
                let crash = At {
                    door,
                    effect,
                    call: call.try_into().unwrap(),
                    times: 1,
                };
                let fault = At {
                    door: door_beside,
                    effect: beside,
                    call: other.try_into().unwrap(),
                    times,
                };
                match distribute(&[crash, fault]) {
                    Ok(reached) => is_met |= reached,
                    Err(why) => {
                        is_met = true;
                        failed.push(why);
                    }
                }
            }
            if !is_met {
                break;
            }
            crashes += 1;
        }
    }
    assert!(
        failed.is_empty(),
        "{}\n\n{} of {crashes} failed",
        failed.join("\n\n"),
        failed.len()
    );
    assert!(crashes > 8, "{crashes}");
}

#[test]
fn a_crash_at_a_call_of_aws_and_a_fault_at_another_call_leave_one_copy_and_all_as_it_should_be() {
    crash_at_each_call(Door::Aws, 8);
}

#[test]
fn a_crash_at_a_call_of_the_table_and_a_fault_at_another_call_leave_one_copy_and_all_as_it_should_be() {
    crash_at_each_call(Door::Tables, 24);
}

#[test]
fn a_seed_plays_the_same_again() {
    let of = |seed| play(seed, |_| Size::small()).unwrap();
    let first = of(7);
    assert_eq!(first, of(7));
    assert_ne!(first.fingerprint, of(8).fingerprint);
}
