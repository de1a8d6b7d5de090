//! Every queue, and what goes from one to another: messages received in vain.

use std::collections::BTreeMap;
use std::time::Duration;

use super::address::Address;
use super::queue::{Queue, Received};
use crate::time::Time;

/// Every queue.
#[derive(Debug, Default)]
pub(crate) struct Queues {
    known: BTreeMap<Address, Queue>,
}

impl Queues {
    pub(super) fn get(&self, address: &Address) -> Option<&Queue> {
        self.known.get(address)
    }

    pub(super) fn get_mut(&mut self, address: &Address) -> Option<&mut Queue> {
        self.known.get_mut(address)
    }

    pub(super) fn put(&mut self, address: Address, queue: Queue) {
        self.known.insert(address, queue);
    }

    /// Receives up to so many messages, hidden for so long or as long as the queue says. Those that were received too often
    /// go to the dead-letter queue instead.
    pub(super) fn receive(
        &mut self,
        now: Time,
        address: &Address,
        most: usize,
        hidden: Option<Duration>,
    ) -> Vec<Received> {
        let Some(queue) = self.known.get_mut(address) else {
            return Vec::new();
        };
        let hidden = hidden.unwrap_or(queue.settings.visibility_timeout);
        let (received, given_up) = queue.receive(now, most, hidden);
        let redrive = queue.settings.redrive.as_ref();
        let dead = redrive.and_then(|redrive| Address::of_arn(&redrive.dead_letter_queue));
        if let Some(dead) = dead.and_then(|dead| self.known.get_mut(&dead)) {
            for message in given_up {
                dead.bury(now, message, &address.arn());
            }
        }
        received
    }
}
