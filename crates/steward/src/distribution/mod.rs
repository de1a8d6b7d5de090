//! Distribution: what brings a release to a target, and its images to those who may use them.
//!
//! A target is decided by itself, from one look at it: which of its images is the release's, whether one is to be copied
//! there, and who is to launch it and to copy its snapshots. Before, a family's audience is looked up in the organization.
//! Members that own copies make them from the hub's in the same Region, which they are let copy until then.

mod audience;
mod decide;
mod due;
mod encrypted;
mod facts;
mod finding;
mod found;
mod key_policy;
mod lend;
mod lending;
mod made;
mod member_finding;
mod obstacle;
mod pace;
mod plan;
mod resolve;
mod shared;
mod sharing;
mod step;
mod tags;
mod targets;

pub use audience::{Copier, Grantee, ResolvedAudience, SnapshotAudience};
pub use decide::decide_target;
pub use due::{DistributionWork, FamilyWork, Stood, when_due};
pub use encrypted::{Encrypted, Unkeyed};
pub use facts::{
    DefaultKey, DistributionFacts, EbsDefaults, Encryption, Going, ImageThere, KeyProblem, KeySeen, PublicAccess,
    SnapshotThere, Source, TargetSeen,
};
pub use finding::Finding;
pub(crate) use key_policy::statement;
pub use key_policy::{Granted, KeyAudience, KeyPolicy, Places, judge_key};
pub use lending::{COPY_ROLE, KeyGrant, Lending, Lent, LetBefore, can_go_on, is_lending_due, key_grant_name, lacking};
pub use made::MadeCopy;
pub use member_finding::MemberFinding;
pub use obstacle::{NotOurs, PublicObstacle};
pub(crate) use pace::look_again;
pub use pace::{LastLook, Pace, When};
pub use plan::{Reach, TargetPlan, TargetStanding};
pub use resolve::{
    audience_accounts, audience_notes, audience_places, owner_notes, resolve_audience, resolve_owners, undeclared,
};
pub use shared::Shared;
pub(crate) use step::names;
pub use step::{Change, DistributionStep, Tagged};
pub use tags::{FAMILY, RELEASE};
pub use targets::{audience_in, distribution_targets};

#[cfg(test)]
mod tests;
