//! Topics, and what was published to them.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::time::Time;
use crate::world::events::Channel;
use crate::world::{Target, World};

/// What was published to a topic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Published {
    /// When.
    pub at: Time,
    /// The topic's ARN.
    pub topic: String,
    /// The ARN of who published it.
    pub by: String,
    /// As its publisher was told; Image Builder tells nobody.
    pub message_id: Option<String>,
    /// What mails have in their subject line.
    pub subject: Option<String>,
    /// What subscribers get, those with a text of their own excepted.
    pub message: String,
    /// The texts for single protocols: `email`, `lambda`.
    pub by_protocol: BTreeMap<String, String>,
    /// The attributes: each with its type and its value, which stands in base64 where it is binary.
    pub attributes: BTreeMap<String, (String, String)>,
}

/// Why a topic was not made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TopicError {
    /// No topic can have this name.
    Name(String),
    /// The name is that of a FIFO topic, which are not modelled.
    Fifo(String),
}

impl fmt::Display for TopicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "no topic can be called {name}"),
            Self::Fifo(name) => write!(f, "image-plane does not model the FIFO topic {name}"),
        }
    }
}

impl std::error::Error for TopicError {}

/// How many are subscribed to a topic.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Subscriptions {
    /// Who said yes, and gets what is published.
    pub confirmed: u64,
    /// Who was asked and has not said so.
    pub pending: u64,
    /// Who left.
    pub deleted: u64,
}

/// Every topic, by ARN, and what was published to them since somebody asked.
#[derive(Debug, Default)]
pub(crate) struct Topics {
    known: BTreeMap<String, Subscriptions>,
    published: Vec<Published>,
}

impl Topics {
    pub(super) fn has(&self, arn: &str) -> bool {
        self.known.contains_key(arn)
    }

    pub(super) fn subscriptions(&self, arn: &str) -> Option<Subscriptions> {
        self.known.get(arn).copied()
    }
}

/// Sends what is published on its way: to whoever listens, and into its topic where there is one.
///
/// Image Builder publishes to any ARN its infrastructure names: that there is such a topic, nobody looked.
pub(crate) fn send(world: &mut World, target: Target, published: Published) {
    let topic = published.topic.clone();
    // A function is who listens here.
    let text = published.by_protocol.get("lambda").unwrap_or(&published.message);
    let body = Value::String(text.clone());
    if world.topics.has(&topic) {
        world.topics.published.push(published);
    }
    world.send(target, Channel::Sns { topic }, body);
}

/// 1 to 256 letters, digits, hyphens and underscores.
pub(super) fn is_name(name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=256).contains(&name.len()) && name.bytes().all(known)
}

/// Whether a topic of this name is first in, first out.
pub(super) fn is_fifo(name: &str) -> bool {
    name.strip_suffix(".fifo").is_some()
}

impl World {
    /// Creates a standard topic, or finds the one of this name, and says its ARN.
    pub fn create_topic(&mut self, target: Target, name: &str) -> Result<String, TopicError> {
        let refuse = |why: fn(String) -> TopicError| Err(why(name.to_owned()));
        if is_fifo(name) {
            return refuse(TopicError::Fifo);
        }
        if !is_name(name) {
            return refuse(TopicError::Name);
        }
        let Target { account, region } = target;
        let arn = format!("arn:{}:sns:{region}:{account}:{name}", region.partition());
        self.topics.known.entry(arn.clone()).or_default();
        Ok(arn)
    }

    /// So many are subscribed to a topic from now on; false where there is none. Nobody is to a new one.
    pub fn set_subscriptions(&mut self, arn: &str, subscriptions: Subscriptions) -> bool {
        let topic = self.topics.known.get_mut(arn);
        topic.map(|known| *known = subscriptions).is_some()
    }

    /// What was published to the topics made by [`World::create_topic`] since this was last asked, in order: whatever was
    /// lost or doubled on its way to a listener.
    pub fn take_published(&mut self) -> Vec<Published> {
        std::mem::take(&mut self.topics.published)
    }
}
