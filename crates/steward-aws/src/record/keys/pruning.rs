use steward::{FamilyName, SnapshotId, Target, Worker};

use super::{CONTROL, Key, of_family, of_target, target_key};
use crate::record::listed::WholeList;

/// Before the target that a person does without.
pub(crate) const WAIVED: &str = "WAIVED#";
/// Where snapshots lie together that did not go with their images.
pub(crate) const LEFT: &str = "LEFT";

/// Where targets lie together in which a worker left steps open.
pub(crate) const UNSETTLED: &str = "UNSETTLED";

/// Before what was listed in a target as a whole, and the number of a part of that.
const LISTED: &str = "LISTED#";

/// Before the parts of what was listed in a target.
pub(crate) fn listed_as(list: WholeList) -> String {
    format!("{LISTED}{}#", list.as_str())
}

/// Before the snapshots that images left behind in a target.
pub(crate) fn left_in(target: Target) -> String {
    format!("{}#", target_key(target))
}

impl Key {
    /// What came of planning the pruning of a family last.
    pub(crate) fn pruned(family: &FamilyName) -> Self {
        Self::new(of_family(family), "PRUNED")
    }

    /// What people were told of the pruning of a family last.
    pub(crate) fn news(family: &FamilyName) -> Self {
        Self::new(of_family(family), "NEWS")
    }

    /// What a person let through of a family although it is more than its manifest allows.
    pub(crate) fn let_through(family: &FamilyName) -> Self {
        Self::new(String::from(CONTROL), format!("LET#{family}"))
    }

    /// That a person does without the evidence of a target.
    pub(crate) fn waived(target: Target) -> Self {
        Self::new(String::from(CONTROL), format!("{WAIVED}{}", target_key(target)))
    }

    /// Who works in a target.
    pub(crate) fn at_work(worker: Worker, target: Target) -> Self {
        Self::new(of_target(target), format!("LEASE#{worker}"))
    }

    /// What a target's Recycle Bin catches.
    pub(crate) fn bin(target: Target) -> Self {
        Self::new(of_target(target), "BIN")
    }

    /// A snapshot that an image left behind.
    pub(crate) fn left(target: Target, snapshot: SnapshotId) -> Self {
        Self::new(String::from(LEFT), format!("{}{snapshot}", left_in(target)))
    }

    /// That a worker left steps open in a target.
    pub(crate) fn unsettled(target: Target) -> Self {
        Self::new(String::from(UNSETTLED), target_key(target))
    }

    /// A part of what was listed in a target.
    pub(crate) fn listed(target: Target, list: WholeList, part: usize) -> Self {
        Self::new(of_target(target), format!("{}{part:0>4}", listed_as(list)))
    }

    /// When the builds of the hub were last listed to their end.
    pub(crate) fn builds_listed(hub: Target) -> Self {
        Self::new(of_target(hub), "LISTED")
    }

    /// How far a round through the builds of the hub is.
    pub(crate) fn builds_round(hub: Target) -> Self {
        Self::new(of_target(hub), "ROUND")
    }
}
