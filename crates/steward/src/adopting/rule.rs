use sha2::{Digest as _, Sha256};

use crate::manifest::Adopt;
use crate::text::hexadecimal;

/// What tells one `adopt` of a manifest from another: what was adopted by one is not retired by another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdoptionRule(String);

impl AdoptionRule {
    /// Of what a manifest says.
    pub fn of(adopt: &Adopt) -> Self {
        let Adopt {
            owner,
            name,
            tags,
            group_by,
        } = adopt;
        // A line each: none of them holds a line break.
        let mut text = format!("owner {owner}\n");
        text.extend(name.iter().map(|name| format!("name {name}\n")));
        text.extend(tags.iter().map(|(key, value)| format!("tag {key}={value}\n")));
        text.extend(group_by.iter().map(|key| format!("by {key}\n")));
        Self(hexadecimal(&Sha256::digest(text.as_bytes())[..16]))
    }

    /// As the record has it.
    pub fn recorded(text: String) -> Self {
        Self(text)
    }

    /// For the record.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
