//! The topic by which people and their programs are told of releases, of builds that wait, and of images that go.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_sns::types::MessageAttributeValue;
use steward::Target;
use steward::pruning::PruningMessage;
use steward::telling::{DeregistrationNotice, ReleaseMessage, WaitingNotice};

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

    /// Tells all who subscribed of a release, each in the look for its protocol. Whoever wants only some filters by the attributes.
    pub async fn publish(&self, message: &ReleaseMessage) -> Result<(), Problem> {
        let attributes = [
            ("family", message.family.to_string()),
            ("architecture", message.architecture.to_string()),
        ];
        self.send("tell of a release", (message.subject(), message.texts()), attributes)
            .await
    }

    /// Tells them that images are to be deregistered.
    pub async fn announce(&self, notice: &DeregistrationNotice) -> Result<(), Problem> {
        let attributes = [("family", notice.family.to_string())];
        let doing = "tell of images that are to be deregistered";
        self.send(doing, (notice.subject(), notice.texts()), attributes).await
    }

    /// Tells them of a run of pruning: what it comes to, and what is in the way.
    pub async fn tell_of_pruning(&self, message: &PruningMessage) -> Result<(), Problem> {
        let attributes = [("family", message.family.to_string())];
        self.send("tell of pruning", (message.subject(), message.texts()), attributes)
            .await
    }

    /// Tells them that a build waits for an answer.
    pub async fn tell_of_wait(&self, notice: &WaitingNotice<'_>) -> Result<(), Problem> {
        let attributes = [("family", notice.waits.family.to_string())];
        let doing = "tell of a build that waits";
        self.send(doing, (notice.subject(), notice.texts()), attributes).await
    }

    /// How many get what is published: who was asked and has not said yes does not.
    pub async fn subscribers(&self) -> Result<u64, Problem> {
        let doing = format!("ask how many are subscribed to {}", self.arn);
        let request = self.client.get_topic_attributes().topic_arn(&self.arn);
        let answer = Box::pin(request.send()).await;
        let answer = answer.map_err(|error| Problem::of(&doing, self.hub, &error))?;
        let confirmed = answer.attributes().and_then(|all| all.get("SubscriptionsConfirmed"));
        let confirmed = confirmed.and_then(|number| number.parse().ok());
        confirmed.ok_or_else(|| Problem::not_understood(doing, self.hub, "it does not say how many"))
    }

    async fn send<const N: usize>(
        &self,
        doing: &str,
        (subject, texts): (String, String),
        attributes: [(&str, String); N],
    ) -> Result<(), Problem> {
        let mut request = self
            .client
            .publish()
            .topic_arn(&self.arn)
            .subject(subject)
            .message_structure("json")
            .message(texts);
        for (name, value) in attributes {
            let attribute = MessageAttributeValue::builder().data_type("String").string_value(value);
            let attribute = attribute
                .build()
                .map_err(|error| Problem::not_understood(doing, self.hub, error))?;
            request = request.message_attributes(name, attribute);
        }
        let answer = Box::pin(request.send()).await;
        answer.map(drop).map_err(|error| Problem::of(doing, self.hub, &error))
    }
}
