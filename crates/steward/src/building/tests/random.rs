//! Families that live in leaps: from one look to the next it is minutes, or just as long as something lasts. A seed makes the same
//! ones again.

use std::collections::BTreeMap;
use std::sync::Mutex;

use fastrand::Rng;

use super::stage::*;
use crate::building::{
    BuildPlan, BuildRequest, BuildsFacts, Built, Ending, Fate, Line, LineFacts, Look, decide_builds,
};
use crate::manifest::{Manifest, Parent};
use crate::{Architecture, Duration, Timestamp};

/// Each family, and those that it may be built on; the first is the vendor's.
const FAMILIES: [(&str, &[&str]); 8] = [
    ("api", &["base", "mid"]),
    ("app", &["base"]),
    ("base", &[""]),
    ("job", &["base", "mid"]),
    ("leaf", &["web"]),
    ("lone", &[""]),
    ("mid", &["base"]),
    ("web", &["base", "", "mid"]),
];
/// So many kinds of triggers there are.
const TRIGGERS: u32 = 400;

/// Families, and what is unlikely of them.
pub(super) struct Life {
    yard: Yard,
    dice: Rng,
    /// The newest releases before the last builds ended.
    before: BTreeMap<Line, Option<Built>>,
    /// A release of a parent fails all who are built on it.
    bad: Option<u32>,
    /// How nearly all builds end.
    usual: Ending,
}

