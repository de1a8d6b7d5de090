use serde::{Deserialize, Serialize};
use steward::{ChannelName, FamilyName, Timestamp};

use super::Record;
use super::keys::{FAMILIES, Key, MANIFEST, of_family};
use super::table::{Condition, Together};
use crate::Problem;

/// Which manifest of a family holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The family.
    #[serde(rename = "sk")]
    pub family: FamilyName,
    /// Its number, from 1.
    pub version: u32,
    /// Of the manifest and the files it names.
    pub digest: String,
    /// Who applied it.
    pub who: String,
    /// When.
    pub at: Timestamp,
}

/// A manifest as it was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedManifest {
    /// Its number, from 1.
    pub version: u32,
    /// Of the manifest and the files it names.
    pub digest: String,
    /// Who applied it.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// What they said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The manifest.
    pub text: String,
}

/// What became of storing a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It holds from now on.
    Yes,
    /// Somebody else stored one first.
    Overtaken,
}

impl Record {
    /// Which manifest of a family holds; none before the first was applied.
    pub async fn applied(&self, family: &FamilyName) -> Result<Option<Applied>, Problem> {
        self.get(Key::family(family)).await
    }

    /// Which manifest of every family holds, by their names.
    pub async fn all_applied(&self) -> Result<Vec<Applied>, Problem> {
        self.query(FAMILIES, "").await
    }

    /// One of a family's manifests, by its number.
    pub async fn manifest(&self, family: &FamilyName, version: u32) -> Result<Option<AppliedManifest>, Problem> {
        self.get(Key::manifest(family, version)).await
    }

    /// Every manifest that a family ever had, the oldest first.
    pub async fn manifests(&self, family: &FamilyName) -> Result<Vec<AppliedManifest>, Problem> {
        self.query(&of_family(family), MANIFEST).await
    }

    /// Whether a channel points to anything yet.
    pub async fn points_somewhere(&self, family: &FamilyName, channel: &ChannelName) -> Result<bool, Problem> {
        let item: Option<serde::de::IgnoredAny> = self.get(Key::channel(family, channel)).await?;
        Ok(item.is_some())
    }

    /// Stores the manifest that follows this one, and makes it hold, both or neither.
    pub async fn store_manifest(
        &self,
        family: &FamilyName,
        manifest: &AppliedManifest,
        before: Option<&Applied>,
    ) -> Result<Stored, Problem> {
        let doing = format!("store manifest {} of {family} in the record", manifest.version);
        let bad = |error: serde_dynamo::Error| Problem::not_understood(&doing, self.hub, error);
        let AppliedManifest {
            version,
            digest,
            who,
            at,
            message: _,
            text: _,
        } = manifest;
        let current = Applied {
            family: family.clone(),
            version: *version,
            digest: digest.clone(),
            who: who.clone(),
            at: *at,
        };
        let item = Together::new(Key::manifest(family, *version), manifest, Condition::not_there());
        let condition = match before {
            None => Condition::not_there(),
            Some(before) => Condition::still("version", before.version),
        };
        let holds = Together::new(Key::family(family), &current, condition);
        let items = [item.map_err(bad)?, holds.map_err(bad)?];
        if self.put_together(&doing, items, None).await? {
            return Ok(Stored::Yes);
        }
        // Our own call whose answer was lost looks the same as somebody else's: the record tells them apart.
        let holds = self.applied(family).await?;
        Ok(if holds == Some(current) {
            Stored::Yes
        } else {
            Stored::Overtaken
        })
    }
}
