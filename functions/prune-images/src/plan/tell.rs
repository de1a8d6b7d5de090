//! Who is told of what a run comes to, where something is in the way that was not before.

use steward::Timestamp;
use steward::pruning::{PruningFacts, PruningPlan, PruningReport, RunSummary};
use steward_aws::Pruned;
use tracing::warn;

use crate::Room;

/// Tells of what is new, and says what the next run is to know of this one. What could not be told is news to the next plan.
pub(crate) async fn tell(
    room: &Room,
    facts: &PruningFacts,
    plan: &PruningPlan,
    last: Option<&Pruned>,
    now: Timestamp,
) -> RunSummary {
    let names = facts.names();
    let before = last.map(|last| &last.summary);
    let report = PruningReport {
        plan,
        at: now,
        mode: room.mode(),
        names: &names,
        before,
    };
    let summary = report.summary();
    let Some(topic) = room.releases.as_ref().filter(|_| report.is_news()) else {
        return summary;
    };
    match topic.tell_of_pruning(&report.message()).await {
        Ok(()) => summary,
        Err(problem) => {
            // Alarms listen for these words.
            warn!(family = %plan.family, %problem, "a message was not sent");
            let known = before.cloned();
            RunSummary {
                troubles: known.as_ref().map(|known| known.troubles.clone()).unwrap_or_default(),
                acceptance: known.and_then(|known| known.acceptance),
                ..summary
            }
        }
    }
}
