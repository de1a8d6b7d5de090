//! Who uses which image, in every target that images of ours reach.
//!
//! Each target whose evidence is about to be too old is read list by list; what the lists say is joined, and what changed is
//! written. A list that could not be read to its end changes nothing, and says so; one that suddenly is short takes nothing
//! away until it is believed. Nothing is decided here, and the role can change nothing.

mod gather;
mod handler;
mod outcome;
mod read;
mod write;

use std::time::Duration;

pub use handler::gather_evidence;
pub use outcome::Gathered;

/// No target is begun with less time left than one may take.
const ONE_TARGET: Duration = Duration::from_mins(5);
/// Evidence older than an hour stops a deletion: with a sweep every five minutes, and runs of fifteen at most, what is read
/// again at this age never gets there.
const EVERY: steward::Duration = steward::Duration::minutes(35);
/// A source that could not be read is tried again with the next sweep.
const SOON: steward::Duration = steward::Duration::minutes(4);
