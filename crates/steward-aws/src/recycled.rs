//! The Recycle Bin of a target: what was deregistered or deleted there, and can still come back.

use std::collections::BTreeMap;

use aws_sdk_ec2::primitives::DateTime;
use steward::{AmiId, SnapshotId, Timestamp};

use crate::images::GONE;
use crate::pages::each_page;
use crate::problem::absent;
use crate::{AtTarget, Problem};

/// What a Recycle Bin holds, and until when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recycled {
    /// Images.
    pub images: BTreeMap<AmiId, Timestamp>,
    /// Snapshots.
    pub snapshots: BTreeMap<SnapshotId, Timestamp>,
}

impl AtTarget {
    /// Lists all that the target's Recycle Bin holds.
    pub async fn recycled(&self) -> Result<Recycled, Problem> {
        let doing = "list the Recycle Bin";
        let mut recycled = Recycled::default();
        let list = self.ec2.list_images_in_recycle_bin().max_results(1000);
        each_page!(self, reads, doing, list, |page| {
            for image in page.images() {
                let (id, until) = self.binned((image.image_id(), image.recycle_bin_exit_time()))?;
                recycled.images.insert(id, until);
            }
        });
        let list = self.ec2.list_snapshots_in_recycle_bin().max_results(1000);
        each_page!(self, reads, doing, list, |page| {
            for snapshot in page.snapshots() {
                let (id, until) = self.binned((snapshot.snapshot_id(), snapshot.recycle_bin_exit_time()))?;
                recycled.snapshots.insert(id, until);
            }
        });
        Ok(recycled)
    }

    fn binned<I: std::str::FromStr>(
        &self,
        (id, until): (Option<&str>, Option<&DateTime>),
    ) -> Result<(I, Timestamp), Problem> {
        let id = id.and_then(|id| id.parse().ok());
        let until = until.and_then(|until| until.to_millis().ok());
        let until = until.and_then(|until| Timestamp::from_millisecond(until).ok());
        let wrong = || Problem::not_understood("list the Recycle Bin", self.target(), "an entry without id or time");
        id.zip(until).ok_or_else(wrong)
    }

    /// Brings a snapshot back. One that the bin does not hold is there already, or gone for good: its image tells.
    pub async fn bring_back_snapshot(&self, snapshot: SnapshotId) -> Result<(), Problem> {
        self.writes.wait().await;
        let request = self.ec2.restore_snapshot_from_recycle_bin();
        let request = request.snapshot_id(snapshot.to_string());
        let doing = format!("bring {snapshot} back from the Recycle Bin");
        absent(
            self.answered(&doing, request.send()).await,
            &crate::distribution::NO_SNAPSHOT,
        )
        .map(drop)
    }

    /// Brings an image back whose snapshots are there. One that the bin does not hold is there already, or gone for good.
    pub async fn bring_back_image(&self, ami: AmiId) -> Result<(), Problem> {
        self.writes.wait().await;
        let request = self.ec2.restore_image_from_recycle_bin().image_id(ami.to_string());
        let doing = format!("bring {ami} back from the Recycle Bin");
        absent(self.answered(&doing, request.send()).await, &GONE).map(drop)
    }
}
