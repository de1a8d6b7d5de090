use std::collections::BTreeMap;

use super::content::{
    ComponentContent, ComponentUse, ContainerRecipeContent, DistributionContent, InfrastructureContent, LogBucket,
    MetadataContent, Parameter, PlacementContent, RecipeContent, RegionContent, ScanningContent, VolumeContent,
    WorkflowUse,
};
use crate::distribution::FAMILY;
use crate::manifest::{
    Build, Bump, Component, Container, FilePath, Infrastructure, List, Manifest, Map, ParameterKey, Parent, Platform,
    Tenancy, Text, Volume,
};
use crate::{Architecture, FamilyName, Partition, ResourceName, Target};

/// What Image Builder should hold for a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The family.
    pub family: FamilyName,
    /// Where: the hub.
    pub hub: Target,
    /// Which part of a version rises.
    pub bump: Bump,
    /// Components of its own.
    pub components: Vec<WantedComponent>,
    /// A pipeline for each architecture.
    pub lines: Vec<WantedLine>,
}

/// A component of a family's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedComponent {
    /// Its name, derived from the family's and the file's.
    pub name: ResourceName,
    /// Its content.
    pub content: ComponentContent,
}

/// What one architecture needs. All of it has one name: `web-x86-64`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedLine {
    /// The architecture.
    pub architecture: Architecture,
    /// The name of recipe, configurations and pipeline.
    pub name: ResourceName,
    /// Its recipe. Components of the family's own stand in it by name: which version is for the plan to say.
    pub recipe: WantedRecipe,
    /// Which of the recipe's components are the family's own.
    pub own: BTreeMap<usize, ResourceName>,
    /// What it builds on.
    pub infrastructure: InfrastructureContent,
    /// What must be said while the image is made; of a container image the recipe says all.
    pub distribution: Option<DistributionContent>,
    /// What the pipeline says besides.
    pub pipeline: PipelineSettings,
}

/// What an architecture is built by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WantedRecipe {
    /// A recipe of AMIs.
    Image(RecipeContent),
    /// A recipe of container images.
    Container(ContainerRecipeContent),
}

impl WantedRecipe {
    /// What it uses, in order.
    pub const fn components_mut(&mut self) -> &mut Vec<ComponentUse> {
        match self {
            Self::Image(recipe) => &mut recipe.components,
            Self::Container(recipe) => &mut recipe.components,
        }
    }
}

/// What a pipeline says besides what it refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipelineSettings {
    pub(super) description: Option<String>,
    pub(super) image_tags: BTreeMap<String, String>,
    pub(super) enhanced_metadata: bool,
    pub(super) scanning: Option<ScanningContent>,
    pub(super) workflows: Vec<WorkflowUse>,
    pub(super) execution_role: Option<String>,
}

/// Why a manifest that is right cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unappliable {
    /// The parent's channel has no parameter to follow.
    #[error("{family} follows the family {parent}, which is not among these manifests or publishes no parameter")]
    Parent {
        /// Which.
        family: FamilyName,
        /// Its parent.
        parent: FamilyName,
    },
    /// It names what lies in another partition of AWS than the hub.
    #[error(
        "{family}: {what} is in the partition {partition}, and the hub in {hubs}: apply it to a hub of its own there"
    )]
    OtherPartition {
        /// Which.
        family: FamilyName,
        /// What does.
        what: String,
        /// Where it lies.
        partition: Partition,
        /// Where the hub does.
        hubs: Partition,
    },
    /// Two files would become one component, or a name Image Builder does not take.
    #[error("{family}: the component of {file} would be called {name}, which {why}")]
    Component {
        /// Which.
        family: FamilyName,
        /// The file.
        file: FilePath,
        /// The name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// A file that was there when the manifest was checked.
    #[error("{family}: {file} cannot be read: {why}")]
    File {
        /// Which.
        family: FamilyName,
        /// The file.
        file: FilePath,
        /// Why.
        why: String,
    },
}

