//! What the record has of launch templates that follow.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::facts::TemplateSeen;
use crate::Timestamp;
use crate::evidence::VersionsNamed;
use crate::manifest::LaunchTemplateId;

/// What the record has of a launch template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateKnown {
    /// Who names its versions, as evidence has it; none where nobody gathered it.
    pub named: Option<VersionsNamed>,
    /// How it stood when a worker last looked; none where none did.
    pub stood: Option<TemplateStood>,
}

/// Which versions of a launch template are its default and its latest one, and since when for all that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateStood {
    /// The version that who names none gets.
    pub default: u64,
    /// The newest version.
    pub latest: u64,
    /// When it was first seen so.
    pub since: Timestamp,
}

/// How templates stand that were just seen. One that is another than before, or was not read before, stands so from now on.
pub fn templates_stand(
    before: &BTreeMap<LaunchTemplateId, TemplateStood>,
    seen: &BTreeMap<LaunchTemplateId, TemplateSeen>,
    now: Timestamp,
) -> BTreeMap<LaunchTemplateId, TemplateStood> {
    let stands = |(template, seen): (&LaunchTemplateId, &TemplateSeen)| {
        let TemplateSeen::Seen(there) = seen else { return None };
        let same = before.get(template).filter(|stood| stood.is_of(there));
        let stood = same.copied().unwrap_or(TemplateStood {
            default: there.default,
            latest: there.latest,
            since: now,
        });
        Some((template.clone(), stood))
    };
    seen.iter().filter_map(stands).collect()
}

impl TemplateStood {
    /// Whether a template is still the same.
    pub(super) const fn is_of(&self, there: &super::facts::TemplateThere) -> bool {
        self.default == there.default && self.latest == there.latest
    }
}
