use super::facts::PruningFacts;
use super::release::{BuildsOnIt, Held, Pointing};
use crate::ReleaseId;

/// What people and channels want of a release at this moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// The holds on it, past ones too.
    pub holds: Vec<Held>,
    /// The channels that point to it, or are about to.
    pub channels: Vec<Pointing>,
    /// The builds that may run on it, as a channel pointed to it until lately.
    pub may_run: Vec<BuildsOnIt>,
}

impl PruningFacts {
    /// Takes in what is wanted of a release now. Who else builds on it stays as it was known.
    pub(super) fn see_wishes(&mut self, release: ReleaseId, wishes: &Wishes) {
        let Wishes {
            holds,
            channels,
            may_run,
        } = wishes;
        let Some(release) = self.releases.iter_mut().find(|of| of.release == release) else {
            return;
        };
        release.holds.clone_from(holds);
        release.channels.clone_from(channels);
        release
            .parent_of
            .retain(|builds| !matches!(builds, BuildsOnIt::MayRun { .. }));
        release.parent_of.extend(may_run.iter().cloned());
    }
}
