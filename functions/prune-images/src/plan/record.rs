//! What a plan leaves in the record before anybody acts by it.

use steward::Timestamp;
use steward::pruning::PruningPlan;
use steward_aws::Problem;

use crate::Room;

/// Writes since when releases are expendable, and which are no more.
pub(crate) async fn write_down(room: &Room, plan: &PruningPlan, now: Timestamp) -> Result<(), Problem> {
    for release in &plan.cleared {
        room.record.write_expendable(*release, None).await?;
    }
    for release in &plan.newly {
        room.record.write_expendable(*release, Some(now)).await?;
    }
    Ok(())
}
