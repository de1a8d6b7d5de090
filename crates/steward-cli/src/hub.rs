//! The hub that a person's credentials and Region point to, and its record.

use std::time::{SystemTime, UNIX_EPOCH};

use steward::Timestamp;
use steward_aws::{Caller, Record};

use crate::arguments::Hub;
use crate::failure::Failure;

/// Asks AWS who calls, and opens the record they name.
pub(crate) async fn open(hub: &Hub) -> Result<(Caller, Record), Failure> {
    let table = hub.table.as_deref().filter(|table| !table.is_empty());
    let table = table.ok_or_else(|| {
        Failure::Mistake(String::from(
            "no table is named: set STEWARD_TABLE or --table to the output `Table` of the stack.",
        ))
    })?;
    let caller = Caller::ask().await?;
    let record = caller.record(table);
    Ok((caller, record))
}

/// This computer's time; a clock before 1970 or beyond all calendars counts as 1970.
pub(crate) fn clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millisecond = i64::try_from(since.as_millis()).unwrap_or_default();
    Timestamp::from_millisecond(millisecond).unwrap_or(Timestamp::EPOCH)
}
