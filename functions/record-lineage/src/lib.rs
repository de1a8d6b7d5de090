//! Keeps the record: what exists, where it came from, where it is, who uses it.
//!
//! Woken by events of Image Builder and EC2, and every five minutes by the sweep, it looks at what it is pointed to by
//! API, decides what that adds, and writes it. With every event of a build lost, the sweep reaches the same
//! record, and the lineage with it. What becomes of an image after that is told by its events, and once an hour by comparing
//! each target with the record. Who uses images is gathered by a function of its own,
//! under a role of its own; and another may put our tag on the snapshots behind our images, and do nothing else.

mod compare;
mod containers;
mod evidence;
mod handler;
mod lineage;
mod look;
mod observe;
mod outcome;
mod room;
mod scans;
mod sweep;
mod tagging;

use std::time::Duration;

pub use evidence::{Gathered, gather_evidence};
pub use handler::handle;
pub use outcome::Outcome;
pub use room::Room;
pub use tagging::{Tagged, tag_snapshots};

/// No look is begun with less time left than one may take.
const ONE_LOOK: Duration = Duration::from_secs(40);
