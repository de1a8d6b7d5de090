//! A network: each call takes a while.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// Whoever answers calls, further away.
#[derive(Clone, Debug)]
pub(crate) struct Late {
    inner: SharedHttpClient,
    by: Duration,
}

#[derive(Debug)]
struct LateConnector {
    inner: SharedHttpConnector,
    by: Duration,
}

impl Late {
    /// Whom this configuration calls, so far away.
    pub(crate) fn behind(config: &SdkConfig, by: Duration) -> Self {
        let inner = config.http_client().unwrap();
        Self { inner, by }
    }
}

impl HttpClient for Late {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(LateConnector { inner, by: self.by })
    }
}

impl HttpConnector for LateConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (inner, by) = (self.inner.clone(), self.by);
        HttpConnectorFuture::new(async move {
            if !by.is_zero() {
                tokio::time::sleep(by).await;
            }
            inner.call(request).await
        })
    }
}
