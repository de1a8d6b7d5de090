//! What a manifest would do, day by day, by hand.

use fastrand::Rng;

use super::super::*;
use super::random::family_of;
use super::stage::*;
use crate::Architecture;
use crate::manifest::Wait;
use crate::testing::assert_blessed;

const QUICK: &str =
    "releases: 2, for: 10d, ladder: { deprecate: 0d, disable: 1d, delete: 2d }, limits: { share: 100% }";

/// Three releases a week apart, the newest of today.
fn weekly() -> World {
    family_with(QUICK).has(1, 86).has(2, 93).has(3, 100)
}

fn series(simulation: &Simulation, of: impl Fn(&SimulatedDay) -> usize) -> Vec<usize> {
    simulation.days.iter().map(of).collect()
}

#[test]
fn a_family_is_played_forward_with_a_new_release_every_week() {
    let simulation = simulate(&weekly().facts, 10, day(100));
    assert_eq!(simulation.seconds_apart, Some(7 * 86_400));
    assert_eq!((simulation.days[0].at, simulation.days[10].at), (day(100), day(110)));
    // Disabled a day after it was deprecated; announced the next day, as it is on its rung for a moment then; gone a day later.
    assert_eq!(series(&simulation, |day| day.images), [3, 3, 3, 2, 2, 2, 2, 3, 3, 3, 2]);
    assert_eq!(
        series(&simulation, |day| day.deprecated),
        [1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]
    );
    assert_eq!(
        series(&simulation, |day| day.disabled),
        [0, 1, 1, 0, 0, 0, 0, 0, 1, 1, 0]
    );
    assert_eq!(
        series(&simulation, |day| day.available),
        [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
    );
    assert_eq!(series(&simulation, |day| day.made), [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
    assert_eq!(series(&simulation, |day| day.gone), [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2]);
    assert_eq!(simulation.days.iter().map(|day| day.gib).max(), Some(24));
    assert!(simulation.days.iter().all(|day| !day.waits_for_a_person));
}

#[test]
fn what_is_on_a_channel_or_used_stays_for_as_long_as_it_is_looked() {
    let kept = weekly().with(1, on_stable);
    let simulation = simulate(&kept.facts, 30, day(100));
    let last = simulation.days.last().unwrap();
    // The two newest, the one on the channel, and of those before the one that is on its way.
    assert_eq!((last.images, last.disabled, last.made), (4, 1, 4));
    // Without it nothing is left but the two and the one.
    let others = simulate(&weekly().facts, 30, day(100));
    assert_eq!(others.days.last().unwrap().images, 3);
}

#[test]
fn of_releases_that_are_too_few_none_is_added_and_of_those_that_are_late_the_next_comes_after_one_interval() {
    let one = simulate(&family_with(QUICK).has(1, 50).facts, 60, day(100));
    assert_eq!((one.seconds_apart, one.days.last().unwrap().made), (None, 0));
    let late = simulate(&family_with(QUICK).has(1, 50).has(2, 60).facts, 30, day(100));
    assert_eq!(series(&late, |day| day.made)[9..12], [0, 1, 1]);
    assert_eq!(late.days.last().unwrap().made, 3);
}

#[test]
fn more_than_share_lets_waits_for_a_person_all_the_while() {
    let policy = QUICK.replace("share: 100%", "share: 10%");
    let world = family_with(&policy).has(1, 50).has(2, 51).has(3, 100).has(4, 100);
    let simulation = simulate(&world.facts, 5, day(100));
    assert!(simulation.days.iter().all(|day| day.waits_for_a_person));
    assert_eq!(simulation.days.last().unwrap().deprecated, 0);
    assert!(
        simulation
            .text()
            .contains("From 2026-05-13 on more would become expendable than `share` allows")
    );
}

#[test]
fn a_run_s_limit_holds_up_no_day_as_there_are_many_runs_in_one() {
    let policy = QUICK.replace("share: 100%", "share: 100%, per_run: 1");
    let world = family_with(&policy).has_each_day(1..=9);
    assert_eq!(simulate(&world.facts, 0, day(100)).days[0].deprecated, 7);
}

#[test]
fn nothing_of_what_is_wrong_now_is_played_on() {
    let mut world = weekly();
    let expected = simulate(&world.facts, 10, day(100));
    world.facts.switch = Switch::Paused("an incident".into());
    world.facts.evidence.clear();
    assert_eq!(simulate(&world.facts, 10, day(100)), expected);
    // Reports are asked for, and tell nothing: it takes a week on the last rung.
    world.facts.shared = Shared::WithoutRoles;
    let shared = simulate(&world.facts, 10, day(100));
    assert_eq!(series(&shared, |day| day.gone), [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1]);
}

#[test]
fn it_is_shown_as_a_plot_and_a_table() {
    let simulation = simulate(&weekly().facts, 90, day(100));
    assert_blessed([simulation.text()], "src/pruning/tests/report/simulated.txt");
    let none = simulate(&family().facts, 0, day(100));
    assert!(none.text().contains("too few to tell"));
}

#[test]
fn where_there_are_more_days_than_rows_or_columns_none_of_their_peaks_is_left_out() {
    for days in [0, 29, 30, 80, 180] {
        let simulation = simulate(&weekly().facts, days, day(100));
        let most = simulation.days.iter().map(|day| day.gib).max().unwrap();
        let table = simulation.table();
        let shown = |column: usize| {
            let rows = table.lines().skip(1);
            let cells = rows.map(move |row| row.split_whitespace().nth(column).unwrap().to_owned());
            cells.collect::<Vec<String>>()
        };
        let gib = shown(8).iter().map(|gib| gib.parse::<u64>().unwrap()).max();
        assert_eq!(gib, Some(most), "{days}");
        // The last day is in the last row.
        let gone = simulation.days.last().unwrap().gone.to_string();
        assert_eq!(shown(7).last(), Some(&gone), "{days}");
        let labels = shown(0);
        assert!(
            labels.len() <= 30 && labels.last().unwrap().ends_with(&days.to_string()),
            "{labels:?}"
        );
        let fullest = simulation.days.iter().map(|day| day.images).max().unwrap();
        assert!(simulation.plot().contains(&format!("{fullest:>7} |")), "{days}");
    }
    // Each week one more is there for three days: of eleven days at least one has it.
    let plot = simulate(&weekly().facts, 720, day(100)).plot();
    let (_, top) = plot.lines().next().unwrap().split_once('|').unwrap();
    assert!(top.len() > 60 && !top.contains(' '), "{plot}");
}

#[test]
fn of_images_that_were_all_adopted_no_build_is_to_come() {
    let adopted = |n: u32| Place::Adopted {
        line: Line {
            architecture: Architecture::X86_64,
            group: Vec::new(),
        },
        ami: ami(n, 0),
        region: at(HOME).region(),
    };
    let mut world = family().has_each_day(1..=3);
    for n in 1..=3 {
        world.of(n).place = adopted(n);
    }
    let simulation = simulate(&world.facts, 5, day(100));
    assert!(simulation.text().contains("Adopted images have no build to come"));
}

/// Three releases of which the first was launched lately, long after it would have gone.
fn launched() -> World {
    let policy = QUICK.replace("releases: 2", "releases: 1");
    let world = family_with(&policy).has(1, 10).has(2, 20).has(3, 30);
    world.image(1, |image| image.launched = LastLaunch::At(day(95)))
}

#[test]
fn what_would_have_gone_and_was_launched_afterwards_is_missed() {
    let world = launched();
    let looked = look_back(&world.facts, 90, day(100));
    assert_eq!((looked.images, looked.deleted, looked.from), (3, 2, day(10)));
    let missed: Vec<_> = looked
        .missed
        .iter()
        .map(|it| (it.image, it.deleted, it.launched))
        .collect();
    // Spent when the second came, on the twentieth day; on the ladder for two, and told a day ahead.
    assert_eq!(missed, [(ami(1, 0), day(23), day(95))]);
    assert!(
        looked
            .text()
            .contains("2 of the 3 images of web would be gone, and 1 of them was launched since 2026-02-12")
    );
    // Its use began with that launch.
    let used = world.image(1, |image| {
        image.uses.push(Use {
            seen_in: at(HOME),
            by: UsedBy::Said("asg/web".into()),
        });
    });
    assert_eq!(look_back(&used.facts, 90, day(100)), looked);
}

#[test]
fn nothing_is_missed_that_stays_by_the_manifest_or_was_launched_before() {
    let missed = |world: &World, days: u32| look_back(&world.facts, days, day(100)).missed.len();
    assert_eq!(missed(&launched(), 90), 1);
    assert_eq!(missed(&launched().with(1, on_stable), 90), 0);
    let mut never = launched();
    never.facts.retain.as_mut().unwrap().ladder.delete = Wait::Never;
    assert_eq!(missed(&never, 90), 0);
    never.facts.retain = None;
    assert_eq!(missed(&never, 90), 0);
    let before = launched().image(1, |image| image.launched = LastLaunch::At(day(22)));
    assert_eq!(missed(&before, 90), 0);
    // A launch before the days that are asked about is none of them.
    assert_eq!(missed(&launched(), 6), 1);
    assert_eq!(missed(&launched(), 4), 0);
    let undated = launched().with(1, |release| release.built = BuildTime::Absent);
    assert_eq!(missed(&undated, 90), 0);
}

#[test]
fn a_copy_that_was_made_later_is_there_from_then_on() {
    let world = launched().copied(1, AWAY).with(1, |release| {
        release.placements[1].created = BuildTime::At(day(22));
        release.placements[1].launched = LastLaunch::At(day(90));
    });
    let looked = look_back(&world.facts, 90, day(100));
    // It starts at the top when its release is on the ladder already, and goes as far as that.
    assert_eq!(looked.missed.len(), 2);
    assert!(looked.missed[1].deleted > day(23));
}

#[test]
fn whatever_the_facts_are_it_is_played_to_its_end() {
    for seed in 0..200 {
        let world = family_of(seed);
        let days = Rng::with_seed(seed).u32(0..60);
        let simulation = simulate(&world.facts, days, world.now);
        assert_eq!(simulation.days.len(), usize::try_from(days + 1).unwrap());
        let all = simulation.days.iter();
        assert!(
            all.clone()
                .all(|day| day.images >= day.available + day.deprecated + day.disabled)
        );
        assert!(!simulation.text().is_empty());
        let looked = look_back(&world.facts, days, world.now);
        assert!(looked.missed.len() <= looked.deleted && looked.deleted <= looked.images);
        assert!(!looked.text().is_empty());
    }
    let ends = "9999-12-30T20:00:00Z".parse().unwrap();
    assert!(!simulate(&weekly().facts, 30, ends).days.is_empty());
    let start = crate::Timestamp::from_millisecond(0).unwrap();
    assert_eq!(look_back(&weekly().facts, u32::MAX, start).deleted, 0);
    assert_eq!(simulate(&family().facts, u32::MAX, day(100)).days.len(), 731);
}
