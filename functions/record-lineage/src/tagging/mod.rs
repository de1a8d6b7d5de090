//! Our tag where Image Builder left it out, on the snapshots behind our images and on its own image of a build that a person
//! started: what lacks it can never be deleted.
//!
//! Each target is looked at once an hour, by a role that can put this one tag on what has none and do nothing else.

mod handler;
mod outcome;
mod outputs;
mod tag;

use std::time::Duration;

pub use handler::tag_snapshots;
pub use outcome::Tagged;

/// No target is begun, and nothing is changed, with less time left than that may take, told to slow down.
const ONE_STEP: Duration = Duration::from_mins(2);
