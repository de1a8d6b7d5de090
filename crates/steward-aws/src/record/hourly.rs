//! What is done once an hour: when it was done last.

use serde::{Deserialize, Serialize};
use steward::{Duration, Timestamp};

use super::Record;
use super::keys::Key;
use crate::Problem;

const HOUR: Duration = Duration::minutes(60);

#[derive(Serialize, Deserialize, Debug)]
struct DoneItem {
    at: Timestamp,
}

impl Record {
    /// Whether an hour has passed since this was done, or nobody has done it yet.
    pub(super) async fn is_hour_over(&self, key: Key, now: Timestamp) -> Result<bool, Problem> {
        let last: Option<DoneItem> = self.get(key).await?;
        let due = last.and_then(|last| last.at.checked_add(HOUR));
        Ok(due.is_none_or(|due| due <= now))
    }

    /// Writes that this was done.
    pub(super) async fn mark_hour(&self, key: Key, now: Timestamp) -> Result<(), Problem> {
        self.set(key, DoneItem { at: now }, None).await.map(drop)
    }
}
