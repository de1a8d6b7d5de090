//! Who is told of what a run comes to: of what is in the way at once, of all else that changed once a day.

use steward::Timestamp;
use steward::pruning::{PruningFacts, PruningMessage, PruningPlan, PruningReport, RunSummary, SinceTold};
use steward_aws::{LastNews, Problem, Pruned, Topic};
use tracing::warn;

use super::Planned;
use super::report::{Laid, lay};
use crate::Room;

/// Lays the report, tells of what is new, and says what the next run is to know of this one. What could not be told is news to the
/// next plan; what was, is written down before anything else is done. What only tells people and cannot be read is a problem, and
/// holds up nothing.
pub(crate) async fn tell(
    room: &Room,
    facts: &PruningFacts,
    plan: &PruningPlan,
    last: Option<&Pruned>,
    now: Timestamp,
    outcome: &mut Planned,
) -> Result<RunSummary, Problem> {
    let names = facts.names();
    let bins = room.record.bins_ahead(facts, plan).await;
    let before = last.map(|last| &last.summary);
    let still_there = room.record.left_of(&plan.family).await?;
    let leftovers = Box::pin(room.record.leftovers(facts, &still_there, now)).await;
    let last_news = room.record.last_news(&plan.family).await;
    let unread = leftovers.unread().map(|list| format!("{}: {list}", plan.family));
    outcome.problems.extend(unread);
    if let LastNews::Unread(problem) = &last_news {
        outcome.problems.push(problem.to_string());
    }
    let report = PruningReport {
        plan,
        at: now,
        mode: room.mode(),
        names: &names,
        still_there: &still_there,
        leftovers: &leftovers,
        bins: &bins,
        before,
        told: last_news.told().map(|told| SinceTold {
            told,
            brought: facts.brought_since(told.at),
        }),
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
    tell_once((room, topic), &last_news, &report, &message).await?;
    Ok(summary)
}

/// Tells of a run, unless somebody else does. A message comes twice only where a run died between the call and what it writes after,
/// or the call was made and its answer lost, or where nobody can read what they were told.
async fn tell_once(
    (room, topic): (&Room, &Topic),
    last: &LastNews,
    report: &PruningReport<'_>,
    message: &PruningMessage,
) -> Result<(), Problem> {
    let (family, now) = (&report.plan.family, report.at);
    if !room.record.claim_news(family, last, now).await? {
        return Ok(());
    }
    if let Err(problem) = topic.tell_of_pruning(message).await {
        // Alarms listen for these words.
        warn!(%family, %problem, "a message was not sent");
        return room.record.free_news(family, now).await;
    }
    room.record.end_news(family, &report.to_tell()).await
}
