use super::document::{choice, record};
use super::words::{ByHand, ChannelSource};
use crate::{ChannelName, Duration};

choice! {
    /// How a channel moves.
    pub enum Channel {
        /// By itself.
        Follows(Follows) by "from",
        /// When a person says so: `steward promote`.
        ByHand(MovedByHand) by "by",
    }
}

impl Channel {
    /// The channel that it follows.
    pub const fn source(&self) -> Option<&ChannelName> {
        match self {
            Self::Follows(Follows {
                from: ChannelSource::Channel(source),
                after: _,
            }) => Some(source),
            Self::Follows(Follows {
                from: ChannelSource::Release,
                after: _,
            })
            | Self::ByHand(MovedByHand { by: _ }) => None,
        }
    }
}

record! {
    /// A channel that moves by itself.
    pub struct Follows {
        /// `release`: each release of every architecture that is everywhere it must be. Or another channel of this family.
        required from: ChannelSource,
        /// After it has been there for so long.
        optional after: Duration,
    }
}

record! {
    /// A channel that a person moves.
    pub struct MovedByHand {
        /// `hand`.
        required by: ByHand,
    }
}
