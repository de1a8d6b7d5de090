//! One manifest per family: what is wanted of a line of golden images, read strictly from YAML.

mod adopt;
mod build;
mod channels;
mod component;
mod diagnostic;
mod distribute;
mod document;
mod family;
mod file;
mod finding;
mod fleet;
mod pointers;
mod reference;
mod retain;
mod rules;
mod schema;
mod starter;
#[cfg(test)]
mod tests;
mod triggers;
mod words;

pub use adopt::Adopt;
pub use build::{
    Build, Component, ComponentByArn, ComponentByFile, Container, Infrastructure, Metadata, ParameterKey, Parent,
    ParentAmi, ParentFamily, ParentImage, ParentParameter, Placement, Scanning, Volume, Workflow,
};
pub use channels::{Channel, Follows, MovedByHand};
pub use diagnostic::{Diagnostic, Level};
pub use distribute::{Audience, Distribute, LaunchTemplate, Publish, RegionCopy};
pub use document::{List, Map, Number};
pub use family::Manifest;
pub use file::{FileRole, ManifestFile, NamedFile, Read};
pub use fleet::{Checked, check, check_beside};
pub use pointers::{SharedPointer, shared_pointers};
pub use reference::reference_page;
pub use retain::{Ladder, Limits, Retain};
pub use schema::json_schema;
pub use starter::{Origin, Starter};
pub use triggers::{CveTrigger, Freeze, Schedule, Triggers};
pub use words::{
    AmiOwner, Bump, ByHand, ChannelSource, Cron, CronField, Day, Device, EcrRepository, FilePath, GroupKey, GroupName,
    HostId, InstanceProfile, InstanceType, KeyPairName, LaunchTemplateId, LaunchTemplateVersions, LicenceArn,
    LogLocation, MetadataTokens, NamePattern, OnFailure, ParameterName, ParameterTemplate, PlainTagKey, Platform,
    PublishTo, ReasonKind, ResourceGroupArn, RoleName, SecurityGroupId, Severity, Share, SubnetId, TagKey, TagValue,
    Tenancy, Text, TimeZone, TopicArn, VolumeType, Wait, WorkingDirectory, Zone,
};

/// What JSON says, as YAML: for manifests that are made from something else, and read before anybody gets them.
pub(crate) fn yaml(value: &serde_json::Value) -> String {
    document::print(&document::Tree::of_json(value))
}
