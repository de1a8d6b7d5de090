use serde_json::Value;
use steward::Wake;
use steward_lambda::{Failure, Moment};
use tracing::{info, warn};

use super::Gathered;
use super::gather::gather;
use crate::Room;

/// Wake → facts → record. Only the sweep wakes it: what an event claims of users would have to be read all the same.
pub async fn gather_evidence(room: &Room, event: &Value, run: &str, moment: Moment) -> Result<Gathered, Failure> {
    let outcome = match Wake::read(event, &room.topic) {
        Ok(Wake::Sweep) => Box::pin(gather(room, run, moment)).await?,
        Ok(
            Wake::Build { .. }
            | Wake::Scan { .. }
            | Wake::Pipeline { .. }
            | Wake::Container { .. }
            | Wake::Ami { .. }
            | Wake::Snapshot { .. },
        ) => Gathered::refused("evidence is gathered by the sweep alone"),
        Err(refusal) => Gathered::refused(refusal),
    };
    if let Some(why) = &outcome.refused {
        warn!(%why, "a wake was refused");
        room.record.refuse(event, why, moment.now).await?;
    } else {
        info!(outcome = %serde_json::to_string(&outcome)?, "done");
    }
    match outcome.problems.first() {
        None => Ok(outcome),
        Some(first) => Err(Incomplete {
            count: outcome.problems.len(),
            first: first.clone(),
        }
        .into()),
    }
}

/// Not everything could be read or believed. All of it is in the log, and in the record.
#[derive(Debug, thiserror::Error)]
#[error("{count} could not be read or believed; the first: {first}")]
struct Incomplete {
    count: usize,
    first: String,
}
