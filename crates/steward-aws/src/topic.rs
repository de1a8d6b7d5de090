//! The topic by which people and their programs are told of releases.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_sns::types::MessageAttributeValue;
use steward::Target;
use steward::telling::ReleaseMessage;

use crate::Problem;

/// What else is to be done does not wait for who is told: what fails is sent by the next sweep.
const ATTEMPTS: u32 = 2;
const LONGEST_CALL: Duration = Duration::from_secs(5);
const LONGEST_WITH_TRIES: Duration = Duration::from_secs(10);

/// A topic of messages.
#[derive(Clone, Debug)]
pub struct Topic {
    client: aws_sdk_sns::Client,
    arn: String,
    hub: Target,
}

impl Topic {
    pub(crate) fn new(config: &aws_config::SdkConfig, arn: String, hub: Target) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(LONGEST_CALL)
            .operation_timeout(LONGEST_WITH_TRIES);
        let config = aws_sdk_sns::config::Builder::from(config)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .timeout_config(timeouts.build())
            .build();
        Self {
            client: aws_sdk_sns::Client::from_conf(config),
            arn,
            hub,
        }
    }

    /// Sends a message to all who subscribed, to each in the look for its protocol. Whoever wants only some filters by the
    /// attributes.
    pub async fn publish(&self, message: &ReleaseMessage) -> Result<(), Problem> {
        let doing = "tell of a release";
        let attribute = |value: &dyn ToString| {
            let attribute = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(value.to_string());
            attribute
                .build()
                .map_err(|error| Problem::not_understood(doing, self.hub, error))
        };
        let request = self
            .client
            .publish()
            .topic_arn(&self.arn)
            .subject(message.subject())
            .message_structure("json")
            .message(message.texts())
            .message_attributes("family", attribute(&message.family)?)
            .message_attributes("architecture", attribute(&message.architecture)?);
        let answer = Box::pin(request.send()).await;
        answer.map(drop).map_err(|error| Problem::of(doing, self.hub, &error))
    }
}
