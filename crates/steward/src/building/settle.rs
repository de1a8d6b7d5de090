//! What became of the last build, and what asks for the next.

use super::facts::{BuildRequest, LineFacts, Look};
use super::line::{OFTEN, is_difference, obstacle};
use super::reason::Reason;
use super::schedule::last_due;
use super::state::{Breaker, Ended, Ending, LineState, Looked, Pending};
use super::superseded::Superseded;
use crate::manifest::Triggers;
use crate::{Duration, Timestamp, Words};

/// So many builds in a row that failed open the breaker.
const MOST_FAILURES: u32 = 3;
/// So often what failed by the way is tried again.
pub(super) const MOST_RETRIES: u32 = 3;
/// So long nobody may know whether a build was started: after that the same call again might start another.
const DOUBT_LASTS: Duration = Duration::hours(12);
/// Image Builder tells whole seconds, by a clock of its own.
const CLOCKS_DIFFER: Duration = Duration::minutes(1);
/// So long the record may take to have a release that was made as the newest.
const RECORDED_WITHIN: Duration = Duration::hours(24);
/// A release that is too old is built again so long after a build of it failed.
const AGE_AGAIN: Duration = Duration::hours(24);

impl LineState {
    /// Takes up how the last attempt ended, and what became of another hand's build.
    pub(super) fn settle(&mut self, facts: &LineFacts<'_>, now: Timestamp) {
        self.end_doubt(facts, now);
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

    /// What was built since is the build of which nobody knows whether it was started; where there is none, it was not.
    fn end_doubt(&mut self, facts: &LineFacts<'_>, now: Timestamp) {
        let Some(begun) = self.attempt.as_ref().map(|attempt| attempt.begun) else {
            return;
        };
        if !self.is_in_doubt() || begun.saturating_add(DOUBT_LASTS) > now {
            return;
        }
        let is_since =
            |created: &Option<Timestamp>| created.is_some_and(|created| created.saturating_add(CLOCKS_DIFFER) >= begun);
        let running = facts.under_way.iter().filter(|build| is_since(&build.created));
        let running = running.map(|build| &build.build).max();
        let newest = facts.newest.as_ref().filter(|newest| is_since(&newest.created));
        match running.or(newest.map(|newest| &newest.build)) {
            Some(build) => {
                if let Some(attempt) = self.attempt.as_mut() {
                    attempt.build = Some(build.clone());
                    // It may be of another hand.
                    attempt.superseded = Some(Superseded::TooLate);
                }
            }
            None => self.was_refused(Words::from("nobody learned whether it was started"), now),
        }
    }

    /// Takes up that AWS refused to start the last attempt: what asked for it asks still.
    pub fn was_refused(&mut self, why: Words, now: Timestamp) {
        let Some(attempt) = self.attempt.as_mut() else { return };
        let how = Ending::NotStarted(why);
        attempt.ended = Some(Ended { at: now, how });
        let (reasons, since) = (attempt.reasons.clone(), attempt.asked_since());
        for reason in reasons {
            self.ask(reason, since);
        }
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
                let (reasons, parent) = (attempt.reasons.clone(), attempt.parent);
                self.try_away(&reasons, parent);
                self.made();
                return;
            }
            Ending::Cancelled if attempt.gave_way() => {
                let (reasons, since) = (attempt.reasons.clone(), attempt.asked_since());
                for reason in reasons {
                    self.ask(reason, since);
                }
                return;
            }
            Ending::Cancelled | Ending::NotStarted(_) => return,
            Ending::Passing(why) | Ending::Failed(why) => why.clone(),
        };
        let (recipe, since) = (attempt.recipe.clone(), attempt.asked_since());
        let again = match ended.how {
            Ending::Passing(_) if attempt.retries < MOST_RETRIES => attempt.reasons.clone(),
            _ => Vec::new(),
        };
        for reason in again {
            self.ask(reason, since);
        }
        self.failures = self.failures.saturating_add(1);
        if self.failures >= MOST_FAILURES && self.breaker.is_none() {
            self.breaker = Some(Breaker { at: now, recipe, why });
        }
    }

    /// A release was made: what the clock asked for meanwhile is answered by it, and what else differs is to be seen.
    pub(super) fn made(&mut self) {
        self.pending
            .retain(|pending| matches!(pending.reason, Reason::Manual { .. }));
        (self.failures, self.breaker, self.looked, self.waiting) = (0, None, None, None);
    }

    /// Writes down what asks for a build by the clock or by hand.
    pub(super) fn raise(&mut self, facts: &LineFacts<'_>, now: Timestamp) {
        let Triggers { schedule, max_age, .. } = facts.triggers;
        let told = schedule
            .as_ref()
            .map(|schedule| Words::from(format!("{} {}", schedule.cron, schedule.timezone)));
        if self.schedule != told {
            // What was due before anybody looked is not made up for.
            (self.schedule, self.scheduled) = (told, schedule.is_some().then_some(now));
            self.forget(|reason| matches!(reason, Reason::Schedule { .. }));
        }
        if schedule.is_none() {
            // It came back with a build that failed by the way.
            self.forget(|reason| matches!(reason, Reason::Schedule { .. }));
        }
        if let (Some(schedule), Some(after)) = (schedule, self.scheduled)
            && let Some(due) = last_due(schedule, after, now)
        {
            self.forget(|reason| matches!(reason, Reason::Schedule { .. }));
            self.ask(Reason::Schedule { due }, now);
            self.scheduled = Some(due);
        }
        self.forget(|reason| matches!(reason, Reason::Age { .. }));
        let created = facts.newest.as_ref().and_then(|newest| newest.created);
        if let (Some(max_age), Some(built)) = (max_age, created)
            && let Some(since) = built.checked_add(*max_age)
            && !self.is_not_recorded(facts, now)
        {
            let since = self
                .failed()
                .map_or(since, |failed| since.max(failed.saturating_add(AGE_AGAIN)));
            if since <= now {
                self.ask(Reason::Age { built }, since);
            }
        }
        let in_vain = |reason: &Reason| facts.look.is_none() && self.has_tried_in_vain(reason);
        let found = cve(facts).filter(|reason| !self.is_not_recorded(facts, now) && !in_vain(reason));
        self.forget(|reason| matches!(reason, Reason::Cve { .. }) && Some(reason) != found.as_ref());
        if let Some(reason) = found {
            self.ask(reason, now);
        }
        self.answers
            .retain(|at| facts.requests.iter().any(|asked| asked.at == *at));
        for BuildRequest { who, why, at, .. } in &facts.requests {
            if !self.answers.contains(at) {
                // Since it was seen: whose clock it is by is nobody's business.
                let (who, why, at) = (who.clone(), why.clone(), *at);
                self.ask(Reason::Manual { who, why, at }, now);
            }
        }
    }

    /// Whether the last attempt made a release that is not yet the newest that the record has: what was found is of the one before, and so is
    /// its age.
    fn is_not_recorded(&self, facts: &LineFacts<'_>, now: Timestamp) -> bool {
        let Some(attempt) = &self.attempt else { return false };
        let (Some(build), Some(ended)) = (&attempt.build, &attempt.ended) else {
            return false;
        };
        let is_older = facts
            .newest
            .as_ref()
            .is_none_or(|newest| newest.number < build.version());
        ended.how == Ending::Made && is_older && ended.at.saturating_add(RECORDED_WITHIN) > now
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
        self.obstacle = match look {
            Look::NoPipeline => Some(obstacle(look)),
            Look::Unreadable(_) if self.unreadable >= OFTEN => Some(obstacle(look)),
            Look::Unreadable(_) | Look::Disabled(_) | Look::Would(_) => None,
        };
        let Some(inputs) = inputs else { return };
        if self
            .breaker
            .as_ref()
            .is_some_and(|breaker| breaker.recipe != inputs.recipe)
        {
            (self.breaker, self.failures) = (None, 0);
        }
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

    /// When the last build ended, where it made no release and is not tried again for the same.
    fn failed(&self) -> Option<Timestamp> {
        let attempt = self.attempt.as_ref()?;
        let Ended { at, how } = attempt.ended.as_ref()?;
        match how {
            Ending::Made | Ending::NotStarted(_) => None,
            Ending::Cancelled if attempt.gave_way() => None,
            Ending::Passing(_) if attempt.retries < MOST_RETRIES => None,
            Ending::Passing(_) | Ending::Failed(_) | Ending::Cancelled => Some(*at),
        }
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
