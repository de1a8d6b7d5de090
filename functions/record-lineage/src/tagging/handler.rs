use serde_json::Value;
use steward::Wake;
use steward_aws::Problem;
use steward_lambda::{Failure, Moment, end};

use super::tag::tag_target;
use super::{ONE_STEP, Tagged};
use crate::Room;

/// Wake → facts → decision → act → record. Only the sweep wakes it: nothing waits for a tag.
pub async fn tag_snapshots(room: &Room, event: &Value, moment: Moment) -> Result<Tagged, Failure> {
    let outcome = match Wake::read(event, &room.topic) {
        Ok(Wake::Sweep) => sweep(room, moment).await?,
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
        ) => Tagged::refused("snapshots are tagged by the sweep alone"),
        Err(refusal) => Tagged::refused(refusal),
    };
    end(&room.record, event, outcome, moment).await
}

/// Every target with placements, once an hour.
async fn sweep(room: &Room, moment: Moment) -> Result<Tagged, Problem> {
    let mut total = Tagged::default();
    let targets = room.record.targets().await?;
    let gone = room.record.gone_among(targets.iter().copied()).await?;
    for target in targets {
        if !moment.deadline.leaves(ONE_STEP) {
            total.unfinished = true;
            return Ok(total);
        }
        if gone.contains(&target.account()) || !room.record.is_to_be_tagged(target, moment.now).await? {
            continue;
        }
        match Box::pin(tag_target(room, target, moment)).await {
            Ok(part) => total.add(part),
            // One target that cannot be read must not hold up the others.
            Err(problem) => total.problems.push(problem.to_string()),
        }
    }
    Ok(total)
}
