//! The hub that a person's credentials and Region point to, and its record.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use steward::Timestamp;
use steward_aws::{Caller, CallerError, Record};

use crate::Surroundings;
use crate::failure::Failure;

/// Where the record is, who calls and what time it is.
#[derive(Debug)]
pub(crate) struct Hub {
    table: Option<String>,
    surroundings: Option<Surroundings>,
}

impl Hub {
    /// The hub of these surroundings, or of the environment and this computer's clock.
    pub(crate) const fn new(table: Option<String>, surroundings: Option<Surroundings>) -> Self {
        Self { table, surroundings }
    }

    /// Asks AWS who calls, and opens the record they name.
    pub(crate) async fn open(&self) -> Result<(Caller, Record), Failure> {
        let table = self.table.as_deref().filter(|table| !table.is_empty());
        let table = table.ok_or_else(|| {
            Failure::Mistake(String::from(
                "no table is named: set STEWARD_TABLE or --table to the output `Table` of the stack.",
            ))
        })?;
        let caller = self.caller().await?;
        let record = caller.record(table);
        Ok((caller, record))
    }

    /// Who calls.
    pub(crate) async fn caller(&self) -> Result<Caller, CallerError> {
        match &self.surroundings {
            Some(surroundings) => Ok(surroundings.caller.clone()),
            None => Caller::ask().await,
        }
    }

    /// What time it is, as far as this computer knows.
    pub(crate) fn now(&self) -> Result<Timestamp, Failure> {
        if let Some(surroundings) = &self.surroundings {
            return Ok(surroundings.now);
        }
        timestamp(SystemTime::now()).map_err(|why| Failure::Mistake(format!("this computer's clock is wrong: {why}.")))
    }

    /// The time from now on, whatever becomes of this computer's clock meanwhile.
    pub(crate) fn clock(&self) -> Result<impl Fn() -> Timestamp, Failure> {
        let (then, start) = (self.now()?, Instant::now());
        Ok(move || then.checked_add(start.elapsed()).unwrap_or(then))
    }
}

fn timestamp(time: SystemTime) -> Result<Timestamp, String> {
    let since = time
        .duration_since(UNIX_EPOCH)
        .map_err(|_| String::from("it is before 1970"))?;
    let millisecond = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(millisecond).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_clock_that_cannot_be_right_is_said_and_never_guessed() {
        let at = |seconds| timestamp(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(86_400).unwrap().to_string(), "1970-01-02T00:00:00.000Z");
        let before = timestamp(UNIX_EPOCH - Duration::from_secs(1));
        assert_eq!(before, Err(String::from("it is before 1970")));
        assert!(at(300_000_000_000).is_err());
    }
}
