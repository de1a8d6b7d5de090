use super::document::{List, Map, Number, choice, record};
use super::words::{
    AmiOwner, Bump, Device, EcrRepository, FilePath, GroupName, HostId, InstanceProfile, InstanceType, KeyPairName,
    LicenceArn, LogLocation, MetadataTokens, OnFailure, ParameterName, PlainTagKey, ResourceGroupArn, RoleName,
    SecurityGroupId, SubnetId, TagValue, Tenancy, Text, TopicArn, VolumeType, WorkingDirectory, Zone,
};
use crate::{AmiId, ChannelName, ComponentArn, FamilyName, ImageArn, KmsKeyRef, WorkflowArn};

record! {
    /// How Image Builder builds the family's images.
    pub struct Build {
        /// What the image is built on. Container images have a `container` instead.
        optional parent: Parent,
        /// What is put into the image, in this order. Components and tests together are at most 20.
        default components: List<Component, 0, 20>,
        /// How the image is tested, in this order.
        default tests: List<Component, 0, 20>,
        /// The image's volumes, where they differ from the parent's.
        default volumes: List<Volume, 0, 40>,
        /// Where and on what builds run.
        required infrastructure: Infrastructure,
        /// What makes this a family of container images.
        optional container: Container,
        /// A file with what the build instance does when it starts, in place of Image Builder's own user data.
        optional user_data: FilePath,
        /// Where components work on the build instance.
        optional working_directory: WorkingDirectory,
        /// The workflows of build and test, in place of Image Builder's own; an `execution_role` must be given with them.
        default workflows: List<Workflow, 0, 10>,
        /// The role that Image Builder runs the workflows as.
        optional execution_role: RoleName,
        /// Licence configurations that are put on each image.
        default licences: List<LicenceArn, 0, 50>,
        /// Whether Inspector scans what was built; its findings can start builds.
        optional scanning: Scanning,
        /// Whether Image Builder lists the packages of each image.
        default enhanced_metadata: bool = true,
        /// Which part of the version of a recipe or component rises when its content changed.
        default next_version: Bump = Bump::Patch,
    }
}

choice! {
    /// What an image is built on.
    pub enum Parent {
        /// A family of ours: what its channel points to when the build starts. A new parent needs no new recipe.
        Family(ParentFamily) by "family",
        /// What a parameter of Systems Manager points to when the build starts.
        Parameter(ParentParameter) by "parameter",
        /// An image of Image Builder, in one version or the newest that a wildcard stands for.
        Image(ParentImage) by "image",
        /// One AMI.
        Ami(ParentAmi) by "ami",
    }
}

record! {
    /// A family of ours as parent.
    pub struct ParentFamily {
        /// Which family.
        required family: FamilyName,
        /// What the family's channel points to.
        default channel: ChannelName = ChannelName::stable(),
    }
}

record! {
    /// A parameter as parent.
    pub struct ParentParameter {
        /// The parameter.
        required parameter: ParameterName,
        /// Whose image it must name: an image of anybody else is refused.
        required owner: AmiOwner,
    }
}

record! {
    /// An image of Image Builder as parent.
    pub struct ParentImage {
        /// Its ARN; `x` stands for the newest from there on.
        required image: ImageArn,
    }
}

record! {
    /// An AMI as parent.
    pub struct ParentAmi {
        /// Its id.
        required ami: AmiId,
        /// Whose it must be.
        required owner: AmiOwner,
    }
}

choice! {
    /// A component of Image Builder.
    pub enum Component {
        /// One that exists already: Amazon's, somebody's who shares it, or one kept by hand.
        Arn(ComponentByArn) by "arn",
        /// One of ours, beside the manifest.
        File(ComponentByFile) by "file",
    }
}

record! {
    /// A component that exists already.
    pub struct ComponentByArn {
        /// Its ARN; `x` stands for the newest from there on.
        required arn: ComponentArn,
        /// Values for its parameters.
        default parameters: Map<ParameterKey, List<Text<1024>, 1, 10>, 25>,
    }
}

