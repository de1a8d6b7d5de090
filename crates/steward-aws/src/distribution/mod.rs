//! Where releases are to be: what a target has of a family, and the calls that bring it there.

mod act;
mod lend;
mod lending;
mod look;
mod read;
mod region;

pub(crate) use read::NO_SNAPSHOT;

pub use look::{Decided, FamilyThere, TargetThere};
