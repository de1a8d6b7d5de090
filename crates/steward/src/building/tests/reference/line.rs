//! What becomes of a line by itself.

use std::collections::BTreeSet;

use super::clock::{is_frozen, last_due, thaws};
use super::settled::{Phase, Settled};
use super::{DAY, Expected, HOUR, MINUTE, MOST, Started, Verdict, Why, keys, length, ms, time};
use crate::building::{Attempt, Built, Ending, Inputs, LineFacts, Look, Reason, Superseded, Urgency};
use crate::manifest::{Parent, ReasonKind};
use crate::record::component_differences;

/// What asks for a build of a line, and what is in its way.
#[derive(Debug)]
pub(super) struct Alone {
    /// None: it can be built.
    pub(super) verdict: Option<Verdict>,
    /// What asks, and since when.
    pub(super) reasons: Vec<(Reason, i64)>,
    /// Since when anything has.
    pub(super) waiting: i64,
    /// What it would be built by is not what failed.
    is_mended: bool,
}

impl Alone {
    pub(super) fn is_by_hand(&self) -> bool {
        self.reasons
            .iter()
            .any(|(reason, _)| reason.kind() == ReasonKind::Manual)
    }

    pub(super) fn urgency(&self) -> Option<Urgency> {
        self.reasons.iter().map(|(reason, _)| reason.urgency()).min()
    }

    fn keys(&self) -> BTreeSet<String> {
        keys(self.reasons.iter().map(|(reason, _)| reason))
    }

    pub(super) fn expected(&self, of: &LineFacts<'_>, settled: &Settled, verdict: Verdict, now: i64) -> Expected {
        let mut attempt = settled.attempt.as_ref().map(Started::of);
        let is_new = verdict == Verdict::Starts && settled.phase == Phase::Free;
        if let (true, Some(Look::Would(inputs))) = (is_new, &of.look) {
            let fingerprint = inputs.fingerprint().unwrap();
            let same = attempt.as_ref().filter(|last| last.fingerprint == fingerprint);
            let retries = same.map_or(0, |last| match last.ended {
                Some(Ending::Passing(_)) => last.retries + 1,
                Some(Ending::NotStarted(_)) => last.retries,
                _ => 0,
            });
            attempt = Some(Started {
                number: attempt.as_ref().map_or(0, |last| last.number) + 1,
                retries,
                fingerprint,
                parent: Some(inputs.parent_is.release),
                reasons: self.keys(),
                ended: None,
                superseded: None,
                follows: settled.attempt.as_ref().is_some_and(|last| {
                    let is_made = last.ended.as_ref().is_some_and(|ended| ended.how == Ending::Made);
                    gave_way(last) || (last.follows && !is_made)
                }),
            });
        }
        if let Some(attempt) = attempt.as_mut().filter(|attempt| attempt.ended.is_none()) {
            attempt.superseded = match (&verdict, attempt.superseded) {
                (Verdict::Cancels, _) => Some(Superseded::Asked),
                (Verdict::Building, Some(Superseded::Asked)) => Some(Superseded::TakenBack),
                (_, before) => before,
            };
        }
        let is_said = match verdict {
            Verdict::Waits(..)
            | Verdict::Skipped(_)
            | Verdict::Queued(_)
            | Verdict::Follows(_)
            | Verdict::Blocked(_) => true,
            Verdict::Quiet | Verdict::ToBeRead | Verdict::Building | Verdict::Cancels | Verdict::Starts => false,
        };
        let is_instead = verdict == Verdict::Cancels;
        let held_up = match (&self.verdict, &verdict) {
            (Some(Verdict::Blocked(why)), _) if *why != Why::LinesFailed => held_up(of, now),
            (Some(Verdict::Waits(_, why)), _) if *why != Why::ParentFirst => held_up(of, now),
            (_, Verdict::ToBeRead | Verdict::Starts) => of.state.held_up.map(ms),
            _ => None,
        };
        let is_over = is_new || matches!(verdict, Verdict::Skipped(_));
        Expected {
            verdict,
            reasons: match (is_said, is_instead, &settled.attempt) {
                (true, ..) => self.keys(),
                (false, true, Some(attempt)) => keys(instead(attempt, &self.reasons)),
                _ => BTreeSet::new(),
            },
            attempt,
            failures: if self.is_mended { 0 } else { settled.failures },
            is_broken: settled.breaker.is_some() && !self.is_mended,
            held_up,
            pending: if is_over { BTreeSet::new() } else { self.keys() },
            tried: settled.tried.clone(),
        }
    }
}

