//! Weeks of families to which everything happens that may, from a seed, and what is true of each start and at the end.

use fastrand::Rng;

use super::stage::*;
use crate::building::freeze::frozen_until;
use crate::building::{BuildRequest, Ending, Fate, Line, Look, Reason};
use crate::manifest::ReasonKind;
use crate::{Duration, Timestamp};

const VENDOR: &str = "{ parameter: /vendor/base, owner: amazon }";
/// Seeds that are lived; more by IMAGE_STEWARD_BUILDING_LIVES.
const LIVES: u64 = 4;
const WORST: Duration = Duration::days(6);

fn yard(dice: &mut Rng) -> Yard {
    let triggers = |dice: &mut Rng| {
        let mut parts = vec![String::from("base: 1h"), format!("debounce: {}m", dice.u32(0..90))];
        if dice.bool() {
            parts.push(String::from("cve: { at_least: high }"));
        }
        parts.push(format!("wait_at_most: {}m", 90 + dice.u32(0..120)));
        if dice.bool() {
            let always = dice.bool();
            parts.push(format!(
                "schedule: {{ cron: \"{} {} * * ? *\", timezone: Europe/Berlin, always: {always} }}",
                dice.u32(0..60),
                dice.u32(0..24)
            ));
        }
        if dice.u32(0..3) == 0 {
            parts.push(String::from("max_age: 3d"));
        }
        if dice.u32(0..3) == 0 {
            parts.push(String::from(
                "freeze: [ { from: 2026-10-25, to: 2026-10-26, timezone: Europe/Berlin, except: [manual] } ]",
            ));
        }
        format!("{{ {} }}", parts.join(", "))
    };
    let mut yard = Yard::new(
        "2026-10-23T00:00:00Z",
        [
            ("base", Plot::new("base", VENDOR, &triggers(dice))),
            ("web", Plot::new("web", "{ family: base }", &triggers(dice))),
            ("batch", Plot::new("batch", "{ family: base }", &triggers(dice))),
            ("lone", Plot::new("lone", VENDOR, &triggers(dice))),
        ],
    );
    yard.at_once = dice.usize(1..4);
    yard
}

/// Something that happens to one of them.
fn happens(yard: &mut Yard, dice: &mut Rng) {
    let lines: Vec<Line> = yard.plots.keys().cloned().collect();
    let line = lines[dice.usize(..lines.len())].clone();
    let built = yard.plots[&self::line("base")].builds;
    let now = yard.now;
    let plot = yard.plots.get_mut(&line).unwrap();
    let is_child = ["web", "batch"].contains(&line.family.as_str());
    match dice.u32(0..13) {
        0 | 1 if is_child => plot.of.parent = built.max(1),
        0 | 1 => plot.of.parent = dice.u32(1..6),
        2 | 3 => plot.of.component = dice.u32(1..6),
        4 => (plot.of.recipe, plot.number) = (plot.of.recipe + 1, plot.number + 1),
        5 => plot.requests.push(BuildRequest {
            who: String::from("ann"),
            why: "because".into(),
            at: now,
            architecture: None,
        }),
        6 => plot.ending = Ending::Failed("a component".into()),
        7 => plot.ending = Ending::Passing("capacity".into()),
        8 => plot.ending = Ending::Cancelled,
        12 => {
            plot.found = (0..dice.u32(0..3))
                .map(|n| format!("CVE-2026-{n}").parse().unwrap())
                .collect();
        }
        9 if plot.running.is_empty() => {
            plot.start(line.family.as_str(), now);
        }
        10 => {
            plot.obstacle = Some(match dice.u32(0..3) {
                0 => Look::NoPipeline,
                1 => Look::Disabled(Some(3)),
                _ => Look::Unreadable("throttled".into()),
            });
        }
        _ => (plot.obstacle, plot.ending) = (None, Ending::Made),
    }
}

