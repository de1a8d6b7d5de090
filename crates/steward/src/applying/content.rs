//! What Image Builder's resources say, as far as manifests say it: the same types for what is wanted and for what was read.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::manifest::{Device, InstanceProfile, InstanceType, SecurityGroupId, SubnetId};
use crate::{DistributionConfigurationArn, InfrastructureConfigurationArn, RecipePattern, Region};

/// A component's document and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ComponentContent {
    /// `Linux`, `Windows` or `macOS`.
    pub platform: String,
    /// The document.
    pub data: String,
}

/// A recipe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecipeContent {
    /// What it is, for people.
    pub description: Option<String>,
    /// As Image Builder takes it: an AMI, an image's ARN, or `ssm:` and a parameter.
    pub parent: String,
    /// In their order, tests last.
    pub components: Vec<ComponentUse>,
    /// The image's volumes.
    pub volumes: Vec<VolumeContent>,
    /// What the build instance does when it starts.
    pub user_data: Option<String>,
    /// Where components work.
    pub working_directory: Option<String>,
    /// Tags of the image that is made.
    pub ami_tags: BTreeMap<String, String>,
    /// What else somebody has set, by its member's name: wanted is nothing.
    pub others: Vec<String>,
}

/// A recipe of container images.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ContainerRecipeContent {
    /// What it is, for people.
    pub description: Option<String>,
    /// An image of a registry, or an image's ARN.
    pub base: String,
    /// `Linux` or `Windows`, of an image of a registry; Image Builder knows its own.
    pub platform: Option<String>,
    /// In their order, tests last.
    pub components: Vec<ComponentUse>,
    /// The Dockerfile's template.
    pub dockerfile: String,
    /// Where images are pushed to.
    pub repository: String,
    /// By which key the template is encrypted.
    pub kms_key: Option<String>,
    /// Where components work.
    pub working_directory: Option<String>,
    /// What else somebody has set, by its member's name: wanted is nothing.
    pub others: Vec<String>,
}

/// A component in a recipe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ComponentUse {
    /// Its ARN, perhaps with wildcards.
    pub arn: String,
    /// Values for its parameters.
    pub parameters: Vec<Parameter>,
}

/// A value for a parameter of a component or workflow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Parameter {
    /// The parameter.
    pub name: String,
    /// Its values.
    pub values: Vec<String>,
}

/// A volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VolumeContent {
    /// What the image calls it.
    pub device: Device,
    /// In GiB.
    pub size: Option<i32>,
    /// `gp3` and so on.
    pub kind: Option<String>,
    /// Whether it is encrypted.
    pub encrypted: Option<bool>,
    /// By which key.
    pub kms_key: Option<String>,
    /// Its IOPS.
    pub iops: Option<i32>,
    /// Its throughput.
    pub throughput: Option<i32>,
    /// Whether it goes with the instance.
    pub delete_on_termination: Option<bool>,
}

/// An infrastructure configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InfrastructureContent {
    /// What it is, for people.
    pub description: Option<String>,
    /// Empty: Image Builder chooses.
    pub instance_types: Vec<InstanceType>,
    /// What builds may do.
    pub instance_profile: InstanceProfile,
    /// Where they run.
    pub subnet: Option<SubnetId>,
    /// Their security groups.
    pub security_groups: Vec<SecurityGroupId>,
    /// Where their logs go.
    pub logs: Option<LogBucket>,
    /// The key pair to look into a failed one.
    pub key_pair: Option<String>,
    /// Whether the instance of a failed build is ended.
    pub terminate_on_failure: bool,
    /// Who is told.
    pub topic: Option<String>,
    /// The metadata service.
    pub metadata: MetadataContent,
    /// On whose hardware.
    pub placement: Option<PlacementContent>,
    /// Tags of instances and volumes.
    pub resource_tags: BTreeMap<String, String>,
}

/// Where logs go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogBucket {
    /// The bucket.
    pub bucket: String,
    /// Before each name.
    pub prefix: Option<String>,
}

/// The instance metadata service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MetadataContent {
    /// `required` or `optional`.
    pub tokens: Option<String>,
    /// How many hops its answers may take.
    pub hops: Option<i32>,
}

/// On whose hardware builds run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlacementContent {
    /// `default`, `dedicated` or `host`.
    pub tenancy: Option<String>,
    /// The availability zone.
    pub zone: Option<String>,
    /// The host.
    pub host: Option<String>,
    /// The resource group of hosts.
    pub host_resource_group: Option<String>,
}

/// A distribution configuration: only what must be said while Image Builder makes the image. The rest is our function's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DistributionContent {
    /// What it is, for people.
    pub description: Option<String>,
    /// The hub's Region.
    pub regions: Vec<RegionContent>,
}

/// One Region of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegionContent {
    /// Which.
    pub region: Region,
    /// Tags of the image there.
    pub ami_tags: BTreeMap<String, String>,
    /// Licence configurations of the image there.
    pub licences: Vec<String>,
    /// What else somebody has set there, by its member's name: wanted is nothing.
    pub others: Vec<String>,
}

/// A pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PipelineContent {
    /// What it is, for people.
    pub description: Option<String>,
    /// What it builds by.
    pub recipe: RecipePattern,
    /// What it builds on.
    pub infrastructure: InfrastructureConfigurationArn,
    /// Where it brings it.
    pub distribution: Option<DistributionConfigurationArn>,
    /// Whether tests run.
    pub tests: bool,
    /// Whether packages are listed.
    pub enhanced_metadata: bool,
    /// How it is scanned.
    pub scanning: Option<ScanningContent>,
    /// The workflows in place of Image Builder's own.
    pub workflows: Vec<WorkflowUse>,
    /// The role they run as.
    pub execution_role: Option<String>,
    /// Tags of the Image Builder image.
    pub image_tags: BTreeMap<String, String>,
    /// Whether it may be started.
    pub enabled: bool,
    /// A schedule somebody gave it: ours starts builds, so it has none.
    pub schedule: Option<String>,
    /// What else somebody has set, by its member's name: wanted is nothing.
    pub others: Vec<String>,
}

/// How what was built is scanned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScanningContent {
    /// Whether it is.
    pub enabled: bool,
    /// Where container images are scanned.
    pub repository: Option<String>,
    /// The tags they get there.
    pub tags: Vec<String>,
}

/// A workflow in a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkflowUse {
    /// Its ARN, perhaps with wildcards.
    pub arn: String,
    /// Values for its parameters.
    pub parameters: Vec<Parameter>,
    /// `ABORT` or `CONTINUE`.
    pub on_failure: Option<String>,
    /// Those of one group run side by side.
    pub group: Option<String>,
}
