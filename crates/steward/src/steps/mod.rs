//! What is about to be changed in AWS, as it is written down before, and what came of it.

mod intent;

pub use intent::{Came, Intent, Worker};
