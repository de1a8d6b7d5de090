use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use serde_json::Value;
use steward::pruning::PruningWork;
use steward_lambda::{Failure, Moment, each_message};
use tracing::{error, info, warn};

use super::visit::visit;
use crate::Room;

/// Message → facts → second look → act → record, for each message of a batch.
///
/// What could not be read or made is left to the next plan. Only a message that is not understood goes back, until somebody
/// sees it.
pub async fn apply_pruning(room: &Room, event: &Value, moment: Moment) -> Result<SqsBatchResponse, Failure> {
    let batch: SqsEvent = serde_json::from_value(event.clone())?;
    let one = async |body: String| -> Result<(), Undone> {
        let work: PruningWork = serde_json::from_str(&body)?;
        match Box::pin(visit(room, work, moment)).await {
            Ok(outcome) => {
                // Alarms listen for these words, and for those of work that failed.
                for problem in &outcome.problems {
                    warn!(%problem, "not pruned");
                }
                info!(outcome = %serde_json::to_string(&outcome)?, "done");
            }
            Err(problem) => error!(%problem, "work failed"),
        }
        Ok(())
    };
    Ok(each_message(batch, |message| one(message.body.unwrap_or_default())).await)
}

/// Why a message goes back.
#[derive(Debug, thiserror::Error)]
#[error("not understood: {0}")]
struct Undone(#[from] serde_json::Error);