pub(super) fn alone(of: &LineFacts<'_>, settled: &Settled, now: i64) -> Alone {
    let reasons = reasons(of, settled, now);
    let first = reasons.iter().map(|(_, since)| *since).min();
    let waiting = of.state.waiting.filter(|_| !settled.is_made).map(ms);
    let by = settled.breaker.as_ref().map(|breaker| &breaker.recipe);
    let mut alone = Alone {
        verdict: None,
        reasons,
        waiting: waiting.or(first).unwrap_or(now),
        is_mended: by.is_some_and(|by| matches!(&of.look, Some(Look::Would(inputs)) if inputs.recipe != *by)),
    };
    alone.verdict = match settled.phase {
        Phase::InDoubt => Some(Verdict::Starts),
        Phase::Building => Some(under_way(of, settled, &alone, now)),
        Phase::Free => match in_its_way(of, settled, &alone, now) {
            Some(Verdict::Blocked(_) | Verdict::Waits(..)) if is_too_old(of, &alone, now) => {
                Some(Verdict::Skipped(Why::TooOld))
            }
            verdict => verdict,
        },
    };
    alone
}

fn gave_way(attempt: &Attempt) -> bool {
    let how = attempt.ended.as_ref().map(|ended| &ended.how);
    let was_asked = matches!(attempt.superseded, Some(Superseded::Asked | Superseded::TakenBack));
    how == Some(&Ending::Cancelled) && was_asked
}

/// What asks for another build than the one under way.
pub(super) fn instead<'a>(attempt: &Attempt, asks: &'a [(Reason, i64)]) -> Vec<&'a Reason> {
    let others = asks.iter().map(|(reason, _)| reason);
    others.filter(|reason| !attempt.reasons.contains(reason)).collect()
}

/// What becomes of a line of which a build is under way: of two in a row one comes to its end, and another hand's does.
fn under_way(of: &LineFacts<'_>, settled: &Settled, alone: &Alone, now: i64) -> Verdict {
    let is_broken = settled.breaker.is_some() && !alone.is_mended;
    let attempt = settled.attempt.as_ref().filter(|attempt| attempt.ended.is_none());
    let attempt = attempt.filter(|_| of.triggers.cancel_superseded && !settled.is_other && !is_broken);
    let Some(attempt) = attempt.filter(|attempt| !attempt.follows) else {
        return Verdict::Building;
    };
    match attempt.superseded {
        Some(Superseded::TooLate) => return Verdict::Building,
        Some(Superseded::Asked | Superseded::TakenBack) | None => {}
    }
    let is_asked = attempt.superseded == Some(Superseded::Asked);
    let others = instead(attempt, &alone.reasons);
    let is_other = others.iter().any(|reason| {
        matches!(
            reason,
            Reason::Parent { .. } | Reason::Base { .. } | Reason::Change { .. } | Reason::First
        )
    });
    let freeze = &of.triggers.freeze;
    let is_free = |at: i64| others.iter().any(|reason| !is_frozen(freeze, reason.kind(), at));
    // What follows is begun before long, and no freeze may hold it then.
    let is_free = is_free(now) && is_free(now + HOUR / 2);
    let is_due = is_other && is_free && (is_asked || ready(of, alone, now) <= now);
    match &of.look {
        None if is_asked || is_due || is_look_due(of, settled, now) => Verdict::ToBeRead,
        Some(Look::Would(inputs)) if is_due => match inputs.fingerprint() {
            Some(other) if other != attempt.fingerprint => Verdict::Cancels,
            Some(_) | None => Verdict::Building,
        },
        None | Some(_) => Verdict::Building,
    }
}

/// When what asks has waited for what may come yet.
fn ready(of: &LineFacts<'_>, alone: &Alone, now: i64) -> i64 {
    if alone.is_by_hand() {
        return now;
    }
    let latest = alone.reasons.iter().map(|(_, since)| *since).max().unwrap();
    let at_most = alone.waiting + length(of.triggers.wait_at_most);
    at_most.min(latest + length(of.triggers.debounce))
}

/// Whether only persons ask, and something stood in the way of each of them for a day, which was no freeze.
fn is_too_old(of: &LineFacts<'_>, alone: &Alone, now: i64) -> bool {
    let Some(held_up) = held_up(of, now) else { return false };
    let is_old =
        |(reason, since): &(Reason, i64)| reason.kind() == ReasonKind::Manual && now >= held_up.max(*since) + DAY;
    !alone.reasons.is_empty() && alone.reasons.iter().all(is_old)
}

/// Since when something is in the way of a line that is blocked or waits.
fn held_up(of: &LineFacts<'_>, now: i64) -> Option<i64> {
    let is_frozen = is_frozen(&of.triggers.freeze, ReasonKind::Manual, now);
    (!is_frozen).then(|| of.state.held_up.map_or(now, ms))
}

