use serde_json::Value;
use steward::Wake;
use steward_lambda::{Failure, Moment, end};

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
            | Wake::Snapshot { .. }
            | Wake::Organization { .. }
            | Wake::Inputs { .. }
            | Wake::Vendor { .. }
            | Wake::Told,
        ) => Gathered::refused("evidence is gathered by the sweep alone"),
        Err(refusal) => Gathered::refused(refusal),
    };
    end(&room.record, event, outcome, moment).await
}
