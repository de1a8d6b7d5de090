use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use serde_json::Value;
use steward::distribution::{DistributionWork, FamilyWork};
use steward_aws::Problem;
use steward_lambda::{Failure, Moment, each_message};
use tracing::{error, info, warn};

use super::reader::Locks;
use super::visit::Visit;
use super::work::work;
use crate::Room;

/// Message → facts → decision → act → record, for each message of a batch.
///
/// What could not be read is left to the next sweep: a message that goes back hides for half an hour, and its target's others
/// with it. Only one that is not understood goes back, until somebody sees it.
pub async fn apply_distribution(room: &Room, event: &Value, moment: Moment) -> Result<SqsBatchResponse, Failure> {
    let batch: SqsEvent = serde_json::from_value(event.clone())?;
    let one = async |body: String| -> Result<(), Undone> {
        let DistributionWork {
            run: _,
            target,
            families,
            more,
        } = serde_json::from_str(&body)?;
        match Visit::of(room, target).await {
            Ok(visit) => each_family(room, &visit, &families, moment).await?,
            Err(problem) => error!(%problem, "work failed"),
        }
        // Whoever is done, well or not, may be sent again: once what comes after it is done too, which is not lost meanwhile.
        if more {
            // Only of what is still taken for sent: a dispatcher that could not send the rest lets the next one send it all anew.
            if let Err(problem) = room.record.keep_sent(target, moment.now).await {
                error!(%problem, "work failed");
            }
        } else {
            room.record.mark_done(target).await?;
        }
        Ok(())
    };
    let handled = each_message(batch, |message| one(message.body.unwrap_or_default())).await;
    Ok(handled)
}

async fn each_family(room: &Room, visit: &Visit, families: &[FamilyWork], moment: Moment) -> Result<(), Undone> {
    let mut locks = Locks::new();
    for family in families {
        match Box::pin(work(room, visit, &mut locks, family, moment)).await {
            Ok(outcome) => {
                // Alarms listen for these words, and for those of work that failed.
                for problem in &outcome.in_vain {
                    warn!(%problem, "tried in vain");
                }
                info!(outcome = %serde_json::to_string(&outcome)?, "done");
            }
            // One family must not hold up the others.
            Err(problem) => error!(%problem, "work failed"),
        }
    }
    Ok(())
}

/// Why a message goes back.
#[derive(Debug, thiserror::Error)]
enum Undone {
    #[error("not understood: {0}")]
    Malformed(#[from] serde_json::Error),
    #[error(transparent)]
    Problem(#[from] Problem),
}
