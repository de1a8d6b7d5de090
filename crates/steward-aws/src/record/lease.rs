use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use steward::{Duration, Target, Timestamp, Worker};

use super::Record;
use super::keys::Key;
use super::table::Condition;
use crate::Problem;

/// Renewed before each step: whoever died holds nobody up for longer.
const LASTS: Duration = Duration::minutes(2);

/// The right to apply, or to be at work in a target, which one at a time has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Who has it.
    pub who: String,
    /// Which of their runs.
    pub run: String,
    /// Until when, unless it is renewed. (`until` is a reserved word of DynamoDB.)
    #[serde(rename = "lapses")]
    pub until: Timestamp,
}

/// Whether the right was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leased {
    /// It was, until then.
    Yes(Lease),
    /// Somebody else has it.
    Taken(Lease),
}

impl Record {
    /// Takes or renews the right to apply.
    pub async fn lease(&self, who: &str, run: &str, now: Timestamp) -> Result<Leased, Problem> {
        // At the end of all calendars nobody else waits.
        let until = now.checked_add(LASTS).unwrap_or(now);
        let lease = Lease {
            who: who.to_owned(),
            run: run.to_owned(),
            until,
        };
        self.take_lease(Key::applying(), lease, now).await
    }

    /// Takes the right to be at work in a target, for as long as it says: it is not renewed.
    pub async fn lease_target(
        &self,
        (worker, target): (Worker, Target),
        lease: Lease,
        now: Timestamp,
    ) -> Result<Leased, Problem> {
        self.take_lease(Key::at_work(worker, target), lease, now).await
    }

    /// Whether this very right is still had: whoever slept for long may have lost it, and knows nothing of that.
    pub async fn holds_target(&self, (worker, target): (Worker, Target), lease: &Lease) -> Result<bool, Problem> {
        let held: Option<Lease> = self.get(Key::at_work(worker, target)).await?;
        Ok(held.is_some_and(|held| held == *lease))
    }

    /// Gives it back.
    pub async fn leave_target(
        &self,
        (worker, target): (Worker, Target),
        lease: &Lease,
        now: Timestamp,
    ) -> Result<(), Problem> {
        self.end_lease(Key::at_work(worker, target), lease, now).await
    }

    async fn take_lease(&self, key: Key, lease: Lease, now: Timestamp) -> Result<Leased, Problem> {
        let free = Condition::new(
            "attribute_not_exists(pk) OR run = :mine OR lapses <= :now",
            [
                (":mine", AttributeValue::S(lease.run.clone())),
                (":now", AttributeValue::S(now.to_string())),
            ],
        );
        if self.set(key.clone(), &lease, Some(free)).await? {
            return Ok(Leased::Yes(lease));
        }
        let taken: Option<Lease> = self.get(key).await?;
        // Gone between the two calls: as good as taken, and free for the next try.
        Ok(Leased::Taken(taken.unwrap_or(lease)))
    }

    /// Gives the right back at once.
    pub async fn release_lease(&self, lease: &Lease, now: Timestamp) -> Result<(), Problem> {
        self.end_lease(Key::applying(), lease, now).await
    }

    async fn end_lease(&self, key: Key, lease: &Lease, now: Timestamp) -> Result<(), Problem> {
        let ended = Lease {
            until: now,
            ..lease.clone()
        };
        let mine = Condition::new("run = :mine", [(":mine", AttributeValue::S(lease.run.clone()))]);
        self.set(key, &ended, Some(mine)).await.map(drop)
    }
}
