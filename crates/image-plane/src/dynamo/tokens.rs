//! Transactions that were sent with a token: the same again within ten minutes is answered, not done again.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::refusal::Refusal;
use crate::time::Time;

const LIFETIME: Duration = Duration::from_mins(10);

#[derive(Debug)]
struct Done {
    at: Time,
    actions: Value,
    answer: Value,
}

/// The transactions of the last ten minutes by their token.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    done: BTreeMap<String, Done>,
}

impl Tokens {
    /// The answer to a transaction that was done already; an error where the token stood for another one.
    pub(super) fn find(&mut self, token: &str, actions: &Value, now: Time) -> Result<Option<Value>, Refusal> {
        self.done.retain(|_, done| now < done.at + LIFETIME);
        match self.done.get(token) {
            None => Ok(None),
            Some(done) if done.actions == *actions => Ok(Some(done.answer.clone())),
            Some(_) => Err(Refusal::service(
                "IdempotentParameterMismatchException",
                "An error occurred (IdempotentParameterMismatchException)",
            )),
        }
    }

    pub(super) fn keep(&mut self, token: String, actions: Value, answer: Value, at: Time) {
        self.done.insert(token, Done { at, actions, answer });
    }
}
