//! Retires what nobody needs, and nothing that somebody does.
//!
//! The planner, woken every five minutes by the sweep, decides of each family from the record what goes, what stays and why, and
//! sends the steps to a queue of which each target is a group. It can change nothing. The worker looks at each step again, by what
//! AWS says of the very image, and makes it. With every event lost, the sweep gets there.

mod apply;
mod clock;
mod plan;
mod room;

pub use apply::{Applied, apply_pruning};
pub use plan::{Planned, plan_pruning};
pub use room::Room;
