//! What must be true of each build that really ran, and of each line that has cause for one and is not built. It knows what really
//! happened, and nothing of how it is decided.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan as _;
use jiff::tz::TimeZone;

use super::super::stage::*;
use super::world::{Ran, World};
use crate::building::{Attempt, Ending, Fate, Line, Reason};
use crate::manifest::ReasonKind;
use crate::{ReleaseId, Timestamp, VulnerabilityId};

/// No line is built so often within a day by itself.
const STORM: usize = 12;

/// What is owed to a line, in looks at which nothing excused it.
#[derive(Debug, Default)]
pub(super) struct Judge {
    change: BTreeMap<Line, u32>,
    person: BTreeMap<Line, u32>,
    clock: BTreeMap<Line, u32>,
    cves: BTreeMap<Line, u32>,
    /// Up to when each schedule was asked.
    due: BTreeMap<Line, (Timestamp, bool)>,
    asked: BTreeMap<Line, BTreeSet<Timestamp>>,
    most: (u32, u32, u32, u32),
    first_alone: u32,
    stopped: u32,
}

impl Judge {
    pub(super) fn told(&self) -> String {
        let Self {
            most,
            first_alone,
            stopped,
            ..
        } = self;
        format!(
            "owed at most {} looks for a change, {} for a person, {} for the clock, {} for what a scan found; {first_alone} went \
             first alone, {stopped} times a line was stopped",
            most.0, most.1, most.2, most.3
        )
    }

    pub(super) fn before(&mut self, world: &World) {
        for (line, plot) in &world.yard.plots {
            let Some(schedule) = &plot.manifest.triggers.schedule else {
                continue;
            };
            let now = world.yard.now;
            let (after, is_due) = self.due.entry(line.clone()).or_insert((now, false));
            if schedule.always && is_due_between(&schedule.cron.to_string(), *after, now) {
                *is_due = true;
            }
            *after = now;
        }
    }

    pub(super) fn after(&mut self, world: &World, really: &[(Line, Attempt)], died: bool) {
        let now = world.yard.now;
        let runs = world.yard.plots.values().map(|plot| plot.running.len()).sum::<usize>();
        assert!(
            really.is_empty() || runs <= world.yard.at_once + others(world),
            "seed {} {now}: {runs} run",
            world.seed
        );
        for (line, plot) in &world.yard.plots {
            assert!(plot.running.len() <= 1, "seed {} {now}: two of {line} run", world.seed);
        }
        for (line, attempt) in really {
            if attempt.begun == now {
                self.has_cause(world, line, attempt);
                self.goes_in_turn(world, line, attempt, really);
            }
            Self::is_no_storm(world, line);
            self.took_up(line, attempt);
        }
        for (line, fate) in &world.yard.fates {
            if !died {
                self.is_said_rightly(world, line, fate);
                self.is_owed(world, line, fate);
            }
        }
    }

