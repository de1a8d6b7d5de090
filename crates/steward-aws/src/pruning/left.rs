//! A snapshot that did not go with its image.

use std::collections::BTreeSet;

use steward::pruning::WhyLeft;
use steward::{FamilyName, SnapshotId, Words};

use crate::{AtTarget, ImagesOf, Problem};

/// What is to be done about such a snapshot now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftLook {
    /// Nothing: it is gone.
    Gone,
    /// It is ours, and no image uses it: it can be deleted.
    Free,
    /// It has to stay for now, and why.
    Stays(WhyLeft),
}

impl AtTarget {
    /// Looks at a snapshot that an image of a family left behind.
    pub async fn look_at_left(&self, snapshot: SnapshotId, family: &FamilyName) -> Result<LeftLook, Problem> {
        let Some(seen) = self.snapshots(&BTreeSet::from([snapshot])).await?.pop() else {
            return Ok(LeftLook::Gone);
        };
        if seen.family != Some(Words::from(family.as_str())) {
            return Ok(LeftLook::Stays(WhyLeft::NotPermitted));
        }
        let users = ImagesOf::WithSnapshot(self.target.account(), snapshot);
        Ok(if self.described(&users, |_| Ok(())).await?.is_empty() {
            LeftLook::Free
        } else {
            LeftLook::Stays(WhyLeft::UsedByAnother)
        })
    }
}
