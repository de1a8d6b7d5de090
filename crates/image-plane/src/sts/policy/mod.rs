//! IAM policies: reading them strictly, and deciding by them. Nothing here knows a role or a session.
//!
//! What the evaluator does not know is refused when a policy is read, with its path: a condition that was silently
//! skipped would allow what AWS denies.

#[cfg(test)]
mod cases;
mod condition;
pub(super) mod document;
pub(super) mod error;
pub(super) mod evaluate;
mod json;
mod keys;
pub(super) mod pattern;
pub(super) mod principal;
#[cfg(test)]
pub(super) mod properties;
