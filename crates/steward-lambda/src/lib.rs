//! What every function needs around its job: its environment, its deadline, its end, its log, partial batches.

mod batch;
mod deadline;
mod ending;
mod environment;
mod moment;
mod run;
mod serve;
mod tell;

pub use batch::each_message;
pub use deadline::Deadline;
pub use ending::{Ended, end};
pub use environment::{Environment, EnvironmentError};
pub use moment::Moment;
pub use run::{Failure, run};
pub use serve::serve;
pub use tell::tell;
