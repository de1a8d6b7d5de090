//! Who is told of what a run comes to, where something is in the way that was not before.

use steward::Timestamp;
use steward::pruning::{PruningFacts, PruningPlan, PruningReport, RunSummary};
use steward_aws::{Problem, Pruned};
use tracing::warn;

use super::report::{Laid, lay};
use crate::Room;

/// Lays the report, tells of what is new, and says what the next run is to know of this one. What could not be told is news to the
/// next plan.
pub(crate) async fn tell(
    room: &Room,
    facts: &PruningFacts,
    plan: &PruningPlan,
    last: Option<&Pruned>,
    now: Timestamp,
) -> Result<RunSummary, Problem> {
    let names = facts.names();
    let bins = room.record.bins_ahead(facts, plan).await;
    let before = last.map(|last| &last.summary);
    let still_there = room.record.left_of(&plan.family).await?;
    let leftovers = Box::pin(room.record.leftovers(facts, &still_there, now)).await?;
    let report = PruningReport {
        plan,
        at: now,
        mode: room.mode(),
        names: &names,
        still_there: &still_there,
        leftovers: &leftovers,
        bins: &bins,
        before,
    };
    let laid = lay(room, &report).await?;
    let (key, address) = laid.map(|Laid { key, address }| (key, address)).unzip();
    let summary = RunSummary {
        report: key,
        ..report.summary()
    };
    let Some(topic) = room.releases.as_ref().filter(|_| report.is_news()) else {
        return Ok(summary);
    };
    let message = report.message();
    let message = match address {
        Some(address) => message.lying_at(address),
        None => message,
    };
    match topic.tell_of_pruning(&message).await {
        Ok(()) => Ok(summary),
        Err(problem) => {
            // Alarms listen for these words.
            warn!(family = %plan.family, %problem, "a message was not sent");
            Ok(summary.untold(before))
        }
    }
}
