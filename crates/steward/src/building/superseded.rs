//! A build that is ended because something else would be built now, where the manifest asks for that.

use serde::{Deserialize, Serialize};

use super::facts::{Line, LineFacts, Look};
use super::inputs::Inputs;
use super::line::{frozen, is_difference};
use super::plan::Fate;
use super::state::{Attempt, Ending, LineState};
use crate::text::digest;
use crate::{Duration, ImageBuildArn, Timestamp};

/// Within so long a build that is to be ended has ended, and the next is begun.
const ENDS_WITHIN: Duration = Duration::minutes(30);

/// What becomes of a build that something else would be built instead of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Superseded {
    /// It is to be ended, and so long nobody has seen it end.
    Asked,
    /// The same, and then it was not any more: whoever was asked may still hear of it.
    TakenBack,
    /// It was too far to be ended.
    TooLate,
}

impl Attempt {
    /// Whether it was ended for the build that follows it, not by a person.
    pub(super) fn gave_way(&self) -> bool {
        let is_cancelled = self.ended.as_ref().is_some_and(|ended| ended.how == Ending::Cancelled);
        let was_asked = match self.superseded {
            Some(Superseded::Asked | Superseded::TakenBack) => true,
            Some(Superseded::TooLate) | None => false,
        };
        is_cancelled && was_asked
    }

    /// Whether the next build is to come to its end: none has since the one that was ended.
    pub(super) fn is_followed_to_its_end(&self) -> bool {
        let is_made = self.ended.as_ref().is_some_and(|ended| ended.how == Ending::Made);
        self.gave_way() || (self.follows && !is_made)
    }
}

impl Line {
    /// What makes the end of a build that is asked for again the same end.
    pub fn end_token(&self, build: &ImageBuildArn) -> String {
        digest(&(&self.family, self.architecture, build, "superseded"))
    }
}

impl LineState {
    /// What becomes of a line whose build is under way, as if it were alone. One that follows a build that was ended is not ended itself:
    /// changes that come faster than builds must not keep all of them from their end.
    pub(super) fn goes_on(&self, facts: &LineFacts<'_>, now: Timestamp) -> Fate {
        let is_held = self.adopted.is_some() || self.breaker.is_some();
        let may_end = |attempt: &&Attempt| {
            let is_too_late = attempt.superseded == Some(Superseded::TooLate);
            facts.triggers.cancel_superseded && !is_held && attempt.goes_on() && !attempt.follows && !is_too_late
        };
        let Some((attempt, build)) = self
            .attempt
            .as_ref()
            .filter(may_end)
            .and_then(|attempt| Some((attempt, attempt.build.clone()?)))
        else {
            return Fate::Building;
        };
        let mut reasons = self.reasons();
        reasons.retain(|reason| !attempt.reasons.contains(reason));
        let is_asked = attempt.superseded == Some(Superseded::Asked);
        let is_over = self.ready_at(facts.triggers, now).is_some_and(|until| until <= now);
        let is_free = |at: Timestamp| frozen(&reasons, facts.triggers, at).is_none();
        let is_free = is_free(now) && is_free(now.saturating_add(ENDS_WITHIN));
        let is_due = (is_asked || is_over) && reasons.iter().any(is_difference) && is_free;
        match &facts.look {
            None if is_asked || is_due || self.is_to_be_looked_at(facts, now) => Fate::ToBeRead,
            Some(Look::Would(inputs)) if is_due && differs(inputs, attempt) => Fate::Cancels { build, reasons },
            None | Some(_) => Fate::Building,
        }
    }

    /// Notes that the build under way is to be ended.
    pub(super) fn ask_end(&mut self) {
        if let Some(attempt) = self.attempt.as_mut() {
            attempt.superseded = Some(Superseded::Asked);
        }
    }

    /// Notes that it is not, or not any more.
    pub(super) fn leave(&mut self) {
        if let Some(attempt) = self.attempt.as_mut().filter(|attempt| attempt.goes_on())
            && attempt.superseded == Some(Superseded::Asked)
        {
            attempt.superseded = Some(Superseded::TakenBack);
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
