use std::fmt;

use crate::{ReleaseId, Target, Words};

/// A function that changes things in AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Worker {
    /// Copies and shares releases.
    ApplyDistribution,
    /// Puts our tag on the snapshots behind our images.
    TagSnapshots,
    /// Retires images that nobody needs, and brings back those that somebody does.
    ApplyPruning,
    /// Starts builds.
    TriggerBuilds,
    /// A person who adopts images.
    Adopt,
    /// A person who brings images back from a Recycle Bin.
    Restore,
}

impl Worker {
    /// As keys and journals name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApplyDistribution => "apply-distribution",
            Self::TagSnapshots => "tag-snapshots",
            Self::ApplyPruning => "apply-pruning",
            Self::TriggerBuilds => "trigger-builds",
            Self::Adopt => "adopt",
            Self::Restore => "restore",
        }
    }
}

impl fmt::Display for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One effect on one target, written down before it is made: whoever dies of it leaves it open, and the next run goes on with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Who makes it.
    pub worker: Worker,
    /// Where.
    pub target: Target,
    /// Which, among all that this worker may make there: the same step is the same text.
    pub step: String,
    /// The release that it is made for.
    pub release: ReleaseId,
    /// It, as the journal says it: `tag snap-0123456789abcdef0`.
    pub says: Words,
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// It is made.
    Done,
    /// It was found made, or not wanted any more.
    Found,
    /// AWS refused it. The next try is another attempt.
    Failed(Words),
}

impl fmt::Display for Came {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("done"),
            Self::Found => f.write_str("nothing was left to do"),
            Self::Failed(why) => write!(f, "failed: {why}"),
        }
    }
}
