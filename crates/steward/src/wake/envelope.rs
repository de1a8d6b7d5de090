//! The outer members of an EventBridge event, each parsed, each by its path.

use std::fmt::Display;
use std::str::FromStr;

use serde_json::Value;

use super::WakeError;
use crate::{AccountId, Given, Region, Timestamp};

/// An event with what every event has.
pub(super) struct Envelope<'a> {
    pub(super) id: &'a str,
    pub(super) source: &'a str,
    pub(super) detail_type: &'a str,
    pub(super) account: AccountId,
    pub(super) region: Region,
    pub(super) time: Timestamp,
    event: &'a Value,
}

impl<'a> Envelope<'a> {
    pub(super) fn read(event: &'a Value) -> Result<Self, WakeError> {
        Ok(Self {
            id: text(event, "/id", "id")?,
            source: text(event, "/source", "source")?,
            detail_type: text(event, "/detail-type", "detail-type")?,
            account: parsed(event, "/account", "account")?,
            region: parsed(event, "/region", "region")?,
            time: parsed(event, "/time", "time")?,
            event,
        })
    }

    /// A member of the detail, by its pointer and the path people read.
    pub(super) fn detail(&self, pointer: &str, path: &'static str) -> Result<&'a str, WakeError> {
        text(self.event, pointer, path)
    }

    /// The first of `resources`; some services name none.
    pub(super) fn resource(&self) -> Result<&'a str, WakeError> {
        text(self.event, "/resources/0", "resources[0]")
    }

    /// The second of `resources`.
    pub(super) fn second_resource(&self) -> Result<&'a str, WakeError> {
        text(self.event, "/resources/1", "resources[1]")
    }

    pub(super) fn unknown(&self) -> WakeError {
        WakeError::Unknown {
            source_name: Given::new(self.source),
            detail_type: Given::new(self.detail_type),
        }
    }
}

pub(super) fn text<'a>(event: &'a Value, pointer: &str, path: &'static str) -> Result<&'a str, WakeError> {
    match event.pointer(pointer) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(member(path, "is not a string")),
        None => Err(member(path, "is missing")),
    }
}

/// The sentence of a word that does not parse follows its path: `account "12" has 2 digits, …`.
pub(super) fn parse<T: FromStr<Err: Display>>(path: &'static str, text: &str) -> Result<T, WakeError> {
    text.parse().map_err(|error| member(path, error))
}

fn parsed<T: FromStr<Err: Display>>(event: &Value, pointer: &str, path: &'static str) -> Result<T, WakeError> {
    parse(path, text(event, pointer, path)?)
}

pub(super) fn member(path: &'static str, problem: impl Display) -> WakeError {
    WakeError::Member {
        path,
        problem: problem.to_string(),
    }
}
