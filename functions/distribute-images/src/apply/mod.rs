//! The worker: one message, one target, a family's releases in it.

mod copy;
mod handler;
mod outcome;
mod publish;
mod reader;
mod release;
mod steps;
mod templates;
mod view;
mod visit;
mod work;

pub use handler::apply_distribution;
pub use outcome::Distributed;