/// All that asks for a build, and since when.
fn reasons(of: &LineFacts<'_>, settled: &Settled, now: i64) -> Vec<(Reason, i64)> {
    let triggers = of.triggers;
    let kept = of
        .state
        .pending
        .iter()
        .map(|pending| (pending.reason.clone(), ms(pending.since)));
    let kept = kept.filter(|(reason, _)| !settled.is_made || reason.kind() == ReasonKind::Manual);
    let before: Vec<(Reason, i64)> = kept.chain(settled.back.iter().cloned()).collect();
    let mut asks: Vec<(Reason, i64)> = Vec::new();
    let mut ask = |reason: Reason, since: i64| {
        let known = before
            .iter()
            .find(|(other, _)| *other == reason)
            .map(|(_, since)| *since);
        if !asks.iter().any(|(other, _)| *other == reason) {
            asks.push((reason, known.unwrap_or(since)));
        }
    };
    for (reason, since) in &before {
        let stays = match reason {
            Reason::Manual { .. } => true,
            // It holds until it is looked at again.
            Reason::Parent { .. } | Reason::Base { .. } | Reason::Change { .. } | Reason::First => {
                !matches!(of.look, Some(Look::Would(_)))
            }
            Reason::Cve { .. } | Reason::Age { .. } | Reason::Schedule { .. } => false,
        };
        if stays {
            ask(reason.clone(), *since);
        }
    }
    for request in of
        .requests
        .iter()
        .filter(|request| !of.state.answers.contains(&request.at))
    {
        let reason = Reason::Manual {
            who: request.who.clone(),
            why: request.why.clone(),
            at: request.at,
        };
        ask(reason, now);
    }
    let is_unrecorded = is_unrecorded(of, settled, now);
    if let (Some(_), Some(newest), false, false) = (&triggers.cve, &of.newest, of.found.is_empty(), is_unrecorded) {
        let looked = of.state.looked.filter(|_| !settled.is_made && of.look.is_none());
        let tried = looked.and_then(|looked| settled.tried.get(&looked.parent?));
        if !tried.is_some_and(|tried| of.found.is_subset(tried)) {
            let (found, release) = (of.found.clone(), newest.number);
            ask(Reason::Cve { found, release }, now);
        }
    }
    match (&of.look, &of.newest) {
        (Some(Look::Would(inputs)), Some(newest)) => {
            for reason in differences(of, inputs, newest)
                .into_iter()
                .filter(|reason| is_wanted(of, reason))
            {
                ask(reason, now);
            }
        }
        (Some(Look::Would(_)), None) if triggers.change => ask(Reason::First, now),
        _ => {}
    }
    let built = of.newest.as_ref().and_then(|newest| newest.created);
    if let (Some(built), Some(max_age), false) = (built, triggers.max_age, is_unrecorded) {
        // Where a build of it failed it is tried once a day.
        let failed = settled
            .attempt
            .as_ref()
            .and_then(|attempt| attempt.ended.as_ref().map(|ended| (attempt, ended)));
        let failed = failed.filter(|(attempt, ended)| match ended.how {
            Ending::Cancelled => !gave_way(attempt),
            Ending::Failed(_) => true,
            Ending::Passing(_) => attempt.retries >= MOST,
            Ending::Made | Ending::NotStarted(_) => false,
        });
        let since = (ms(built) + length(max_age)).max(failed.map_or(0, |(_, ended)| ms(ended.at) + DAY));
        if now >= since {
            asks.push((Reason::Age { built }, since));
        }
    }
    if let Some(schedule) = &triggers.schedule
        && of.state.schedule.as_ref().map(ToString::to_string)
            == Some(format!("{} {}", schedule.cron, schedule.timezone))
    {
        let due = of.state.scheduled.and_then(|after| last_due(schedule, ms(after), now));
        // Where it came round while a build ran that failed by the way, both ask.
        let was = before
            .iter()
            .filter(|(reason, _)| matches!(reason, Reason::Schedule { .. }));
        match due {
            Some(due) => asks.push((Reason::Schedule { due: time(due) }, now)),
            None => asks.extend(was.cloned()),
        }
    }
    asks
}

/// Whether what was made last is not yet the newest that the record has.
fn is_unrecorded(of: &LineFacts<'_>, settled: &Settled, now: i64) -> bool {
    let last = settled.attempt.as_ref();
    let Some((build, ended)) = last.and_then(|last| last.build.as_ref().zip(last.ended.as_ref())) else {
        return false;
    };
    let is_older = of.newest.as_ref().is_none_or(|newest| newest.number < build.version());
    ended.how == Ending::Made && is_older && now < ms(ended.at) + DAY
}

