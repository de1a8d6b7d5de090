//! EC2's ids: a prefix that says what it is, and 8 or 17 hex digits.

mod ami_id;
mod hex_id;
mod instance_id;
mod snapshot_id;
mod template_id;

pub use ami_id::AmiId;
pub use hex_id::{Ec2IdError, Ec2IdProblem};
pub use instance_id::InstanceId;
pub use snapshot_id::SnapshotId;
pub use template_id::TemplateId;
