//! The worker: one message, one target, the steps of families' plans in it.
//!
//! It is what a crash leaves behind that it begins with; and each step it looks at again before it makes it.

mod family;
mod handler;
mod left;
mod outcome;
mod settle;
mod step;
mod visit;
mod way_up;

pub use handler::apply_pruning;
pub use outcome::Applied;
