//! Image Steward's pure core: its words as types, and what can be decided from them.
//!
//! Text from outside (events, manifests, the AWS APIs, the table) is parsed here once. A value of one of these types is
//! valid, prints back what was written, and travels through serde as that string. What does not parse is an error that
//! says what was given, what is wrong with it, and what would be right.
//!
//! Nothing here does I/O, knows an AWS client, or asks for the time.

pub mod adopting;
pub mod applying;
mod arn;
pub mod building;
pub mod channels;
pub mod consumers;
pub mod distribution;
mod ec2;
pub mod evidence;
mod kms;
pub mod lineage;
pub mod manifest;
mod names;
pub mod organization;
pub mod others;
mod own_event;
mod place;
pub mod pruning;
pub mod publication;
mod record;
mod release;
mod steps;
pub mod sweep;
pub mod tagging;
pub mod telling;
#[cfg(test)]
mod testing;
mod text;
mod time;
mod versions;
mod wake;

pub use arn::{
    ArnError, ArnKind, ArnProblem, ArnVersion, Component, ComponentArn, ComponentBuildArn, ComponentVersionArn,
    ContainerRecipe, ContainerRecipeArn, DistributionConfiguration, DistributionConfigurationArn, Image, ImageArn,
    ImageBuildArn, ImageBuilderArn, ImageBuilderOwner, ImagePipeline, ImagePipelineArn, ImageRecipe, ImageRecipeArn,
    ImageVersionArn, InfrastructureConfiguration, InfrastructureConfigurationArn, LifecyclePolicy, LifecyclePolicyArn,
    OrganizationArn, OrganizationId, OrganizationRootId, OrganizationalUnitArn, OrganizationalUnitId,
    OrganizationsIdError, OrganizationsIdProblem, OwnerError, OwnerProblem, RecipeArn, RecipePattern, ResourceName,
    Unversioned, VendorName, VersionOrBuild, WorkflowArn, WorkflowBuildArn, WorkflowStage, WorkflowVersionArn,
};
pub use ec2::{AmiId, Ec2IdError, Ec2IdProblem, InstanceId, SnapshotId, TemplateId};
pub use kms::{KmsAliasName, KmsKeyId, KmsKeyRef, KmsKeyRefError, KmsKeyRefProblem};
pub use names::{ChannelName, FamilyName, NameError, NameProblem};
pub use own_event::{OWN_SOURCE, OwnEvent};
pub use place::{
    AccountId, AccountIdError, AccountIdProblem, Partition, PartitionError, PartitionProblem, Region, RegionError,
    RegionProblem, Target, TargetError, TargetProblem,
};
pub use record::{
    AmiFacts, AmiState, AmiStateError, AmiStateProblem, BuildFacts, BuildFailure, BuildState, BuildStateError,
    BuildStateProblem, ComponentDifference, ComponentFailure, ContainerFacts, ContainerImage, ContainerNameError,
    ContainerOutput, ContainerPlacement, ContainerReading, ContainerState, Containers, Details, Digest, Doubt, Exposed,
    Exposure, Findings, Known, Output, Package, PackageDifference, ParentImage, Placement, Reading, Recording,
    RegionFailure, Release, RepositoryName, Scan, Settled, Standing, Unplaced, UsedComponent, Verdict, Vulnerability,
    VulnerabilityDifferences, VulnerabilityId, VulnerabilityIdError, WorkflowRun, component_differences, decide_copy,
    decide_recording, decide_standing, fingerprint, is_forgotten, package_differences, settle,
};
pub use release::{
    Architecture, ArchitectureError, ArchitectureProblem, CanonicalName, CanonicalNameError, CanonicalNameProblem,
    ReleaseId, ReleaseIdError, ReleaseIdProblem, ReleaseName, ReleaseNameError, ReleaseNameProblem, ReleaseOrder,
};
pub use steps::{Came, Intent, Worker};
pub use text::{Given, ParseError, Words, headed, plural, steers, table, with_causes};
pub use time::{Duration, DurationError, DurationProblem, Timestamp, TimestampError, TimestampProblem};
pub use versions::{
    BuildNumber, BuildNumberError, BuildNumberProblem, BuildVersion, BuildVersionError, BuildVersionProblem, Version,
    VersionError, VersionPattern, VersionProblem,
};
pub use wake::{Heard, VENDOR_TOPICS, Wake, WakeError};
