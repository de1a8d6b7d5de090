//! What becomes of one line, as if it were alone.

use std::collections::BTreeSet;

use super::facts::{LineFacts, Look};
use super::freeze::frozen_until;
use super::inputs::Inputs;
use super::plan::{Fate, LinePlan};
use super::reason::Reason;
use super::settle::MOST_RETRIES;
use super::state::{Attempt, Ended, Ending, LineState, Pending, TriedCves};
use crate::manifest::{ReasonKind, Triggers};
use crate::{Duration, ReleaseId, Timestamp, Words};

/// What Image Builder has is looked at again after so long, where a change of it builds.
const LOOK_AGAIN: Duration = Duration::hours(1);
/// However often somebody says that there is something new.
const NOT_AGAIN_FOR: Duration = Duration::minutes(1);
/// What failed by the way waits so long before the first time it is tried again, twice as long before the second.
const RETRY: Duration = Duration::minutes(15);
/// Who cannot be read so often is told of.
pub(super) const OFTEN: u32 = 3;
/// What a person asked for is over after so long in which something was in its way.
const REQUEST_LASTS: Duration = Duration::hours(24);
/// From one look to the next.
const SWEEP: Duration = Duration::minutes(5);

/// What holds a line, as people read it.
const FREEZE: &str = "its manifest's freeze";

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
    let mut fate = fate(facts, &mut state, now);
    state.hold_up(&fate, facts.triggers, now);
    if matches!(fate, Fate::Waits { .. } | Fate::Blocked { .. })
        && let Some(reasons) = state.lapsed(now)
    {
        fate = state.skip(reasons, Words::from("for a day nothing could be built for it"));
    }
    // Who goes after others is in nobody's way.
    let held = LineState {
        held_up: None,
        ..state.clone()
    };
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
        return state.goes_on(facts, now);
    }
    if facts.look.is_none() && state.is_to_be_looked_at(facts, now) {
        return Fate::ToBeRead;
    }
    let (reasons, held) = (state.reasons(), state.held(facts.triggers, now));
    let inputs = match &facts.look {
        Some(Look::Would(inputs)) => inputs,
        Some(Look::Unreadable(_)) if state.unreadable < OFTEN => {
            if reasons.is_empty() {
                return Fate::Quiet;
            }
            let why = Words::from("what it would build cannot be read just now");
            let until = now.saturating_add(SWEEP);
            return Fate::Waits { reasons, until, why };
        }
        // Who disables what nobody asks for may have meant it.
        Some(look @ Look::Disabled(_)) if reasons.is_empty() => return state.skip(reasons, obstacle(look)),
        Some(look @ (Look::NoPipeline | Look::Disabled(_) | Look::Unreadable(_))) => {
            let why = obstacle(look);
            return Fate::Blocked { reasons, why };
        }
        None => {
            let Some(held) = held else {
                return Fate::ToBeRead;
            };
            return match state.obstacle.clone() {
                Some(why) => Fate::Blocked { reasons, why },
                None => held,
            };
        }
    };
    let is_tried = |reason: &Reason| state.has_tried(reason, inputs.parent_is.release);
    if !reasons.is_empty() && reasons.iter().all(is_tried) {
        let why = Words::from(format!(
            "a build on {} was tried for it, and did not help",
            inputs.parent_is.says
        ));
        return state.skip(reasons, why);
    }
    held.unwrap_or_else(|| judged(facts, state, inputs, now))
}

/// What becomes of a line that has waited, whose inputs are known.
fn judged(facts: &LineFacts<'_>, state: &mut LineState, inputs: &Inputs, now: Timestamp) -> Fate {
    let reasons = state.reasons();
    let Some(fingerprint) = inputs.fingerprint() else {
        let why = Words::from("a component of its recipe has no build: give it a version that exists");
        return Fate::Blocked { reasons, why };
    };
    let newest = facts.newest.as_ref();
    let is_same = newest.is_some_and(|newest| inputs.differences(&newest.of, facts.parent).is_empty());
    let builds = |reason: &Reason| {
        builds_all_the_same(reason, facts.triggers) && !state.has_tried(reason, inputs.parent_is.release)
    };
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
            Again::At(until) => return held_up(&ended.how, reasons, until),
            Again::Never(why) => return state.skip(reasons, why),
        }
    }
    Fate::Starts
}

/// What becomes of a line that is tried again then.
fn held_up(how: &Ending, reasons: Vec<Reason>, until: Timestamp) -> Fate {
    match how {
        Ending::NotStarted(why) => Fate::Blocked {
            reasons,
            why: Words::from(format!("it is not started: {why}; it is tried again at {until}")),
        },
        Ending::Made | Ending::Passing(_) | Ending::Failed(_) | Ending::Cancelled => Fate::Waits {
            reasons,
            until,
            why: Words::from("the last build failed by the way"),
        },
    }
}

