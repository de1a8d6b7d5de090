//! Distribution: what brings a release to a target, and its images to those who may use them.
//!
//! A target is decided by itself, from one look at it: which of its images is the release's, whether one is to be copied
//! there, and who is to launch it and to copy its snapshots. Before, a family's audience is looked up in the organization.

mod audience;
mod decide;
mod due;
mod facts;
mod finding;
mod found;
mod key_policy;
mod made;
mod pace;
mod plan;
mod resolve;
mod sharing;
mod step;
mod tags;

pub use audience::{Copier, Grantee, ResolvedAudience, SnapshotAudience};
pub use decide::{decide_target, distribution_targets};
pub use due::{DistributionWork, FamilyWork, Stood, is_due};
pub use facts::{
    DistributionFacts, Encryption, Going, ImageThere, KeyProblem, KeySeen, PublicAccess, SnapshotThere, Source,
    TargetSeen,
};
pub use finding::{Finding, NotOurs, PublicObstacle};
pub use made::MadeCopy;
pub(crate) use pace::Looked;
pub use plan::{Reach, TargetPlan, TargetStanding};
pub use resolve::{audience_accounts, audience_notes, resolve_audience};
pub use step::{Change, DistributionStep, Tagged};
pub use tags::{FAMILY, RELEASE};

#[cfg(test)]
mod tests;
