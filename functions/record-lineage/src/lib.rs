//! Keeps the record: what exists, where it came from, where it is.
//!
//! Woken by events of Image Builder and EC2, and every five minutes by the sweep, it looks at what it is pointed to by
//! API, decides what that adds, and writes it. With every event of a build lost, the sweep reaches the same
//! record; what becomes of an image after that is told by its events alone.

mod handler;
mod look;
mod outcome;
mod room;
mod sweep;

pub use handler::handle;
pub use outcome::Outcome;
pub use room::Room;
