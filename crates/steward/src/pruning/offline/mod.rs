//! The plan of pruning by recorded data, with no AWS and no record: for pull requests, for trying policies, and beside other tools.
//!
//! What no list of images shows (channels, holds, parents, who in other accounts uses an image) it does not know: a plan by the
//! record keeps more.

mod families;
mod fleet;
mod identity;
mod image;
mod moment;
mod plan;
mod raw;
mod read;
mod releases;

pub use families::Families;
pub use fleet::Fleet;
pub use plan::{OfflineBlocked, OfflineExpendable, OfflineKept, OfflinePlan, plan_offline};
pub use read::{FleetError, read_fleet};
