//! Who uses which image, in every target that images of ours reach.
//!
//! Each target whose evidence is about to be too old is read list by list; what the lists say is joined, and what changed is
//! written. A list that could not be read to its end changes nothing, and says so; one that suddenly is short takes nothing
//! away until it is believed. Of an image that may be used where nobody can look a usage report is asked for: that is the one
//! thing that this role can change.

mod ask;
mod bin;
mod families;
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
/// Nothing is taken away with less time left than that may take.
const ONE_MOMENT: Duration = Duration::from_mins(1);
/// No report is asked for with less time left than that may take, told to slow down.
const ONE_REPORT: Duration = Duration::from_mins(3);
/// The rules of a Recycle Bin are not begun with less time left, and take no longer: slowly as they are read, that is enough for as
/// many as an account may have.
const ONE_BIN: Duration = Duration::from_mins(5);
/// Evidence older than an hour stops a deletion: with a sweep every five minutes, and runs of fifteen at most, what is read
/// again at this age never gets there.
const EVERY: steward::Duration = steward::Duration::minutes(35);
/// A source that could not be read is tried again with the next sweep.
const SOON: steward::Duration = steward::Duration::minutes(4);
