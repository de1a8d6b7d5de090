//! One message as a request has it: what makes it one that a queue takes, and how large it counts.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::attribute::{Attribute, Attributes, Sent, refused_character};
use super::errors::{contents, invalid, invalid_value, missing, no_deduplication, not_of_this_type, too_long};
use super::queue::{Fifo, QueueSettings};
use crate::wire::error::ApiError;

/// A message with its attributes, and a batch altogether: 1 MiB, which once was 256 KiB.
pub(super) const LARGEST: usize = 1 << 20;

const MOST_ATTRIBUTES: usize = 10;
const LONGEST_DELAY: i64 = 900;

/// As a request has it, beside its queue or its id in a batch.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Entry {
    message_body: Option<String>,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: BTreeMap<String, Described>,
    message_deduplication_id: Option<String>,
    message_group_id: Option<String>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Described {
    data_type: Option<String>,
    string_value: Option<String>,
    binary_value: Option<String>,
}

/// A message that may go into its queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Good {
    pub(super) body: String,
    pub(super) attributes: Attributes,
    pub(super) delay: Duration,
    pub(super) group: Option<String>,
    pub(super) deduplication: Option<String>,
}

impl Entry {
    /// How many bytes it counts; of what is no attribute, nothing.
    pub(super) fn size(&self) -> usize {
        let body = self.message_body.as_ref().map_or(0, String::len);
        let attributes = self.message_attributes.iter();
        let sizes = attributes.filter_map(|(name, described)| Some(described.read(name).ok()?.size(name)));
        body + sizes.sum::<usize>()
    }

    /// The message, or the first thing wrong with it.
    pub(super) fn check(self, settings: &QueueSettings) -> Result<Good, ApiError> {
        let size = self.size();
        let Self {
            message_body,
            delay_seconds,
            message_attributes,
            message_deduplication_id,
            message_group_id,
        } = self;
        let body = message_body
            .filter(|body| !body.is_empty())
            .ok_or_else(|| missing("MessageBody"))?;
        if let Some(character) = refused_character(&body) {
            return Err(contents(character));
        }
        if message_attributes.len() > MOST_ATTRIBUTES {
            let sent = message_attributes.len();
            return Err(invalid(format!(
                "Number of message attributes [{sent}] exceeds the allowed maximum [{MOST_ATTRIBUTES}]."
            )));
        }
        let attributes = message_attributes
            .iter()
            .map(|(name, described)| Ok((name.clone(), described.read(name).map_err(invalid)?)))
            .collect::<Result<Attributes, ApiError>>()?;
        if size > LARGEST {
            return Err(too_long(LARGEST));
        }
        check_token("MessageGroupId", message_group_id.as_deref())?;
        check_token("MessageDeduplicationId", message_deduplication_id.as_deref())?;
        let (delay, deduplication) = if let Some(fifo) = settings.fifo {
            if message_group_id.is_none() {
                return Err(missing("MessageGroupId"));
            }
            // A FIFO queue delays all of its messages or none.
            if let Some(delay) = delay_seconds.filter(|delay| *delay != 0) {
                return Err(not_of_this_type("DelaySeconds", delay));
            }
            let deduplication = deduplication(fifo, message_deduplication_id, &body)?;
            (Duration::ZERO, Some(deduplication))
        } else {
            if let Some(id) = message_deduplication_id {
                return Err(not_of_this_type("MessageDeduplicationId", id));
            }
            (delay(delay_seconds)?, None)
        };
        Ok(Good {
            body,
            attributes,
            delay,
            group: message_group_id,
            deduplication,
        })
    }
}

impl Described {
    fn read(&self, name: &str) -> Result<Attribute, String> {
        let Self {
            data_type,
            string_value,
            binary_value,
        } = self;
        Attribute::read(Sent {
            name,
            data_type: data_type.as_deref(),
            text: string_value.as_deref(),
            binary: binary_value.as_deref(),
        })
    }
}

/// The id by which a repetition is known: the sender's, else the hash of the body where the queue takes that.
fn deduplication(fifo: Fifo, id: Option<String>, body: &str) -> Result<String, ApiError> {
    if let Some(id) = id {
        return Ok(id);
    }
    if !fifo.content_based_deduplication {
        return Err(no_deduplication());
    }
    Ok(Sha256::digest(body.as_bytes())
        .iter()
        .fold(String::new(), |mut hash, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hash, "{byte:02x}");
            hash
        }))
}

fn delay(seconds: Option<i64>) -> Result<Duration, ApiError> {
    let seconds = seconds.unwrap_or(0);
    let allowed = u64::try_from(seconds).ok().filter(|_| seconds <= LONGEST_DELAY);
    let reason = "DelaySeconds must be >= 0 and <= 900.";
    let seconds = allowed.ok_or_else(|| invalid_value("DelaySeconds", seconds, reason))?;
    Ok(Duration::from_secs(seconds))
}

/// A group's or a deduplication id.
fn check_token(member: &str, token: Option<&str>) -> Result<(), ApiError> {
    let fits = |token: &str| (1..=128).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic());
    match token {
        Some(token) if !fits(token) => {
            let reason =
                format!("{member} can only include alphanumeric and punctuation characters. 1 to 128 in length.");
            Err(invalid_value(member, token, &reason))
        }
        _ => Ok(()),
    }
}
