//! What Image Builder holds of a family, and the calls that change it.

mod carry_out;
mod existing;
mod get;
mod held;
mod others;
mod read;
mod say;
mod start;
mod versions;
mod waiting;
mod would_build;

pub use held::PipelineStanding;
pub use versions::{Deletion, HeldPipeline};
pub(crate) use would_build::{Read, Would};
