use steward::{SnapshotId, Target, Worker};

use super::{Key, of_target, target_key};

/// Where snapshots lie together that did not go with their images.
pub(crate) const LEFT: &str = "LEFT";

/// Before the snapshots that images left behind in a target.
pub(crate) fn left_in(target: Target) -> String {
    format!("{}#", target_key(target))
}

impl Key {
    /// Who works in a target.
    pub(crate) fn at_work(worker: Worker, target: Target) -> Self {
        Self::new(of_target(target), format!("LEASE#{worker}"))
    }

    /// A snapshot that an image left behind.
    pub(crate) fn left(target: Target, snapshot: SnapshotId) -> Self {
        Self::new(String::from(LEFT), format!("{}{snapshot}", left_in(target)))
    }
}
