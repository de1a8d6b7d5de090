//! Families, what runs of theirs, and whatever goes wrong between what decides and what builds.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;

use super::super::stage::*;
use super::judge::Judge;
use crate::building::{Attempt, BuildsFacts, Built, Ending, Fate, Line, LinePlan, MadeOf, Reason, decide_builds};
use crate::{Architecture, BuildVersion, Duration, ImageBuildArn, Timestamp};

/// A release is on its parent's channel once it is so old.
const SOAK: Duration = Duration::hours(3);

/// A build that ran.
#[derive(Clone, Debug)]
pub(super) struct Ran {
    pub(super) at: Timestamp,
    pub(super) number: u32,
    pub(super) of: Made,
    pub(super) fingerprint: String,
    /// None: another hand started it.
    pub(super) reasons: Option<Vec<Reason>>,
    pub(super) ended: Option<(Timestamp, Ending)>,
}

/// What is mended again.
#[derive(Clone, Debug)]
pub(super) enum Repair {
    Obstacle,
    Ending,
    /// What was built on such a release failed: a person moves the channel back.
    Bad(u32),
}

pub(super) struct World {
    pub(super) yard: Yard,
    pub(super) dice: Rng,
    pub(super) seed: u64,
    /// What each line is built on; none: it is the vendor's.
    pub(super) parents: BTreeMap<Line, Line>,
    /// What ran, line by line, in order.
    pub(super) ran: BTreeMap<Line, Vec<Ran>>,
    /// Releases on which nothing can be built.
    pub(super) bad: BTreeSet<(Line, u32)>,
    pub(super) repairs: Vec<(Timestamp, Line, Repair)>,
    pub(super) happened: u32,
    /// Nobody looks until then.
    pub(super) blind_until: Option<Timestamp>,
    tokens: BTreeMap<(Line, String, u32), ImageBuildArn>,
    judge: Judge,
    lost: u32,
}

impl World {
    pub(super) fn new(begins: &str, families: u32, seed: u64) -> Self {
        let mut dice = Rng::with_seed(seed);
        let (mut plots, mut parents) = (BTreeMap::new(), BTreeMap::new());
        let middles = (families / 12).max(2);
        for n in 0..families {
            let (name, parent) = match n {
                0 => (String::from("base"), None),
                n if n <= middles => (format!("mid{n}"), Some((String::from("base"), true))),
                n => {
                    let middle = dice.u32(0..=middles);
                    let of = if middle == 0 {
                        String::from("base")
                    } else {
                        format!("mid{middle}")
                    };
                    (format!("web{n:02}"), Some((of, middle.is_multiple_of(2))))
                }
            };
            let has_two = match &parent {
                None => true,
                // A middle layer of an even number has both architectures, as the base has.
                Some(_) if n <= middles => n % 2 == 0,
                Some((_, may)) => *may && dice.u32(0..3) == 0,
            };
            let from = parent.as_ref().map_or_else(
                || String::from("{ parameter: /vendor/base, owner: amazon }"),
                |(of, _)| format!("{{ family: {of} }}"),
            );
            let triggers = triggers(&mut dice, parent.is_none());
            for architecture in [Architecture::X86_64, Architecture::Arm64]
                .into_iter()
                .take(1 + usize::from(has_two))
            {
                let on = |family: &str| Line {
                    family: family.parse().unwrap(),
                    architecture,
                };
                let mut plot = Plot::new(&name, &from, &triggers);
                plot.is_arm = architecture == Architecture::Arm64;
                if let Some((of, _)) = &parent {
                    parents.insert(on(&name), on(of));
                    plot.of.parent = 0;
                }
                plots.insert(on(&name), plot);
            }
        }
        let yard = Yard {
            plots,
            at_once: 5,
            now: at(begins),
            started: Vec::new(),
            fates: BTreeMap::new(),
        };
        Self {
            yard,
            dice,
            seed,
            parents,
            ran: BTreeMap::new(),
            bad: BTreeSet::new(),
            repairs: Vec::new(),
            happened: 0,
            blind_until: None,
            tokens: BTreeMap::new(),
            judge: Judge::default(),
            lost: 0,
        }
    }

    /// Five minutes.
    pub(super) fn step(&mut self, is_bad_time: bool) {
        self.yard.now = self.yard.now.saturating_add(SWEEP);
        self.end();
        self.move_channels();
        self.mend();
        if is_bad_time && self.dice.usize(0..600) < self.yard.plots.len() {
            self.happens();
        }
        if self.blind_until.is_some_and(|until| until > self.yard.now) {
            self.lost += 1;
            return;
        }
        self.blind_until = None;
        self.sweep(is_bad_time);
    }

