//! SendMessage and SendMessageBatch: in a batch each message is taken or fails for itself, in the order of the request.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::address::Address;
use super::attribute::{digest, md5};
use super::entry::{Entry, Good, LARGEST};
use super::errors::{self, BatchError, no_queue};
use super::queue::Accepted;
use super::request;
use crate::sts::user_id;
use crate::wire::error::ApiError;
use crate::wire::json;
use crate::world::{Caller, World};

const MOST_ENTRIES: usize = 10;

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Batch {
    #[serde(default)]
    entries: Vec<Map<String, Value>>,
}

pub(super) fn one(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let (address, entry) = request::read::<Entry>(world, caller, "SendMessage", body)?;
    send(world, caller, &address, entry)
}

pub(super) fn batch(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let (address, Batch { entries }) = request::read(world, caller, "SendMessage", body)?;
    let entries = entries.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    check(&entries).map_err(errors::batch)?;
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for (id, entry) in entries {
        match send(world, caller, &address, entry) {
            Ok(mut told) => {
                told["Id"] = json!(id);
                successful.push(told);
            }
            Err(error) => failed.push(json!({
                "Id": id, "SenderFault": error.status < 500, "Code": error.code, "Message": error.message,
            })),
        }
    }
    Ok(json!({ "Successful": successful, "Failed": failed }))
}

fn read(mut members: Map<String, Value>) -> Result<(String, Entry), ApiError> {
    let Some(Value::String(id)) = members.remove("Id") else {
        return Err(errors::missing("SendMessageBatchRequestEntry.Id"));
    };
    Ok((id, json::rest(members)?))
}

/// What is wrong with a batch as a whole.
fn check(entries: &[(String, Entry)]) -> Result<(), BatchError> {
    let sent = entries.len();
    if sent == 0 {
        return Err(BatchError::Empty);
    }
    if sent > MOST_ENTRIES {
        let most = MOST_ENTRIES;
        return Err(BatchError::TooMany { sent, most });
    }
    let mut ids = BTreeSet::new();
    for (id, _) in entries {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !(1..=80).contains(&id.len()) || !id.bytes().all(known) {
            return Err(BatchError::Id);
        }
        if !ids.insert(id) {
            return Err(BatchError::Twice(id.clone()));
        }
    }
    let sent: usize = entries.iter().map(|(_, entry)| entry.size()).sum();
    if sent > LARGEST {
        let most = LARGEST;
        return Err(BatchError::TooLong { sent, most });
    }
    Ok(())
}

fn send(world: &mut World, caller: &Caller, address: &Address, entry: Entry) -> Result<Value, ApiError> {
    let sender = user_id(world, caller).unwrap_or_else(|| caller.access_key.clone());
    let queue = world.queues.get_mut(address).ok_or_else(no_queue)?;
    let good = entry.check(&queue.settings)?;
    let Good { body, attributes, .. } = &good;
    let mut told = json!({ "MD5OfMessageBody": md5(body.as_bytes()), "MD5OfMessageAttributes": digest(attributes) });
    let Accepted { message_id, sequence } = queue.send(world.now, world.random.uuid(), &sender, good);
    told["MessageId"] = json!(message_id);
    told["SequenceNumber"] = json!(sequence.map(|number| number.to_string()));
    Ok(told)
}
