//! ReceiveMessage, DeleteMessage and ChangeMessageVisibility: what a poller does. It never waits.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::{invalid_value, missing, no_queue};
use super::queue::LONGEST_HIDDEN;
use super::request;
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

const MOST_MESSAGES: i64 = 10;

/// What SQS adds to a message, and the name of it all.
const SYSTEM: [&str; 9] = [
    "All",
    "ApproximateFirstReceiveTimestamp",
    "ApproximateReceiveCount",
    "DeadLetterQueueSourceArn",
    "MessageDeduplicationId",
    "MessageGroupId",
    "SenderId",
    "SentTimestamp",
    "SequenceNumber",
];

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Receive {
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Delete {
    receipt_handle: Option<String>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Change {
    receipt_handle: Option<String>,
    visibility_timeout: Option<i64>,
}

pub(super) fn receive(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let (address, asked) = request::read(world, caller, "ReceiveMessage", body)?;
    let Receive {
        message_system_attribute_names: system,
        message_attribute_names: own,
        max_number_of_messages,
        visibility_timeout,
        wait_time_seconds,
    } = asked;
    if let Some(seconds) = wait_time_seconds.filter(|seconds| *seconds != 0) {
        return Err(ApiError::not_modelled(format_args!(
            "waiting {seconds} s for a message"
        )));
    }
    if let Some(unknown) = system.iter().find(|name| !SYSTEM.contains(&name.as_str())) {
        return Err(ApiError::not_modelled(format_args!(
            "the message system attribute {unknown}"
        )));
    }
    let most = max_number_of_messages.unwrap_or(1);
    let most = usize::try_from(most)
        .ok()
        .filter(|_| (1..=MOST_MESSAGES).contains(&most))
        .ok_or_else(|| {
            let reason = "Must be between 1 and 10, if provided.";
            invalid_value("MaxNumberOfMessages", most, reason)
        })?;
    let hidden = visibility_timeout.map(visibility).transpose()?;
    let wants = |name: &str| system.iter().any(|asked| asked == "All" || asked == name);
    let shows = |name: &str| own.iter().any(|asked| covers(asked, name));
    let received = world.queues.receive(world.now, &address, most, hidden);
    let messages: Vec<Value> = received.iter().map(|one| one.described(wants, shows)).collect();
    Ok(json!({ "Messages": (!messages.is_empty()).then_some(messages) }))
}

/// Whether a name asked for, `All`, or the beginning of a name with a star behind it means this attribute.
fn covers(asked: &str, name: &str) -> bool {
    match asked {
        "All" | ".*" => true,
        asked => match asked.strip_suffix(".*") {
            Some(beginning) => name.starts_with(beginning),
            None => asked == name,
        },
    }
}

pub(super) fn delete(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let (address, Delete { receipt_handle }) = request::read(world, caller, "DeleteMessage", body)?;
    let handle = receipt_handle.ok_or_else(|| missing("ReceiptHandle"))?;
    let queue = world.queues.get_mut(&address).ok_or_else(no_queue)?;
    queue.delete(world.now, &handle)?;
    Ok(json!({}))
}

pub(super) fn change_visibility(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let (address, change) = request::read(world, caller, "ChangeMessageVisibility", body)?;
    let Change {
        receipt_handle,
        visibility_timeout,
    } = change;
    let handle = receipt_handle.ok_or_else(|| missing("ReceiptHandle"))?;
    let hidden = visibility(visibility_timeout.ok_or_else(|| missing("VisibilityTimeout"))?)?;
    let queue = world.queues.get_mut(&address).ok_or_else(no_queue)?;
    queue.hide(world.now, &handle, hidden)?;
    Ok(json!({}))
}

fn visibility(seconds: i64) -> Result<Duration, ApiError> {
    let timeout = u64::try_from(seconds).ok().map(Duration::from_secs);
    timeout.filter(|timeout| *timeout <= LONGEST_HIDDEN).ok_or_else(|| {
        let reason = format!("Must be between 0 and {}, if provided.", LONGEST_HIDDEN.as_secs());
        invalid_value("VisibilityTimeout", seconds, &reason)
    })
}
