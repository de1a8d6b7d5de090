use super::families::Member;
use crate::pruning::{BuildTime, LastLaunch, PlacementStanding, Since, Unmanaged};
use crate::{AccountId, AmiId, AmiState, SnapshotId, Timestamp};

/// An image, and to which family it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FleetImage<'a> {
    /// Which.
    pub(super) ami: AmiId,
    /// Whose; none: it does not say.
    pub(super) owner: Option<AccountId>,
    /// To which family, by its tags and its name.
    pub(super) member: Result<Member<'a>, Unmanaged>,
    /// What else EC2 says of it.
    pub(super) seen: Described,
}

/// As much of what DescribeImages says of an image as pruning asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Described {
    /// When it was made.
    pub(super) created: BuildTime,
    /// Its state.
    pub(super) state: AmiState,
    /// From when on it is deprecated.
    pub(super) deprecated: Option<Timestamp>,
    /// When it was last launched.
    pub(super) launched: LastLaunch,
    /// Whether EC2 would refuse to deregister it.
    pub(super) protected: bool,
    /// The snapshots behind it, each once.
    pub(super) snapshots: Vec<SnapshotId>,
    /// The size of the volumes that they are of, in GiB.
    pub(super) gib: u64,
}

impl Described {
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
