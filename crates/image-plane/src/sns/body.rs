//! A message whose text differs by protocol: a JSON object with a text for each, and one for all others.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;

use super::errors::invalid;
use crate::wire::error::ApiError;

/// The protocols that a topic's subscribers can have. Texts for others are read over, as AWS does.
const PROTOCOLS: [&str; 9] = [
    "application",
    "email",
    "email-json",
    "firehose",
    "http",
    "https",
    "lambda",
    "sms",
    "sqs",
];

/// The text for all, and those for single protocols.
pub(super) type Texts = (String, BTreeMap<String, String>);

/// Reads the texts of a message. A value that is no text counts as if it were not there.
pub(super) fn read(message: &str) -> Result<Texts, ApiError> {
    let Members(members) =
        serde_json::from_str(message).map_err(|_| invalid("Message Structure - JSON message body failed to parse"))?;
    let texts = members.into_iter().filter_map(|(name, value)| match value {
        Value::String(text) => Some((name, text)),
        _ => None,
    });
    let mut texts: BTreeMap<String, String> = texts.collect();
    let default = texts
        .remove("default")
        .ok_or_else(|| invalid("Message Structure - No default entry in JSON message body"))?;
    texts.retain(|protocol, _| PROTOCOLS.contains(&protocol.as_str()));
    Ok((default, texts))
}

/// An object none of whose keys comes twice.
#[derive(Debug)]
struct Members(BTreeMap<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Keys)
    }
}

struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a key comes twice"));
            }
        }
        Ok(Members(members))
    }
}