/// What was decided from what.
pub(super) type See<'a> = &'a mut dyn FnMut(&BuildsFacts<'_>, &BuildPlan);

/// Reading a manifest takes longer than all the rest.
fn read_once(family: &str, parent: &str, triggers: &str) -> Manifest {
    static READ: Mutex<BTreeMap<String, Manifest>> = Mutex::new(BTreeMap::new());
    let mut read = READ.lock().unwrap();
    let known = read.entry(format!("{family}{parent}{triggers}"));
    let known = known.or_insert_with(|| Plot::new(family, parent, triggers).manifest);
    known.clone()
}

fn triggers(kind: u32) -> String {
    let dice = &mut Rng::with_seed(u64::from(kind));
    let zone = dice.choice(["UTC", "Europe/Berlin"]).unwrap();
    let mut parts = vec![format!(
        "debounce: {}",
        dice.choice(["0m", "0m", "5m", "15m", "1h"]).unwrap()
    )];
    if dice.bool() {
        parts.push(format!("wait_at_most: {}", dice.choice(["1h", "2h", "6h"]).unwrap()));
    }
    if dice.u32(0..3) > 0 {
        parts.push(format!("base: {}", dice.choice(["5m", "1h", "6h"]).unwrap()));
    }
    if dice.bool() {
        parts.push(String::from("cve: { at_least: high }"));
    }
    for trigger in ["parent", "change"] {
        parts.push(format!("{trigger}: {}", dice.u32(0..6) > 0));
    }
    if dice.u32(0..3) == 0 {
        parts.push(format!("max_age: {}", dice.choice(["1d", "3d", "30d"]).unwrap()));
    }
    if dice.bool() {
        let (minute, hour) = (dice.choice([0, 30]).unwrap(), dice.u8(0..24));
        let day = dice.choice(["? * MON", "* * ?", "* * ?"]).unwrap();
        let cron = format!("{minute} {hour} {day} *");
        let always = dice.bool();
        parts.push(format!(
            "schedule: {{ cron: \"{cron}\", timezone: {zone}, always: {always} }}"
        ));
    }
    if dice.bool() {
        let first = dice.u32(20..28);
        let last = first + dice.choice([1, 3]).unwrap();
        let except = ["manual", "cve", "cve, manual", "", "parent, change"];
        let except = dice.choice(except).unwrap();
        let window = format!("{{ from: 2026-10-{first}, to: 2026-10-{last}, timezone: {zone}, except: [{except}] }}");
        let next = format!("{{ from: 2026-10-{}, to: 2026-10-{} }}", first + 2, first + 3);
        let windows = if dice.u32(0..3) == 0 {
            [window, next].join(", ")
        } else {
            window
        };
        parts.push(format!("freeze: [ {windows} ]"));
    }
    parts.push(format!("cancel_superseded: {}", dice.bool()));
    format!("{{ {} }}", parts.join(", "))
}

impl Life {
    pub(super) fn new(seed: u64) -> Self {
        let mut dice = Rng::with_seed(seed);
        let begins = at("2026-10-18T00:00:00Z").saturating_add(Duration::hours(dice.u16(0..300)));
        let mut yard = Yard::new("2026-10-18T00:00:00Z", []);
        yard.now = begins;
        yard.at_once = dice.choice([1, 2, 3, 5, 5]).unwrap();
        let bad = (dice.u32(0..3) == 0).then_some(2);
        let likely = if bad.is_some() { 6 } else { dice.u32(2..6) };
        let has_arm = dice.u32(0..3) == 0;
        for (family, parents) in FAMILIES {
            if dice.u32(0..6) > likely {
                continue;
            }
            let parents = if bad.is_some() { &parents[..1] } else { parents };
            let parent = match dice.choice(parents.iter().copied()).unwrap() {
                "" => VENDOR.to_owned(),
                parent => format!("{{ family: {parent} }}"),
            };
            let mut manifest = read_once(family, &parent, "{}");
            manifest.triggers = read_once("web", VENDOR, &triggers(dice.u32(0..TRIGGERS))).triggers;
            let (is_built, age) = (dice.u32(0..4) > 0, Duration::hours(dice.u16(1..900)));
            for architecture in [Architecture::X86_64, Architecture::Arm64] {
                let is_arm = architecture == Architecture::Arm64;
                if is_arm && !has_arm {
                    continue;
                }
                let mut plot = Plot::of(manifest.clone());
                plot.is_arm = is_arm;
                if is_built {
                    let created = begins.checked_sub(age).unwrap();
                    plot.start(&called(family, is_arm), created);
                    plot.end(begins);
                }
                let family = family.parse().unwrap();
                yard.plots.insert(Line { family, architecture }, plot);
            }
        }
        let usual = match dice.u32(0..6) {
            0 => failed(),
            1 => passing(),
            _ => Ending::Made,
        };
        for plot in yard.plots.values_mut() {
            plot.ending = usual.clone();
        }
        Self {
            yard,
            dice,
            before: BTreeMap::new(),
            bad,
            usual,
        }
    }

    fn rarely(&mut self) -> bool {
        self.dice.u32(0..30) == 0
    }

    /// Time passes, something happens, and it is decided: what is to be read is read, and then it is decided again.
    pub(super) fn step(&mut self, see: See<'_>) {
        self.leap();
        let now = self.yard.now;
        for (line, plot) in &mut self.yard.plots {
            self.before.insert(line.clone(), plot.newest.clone());
            let usual = plot.ending.clone();
            let is_bad = |running: &Running| self.bad == Some(running.of.parent);
            if plot.running.iter().any(is_bad) {
                plot.ending = Ending::Failed("its base is bad".into());
            }
            plot.end(now);
            plot.ending = usual;
            plot.requests
                .retain(|request| request.at.saturating_add(Duration::days(4)) > now);
        }
        for _ in 0..self.dice.u32(0..4) {
            self.happens();
        }
        self.mends();
        let first = self.decide(&|_| false, see);
        let is_read = |line: &Line| first.lines.get(line).is_some_and(|plan| plan.fate == Fate::ToBeRead);
        let plan = self.decide(&is_read, see);
        if !self.rarely() {
            self.carry_out(plan);
        }
    }

    fn decide(&mut self, is_read: &dyn Fn(&Line) -> bool, see: See<'_>) -> BuildPlan {
        let Self { yard, dice, before, .. } = self;
        let lines = yard.plots.iter().map(|(line, plot)| {
            let mut facts = plot.facts(is_read(line) || dice.u32(0..20) == 0);
            odd(dice, &mut facts, before.get(line));
            (line.clone(), facts)
        });
        let facts = BuildsFacts {
            lines: lines.collect(),
            at_once: yard.at_once,
            now: yard.now,
        };
        let plan = decide_builds(&facts);
        see(&facts, &plan);
        plan
    }

    /// To the next look, or to the moment that something is over.
    fn leap(&mut self) {
        let usual = [5, 5, 5, 10, 15, 30, 40, 60, 120, 180, 720, 1_440, 4_320];
        let minutes = self.dice.choice(usual).unwrap();
        let mut to = self.yard.now.saturating_add(Duration::minutes(minutes));
        let waits = self.yard.fates.values().filter_map(|fate| match fate {
            Fate::Waits { until, .. } => Some(*until),
            _ => None,
        });
        if let Some(until) = self.dice.choice(waits.collect::<Vec<Timestamp>>())
            && self.dice.bool()
            && until > self.yard.now
        {
            to = until;
        }
        if self.dice.u32(0..4) == 0 {
            to = to.checked_sub(std::time::Duration::from_millis(1)).unwrap();
        }
        self.yard.now = to;
    }

    fn happens(&mut self) {
        let lines: Vec<Line> = self.yard.plots.keys().cloned().collect();
        let Some(line) = self.dice.choice(lines) else { return };
        let (now, dice) = (self.yard.now, &mut self.dice);
        let number = dice.u32(1..4);
        let name = called(line.family.as_str(), line.architecture == Architecture::Arm64);
        let plot = self.yard.plots.get_mut(&line).unwrap();
        match dice.u32(0..16) {
            0 | 1 if self.bad.is_some() || dice.bool() => {
                let to = if dice.u32(0..12) == 0 { 0 } else { number };
                let to = self.bad.filter(|_| dice.bool()).unwrap_or(to);
                let family = if self.bad.is_some() {
                    "base"
                } else {
                    line.family.as_str()
                };
                for child in self.yard.plots.values_mut().filter(|child| is_built_on(child, family)) {
                    child.of.parent = to;
                }
            }
            2 | 3 => plot.of.parent = number,
            4 | 5 => plot.of.component = number,
            6 => (plot.of.recipe, plot.number) = (number, plot.number + 1),
            7 => {
                let ago = Duration::minutes(dice.choice([0, 0, 5, 1_440]).unwrap());
                let at = if dice.u32(0..8) == 0 {
                    now.saturating_add(ago)
                } else {
                    now.checked_sub(ago).unwrap()
                };
                plot.requests.push(asked(at));
            }
            8 | 9 if plot.newest.is_some() => {
                let few = dice.u32(0..4);
                plot.found = cves(&(0..few).map(|_| dice.u32(1..6)).collect::<Vec<u32>>());
            }
            10 | 11 => {
                plot.ending = match dice.u32(0..6) {
                    0 | 1 => failed(),
                    2 | 3 => passing(),
                    4 => Ending::Cancelled,
                    _ => Ending::Made,
                };
            }
            12 => {
                plot.obstacle = match dice.u32(0..6) {
                    0 => Some(Look::NoPipeline),
                    1 => Some(Look::Disabled(Some(3))),
                    2 | 3 => Some(Look::Unreadable("throttled".into())),
                    _ => None,
                };
            }
            13 => plot.refused = dice.bool().then(|| "AccessDeniedException".into()),
            14 => {
                plot.start(&name, now);
            }
            15 if dice.bool() => {
                let kind = dice.u32(0..TRIGGERS);
                plot.manifest.triggers = read_once("web", VENDOR, &triggers(kind)).triggers;
                plot.number += 1;
            }
            _ => (plot.obstacle, plot.refused, plot.ending) = (None, None, self.usual.clone()),
        }
    }

    /// Somebody sees to lines that failed three times, cannot wait for what is frozen or in the way, and changes what is being built.
    fn mends(&mut self) {
        let now = self.yard.now;
        for (line, plot) in &mut self.yard.plots {
            let is_held = matches!(self.yard.fates.get(line), Some(Fate::Waits { until, .. })
                if until.checked_since(now) > Some(Duration::hours(6).length()));
            let is_broken = plot.state.breaker.is_some();
            match self.dice.u32(0..16) {
                0 if is_broken => (plot.of.recipe, plot.number) = (plot.of.recipe % 3 + 1, plot.number + 1),
                1 if is_broken => plot.ending = Ending::Made,
                2 if is_broken || plot.obstacle.is_some() => plot.requests.push(asked(now)),
                3..6 if is_held => plot.requests.push(asked(now)),
                // What is being built is not what is wanted any more.
                6..12 if !plot.running.is_empty() => {
                    (plot.of.component, plot.number) = (plot.of.component % 3 + 1, plot.number + 1);
                }
                _ => {}
            }
        }
    }

    fn carry_out(&mut self, plan: BuildPlan) {
        let now = self.yard.now;
        self.yard.fates.clear();
        for (line, plan) in plan.lines {
            let dice = &mut self.dice;
            let plot = self.yard.plots.get_mut(&line).unwrap();
            plot.state = plan.state;
            if plan.fate == Fate::Starts {
                let attempt = plot.state.attempt.as_mut().unwrap();
                if let Some(why) = plot.refused.clone() {
                    plot.state.was_refused(why, now);
                } else if dice.u32(0..12) > 0 {
                    let name = called(line.family.as_str(), plot.is_arm);
                    let build = plot.start(&name, now);
                    let attempt = plot.state.attempt.as_mut().unwrap();
                    // Who dies right then does not learn of it.
                    attempt.build = (dice.u32(0..20) > 0).then_some(build);
                } else {
                    attempt.build = None;
                }
            }
            if let Fate::Cancels { build, .. } = &plan.fate {
                // Nobody may learn what came of it, and it may be too far whenever it began.
                let (is_lost, is_too_far) = (dice.bool(), dice.bool());
                if !is_lost && (is_too_far || !plot.cancel(build, now)) {
                    plot.state.is_too_late();
                }
            }
            if dice.u32(0..60) == 0 {
                // Image Builder has it no more.
                let gone = plot.running.drain(..).map(|running| (running.build, passing()));
                plot.ended.extend(gone);
            }
            self.yard.fates.insert(line, plan.fate);
        }
    }
}

fn is_built_on(plot: &Plot, family: &str) -> bool {
    let parent = plot.manifest.build.as_ref().and_then(|build| build.parent.as_ref());
    matches!(parent, Some(Parent::Family(of)) if of.family.as_str() == family)
}

fn asked(at: Timestamp) -> BuildRequest {
    BuildRequest {
        who: String::from("ann"),
        why: "because".into(),
        at,
        architecture: None,
    }
}

fn failed() -> Ending {
    Ending::Failed("a component".into())
}

fn passing() -> Ending {
    Ending::Passing("capacity".into())
}

/// Releases of one architecture are others than those of the other.
fn called(family: &str, is_arm: bool) -> String {
    format!("{family}{}", if is_arm { "-arm64" } else { "" })
}

/// What the record does not know, or not yet.
fn odd(dice: &mut Rng, facts: &mut LineFacts<'_>, before: Option<&Option<Built>>) {
    let mut odd = || dice.u32(0..60) == 0;
    if odd()
        && let Some(before) = before
    {
        facts.newest.clone_from(before);
    }
    if let Some(newest) = &mut facts.newest {
        if odd() {
            newest.created = None;
        }
        if odd() {
            newest.of.fingerprint = None;
        }
        if odd() {
            newest.of.fingerprint = Some(String::from("of what the record knows alone"));
        }
        if odd() {
            newest.of.parent = None;
        }
        if odd() {
            newest.of.recipe = None;
        }
    }
    if odd() {
        facts.parent_points = None;
    }
    for running in &mut facts.under_way {
        if odd() {
            running.created = None;
        }
    }
    if odd()
        && let Some(Look::Would(inputs)) = &mut facts.look
    {
        let component = "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/1.0.3";
        inputs.components[0].component = component.parse().unwrap();
    }
    // Dice of its own: what is rolled after it is as it was without.
    let mut aside = Rng::with_seed(dice.get_seed() ^ 0x5eed);
    facts.is_asking |= aside.u32(0..40) == 0;
    let ago = aside.choice([0, 1]).unwrap();
    if aside.u32(0..20) == 0 {
        let said = facts
            .state
            .looked
            .map(|looked| looked.at.saturating_add(Duration::seconds(ago)));
        facts.rumour = said;
    }
}
