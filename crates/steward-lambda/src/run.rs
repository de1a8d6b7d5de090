use lambda_runtime::{Diagnostic, LambdaEvent, service_fn, tracing as telemetry};
use serde::Serialize;
use serde_json::Value;
use steward::with_causes;

/// Why an invocation failed, with all its sources: what the failure destination and the log are told.
#[derive(Debug)]
pub struct Failure(String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(with_causes(&error))
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self {
            error_type: String::from("Failure"),
            error_message: failure.0,
        }
    }
}

/// Runs a function: logs as JSON, then one invocation after the other.
pub async fn run<A, F>(handler: impl Fn(LambdaEvent<Value>) -> F) -> Result<(), lambda_runtime::Error>
where
    A: Serialize,
    F: Future<Output = Result<A, Failure>>,
{
    telemetry::init_default_subscriber();
    lambda_runtime::run(service_fn(handler)).await
}
