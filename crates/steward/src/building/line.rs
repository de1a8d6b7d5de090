//! What becomes of one line, as if it were alone.

use std::collections::BTreeSet;

use super::facts::{LineFacts, Look};
use super::freeze::frozen_until;
use super::inputs::Inputs;
use super::plan::{Fate, LinePlan};
use super::reason::Reason;
use super::settle::MOST_RETRIES;
use super::state::{Attempt, Ended, Ending, LineState, TriedCves};
use crate::manifest::{ReasonKind, Triggers};
use crate::{Duration, Timestamp, Words};

/// What Image Builder has is looked at again after so long, where a change of it builds.
const LOOK_AGAIN: Duration = Duration::hours(1);
/// What failed by the way waits so long before the first time it is tried again, twice as long before the second.
const RETRY: Duration = Duration::minutes(15);
/// Who cannot be read so often is told of.
const OFTEN: u32 = 3;

/// Of so many bases it is kept what was tried on them: who goes back further tries again.
const MOST_BASES: usize = 5;

/// Decides one line. Where it may start, its state is that of a line that has started, and the other is what is kept of it if
/// others go first.
pub(super) fn decide_line(facts: &LineFacts<'_>, now: Timestamp) -> (LinePlan, LineState) {
    let mut state = facts.state.clone();
    state.settle(facts, now);
    if let Some(look) = &facts.look {
        state.note(facts, look, now);
    }
    state.raise(facts, now);
    state.wait();
    let fate = fate(facts, &mut state, now);
    let held = state.clone();
    if fate == Fate::Starts && !state.is_in_doubt() {
        let Some(Look::Would(inputs)) = &facts.look else {
            return (
                LinePlan {
                    fate: Fate::ToBeRead,
                    state,
                },
                held,
            );
        };
        if let Some(fingerprint) = inputs.fingerprint() {
            state.start(inputs, fingerprint, now);
        }
    }
    (LinePlan { fate, state }, held)
}

fn fate(facts: &LineFacts<'_>, state: &mut LineState, now: Timestamp) -> Fate {
    if state.is_in_doubt() {
        // The same token is answered by the same build.
        return Fate::Starts;
    }
    if state.is_building() {
        return Fate::Building;
    }
    let until = state.ready_at(facts.triggers, now);
    if facts.look.is_none() && (state.is_to_be_looked_at(facts, now) || until.is_some_and(|until| until <= now)) {
        return Fate::ToBeRead;
    }
    let (Some(until), reasons) = (until, state.reasons()) else {
        return Fate::Quiet;
    };
    let inputs = match &facts.look {
        Some(Look::Would(inputs)) => Some(inputs),
        Some(Look::Unreadable(_)) if state.unreadable < OFTEN => {
            let why = Words::from("what it would build cannot be read just now");
            return Fate::Waits {
                reasons,
                until: now,
                why,
            };
        }
        Some(look @ (Look::NoPipeline | Look::Disabled(_) | Look::Unreadable(_))) => {
            return Fate::Blocked {
                reasons,
                why: obstacle(look),
            };
        }
        None => None,
    };
    if until > now {
        let why = Words::from("more may come");
        return Fate::Waits { reasons, until, why };
    }
    match inputs {
        None => Fate::ToBeRead,
        Some(inputs) => judged(facts, state, inputs, now),
    }
}

