//! Channels: which release of each architecture a name of a family points to, and what moves it on.
//!
//! What moves by itself is decided for a whole family from one look at its releases, and only ever forward, except away
//! from what was revoked. What a person asks for is held to the same facts, and refused with what to do instead.

mod decide;
mod facts;
mod following;
mod good;
mod held;
mod known;
mod named;
mod newest;
mod obstacle;
mod plan;
mod pointers;
mod promotion;
mod refusal;
mod request;
mod rollback;
mod standing;
mod wait;

pub use decide::decide_channels;
pub use facts::{ChannelFacts, ReleaseSeen, ReleaseStanding};
pub use held::{ChannelHeld, Moved, Mover, Pointed, history_of};
pub use named::newest_of;
pub use obstacle::Obstacle;
pub use plan::ChannelsPlan;
pub use pointers::{OnChannel, Pointers};
pub use promotion::{Promised, decide_promotion};
pub use refusal::Refusal;
pub use request::{Answer, Request, decide_request};
pub use rollback::decide_rollback;
pub use standing::{required_targets, standing_of, standing_of_build};
pub use wait::Wait;

#[cfg(test)]
mod tests;