    fn end(&mut self) {
        let now = self.yard.now;
        for (line, plot) in &mut self.yard.plots {
            let over = |running: &Running| running.created.saturating_add(BUILD) <= now;
            let (over, running): (Vec<_>, Vec<_>) = plot.running.drain(..).partition(over);
            plot.running = running;
            for Running { build, created, of } in over {
                let is_bad = self
                    .parents
                    .get(line)
                    .is_some_and(|parent| self.bad.contains(&(parent.clone(), of.parent)));
                let ending = if is_bad {
                    Ending::Failed("the base is broken".into())
                } else {
                    plot.ending.clone()
                };
                let ran = self.ran.get_mut(line).unwrap();
                let ran = ran.iter_mut().rfind(|ran| ran.at == created).unwrap();
                ran.ended = Some((now, ending.clone()));
                if ending == Ending::Made {
                    plot.newest = Some(made(plot, build.clone(), ran));
                    if self.dice.u32(0..4) > 0 {
                        plot.found.clear();
                    }
                }
                plot.ended.insert(build, ending);
            }
            plot.requests
                .retain(|request| request.at.saturating_add(Duration::hours(30)) > now);
        }
    }

    /// A channel moves forward by itself to what has soaked.
    fn move_channels(&mut self) {
        let now = self.yard.now;
        let soaked: BTreeMap<Line, u32> = self
            .ran
            .iter()
            .filter_map(|(line, ran)| {
                let good = |ran: &&Ran| {
                    let is_old = |at: &Timestamp| at.saturating_add(SOAK) == now;
                    matches!(&ran.ended, Some((at, Ending::Made)) if is_old(at))
                        && !self.bad.contains(&(line.clone(), ran.number))
                };
                Some((line.clone(), ran.iter().rev().take(9).find(good)?.number))
            })
            .collect();
        for (line, number) in soaked {
            self.move_channel(&line, number);
        }
    }

    pub(super) fn move_channel(&mut self, parent: &Line, to: u32) {
        for (child, of) in &self.parents {
            if of == parent {
                self.yard.plots.get_mut(child).unwrap().of.parent = to;
            }
        }
    }

    fn mend(&mut self) {
        let now = self.yard.now;
        let (due, later): (Vec<_>, Vec<_>) = self.repairs.drain(..).partition(|(at, ..)| *at <= now);
        self.repairs = later;
        for (_, line, repair) in due {
            let plot = self.yard.plots.get_mut(&line).unwrap();
            match repair {
                Repair::Obstacle => plot.obstacle = None,
                Repair::Ending => plot.ending = Ending::Made,
                Repair::Bad(number) => {
                    let good = self.ran[&line]
                        .iter()
                        .filter(|ran| matches!(ran.ended, Some((_, Ending::Made))));
                    let good = good.map(|ran| ran.number);
                    if let Some(before) = good.filter(|before| *before < number).max() {
                        self.move_channel(&line, before);
                    } else {
                        self.bad.remove(&(line, number));
                    }
                }
            }
        }
    }

    /// People mend everything, and change what failed.
    pub(super) fn repair(&mut self) {
        for plot in self.yard.plots.values_mut() {
            (plot.obstacle, plot.ending) = (None, Ending::Made);
            (plot.of.recipe, plot.number) = (plot.of.recipe + 1, plot.number + 1);
        }
        self.bad.clear();
        self.repairs.clear();
        self.blind_until = None;
    }

    fn decide(&self, read: &dyn Fn(&Line) -> bool) -> BTreeMap<Line, LinePlan> {
        let lines = self.yard.plots.iter();
        let facts = BuildsFacts {
            lines: lines
                .map(|(line, plot)| (line.clone(), plot.facts(read(line))))
                .collect(),
            at_once: self.yard.at_once,
            now: self.yard.now,
        };
        decide_builds(&facts).lines
    }

    fn sweep(&mut self, is_bad_time: bool) {
        let first = self.decide(&|_| false);
        let read = |line: &Line| first.get(line).is_some_and(|plan| plan.fate == Fate::ToBeRead);
        let decided = self.decide(&read);
        // Who carries it out may die on the way.
        let dies = is_bad_time && self.dice.u32(0..300) == 0;
        let lives = if dies {
            self.dice.usize(0..decided.len())
        } else {
            decided.len()
        };
        let mut judge = std::mem::take(&mut self.judge);
        judge.before(self);
        let mut really = Vec::new();
        for (line, LinePlan { fate, mut state }) in decided.into_iter().take(lives) {
            assert_ne!(fate, Fate::ToBeRead, "{line} was read");
            if fate == Fate::Starts {
                let attempt = state.attempt.as_mut().unwrap();
                // What is asked may not arrive, and the answer may not either.
                let luck = if is_bad_time { self.dice.u32(0..60) } else { 9 };
                if luck != 0 {
                    let token = (line.clone(), attempt.fingerprint.clone(), attempt.number);
                    let known = self.tokens.get(&token).cloned();
                    let build = known.unwrap_or_else(|| {
                        really.push((line.clone(), attempt.clone()));
                        self.start(&line, Some(attempt))
                    });
                    self.tokens.insert(token, build.clone());
                    attempt.build = Some(build).filter(|_| luck != 1);
                }
            }
            self.yard.plots.get_mut(&line).unwrap().state = state;
            self.yard.fates.insert(line, fate);
        }
        judge.after(self, &really, dies);
        self.judge = judge;
    }