/// What of it the manifest builds for.
fn is_wanted(of: &LineFacts<'_>, reason: &Reason) -> bool {
    match reason.kind() {
        ReasonKind::Parent => of.triggers.parent,
        ReasonKind::Base => of.triggers.base.is_some(),
        ReasonKind::Change => of.triggers.change,
        ReasonKind::Schedule | ReasonKind::Cve | ReasonKind::Manual => true,
    }
}

fn differences(of: &LineFacts<'_>, inputs: &Inputs, newest: &Built) -> Vec<Reason> {
    let was = &newest.of;
    let mut reasons = Vec::new();
    if was.fingerprint.is_some() && was.fingerprint == inputs.fingerprint() {
        return reasons;
    }
    if was
        .parent
        .as_ref()
        .is_none_or(|parent| parent.release != inputs.parent_is.release)
    {
        let (from, to) = (
            was.parent.as_ref().map(|parent| parent.says.clone()),
            inputs.parent_is.says.clone(),
        );
        reasons.push(match of.parent {
            Some(Parent::Family(parent)) => Reason::Parent {
                family: parent.family.clone(),
                channel: parent.channel.clone(),
                from,
                to,
            },
            _ => Reason::Base { from, to },
        });
    }
    let mut changes = Vec::new();
    for component in component_differences(&was.components, &inputs.components) {
        changes.extend(component.lines());
    }
    if was.recipe.as_ref() != Some(&inputs.recipe) {
        let from = was.recipe.as_ref().map_or(String::new(), |from| format!("{from} → "));
        changes.push(format!("~ recipe: {from}{}", inputs.recipe));
    }
    if reasons.is_empty() && changes.is_empty() && was.fingerprint.is_some() {
        changes.push(String::from(
            "what it is made of is not what the newest release was made of",
        ));
    }
    reasons.extend(changes.into_iter().map(|what| Reason::Change { what: what.into() }));
    reasons
}

/// Whether a look is due though nothing is to be started.
fn is_look_due(of: &LineFacts<'_>, settled: &Settled, now: i64) -> bool {
    let triggers = of.triggers;
    let Some(looked) = of.state.looked.filter(|_| !settled.is_made) else {
        return triggers.parent || triggers.change || triggers.base.is_some();
    };
    let is_so_old = |length: i64| now >= ms(looked.at) + length;
    // Another recipe closes the breaker, whatever else builds.
    let changes = triggers.change || settled.breaker.is_some();
    let builds_for_another = triggers.parent || changes || triggers.base.is_some();
    let is_news = of.rumour.is_some_and(|said| ms(said) > ms(looked.at)) && is_so_old(MINUTE);
    let has_moved = triggers.parent && of.parent_points.is_some_and(|points| looked.parent != Some(points));
    (changes && (looked.manifest != of.manifest || is_so_old(HOUR)))
        || triggers.base.is_some_and(|base| is_so_old(length(base)))
        || has_moved
        || (builds_for_another && is_news)
}

fn in_its_way(of: &LineFacts<'_>, settled: &Settled, alone: &Alone, now: i64) -> Option<Verdict> {
    let (is_asked, unreadable) = (!alone.reasons.is_empty(), of.state.unreadable + 1);
    let held = held(of, settled, alone, now);
    let inputs = match &of.look {
        None if is_look_due(of, settled, now) || held.is_none() => return Some(Verdict::ToBeRead),
        // It is said until it is looked at again.
        None => {
            let obstacle = of
                .state
                .obstacle
                .as_ref()
                .map(|obstacle| obstacle.as_str().starts_with("its pipeline"));
            return match obstacle {
                Some(true) => Some(Verdict::Blocked(Why::NoPipeline)),
                Some(false) => Some(Verdict::Blocked(Why::Unreadable)),
                None => held,
            };
        }
        Some(Look::NoPipeline) => return Some(Verdict::Blocked(Why::NoPipeline)),
        Some(Look::Disabled(_)) if is_asked => return Some(Verdict::Blocked(Why::Disabled)),
        Some(Look::Disabled(_)) => return Some(Verdict::Skipped(Why::Disabled)),
        Some(Look::Unreadable(_)) if unreadable >= MOST => return Some(Verdict::Blocked(Why::Unreadable)),
        Some(Look::Unreadable(_)) if is_asked => return Some(Verdict::Waits(now + 5 * MINUTE, Why::NotReadJustNow)),
        Some(Look::Unreadable(_)) => return Some(Verdict::Quiet),
        Some(Look::Would(inputs)) => inputs,
    };
    if is_asked
        && alone
            .reasons
            .iter()
            .all(|(reason, _)| is_tried(settled, inputs, reason))
    {
        return Some(Verdict::Skipped(Why::Tried));
    }
    held.or_else(|| no_cause(of, settled, &alone.reasons, inputs, now))
}

