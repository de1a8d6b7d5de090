//! Targets in which a worker left steps open: what came of those is asked again, whether or not anything else is to be done there.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use steward::{Target, Timestamp};

use super::Record;
use super::keys::{Key, UNSETTLED};
use crate::Problem;

#[derive(Serialize, Deserialize, Debug)]
struct UnsettledItem {
    target: Target,
    /// When it is asked again.
    again: Timestamp,
}

impl Record {
    /// Writes down that steps were left open in a target, and when that is asked again.
    pub async fn leave_unsettled(&self, target: Target, again: Timestamp) -> Result<(), Problem> {
        let item = UnsettledItem { target, again };
        self.set(Key::unsettled(target), item, None).await.map(drop)
    }

    /// None is open there any more.
    pub async fn forget_unsettled(&self, target: Target) -> Result<(), Problem> {
        self.delete(Key::unsettled(target)).await
    }

    /// The targets in which it is time to ask again.
    pub async fn unsettled_due(&self, now: Timestamp) -> Result<BTreeSet<Target>, Problem> {
        let unsettled: Vec<UnsettledItem> = self.query(UNSETTLED, "").await?;
        let due = unsettled.into_iter().filter(|unsettled| unsettled.again <= now);
        Ok(due.map(|unsettled| unsettled.target).collect())
    }
}