    pub(super) fn start(&mut self, line: &Line, attempt: Option<&Attempt>) -> ImageBuildArn {
        let now = self.yard.now;
        let plot = self.yard.plots.get_mut(line).unwrap();
        let name = if plot.is_arm {
            format!("{}-arm64", line.family)
        } else {
            line.family.to_string()
        };
        let build = plot.start(&name, now);
        let ran = Ran {
            at: now,
            number: plot.builds,
            of: plot.of,
            // What it foresaw is never started twice in a row, whatever became of it.
            fingerprint: attempt.map_or_else(
                || plot.inputs(plot.of).fingerprint().unwrap(),
                |attempt| attempt.fingerprint.clone(),
            ),
            reasons: attempt.map(|attempt| attempt.reasons.clone()),
            ended: None,
        };
        self.ran.entry(line.clone()).or_default().push(ran);
        build
    }

    pub(super) fn count(&self) -> usize {
        self.ran.values().map(Vec::len).sum()
    }

    pub(super) fn assert_all_is_built(&self) {
        for (line, plot) in &self.yard.plots {
            let newest = plot.newest.as_ref().and_then(|newest| newest.of.fingerprint.clone());
            let is_busy = matches!(
                self.yard.fates[line],
                Fate::Building | Fate::Starts | Fate::Waits { .. }
            );
            assert!(
                is_busy || newest == plot.inputs(plot.of).fingerprint(),
                "seed {}: {line} {:?} {:#?}",
                self.seed,
                self.yard.fates[line],
                plot.state
            );
        }
    }

    pub(super) fn assert_only_the_clock_builds(&self, before: usize) {
        let since = self.yard.now.checked_sub(Duration::days(1)).unwrap();
        let late = self
            .ran
            .iter()
            .flat_map(|(line, ran)| ran.iter().map(move |ran| (line, ran)));
        let by_clock = |reasons: &Vec<Reason>| {
            let is_clock = |reason: &Reason| {
                matches!(
                    reason,
                    Reason::Schedule { .. } | Reason::Age { .. } | Reason::Parent { .. }
                )
            };
            reasons.iter().all(is_clock)
        };
        for (line, ran) in late.filter(|(_, ran)| ran.at > since) {
            assert!(
                ran.reasons.as_ref().is_some_and(by_clock),
                "seed {}: {line} {ran:#?}",
                self.seed
            );
        }
        assert!(self.count() - before <= 3 * self.yard.plots.len(), "seed {}", self.seed);
    }

    /// Who asks for a year wants to know what happened in it.
    pub(super) fn report(&self) {
        let ran = || self.ran.values().flatten();
        let failed = ran().filter(|ran| matches!(ran.ended, Some((_, ref how)) if *how != Ending::Made));
        let others = ran().filter(|ran| ran.reasons.is_none());
        eprintln!(
            "seed {}: {} lines, {} things happened, {} builds of which {} made nothing and {} were of other hands, {} sweeps lost; {}",
            self.seed,
            self.yard.plots.len(),
            self.happened,
            self.count(),
            failed.count(),
            others.count(),
            self.lost,
            self.judge.told(),
        );
    }
}

fn made(plot: &Plot, build: ImageBuildArn, ran: &Ran) -> Built {
    let inputs = plot.inputs(ran.of);
    Built {
        build,
        number: BuildVersion::new(format!("1.0.{}", ran.number).parse().unwrap(), "1".parse().unwrap()),
        created: Some(ran.at),
        of: MadeOf {
            parent: Some(inputs.parent_is.clone()),
            recipe: Some(inputs.recipe.clone()),
            components: inputs.components.clone(),
            fingerprint: inputs.fingerprint(),
        },
    }
}

fn triggers(dice: &mut Rng, is_base: bool) -> String {
    let mut parts = vec![
        format!("debounce: {}m", dice.u32(0..90)),
        format!("wait_at_most: {}m", 90 + dice.u32(0..120)),
    ];
    if is_base {
        parts.push(String::from("base: 3h"));
    }
    if dice.bool() {
        parts.push(String::from("cve: { at_least: high }"));
    }
    if dice.bool() {
        let day = if dice.bool() { "? * SUN *" } else { "? * WED *" };
        let (always, hour) = (dice.bool(), dice.u32(0..4));
        parts.push(format!(
            "schedule: {{ cron: \"30 {hour} {day}\", timezone: Europe/Berlin, always: {always} }}"
        ));
    }
    if dice.u32(0..4) == 0 {
        parts.push(String::from("max_age: 9d"));
    }
    if dice.u32(0..6) == 0 {
        parts.push(String::from(
            "freeze: [ { from: 2026-10-25, to: 2026-10-25, timezone: Europe/Berlin, except: [manual] }, \
             { from: 2026-12-20, to: 2027-01-04, timezone: Europe/Berlin, except: [cve, manual] } ]",
        ));
    }
    format!("{{ {} }}", parts.join(", "))
}
