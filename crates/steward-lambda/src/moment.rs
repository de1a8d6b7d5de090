use std::time::{SystemTime, UNIX_EPOCH};

use lambda_runtime::Context;
use steward::{Timestamp, TimestampError};

use crate::Deadline;

/// When an invocation happens. The time is read here, once, and handed inwards.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Now, for everything that is decided and written.
    pub now: Timestamp,
    /// When it must have ended.
    pub deadline: Deadline,
}

impl Moment {
    /// Of an invocation that starts now.
    pub fn of(context: &Context) -> Result<Self, TimestampError> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = Timestamp::from_millisecond(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))?;
        Ok(Self {
            now,
            deadline: Deadline::of(context, now),
        })
    }
}
