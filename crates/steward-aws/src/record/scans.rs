//! Scans that go on although their release is written down as a whole: an event tells when they end, and may be lost.

use serde::{Deserialize, Serialize};
use steward::{ImageBuildArn, ReleaseId, Timestamp};

use super::Record;
use super::keys::{Key, SCANS};
use crate::Problem;

/// A scan that is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LateScan {
    /// Of this build.
    pub build: ImageBuildArn,
    /// When to look again.
    pub next: Timestamp,
    /// Until when it is waited for.
    pub until: Timestamp,
}

impl Record {
    /// Writes that a scan is waited for.
    pub async fn wait_for_scan(&self, release: ReleaseId, scan: &LateScan) -> Result<(), Problem> {
        self.set(Key::scan(release), scan, None).await.map(drop)
    }

    /// Writes that nobody waits for a release's scan any more.
    pub async fn end_scan(&self, release: ReleaseId) -> Result<(), Problem> {
        self.delete(Key::scan(release)).await
    }

    /// The scans that are waited for.
    pub async fn late_scans(&self) -> Result<Vec<LateScan>, Problem> {
        self.query(SCANS, "").await
    }
}
