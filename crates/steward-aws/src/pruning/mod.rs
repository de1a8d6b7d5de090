//! What pruning reads right before each step, and the calls that it makes.

mod act;
mod left;
mod look;

pub use left::LeftLook;
