//! The dispatcher: which releases are to be looked at in which targets. It changes nothing but the record, and its queue.

mod audience;
mod channels;
mod due;
mod family;
mod gone;
mod handler;
mod outcome;
mod send;
mod telling;

pub use handler::plan_distribution;
pub use outcome::Dispatched;
