//! What the policy of a key says of those who are to launch what it encrypts.
//!
//! It is read with care: what is not surely understood is taken neither for a yes nor for a no.

mod document;
mod judge;
mod statement;

pub use document::KeyPolicy;
pub use judge::{Granted, KeyAudience, Places, judge_key};
pub(super) use statement::lending_statement;
pub(crate) use statement::statement;

#[cfg(test)]
mod tests;
