//! Attributes of messages, in SQS and SNS alike: what a name, a type and a value must be like. Where the two have no common
//! words for what is wrong, the sentence is ours.

use std::collections::BTreeMap;

const LONGEST: usize = 256;

/// An attribute's value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Value {
    /// Of the types String and Number.
    Text(String),
    Binary(Vec<u8>),
}

/// The type and the value of an attribute.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Attribute {
    /// `String`, or `Number.int` with a label of the sender's.
    pub(crate) data_type: String,
    pub(crate) value: Value,
}

/// By name.
pub(crate) type Attributes = BTreeMap<String, Attribute>;

/// As a request has it; binary values in base64.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent<'a> {
    pub(crate) name: &'a str,
    pub(crate) data_type: Option<&'a str>,
    pub(crate) text: Option<&'a str>,
    pub(crate) binary: Option<&'a str>,
}

impl Attribute {
    /// The attribute, or what is wrong with it.
    pub(crate) fn read(sent: Sent<'_>) -> Result<Self, String> {
        let Sent {
            name,
            data_type,
            text,
            binary,
        } = sent;
        check_name(name)?;
        let data_type = data_type.unwrap_or_default();
        let base = data_type.split('.').next().unwrap_or_default();
        if !matches!(base, "String" | "Number" | "Binary") || data_type.len() > LONGEST {
            return Err(format!(
                "The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes is \
                 Binary, Number, and String."
            ));
        }
        let empty = || {
            format!(
                "The message attribute '{name}' must contain a non-empty message attribute value for message attribute type \
                 '{data_type}'."
            )
        };
        let value = match (base, text, binary) {
            ("Binary", None, Some(binary)) => aws_smithy_types::base64::decode(binary)
                .map(Value::Binary)
                .map_err(|_| format!("The message attribute '{name}' is not base64."))?,
            ("String" | "Number", Some(text), None) => Value::Text(text.to_owned()),
            _ => return Err(empty()),
        };
        match &value {
            Value::Text(text) if text.is_empty() => return Err(empty()),
            Value::Binary(bytes) if bytes.is_empty() => return Err(empty()),
            Value::Text(text) if base == "Number" && !text.parse::<f64>().is_ok_and(f64::is_finite) => {
                return Err(format!("Could not cast message attribute '{name}' value to number."));
            }
            Value::Text(text) if refused_character(text).is_some() => {
                return Err(format!(
                    "The message attribute '{name}' has a character that is not allowed."
                ));
            }
            Value::Text(_) | Value::Binary(_) => {}
        }
        Ok(Self {
            data_type: data_type.to_owned(),
            value,
        })
    }

    /// How many bytes of its message it counts, its name included.
    pub(crate) fn size(&self, name: &str) -> usize {
        name.len() + self.data_type.len() + self.bytes().len()
    }

    /// The value as it is hashed.
    fn bytes(&self) -> &[u8] {
        match &self.value {
            Value::Text(text) => text.as_bytes(),
            Value::Binary(bytes) => bytes,
        }
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let lower = name.to_ascii_lowercase();
    let reserved = lower.starts_with("aws.") || lower.starts_with("amazon.");
    let periods = name.starts_with('.') || name.ends_with('.') || name.contains("..");
    if (1..=LONGEST).contains(&name.len()) && name.bytes().all(known) && !reserved && !periods {
        return Ok(());
    }
    Err(format!(
        "The message attribute name '{name}' is invalid. It has 1 to {LONGEST} letters, digits, underscores, hyphens and \
         periods, no period at either end or beside another, and does not begin with AWS. or Amazon."
    ))
}

/// The first character that no message may have, if any: what XML cannot carry.
pub(crate) fn refused_character(text: &str) -> Option<char> {
    let refused = |character: &char| match character {
        '\t' | '\n' | '\r' => false,
        '\u{fffe}' | '\u{ffff}' => true,
        other => *other < ' ',
    };
    text.chars().find(refused)
}

/// The digest of a message's attributes, as the developer guide computes it; none where there are no attributes.
pub(super) fn digest(attributes: &Attributes) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    let mut buffer = Vec::new();
    for (name, attribute) in attributes {
        let transport = match &attribute.value {
            Value::Text(_) => 1,
            Value::Binary(_) => 2,
        };
        encode(&mut buffer, name.as_bytes());
        encode(&mut buffer, attribute.data_type.as_bytes());
        buffer.push(transport);
        encode(&mut buffer, attribute.bytes());
    }
    Some(md5(&buffer))
}

fn encode(buffer: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    buffer.extend_from_slice(&length.to_be_bytes());
    buffer.extend_from_slice(bytes);
}

/// The MD5 digest in lower hexadecimal digits.
pub(super) fn md5(bytes: &[u8]) -> String {
    format!("{:x}", md5::compute(bytes))
}