/// What Image Builder should hold for a manifest; none where it builds nothing. `parent` gives the manifest of another
/// family, `read` the content of a file that this one names.
pub fn wanted<'a>(
    manifest: &Manifest,
    hub: Target,
    parent: impl Fn(&FamilyName) -> Option<&'a Manifest>,
    mut read: impl FnMut(&FilePath) -> Result<String, String>,
) -> Result<Option<Wanted>, Unappliable> {
    let family = &manifest.family;
    let hubs = hub.region().partition();
    if let Some((what, partition)) = manifest
        .distribute
        .lies_in()
        .filter(|(_, partition)| *partition != hubs)
    {
        return Err(Unappliable::OtherPartition {
            family: family.clone(),
            what,
            partition,
            hubs,
        });
    }
    let Some(build) = &manifest.build else { return Ok(None) };
    let mut read = |file: &FilePath| {
        read(file).map_err(|why| Unappliable::File {
            family: family.clone(),
            file: file.clone(),
            why,
        })
    };
    let mut components: BTreeMap<FilePath, WantedComponent> = BTreeMap::new();
    for component in build.components.iter().chain(&build.tests) {
        let Component::File(component) = component else {
            continue;
        };
        if !components.contains_key(&component.file) {
            let name = component_name(family, &component.file, &components)?;
            let content = ComponentContent {
                platform: platform(manifest.platform).to_owned(),
                data: read(&component.file)?,
            };
            components.insert(component.file.clone(), WantedComponent { name, content });
        }
    }
    let texts = Texts {
        user_data: build.user_data.as_ref().map(&mut read).transpose()?,
        dockerfile: build
            .container
            .as_ref()
            .map(|container| read(&container.dockerfile))
            .transpose()?,
    };
    let mut lines = Vec::new();
    for architecture in &manifest.architectures {
        lines.push(line(manifest, build, *architecture, hub, &parent, &components, &texts)?);
    }
    Ok(Some(Wanted {
        family: family.clone(),
        hub,
        bump: build.next_version,
        components: components.into_values().collect(),
        lines,
    }))
}

/// What stands in the files that a manifest names besides components.
struct Texts {
    user_data: Option<String>,
    dockerfile: Option<String>,
}

/// `web-nginx` for `components/nginx.yaml` of the family web.
fn component_name(
    family: &FamilyName,
    file: &FilePath,
    others: &BTreeMap<FilePath, WantedComponent>,
) -> Result<ResourceName, Unappliable> {
    let name = file.component_name(family);
    let refused = |why: String| Unappliable::Component {
        family: family.clone(),
        file: file.clone(),
        name: name.clone(),
        why,
    };
    let parsed: ResourceName = name
        .parse()
        .map_err(|error| refused(format!("is not taken: {error}")))?;
    match others.iter().find(|(_, other)| other.name == parsed) {
        Some((other, _)) => Err(refused(format!("is that of {other} too"))),
        None => Ok(parsed),
    }
}

const fn platform(platform: Platform) -> &'static str {
    match platform {
        Platform::Linux => "Linux",
        Platform::Windows => "Windows",
        Platform::MacOs => "macOS",
    }
}

