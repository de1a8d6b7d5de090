//! PutEvents: each entry is accepted or fails for itself, in the order of the request.

use serde::Deserialize;
use serde_json::{Value, json};

use super::bus_arn;
use super::entry::{Entry, Good};
use crate::wire::error::ApiError;
use crate::wire::json;
use crate::world::{Target, World};

const MOST_ENTRIES: usize = 10;

/// All entries together must be smaller: 1 MB, which once were 256 KB.
const LARGEST: usize = 1 << 20;

/// JSON may write a byte of text as six.
const LARGEST_BODY: usize = 8 * LARGEST;

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PutEvents {
    entries: Vec<Entry>,
}

pub(super) fn run(world: &mut World, target: Target, body: &[u8]) -> Result<Value, ApiError> {
    let PutEvents { entries } = json::read_up_to(LARGEST_BODY, body).map_err(|error| match error.code.as_ref() {
        "InvalidRequestException" => validation(error.message),
        _ => error,
    })?;
    if !(1..=MOST_ENTRIES).contains(&entries.len()) {
        return Err(validation(format!(
            "1 validation error detected: Value '{} entries' at 'entries' failed to satisfy constraint: Member must have length \
             between 1 and {MOST_ENTRIES}",
            entries.len()
        )));
    }
    if entries.iter().map(Entry::size).sum::<usize>() >= LARGEST {
        return Err(validation(String::from(
            "Total size of the entries in the request is over the limit.",
        )));
    }
    // Before anything goes out: what is refused as not modelled must have done nothing.
    let buses: Vec<Bus> = entries
        .iter()
        .map(|entry| bus(target, entry.event_bus_name.as_deref()))
        .collect::<Result<_, _>>()?;
    let mut failed = 0;
    let mut told = Vec::new();
    for (entry, bus) in entries.into_iter().zip(buses) {
        told.push(match entry.check() {
            Ok(event) => json!({ "EventId": put(world, target, bus, &event) }),
            Err((code, message)) => {
                failed += 1;
                json!({ "ErrorCode": code, "ErrorMessage": message })
            }
        });
    }
    Ok(json!({ "FailedEntryCount": failed, "Entries": told }))
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Bus {
    Default,
    /// There is none of this name.
    Missing,
}

fn bus(target: Target, name: Option<&str>) -> Result<Bus, ApiError> {
    let arn = bus_arn(target, name);
    let own = bus_arn(target, None);
    let root = own.strip_suffix("default").unwrap_or(&own);
    if arn == own {
        Ok(Bus::Default)
    } else if arn.starts_with(root) {
        Ok(Bus::Missing)
    } else {
        Err(ApiError::not_modelled(format_args!(
            "the event bus {arn} of another account or Region"
        )))
    }
}

/// An event on a bus that does not exist gets its id like any other, does not count as failed, and is dropped: so says
/// the guide.
fn put(world: &mut World, target: Target, bus: Bus, event: &Good) -> String {
    if bus == Bus::Missing {
        return world.random.uuid();
    }
    let Good {
        time,
        source,
        detail_type,
        detail,
        resources,
    } = event;
    let time = time.unwrap_or(world.now);
    world.emit_dated(target, time, source, (detail_type, detail), resources)
}

fn validation(message: String) -> ApiError {
    ApiError::client("ValidationException", message)
}
