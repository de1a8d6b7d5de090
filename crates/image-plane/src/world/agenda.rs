//! What is going to happen without anybody calling: images become available, copies fail, builds walk on.

use std::collections::BTreeMap;

use crate::time::Time;

/// Future changes in the order they fall due; those due at one instant keep the order in which they were planned.
#[derive(Debug)]
pub(crate) struct Agenda<T> {
    due: BTreeMap<(Time, u64), T>,
    planned: u64,
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Self {
            due: BTreeMap::new(),
            planned: 0,
        }
    }
}

impl<T> Agenda<T> {
    pub(crate) fn plan(&mut self, at: Time, item: T) {
        self.due.insert((at, self.planned), item);
        self.planned += 1;
    }

    /// Takes the next item due at or before `now`, with its own time.
    pub(crate) fn pop_due(&mut self, now: Time) -> Option<(Time, T)> {
        let entry = self.due.first_entry()?;
        (entry.key().0 <= now)
            .then(|| entry.remove_entry())
            .map(|((at, _), item)| (at, item))
    }

    pub(crate) fn next(&self) -> Option<Time> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }
}