fn line<'a>(
    manifest: &Manifest,
    build: &Build,
    architecture: Architecture,
    hub: Target,
    parents: impl Fn(&FamilyName) -> Option<&'a Manifest>,
    components: &BTreeMap<FilePath, WantedComponent>,
    texts: &Texts,
) -> Result<WantedLine, Unappliable> {
    let family = &manifest.family;
    let name = ResourceName::of_line(family, architecture);
    let ours = BTreeMap::from([(FAMILY.to_owned(), family.to_string())]);
    let description = manifest.description.as_ref().map(|text| text.as_str().to_owned());
    let mut own = BTreeMap::new();
    let mut uses = Vec::new();
    for component in build.components.iter().chain(&build.tests) {
        let (arn, given) = match component {
            Component::Arn(component) => (component.arn.to_string(), &component.parameters),
            Component::File(component) => {
                if let Some(wanted) = components.get(&component.file) {
                    own.insert(uses.len(), wanted.name.clone());
                }
                (String::new(), &component.parameters)
            }
        };
        let parameters = parameters(given);
        uses.push(ComponentUse { arn, parameters });
    }
    Ok(WantedLine {
        architecture,
        name,
        recipe: match &build.container {
            Some(container) => WantedRecipe::Container(container_recipe(manifest, build, container, uses, texts, hub)),
            None => WantedRecipe::Image(RecipeContent {
                description: description.clone(),
                parent: parent(manifest, build, architecture, parents)?,
                components: uses,
                volumes: build.volumes.iter().map(volume).collect(),
                user_data: texts.user_data.clone(),
                working_directory: build.working_directory.as_ref().map(ToString::to_string),
                ami_tags: ours.clone(),
                others: Vec::new(),
            }),
        },
        own,
        infrastructure: infrastructure(&build.infrastructure, architecture, description.clone()),
        distribution: build.container.is_none().then(|| DistributionContent {
            description: description.clone(),
            regions: vec![RegionContent {
                region: hub.region(),
                ami_tags: ours.clone(),
                licences: build.licences.iter().map(ToString::to_string).collect(),
                others: Vec::new(),
            }],
        }),
        pipeline: PipelineSettings {
            description,
            image_tags: ours,
            enhanced_metadata: build.enhanced_metadata,
            scanning: build.scanning.as_ref().map(|scanning| ScanningContent {
                enabled: true,
                repository: scanning.repository.as_ref().map(ToString::to_string),
                tags: scanning.tags.iter().map(|tag| tag.as_str().to_owned()).collect(),
            }),
            workflows: build
                .workflows
                .iter()
                .map(|workflow| WorkflowUse {
                    arn: workflow.arn.to_string(),
                    parameters: parameters(&workflow.parameters),
                    on_failure: workflow.on_failure.map(|reaction| match reaction {
                        crate::manifest::OnFailure::Abort => String::from("ABORT"),
                        crate::manifest::OnFailure::Continue => String::from("CONTINUE"),
                    }),
                    group: workflow.group.as_ref().map(ToString::to_string),
                })
                .collect(),
            execution_role: build.execution_role.as_ref().map(|role| {
                let role = role.as_str();
                if role.starts_with("arn:") {
                    role.to_owned()
                } else {
                    format!("arn:{}:iam::{}:role/{role}", hub.region().partition(), hub.account())
                }
            }),
        },
    })
}

fn container_recipe(
    manifest: &Manifest,
    build: &Build,
    container: &Container,
    components: Vec<ComponentUse>,
    texts: &Texts,
    hub: Target,
) -> ContainerRecipeContent {
    let Container {
        repository,
        base,
        dockerfile: _,
        kms_key,
    } = container;
    ContainerRecipeContent {
        description: manifest.description.as_ref().map(|text| text.as_str().to_owned()),
        base: base.as_str().to_owned(),
        platform: (!base.as_str().starts_with("arn:")).then(|| platform(manifest.platform).to_owned()),
        components,
        dockerfile: texts.dockerfile.clone().unwrap_or_default(),
        repository: repository.to_string(),
        // Here Image Builder takes no bare alias and no id.
        kms_key: kms_key.as_ref().map(|key| key.arn_in(hub).to_string()),
        working_directory: build.working_directory.as_ref().map(ToString::to_string),
        others: Vec::new(),
    }
}

fn parent<'a>(
    manifest: &Manifest,
    build: &Build,
    architecture: Architecture,
    parents: impl Fn(&FamilyName) -> Option<&'a Manifest>,
) -> Result<String, Unappliable> {
    Ok(match &build.parent {
        Some(Parent::Family(parent)) => {
            let published =
                parents(&parent.family).and_then(|manifest| manifest.distribute.publish.as_ref()?.parameter.as_ref());
            let parameter = published.ok_or_else(|| Unappliable::Parent {
                family: manifest.family.clone(),
                parent: parent.family.clone(),
            })?;
            format!("ssm:{}", parameter.name(&parent.family, architecture, &parent.channel))
        }
        Some(Parent::Parameter(parent)) => format!("ssm:{}", parent.parameter.name(architecture)),
        Some(Parent::Image(parent)) => parent.image.to_string(),
        Some(Parent::Ami(parent)) => parent.ami.to_string(),
        None => String::new(),
    })
}

