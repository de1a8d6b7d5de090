//! Recipes of AMIs: volumes, and what the build instance is told.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::check::{self, MOST_TAGS, TagMap};
use super::super::errors::invalid;
use super::super::parent;
use super::super::request::Input;
use super::{Makes, Part, Recipe, check_parts, new_version, store};
use crate::ec2::devices::{Change, EbsWish, Wish};
use crate::ec2::image::VolumeKind;
use crate::ec2::volume_limits;
use crate::ec2::watermark::{MOST_WATERMARKS, is_name};
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

/// What a recipe of AMIs says beside what every recipe says.
#[derive(Clone, Debug)]
pub(crate) struct AmiRecipe {
    pub(crate) mappings: Option<Vec<Mapping>>,
    pub(super) instance: Option<InstanceConfiguration>,
    pub(crate) ami_tags: Option<TagMap>,
    pub(crate) watermarks: Option<Vec<String>>,
}

/// A volume of the build instance, and so of the image.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Mapping {
    pub(crate) device_name: Option<String>,
    pub(crate) ebs: Option<Ebs>,
    pub(crate) virtual_name: Option<String>,
    pub(crate) no_device: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Ebs {
    pub(crate) encrypted: Option<bool>,
    pub(crate) delete_on_termination: Option<bool>,
    pub(crate) iops: Option<u32>,
    pub(crate) kms_key_id: Option<String>,
    pub(crate) volume_size: Option<u32>,
    pub(crate) volume_type: Option<String>,
    pub(crate) throughput: Option<u32>,
}

impl AmiRecipe {
    /// One that says which tags its images get, and nothing else.
    pub(super) const fn with_tags(tags: TagMap) -> Self {
        Self {
            mappings: None,
            instance: None,
            ami_tags: Some(tags),
            watermarks: None,
        }
    }

    pub(super) fn describe(&self, described: &mut Value) {
        let Self {
            mappings,
            instance,
            ami_tags,
            watermarks,
        } = self;
        described["blockDeviceMappings"] = json!(mappings);
        described["additionalInstanceConfiguration"] = json!(instance);
        described["amiTags"] = json!(ami_tags);
        described["amiWatermarks"] = json!(watermarks);
    }
}

impl Mapping {
    /// What EC2 is asked for when the build machine is launched.
    pub(crate) fn wish(&self) -> Option<Wish> {
        let change = match self {
            Self { no_device: Some(_), .. } => Change::Remove,
            Self {
                virtual_name: Some(name),
                ..
            } => Change::Instance(name.clone()),
            Self { ebs: Some(ebs), .. } => Change::Ebs(ebs.wish()),
            _ => return None,
        };
        let name = self.device_name.clone().unwrap_or_default();
        Some(Wish { name, change })
    }
}

