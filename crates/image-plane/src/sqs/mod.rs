//! Amazon SQS, as far as work waits in queues for a function: messages are sent by the API, and a World method hands them
//! out the way Lambda's event source mapping does.
//!
//! A queue is true at once and hands out in the order of sending: AWS promises that of FIFO queues alone. Not modelled, and
//! refused by name: creating queues by API, queue policies and so other accounts' queues, waiting for messages, trace
//! headers, and all other operations.

mod access;
mod address;
pub(crate) mod attribute;
mod entry;
mod errors;
mod hand_out;
mod mapping;
mod message;
mod queue;
mod reach;
mod receive;
mod request;
mod send;
#[cfg(test)]
mod tests;

use crate::wire::call::Service;
use crate::world::Operation;
use crate::world::buckets::Rate;
use crate::world::judged::{Handler, Judged};
pub(crate) use errors::shape;
pub(crate) use hand_out::Queues;
pub use queue::{DeduplicationScope, Fifo, QueueSettings, Redrive};
pub use reach::{QueueAddress, QueueError};

/// What such services answer with: JSON 1.0.
pub(crate) const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// A quota is a queue's own, and of standard queues there is none. Here all of an account's queues in a Region share what
/// one FIFO queue in high throughput has where that is least.
const RATE: Rate = Rate::new(2400, 2_400_000);

const fn operation(name: &'static str, run: Handler) -> (Operation, Handler) {
    let (mutates, rate) = (true, RATE);
    (Operation { name, mutates, rate }, run)
}

/// All of them change something: receiving a message hides it.
const OPERATIONS: [(Operation, Handler); 5] = [
    operation("SendMessage", send::one),
    operation("SendMessageBatch", send::batch),
    operation("ReceiveMessage", receive::receive),
    operation("DeleteMessage", receive::delete),
    operation("ChangeMessageVisibility", receive::change_visibility),
];

/// The service, as its requests are judged and answered.
pub(crate) const QUEUES: &Judged = &Judged {
    service: Service::Sqs,
    prefix: "AmazonSQS",
    name: "sqs",
    content_type: CONTENT_TYPE,
    operations: &OPERATIONS,
    needs: access::needs,
};
