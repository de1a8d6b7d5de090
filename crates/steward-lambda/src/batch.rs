use std::fmt::Display;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use tracing::error;

/// Handles the messages of a batch one after the other, and hands back to the queue those that failed.
///
/// From the first that failed on, all go back: a FIFO queue's order would be lost otherwise.
pub async fn each_message<E, F>(batch: SqsEvent, mut handle: impl FnMut(SqsMessage) -> F) -> SqsBatchResponse
where
    E: Display,
    F: Future<Output = Result<(), E>>,
{
    let mut response = SqsBatchResponse::default();
    let mut failed = false;
    for message in batch.records {
        let id = message.message_id.clone().unwrap_or_default();
        if !failed && let Err(why) = handle(message).await {
            error!(message = id, %why, "a message goes back to its queue");
            failed = true;
        }
        if failed {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            response.batch_item_failures.push(failure);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(ids: &[&str]) -> SqsEvent {
        let mut event = SqsEvent::default();
        for id in ids {
            let mut message = SqsMessage::default();
            message.message_id = Some((*id).to_owned());
            event.records.push(message);
        }
        event
    }

    async fn returned(ids: &[&str], poisoned: &str) -> Vec<String> {
        let handle = |message: SqsMessage| {
            let poisoned = message.message_id.as_deref() == Some(poisoned);
            async move { if poisoned { Err("poisoned") } else { Ok(()) } }
        };
        let response = each_message(batch(ids), handle).await;
        let failures = response.batch_item_failures.into_iter();
        failures.map(|failure| failure.item_identifier).collect()
    }

    #[tokio::test]
    async fn a_batch_without_failures_returns_nothing() {
        assert_eq!(returned(&["a", "b"], "none").await, [""; 0]);
    }

    #[tokio::test]
    async fn a_failed_message_goes_back_with_all_behind_it_and_none_before() {
        assert_eq!(returned(&["a", "b", "c"], "b").await, ["b", "c"]);
    }
}
