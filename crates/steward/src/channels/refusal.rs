use crate::{Architecture, BuildVersion, ChannelName, ReleaseId};

use super::facts::ReleaseSeen;
use super::obstacle::Obstacle;

/// Why a channel is not moved as a person asked, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The manifest has no such channel.
    #[error("there is no channel {0}: name one of `channels` in the manifest")]
    NoChannel(ChannelName),
    /// Nothing of that id.
    #[error("the record knows no release {0} of this family: name another one")]
    NoRelease(ReleaseId),
    /// The manifest does not build for it.
    #[error("{build} is for {architecture}, and the manifest does not name that: leave it out")]
    NotDeclared {
        /// Which.
        build: BuildVersion,
        /// What it runs on.
        architecture: Architecture,
    },
    /// A channel points to one release of each architecture.
    #[error("{} and {} are both for {architecture}: name one of them", builds[0], builds[1])]
    Two {
        /// What they run on.
        architecture: Architecture,
        /// The older, and the newer.
        builds: [BuildVersion; 2],
    },
    /// It is not good.
    #[error("{build} of {architecture} {obstacle}: {}", remedy(obstacle))]
    NotGood {
        /// Which.
        build: BuildVersion,
        /// What it runs on.
        architecture: Architecture,
        /// Why not.
        obstacle: Obstacle,
    },
    /// Nobody named one, and the channel has none either.
    #[error("{channel} has nothing of {architecture} yet: name a release of it too")]
    Lacking {
        /// Where.
        channel: ChannelName,
        /// What for.
        architecture: Architecture,
    },
    /// It is there already.
    #[error("{0} points there already: there is nothing to change")]
    Unchanged(ChannelName),
    /// It would go back.
    #[error("{architecture} would go back from {from} to {to}: steward rollback, or --force")]
    Backward {
        /// What for.
        architecture: Architecture,
        /// From where.
        from: BuildVersion,
        /// To where.
        to: BuildVersion,
    },
    /// There is nothing to go back to.
    #[error("{0} never pointed to anything older: promote a release")]
    NothingBefore(ChannelName),
    /// Its history has no such entry.
    #[error("{channel} has no move {number}: its last is {last}")]
    NoMove {
        /// Which channel.
        channel: ChannelName,
        /// What was asked for.
        number: u32,
        /// How many there are.
        last: u32,
    },
    /// What it pointed to then is not everything that it must point to now.
    #[error("move {number} of {channel} had nothing of {architecture}: promote a release of it with the others")]
    MoveLacks {
        /// Which channel.
        channel: ChannelName,
        /// Which move.
        number: u32,
        /// What for.
        architecture: Architecture,
    },
}

impl Refusal {
    pub(super) fn not_good(seen: &ReleaseSeen, obstacle: Obstacle) -> Self {
        Self::NotGood {
            build: seen.order,
            architecture: seen.architecture,
            obstacle,
        }
    }
}

fn remedy(obstacle: &Obstacle) -> &'static str {
    match obstacle {
        Obstacle::Coming(_) | Obstacle::Building => "wait for it, or name another one",
        Obstacle::Failed => "name another build, or start one",
        Obstacle::Disabled(_) => "promote it, and it is enabled first, or name another one",
        Obstacle::Retired => "nothing brings it back; name another one",
        Obstacle::Revoked => "steward restore-release or steward exempt first, or name another one",
    }
}
