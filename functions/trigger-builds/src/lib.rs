//! Decides what to build now, and why, and starts it.
//!
//! Woken by what changes and every five minutes by the sweep, it looks through all lines: what the record knows of each, and of those
//! that something asks for what Image Builder would build. What is to be built is decided for all of them at once; each start is
//! written down before it is made, and is the same build however often it is repeated. With every event lost, the sweep gets there.
//! Of builds that wait in a step of their workflow it tells people, and sends what they answer.

mod approve;
mod handler;
mod outcome;
mod room;
mod start;

use std::time::Duration;

pub use handler::trigger_builds;
pub use outcome::Triggered;
pub use room::Room;

/// No build is started with less time left: no call takes longer than two minutes, however often it is tried, and what came of it
/// is still to be written.
const ONE_STEP: Duration = Duration::from_secs(150);
/// No line more is looked at with less time left: what was read is still to be decided, and what is due to be started.
const ENOUGH_TO_ACT: Duration = Duration::from_secs(200);
