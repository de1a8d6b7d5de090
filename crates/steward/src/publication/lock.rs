//! What a key is like to those who are to launch what it encrypts.

use serde::Serialize;

use crate::Words;

/// Why nobody in an account, or nobody for all that is known, launches what a key encrypts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lock {
    /// It is disabled.
    Disabled,
    /// It is about to be deleted.
    PendingDeletion,
    /// It is in another state in which it encrypts nothing, in KMS's word.
    State(Words),
    /// There is none any more.
    Gone,
    /// KMS does not show it to the account, in its words.
    Hidden(Words),
    /// Nobody could look, and why.
    Unseen(Words),
}
