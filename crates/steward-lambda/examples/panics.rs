//! A function that panics at every wake. The tests of the deployed system put it in a real one's place, to see where its
//! wakes end.

use serde_json::Value;
use steward_lambda::{Failure, run};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    run(|_| async { on_purpose() }).await
}

#[expect(clippy::panic, reason = "this is what it is for")]
fn on_purpose() -> Result<Value, Failure> {
    panic!("this function panics on purpose")
}
