//! What the Rust SDK says of a walk through a life: each step, and what it made of the answer. The clients, too.

use std::fmt::Debug;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_ec2::config::retry::RetryConfig;
use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use image_plane::{AccountId, Channel, Delivery, ImagePlane, Process};
use serde_json::{Value, json};

pub(crate) struct Diary {
    plane: ImagePlane,
    process: Process,
    /// Whether the life's side stories are walked too; what follows does not need them.
    pub(crate) asides: bool,
    steps: Vec<Value>,
}

impl Diary {
    pub(crate) fn new(plane: ImagePlane, asides: bool) -> Self {
        let process = plane.process();
        Self {
            plane,
            process,
            asides,
            steps: Vec::new(),
        }
    }

    fn config(&self, account: AccountId, region: &'static str) -> SdkConfig {
        self.session((&account.to_string(), "secret", ""), region)
    }

    /// As a session with this key, secret and token calls; an account's own key has no token.
    pub(crate) fn session(&self, (key, secret, token): (&str, &str, &str), region: &'static str) -> SdkConfig {
        let token = Some(token.to_owned()).filter(|token| !token.is_empty());
        let key = Credentials::new(key, secret, token, None, "test");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region))
            .credentials_provider(SharedCredentialsProvider::new(key))
            .http_client(self.process.clone())
            .time_source(self.process.time_source())
            .sleep_impl(TokioSleep::new())
            // One request for each call: a retry would be another call, and the world another world.
            .retry_config(RetryConfig::disabled())
            .build()
    }

    pub(crate) fn ec2(&self, account: AccountId, region: &'static str) -> aws_sdk_ec2::Client {
        aws_sdk_ec2::Client::new(&self.config(account, region))
    }

    pub(crate) fn builder(&self, account: AccountId, region: &'static str) -> aws_sdk_imagebuilder::Client {
        aws_sdk_imagebuilder::Client::new(&self.config(account, region))
    }

    pub(crate) fn sts(&self, account: AccountId, region: &'static str) -> aws_sdk_sts::Client {
        aws_sdk_sts::Client::new(&self.config(account, region))
    }

    pub(crate) fn note(&mut self, step: &str, saw: &Value) {
        self.steps.push(json!({ "step": step, "saw": saw }));
    }

    /// Notes an answer, and hands it on.
    pub(crate) fn saw<T, E: Debug>(
        &mut self,
        step: &str,
        answer: Result<T, SdkError<E, HttpResponse>>,
        shape: impl FnOnce(&T) -> Value,
    ) -> T {
        let answer = answer.unwrap_or_else(|error| panic!("{step}: {error:?}"));
        self.note(step, &shape(&answer));
        answer
    }

    /// Notes that a call was carried out whose answer says no more than that.
    pub(crate) fn done<T, E: Debug>(&mut self, step: &str, answer: Result<T, SdkError<E, HttpResponse>>) {
        self.saw(step, answer, |_| Value::Null);
    }

    /// Notes a refusal as the SDK reads it.
    pub(crate) fn refused<T: Debug, E: ProvideErrorMetadata + Debug>(
        &mut self,
        step: &str,
        answer: Result<T, SdkError<E, HttpResponse>>,
    ) {
        let error = match answer {
            Ok(answer) => panic!("{step}: should have been refused, but got {answer:?}"),
            Err(error) => error,
        };
        let status = error.raw_response().map(|response| response.status().as_u16());
        let said = json!({ "code": error.code(), "message": error.message(), "httpStatus": status });
        self.note(step, &json!({ "refused": said }));
    }

    pub(crate) async fn wait(&self, seconds: u64) {
        self.plane.pass(Duration::from_secs(seconds)).await;
    }

    /// The whole document: every step, and every event the world has sent.
    pub(crate) fn document(self) -> Value {
        let deliveries = self.plane.with(image_plane::World::take_deliveries);
        let events: Vec<Value> = deliveries.iter().map(delivery).collect();
        json!({ "steps": self.steps, "events": events, "unknown": [] })
    }
}

/// As the door over HTTP writes it.
fn delivery(delivery: &Delivery) -> Value {
    let Delivery {
        at,
        account,
        region,
        channel,
        body,
    } = delivery;
    let channel = match channel {
        Channel::EventBridge => json!({ "event_bridge": {} }),
        Channel::Sns { topic } => json!({ "sns": { "topic": topic } }),
    };
    json!({ "at": at.to_string(), "account": account.to_string(), "region": region.name(), "channel": channel, "body": body })
}