/// Until when a freeze holds all of these; none: one of them may be built for.
pub(super) fn frozen(reasons: &[Reason], triggers: &Triggers, now: Timestamp) -> Option<Timestamp> {
    let until = |reason: &Reason| frozen_until(&triggers.freeze, reason.kind(), now);
    let until: Option<Vec<Timestamp>> = reasons.iter().map(until).collect();
    until?.into_iter().min()
}

pub(super) fn is_asked_by_hand(reasons: &[Reason]) -> bool {
    reasons.iter().any(|reason| reason.kind() == ReasonKind::Manual)
}

/// Whether the same may be tried again.
enum Again {
    Now,
    At(Timestamp),
    Never(Words),
}

fn again(attempt: &Attempt, ended: &Ended, state: &LineState, facts: &LineFacts<'_>) -> Again {
    // Asked anew since it began, by a person or by the clock; or more was found. That nothing is built yet is so all the time.
    let is_asked_anew = |pending: &Pending| match &pending.reason {
        Reason::Cve { found, .. } => !attempt.is_for(found),
        Reason::First => false,
        Reason::Manual { .. }
        | Reason::Parent { .. }
        | Reason::Base { .. }
        | Reason::Change { .. }
        | Reason::Age { .. }
        | Reason::Schedule { .. } => {
            pending.since > attempt.begun && builds_all_the_same(&pending.reason, facts.triggers)
        }
    };
    if state.pending.iter().any(is_asked_anew) {
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
        Ending::Cancelled if attempt.gave_way() => Again::Now,
        Ending::Cancelled => Again::Never(Words::from("a build of the same was cancelled by hand")),
        Ending::NotStarted(_) => Again::At(ended.at.saturating_add(RETRY)),
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

/// Whether a reason is that something differs, and so one only as long as it does.
pub(super) fn is_difference(reason: &Reason) -> bool {
    match reason {
        Reason::Parent { .. } | Reason::Base { .. } | Reason::Change { .. } | Reason::First => true,
        Reason::Cve { .. } | Reason::Manual { .. } | Reason::Age { .. } | Reason::Schedule { .. } => false,
    }
}

/// Whether a reason builds although nothing differs.
fn builds_all_the_same(reason: &Reason, triggers: &Triggers) -> bool {
    match reason {
        Reason::Cve { .. } | Reason::Manual { .. } | Reason::Age { .. } | Reason::First => true,
        Reason::Schedule { .. } => triggers.schedule.as_ref().is_some_and(|schedule| schedule.always),
        Reason::Parent { .. } | Reason::Base { .. } | Reason::Change { .. } => false,
    }
}

/// What is in the way of a line that would not be built.
pub(super) fn obstacle(look: &Look) -> Words {
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
    pub fn is_in_doubt(&self) -> bool {
        self.attempt
            .as_ref()
            .is_some_and(|attempt| attempt.goes_on() && attempt.build.is_none())
    }

    pub(super) fn is_building(&self) -> bool {
        self.adopted.is_some() || self.attempt.as_ref().is_some_and(Attempt::goes_on)
    }

    pub(super) fn reasons(&self) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = self.pending.iter().map(|pending| pending.reason.clone()).collect();
        reasons.sort();
        reasons
    }

    /// What holds a line whatever it would be built of; none: nothing does.
    fn held(&self, triggers: &Triggers, now: Timestamp) -> Option<Fate> {
        let reasons = self.reasons();
        let Some(ready) = self.ready_at(triggers, now) else {
            return Some(Fate::Quiet);
        };
        if let Some(breaker) = self.breaker.as_ref().filter(|_| !is_asked_by_hand(&reasons)) {
            let why = breaker.told(self.failures);
            return Some(Fate::Blocked { reasons, why });
        }
        let (until, why) = match frozen(&reasons, triggers, now) {
            Some(until) => (until.max(ready), FREEZE),
            None => (ready, "more may come"),
        };
        let why = Words::from(why);
        (until > now).then_some(Fate::Waits { reasons, until, why })
    }

    /// When what asks for a build has waited for what may come yet; none: nothing asks.
    pub(super) fn ready_at(&self, triggers: &Triggers, now: Timestamp) -> Option<Timestamp> {
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

    pub(super) fn is_to_be_looked_at(&self, facts: &LineFacts<'_>, now: Timestamp) -> bool {
        let Triggers {
            parent, base, change, ..
        } = facts.triggers;
        let Some(looked) = self.looked else {
            return *parent || *change || base.is_some();
        };
        let after = |length: Duration| looked.at.saturating_add(length) <= now;
        // Another recipe closes the breaker, whatever else builds.
        let change = *change || self.breaker.is_some();
        let is_said = facts.rumour.is_some_and(|said| said > looked.at) && after(NOT_AGAIN_FOR);
        if is_said && (*parent || change || base.is_some()) {
            return true;
        }
        let moved = *parent && facts.parent_points.is_some() && facts.parent_points != looked.parent;
        moved || (change && (looked.manifest != facts.manifest || after(LOOK_AGAIN))) || base.is_some_and(after)
    }

    /// Keeps since when something is in its way. What is started may be refused: that is seen at the next look.
    fn hold_up(&mut self, fate: &Fate, triggers: &Triggers, now: Timestamp) {
        let is_frozen = frozen_until(&triggers.freeze, ReasonKind::Manual, now).is_some();
        self.held_up = match fate {
            Fate::Waits { .. } | Fate::Blocked { .. } if !is_frozen => self.held_up.or(Some(now)),
            Fate::ToBeRead | Fate::Starts => self.held_up,
            Fate::Waits { .. }
            | Fate::Blocked { .. }
            | Fate::Quiet
            | Fate::Building
            | Fate::Cancels { .. }
            | Fate::Skipped { .. }
            | Fate::Queued { .. }
            | Fate::Follows { .. } => None,
        };
    }

    /// What persons asked for, where nothing else asks and something was in its way for so long.
    fn lapsed(&self, now: Timestamp) -> Option<Vec<Reason>> {
        let held_up = self.held_up?;
        let is_over = |pending: &Pending| {
            let since = pending.since.max(held_up);
            matches!(pending.reason, Reason::Manual { .. }) && since.saturating_add(REQUEST_LASTS) <= now
        };
        let is_over = !self.pending.is_empty() && self.pending.iter().all(is_over);
        is_over.then(|| self.reasons())
    }

    /// Whether a release was built on this parent for all of what was found.
    fn has_tried(&self, reason: &Reason, parent: ReleaseId) -> bool {
        let Reason::Cve { found, .. } = reason else {
            return false;
        };
        let mut of_base = self.tried.iter().filter(|tried| tried.parent == parent);
        of_base.any(|tried| found.is_subset(&tried.found))
    }

    /// The same of the parent that the last look found.
    pub(super) fn has_tried_in_vain(&self, reason: &Reason) -> bool {
        let parent = self.looked.and_then(|looked| looked.parent);
        parent.is_some_and(|parent| self.has_tried(reason, parent))
    }

    /// Keeps for what a release was built, on its parent; of those before only the last few parents.
    pub(super) fn try_away(&mut self, reasons: &[Reason], parent: Option<ReleaseId>) {
        let Some(parent) = parent else { return };
        for reason in reasons {
            let Reason::Cve { found, .. } = reason else { continue };
            let before = self.tried.iter().position(|tried| tried.parent == parent);
            let mut tried = before.map_or_else(BTreeSet::new, |at| self.tried.remove(at).found);
            tried.extend(found.iter().cloned());
            self.tried.push(TriedCves { parent, found: tried });
        }
        let more = self.tried.len().saturating_sub(MOST_BASES);
        self.tried.drain(..more);
    }

    /// Notes that these are answered.
    fn answer(&mut self, reasons: &[Reason]) {
        self.answers.extend(reasons.iter().filter_map(|reason| match reason {
            Reason::Manual { at, .. } => Some(*at),
            Reason::Cve { .. }
            | Reason::Parent { .. }
            | Reason::Base { .. }
            | Reason::Change { .. }
            | Reason::First
            | Reason::Age { .. }
            | Reason::Schedule { .. } => None,
        }));
    }

    fn start(&mut self, inputs: &Inputs, fingerprint: String, now: Timestamp) {
        let before = self.attempt.take();
        let reasons = self.reasons();
        let same = before.as_ref().filter(|before| before.fingerprint == fingerprint);
        let retries = same.map_or(0, Attempt::retries_after);
        let follows = before.as_ref().is_some_and(Attempt::is_followed_to_its_end);
        self.answer(&reasons);
        self.attempt = Some(Attempt {
            number: before.map_or(1, |before| before.number.saturating_add(1)),
            retries,
            fingerprint,
            recipe: inputs.recipe.clone(),
            parent: Some(inputs.parent_is.release),
            reasons,
            begun: now,
            waiting: self.waiting,
            build: None,
            ended: None,
            superseded: None,
            follows,
        });
        (self.pending, self.waiting, self.skipped) = (Vec::new(), None, None);
    }

    /// What asked is over; it is told once.
    fn skip(&mut self, reasons: Vec<Reason>, why: Words) -> Fate {
        self.answer(&reasons);
        (self.pending, self.waiting, self.held_up) = (Vec::new(), None, None);
        self.skipped = Some(why.clone());
        Fate::Skipped { reasons, why }
    }
}
