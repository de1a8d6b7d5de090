//! The bucket in which reports lie.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::primitives::ByteStream;
use steward::Target;

use crate::Problem;

/// A report is a few MB at most.
const ATTEMPTS: u32 = 3;
const LONGEST_CALL: Duration = Duration::from_secs(20);
const LONGEST_WITH_TRIES: Duration = Duration::from_secs(50);

/// A bucket of the hub's.
#[derive(Clone, Debug)]
pub struct Bucket {
    client: aws_sdk_s3::Client,
    name: String,
    hub: Target,
}

impl Bucket {
    pub(crate) fn new(config: &aws_config::SdkConfig, name: String, hub: Target) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(LONGEST_CALL)
            .operation_timeout(LONGEST_WITH_TRIES);
        let config = aws_sdk_s3::config::Builder::from(config)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .timeout_config(timeouts.build())
            .build();
        Self {
            client: aws_sdk_s3::Client::from_conf(config),
            name,
            hub,
        }
    }

    /// Puts a text there. What lies under its key already stays, as an older version of it.
    pub async fn put(&self, key: &str, content_type: &str, text: String) -> Result<(), Problem> {
        let put = self
            .client
            .put_object()
            .bucket(&self.name)
            .expected_bucket_owner(self.hub.account().to_string())
            .key(key)
            .content_type(content_type)
            .body(ByteStream::from(text.into_bytes()));
        let answer = Box::pin(put.send()).await;
        let doing = || format!("put {key} into the bucket {}", self.name);
        answer.map(drop).map_err(|error| Problem::of(doing(), self.hub, &error))
    }

    /// Where an object of it lies, as the AWS CLI takes it.
    pub fn address(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.name)
    }
}
