use std::fmt;

use serde::Serialize;

use crate::manifest::ParameterTemplate;
use crate::{Architecture, ChannelName, FamilyName};

/// The name of a parameter that a channel is published by, such as `/golden/web/arm64/stable`. Only a manifest makes one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct PublishedName(Box<str>);

impl PublishedName {
    pub(super) fn new(
        template: &ParameterTemplate,
        family: &FamilyName,
        architecture: Architecture,
        channel: &ChannelName,
    ) -> Self {
        Self(template.name(family, architecture, channel).into())
    }

    /// One that was written once, as the record has it.
    pub(super) fn written(name: &str) -> Self {
        Self(name.into())
    }

    /// As Systems Manager is asked for it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PublishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
