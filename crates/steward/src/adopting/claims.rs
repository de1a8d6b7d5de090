use std::collections::BTreeMap;

use crate::manifest::{Adopt, AmiOwner, GroupKey, NamePattern};
use crate::pruning::{Line, Ungrouped};
use crate::{AccountId, Architecture, Words};

/// What AWS Backup's tags start with.
const BACKUP: &str = "aws:backup:";

/// What an image says of itself that tells to which family it belongs, and as what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Whose it is; none: it does not say.
    pub owner: Option<AccountId>,
    /// The service that owns it, as EC2 calls it.
    pub alias: Option<String>,
    /// What it is called.
    pub name: Option<String>,
    /// What it runs on, as EC2 writes it.
    pub architecture: Option<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

impl Claims {
    /// What a tag of it says.
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.tags.get(key).map(String::as_str)
    }

    /// The service whose it is; none: it is the account's own.
    pub(crate) fn service(&self) -> Option<Words> {
        if self.tags.keys().any(|key| key.starts_with(BACKUP)) {
            return Some("AWS Backup".into());
        }
        match self.alias.as_deref()? {
            "" | "self" => None,
            "amazon" => Some("Amazon".into()),
            "aws-marketplace" => Some("AWS Marketplace".into()),
            "aws-backup-vault" => Some("AWS Backup".into()),
            other => Some(other.into()),
        }
    }

    pub(crate) fn architecture(&self) -> Result<Architecture, Ungrouped> {
        match self.architecture.as_deref() {
            None => Err(Ungrouped::Architecture(None)),
            Some(text) => text.parse().map_err(|_| Ungrouped::Architecture(Some(text.into()))),
        }
    }

    /// The line in which a family that adopts it ranks it.
    pub(crate) fn line(&self, adopt: Option<&Adopt>) -> Result<Line, Ungrouped> {
        let architecture = self.architecture()?;
        let keys = adopt.into_iter().flat_map(|adopt| adopt.group_by.iter());
        let value = |key: &GroupKey| {
            // Every line is of one architecture, whether that is named or not.
            let tag = key.tag()?;
            let value = self.tag(tag).ok_or_else(|| Ungrouped::Lacks(key.clone()));
            Some(value.map(str::to_owned))
        };
        let group = keys.filter_map(value).collect::<Result<_, _>>()?;
        Ok(Line { architecture, group })
    }

    /// Whether a family's manifest would adopt it. The hub's own images are meant by whoever asks of no other's.
    pub(crate) fn is_as(&self, adopt: &Adopt) -> bool {
        let Adopt {
            owner,
            name,
            tags,
            group_by: _,
        } = adopt;
        let is_owned = match owner {
            AmiOwner::Own => true,
            AmiOwner::Account(owner) => self.owner == Some(*owner),
            AmiOwner::Amazon => false,
        };
        let is_called = |pattern: &NamePattern| self.name.as_deref().is_some_and(|name| pattern.matches(name));
        is_owned
            && name.as_ref().is_none_or(is_called)
            && tags
                .iter()
                .all(|(key, value)| self.tag(key.as_str()) == Some(value.as_str()))
    }
}
