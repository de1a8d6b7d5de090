//! Steps that were begun: written down before they are made, and closed into the journal when it is known what came of them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use steward::{Came, Heard, Intent, ReleaseId, Target, Timestamp, Words, Worker};

use super::Record;
use super::keys::{Key, of_open_steps};
use super::table::Condition;
use crate::{Cause, FirstValue, Problem, SwitchState};

/// What came of carrying out a step.
#[derive(Debug)]
pub enum Carried<T> {
    /// It was made, and that is written down.
    Made(T),
    /// It was not, or nobody knows. What AWS refused is written down as failed; what it did not answer stays open, and the next
    /// run finds it made or makes it again.
    Failed(Problem),
    /// AWS has no room for it now. It stays open, as the same attempt, for the next run.
    Waits(Problem),
    /// Another run makes it at this moment.
    ByAnother,
    /// The switch holds it back.
    Paused(String),
}

/// A step that may be made now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    /// How often it was tried, this time too. It rises after a failure that was written down, and after nothing else.
    pub attempt: u32,
    /// When this attempt was written down.
    pub since: Timestamp,
}

/// A step that was begun, and of which nobody has written what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenStep {
    /// The step.
    pub intent: Intent,
    /// The attempt that is open.
    pub begun: Begun,
    /// Why it failed, in AWS's words: the next look makes it again.
    pub failed: Option<Words>,
}

#[derive(Serialize, Deserialize, Debug)]
struct OpenItem {
    release: ReleaseId,
    says: Words,
    attempt: u32,
    begun: Timestamp,
    /// Why this attempt failed. (A null, where the next one is begun.)
    failed: Option<Words>,
}

#[derive(Deserialize, Debug)]
struct OpenRow {
    sk: String,
    #[serde(flatten)]
    item: OpenItem,
}

impl Record {
    /// Makes a step, as every change of AWS is made: where the switch lets it, written down before, and what came of it after.
    /// The outer error: it could not be written down.
    pub async fn carry_out<T>(
        &self,
        intent: Intent,
        first: FirstValue,
        now: Timestamp,
        call: impl AsyncFnOnce(Begun) -> Result<T, Problem>,
    ) -> Result<Carried<T>, Problem> {
        if let SwitchState::Paused(why) = self.may_act(first).await {
            return Ok(Carried::Paused(why));
        }
        let Some(begun) = self.begin(&intent, now).await? else {
            return Ok(Carried::ByAnother);
        };
        let step = OpenStep {
            intent,
            begun,
            failed: None,
        };
        match call(begun).await {
            Ok(made) => {
                self.end(&step, &Came::Done, now).await?;
                Ok(Carried::Made(made))
            }
            Err(problem) => match &problem.cause {
                Cause::Refused { .. } => {
                    let why = Words::from(problem.cause.to_string());
                    self.end(&step, &Came::Failed(why), now).await?;
                    Ok(Carried::Failed(problem))
                }
                Cause::NoRoom { .. } => Ok(Carried::Waits(problem)),
                // It may have been carried out.
                Cause::Broke { .. } | Cause::Unanswered(_) | Cause::NotUnderstood(_) => Ok(Carried::Failed(problem)),
            },
        }
    }

    /// Writes that a step is about to be made; none where another run begins it at this moment. One that a run died of goes
    /// on as the same attempt, and one that failed as the next.
    async fn begin(&self, intent: &Intent, now: Timestamp) -> Result<Option<Begun>, Problem> {
        let key = || Key::open_step(intent.worker, intent.target, &intent.step);
        let open: Option<OpenItem> = self.get(key()).await?;
        let (attempt, condition) = match &open {
            None => (1, Condition::not_there()),
            Some(OpenItem {
                failed: None,
                attempt,
                begun,
                ..
            }) => {
                return Ok(Some(Begun {
                    attempt: *attempt,
                    since: *begun,
                }));
            }
            Some(OpenItem { attempt, .. }) => (attempt + 1, Condition::still("attempt", *attempt)),
        };
        let item = OpenItem {
            release: intent.release,
            says: intent.says.clone(),
            attempt,
            begun: now,
            failed: None,
        };
        let written = self.set(key(), item, Some(condition)).await?;
        Ok(written.then_some(Begun { attempt, since: now }))
    }

    /// Writes what came of a step: into the journal first, so that whoever dies between writes it there once all the same.
    async fn end(&self, step: &OpenStep, came: &Came, now: Timestamp) -> Result<(), Problem> {
        let OpenStep {
            intent,
            begun: Begun { attempt, since },
            failed: _,
        } = step;
        let Intent {
            worker,
            target,
            step,
            release,
            says,
        } = intent;
        let attempted = match attempt {
            1 => String::new(),
            n => format!(", attempt {n}"),
        };
        let heard = Heard {
            event: format!("{worker}#{target}#{step}#{attempt}"),
            at: *since,
            says: Words::from(format!("{worker} in {target}: {says}: {came}{attempted}")),
        };
        self.hear(*release, &heard, now).await?;
        let same = Condition::still("attempt", *attempt);
        let key = Key::open_step(*worker, *target, step);
        match came {
            Came::Done | Came::Found => self.delete_if(key, same).await,
            Came::Failed(why) => self.set(key, FailedItem { failed: why }, Some(same)).await.map(drop),
        }
    }

    /// Closes steps of earlier runs that nothing asks for any more: they were made, or something else is wanted by now.
    pub async fn close_unwanted<'a>(
        &self,
        open: impl IntoIterator<Item = &'a OpenStep>,
        wanted: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<(), Problem> {
        for step in open {
            if !wanted.contains(&step.intent.step) {
                self.end(step, &Came::Found, now).await?;
            }
        }
        Ok(())
    }

    /// The steps that a function has begun in a target.
    pub async fn open_steps(&self, worker: Worker, target: Target) -> Result<Vec<OpenStep>, Problem> {
        let rows: Vec<OpenRow> = self.query(&of_open_steps(worker, target), "").await?;
        let open = |OpenRow { sk, item }: OpenRow| OpenStep {
            intent: Intent {
                worker,
                target,
                step: sk,
                release: item.release,
                says: item.says,
            },
            begun: Begun {
                attempt: item.attempt,
                since: item.begun,
            },
            failed: item.failed,
        };
        Ok(rows.into_iter().map(open).collect())
    }
}

#[derive(Serialize, Debug)]
struct FailedItem<'a> {
    failed: &'a Words,
}
