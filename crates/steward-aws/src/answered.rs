//! What any call in a target is answered.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::{AtTarget, Problem};

impl AtTarget {
    /// What a call is answered, or why not.
    pub(crate) async fn answered<T, E>(
        &self,
        doing: &str,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, Problem>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        // The SDK's futures are large.
        Box::pin(call)
            .await
            .map_err(|error| Problem::of(doing, self.target, &error))
    }
}
