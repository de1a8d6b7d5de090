//! What every function needs around its job: its environment, its deadline, its log, partial batches.

mod batch;
mod deadline;
mod environment;
mod moment;
mod run;

pub use batch::each_message;
pub use deadline::Deadline;
pub use environment::{Environment, EnvironmentError};
pub use moment::Moment;
pub use run::{Failure, run};
