use crate::pruning::{BuildTime, LastLaunch, PlacementStanding, Since, SnapshotSeen};
use crate::{AccountId, AmiId, AmiState, Timestamp};

/// An image, as much of what DescribeImages says of it as pruning asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetImage {
    /// Which.
    pub ami: AmiId,
    /// Whose; none: it does not say.
    pub owner: Option<AccountId>,
    /// What it is called, where some family adopts by name.
    pub name: Option<Box<str>>,
    /// When it was made.
    pub created: BuildTime,
    /// Its state.
    pub state: AmiState,
    /// From when on it is deprecated.
    pub deprecated: Option<Timestamp>,
    /// What it runs on.
    pub architecture: Option<Box<str>>,
    /// When it was last launched.
    pub launched: LastLaunch,
    /// Whether EC2 would refuse to deregister it.
    pub protected: bool,
    /// Whether AWS Backup made it.
    pub backup: bool,
    /// Its tags that matter here.
    pub tags: Box<[(Box<str>, Box<str>)]>,
    /// The snapshots behind it.
    pub snapshots: Vec<SnapshotSeen>,
}

impl FleetImage {
    /// The value of a tag.
    pub fn tag(&self, key: &str) -> Option<&str> {
        let mut tags = self.tags.iter();
        tags.find_map(|(name, value)| (**name == *key).then_some(&**value))
    }

    /// How it stands at this time. When it was disabled nothing says.
    pub(super) fn standing(&self, now: Timestamp) -> PlacementStanding {
        let since = |at| Since { at, by_us: false };
        match (self.state, self.deprecated) {
            (AmiState::Disabled, _) => PlacementStanding::Disabled(since(None)),
            (AmiState::Available, Some(from)) if from <= now => PlacementStanding::Deprecated(since(Some(from))),
            (AmiState::Available, _) => PlacementStanding::Available,
            (state, _) => PlacementStanding::Unsettled(state),
        }
    }
}
