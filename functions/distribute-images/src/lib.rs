//! Brings each release where its manifest says, and to whom.
//!
//! The dispatcher, woken by events and every five minutes by the sweep, finds in the record which releases are to be looked at in
//! which targets, and sends that to a queue of which each target is a group. The worker looks there, decides, and brings each
//! release on by steps that are written down before and after. With every event lost, the sweep gets there.

mod apply;
mod plan;
mod room;

use std::time::Duration;

pub use apply::{Distributed, apply_distribution};
pub use plan::{Dispatched, plan_distribution};
pub use room::Room;

/// No release is begun, and no step made, with less time left: no call takes longer than two minutes, however often it is tried,
/// and what came of it is still to be written.
const ONE_STEP: Duration = Duration::from_secs(150);