/// What is true of every start.
fn judge(yard: &Yard, running: &[(Line, bool)], before: &[(Line, Option<String>)], seed: u64) {
    let now = yard.now;
    let new: Vec<_> = yard.started.iter().filter(|started| started.at == now).collect();
    let were = running.iter().filter(|(_, runs)| *runs).count();
    assert!(
        new.is_empty() || were + new.len() <= yard.at_once,
        "seed {seed} {now}: {were} run, {} more are started, {} may",
        new.len(),
        yard.at_once
    );
    for started in new {
        let told = || format!("seed {seed}: {started:#?}");
        let plot = &yard.plots[&started.line];
        assert!(!started.reasons.is_empty(), "{}", told());
        assert!(
            !running.iter().any(|(line, runs)| *line == started.line && *runs),
            "{}",
            told()
        );
        let freezes = &plot.manifest.triggers.freeze;
        let may = |reason: &Reason| frozen_until(freezes, reason.kind(), now).is_none();
        assert!(started.reasons.iter().any(may), "{}", told());
        assert_eq!(plot.obstacle, None, "{}", told());
        let newest = before
            .iter()
            .find(|(line, _)| *line == started.line)
            .and_then(|(_, newest)| newest.clone());
        let always = plot
            .manifest
            .triggers
            .schedule
            .as_ref()
            .is_some_and(|schedule| schedule.always);
        let anew = started.reasons.iter().any(|reason| match reason {
            Reason::Manual { at, .. } => plot.requests.iter().any(|request| request.at == *at),
            Reason::Cve { found, .. } => *found == plot.found && plot.manifest.triggers.cve.is_some(),
            Reason::Age { .. } | Reason::First => true,
            Reason::Schedule { .. } => always,
            Reason::Parent { .. } | Reason::Base { .. } | Reason::Change { .. } => false,
        });
        assert!(anew || newest != Some(started.fingerprint.clone()), "{}", told());
    }
}

fn live(seed: u64) {
    let mut dice = Rng::with_seed(seed);
    let mut yard = yard(&mut dice);
    let bad_until = yard.now.saturating_add(WORST);
    let mut acts = 0;
    while yard.now < bad_until {
        if dice.u32(0..40) == 0 {
            happens(&mut yard, &mut dice);
            acts += 1;
        }
        step(&mut yard, seed);
    }
    for plot in yard.plots.values_mut() {
        (plot.obstacle, plot.ending) = (None, Ending::Made);
        // What failed is changed: else it stays as it is.
        (plot.of.recipe, plot.number) = (plot.of.recipe + 1, plot.number + 1);
    }
    let good_until = yard.now.saturating_add(Duration::days(2));
    while yard.now < good_until {
        step(&mut yard, seed);
    }
    let clock = |yard: &Yard| {
        yard.started
            .iter()
            .filter(|started| {
                started
                    .reasons
                    .iter()
                    .all(|reason| reason.kind() == ReasonKind::Schedule)
            })
            .count()
    };
    // Each act asks for a build of one line at most, each failure for three more.
    let most = 4 * (acts + 8) + clock(&yard);
    assert!(
        yard.started.len() <= most,
        "seed {seed}: {} starts of {acts} acts",
        yard.started.len()
    );
    for (line, plot) in &yard.plots {
        let newest = plot.newest.as_ref().and_then(|newest| newest.of.fingerprint.clone());
        let would = plot.inputs(plot.of).fingerprint();
        assert_eq!(
            newest, would,
            "seed {seed}: {line:?} is {:?} {:#?}",
            yard.fates[line], plot.state
        );
        assert!(plot.state.pending.is_empty() || matches!(yard.fates[line], Fate::Building | Fate::Waits { .. }));
    }
}

fn step(yard: &mut Yard, seed: u64) {
    yard.now = yard.now.saturating_add(SWEEP);
    let now: Timestamp = yard.now;
    let lines = yard.plots.iter();
    let runs = |plot: &Plot| {
        plot.running
            .iter()
            .any(|running| running.created.saturating_add(BUILD) > now)
    };
    let running: Vec<(Line, bool)> = lines.map(|(line, plot)| (line.clone(), runs(plot))).collect();
    for plot in yard.plots.values_mut() {
        plot.end(now);
    }
    let newest = |plot: &Plot| plot.newest.as_ref().and_then(|newest| newest.of.fingerprint.clone());
    let before: Vec<(Line, Option<String>)> = yard
        .plots
        .iter()
        .map(|(line, plot)| (line.clone(), newest(plot)))
        .collect();
    yard.sweep();
    judge(yard, &running, &before, seed);
}

#[test]
fn whatever_happens_each_start_has_its_reason_and_in_the_end_all_is_built() {
    let lives = std::env::var("IMAGE_STEWARD_BUILDING_LIVES").map_or(LIVES, |lives| lives.parse().unwrap());
    for seed in 0..lives {
        live(seed);
    }
}
