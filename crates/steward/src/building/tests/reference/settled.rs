//! What has come of the build that was started last.

use std::collections::{BTreeMap, BTreeSet};

use super::{HOUR, MINUTE, MOST, ms, time};
use crate::building::{Attempt, Breaker, Ended, Ending, LineFacts, Reason, Superseded};
use crate::{ImageBuildArn, ReleaseId, Timestamp, VulnerabilityId};

/// Whether a line can be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It may have been started: the same call is made once more.
    InDoubt,
    /// A build is under way.
    Building,
    /// Nothing is.
    Free,
}

/// What a line has behind it.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) phase: Phase,
    pub(super) attempt: Option<Attempt>,
    pub(super) failures: u32,
    pub(super) breaker: Option<Breaker>,
    pub(super) tried: BTreeMap<ReleaseId, BTreeSet<VulnerabilityId>>,
    /// What was asked for and was not answered by what ended, and since when.
    pub(super) back: Vec<(Reason, i64)>,
    /// A build of another hand is under way.
    pub(super) is_other: bool,
    /// A release was made since the last look: what the clock asked for is answered by it, and what else differs is not known.
    pub(super) is_made: bool,
}

impl Settled {
    pub(super) fn of(of: &LineFacts<'_>, now: i64) -> Self {
        let state = &of.state;
        let tried = state.tried.iter().map(|tried| (tried.parent, tried.found.clone()));
        let mut settled = Self {
            phase: Phase::Free,
            attempt: state.attempt.clone(),
            failures: state.failures,
            breaker: state.breaker.clone(),
            tried: tried.collect(),
            back: Vec::new(),
            is_other: false,
            is_made: false,
        };
        if let Some(attempt) = state.attempt.as_ref().filter(|attempt| attempt.ended.is_none()) {
            match how(of, attempt, now) {
                Now::GoesOn(phase) => settled.phase = phase,
                Now::Is(build) => {
                    settled.phase = Phase::Building;
                    let attempt = settled.attempt.as_mut().unwrap();
                    // It may be another hand's.
                    (attempt.build, attempt.superseded) = (Some(build), Some(Superseded::TooLate));
                }
                Now::Ended(how) => settled.end(&how, now),
            }
        }
        let ours = settled.attempt.as_ref().and_then(|attempt| attempt.build.clone());
        settled.is_other = of.under_way.iter().any(|running| Some(&running.build) != ours.as_ref());
        if settled.is_other && settled.phase == Phase::Free {
            settled.phase = Phase::Building;
        }
        // What another hand built counts as much.
        let newest = of.newest.as_ref().map(|newest| &newest.build);
        if !settled.is_other && state.adopted.is_some() && state.adopted.as_ref() == newest {
            (settled.failures, settled.breaker, settled.is_made) = (0, None, true);
        }
        settled
    }

    fn end(&mut self, how: &Ending, now: i64) {
        let attempt = self.attempt.as_mut().unwrap();
        attempt.ended = Some(Ended {
            at: time(now),
            how: how.clone(),
        });
        match how {
            Ending::Made => {
                for reason in &attempt.reasons {
                    if let (Reason::Cve { found, .. }, Some(parent)) = (reason, attempt.parent) {
                        self.tried.entry(parent).or_default().extend(found.iter().cloned());
                    }
                }
                (self.failures, self.breaker, self.is_made) = (0, None, true);
            }
            Ending::Failed(why) | Ending::Passing(why) => {
                self.failures += 1;
                if self.failures >= MOST && self.breaker.is_none() {
                    self.breaker = Some(Breaker {
                        at: time(now),
                        recipe: attempt.recipe.clone(),
                        why: why.clone(),
                    });
                }
            }
            Ending::Cancelled | Ending::NotStarted(_) => {}
        }
        let is_again = match how {
            Ending::Passing(_) => attempt.retries < MOST,
            Ending::NotStarted(_) => true,
            Ending::Cancelled => matches!(attempt.superseded, Some(Superseded::Asked | Superseded::TakenBack)),
            Ending::Made | Ending::Failed(_) => false,
        };
        if is_again {
            let since = ms(attempt.waiting.unwrap_or(attempt.begun));
            self.back = attempt.reasons.iter().map(|reason| (reason.clone(), since)).collect();
        }
    }
}

enum Now {
    GoesOn(Phase),
    Is(ImageBuildArn),
    Ended(Ending),
}

fn how(of: &LineFacts<'_>, attempt: &Attempt, now: i64) -> Now {
    let begun = ms(attempt.begun);
    if attempt.build.is_some() {
        return of.ended.clone().map_or(Now::GoesOn(Phase::Building), Now::Ended);
    }
    if now < begun + 12 * HOUR {
        return Now::GoesOn(Phase::InDoubt);
    }
    // Image Builder's clock is another. How what was built since ended is asked once it is known to be that.
    let is_since = |created: Option<Timestamp>| created.is_some_and(|at| ms(at) >= begun - MINUTE);
    let runs = of.under_way.iter().filter(|running| is_since(running.created));
    let runs = runs.map(|running| &running.build).max();
    let newest = of.newest.as_ref().filter(|newest| is_since(newest.created));
    match runs.or(newest.map(|newest| &newest.build)) {
        Some(build) => Now::Is(build.clone()),
        None => Now::Ended(Ending::NotStarted("nobody learned whether it was started".into())),
    }
}
