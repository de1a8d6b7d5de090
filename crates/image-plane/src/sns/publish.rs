//! Publish: one message to one topic.

use std::collections::BTreeMap;

use super::body::{self, Texts};
use super::errors::{invalid, invalid_attribute, no_topic};
use super::topic::{Published, is_fifo, is_name, send};
use crate::ids::AccountId;
use crate::sqs::attribute::{Attribute, Attributes, Sent, Value};
use crate::sts::{Refusal, denied_by_policy};
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::world::{Caller, Target, World};

/// Of a topic whose limit nobody raised: the message and its attributes together.
const LARGEST: usize = 256 << 10;

/// The subject has fewer characters.
const TOO_LONG_A_SUBJECT: usize = 100;

/// Publishes the message, and says its id.
pub(super) fn run(world: &mut World, caller: &Caller, mut params: Params) -> Result<String, ApiError> {
    let arn = params.text("TopicArn")?;
    let message = params.text("Message")?.unwrap_or_default();
    let subject = params.text("Subject")?;
    let structure = params.text("MessageStructure")?;
    let attributes = attributes(&mut params)?;
    params.finish()?;
    let arn = topic(world, caller, arn, "sns:Publish")?;
    if message.is_empty() {
        return Err(invalid("Empty message"));
    }
    let sizes = attributes.iter().map(|(name, attribute)| attribute.size(name));
    if message.len() + sizes.sum::<usize>() > LARGEST {
        return Err(invalid("Message too long"));
    }
    if subject.as_deref().is_some_and(|subject| !is_subject(subject)) {
        return Err(invalid("Subject"));
    }
    let (message, by_protocol): Texts = match structure.as_deref() {
        None => (message, BTreeMap::new()),
        Some("json") => body::read(&message)?,
        Some(_) => return Err(invalid("MessageStructure")),
    };
    let message_id = world.random.uuid();
    let published = Published {
        at: world.now,
        topic: arn,
        by: caller.arn.clone(),
        message_id: Some(message_id.clone()),
        subject,
        message,
        by_protocol,
        attributes: attributes.into_iter().map(shown).collect(),
    };
    send(world, caller.target, published);
    Ok(message_id)
}

/// The ARN of a topic that is the caller's own.
///
/// Another account's topic opens to whom its policy names. No topic has one here.
pub(super) fn topic(world: &World, caller: &Caller, arn: Option<String>, action: &str) -> Result<String, ApiError> {
    let arn = arn.ok_or_else(|| invalid("TopicArn or TargetArn Reason: no value for required parameter"))?;
    let Target { account, region } = caller.target;
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", partition, "sns", here, owner, name] = parts.as_slice() else {
        return Err(invalid("TopicArn"));
    };
    let owner: AccountId = owner.parse().map_err(|_| invalid("TopicArn"))?;
    if *partition != region.partition() || *here != region.name() {
        return Err(invalid("TopicArn"));
    }
    if is_fifo(name) {
        return Err(ApiError::not_modelled(format_args!("the FIFO topic {arn}")));
    }
    if !is_name(name) {
        return Err(invalid("TopicArn"));
    }
    if owner != account {
        let refusal = Refusal::NotAllowedByResource;
        return Err(denied_by_policy(Service::Sns, caller, action, Some(&arn), refusal));
    }
    if !world.topics.has(&arn) {
        return Err(no_topic());
    }
    Ok(arn)
}

/// Text with no line breaks or control characters.
fn is_subject(subject: &str) -> bool {
    (1..TOO_LONG_A_SUBJECT).contains(&subject.chars().count()) && !subject.chars().any(char::is_control)
}

/// `MessageAttributes.entry.1.Name`, `….Value.DataType`, `….Value.StringValue`.
fn attributes(params: &mut Params) -> Result<Attributes, ApiError> {
    let mut attributes = Attributes::new();
    let Some(mut map) = params.structure("MessageAttributes") else {
        return Ok(attributes);
    };
    for mut entry in map.list("entry")? {
        let name = entry.text("Name")?.unwrap_or_default();
        let mut value = entry.structure("Value").unwrap_or_default();
        entry.finish()?;
        let (data_type, text, binary) = (
            value.text("DataType")?,
            value.text("StringValue")?,
            value.text("BinaryValue")?,
        );
        value.finish()?;
        let attribute = Attribute::read(Sent {
            name: &name,
            data_type: data_type.as_deref(),
            text: text.as_deref(),
            binary: binary.as_deref(),
        });
        let attribute = attribute.map_err(invalid_attribute)?;
        if attributes.insert(name.clone(), attribute).is_some() {
            return Err(invalid_attribute(format!(
                "The message attribute '{name}' comes twice."
            )));
        }
    }
    map.finish()?;
    Ok(attributes)
}

fn shown((name, attribute): (String, Attribute)) -> (String, (String, String)) {
    let Attribute { data_type, value } = attribute;
    let value = match value {
        Value::Text(text) => text,
        Value::Binary(bytes) => aws_smithy_types::base64::encode(bytes),
    };
    (name, (data_type, value))
}
