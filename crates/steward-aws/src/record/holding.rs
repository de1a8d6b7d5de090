//! The manifests that hold, read as manifests.

use std::collections::BTreeSet;

use steward::FamilyName;
use steward::manifest::{Manifest, ManifestFile};

use super::{Applied, Record};
use crate::Problem;

/// A family, and its manifest that holds.
#[derive(Clone, Debug)]
pub struct Holding {
    /// The family.
    pub family: FamilyName,
    /// The manifest's number.
    pub version: u32,
    /// The manifest. The error: it is not there, or this version cannot read it.
    pub manifest: Result<Manifest, Unreadable>,
}

/// A manifest in the record that cannot be read: what it wants nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the manifest {version} of {family} in the record cannot be read; apply it again")]
pub struct Unreadable {
    family: FamilyName,
    version: u32,
}

impl Record {
    /// Every family with its manifest that holds, by their names.
    pub async fn all_holding(&self) -> Result<Vec<Holding>, Problem> {
        let mut all = Vec::new();
        for applied in self.all_applied().await? {
            all.push(self.read_holding(applied).await?);
        }
        Ok(all)
    }

    /// The manifests that hold, and can be read, of all families but these.
    pub async fn holding_beside(&self, families: &BTreeSet<&FamilyName>) -> Result<Vec<Manifest>, Problem> {
        let mut beside = Vec::new();
        for applied in self.all_applied().await? {
            if !families.contains(&applied.family) {
                beside.extend(self.read_holding(applied).await?.manifest.ok());
            }
        }
        Ok(beside)
    }

    /// A family's manifest that holds; none before the first was applied.
    pub async fn holding(&self, family: &FamilyName) -> Result<Option<Holding>, Problem> {
        match self.applied(family).await? {
            Some(applied) => self.read_holding(applied).await.map(Some),
            None => Ok(None),
        }
    }

    async fn read_holding(&self, applied: Applied) -> Result<Holding, Problem> {
        let Applied { family, version, .. } = applied;
        let stored = self.manifest(&family, version).await?;
        let name = format!("{family}.yaml");
        let file = stored.and_then(|stored| ManifestFile::read(&name, stored.text.as_bytes()).file);
        let unreadable = || Unreadable {
            family: family.clone(),
            version,
        };
        let manifest = file.map(|file| file.manifest().clone()).ok_or_else(unreadable);
        Ok(Holding {
            family,
            version,
            manifest,
        })
    }
}
