//! What identifies a release, what people call it, and which of two is newer.

mod architecture;
mod canonical_name;
mod release_id;
mod release_name;
mod release_order;

pub use architecture::{Architecture, ArchitectureError, ArchitectureProblem};
pub use canonical_name::{CanonicalName, CanonicalNameError, CanonicalNameProblem};
pub use release_id::{ReleaseId, ReleaseIdError, ReleaseIdProblem};
pub use release_name::{ReleaseName, ReleaseNameError, ReleaseNameProblem};
pub use release_order::ReleaseOrder;
