use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::kind::strip_kind;
use crate::arn::{ArnParts, region_in};
use crate::text::{deserialize, padded};
use crate::{
    ArnError, ArnKind, ArnProblem, ArnVersion, BuildVersion, Component, ContainerRecipe, DistributionConfiguration,
    Given, Image, ImageBuilderOwner, ImagePipeline, ImageRecipe, InfrastructureConfiguration, LifecyclePolicy,
    ParseError, Partition, Region, ResourceName, Unversioned, Version, VersionOrBuild, VersionPattern, WorkflowStage,
};

/// The ARN of an Image Builder resource of the kind `K`, with the kind of version `V`. Use one of its named forms,
/// such as [`ImageBuildArn`].
///
/// A pipeline may name its recipe by a wildcard; that is `ImageBuilderArn<ImageRecipe, VersionPattern>`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageBuilderArn<K, V> {
    region: Region,
    owner: ImageBuilderOwner,
    kind: K,
    name: ResourceName,
    version: V,
}

/// One build of an image: what a release is.
pub type ImageBuildArn = ImageBuilderArn<Image, BuildVersion>;
/// A version of an image, perhaps with wildcards; Image Builder takes the newest build that matches.
pub type ImageVersionArn = ImageBuilderArn<Image, VersionPattern>;
/// Either of these, as a recipe names its parent.
pub type ImageArn = ImageBuilderArn<Image, VersionOrBuild>;

/// One build of a component: what a build really ran.
pub type ComponentBuildArn = ImageBuilderArn<Component, BuildVersion>;
/// A version of a component, perhaps with wildcards.
pub type ComponentVersionArn = ImageBuilderArn<Component, VersionPattern>;
/// Either of these, as a recipe names its components.
pub type ComponentArn = ImageBuilderArn<Component, VersionOrBuild>;

/// One build of a workflow: what a build really followed.
pub type WorkflowBuildArn = ImageBuilderArn<WorkflowStage, BuildVersion>;
/// A version of a workflow, perhaps with wildcards.
pub type WorkflowVersionArn = ImageBuilderArn<WorkflowStage, VersionPattern>;
/// Either of these, as a pipeline names its workflows.
pub type WorkflowArn = ImageBuilderArn<WorkflowStage, VersionOrBuild>;

/// One version of an image recipe; recipes have no builds.
pub type ImageRecipeArn = ImageBuilderArn<ImageRecipe, Version>;
/// One version of a container recipe.
pub type ContainerRecipeArn = ImageBuilderArn<ContainerRecipe, Version>;

/// An infrastructure configuration.
pub type InfrastructureConfigurationArn = ImageBuilderArn<InfrastructureConfiguration, Unversioned>;
/// A distribution configuration.
pub type DistributionConfigurationArn = ImageBuilderArn<DistributionConfiguration, Unversioned>;
/// An image pipeline.
pub type ImagePipelineArn = ImageBuilderArn<ImagePipeline, Unversioned>;
/// A lifecycle policy.
pub type LifecyclePolicyArn = ImageBuilderArn<LifecyclePolicy, Unversioned>;

impl<K: Copy, V: Copy> ImageBuilderArn<K, V> {
    /// The ARN of these parts. The partition is the Region's.
    pub const fn new(region: Region, owner: ImageBuilderOwner, kind: K, name: ResourceName, version: V) -> Self {
        Self {
            region,
            owner,
            kind,
            name,
            version,
        }
    }

    /// The part of AWS it is in.
    pub const fn partition(&self) -> Partition {
        self.region.partition()
    }

    /// Where it is.
    pub const fn region(&self) -> Region {
        self.region
    }

    /// Whose it is.
    pub const fn owner(&self) -> &ImageBuilderOwner {
        &self.owner
    }

    /// What it is. Only a workflow's says more than the type does.
    pub const fn kind(&self) -> K {
        self.kind
    }

    /// What it is called.
    pub const fn name(&self) -> &ResourceName {
        &self.name
    }

    /// What stands behind the name.
    pub const fn version(&self) -> V {
        self.version
    }

    pub(super) fn with_version<W>(&self, version: W) -> ImageBuilderArn<K, W> {
        ImageBuilderArn {
            region: self.region,
            owner: self.owner.clone(),
            kind: self.kind,
            name: self.name.clone(),
            version,
        }
    }
}