    fn has_cause(&self, world: &World, line: &Line, attempt: &Attempt) {
        let (now, plot) = (world.yard.now, &world.yard.plots[line]);
        let told = || format!("seed {} {line}: {attempt:#?}\n{plot:#?}", world.seed);
        assert!(!attempt.reasons.is_empty(), "{}", told());
        assert_eq!(plot.obstacle, None, "{}", told());
        let inputs = plot.inputs(plot.of);
        let was = plot.newest.as_ref().map(|newest| &newest.of);
        let before = earlier(world, line);
        let differs = was.is_none_or(|was| was.fingerprint != inputs.fingerprint());
        for reason in &attempt.reasons {
            let holds = match reason {
                Reason::Manual { at, .. } => {
                    let again = before
                        .last()
                        .is_some_and(|ran| matches!(ran.ended, Some((_, Ending::Passing(_)))));
                    let is_asked = self.asked.get(line).is_some_and(|asked| asked.contains(at));
                    plot.requests.iter().any(|request| request.at == *at) && (again || !is_asked)
                }
                Reason::Cve { found, .. } => *found == plot.found && plot.manifest.triggers.cve.is_some(),
                Reason::Parent { to, .. } | Reason::Base { to, .. } => {
                    let parent = was.and_then(|was| was.parent.as_ref());
                    *to == inputs.parent_is.says
                        && parent.is_some_and(|parent| parent.release != inputs.parent_is.release)
                }
                Reason::Change { .. } => was.is_some_and(|was| {
                    was.components != inputs.components || was.recipe.as_ref() != Some(&inputs.recipe)
                }),
                Reason::First => was.is_none(),
                Reason::Age { built } => {
                    let created = plot.newest.as_ref().and_then(|newest| newest.created);
                    let age = plot.manifest.triggers.max_age.unwrap();
                    created == Some(*built) && built.saturating_add(age) <= now
                }
                Reason::Schedule { due } => {
                    let schedule = plot.manifest.triggers.schedule.as_ref().unwrap();
                    let before = due.checked_sub(std::time::Duration::from_millis(1)).unwrap();
                    *due <= now && is_due_between(&schedule.cron.to_string(), before, *due)
                }
            };
            assert!(holds, "{reason}: {}", told());
        }
        let is_anew = |reason: &Reason| match reason {
            Reason::Manual { .. } | Reason::Age { .. } | Reason::First => true,
            Reason::Schedule { .. } => plot
                .manifest
                .triggers
                .schedule
                .as_ref()
                .is_some_and(|schedule| schedule.always),
            Reason::Cve { found, .. } => !is_tried(world, line, inputs.parent_is.release, found),
            Reason::Parent { .. } | Reason::Base { .. } | Reason::Change { .. } => false,
        };
        assert!(differs || attempt.reasons.iter().any(is_anew), "{}", told());
        if let Some(last) = before
            .last()
            .filter(|ran| ran.reasons.is_some() && ran.fingerprint == attempt.fingerprint)
        {
            let asks =
                |reason: &Reason| is_anew(reason) && *reason != Reason::First && reason.kind() != ReasonKind::Cve;
            let asks = attempt.reasons.iter().any(asks);
            match &last.ended {
                Some((_, Ending::Made)) => assert!(attempt.reasons.iter().any(is_anew), "{}", told()),
                Some((_, Ending::Failed(_) | Ending::Cancelled | Ending::NotStarted(_))) => {
                    assert!(asks || finds_more(attempt, last), "{}", told());
                }
                Some((_, Ending::Passing(_))) => {
                    assert!(asks || in_a_row_by(&before, plot.of.recipe) <= 3, "{}", told());
                }
                None => panic!("{}", told()),
            }
        }
        let is_manual = attempt.reasons.iter().any(|reason| reason.kind() == ReasonKind::Manual);
        assert!(is_manual || in_a_row_by(&before, plot.of.recipe) < 3, "{}", told());
        let may = attempt
            .reasons
            .iter()
            .any(|reason| !is_frozen(plot, reason.kind(), now));
        assert!(may, "{}", told());
    }

    /// One goes first on what its parent moved to, and none goes where three failed.
    fn goes_in_turn(&mut self, world: &World, line: &Line, attempt: &Attempt, really: &[(Line, Attempt)]) {
        let Some(parent) = world.parents.get(line) else { return };
        let number = world.yard.plots[line].of.parent;
        let by_itself = |attempt: &Attempt| attempt.reasons.iter().all(|reason| reason.kind() != ReasonKind::Manual);
        if !by_itself(attempt) || is_on(world, line, number) {
            return;
        }
        let told = || {
            format!(
                "seed {} {}: {line} on {number}: {attempt:#?}",
                world.seed, world.yard.now
            )
        };
        let siblings = || {
            world
                .parents
                .iter()
                .filter(|(_, of)| *of == parent)
                .map(|(child, _)| child)
        };
        assert!(failed_on(world, parent, number, true) < 3, "{}", told());
        if siblings().any(|child| is_on(world, child, number)) {
            return;
        }
        self.first_alone += 1;
        for child in siblings().filter(|child| *child != line) {
            let last = earlier(world, child).last().copied().cloned();
            let runs = last.is_some_and(|ran| ran.ended.is_none() && ran.reasons.is_some() && ran.of.parent == number);
            assert!(!runs, "{child} runs, {}", told());
            let starts = really
                .iter()
                .any(|(other, attempt)| other == child && by_itself(attempt) && attempt.begun == world.yard.now);
            assert!(
                !starts || world.yard.plots[child].of.parent != number,
                "{child} starts, {}",
                told()
            );
        }
    }

