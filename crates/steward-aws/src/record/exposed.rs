//! Which releases have a vulnerability, asked from its side: one partition names them all.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use serde::{Deserialize, Serialize};
use steward::{Exposed, ReleaseId, Timestamp, Vulnerability, VulnerabilityId};

use super::keys::{DESCENDANT, Key, VULNERABILITIES, of_release, of_vulnerability, reached, release_of};
use super::table::{Range, Reads};
use super::{AT_ONCE, Record};
use crate::Problem;

/// So many vulnerabilities are kept in one item: with the longest names it stays below what an item may hold.
const IN_ONE_ITEM: usize = 50;
/// Before the descendants that were built on a release at once.
const CHILDREN: &str = "D#0001#";

#[derive(Serialize, Deserialize, Debug)]
struct VulnerabilitiesItem {
    found: Vec<FoundItem>,
}

#[derive(Serialize, Deserialize, Debug)]
struct FoundItem {
    id: VulnerabilityId,
    #[serde(flatten)]
    vulnerability: Vulnerability,
}

#[derive(Deserialize, Debug)]
struct FoundRow {
    sk: ReleaseId,
    #[serde(flatten)]
    vulnerability: Vulnerability,
}

#[derive(Deserialize, Debug)]
struct ChildRow {
    sk: String,
}

#[derive(Deserialize, Debug)]
struct ScannedRow {
    pk: String,
    scanned: Option<Timestamp>,
}

impl Record {
    /// Writes what a release's scan found, with the release and with each vulnerability.
    pub(super) async fn write_vulnerabilities(
        &self,
        release: ReleaseId,
        found: &BTreeMap<VulnerabilityId, Vulnerability>,
    ) -> Result<(), Problem> {
        let held = found.iter().map(|(id, vulnerability)| FoundItem {
            id: id.clone(),
            vulnerability: vulnerability.clone(),
        });
        let held: Vec<FoundItem> = held.collect();
        let mut rest = held.into_iter().peekable();
        let mut part = 0;
        while rest.peek().is_some() {
            let item = VulnerabilitiesItem {
                found: rest.by_ref().take(IN_ONE_ITEM).collect(),
            };
            self.set(Key::vulnerabilities(release, part), item, None).await?;
            part += 1;
        }
        let writes = iter(found.iter().map(|(id, vulnerability)| async move {
            self.set(Key::found(id, release), vulnerability, None).await.map(drop)
        }));
        writes
            .buffer_unordered(AT_ONCE)
            .try_collect::<Vec<()>>()
            .await
            .map(drop)
    }

    /// What a release's scan found.
    pub(super) async fn vulnerabilities(
        &self,
        release: ReleaseId,
    ) -> Result<BTreeMap<VulnerabilityId, Vulnerability>, Problem> {
        let items: Vec<VulnerabilitiesItem> = self.query(&of_release(release), VULNERABILITIES).await?;
        let found = items.into_iter().flat_map(|item| item.found);
        Ok(found.map(|found| (found.id, found.vulnerability)).collect())
    }

    /// How these releases stand to a vulnerability.
    pub async fn exposed(
        &self,
        vulnerability: &VulnerabilityId,
        of: &BTreeSet<ReleaseId>,
    ) -> Result<Exposed<ReleaseId>, Problem> {
        let rows: Vec<FoundRow> = self
            .query_range(&of_vulnerability(vulnerability), Range::Starts(""), Reads::Lately)
            .await?;
        let everywhere: BTreeMap<ReleaseId, Vulnerability> =
            rows.into_iter().map(|row| (row.sk, row.vulnerability)).collect();
        let scanned = self.scanned(of).await?;
        Ok(Exposed {
            below_found: self.rid_of(&everywhere, scanned.keys()).await?,
            scanned,
            published: everywhere.values().filter_map(|found| found.published).min(),
            found: everywhere
                .into_iter()
                .filter(|(release, _)| of.contains(release))
                .collect(),
        })
    }

    /// Those of these releases that were built at once on one in which it was found, and in which it was not.
    async fn rid_of(
        &self,
        found: &BTreeMap<ReleaseId, Vulnerability>,
        of: impl Iterator<Item = &ReleaseId>,
    ) -> Result<BTreeSet<ReleaseId>, Problem> {
        if found.is_empty() {
            return Ok(BTreeSet::new());
        }
        let without: BTreeSet<ReleaseId> = of.filter(|release| !found.contains_key(release)).copied().collect();
        // From whichever side there are fewer.
        if found.len() < without.len() {
            let below = iter(found.keys().map(|release| self.children(*release)));
            let below: Vec<Vec<ReleaseId>> = below.buffer_unordered(AT_ONCE).try_collect().await?;
            let below = below.into_iter().flatten();
            return Ok(below.filter(|release| without.contains(release)).collect());
        }
        let looked = iter(without).map(|release| async move {
            let parents = self.parents(release).await?;
            let is_below = parents.iter().any(|parent| found.contains_key(&parent.release));
            Ok::<_, Problem>(is_below.then_some(release))
        });
        let rid: Vec<Option<ReleaseId>> = looked.buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(rid.into_iter().flatten().collect())
    }

    /// What was built on a release at once.
    async fn children(&self, release: ReleaseId) -> Result<Vec<ReleaseId>, Problem> {
        let rows: Vec<ChildRow> = self
            .query_range(&of_release(release), Range::Starts(CHILDREN), Reads::Lately)
            .await?;
        let wrong = || Problem::not_understood("read the closure of the record", self.hub, "a key is none of it");
        rows.iter()
            .map(|row| Ok(reached(&row.sk, DESCENDANT).ok_or_else(wrong)?.release))
            .collect()
    }

    /// When the scans of these releases were read, of those that had one.
    async fn scanned(&self, of: &BTreeSet<ReleaseId>) -> Result<BTreeMap<ReleaseId, Timestamp>, Problem> {
        let keys: Vec<Key> = of.iter().map(|release| Key::release(*release)).collect();
        let rows: Vec<ScannedRow> = self.get_each(&keys, &["pk", "scanned"]).await?;
        let scanned = |row: ScannedRow| Some((release_of(&row.pk)?, row.scanned?));
        Ok(rows.into_iter().filter_map(scanned).collect())
    }
}
