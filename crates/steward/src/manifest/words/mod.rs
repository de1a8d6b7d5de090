//! The words that only manifests use. Those of the whole system are at the crate's root.

mod account;
mod cron;
mod day;
mod file_path;
mod known;
mod ladder;
mod machine;
mod parameter;
mod policy;
mod text;
mod time_zone;

pub use account::{
    EcrRepository, InstanceProfile, KeyPairName, LaunchTemplateId, LicenceArn, LogLocation, RoleName, SecurityGroupId,
    SubnetId, TopicArn,
};
pub use cron::{Cron, CronField};
pub use day::Day;
pub use file_path::FilePath;
pub use ladder::Wait;
pub use machine::{
    Bump, Device, GroupName, HostId, InstanceType, MetadataTokens, OnFailure, Platform, ResourceGroupArn, Tenancy,
    VolumeType, WorkingDirectory, Zone,
};
pub use parameter::{ParameterName, ParameterTemplate};
pub use policy::{
    AmiOwner, ByHand, ChannelSource, GroupKey, LaunchTemplateVersions, NamePattern, PublishTo, ReasonKind, Severity,
    Share,
};
pub use text::{PlainTagKey, TagKey, TagValue, Text};
pub use time_zone::TimeZone;