impl<K: Copy + PartialEq> ImageBuilderArn<K, VersionPattern> {
    /// Whether Image Builder could take this build where the version, or the wildcard, is named.
    pub fn matches(&self, build: &ImageBuilderArn<K, BuildVersion>) -> bool {
        let same_resource =
            (self.region, &self.owner, self.kind, &self.name) == (build.region, &build.owner, build.kind, &build.name);
        same_resource && self.version.matches(build.version.version())
    }
}

impl<K: Copy> ImageBuilderArn<K, BuildVersion> {
    /// The version this is a build of.
    pub fn without_build(&self) -> ImageBuilderArn<K, VersionPattern> {
        self.with_version(self.version.version().into())
    }
}

impl<K: Copy> ImageBuilderArn<K, VersionOrBuild> {
    /// The build, unless a version or wildcard is named.
    pub fn as_build(&self) -> Option<ImageBuilderArn<K, BuildVersion>> {
        match self.version {
            VersionOrBuild::Build(build) => Some(self.with_version(build)),
            VersionOrBuild::Version(_) => None,
        }
    }

    /// The version or wildcard, unless a build is named.
    pub fn as_version(&self) -> Option<ImageBuilderArn<K, VersionPattern>> {
        match self.version {
            VersionOrBuild::Build(_) => None,
            VersionOrBuild::Version(version) => Some(self.with_version(version)),
        }
    }
}

impl<K: Copy> From<ImageBuilderArn<K, BuildVersion>> for ImageBuilderArn<K, VersionOrBuild> {
    fn from(arn: ImageBuilderArn<K, BuildVersion>) -> Self {
        arn.with_version(VersionOrBuild::Build(arn.version))
    }
}

impl<K: Copy> From<ImageBuilderArn<K, VersionPattern>> for ImageBuilderArn<K, VersionOrBuild> {
    fn from(arn: ImageBuilderArn<K, VersionPattern>) -> Self {
        arn.with_version(VersionOrBuild::Version(arn.version))
    }
}

impl<K: ArnKind, V: ArnVersion> fmt::Display for ImageBuilderArn<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let partition = self.region.partition();
        let Self {
            region,
            owner,
            kind,
            name,
            version,
        } = self;
        let version = fmt::from_fn(|f| version.write(f));
        padded(
            f,
            format_args!(
                "arn:{partition}:imagebuilder:{region}:{owner}:{}/{name}{version}",
                kind.segment()
            ),
        )
    }
}

impl<K: ArnKind, V: ArnVersion> fmt::Debug for ImageBuilderArn<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ImageBuilderArn({self})")
    }
}

impl<K: ArnKind, V: ArnVersion> FromStr for ImageBuilderArn<K, V> {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        parse(text).map_err(|problem| ParseError::new(text, problem))
    }
}

fn parse<K: ArnKind, V: ArnVersion>(text: &str) -> Result<ImageBuilderArn<K, V>, ArnProblem> {
    let arn = ArnParts::of("imagebuilder", text, example::<K, V>)?;
    let region = region_in(arn.partition, arn.region)?;
    let owner = arn.account.parse().map_err(ArnProblem::Owner)?;
    let (kind, rest) = strip_kind::<K>(arn.resource).ok_or_else(|| ArnProblem::Kind {
        found: Given::new(arn.resource.split_once('/').map_or(arn.resource, |(kind, _)| kind)),
        wanted: K::WANTED,
    })?;
    let (name, version) = rest
        .split_once('/')
        .map_or((rest, None), |(name, version)| (name, Some(version)));
    let name = name.parse().map_err(ArnProblem::Name)?;
    Ok(ImageBuilderArn {
        region,
        owner,
        kind,
        name,
        version: V::parse(version)?,
    })
}

fn example<K: ArnKind, V: ArnVersion>() -> String {
    let kind = K::ALL.first().map_or("", |kind| kind.segment());
    format!("arn:aws:imagebuilder:eu-west-1:111122223333:{kind}/web{}", V::EXAMPLE)
}

impl<K: ArnKind, V: ArnVersion> Serialize for ImageBuilderArn<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: ArnKind, V: ArnVersion> Deserialize<'de> for ImageBuilderArn<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(format_args!("{}{} ARN", K::NOUN, V::NOUN), deserializer)
    }
}

#[cfg(test)]
mod tests;
