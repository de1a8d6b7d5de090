//! When an item that expires really goes: some time after the time it names, each at its own moment.

use std::time::Duration;

use dynoxide::{AttributeValue, Item};

use super::address::Address;
use crate::time::Time;

/// An item is not deleted whose time lies longer ago than this.
const FORGOTTEN: Duration = Duration::from_hours(5 * 365 * 24);

/// A deletion to come, if by then the item still names the same time.
#[derive(Debug)]
pub(super) struct Expiry {
    pub(super) address: Address,
    pub(super) named: i64,
}

/// The time an item names, in seconds, and from when on it may be deleted. Only whole numbers count.
pub(super) fn of(item: &Item, attribute: &str, now: Time) -> Option<(i64, Time)> {
    let Some(AttributeValue::N(number)) = item.get(attribute) else {
        return None;
    };
    let named: i64 = number.parse().ok()?;
    let expired = Time::from_millis(named.checked_mul(1000)?);
    (now.since(expired) < FORGOTTEN).then_some((named, expired.max(now)))
}
