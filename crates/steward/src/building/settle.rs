//! What became of the last build, and what asks for the next.

use super::facts::{LineFacts, Look};
use super::reason::Reason;
use super::schedule::last_due;
use super::state::{Breaker, Ended, Ending, LineState, Looked, Pending};
use crate::manifest::Triggers;
use crate::{Duration, Timestamp};

/// So many builds in a row that failed open the breaker.
const MOST_FAILURES: u32 = 3;
/// So often what failed by the way is tried again.
pub(super) const MOST_RETRIES: u32 = 3;
/// Whoever asked for a build so long ago waits for it no more.
const REQUEST_LASTS: Duration = Duration::hours(24);
/// A release that is too old is built again so long after a build of it failed.
const AGE_AGAIN: Duration = Duration::hours(24);

impl LineState {
    /// Takes up how the last attempt ended, and what became of another hand's build.
    pub(super) fn settle(&mut self, facts: &LineFacts<'_>, now: Timestamp) {
        if let Some(attempt) = self.attempt.as_mut().filter(|attempt| attempt.goes_on())
            && attempt.build.is_some()
            && let Some(how) = facts.ended.clone()
        {
            attempt.ended = Some(Ended { at: now, how });
            self.take_up_end(now);
        }
        let ours = self.attempt.as_ref().and_then(|attempt| attempt.build.as_ref());
        let others = facts.under_way.iter().map(|under_way| &under_way.build);
        let adopted = others.filter(|build| Some(*build) != ours).max().cloned();
        if let Some(before) = &self.adopted
            && adopted.is_none()
            && facts.newest.as_ref().is_some_and(|newest| newest.build == *before)
        {
            self.made();
        }
        self.adopted = adopted;
    }

    fn take_up_end(&mut self, now: Timestamp) {
        let Some((attempt, ended)) = self
            .attempt
            .as_ref()
            .and_then(|attempt| Some((attempt, attempt.ended.as_ref()?)))
        else {
            return;
        };
        let why = match &ended.how {
            Ending::Made => {
                self.made();
                return;
            }
            Ending::Cancelled => return,
            Ending::Passing(why) | Ending::Failed(why) => why.clone(),
        };
        let (recipe, begun) = (attempt.recipe.clone(), attempt.begun);
        let again = match ended.how {
            Ending::Passing(_) if attempt.retries < MOST_RETRIES => attempt.reasons.clone(),
            _ => Vec::new(),
        };
        for reason in again {
            self.ask(reason, begun);
        }
        self.failures = self.failures.saturating_add(1);
        if self.failures >= MOST_FAILURES && self.breaker.is_none() {
            self.breaker = Some(Breaker { at: now, recipe, why });
        }
    }

    /// A release was made: what the clock asked for meanwhile is answered by it, and what else differs is to be seen.
    fn made(&mut self) {
        self.pending
            .retain(|pending| matches!(pending.reason, Reason::Manual { .. }));
        (self.failures, self.breaker, self.looked) = (0, None, None);
    }

    /// Writes down what asks for a build by the clock or by hand.
    pub(super) fn raise(&mut self, facts: &LineFacts<'_>, now: Timestamp) {
        let Triggers { schedule, max_age, .. } = facts.triggers;
        match (schedule, self.scheduled) {
            (None, _) => self.forget(|reason| matches!(reason, Reason::Schedule { .. })),
            // What was due before anybody looked is not made up for.
            (Some(_), None) => self.scheduled = Some(now),
            (Some(schedule), Some(after)) => {
                if let Some(due) = last_due(schedule, after, now) {
                    self.forget(|reason| matches!(reason, Reason::Schedule { .. }));
                    self.ask(Reason::Schedule { due }, now);
                    self.scheduled = Some(due);
                }
            }
        }
        self.forget(|reason| matches!(reason, Reason::Age { .. }));
        let created = facts.newest.as_ref().and_then(|newest| newest.created);
        if let (Some(max_age), Some(built)) = (max_age, created)
            && let Some(since) = built.checked_add(*max_age)
        {
            let since = self
                .failed()
                .map_or(since, |failed| since.max(failed.saturating_add(AGE_AGAIN)));
            if since <= now {
                self.ask(Reason::Age { built }, since);
            }
        }
        let found = cve(facts);
        self.forget(|reason| matches!(reason, Reason::Cve { .. }) && Some(reason) != found.as_ref());
        if let Some(reason) = found {
            self.ask(reason, now);
        }
        for request in &facts.requests {
            let is_late = request.at.saturating_add(REQUEST_LASTS) <= now;
            let is_answered = self.answered.is_some_and(|answered| request.at <= answered);
            if !is_late && !is_answered {
                let (who, why, at) = (request.who.clone(), request.why.clone(), request.at);
                self.ask(Reason::Manual { who, why, at }, at);
            }
        }
        self.pending.retain(|Pending { reason, .. }| match reason {
            Reason::Manual { at, .. } => at.saturating_add(REQUEST_LASTS) > now,
            _ => true,
        });
    }

