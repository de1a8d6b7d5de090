use serde::Serialize;
use serde_json::Value;
use steward_aws::Record;
use tracing::{info, warn};

use crate::{Failure, Moment};

/// What an invocation comes to.
pub trait Ended: Serialize {
    /// What its problems have in common, as the failure says it.
    const NOT_DONE: &str;

    /// Why the wake was not followed at all.
    fn refused(&self) -> Option<&str>;

    /// What failed although the rest was done.
    fn problems(&self) -> &[String];
}

/// Says what came of an invocation, keeps a wake that was refused, and fails where anything did: so that somebody is told.
pub async fn end<T: Ended>(record: &Record, event: &Value, outcome: T, moment: Moment) -> Result<T, Failure> {
    if let Some(why) = outcome.refused() {
        warn!(%why, "a wake was refused");
        // Where people find it: the queues of what failed are for what may be tried again.
        record.refuse(event, why, moment.now).await?;
    } else {
        info!(outcome = %serde_json::to_string(&outcome)?, "done");
    }
    match outcome.problems() {
        [] => Ok(outcome),
        [first, ..] => Err(Incomplete {
            count: outcome.problems().len(),
            not_done: T::NOT_DONE,
            first: first.clone(),
        }
        .into()),
    }
}

/// Not everything could be done. All of it is in the log.
#[derive(Debug, thiserror::Error)]
#[error("{count} {not_done}; the first: {first}")]
struct Incomplete {
    count: usize,
    not_done: &'static str,
    first: String,
}
