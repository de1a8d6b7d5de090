//! The queue of a worker's work, of which each target is a group: in order there, and held up by no other.

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use serde::Serialize;
use steward::Target;

use crate::Problem;

/// So many messages SQS takes in one call.
const IN_ONE_CALL: usize = 10;

/// So many calls are made at a time.
const CALLS_AT_ONCE: usize = 8;

/// Work as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work<T> {
    /// Where: its group.
    pub target: Target,
    /// What tells it from all other work there: sent twice within five minutes it is one.
    pub once: String,
    /// What the worker reads.
    pub body: T,
}

/// A queue of work.
#[derive(Clone, Debug)]
pub struct WorkQueue {
    client: aws_sdk_sqs::Client,
    url: String,
    hub: Target,
}

impl WorkQueue {
    pub(crate) fn new(config: &aws_config::SdkConfig, url: String, hub: Target) -> Self {
        Self {
            client: aws_sdk_sqs::Client::new(config),
            url,
            hub,
        }
    }

    /// Sends all of it, or says of the first that was not taken why.
    pub async fn send<T: Serialize>(&self, work: &[Work<T>]) -> Result<(), Problem> {
        let calls = iter(work.chunks(IN_ONE_CALL).map(|some| self.send_some(some)));
        calls.buffer_unordered(CALLS_AT_ONCE).try_collect().await
    }

    async fn send_some<T: Serialize>(&self, work: &[Work<T>]) -> Result<(), Problem> {
        let doing = "send work to its queue";
        let bad = |error: &dyn std::fmt::Display| Problem::not_understood(doing, self.hub, error);
        let mut request = self.client.send_message_batch().queue_url(&self.url);
        for (n, Work { target, once, body }) in work.iter().enumerate() {
            let entry = SendMessageBatchRequestEntry::builder()
                .id(n.to_string())
                .message_group_id(target.to_string())
                .message_deduplication_id(once)
                .message_body(serde_json::to_string(body).map_err(|error| bad(&error))?);
            request = request.entries(entry.build().map_err(|error| bad(&error))?);
        }
        let answer = Box::pin(request.send()).await;
        let answer = answer.map_err(|error| Problem::of(doing, self.hub, &error))?;
        // Each message is answered by itself: the call succeeds although one of them was refused.
        match answer.failed().first() {
            None => Ok(()),
            Some(refused) => {
                let why = format!("{}: {}", refused.code(), refused.message().unwrap_or("no message"));
                Err(bad(&why))
            }
        }
    }
}
