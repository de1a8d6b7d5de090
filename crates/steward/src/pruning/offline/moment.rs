use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use crate::{Timestamp, TimestampError};

/// A point in time as other tools write it: with `Z`, or with an offset from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment(pub(super) Timestamp);

impl FromStr for Moment {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = match text.parse() {
            Ok(at) => return Ok(Self(at)),
            Err(refused) => refused,
        };
        // RFC 3339 has its T, and names no time zone.
        let is_plain = text.as_bytes().get(10) == Some(&b'T') && !text.contains('[');
        match text.parse::<jiff::Timestamp>() {
            Ok(at) if is_plain => Timestamp::from_millisecond(at.as_millisecond()).map(Self),
            Ok(_) | Err(_) => Err(refused),
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::text::deserialize("time", deserializer)
    }
}
