//! A message in a queue, and how it is shown to who receives it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::attribute::{self, Attribute, Attributes, digest, md5};
use super::entry::Good;
use super::queue::Received;
use crate::time::Time;

/// A message in a queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Message {
    id: String,
    body: String,
    attributes: Attributes,
    sender: String,
    /// When it came; it is kept from then on.
    pub(super) sent: Time,
    pub(super) group: Option<String>,
    deduplication: Option<String>,
    /// In a FIFO queue.
    pub(super) sequence: Option<u128>,
    /// By all queues it was in.
    pub(super) receives: u32,
    first_received: Option<Time>,
    /// When it was last received from this queue.
    pub(super) received: Option<Time>,
    /// Hidden before.
    pub(super) visible: Time,
    /// The queue that gave it up.
    dead_letter_source: Option<String>,
}

impl Message {
    pub(super) fn new(now: Time, id: String, sender: &str, sequence: Option<u128>, good: Good) -> Self {
        let Good {
            body,
            attributes,
            delay,
            group,
            deduplication,
        } = good;
        Self {
            id,
            body,
            attributes,
            sender: sender.to_owned(),
            sent: now,
            group,
            deduplication,
            sequence,
            receives: 0,
            first_received: None,
            received: None,
            visible: now + delay,
            dead_letter_source: None,
        }
    }

    /// Whether somebody has received it and may still be at work on it.
    pub(super) fn in_flight(&self, now: Time) -> bool {
        self.received.is_some() && self.visible > now
    }

    pub(super) fn receive(&mut self, now: Time, hidden: Duration) {
        self.receives += 1;
        self.first_received.get_or_insert(now);
        self.received = Some(now);
        self.visible = now + hidden;
    }

    /// Leaves the queue that it was received from in vain.
    pub(super) fn give_up(&mut self, now: Time, from: &str) {
        self.received = None;
        self.visible = now;
        self.dead_letter_source = Some(from.to_owned());
    }

    /// What SQS adds to a message, by name.
    fn system(&self) -> BTreeMap<&'static str, String> {
        let millis = |time: Time| time.millis().to_string();
        let all = [
            ("ApproximateFirstReceiveTimestamp", self.first_received.map(millis)),
            ("ApproximateReceiveCount", Some(self.receives.to_string())),
            ("DeadLetterQueueSourceArn", self.dead_letter_source.clone()),
            ("MessageDeduplicationId", self.deduplication.clone()),
            ("MessageGroupId", self.group.clone()),
            ("SenderId", Some(self.sender.clone())),
            ("SentTimestamp", Some(millis(self.sent))),
            ("SequenceNumber", self.sequence.map(|number| number.to_string())),
        ];
        all.into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}

impl Received {
    /// As ReceiveMessage has it, with the attributes asked for. The digest of attributes is of those shown.
    pub(super) fn described(&self, system: impl Fn(&str) -> bool, shown: impl Fn(&str) -> bool) -> Value {
        let Self { handle, message } = self;
        let attributes: Attributes = message
            .attributes
            .iter()
            .filter(|(name, _)| shown(name))
            .map(|(name, attribute)| (name.clone(), attribute.clone()))
            .collect();
        let of_system: BTreeMap<&str, String> = message.system().into_iter().filter(|(name, _)| system(name)).collect();
        let described: BTreeMap<&String, Value> = attributes
            .iter()
            .map(|(name, attribute)| (name, attribute.described()))
            .collect();
        json!({
            "MessageId": message.id,
            "ReceiptHandle": handle,
            "MD5OfBody": md5(message.body.as_bytes()),
            "Body": message.body,
            "Attributes": (!of_system.is_empty()).then_some(of_system),
            "MD5OfMessageAttributes": digest(&attributes),
            "MessageAttributes": (!described.is_empty()).then_some(described),
        })
    }

    /// As Lambda gives it to a function, of a queue of this ARN and Region.
    pub(super) fn record(&self, arn: &str, region: &str) -> Value {
        let Self { handle, message } = self;
        let attributes: BTreeMap<&String, Value> = message
            .attributes
            .iter()
            .map(|(name, attribute)| (name, attribute.record()))
            .collect();
        let mut record = json!({
            "messageId": message.id,
            "receiptHandle": handle,
            "body": message.body,
            "attributes": message.system(),
            "messageAttributes": attributes,
            "md5OfBody": md5(message.body.as_bytes()),
            "eventSource": "aws:sqs",
            "eventSourceARN": arn,
            "awsRegion": region,
        });
        if let Some(digest) = digest(&message.attributes) {
            record["md5OfMessageAttributes"] = json!(digest);
        }
        record
    }
}

impl Attribute {
    fn described(&self) -> Value {
        let Self { data_type, value } = self;
        match value {
            attribute::Value::Text(text) => json!({ "DataType": data_type, "StringValue": text }),
            attribute::Value::Binary(bytes) => {
                json!({ "DataType": data_type, "BinaryValue": aws_smithy_types::base64::encode(bytes) })
            }
        }
    }

    fn record(&self) -> Value {
        let Self { data_type, value } = self;
        let (member, value) = match value {
            attribute::Value::Text(text) => ("stringValue", text.clone()),
            attribute::Value::Binary(bytes) => ("binaryValue", aws_smithy_types::base64::encode(bytes)),
        };
        json!({ (member): value, "stringListValues": [], "binaryListValues": [], "dataType": data_type })
    }
}
