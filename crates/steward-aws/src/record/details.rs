//! What is kept of a release beyond the release itself.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use steward::{Details, Findings, Package, ReleaseId, Timestamp, WorkflowRun};

use super::Record;
use super::keys::{Key, PACKAGES, SCAN_OR_TEST, of_release};
use crate::Problem;

/// So many packages are kept in one item: with the longest names it stays below what an item may hold.
const IN_ONE_ITEM: usize = 2_000;

#[derive(Serialize, Deserialize, Debug)]
struct ToldItem {
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow: Option<WorkflowRun>,
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<Findings>,
}

#[derive(Serialize, Deserialize, Debug)]
struct PackagesItem {
    packages: Vec<Package>,
}

#[derive(Serialize)]
struct DetailedItem {
    detailed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    scanned: Option<Timestamp>,
}

impl Record {
    /// Writes what a build told; the release says last that there is nothing more to ask.
    ///
    /// A scan is of this time or later: what became public after that it need not know. None where it was not read.
    pub async fn write_details(
        &self,
        release: ReleaseId,
        scanned: Option<Timestamp>,
        details: &Details,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let Details {
            workflows,
            findings,
            vulnerabilities,
            packages,
        } = details;
        for workflow in workflows {
            let key = Key::told(release, workflow.started.unwrap_or(now), workflow.workflow.as_str());
            let item = ToldItem {
                workflow: Some(workflow.clone()),
                findings: None,
            };
            self.set(key, item, None).await?;
        }
        self.write_vulnerabilities(release, vulnerabilities).await?;
        if findings.is_some() {
            let item = ToldItem {
                workflow: None,
                findings: *findings,
            };
            self.set(Key::told(release, now, "scan"), item, None).await?;
        }
        let packages: Vec<Package> = packages.iter().cloned().collect();
        for (n, some) in packages.chunks(IN_ONE_ITEM).enumerate() {
            let item = PackagesItem {
                packages: some.to_vec(),
            };
            self.set(Key::packages(release, n), item, None).await?;
        }
        let item = DetailedItem {
            detailed: true,
            scanned,
        };
        self.set(Key::release(release), item, None).await.map(drop)
    }

    /// What the last scan of a release found.
    pub async fn findings(&self, release: ReleaseId) -> Result<Option<Findings>, Problem> {
        let told = self.told(release).await?;
        Ok(told.iter().rev().find_map(|item| item.findings))
    }

    async fn told(&self, release: ReleaseId) -> Result<Vec<ToldItem>, Problem> {
        self.query(&of_release(release), SCAN_OR_TEST).await
    }

    /// What is kept of what a build told: of its scans the last.
    pub async fn details(&self, release: ReleaseId) -> Result<Details, Problem> {
        let told = self.told(release).await?;
        let packages: Vec<PackagesItem> = self.query(&of_release(release), PACKAGES).await?;
        let packages: BTreeSet<Package> = packages.into_iter().flat_map(|item| item.packages).collect();
        Ok(Details {
            findings: told.iter().rev().find_map(|item| item.findings),
            workflows: told.into_iter().filter_map(|item| item.workflow).collect(),
            vulnerabilities: self.vulnerabilities(release).await?,
            packages,
        })
    }
}
