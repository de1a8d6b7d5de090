//! A model of AWS's image plane: EC2 images and snapshots, Image Builder, Auto Scaling, and what they need, for many accounts and
//! Regions, on a clock it is given. It speaks the real wire protocols, so the unchanged SDK talks to it.
//!
//! It is the judge of everything else in this workspace and depends on none of it.

mod amazon;
mod autoscaling;
mod bus;
mod door;
mod dynamo;
mod ec2;
mod ecr;
mod fleet;
mod ids;
mod imagebuilder;
mod kms;
pub mod organization;
mod organizations;
mod random;
mod rbin;
mod region;
mod s3;
mod sns;
mod sqs;
mod ssm;
mod sts;
mod time;
mod wire;
mod world;

pub use door::{Authorizer, Crashed, ImagePlane, Process, Server, WorldTime, serve};
pub use dynamo::{Consumed, TableSettings, Tables};
pub use ec2::encryption::Unlaunchable;
pub use ec2::place::NewImage;
pub use ec2::recycle_bin::{BinKind, BinRule, TagOfRule};
pub use ec2::survey::{SurveyedImage, SurveyedSnapshot, SurveyedUser};
pub use ecr::push::PushError;
pub use fleet::FleetError;
pub use ids::{AccountId, ImageId, InstanceId, Malformed, SnapshotId, VolumeId};
pub use imagebuilder::{BuildFailure, BuildStage, FailureCause, RegionFailure, RegionFailureStatus};
pub use imagebuilder::{Findings, Severity, Vulnerability, VulnerablePackage};
pub use kms::{KeyArn, KeyState};
pub use organization::{Organization, OrganizationSettings};
pub use organizations::OrganizationError;
pub use region::Region;
pub use s3::StoredObject;
pub use sns::{Published, Subscriptions, TopicError};
pub use sqs::{DeduplicationScope, Fifo, QueueAddress, QueueError, QueueSettings, Redrive};
pub use sts::{PolicyError, RoleError};
pub use time::{Clock, Time, TokioClock};
pub use wire::call::Service;
pub use world::accounts::{Account, AccountState, Membership};
pub use world::events::{Channel, Delivery, EventFaults};
pub use world::faults::{Effect, Fault};
pub use world::ledger::{Counts, Ledger, Mutation};
pub use world::settings::{BuildTimes, Settings};
pub use world::{Target, World};
