//! Everything that speaks AWS: clients for each target, what is read there, and the record in DynamoDB.
//!
//! The only crate that names the SDK. What it hands out are the types of `steward`; what AWS says that these cannot hold
//! is a [`Problem`] that names the call and the target.

mod access;
mod adopting;
mod answered;
mod apply;
mod aws;
mod bin_rules;
mod bucket;
mod builder;
mod building;
mod builds;
mod bus;
mod consumers;
mod containers;
mod details;
mod distribution;
mod evidence;
mod grants;
mod identity;
mod images;
mod in_transaction;
mod keys;
mod organizations;
mod outputs;
mod pace;
mod pages;
mod problem;
mod pruning;
mod publication;
mod queue;
mod record;
mod recycled;
mod slow_down;
mod snapshots;
mod switch;
mod tags;
mod topic;

pub use access::MemberAccess;
pub use adopting::{Adopter, AdoptionDone, AdoptionProgress};
pub use apply::{Applier, ApplyError, FamilyInput, Progress};
pub use aws::{AtTarget, Aws};
pub use bucket::Bucket;
pub use builder::{Deletion, HeldPipeline, PipelineStanding};
pub use building::{PlannedBuilds, foresee, plan_builds};
pub use builds::BuildSummary;
pub use bus::Bus;
pub use details::Told;
pub use distribution::{Decided, FamilyThere, TargetThere};
pub use evidence::{HoldingParameter, ReadParameters, ReadTemplate};
pub use identity::{Caller, CallerError};
pub use images::{ImagesOf, Odd};
pub use organizations::Organizations;
pub use pace::{NoShare, Pace, Share};
pub use problem::{Cause, Problem};
pub use pruning::LeftLook;
pub use queue::{Work, WorkQueue};
pub use record::{
    Acceptance, Applied, AppliedManifest, Around, Begun, Carried, DISTRIBUTION_LOST, Entry, GatheringEnd, HeldAudience,
    HeldContainer, HeldFamily, HeldPlacement, HeldReach, HeldRest, HeldSnapshot, HeldUse, Hold, Holding, Kept,
    KeptReports, LastNews, LateScan, Lease, Leased, Linked, Member, OpenStep, Parent, Placed, Pruned, Record, Refused,
    Span, Stored, TakenAt, Unreadable, UsedImage, Whereabouts, Written, families_of, is_tombstone,
};
pub use recycled::Recycled;
/// The tag that makes a thing ours.
pub use steward::distribution::FAMILY;
pub use switch::{FirstValue, Switch, SwitchState};
pub use topic::Topic;
