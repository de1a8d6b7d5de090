//! What AWS listed to its end when it was last asked: what is not in it is not there any more. Nothing is decided by it, and people
//! are told by it.

use std::collections::BTreeSet;

use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use steward::pruning::LastSeen;
use steward::{ImageVersionArn, ReleaseId, SnapshotId, Target, Timestamp};

use super::items::expiring;
use super::keys::{Key, listed_as, of_target};
use super::{AT_ONCE, Record};
use crate::Problem;

/// So many ids lie in one item: at most a third of what fits.
const IN_ONE_ITEM: usize = 4_000;
/// Whoever does not list any more knows nothing after so many days.
const KEPT_DAYS: u64 = 2;

/// What was listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WholeList {
    /// The builds that Image Builder has in the hub, by their releases.
    Builds,
    /// Those of them that a round which is not over yet has listed.
    BuildsOfRound,
    /// The snapshots of a target that carry our tag and are behind no image.
    UnusedSnapshots,
}

#[derive(Serialize, Deserialize, Debug)]
struct ListedItem<T> {
    at: Timestamp,
    /// In how many parts it lies.
    parts: usize,
    ids: Vec<T>,
    expires: u64,
}

/// How far a round through the builds of the hub is: no invocation has time for very many.
#[derive(Debug)]
pub struct BuildsRound {
    /// The last version whose builds were looked at; none: it begins.
    pub after: Option<ImageVersionArn>,
    /// The builds that were listed so far.
    pub listed: BTreeSet<ReleaseId>,
    /// Whether nothing was left out of them so far.
    pub is_whole: bool,
}

#[derive(Serialize, Deserialize, Debug)]
struct RoundItem {
    at: Timestamp,
    after: ImageVersionArn,
    is_whole: bool,
}

impl WholeList {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Builds => "builds",
            Self::BuildsOfRound => "builds-of-round",
            Self::UnusedSnapshots => "unused-snapshots",
        }
    }
}

impl Record {
    /// Whether the builds of the hub are to be written down again, once they are listed.
    pub async fn are_builds_due(&self, now: Timestamp) -> Result<bool, Problem> {
        self.is_hour_over(Key::builds_listed(self.hub), now).await
    }

    /// Writes which builds Image Builder has, listed to the end.
    pub async fn write_builds_listed(&self, builds: &BTreeSet<ReleaseId>, now: Timestamp) -> Result<(), Problem> {
        self.write_listed((self.hub, WholeList::Builds), builds, now).await?;
        self.mark_hour(Key::builds_listed(self.hub), now).await
    }

    /// Where the round through the builds of the hub goes on.
    pub async fn builds_round(&self, now: Timestamp) -> Result<BuildsRound, Problem> {
        let left: Option<RoundItem> = self.get(Key::builds_round(self.hub)).await?;
        let Some(RoundItem { at, after, is_whole }) = left else {
            return Ok(BuildsRound {
                after: None,
                listed: BTreeSet::new(),
                is_whole: true,
            });
        };
        let listed = self.listed(self.hub, WholeList::BuildsOfRound, now).await?;
        let listed = listed.filter(|listed| listed.at == at);
        Ok(BuildsRound {
            after: Some(after),
            is_whole: is_whole && listed.is_some(),
            listed: listed.map(|listed| listed.listed).unwrap_or_default(),
        })
    }

    /// Leaves the round to the next sweep, if it has begun.
    pub async fn leave_builds_round(&self, round: BuildsRound, now: Timestamp) -> Result<(), Problem> {
        let BuildsRound {
            after: Some(after),
            listed,
            is_whole,
        } = round
        else {
            return Ok(());
        };
        // First: where the round is believed to be, what it listed is there.
        self.write_listed((self.hub, WholeList::BuildsOfRound), &listed, now)
            .await?;
        let item = RoundItem {
            at: now,
            after,
            is_whole,
        };
        self.set(Key::builds_round(self.hub), item, None).await.map(drop)
    }

    /// Begins the next round with the next sweep.
    pub async fn end_builds_round(&self) -> Result<(), Problem> {
        self.delete(Key::builds_round(self.hub)).await
    }

    /// Which builds Image Builder has; none: nobody has listed them lately.
    pub async fn builds_listed(&self, now: Timestamp) -> Result<Option<LastSeen<ReleaseId>>, Problem> {
        self.listed(self.hub, WholeList::Builds, now).await
    }

    /// Writes which snapshots of a target carry our tag and are behind no image.
    pub async fn write_unused_snapshots(
        &self,
        target: Target,
        snapshots: &BTreeSet<SnapshotId>,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let list = (target, WholeList::UnusedSnapshots);
        self.write_listed(list, snapshots, now).await
    }

    /// Which snapshots of a target carry our tag and are behind no image; none: nobody has looked there lately.
    pub async fn unused_snapshots(
        &self,
        target: Target,
        now: Timestamp,
    ) -> Result<Option<LastSeen<SnapshotId>>, Problem> {
        self.listed(target, WholeList::UnusedSnapshots, now).await
    }

    async fn write_listed<T: Copy + Serialize>(
        &self,
        (target, list): (Target, WholeList),
        ids: &BTreeSet<T>,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let ids: Vec<T> = ids.iter().copied().collect();
        // One of nothing says that there is nothing. What lay in more parts before is told apart by its time.
        let parts = ids.len().div_ceil(IN_ONE_ITEM).max(1);
        let items = (0..parts).map(|part| {
            let ids = ids.iter().skip(part * IN_ONE_ITEM).take(IN_ONE_ITEM);
            let item = ListedItem {
                at: now,
                parts,
                ids: ids.copied().collect(),
                expires: expiring(now, KEPT_DAYS),
            };
            self.set(Key::listed(target, list, part), item, None)
        });
        let written: Vec<bool> = iter(items).buffer_unordered(AT_ONCE).try_collect().await?;
        drop(written);
        Ok(())
    }

    async fn listed<T: Ord + DeserializeOwned>(
        &self,
        target: Target,
        list: WholeList,
        now: Timestamp,
    ) -> Result<Option<LastSeen<T>>, Problem> {
        let items: Vec<ListedItem<T>> = self.query(&of_target(target), &listed_as(list)).await?;
        // DynamoDB lets go of what is over late.
        let today = expiring(now, 0);
        let Some((at, parts)) = items
            .iter()
            .filter(|item| today < item.expires)
            .map(|item| (item.at, item.parts))
            .max()
        else {
            return Ok(None);
        };
        let of_it: Vec<ListedItem<T>> = items.into_iter().filter(|item| item.at == at).collect();
        // Somebody is about to write it, or died at it.
        let is_whole = of_it.len() == parts;
        Ok(is_whole.then(|| LastSeen {
            at,
            listed: of_it.into_iter().flat_map(|item| item.ids).collect(),
        }))
    }
}