    /// Writes down what a look found: what differs now, and nothing of what differed before.
    pub(super) fn note(&mut self, facts: &LineFacts<'_>, look: &Look, now: Timestamp) {
        let inputs = match look {
            Look::Would(inputs) => Some(inputs),
            Look::NoPipeline | Look::Disabled(_) | Look::Unreadable(_) => None,
        };
        self.looked = Some(Looked {
            at: now,
            manifest: facts.manifest,
            parent: inputs.map(|inputs| inputs.parent_is.release),
        });
        self.unreadable = match look {
            Look::Unreadable(_) => self.unreadable.saturating_add(1),
            Look::NoPipeline | Look::Disabled(_) | Look::Would(_) => 0,
        };
        let Some(inputs) = inputs else { return };
        let Triggers {
            parent, base, change, ..
        } = facts.triggers;
        let mut differences = match &facts.newest {
            None => vec![Reason::First],
            Some(newest) => inputs.differences(&newest.of, facts.parent),
        };
        differences.retain(|reason| match reason {
            Reason::Parent { .. } => *parent,
            Reason::Base { .. } => base.is_some(),
            Reason::First | Reason::Change { .. } => *change,
            Reason::Cve { .. } | Reason::Manual { .. } | Reason::Age { .. } | Reason::Schedule { .. } => false,
        });
        self.forget(|reason| is_difference(reason) && !differences.contains(reason));
        for reason in differences {
            self.ask(reason, now);
        }
    }

    /// Keeps since when it waits, as long as it does.
    pub(super) fn wait(&mut self) {
        let first = self.pending.iter().map(|pending| pending.since).min();
        self.waiting = match (self.waiting, first) {
            (_, None) => None,
            (Some(waiting), Some(_)) => Some(waiting),
            (None, Some(first)) => Some(first),
        };
    }

    fn ask(&mut self, reason: Reason, since: Timestamp) {
        if !self.pending.iter().any(|pending| pending.reason == reason) {
            self.pending.push(Pending { reason, since });
        }
    }

    fn forget(&mut self, which: impl Fn(&Reason) -> bool) {
        self.pending.retain(|pending| !which(&pending.reason));
    }

    /// When the last build ended, where it made no release.
    fn failed(&self) -> Option<Timestamp> {
        let ended = self.attempt.as_ref()?.ended.as_ref()?;
        (ended.how != Ending::Made).then_some(ended.at)
    }
}

/// What was found and may be built away; none: nothing, or nobody wants to know.
fn cve(facts: &LineFacts<'_>) -> Option<Reason> {
    let newest = facts.newest.as_ref().filter(|_| facts.triggers.cve.is_some())?;
    (!facts.found.is_empty()).then(|| Reason::Cve {
        found: facts.found.clone(),
        release: newest.number,
    })
}

/// Whether a reason is that something differs, and so one only as long as it does.
fn is_difference(reason: &Reason) -> bool {
    match reason {
        Reason::Parent { .. } | Reason::Base { .. } | Reason::Change { .. } | Reason::First => true,
        Reason::Cve { .. } | Reason::Manual { .. } | Reason::Age { .. } | Reason::Schedule { .. } => false,
    }
}
