//! Reading what every operation's request has: a JSON object with known members, and the URL of a queue.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::address::Address;
use super::entry::LARGEST;
use super::errors::{missing, no_address, no_queue};
use crate::sts::{Refusal, denied_by_policy};
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::wire::json;
use crate::world::{Caller, World};

/// JSON may write a byte of text as six.
const LARGEST_BODY: usize = 8 * LARGEST;

/// The queue that a request names, and its other members.
///
/// Another account's queue opens to whom its policy names. No queue has one here.
pub(super) fn read<T: DeserializeOwned>(
    world: &World,
    caller: &Caller,
    action: &str,
    body: &[u8],
) -> Result<(Address, T), ApiError> {
    let mut members: Map<String, Value> = json::read_up_to(LARGEST_BODY, body)?;
    let url = match members.remove("QueueUrl") {
        Some(Value::String(url)) => url,
        None | Some(Value::Null) => return Err(missing("QueueUrl")),
        Some(_) => return Err(ApiError::client("SerializationException", "QueueUrl is a string")),
    };
    let rest = json::rest(members)?;
    let address = Address::of_url(caller.target, &url).ok_or_else(|| no_address(&url))?;
    if address.target.account != caller.target.account {
        return Err(denied_by_policy(
            Service::Sqs,
            caller,
            &format!("sqs:{action}"),
            Some(&address.arn()),
            Refusal::NotAllowedByResource,
        ));
    }
    if world.queues.get(&address).is_none() {
        return Err(no_queue());
    }
    Ok((address, rest))
}
