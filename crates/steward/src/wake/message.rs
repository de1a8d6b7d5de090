//! What SNS hands over, with Image Builder's message in it.

use serde_json::Value;

use super::WakeError;
use super::envelope::{member, parse, text};
use crate::{Given, Target, Timestamp};

/// One message, whatever it says.
pub(super) struct Sent<'a> {
    pub(super) topic: &'a str,
    pub(super) id: &'a str,
    pub(super) at: Timestamp,
    pub(super) body: &'a str,
}

/// A message of our topic about a build.
pub(super) struct Message<'a> {
    pub(super) id: &'a str,
    pub(super) at: Timestamp,
    /// Whose topic it is, and where.
    pub(super) topic: Target,
    pub(super) arn: String,
    pub(super) status: String,
}

impl<'a> Sent<'a> {
    pub(super) fn read(event: &'a Value) -> Result<Self, WakeError> {
        let count = event["Records"].as_array().map(Vec::len).unwrap_or_default();
        if count != 1 {
            return Err(WakeError::Shape(format!("it has {count} records, must be one message")));
        }
        Ok(Self {
            topic: text(event, "/Records/0/Sns/TopicArn", "Records[0].Sns.TopicArn")?,
            id: text(event, "/Records/0/Sns/MessageId", "Records[0].Sns.MessageId")?,
            at: parse(
                "Records[0].Sns.Timestamp",
                text(event, "/Records/0/Sns/Timestamp", "Records[0].Sns.Timestamp")?,
            )?,
            body: text(event, "/Records/0/Sns/Message", "Records[0].Sns.Message")?,
        })
    }
}

impl<'a> Message<'a> {
    /// Only two members of Image Builder's message are read: its dates have a form of their own, and its `semver` is a number
    /// that nothing holds.
    pub(super) fn read(event: &'a Value, ours: &str) -> Result<Self, WakeError> {
        let Sent { topic, id, at, body } = Sent::read(event)?;
        if topic != ours {
            return Err(WakeError::OtherTopic(Given::new(topic)));
        }
        let not_of_builds = || member("Records[0].Sns.Message", "is not JSON of Image Builder's");
        let body: Value = serde_json::from_str(body).map_err(|_| not_of_builds())?;
        let held = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        Ok(Self {
            id,
            at,
            topic: place(topic).ok_or_else(|| WakeError::OtherTopic(Given::new(topic)))?,
            arn: held("/arn").ok_or_else(not_of_builds)?,
            status: held("/state/status").ok_or_else(not_of_builds)?,
        })
    }
}

/// `arn:aws:sns:eu-west-1:111122223333:images` is the account's, in Ireland.
fn place(topic: &str) -> Option<Target> {
    let mut parts = topic.split(':').skip(3);
    let (region, account) = (parts.next()?, parts.next()?);
    Some(Target::new(account.parse().ok()?, region.parse().ok()?))
}
