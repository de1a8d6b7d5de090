//! Snapshots, as EC2 describes them, and our tag on them.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{Filter, Snapshot, Tag};
use steward::tagging::SnapshotSeen;
use steward::{FamilyName, SnapshotId, Words};

use crate::pages::each_page;
use crate::{AtTarget, FAMILY, Problem};

/// So many values EC2 takes in one filter.
const IN_ONE_FILTER: usize = 200;

impl AtTarget {
    /// Lists the snapshots that the target's account owns and that carry our tag, whatever it says.
    pub async fn tagged_snapshots(&self) -> Result<BTreeSet<SnapshotId>, Problem> {
        let tagged = Filter::builder().name("tag-key").values(FAMILY).build();
        let doing = "list the snapshots with our tag";
        let seen = self.snapshots_where(tagged, doing, read).await?;
        Ok(seen.into_iter().map(|seen| seen.snapshot).collect())
    }

    /// Looks at these snapshots. One that the target's account does not own, or that is gone, is left out.
    pub async fn snapshots(&self, of: &BTreeSet<SnapshotId>) -> Result<Vec<SnapshotSeen>, Problem> {
        self.snapshots_of(of, "look at snapshots without our tag", read).await
    }

    /// Reads these snapshots, but those that the target's account does not own, or that are gone.
    pub(crate) async fn snapshots_of<T>(
        &self,
        ids: &BTreeSet<SnapshotId>,
        doing: &str,
        read: impl Fn(&Snapshot) -> Result<T, String>,
    ) -> Result<Vec<T>, Problem> {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let mut seen = Vec::new();
        for some in ids.chunks(IN_ONE_FILTER) {
            // By a filter, because one id that is gone would fail a call that names it.
            let these = Filter::builder().name("snapshot-id").set_values(Some(some.to_vec()));
            seen.extend(self.snapshots_where(these.build(), doing, &read).await?);
        }
        Ok(seen)
    }

    /// Reads the snapshots that the target's account owns and that this filter lets through.
    pub(crate) async fn snapshots_where<T>(
        &self,
        filter: Filter,
        doing: &str,
        read: impl Fn(&Snapshot) -> Result<T, String>,
    ) -> Result<Vec<T>, Problem> {
        let owner = self.target.account().to_string();
        let list = self.ec2.describe_snapshots().owner_ids(owner).filters(filter);
        let list = list.max_results(1000);
        let mut seen = Vec::new();
        each_page!(self, reads, doing, list, |page| {
            for snapshot in page.snapshots() {
                seen.push(read(snapshot).map_err(|what| Problem::not_understood(doing, self.target, what))?);
            }
        });
        Ok(seen)
    }

    /// Puts our tag on these snapshots.
    pub async fn tag_snapshots(&self, snapshots: &BTreeSet<SnapshotId>, family: &FamilyName) -> Result<(), Problem> {
        let ids: Vec<String> = snapshots.iter().map(ToString::to_string).collect();
        let doing = format!("tag {} as of {family}", ids.join(", "));
        let tag = Tag::builder().key(FAMILY).value(family.as_str()).build();
        self.writes.wait().await;
        self.create_tags(snapshots, vec![tag], &doing).await
    }
}

fn read(snapshot: &Snapshot) -> Result<SnapshotSeen, String> {
    let id = snapshot.snapshot_id().ok_or("a snapshot without an id")?;
    let of = |what: &dyn std::fmt::Display| format!("{id} has {what}");
    let owner = snapshot.owner_id().ok_or_else(|| of(&"no owner"))?;
    let tag = snapshot.tags().iter().find(|tag| tag.key() == Some(FAMILY));
    Ok(SnapshotSeen {
        snapshot: id.parse().map_err(|error| of(&format_args!("a bad id: {error}")))?,
        owner: owner
            .parse()
            .map_err(|error| of(&format_args!("a bad owner: {error}")))?,
        family: tag.map(|tag| Words::from(tag.value().unwrap_or_default())),
    })
}
