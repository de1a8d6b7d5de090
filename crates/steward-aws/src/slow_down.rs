//! Image Builder's own word for throttling.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_types::retry::ErrorKind;

const TOO_MANY_REQUESTS: u16 = 429;

/// Retries what is answered with 429.
///
/// The SDK's standard retries know errors by name, and do not know Image Builder's `CallRateLimitExceededException`:
/// without this each throttled call to it fails at once.
#[derive(Debug)]
pub(crate) struct SlowDown;

impl ClassifyRetry for SlowDown {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let status = context.response().map(|response| response.status().as_u16());
        if status == Some(TOO_MANY_REQUESTS) {
            RetryAction::retryable_error(ErrorKind::ThrottlingError)
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "429 is throttling"
    }
}
