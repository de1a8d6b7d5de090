//! The copy that reads which need not be consistent may be answered from. Like a replica at AWS it gets every write some
//! time after the leader has it, in the leader's order, so whatever it shows was true once, and not long ago.

use std::collections::VecDeque;
use std::time::Duration;

use dynoxide::{Database, Item};

use super::address::Address;
use crate::time::Time;

/// A write on its way: the effect, not the request, because a condition might be decided otherwise over here.
#[derive(Debug)]
struct Change {
    at: Time,
    arrives: Time,
    address: Address,
    item: Option<Item>,
}

/// The copy, and what it has yet to hear of.
pub(super) struct Follower {
    database: Database,
    coming: VecDeque<Change>,
}

impl Follower {
    /// Starts from a copy that knows everything.
    pub(super) fn new(database: Database) -> Self {
        Self {
            database,
            coming: VecDeque::new(),
        }
    }

    /// Tells it of a write made at `at`, which it hears of so much later, though never before it hears of an earlier one.
    pub(super) fn tell(&mut self, address: Address, item: Option<Item>, at: Time, delay: Duration) {
        let arrives = self.coming.back().map_or(at, |last| last.arrives).max(at + delay);
        self.coming.push_back(Change {
            at,
            arrives,
            address,
            item,
        });
    }

    /// The copy with all it has heard of by now. Nothing takes longer than the lag, also where that was made shorter since.
    pub(super) fn caught_up(&mut self, now: Time, lag: Duration) -> dynoxide::Result<&Database> {
        while let Some(change) = self
            .coming
            .pop_front_if(|change| change.arrives <= now || change.at + lag <= now)
        {
            change.address.set(&self.database, change.item)?;
        }
        Ok(&self.database)
    }

    /// The copy as it is, for what takes effect everywhere at once: tables that come and go.
    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// Forgets what was on its way to a table.
    pub(super) fn forget(&mut self, table: &str) {
        self.coming.retain(|change| change.address.table != table);
    }

    /// How much is on its way.
    pub(super) fn behind(&self) -> usize {
        self.coming.len()
    }
}

impl std::fmt::Debug for Follower {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Follower")
            .field("coming", &self.coming)
            .finish_non_exhaustive()
    }
}
