//! The planner: which families are due, and what is to be done of each.

mod announce;
mod family;
mod handler;
mod outcome;
mod record;
mod report;
mod tell;

pub use handler::plan_pruning;
pub use outcome::Planned;
