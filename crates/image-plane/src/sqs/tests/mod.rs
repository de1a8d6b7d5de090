//! SQS through the world's own door, with requests written by hand.

mod calls;
mod entries;
mod handing_out;
mod permissions;
mod repetitions;

use std::time::Duration;

use serde_json::{Value, json};

use super::{QueueAddress, QueueSettings, Redrive};
use crate::sts::tests::{HUB, Key, TRUSTS_HUB, account, assume, region, request, root, world};
use crate::world::{Target, World};

/// An error as a client of SQS sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Refused {
    pub(super) status: u16,
    /// By which every SDK knows it.
    pub(super) code: String,
    /// Of the shape in the JSON.
    pub(super) shape: String,
    pub(super) message: String,
}

/// A calm world with one queue.
pub(super) struct Bench {
    pub(super) world: World,
    pub(super) hub: Target,
    pub(super) queue: QueueAddress,
    key: Key,
}

impl Bench {
    /// With a queue `work`, or `work.fifo`.
    pub(super) fn with(settings: QueueSettings) -> Self {
        let mut world = world();
        let hub = Target {
            account: account(HUB),
            region: region("eu-west-1"),
        };
        let name = if settings.fifo.is_some() { "work.fifo" } else { "work" };
        let queue = world.create_queue(hub, name, settings).unwrap();
        let key = root(HUB);
        Self { world, hub, queue, key }
    }

    pub(super) fn fifo() -> Self {
        Self::with(QueueSettings::fifo())
    }

    /// With a FIFO queue whose messages go to `dead.fifo` when they were received so often.
    pub(super) fn with_dead_letters(max_receive_count: u32) -> (Self, String) {
        let mut bench = Self::fifo();
        let dead = bench.world.create_queue(bench.hub, "dead.fifo", QueueSettings::fifo());
        let dead = dead.unwrap().arn;
        let redrive = Redrive {
            dead_letter_queue: dead.clone(),
            max_receive_count,
        };
        let settings = QueueSettings {
            redrive: Some(redrive),
            ..QueueSettings::fifo()
        };
        bench.queue = bench.world.create_queue(bench.hub, "redriven.fifo", settings).unwrap();
        (bench, dead)
    }

    /// From now on a session of a role with this statement alone calls.
    pub(super) fn act_with(&mut self, action: &str, resource: &str) {
        let statement = json!({ "Effect": "Allow", "Action": action, "Resource": resource });
        let policy = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
        let name = format!("role-{}", self.world.random.bits());
        let role = self.world.create_role(self.hub.account, &name, TRUSTS_HUB, &[&policy]);
        self.key = assume(&mut self.world, &root(HUB), &role.unwrap()).unwrap();
    }

    /// Calls an operation on the queue, unless the body names another.
    pub(super) fn call(&mut self, operation: &str, mut body: Value) -> Result<Value, Refused> {
        if body.get("QueueUrl").is_none() {
            body["QueueUrl"] = json!(self.queue.url);
        }
        let mut request = request(&self.key, "eu-west-1", "sqs", &body.to_string());
        let target = format!("AmazonSQS.{operation}").parse().unwrap();
        request.headers_mut().insert("x-amz-target", target);
        let now = self.world.now();
        let response = self.world.call(now, request);
        assert_eq!(response.headers()["content-type"], "application/x-amz-json-1.0");
        let answer: Value = serde_json::from_slice(response.body()).unwrap();
        if response.status() == 200 {
            return Ok(answer);
        }
        let header = response.headers()["x-amzn-query-error"].to_str().unwrap();
        let (code, fault) = header.split_once(';').unwrap();
        let whose = if response.status().is_client_error() {
            "Sender"
        } else {
            "Receiver"
        };
        assert_eq!(fault, whose);
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        Err(Refused {
            status: response.status().as_u16(),
            code: code.to_owned(),
            shape: text("__type").strip_prefix("com.amazonaws.sqs#").unwrap().to_owned(),
            message: text("message"),
        })
    }

    pub(super) fn ok(&mut self, operation: &str, body: Value) -> Value {
        self.call(operation, body).unwrap()
    }

    /// The code of a refusal.
    pub(super) fn refused(&mut self, operation: &str, body: Value) -> String {
        self.call(operation, body).unwrap_err().code
    }

    /// Sends a message of a group to the FIFO queue, its body its deduplication id as well.
    pub(super) fn send(&mut self, group: &str, text: &str) -> Value {
        let body = json!({ "MessageBody": text, "MessageGroupId": group, "MessageDeduplicationId": text });
        self.ok("SendMessage", body)
    }

    /// The one record of the next batch.
    pub(super) fn take(&mut self) -> Option<Value> {
        let arn = self.queue.arn.clone();
        self.take_from(&arn)
    }

    pub(super) fn take_from(&mut self, arn: &str) -> Option<Value> {
        let mut event = self.world.take_batch(arn).unwrap()?;
        let [record] = event["Records"].as_array_mut().unwrap().as_mut_slice() else {
            panic!("{event:#}")
        };
        Some(record.take())
    }

    /// The text of the next batch.
    pub(super) fn next(&mut self) -> Option<String> {
        Some(self.take()?["body"].as_str().unwrap().to_owned())
    }

    pub(super) fn acknowledge(&mut self, record: &Value) -> bool {
        let handle = record["receiptHandle"].as_str().unwrap();
        self.world.acknowledge(&self.queue.arn.clone(), handle).unwrap()
    }

    pub(super) fn pass(&mut self, seconds: u64) {
        let later = self.world.now() + Duration::from_secs(seconds);
        self.world.settle(later);
    }
}