/// What becomes of a line that has waited, whose inputs are known.
fn judged(facts: &LineFacts<'_>, state: &mut LineState, inputs: &Inputs, now: Timestamp) -> Fate {
    let reasons = state.reasons();
    let is_tried = |reason: &Reason| state.has_tried(reason, inputs);
    if !reasons.is_empty() && reasons.iter().all(is_tried) {
        let why = Words::from(format!(
            "a build on {} was tried for it, and did not help",
            inputs.parent_is.says
        ));
        return state.skip(reasons, why);
    }
    let is_manual = reasons.iter().any(|reason| reason.kind() == ReasonKind::Manual);
    let Some(fingerprint) = inputs.fingerprint() else {
        let why = Words::from("a component of its recipe has no build: give it a version that exists");
        return Fate::Blocked { reasons, why };
    };
    if let Some(breaker) = &state.breaker {
        if breaker.recipe == inputs.recipe && !is_manual {
            let why = format!(
                "{} builds in a row failed, the last: {}; change what fails, or `steward build` it by hand",
                state.failures, breaker.why
            );
            return Fate::Blocked {
                reasons,
                why: Words::from(why),
            };
        }
        if breaker.recipe != inputs.recipe {
            (state.breaker, state.failures) = (None, 0);
        }
    }
    let frozen = |reason: &Reason| frozen_until(&facts.triggers.freeze, reason.kind(), now);
    let frozen: Option<Vec<Timestamp>> = reasons.iter().map(frozen).collect();
    if let Some(until) = frozen.and_then(|frozen| frozen.into_iter().min()) {
        let why = Words::from("its manifest's freeze");
        return Fate::Waits { reasons, until, why };
    }
    let newest = facts.newest.as_ref();
    let is_same = newest.is_some_and(|newest| inputs.differences(&newest.of, facts.parent).is_empty());
    let builds = |reason: &Reason| builds_all_the_same(reason, facts.triggers) && !state.has_tried(reason, inputs);
    if is_same && !reasons.iter().any(builds) {
        return state.skip(reasons, Words::from("nothing of what it is made of is another"));
    }
    let tried = state
        .attempt
        .as_ref()
        .filter(|attempt| attempt.fingerprint == fingerprint);
    if let Some((attempt, ended)) = tried.and_then(|attempt| Some((attempt, attempt.ended.as_ref()?))) {
        match again(attempt, ended, state, facts) {
            Again::Now => {}
            Again::At(until) if until <= now => {}
            Again::At(until) => {
                let why = Words::from("the last build failed by the way");
                return Fate::Waits { reasons, until, why };
            }
            Again::Never(why) => return state.skip(reasons, why),
        }
    }
    Fate::Starts
}

/// Whether the same may be tried again.
enum Again {
    Now,
    At(Timestamp),
    Never(Words),
}

fn again(attempt: &Attempt, ended: &Ended, state: &LineState, facts: &LineFacts<'_>) -> Again {
    // Asked anew since it ended, by a person or by the clock. That nothing is built yet is so all the time.
    let is_asked_anew = |reason: &Reason| !is_so_all_the_time(reason) && builds_all_the_same(reason, facts.triggers);
    let mut since = state.pending.iter().filter(|pending| pending.since > ended.at);
    if since.any(|pending| is_asked_anew(&pending.reason)) {
        return Again::Now;
    }
    match &ended.how {
        Ending::Made if state.pending.iter().any(|pending| asks_for_itself(&pending.reason)) => Again::Now,
        Ending::Made if is_overtaken(attempt, facts) => Again::Now,
        // The record says how a build ended before it has it as the newest release.
        Ending::Made => Again::Never(Words::from("the same is built")),
        Ending::Passing(_) if attempt.retries < MOST_RETRIES => {
            let mut until = ended.at;
            for _ in 0..=attempt.retries {
                until = until.saturating_add(RETRY);
            }
            Again::At(until)
        }
        Ending::Passing(why) | Ending::Failed(why) => {
            Again::Never(Words::from(format!("the same was built, and failed: {why}")))
        }
        Ending::Cancelled => Again::Never(Words::from("a build of the same was cancelled by hand")),
    }
}

/// Whether the newest release is of another hand, after this: what this made is built anew where all went back to it.
fn is_overtaken(attempt: &Attempt, facts: &LineFacts<'_>) -> bool {
    let newest = facts.newest.as_ref();
    let others = newest.filter(|newest| Some(&newest.build) != attempt.build.as_ref());
    others.is_some_and(|newest| newest.created.is_some_and(|created| created > attempt.begun))
}

/// Whether a reason is asked once, whatever was built before: by a person, or for what was found and not tried yet.
fn asks_for_itself(reason: &Reason) -> bool {
    matches!(reason, Reason::Manual { .. } | Reason::Cve { .. })
}

/// Whether a reason lasts until there is another release: it asks for nothing anew.
fn is_so_all_the_time(reason: &Reason) -> bool {
    matches!(reason, Reason::First | Reason::Cve { .. })
}

/// Whether a reason builds although nothing differs.
fn builds_all_the_same(reason: &Reason, triggers: &Triggers) -> bool {
    match reason {
        Reason::Cve { .. } | Reason::Manual { .. } | Reason::Age { .. } | Reason::First => true,
        Reason::Schedule { .. } => triggers.schedule.as_ref().is_some_and(|schedule| schedule.always),
        Reason::Parent { .. } | Reason::Base { .. } | Reason::Change { .. } => false,
    }
}

