//! Steps of workflows that wait for an answer, and what persons answer.

use serde::{Deserialize, Serialize};
use steward::building::{StepAnswer, StepState};
use steward::{Duration, FamilyName, Heard, Timestamp, Words};

use super::Record;
use super::keys::{Key, WAITS, of_family};
use super::table::Condition;
use crate::Problem;

/// What came of a step is kept for so long after it would have failed.
const STEP_KEPT: Duration = Duration::days(30);

#[derive(Serialize, Deserialize, Debug)]
struct StepItem {
    waits: StepState,
    /// How often it was written. Nobody writes over what somebody else wrote since.
    revision: u64,
    expires: i64,
}

impl Record {
    /// The steps of a family's builds that wait or did lately, each with how often it was written.
    pub async fn waits_of(&self, family: &FamilyName) -> Result<Vec<(StepState, u64)>, Problem> {
        let rows: Vec<StepItem> = self.query(&of_family(family), WAITS).await?;
        Ok(rows.into_iter().map(|row| (row.waits, row.revision)).collect())
    }

    /// Writes what is to be kept of a step in the place of what was read; false where somebody else wrote it since.
    pub async fn keep_wait(&self, waits: &StepState, before: u64) -> Result<bool, Problem> {
        let same = if before == 0 {
            Condition::not_there()
        } else {
            Condition::still("revision", before)
        };
        let item = StepItem {
            waits: waits.clone(),
            revision: before + 1,
            expires: waits.until.saturating_add(STEP_KEPT).as_millisecond() / 1000,
        };
        let key = Key::waits(&waits.family, &waits.step.id);
        self.set(key, item, Some(same)).await
    }

    /// Writes what a person answers to a step, and into the family's journal; false where somebody else wrote since.
    pub async fn answer_wait(&self, (waits, before): (&StepState, u64), answer: &StepAnswer) -> Result<bool, Problem> {
        let answered = StepState {
            answer: Some(answer.clone()),
            ..waits.clone()
        };
        // The answer to the very same write may have been lost, and the write made again.
        if !self.keep_wait(&answered, before).await? && !self.is_answered(waits, answer).await? {
            return Ok(false);
        }
        let StepAnswer {
            who, why, at, stops, ..
        } = answer;
        let what = if *stops { "end" } else { "go on" };
        let (title, step) = (waits.title(), &waits.step.name);
        let says = format!("{who} asked that {title} {what} at the step {step}: {why}");
        self.hear_of_wait(waits, "answer", *at, says).await?;
        Ok(true)
    }

    /// Whether this is what a step was answered.
    async fn is_answered(&self, waits: &StepState, answer: &StepAnswer) -> Result<bool, Problem> {
        let known = self.waits_of(&waits.family).await?;
        let kept = known.into_iter().find(|(kept, _)| kept.step.id == waits.step.id);
        let is_it = |kept: StepAnswer| kept.token(&waits.step) == answer.token(&waits.step);
        Ok(kept.and_then(|(kept, _)| kept.answer).is_some_and(is_it))
    }

    /// Writes into a family's journal what became of a step, once.
    pub async fn hear_of_wait(
        &self,
        waits: &StepState,
        what: &str,
        at: Timestamp,
        says: impl Into<String>,
    ) -> Result<(), Problem> {
        let heard = Heard {
            event: format!("{what}#{}", waits.step.id),
            at,
            says: Words::from(says.into()),
        };
        self.hear_of_family(&waits.family, &heard, at).await.map(drop)
    }
}
