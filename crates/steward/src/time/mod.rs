//! Points in time, and lengths of it as manifests write them. Nobody here asks for the time: it is an argument.

mod duration;
mod timestamp;

pub use duration::{Duration, DurationError, DurationProblem};
pub use timestamp::{Timestamp, TimestampError, TimestampProblem};
