//! Lambda's event source mapping, as a test plays it: the next batch for a function, and what the function made of it.
//!
//! The mapping's own calls of SQS are Lambda's: no ledger counts them and no fault hits them.

use serde_json::{Value, json};

use super::reach::QueueError;
use crate::world::World;

impl World {
    /// The event for a function that takes one message at a time from this queue; `None` while nothing can be received.
    ///
    /// The message is hidden for the queue's visibility timeout, and so are the others of its group in a FIFO queue. A
    /// function that fails, crashes or takes too long just does not acknowledge it: after the timeout it comes again, or goes
    /// to the dead-letter queue when it came too often.
    pub fn take_batch(&mut self, queue_arn: &str) -> Result<Option<Value>, QueueError> {
        let address = self.queue(queue_arn)?;
        let received = self.queues.receive(self.now, &address, 1, None);
        let region = address.target.region.name();
        let records: Vec<Value> = received.iter().map(|one| one.record(queue_arn, region)).collect();
        Ok((!records.is_empty()).then(|| json!({ "Records": records })))
    }

    /// Deletes a message that a function has done with, as the mapping does; false where the receipt handle is too old and
    /// the message comes again.
    pub fn acknowledge(&mut self, queue_arn: &str, receipt_handle: &str) -> Result<bool, QueueError> {
        let address = self.queue(queue_arn)?;
        let queue = self.queues.get_mut(&address);
        Ok(queue.is_some_and(|queue| queue.delete(self.now, receipt_handle) == Ok(true)))
    }
}
