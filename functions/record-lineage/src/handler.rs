use serde_json::Value;
use steward::Wake;
use steward_lambda::{Failure, Moment, end};

use crate::containers::look_at_container;
use crate::look::{look_at_build, look_at_image, look_at_pipeline, look_at_scan, look_at_snapshot};
use crate::sweep::sweep;
use crate::{Outcome, Room};

/// Wake → facts → decision → record. A wake says where to look; what it claims is only written down as heard.
pub async fn handle(room: &Room, event: &Value, moment: Moment) -> Result<Outcome, Failure> {
    let outcome = match Wake::read(event, &room.topic) {
        Ok(Wake::Build { build, heard }) => Box::pin(look_at_build(room, &build, Some(&heard), moment)).await?,
        Ok(Wake::Scan { build, heard }) => Box::pin(look_at_scan(room, &build, &heard, moment)).await?,
        Ok(Wake::Pipeline { pipeline, heard }) => Box::pin(look_at_pipeline(room, &pipeline, &heard, moment)).await?,
        Ok(Wake::Container { image, heard }) => Box::pin(look_at_container(room, &image, &heard, moment)).await?,
        Ok(Wake::Ami { target, ami, heard }) => Box::pin(look_at_image(room, target, ami, &heard, moment)).await?,
        Ok(Wake::Snapshot {
            target,
            snapshot,
            heard,
        }) => Box::pin(look_at_snapshot(room, target, snapshot, &heard, moment)).await?,
        Ok(Wake::Told) => Outcome::refused("it is this function that tells so"),
        Ok(Wake::Inputs { .. } | Wake::Vendor { .. }) => {
            Outcome::refused("what is to be built is no part of a release")
        }
        Ok(Wake::Organization { .. }) => Outcome::refused("accounts that come and go are no part of a release"),
        Ok(Wake::Sweep) => sweep(room, moment).await?,
        Err(refusal) => Outcome::refused(refusal),
    };
    end(&room.record, event, outcome, moment).await
}