impl Ebs {
    fn wish(&self) -> EbsWish {
        let Self {
            encrypted,
            delete_on_termination,
            iops,
            kms_key_id,
            volume_size,
            volume_type,
            throughput,
        } = self;
        EbsWish {
            snapshot: None,
            size_gib: *volume_size,
            kind: volume_type.as_deref().and_then(VolumeKind::parse),
            encrypted: *encrypted,
            key: kms_key_id.clone(),
            delete_on_termination: *delete_on_termination,
            iops: *iops,
            throughput: *throughput,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct InstanceConfiguration {
    systems_manager_agent: Option<Agent>,
    user_data_override: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Agent {
    uninstall_after_build: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Create {
    name: String,
    description: Option<String>,
    semantic_version: String,
    components: Option<Vec<Part>>,
    parent_image: String,
    block_device_mappings: Option<Vec<Mapping>>,
    tags: Option<TagMap>,
    working_directory: Option<String>,
    additional_instance_configuration: Option<InstanceConfiguration>,
    ami_tags: Option<TagMap>,
    ami_watermarks: Option<Vec<String>>,
    #[serde(rename = "clientToken")]
    _client_token: String,
    dry_run: Option<bool>,
}

pub(crate) fn create(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let request: Create = input.body()?;
    check::name(&request.name)?;
    check::description("description", request.description.as_deref())?;
    check::tags("tags", request.tags.as_ref(), MOST_TAGS)?;
    check::tags("amiTags", request.ami_tags.as_ref(), MOST_TAGS)?;
    check_watermarks(request.ami_watermarks.as_deref())?;
    let version = new_version(&request.semantic_version)?;
    let mappings = request.block_device_mappings.iter().flatten();
    mappings
        .enumerate()
        .try_for_each(|(at, mapping)| check_mapping("blockDeviceMappings", at, mapping))?;

    let target = caller.target;
    // "You must have access to the AMI", a parameter's too: a parent that cannot be resolved yet is no parent.
    let parent = parent::resolve(world, target, &request.parent_image).map_err(|why| invalid("parentImage", why))?;
    check_parts(world, target, request.components.as_deref(), parent.platform)?;
    let recipe = Recipe {
        name: request.name,
        version,
        description: request.description,
        components: request.components,
        parent_image: request.parent_image,
        tags: request.tags.unwrap_or_default(),
        working_directory: request.working_directory,
        platform: parent.platform,
        created: world.now,
        makes: Makes::Ami(AmiRecipe {
            mappings: request.block_device_mappings,
            instance: request.additional_instance_configuration,
            ami_tags: request.ami_tags,
            watermarks: request.ami_watermarks,
        }),
    };
    store(world, target, recipe, request.dry_run)
}

/// Which of the errors AWS gives each of these, it does not say.
fn check_watermarks(names: Option<&[String]>) -> Result<(), ApiError> {
    let Some(names) = names else { return Ok(()) };
    check::count("amiWatermarks", names.len(), 1..=MOST_WATERMARKS)?;
    for (at, name) in names.iter().enumerate() {
        check::length("amiWatermarks", name, 3..=128)?;
        if !is_name(name) {
            let why = format!("'{name}' has a character that watermarks do not have, or not at their ends.");
            return Err(invalid("amiWatermarks", why));
        }
        if names[..at].contains(name) {
            return Err(invalid("amiWatermarks", format_args!("'{name}' comes twice.")));
        }
    }
    Ok(())
}

pub(super) fn check_mapping(list: &str, at: usize, mapping: &Mapping) -> Result<(), ApiError> {
    let parameter = |member: &str| format!("{list}[{at}].{member}");
    if mapping.device_name.is_none() {
        return Err(invalid(parameter("deviceName"), "It is missing."));
    }
    let Some(ebs) = &mapping.ebs else { return Ok(()) };
    let within = |member: &str, value: Option<u32>, range: std::ops::RangeInclusive<u32>| match value {
        Some(value) if !range.contains(&value) => Err(invalid(
            parameter(member),
            format_args!("{value} is not between {} and {}.", range.start(), range.end()),
        )),
        _ => Ok(()),
    };
    // Image Builder's own bounds are those of old, closer than EC2's of today.
    within("ebs.volumeSize", ebs.volume_size, 1..=16_000)?;
    within("ebs.iops", ebs.iops, 100..=64_000)?;
    within("ebs.throughput", ebs.throughput, 125..=1000)?;
    if let Some(kind) = &ebs.volume_type {
        check::one_of(
            &parameter("ebs.volumeType"),
            kind,
            &["standard", "io1", "io2", "gp2", "gp3", "sc1", "st1"],
        )?;
    }
    // What the mapping says of its own is judged now, in words nobody has documented; what it leaves to the parent, EC2
    // judges at the launch of the build machine.
    if let Some(kind) = ebs.volume_type.as_deref().and_then(VolumeKind::parse) {
        let device = mapping.device_name.as_deref().unwrap_or_default();
        volume_limits::check(device, kind, ebs.volume_size, ebs.iops, ebs.throughput)
            .map_err(|error| invalid(parameter("ebs"), error.message))?;
    }
    if ebs.kms_key_id.is_some() && ebs.encrypted != Some(true) {
        return Err(invalid(
            parameter("ebs.kmsKeyId"),
            "A KMS key needs 'encrypted' to be true.",
        ));
    }
    Ok(())
}