record! {
    /// A component beside the manifest: when its content changes it becomes the next version by itself.
    pub struct ComponentByFile {
        /// The component document.
        required file: FilePath,
        /// Values for its parameters.
        default parameters: Map<ParameterKey, List<Text<1024>, 1, 10>, 25>,
    }
}

/// The name of a component's or workflow's parameter.
pub type ParameterKey = Text<128>;

record! {
    /// A volume of the image.
    pub struct Volume {
        /// What the image calls it.
        required device: Device,
        /// How large it is, in GiB. Left out: as large as the parent's.
        optional size_gb: Number<1, 16_000>,
        /// What kind of volume.
        optional kind as "type": VolumeType,
        /// Whether it is encrypted.
        optional encrypted: bool,
        /// By which key; an alias is the hub's.
        optional kms_key: KmsKeyRef,
        /// Its IOPS, where its type has them.
        optional iops: Number<100, 64_000>,
        /// Its throughput in MiB/s, for gp3.
        optional throughput: Number<125, 1000>,
        /// Whether it goes when an instance of the image ends.
        default delete_on_termination: bool = true,
    }
}

record! {
    /// Where and on what builds run.
    pub struct Infrastructure {
        /// Instance types to build on. Each architecture takes those that fit it; where none does, Image Builder chooses.
        required instance_types: List<InstanceType, 1, 20>,
        /// The instance profile that builds run with.
        required instance_profile: InstanceProfile,
        /// The subnet they run in; `security_groups` must be given with it. Left out: the default network.
        optional subnet: SubnetId,
        /// Their security groups.
        default security_groups: List<SecurityGroupId, 0, 16>,
        /// Where builds leave their logs.
        optional logs: LogLocation,
        /// A key pair to look into a build that failed.
        optional key_pair: KeyPairName,
        /// Whether the instance of a failed build is ended. `false` leaves it for somebody to look into, and to pay.
        default terminate_on_failure: bool = true,
        /// A topic that Image Builder tells of each build's end.
        optional topic: TopicArn,
        /// The instance metadata service of build instances.
        default metadata: Metadata,
        /// On whose hardware, and where. Image Builder has no Spot instances.
        optional placement: Placement,
        /// Tags of what builds make for themselves: instances and volumes.
        default tags: Map<PlainTagKey, TagValue, 30>,
    }
}

record! {
    /// The instance metadata service.
    pub struct Metadata: Default {
        /// Whether it wants a session token.
        default tokens: MetadataTokens = MetadataTokens::Required,
        /// How many network hops its answers may take.
        optional hops: Number<1, 64>,
    }
}

record! {
    /// On whose hardware builds run.
    pub struct Placement {
        /// Shared, of this account alone, or on a host of it.
        default tenancy: Tenancy = Tenancy::Default,
        /// The availability zone.
        optional zone: Zone,
        /// The dedicated host.
        optional host: HostId,
        /// A resource group of dedicated hosts.
        optional host_resource_group: ResourceGroupArn,
    }
}

record! {
    /// What makes a family one of container images.
    pub struct Container {
        /// The repository in the hub's registry that images are pushed to.
        required repository: EcrRepository,
        /// The image it is built on, as a Dockerfile names it, or by its Image Builder ARN.
        required base: Text<1024>,
        /// The Dockerfile's template, with Image Builder's placeholders.
        required dockerfile: FilePath,
        /// By which key the recipe is encrypted.
        optional kms_key: KmsKeyRef,
    }
}

record! {
    /// A workflow of Image Builder.
    pub struct Workflow {
        /// Its ARN; `x` stands for the newest from there on.
        required arn: WorkflowArn,
        /// Values for its parameters.
        default parameters: Map<ParameterKey, List<Text<1024>, 1, 10>, 25>,
        /// What becomes of the build when it fails.
        optional on_failure: OnFailure,
        /// Test workflows of one group run side by side.
        optional group: GroupName,
    }
}

record! {
    /// How Inspector scans what was built.
    pub struct Scanning {
        /// Container images are scanned in this repository.
        optional repository: EcrRepository,
        /// The tags they get there.
        default tags: List<Text<128>, 0, 10>,
    }
}
