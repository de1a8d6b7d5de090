//! DynamoDB's word for an item that a transaction is at.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_smithy_runtime_api::client::interceptors::context::{Error, InterceptorContext};
use aws_smithy_runtime_api::client::orchestrator::OrchestratorError;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_types::retry::ErrorKind;

/// Retries a write that met a transaction at its item, which is over in a moment.
///
/// The SDK's standard retries know what transactions are answered, and not what single writes are beside one.
#[derive(Debug)]
struct InTransaction;

impl ClassifyRetry for InTransaction {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let error = context.output_or_error().and_then(Result::err);
        match error.and_then(OrchestratorError::as_operation_error) {
            Some(error) if met_a_transaction(error) => RetryAction::retryable_error(ErrorKind::ThrottlingError),
            Some(_) | None => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "an item in a transaction"
    }
}

fn met_a_transaction(error: &Error) -> bool {
    let update = error
        .downcast_ref()
        .map(UpdateItemError::is_transaction_conflict_exception);
    let delete = error
        .downcast_ref()
        .map(DeleteItemError::is_transaction_conflict_exception);
    [update, delete].contains(&Some(true))
}

/// What tables are reached by.
pub(crate) fn tables(config: &SdkConfig) -> Client {
    let config = aws_sdk_dynamodb::config::Builder::from(config).retry_classifier(InTransaction);
    Client::from_conf(config.build())
}
