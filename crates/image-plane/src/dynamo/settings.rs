//! How the tables behave where DynamoDB leaves it open.

use std::time::Duration;

/// The knobs. The default bites; [`TableSettings::calm`] is for tests about something else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TableSettings {
    /// A read that is not consistent may show the items as they were up to so long ago. Zero: every read is current.
    pub read_lag: Duration,
    /// An expired item is deleted up to so long after its time, each at a moment of its own (documented: a few days).
    pub expiry_lag: Duration,
}

impl Default for TableSettings {
    fn default() -> Self {
        Self {
            read_lag: Duration::from_secs(1),
            expiry_lag: Duration::from_hours(48),
        }
    }
}

impl TableSettings {
    /// Reads are current, and what expires goes on time.
    #[must_use]
    pub const fn calm() -> Self {
        Self {
            read_lag: Duration::ZERO,
            expiry_lag: Duration::ZERO,
        }
    }
}