/// What holds a line whatever it would be built of.
fn held(of: &LineFacts<'_>, settled: &Settled, alone: &Alone, now: i64) -> Option<Verdict> {
    let (triggers, reasons) = (of.triggers, &alone.reasons);
    if reasons.is_empty() {
        return Some(Verdict::Quiet);
    }
    if settled.breaker.is_some() && !alone.is_mended && !alone.is_by_hand() {
        return Some(Verdict::Blocked(Why::Breaker));
    }
    let ready = ready(of, alone, now);
    let thaws = reasons
        .iter()
        .map(|(reason, _)| thaws(&triggers.freeze, reason.kind(), now))
        .min()
        .unwrap();
    if thaws > now {
        return Some(Verdict::Waits(thaws.max(ready), Why::Freeze));
    }
    (ready > now).then_some(Verdict::Waits(ready, Why::MoreMayCome))
}

fn is_tried(settled: &Settled, inputs: &Inputs, reason: &Reason) -> bool {
    let tried = settled.tried.get(&inputs.parent_is.release);
    matches!(reason, Reason::Cve { found, .. } if tried.is_some_and(|tried| found.is_subset(tried)))
}

/// Why what asks is no cause for what would be built, or not yet.
fn no_cause(
    of: &LineFacts<'_>,
    settled: &Settled,
    reasons: &[(Reason, i64)],
    inputs: &Inputs,
    now: i64,
) -> Option<Verdict> {
    let Some(fingerprint) = inputs.fingerprint() else {
        return Some(Verdict::Blocked(Why::NoBuildOfAComponent));
    };
    let differs = of
        .newest
        .as_ref()
        .is_none_or(|newest| !differences(of, inputs, newest).is_empty());
    let always = of.triggers.schedule.as_ref().is_some_and(|schedule| schedule.always);
    let anew = |reason: &Reason| match reason {
        Reason::Manual { .. } | Reason::Age { .. } => true,
        Reason::Schedule { .. } => always,
        Reason::Cve { .. } => !is_tried(settled, inputs, reason),
        Reason::Parent { .. } | Reason::Base { .. } | Reason::Change { .. } | Reason::First => false,
    };
    if !differs && !reasons.iter().any(|(reason, _)| anew(reason)) {
        return Some(Verdict::Skipped(Why::NothingDiffers));
    }
    let attempt = settled
        .attempt
        .as_ref()
        .filter(|attempt| attempt.fingerprint == fingerprint)?;
    let ended = attempt.ended.as_ref()?;
    // What was asked after it began, or more than it was for, asks for another of the same.
    let is_later = |(reason, since): &(Reason, i64)| match reason {
        Reason::Cve { found, .. } => {
            let for_all = |was: &Reason| matches!(was, Reason::Cve { found: was, .. } if found.is_subset(was));
            !attempt.reasons.iter().any(for_all)
        }
        reason => anew(reason) && *since > ms(attempt.begun),
    };
    if reasons.iter().any(is_later) {
        return None;
    }
    let wait = i64::from(attempt.retries + 1) * 15 * MINUTE;
    match &ended.how {
        Ending::Made => {
            let asks = |reason: &Reason| matches!(reason.kind(), ReasonKind::Manual | ReasonKind::Cve);
            let newest = of
                .newest
                .as_ref()
                .filter(|newest| Some(&newest.build) != attempt.build.as_ref());
            let is_overtaken = newest.is_some_and(|newest| newest.created.is_some_and(|at| at > attempt.begun));
            let builds = is_overtaken || reasons.iter().any(|(reason, _)| asks(reason));
            (!builds).then_some(Verdict::Skipped(Why::TheSameIsBuilt))
        }
        Ending::Passing(_) if attempt.retries < MOST => {
            let until = ms(ended.at) + wait;
            (now < until).then_some(Verdict::Waits(until, Why::FailedByTheWay))
        }
        Ending::Failed(_) | Ending::Passing(_) => Some(Verdict::Skipped(Why::TheSameFailed)),
        Ending::Cancelled if gave_way(attempt) => None,
        Ending::Cancelled => Some(Verdict::Skipped(Why::TheSameWasCancelled)),
        Ending::NotStarted(_) => (now < ms(ended.at) + 15 * MINUTE).then_some(Verdict::Blocked(Why::NotStarted)),
    }
}