    fn is_no_storm(world: &World, line: &Line) {
        let day = world.yard.now.checked_sub(std::time::Duration::from_hours(24)).unwrap();
        let today = world.ran[line].iter().rev().take_while(|ran| ran.at > day);
        let by_itself = today.filter(|ran| {
            let reasons = ran.reasons.iter().flatten();
            ran.reasons.is_some() && reasons.clone().all(|reason| reason.kind() != ReasonKind::Manual)
        });
        assert!(
            by_itself.count() <= STORM,
            "seed {}: {line} {:#?}",
            world.seed,
            world.ran[line]
        );
    }

    fn took_up(&mut self, line: &Line, attempt: &Attempt) {
        for reason in &attempt.reasons {
            if let Reason::Manual { at, .. } = reason {
                self.asked.entry(line.clone()).or_default().insert(*at);
            }
        }
    }

    /// Nobody waits for what does not run, or is blocked for failures that there are not.
    fn is_said_rightly(&mut self, world: &World, line: &Line, fate: &Fate) {
        let told = || format!("seed {} {}: {line} {fate:?}", world.seed, world.yard.now);
        match fate {
            Fate::Follows { canary, .. } => {
                let attempt = world.yard.plots[canary].state.attempt.as_ref();
                assert!(attempt.is_some_and(Attempt::goes_on), "{}", told());
            }
            Fate::Queued { .. } => {
                let plots = world.yard.plots.values();
                let busy = plots.filter(|plot| {
                    !plot.running.is_empty() || plot.state.attempt.as_ref().is_some_and(Attempt::goes_on)
                });
                assert!(busy.count() >= world.yard.at_once, "{}", told());
            }
            Fate::Blocked { why, .. } if why.as_str().contains("lines failed on") => {
                let plot = &world.yard.plots[line];
                self.stopped += 1;
                assert!(
                    failed_on(world, &world.parents[line], plot.of.parent, false) >= 3,
                    "{}",
                    told()
                );
            }
            _ => {}
        }
    }

