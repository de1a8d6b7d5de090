use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Words;

/// What is known of the retention rules of a target's Recycle Bin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BinRules {
    /// All that hold there.
    Read(Vec<BinRule>),
    /// They could not be read, and why.
    Unread(Words),
}

/// A retention rule that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BinRule {
    /// What it catches.
    pub kind: BinKind,
    /// For so many days.
    pub days: u16,
    /// Which of them.
    pub reach: BinReach,
}

/// What a rule catches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BinKind {
    /// Images.
    Images,
    /// Snapshots.
    Snapshots,
}

/// Which things of its kind a rule catches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BinReach {
    /// Those with one of these tags.
    Tagged(Vec<TagNamed>),
    /// All but those with one of these.
    AllBut(Vec<TagNamed>),
}

/// A tag as a rule names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagNamed {
    /// Its key.
    pub key: String,
    /// Its value. Whether a rule without one means every value or the empty one AWS does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// Tags by their keys.
pub(super) type Tags<'a> = BTreeMap<&'a str, &'a str>;

impl BinRule {
    /// Whether it surely catches what has these tags for sure, and those perhaps.
    pub(super) fn catches(&self, surely: &Tags<'_>, perhaps: &Tags<'_>) -> bool {
        match &self.reach {
            BinReach::Tagged(named) => named.iter().any(|tag| tag.is_surely_in(surely)),
            BinReach::AllBut(named) => !named.iter().any(|tag| tag.may_be_in(perhaps)),
        }
    }
}

impl TagNamed {
    fn is_surely_in(&self, tags: &Tags<'_>) -> bool {
        let value = self.value.as_deref().unwrap_or_default();
        tags.get(self.key.as_str()) == Some(&value)
    }

    fn may_be_in(&self, tags: &Tags<'_>) -> bool {
        let found = tags.get(self.key.as_str());
        found.is_some_and(|found| self.value.as_deref().is_none_or(|value| value == *found))
    }
}
