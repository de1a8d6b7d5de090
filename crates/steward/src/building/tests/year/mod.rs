//! A year of a base, what is built on it, and what is built on that, to which everything happens that may.

mod happens;
mod judge;
mod world;

use self::world::World;

/// So many days, over the hour that comes twice; all of a year by IMAGE_STEWARD_BUILDING_DAYS.
const DAYS: u32 = 2;
/// So many families; 75 by IMAGE_STEWARD_BUILDING_FAMILIES.
const FAMILIES: u32 = 12;
/// Nothing happens for so many days, and then all is built.
const REST: u32 = 2;
const LOOKS_A_DAY: u32 = 288;

fn asked(variable: &str, usual: u32) -> u32 {
    std::env::var(variable).map_or(usual, |text| text.parse().unwrap())
}

#[test]
fn over_a_year_each_build_has_its_cause_and_what_has_cause_is_built_in_time_and_then_there_is_rest() {
    let days = asked("IMAGE_STEWARD_BUILDING_DAYS", DAYS);
    let families = asked("IMAGE_STEWARD_BUILDING_FAMILIES", FAMILIES);
    let first = u64::from(asked("IMAGE_STEWARD_BUILDING_SEED", 0));
    let begins = if days > 180 {
        "2026-03-01T00:00:00Z"
    } else {
        "2026-10-24T00:00:00Z"
    };
    for seed in first..first + u64::from(asked("IMAGE_STEWARD_BUILDING_YEARS", 1)) {
        let mut world = World::new(begins, families, seed);
        for _ in 0..LOOKS_A_DAY * days {
            world.step(true);
        }
        world.repair();
        for _ in 0..LOOKS_A_DAY * REST {
            world.step(false);
        }
        world.assert_all_is_built();
        let before = world.count();
        for _ in 0..LOOKS_A_DAY {
            world.step(false);
        }
        world.assert_only_the_clock_builds(before);
        world.report();
    }
}