    fn is_owed(&mut self, world: &World, line: &Line, fate: &Fate) {
        let (now, plot) = (world.yard.now, &world.yard.plots[line]);
        let before = earlier(world, line);
        let inputs = plot.inputs(plot.of);
        let is_busy = plot.state.attempt.as_ref().is_some_and(Attempt::goes_on) || !plot.running.is_empty();
        let blocked = is_busy || plot.obstacle.is_some() || (world.parents.contains_key(line) && plot.of.parent == 0);
        let in_turn = matches!(fate, Fate::Queued { .. } | Fate::Follows { .. });
        let last = before.last();
        let failed = last.filter(|ran| !matches!(ran.ended, Some((_, Ending::Made))));
        let failed_so = failed.is_some_and(|ran| ran.fingerprint == inputs.fingerprint().unwrap());
        let stopped = world.parents.get(line).is_some_and(|parent| {
            !is_on(world, line, plot.of.parent) && failed_on(world, parent, plot.of.parent, false) >= 3
        });
        let broken = in_a_row(&before) >= 3 && last.is_some_and(|ran| ran.of.recipe == plot.of.recipe);
        let frozen = |kind| is_frozen(plot, kind, now);
        let newest = plot.newest.as_ref().map(|newest| newest.of.fingerprint.clone());
        let differs = newest.is_none_or(|newest| newest != inputs.fingerprint());
        let triggers = &plot.manifest.triggers;
        let minutes = |length: crate::Duration| u32::try_from(length.length().as_secs() / 300).unwrap();
        let settles = minutes(triggers.wait_at_most) + 2;
        let looks = triggers.base.map_or(12, minutes).max(12);
        let count = |owed: &mut BTreeMap<Line, u32>, is_owed: bool, most: &mut u32, bound: u32, what: &str| {
            let owed = owed.entry(line.clone()).or_default();
            match (is_owed, in_turn) {
                (false, _) => *owed = 0,
                (true, true) => {}
                (true, false) => *owed += 1,
            }
            *most = (*most).max(*owed);
            let told = || format!("seed {} {now}: {line} {fate:?}\n{:#?}", world.seed, plot.state);
            assert!(*owed <= bound, "{what} is owed for {owed} looks: {}", told());
        };
        let by_itself = !(blocked || broken || stopped);
        let change = differs && by_itself && !failed_so && !frozen(ReasonKind::Parent);
        count(&mut self.change, change, &mut self.most.0, looks + settles, "a change");
        let asked = self.asked.get(line);
        let is_open = |at: Timestamp| {
            let is_new = at.saturating_add(crate::Duration::hours(24)) > now;
            is_new && asked.is_none_or(|asked| asked.iter().all(|asked| *asked < at))
        };
        let is_asked = plot.requests.iter().any(|request| is_open(request.at));
        let person = is_asked && !blocked && !frozen(ReasonKind::Manual);
        count(&mut self.person, person, &mut self.most.1, 2, "what a person asks");
        let found = !plot.found.is_empty() && triggers.cve.is_some() && plot.newest.is_some();
        let found = found && !is_tried(world, line, inputs.parent_is.release, &plot.found);
        // That what was tried in vain would be built on another base by now is seen by the next look at that.
        let seen = plot.state.looked.and_then(|looked| looked.parent);
        let found = found && seen.is_none_or(|on| !is_tried(world, line, on, &plot.found));
        let found = found && by_itself && !failed_so && !frozen(ReasonKind::Cve);
        count(&mut self.cves, found, &mut self.most.3, settles, "what a scan found");
        if let Some((_, is_due)) = self.due.get_mut(line) {
            // A build that is started answers it, and one that ran since the last look.
            let has_ended = last.is_some_and(|ran| ran.ended.as_ref().is_some_and(|(at, _)| *at == now));
            *is_due &= !is_busy && !has_ended;
            let clock = *is_due && by_itself && !frozen(ReasonKind::Schedule);
            count(&mut self.clock, clock, &mut self.most.2, settles, "the clock");
        }
    }
}

/// Whether a release was made on a parent for all of this.
fn is_tried(world: &World, line: &Line, on: ReleaseId, found: &BTreeSet<VulnerabilityId>) -> bool {
    let plot = &world.yard.plots[line];
    let made = world.ran.get(line).into_iter().flatten();
    let made = made.filter(|ran| {
        ran.at < world.yard.now
            && matches!(ran.ended, Some((_, Ending::Made)))
            && plot.inputs(ran.of).parent_is.release == on
    });
    let tried: BTreeSet<&VulnerabilityId> = made
        .flat_map(|ran| ran.reasons.iter().flatten())
        .flat_map(|reason| match reason {
            Reason::Cve { found, .. } => found.iter().collect::<Vec<_>>(),
            _ => Vec::new(),
        })
        .collect();
    found.iter().all(|found| tried.contains(found))
}

/// Whether a scan found more than what the last build was for.
fn finds_more(attempt: &Attempt, last: &Ran) -> bool {
    let found = |reasons: &[Reason]| {
        let found = reasons.iter().find_map(|reason| match reason {
            Reason::Cve { found, .. } => Some(found.clone()),
            _ => None,
        });
        found.unwrap_or_default()
    };
    !found(&attempt.reasons).is_subset(&found(last.reasons.as_deref().unwrap_or_default()))
}