fn obstacle(look: &Look) -> Words {
    match look {
        Look::NoPipeline => Words::from("its pipeline is not there: run `steward apply`"),
        Look::Disabled(Some(failures)) => Words::from(format!(
            "its pipeline is disabled, after {failures} builds in a row that failed: enable it in Image Builder"
        )),
        Look::Disabled(None) => Words::from("its pipeline is disabled: enable it in Image Builder"),
        Look::Unreadable(why) => Words::from(format!("what it would build cannot be read: {why}")),
        Look::Would(_) => Words::from(""),
    }
}

impl LineState {
    /// Whether nobody knows if the last attempt was started.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.attempt
            .as_ref()
            .is_some_and(|attempt| attempt.goes_on() && attempt.build.is_none())
    }

    fn is_building(&self) -> bool {
        self.adopted.is_some() || self.attempt.as_ref().is_some_and(Attempt::goes_on)
    }

    fn reasons(&self) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = self.pending.iter().map(|pending| pending.reason.clone()).collect();
        reasons.sort();
        reasons
    }

    /// When what asks for a build has waited for what may come yet; none: nothing asks.
    fn ready_at(&self, triggers: &Triggers, now: Timestamp) -> Option<Timestamp> {
        let latest = self.pending.iter().map(|pending| pending.since).max()?;
        if self
            .pending
            .iter()
            .any(|pending| pending.reason.kind() == ReasonKind::Manual)
        {
            return Some(now);
        }
        let settled = latest.saturating_add(triggers.debounce);
        let at_most = self.waiting.unwrap_or(latest).saturating_add(triggers.wait_at_most);
        Some(settled.min(at_most))
    }

    fn is_to_be_looked_at(&self, facts: &LineFacts<'_>, now: Timestamp) -> bool {
        let Triggers {
            parent, base, change, ..
        } = facts.triggers;
        let Some(looked) = self.looked else {
            return *parent || *change || base.is_some();
        };
        let after = |length: Duration| looked.at.saturating_add(length) <= now;
        let moved = *parent && facts.parent_points.is_some() && facts.parent_points != looked.parent;
        moved || (*change && (looked.manifest != facts.manifest || after(LOOK_AGAIN))) || base.is_some_and(after)
    }

    /// Whether a build was started for all of what was found, on this base.
    fn has_tried(&self, reason: &Reason, inputs: &Inputs) -> bool {
        let Reason::Cve { found, .. } = reason else {
            return false;
        };
        let mut of_base = self
            .tried
            .iter()
            .filter(|tried| tried.parent == inputs.parent_is.release);
        of_base.any(|tried| found.is_subset(&tried.found))
    }

    /// Keeps for what a build is started, on its base; of those before only the last few bases.
    fn try_away(&mut self, reasons: &[Reason], inputs: &Inputs) {
        let found = reasons.iter().filter_map(|reason| match reason {
            Reason::Cve { found, .. } => Some(found),
            _ => None,
        });
        let parent = inputs.parent_is.release;
        for found in found {
            let before = self.tried.iter().position(|tried| tried.parent == parent);
            let mut tried = before.map_or_else(BTreeSet::new, |at| self.tried.remove(at).found);
            tried.extend(found.iter().cloned());
            self.tried.push(TriedCves { parent, found: tried });
        }
        let more = self.tried.len().saturating_sub(MOST_BASES);
        self.tried.drain(..more);
    }

    fn start(&mut self, inputs: &Inputs, fingerprint: String, now: Timestamp) {
        let before = self.attempt.take();
        let reasons = self.reasons();
        self.try_away(&reasons, inputs);
        let retries = match &before {
            Some(Attempt {
                fingerprint: of,
                retries,
                ended:
                    Some(Ended {
                        how: Ending::Passing(_),
                        ..
                    }),
                ..
            }) if *of == fingerprint => retries.saturating_add(1),
            _ => 0,
        };
        let asked = self.pending.iter().filter_map(|pending| match pending.reason {
            Reason::Manual { at, .. } => Some(at),
            _ => None,
        });
        self.answered = asked.chain(self.answered).max();
        self.attempt = Some(Attempt {
            number: before.map_or(1, |before| before.number.saturating_add(1)),
            retries,
            fingerprint,
            recipe: inputs.recipe.clone(),
            parent: Some(inputs.parent_is.release),
            reasons,
            begun: now,
            build: None,
            ended: None,
        });
        (self.pending, self.waiting, self.skipped) = (Vec::new(), None, None);
    }

    /// What asked is over; it is told once.
    fn skip(&mut self, reasons: Vec<Reason>, why: Words) -> Fate {
        (self.pending, self.waiting) = (Vec::new(), None);
        self.skipped = Some(why.clone());
        Fate::Skipped { reasons, why }
    }
}
