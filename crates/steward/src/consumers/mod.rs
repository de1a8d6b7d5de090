//! What the accounts of an audience see of the images that are shared with them, and what their Auto Scaling may launch.
//!
//! Tags stay in the account that put them on an image, so a consumer has its own view of them: it is kept as the owner's
//! image is tagged, as far as the manifest declares it. What a consumer put there is never touched, and what says that
//! something is ours is never put there.

mod decide;
mod due;
mod facts;
mod finding;
mod plan;
mod shown;
mod step;
mod targets;

pub use decide::{decide_leaving, decide_view, granted_keys};
pub use due::{HeldGrant, LEFT, PutThere, Viewed, is_shared, view_of, when_view_due};
pub use facts::{GrantsSeen, OwnersImage, SharedImage, ViewFacts};
pub use finding::ViewFinding;
pub use plan::ViewPlan;
pub use step::{VIEW_ROLE, ViewStep, auto_scaling_in, grant_name};
pub use targets::consumer_targets;

#[cfg(test)]
mod tests;