/// What ran of a line before this look.
fn earlier<'a>(world: &'a World, line: &Line) -> Vec<&'a Ran> {
    let ran = world.ran.get(line).map_or(&[] as &[Ran], Vec::as_slice);
    ran[ran.len().saturating_sub(8)..]
        .iter()
        .filter(|ran| ran.at < world.yard.now)
        .collect()
}

fn others(world: &World) -> usize {
    let running = world.ran.values().filter_map(|ran| ran.last());
    running
        .filter(|ran| ran.reasons.is_none() && ran.ended.is_none())
        .count()
}

fn is_on(world: &World, line: &Line, number: u32) -> bool {
    let plot = &world.yard.plots[line];
    let on = plot.newest.as_ref().and_then(|newest| newest.of.parent.as_ref());
    on.is_some_and(|on| {
        on.release
            == plot
                .inputs(Made {
                    parent: number,
                    ..plot.of
                })
                .parent_is
                .release
    })
}

/// How many of the children of a parent failed on a release of it for good, and were not changed since, or whether they were or not.
fn failed_on(world: &World, parent: &Line, number: u32, unchanged: bool) -> usize {
    let children = world.parents.iter().filter(|(_, of)| *of == parent);
    let failed = children.filter(|(child, _)| {
        let ran = earlier(world, child);
        let Some(last) = ran.iter().rfind(|ran| ran.reasons.is_some()) else {
            return false;
        };
        let for_good = match &last.ended {
            Some((_, Ending::Failed(_))) => true,
            Some((_, Ending::Passing(_))) => in_a_row(&ran) >= 3,
            Some((_, Ending::Made | Ending::Cancelled | Ending::NotStarted(_))) | None => false,
        };
        let is_changed = world.yard.plots[*child].of.recipe != last.of.recipe;
        for_good && last.of.parent == number && !is_on(world, child, number) && !(unchanged && is_changed)
    });
    failed.count()
}

/// How many of ours in a row failed, since a release was made: one that somebody cancelled neither counts nor ends it.
fn in_a_row(ran: &[&Ran]) -> usize {
    let ended = ran
        .iter()
        .rev()
        .filter_map(|ran| Some((ran.reasons.is_some(), &ran.ended.as_ref()?.1)));
    let ended = ended.take_while(|(_, how)| **how != Ending::Made);
    ended
        .filter(|(is_ours, how)| *is_ours && **how != Ending::Cancelled)
        .count()
}

/// The same of builds by one recipe alone.
fn in_a_row_by(ran: &[&Ran], recipe: u32) -> usize {
    let same = ran.iter().copied().filter(|ran| ran.of.recipe == recipe);
    in_a_row(&same.collect::<Vec<&Ran>>())
}

fn is_frozen(plot: &Plot, kind: ReasonKind, now: Timestamp) -> bool {
    plot.manifest.triggers.freeze.iter().any(|freeze| {
        let zone = TimeZone::get(&freeze.timezone.to_string()).unwrap();
        let today = now.to_jiff().to_zoned(zone).date();
        !freeze.except.contains(&kind) && freeze.from.date() <= today && today <= freeze.to.date()
    })
}

/// Whether a schedule of these families is due after one moment and until another: half past an hour in Berlin, of one day of the week.
fn is_due_between(cron: &str, after: Timestamp, until: Timestamp) -> bool {
    let words: Vec<&str> = cron.split(' ').collect();
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    let first = after.to_jiff().to_zoned(berlin.clone()).date();
    (-1..=(until.as_millisecond() - after.as_millisecond()) / 86_400_000 + 2).any(|day| {
        let day = first.checked_add(day.days()).unwrap();
        let weekday = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
            [usize::try_from(day.weekday().to_monday_zero_offset()).unwrap()];
        let time = day.at(words[1].parse().unwrap(), words[0].parse().unwrap(), 0, 0);
        let due = berlin.to_ambiguous_timestamp(time).compatible().unwrap();
        weekday == words[4] && after.to_jiff() < due && due <= until.to_jiff()
    })
}
