//! A build that is ended because something else would be built now, where the manifest asks for that.

use serde::{Deserialize, Serialize};

use super::facts::{Line, LineFacts, Look};
use super::inputs::Inputs;
use super::line::{frozen, is_difference};
use super::plan::Fate;
use super::state::{Attempt, Ending, LineState};
use crate::text::digest;
use crate::{ImageBuildArn, Timestamp};

/// What becomes of a build that something else would be built instead of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Superseded {
    /// It is to be ended, and so long nobody has seen it end.
    Asked,
    /// It was too far to be ended.
    TooLate,
}

impl Attempt {
    /// Whether it was ended for the build that follows it, not by a person.
    pub(super) fn gave_way(&self) -> bool {
        let is_cancelled = self.ended.as_ref().is_some_and(|ended| ended.how == Ending::Cancelled);
        is_cancelled && self.superseded == Some(Superseded::Asked)
    }
}

impl Line {
    /// What makes the end of a build that is asked for again the same end.
    pub fn end_token(&self, build: &ImageBuildArn) -> String {
        digest(&(&self.family, self.architecture, build, "superseded"))
    }
}

impl LineState {
    /// What becomes of a line whose build is under way. One that follows a build that was ended is not ended itself: changes that
    /// come faster than builds must not keep all of them from their end.
    pub(super) fn goes_on(&mut self, facts: &LineFacts<'_>, now: Timestamp) -> Fate {
        let is_to_be_looked_at = self.is_to_be_looked_at(facts, now);
        let until = self.ready_at(facts.triggers, now);
        let mut reasons = self.reasons();
        let is_held = self.adopted.is_some() || self.breaker.is_some();
        let Some(attempt) = self
            .attempt
            .as_mut()
            .filter(|_| facts.triggers.cancel_superseded && !is_held)
        else {
            return Fate::Building;
        };
        let Some(build) = attempt.build.clone().filter(|_| attempt.goes_on() && !attempt.follows) else {
            return Fate::Building;
        };
        reasons.retain(|reason| !attempt.reasons.contains(reason));
        match attempt.superseded {
            Some(Superseded::Asked) => return Fate::Cancels { build, reasons },
            Some(Superseded::TooLate) => return Fate::Building,
            None => {}
        }
        let is_over = until.is_some_and(|until| until <= now);
        let is_due = is_over && reasons.iter().any(is_difference) && frozen(&reasons, facts.triggers, now).is_none();
        match &facts.look {
            None if is_to_be_looked_at || is_due => Fate::ToBeRead,
            Some(Look::Would(inputs)) if is_due && differs(inputs, attempt) => {
                attempt.superseded = Some(Superseded::Asked);
                Fate::Cancels { build, reasons }
            }
            None | Some(_) => Fate::Building,
        }
    }

    /// Notes that the build under way is too far to be ended.
    pub fn is_too_late(&mut self) {
        if let Some(attempt) = self.attempt.as_mut() {
            attempt.superseded = Some(Superseded::TooLate);
        }
    }
}

/// Whether something else would be built now.
fn differs(inputs: &Inputs, attempt: &Attempt) -> bool {
    inputs.fingerprint().is_some_and(|now| now != attempt.fingerprint)
}
