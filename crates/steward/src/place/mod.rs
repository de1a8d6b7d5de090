//! Where things are: partition, Region, account, and the target that every EC2 fact is keyed by.

mod account_id;
mod partition;
mod region;
mod target;

pub use account_id::{AccountId, AccountIdError, AccountIdProblem};
pub use partition::{Partition, PartitionError, PartitionProblem};
pub use region::{Region, RegionError, RegionProblem};
pub use target::{Target, TargetError, TargetProblem};
