//! The words a parameter is described by: its type, what its text is, its tier.

use super::errors::not_among;
use crate::wire::error::ApiError;

/// A parameter's type, which it keeps for life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    String,
    StringList,
    SecureString,
}

impl Kind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::StringList => "StringList",
            Self::SecureString => "SecureString",
        }
    }

    pub(super) fn read(text: &str) -> Result<Self, ApiError> {
        let known = [Self::String, Self::StringList, Self::SecureString];
        let found = known.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| not_among("type", text, &known.map(Self::as_str)))
    }
}

/// What a parameter's text is, as far as anybody checks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum DataType {
    Text,
    /// The id of an image, which is looked up after the write was answered.
    Image,
}

impl DataType {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Image => "aws:ec2:image",
        }
    }

    pub(super) fn read(text: &str) -> Result<Self, ApiError> {
        if text == "aws:ssm:integration" {
            return Err(ApiError::not_modelled(
                "parameters of the data type aws:ssm:integration",
            ));
        }
        let known = [Self::Text, Self::Image];
        let found = known.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| not_among("dataType", text, &known.map(Self::as_str)))
    }
}

/// What a parameter may hold, and costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tier {
    Standard,
    Advanced,
}

impl Tier {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "Standard",
            Self::Advanced => "Advanced",
        }
    }

    /// Bytes of a value.
    pub(super) const fn largest_value(self) -> usize {
        match self {
            Self::Standard => 4096,
            Self::Advanced => 8192,
        }
    }

    /// Parameters of an account in a Region.
    pub(super) const fn most(self) -> usize {
        match self {
            Self::Standard => 10_000,
            Self::Advanced => 100_000,
        }
    }
}