fn parameters(given: &Map<ParameterKey, List<Text<1024>, 1, 10>, 25>) -> Vec<Parameter> {
    given
        .iter()
        .map(|(name, values)| Parameter {
            name: name.as_str().to_owned(),
            values: values.iter().map(|value| value.as_str().to_owned()).collect(),
        })
        .collect()
}

fn volume(volume: &Volume) -> VolumeContent {
    let Volume {
        device,
        size_gb,
        kind,
        encrypted,
        kms_key,
        iops,
        throughput,
        delete_on_termination,
    } = volume;
    let whole = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    VolumeContent {
        device: device.clone(),
        size: size_gb.map(|size| whole(size.get())),
        kind: kind.map(|kind| kind.as_str().to_owned()),
        encrypted: *encrypted,
        kms_key: kms_key.as_ref().map(ToString::to_string),
        iops: iops.map(|iops| whole(iops.get())),
        throughput: throughput.map(|throughput| whole(throughput.get())),
        delete_on_termination: Some(*delete_on_termination),
    }
}

fn infrastructure(
    said: &Infrastructure,
    architecture: Architecture,
    description: Option<String>,
) -> InfrastructureContent {
    let Infrastructure {
        instance_types,
        instance_profile,
        subnet,
        security_groups,
        logs,
        key_pair,
        terminate_on_failure,
        topic,
        metadata,
        placement,
        tags,
    } = said;
    InfrastructureContent {
        description,
        instance_types: instance_types
            .iter()
            .filter(|kind| kind.architecture() == architecture)
            .cloned()
            .collect(),
        instance_profile: instance_profile.clone(),
        subnet: subnet.clone(),
        security_groups: security_groups.to_vec(),
        logs: logs.as_ref().map(|logs| {
            let (bucket, prefix) = logs.bucket_and_prefix();
            LogBucket {
                bucket: bucket.to_owned(),
                prefix: (!prefix.is_empty()).then(|| prefix.to_owned()),
            }
        }),
        key_pair: key_pair.as_ref().map(ToString::to_string),
        terminate_on_failure: *terminate_on_failure,
        topic: topic.as_ref().map(ToString::to_string),
        metadata: MetadataContent {
            tokens: Some(metadata.tokens.as_str().to_owned()),
            hops: metadata.hops.map(|hops| i32::try_from(hops.get()).unwrap_or(i32::MAX)),
        },
        placement: placement.as_ref().map(|placement| PlacementContent {
            tenancy: (placement.tenancy != Tenancy::Default).then(|| placement.tenancy.as_str().to_owned()),
            zone: placement.zone.as_ref().map(ToString::to_string),
            host: placement.host.as_ref().map(ToString::to_string),
            host_resource_group: placement.host_resource_group.as_ref().map(ToString::to_string),
        }),
        resource_tags: tags
            .iter()
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::ManifestFile;

    /// Why a family that says this of its distribution cannot be applied to a hub there.
    fn refused(distribute: &str, hub: &str) -> Option<String> {
        let text = format!(
            "family: web\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"111122223333\" }}\n  infrastructure: {{ instance_types: \
             [t3.medium], instance_profile: P }}\ndistribute: {{ {distribute} }}\n"
        );
        let read = ManifestFile::read("web.yaml", text.as_bytes());
        let file = read.file.expect("a good manifest");
        let wanted = wanted(file.manifest(), hub.parse().unwrap(), |_| None, |_| Ok(String::new()));
        wanted.err().map(|why| why.to_string())
    }

    #[test]
    fn what_lies_in_another_partition_than_the_hub_is_refused() {
        let (hub, china) = ("111122223333/eu-west-1", "111122223333/cn-north-1");
        let unit = "arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-ab12-11111111";
        let units = format!("share_with: {{ units: [\"{unit}\"] }}");
        for (distribute, what) in [("regions: { us-east-1: {} }", "us-east-1"), (&units, unit)] {
            assert_eq!(refused(distribute, hub), None);
            let why = format!(
                "web: {what} is in the partition aws, and the hub in aws-cn: apply it to a hub of its own there"
            );
            assert_eq!(refused(distribute, china), Some(why));
        }
        assert_eq!(refused("", china), None);
    }
}
