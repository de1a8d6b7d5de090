//! Faults that only DynamoDB has, each in the shape the operation gives it.

use serde_json::{Map, Value};

use super::operation::Operation;
use super::refusal::Refusal;
use crate::random::Random;

const CONFLICT: (&str, &str) = ("TransactionConflict", "Transaction is ongoing for the item");
const TOO_FAST: &str = "Throughput exceeds the current capacity of your table or index. \
    DynamoDB is automatically scaling your table or index so please try again shortly.";
const TOO_MUCH: &str = "The level of configured provisioned throughput for the table was exceeded. \
    Consider increasing your provisioning level with the UpdateTable API.";

/// The refusal of a call that meets another one at its item; `None` where the operation cannot.
pub(super) fn conflict(operation: Operation, body: &str, random: &mut Random) -> Option<Refusal> {
    match operation {
        Operation::PutItem | Operation::UpdateItem | Operation::DeleteItem => {
            Some(Refusal::service("TransactionConflictException", CONFLICT.1))
        }
        Operation::TransactWriteItems | Operation::TransactGetItems => cancelled(CONFLICT, body, random),
        _ => None,
    }
}

/// Told to slow down, in one of the ways the operation may be.
pub(super) fn throttle(operation: Operation, body: &str, random: &mut Random) -> Refusal {
    if operation.of_tables() {
        return Refusal::throttled("ThrottlingException", "Rate exceeded");
    }
    let refusal = match (operation, random.below(3)) {
        (Operation::TransactWriteItems | Operation::TransactGetItems, 0) => {
            cancelled(("ThrottlingError", TOO_FAST), body, random)
        }
        (_, 1) => Some(Refusal::throttled("ThrottlingException", TOO_FAST)),
        _ => None,
    };
    let refusal = refusal.unwrap_or_else(|| Refusal::throttled("ProvisionedThroughputExceededException", TOO_MUCH));
    Refusal {
        throttled: true,
        ..refusal
    }
}

/// A transaction cancelled for this reason at one of its actions at least.
fn cancelled(reason: (&'static str, &'static str), body: &str, random: &mut Random) -> Option<Refusal> {
    let body: Value = serde_json::from_str(body).ok()?;
    let actions = u64::try_from(body.get("TransactItems")?.as_array()?.len())
        .ok()
        .filter(|actions| *actions > 0)?;
    let hit = random.below(actions);
    let reasons: Vec<_> = (0..actions)
        .map(|action| (action == hit || random.chance(200)).then_some(reason))
        .collect();
    Some(Refusal::cancelled(&reasons))
}

/// A request cut down to a part, and what to say of the rest.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) body: String,
    rest: Option<(&'static str, Map<String, Value>)>,
}

impl Part {
    /// Names the rest in the answer.
    pub(super) fn complete(self, answer: &mut Value) {
        if let Some((member, rest)) = self.rest {
            answer[member] = Value::Object(rest);
        }
    }
}

/// A batch of which only a part is done, or a page that ends early; `None` where a request cannot be cut.
pub(super) fn part(operation: Operation, body: &str, random: &mut Random) -> Option<Part> {
    let mut request: Value = serde_json::from_str(body).ok()?;
    let rest = match operation {
        Operation::Query | Operation::Scan => {
            request.as_object_mut()?.insert(String::from("Limit"), Value::from(1));
            None
        }
        Operation::BatchWriteItem => Some(("UnprocessedItems", take_some(&mut request, random, 25, None)?)),
        Operation::BatchGetItem => Some(("UnprocessedKeys", take_some(&mut request, random, 100, Some("Keys"))?)),
        _ => return None,
    };
    Some(Part {
        body: request.to_string(),
        rest,
    })
}

/// Takes some of a batch's entries out, but neither none nor all. `inside` is the member of a table that lists them.
fn take_some(request: &mut Value, random: &mut Random, most: u64, inside: Option<&str>) -> Option<Map<String, Value>> {
    let tables = request.get_mut("RequestItems")?.as_object_mut()?;
    let mut total = 0;
    for table in tables.values_mut() {
        total += u64::try_from(entries(table, inside)?.len()).ok()?;
    }
    // More than the most is refused whole, and a single entry cannot be cut.
    if total < 2 || total > most {
        return None;
    }
    let (kept, left) = (random.below(total), random.below(total - 1));
    let left = if left >= kept { left + 1 } else { left };
    let mut place = 0;
    let mut rest = Map::new();
    for (name, table) in tables.iter_mut() {
        let mut of_rest = table.clone();
        let (mut stays, mut goes) = (Vec::new(), Vec::new());
        for entry in std::mem::take(entries(table, inside)?) {
            let goes_out = place == left || (place != kept && random.chance(500));
            if goes_out {
                goes.push(entry);
            } else {
                stays.push(entry);
            }
            place += 1;
        }
        *entries(table, inside)? = stays;
        if !goes.is_empty() {
            *entries(&mut of_rest, inside)? = goes;
            rest.insert(name.clone(), of_rest);
        }
    }
    // A table of which nothing stays must not be asked for nothing.
    for name in rest.keys() {
        if tables
            .get_mut(name)
            .and_then(|table| entries(table, inside))
            .is_some_and(|entries| entries.is_empty())
        {
            tables.remove(name);
        }
    }
    Some(rest)
}

fn entries<'a>(table: &'a mut Value, inside: Option<&str>) -> Option<&'a mut Vec<Value>> {
    match inside {
        Some(member) => table.get_mut(member)?.as_array_mut(),
        None => table.as_array_mut(),
    }
}
