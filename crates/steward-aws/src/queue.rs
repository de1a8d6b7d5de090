//! The queue of a worker's work, of which each target is a group: in order there, and held up by no other.

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use serde::Serialize;
use steward::Target;

use crate::Problem;

/// So many messages SQS takes in one call.
const IN_ONE_CALL: usize = 10;

/// And so many bytes, whatever the number.
const BYTES_IN_ONE_CALL: usize = 256_000;

/// So many calls are made at a time.
const CALLS_AT_ONCE: usize = 8;

const DOING: &str = "send work to its queue";

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

/// The same as text.
struct Message {
    target: Target,
    once: String,
    body: String,
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
        let message = |work: &Work<T>| {
            let Work { target, once, body } = work;
            Ok(Message {
                target: *target,
                once: once.clone(),
                body: serde_json::to_string(body).map_err(|error| self.bad(&error))?,
            })
        };
        let messages: Vec<Message> = work.iter().map(message).collect::<Result<_, Problem>>()?;
        let calls = iter(in_calls(messages).into_iter().map(|some| self.send_some(some)));
        calls.buffer_unordered(CALLS_AT_ONCE).try_collect().await
    }

    fn bad(&self, error: &dyn std::fmt::Display) -> Problem {
        Problem::not_understood(DOING, self.hub, error)
    }

    async fn send_some(&self, messages: Vec<Message>) -> Result<(), Problem> {
        let bad = |error: &dyn std::fmt::Display| self.bad(error);
        let mut request = self.client.send_message_batch().queue_url(&self.url);
        for (n, Message { target, once, body }) in messages.into_iter().enumerate() {
            let entry = SendMessageBatchRequestEntry::builder()
                .id(n.to_string())
                .message_group_id(target.to_string())
                .message_deduplication_id(once)
                .message_body(body);
            request = request.entries(entry.build().map_err(|error| bad(&error))?);
        }
        let answer = Box::pin(request.send()).await;
        let answer = answer.map_err(|error| Problem::of(DOING, self.hub, &error))?;
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

/// The messages of each call. One that is too large for any is alone in one, which says so.
fn in_calls(messages: Vec<Message>) -> Vec<Vec<Message>> {
    let mut calls: Vec<Vec<Message>> = Vec::new();
    let mut bytes = 0;
    for message in messages {
        let size = message.body.len();
        match calls.last_mut() {
            Some(call) if call.len() < IN_ONE_CALL && bytes + size <= BYTES_IN_ONE_CALL => {
                bytes += size;
                call.push(message);
            }
            Some(_) | None => {
                bytes = size;
                calls.push(vec![message]);
            }
        }
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(sizes: &[usize]) -> Vec<usize> {
        let message = |size: &usize| Message {
            target: "111122223333/eu-west-1".parse().unwrap(),
            once: String::new(),
            body: "x".repeat(*size),
        };
        let calls = in_calls(sizes.iter().map(message).collect());
        calls.iter().map(Vec::len).collect()
    }

    #[test]
    fn a_call_takes_ten_messages_and_no_more_bytes_than_sqs_does() {
        assert_eq!(calls(&[100; 21]), [10, 10, 1]);
        assert_eq!(calls(&[240_000, 10_000, 10_000, 240_000, 10_000]), [2, 2, 1]);
        assert_eq!(calls(&[300_000, 1]), [1, 1]);
        assert_eq!(calls(&[]), [0; 0]);
    }
}
