//! What calls consume, counted whether their callers ask for it or not.

use std::borrow::Cow;
use std::ops::{AddAssign, Sub};

use serde_json::Value;

use super::operation::Operation;
use super::refusal::Refusal;

/// The member with which a caller asks for it, and that of the answer.
const ASKS: &str = "\"ReturnConsumedCapacity\"";
const TOLD: &str = "ConsumedCapacity";

/// Units of a table on demand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Consumed {
    /// Of reading, in halves: what need not be current costs half as much.
    pub read_halves: u64,
    /// Of writing.
    pub written: u64,
}

impl AddAssign for Consumed {
    fn add_assign(&mut self, other: Self) {
        self.read_halves += other.read_halves;
        self.written += other.written;
    }
}

impl Sub for Consumed {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            read_halves: self.read_halves - before.read_halves,
            written: self.written - before.written,
        }
    }
}

/// A request that asks what it consumes.
pub(super) struct Metered<'a> {
    pub(super) body: Cow<'a, str>,
    /// Whether its caller asks for that too.
    asked: bool,
}

impl<'a> Metered<'a> {
    pub(super) fn of(operation: Operation, body: &'a str) -> Self {
        let asked = body.contains(ASKS);
        let members = body.strip_prefix('{').filter(|members| members.starts_with('"'));
        let body = match members {
            Some(members) if !asked && !operation.of_tables() => Cow::Owned(format!("{{{ASKS}:\"TOTAL\",{members}")),
            Some(_) | None => Cow::Borrowed(body),
        };
        Self { body, asked }
    }

    /// What it consumed, taken out of the answer where nobody asked.
    pub(super) fn consumed(&self, operation: Operation, result: &mut Result<Value, Refusal>) -> Consumed {
        let halves = match result {
            Ok(answer) => {
                let told = if self.asked {
                    answer.get(TOLD).cloned()
                } else {
                    answer.as_object_mut().and_then(|answer| answer.remove(TOLD))
                };
                halves(&told.unwrap_or_default())
            }
            // A condition that does not hold costs what looking at a small item does.
            Err(refusal) if refusal.is_condition() => 2,
            Err(_) => 0,
        };
        if operation.mutates() {
            Consumed {
                read_halves: 0,
                written: halves / 2,
            }
        } else {
            Consumed {
                read_halves: halves,
                written: 0,
            }
        }
    }
}

/// Of one table, or of several.
fn halves(told: &Value) -> u64 {
    match told {
        Value::Array(tables) => tables.iter().map(halves).sum(),
        table => {
            let units = table.get("CapacityUnits").and_then(Value::as_f64).unwrap_or_default();
            format!("{:.0}", units * 2.0).parse().unwrap_or_default()
        }
    }
}
