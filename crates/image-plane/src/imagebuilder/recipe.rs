//! Image recipes: a parent, components and volumes under a version that never changes.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::arn::{Arn, Kind, Owner, Place, Version, normalise};
use super::check::{self, MOST_TAGS, TagMap};
use super::component::{self, Platform, lists_amazon};
use super::errors::{depended_on, dry_run, exists, invalid, not_found, quota};
use super::parent;
use super::request::Input;
use crate::ec2::devices::{Change, EbsWish, Wish};
use crate::ec2::image::VolumeKind;
use crate::ec2::volume_limits;
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

/// Components of one recipe, and recipes of an account in a Region.
const MOST_COMPONENTS: usize = 20;
const MOST_RECIPES: usize = 1000;

/// A component as a recipe asks for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Part {
    pub(crate) component_arn: String,
    parameters: Option<Vec<PartParameter>>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PartParameter {
    name: String,
    value: Vec<String>,
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
struct InstanceConfiguration {
    systems_manager_agent: Option<Agent>,
    user_data_override: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Agent {
    uninstall_after_build: Option<bool>,
}

/// A version of a recipe.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) name: String,
    pub(crate) version: Version,
    pub(crate) description: Option<String>,
    pub(crate) components: Option<Vec<Part>>,
    pub(crate) parent_image: String,
    pub(crate) mappings: Option<Vec<Mapping>>,
    pub(crate) tags: TagMap,
    working_directory: Option<String>,
    instance: Option<InstanceConfiguration>,
    pub(crate) ami_tags: Option<TagMap>,
    pub(crate) platform: Platform,
    created: Time,
}

impl Recipe {
    pub(crate) fn arn(&self, target: Target) -> Arn {
        Arn::of_version(target, Kind::Recipe, &normalise(&self.name), self.version)
    }

    /// The recipe as `GetImageRecipe` and `GetImage` show it. `type` is documented as never returned.
    pub(crate) fn describe(&self, target: Target) -> Value {
        json!({
            "arn": self.arn(target).to_string(),
            "name": self.name,
            "description": self.description,
            "platform": self.platform,
            "owner": target.account.to_string(),
            "version": self.version.to_string(),
            "components": self.components,
            "parentImage": self.parent_image,
            "blockDeviceMappings": self.mappings,
            "dateCreated": self.created.to_string(),
            "tags": self.tags,
            "workingDirectory": self.working_directory,
            "additionalInstanceConfiguration": self.instance,
            "amiTags": self.ami_tags,
        })
    }

    pub(crate) const fn created(&self) -> Time {
        self.created
    }
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
    if request.semantic_version.contains('x') {
        return Err(ApiError::not_modelled(
            "a wildcard in semanticVersion: which version comes first is not documented",
        ));
    }
    let version = Version::read("semanticVersion", &request.semantic_version)?;
    let mappings = request.block_device_mappings.iter().flatten();
    mappings
        .enumerate()
        .try_for_each(|(at, mapping)| check_mapping(at, mapping))?;

    let target = caller.target;
    // "You must have access to the AMI", a parameter's too: a parent that cannot be resolved yet is no parent.
    let parent = parent::resolve(world, target, &request.parent_image).map_err(|why| invalid("parentImage", why))?;
    check_parts(world, target, request.components.as_deref(), parent.platform)?;
    let name = normalise(&request.name);
    let shelf = world.builder.shelf(target);
    if shelf.recipes.contains_key(&(name.clone(), version)) {
        return Err(exists(
            "ImageRecipe",
            Arn::of_version(target, Kind::Recipe, &name, version),
        ));
    }
    if shelf.recipes.len() >= MOST_RECIPES {
        return Err(quota(format!(
            "You have reached your quota of {MOST_RECIPES} image recipes."
        )));
    }
    if request.dry_run == Some(true) {
        return Err(dry_run());
    }
    let recipe = Recipe {
        name: request.name,
        version,
        description: request.description,
        components: request.components,
        parent_image: request.parent_image,
        mappings: request.block_device_mappings,
        tags: request.tags.unwrap_or_default(),
        working_directory: request.working_directory,
        instance: request.additional_instance_configuration,
        ami_tags: request.ami_tags,
        platform: parent.platform,
        created: world.now,
    };
    let arn = recipe.arn(target);
    world.builder.shelf_mut(target).recipes.insert((name, version), recipe);
    Ok(json!({ "imageRecipeArn": arn.to_string(), "latestVersionReferences": arn.latest_references() }))
}

/// Components must exist, suit the platform, come once each, and get the parameters they ask for and no others.
fn check_parts(world: &World, target: Target, parts: Option<&[Part]>, platform: Platform) -> Result<(), ApiError> {
    let Some(parts) = parts else { return Ok(()) };
    if parts.is_empty() {
        return Err(invalid("components", "A list of components must not be empty."));
    }
    if parts.len() > MOST_COMPONENTS {
        return Err(quota(format!(
            "A recipe can have at most {MOST_COMPONENTS} components."
        )));
    }
    let mut seen: Vec<(Owner, String)> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let parameter = format!("components[{at}].componentArn");
        let arn = Arn::read(&parameter, &part.component_arn, Kind::Component)?;
        let (found, component) =
            component::find(world, target, &arn).map_err(|error| invalid(&parameter, error.message))?;
        if component.platform != platform {
            return Err(invalid(
                &parameter,
                format_args!(
                    "The component is for {}, the parent image for {}.",
                    component.platform.name(),
                    platform.name()
                ),
            ));
        }
        if seen
            .iter()
            .any(|(owner, name)| (*owner, name) == (found.owner, &found.name))
        {
            return Err(invalid(
                &parameter,
                "A component can be specified only once in a recipe.",
            ));
        }
        seen.push((found.owner, found.name));
        let given = part.parameters.as_deref().unwrap_or_default();
        let known = &component.document.parameters;
        if let Some(other) = given
            .iter()
            .find(|given| !known.iter().any(|known| known.name == given.name))
        {
            return Err(invalid(
                &parameter,
                format_args!("The component has no parameter '{}'.", other.name),
            ));
        }
        if let Some(missing) = known
            .iter()
            .find(|known| known.default.is_none() && !given.iter().any(|given| given.name == known.name))
        {
            return Err(invalid(
                &parameter,
                format_args!("The parameter '{}' has no default and needs a value.", missing.name),
            ));
        }
    }
    Ok(())
}

fn check_mapping(at: usize, mapping: &Mapping) -> Result<(), ApiError> {
    let parameter = |member: &str| format!("blockDeviceMappings[{at}].{member}");
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

/// The newest recipe of the account that an ARN can mean.
pub(crate) fn find<'a>(world: &'a World, target: Target, arn: &Arn) -> Result<&'a Recipe, ApiError> {
    let arn = arn.clone().at_home(target)?;
    let fitting = world
        .builder
        .shelf(target)
        .recipes
        .iter()
        .filter(|((name, version), _)| arn.matches(&(name.clone(), *version, 0)));
    fitting
        .map(|(_, recipe)| recipe)
        .next_back()
        .ok_or_else(|| not_found(arn))
}

pub(crate) fn get(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let parameter = "imageRecipeArn";
    let arn = Arn::read(parameter, input.query(parameter)?, Kind::Recipe)?;
    let recipe = find(world, caller.target, &arn)?;
    Ok(
        json!({ "imageRecipe": recipe.describe(caller.target), "latestVersionReferences": recipe.arn(caller.target).latest_references() }),
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct List {
    owner: Option<String>,
}

pub(crate) fn list(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let (paging, List { owner }) = input.listing(&["name", "parentImage", "platform"])?;
    if lists_amazon(owner.as_deref())? {
        return Err(ApiError::not_modelled("recipes of the owner Amazon"));
    }
    let target = caller.target;
    let items = world
        .builder
        .shelf(target)
        .recipes
        .iter()
        .map(|((name, version), recipe)| -> (Place, &Recipe) { ((name.clone(), *version, 0), recipe) });
    let page = paging.cut(world, items, |recipe, field| match field {
        "name" => vec![recipe.name.clone()],
        "parentImage" => vec![recipe.parent_image.clone()],
        _ => vec![recipe.platform.name().to_owned()],
    })?;
    let list: Vec<Value> = page
        .items
        .into_iter()
        .map(|recipe| {
            json!({
                "arn": recipe.arn(target).to_string(), "name": recipe.name, "platform": recipe.platform, "owner": target.account.to_string(),
                "parentImage": recipe.parent_image, "dateCreated": recipe.created.to_string(), "tags": recipe.tags,
            })
        })
        .collect();
    Ok(json!({ "imageRecipeSummaryList": list, "nextToken": page.next }))
}

pub(crate) fn delete(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let parameter = "imageRecipeArn";
    let target = caller.target;
    let arn = Arn::read(parameter, input.query(parameter)?, Kind::Recipe)?.at_home(target)?;
    let key = arn
        .exact_version()
        .ok_or_else(|| invalid(parameter, "It must name an exact version."))?;
    let shelf = world.builder.shelf(target);
    if !shelf.recipes.contains_key(&key) {
        return Err(not_found(arn));
    }
    // Images keep what they were built from; only pipelines hold a recipe.
    let means = |text: &str| {
        Arn::parse(parameter, text)
            .ok()
            .and_then(|wanted| find(world, target, &wanted).ok())
            .is_some_and(|recipe| recipe.arn(target) == arn)
    };
    if shelf
        .pipelines
        .values()
        .any(|pipeline| means(&pipeline.settings.image_recipe_arn))
    {
        return Err(depended_on(arn));
    }
    world.builder.shelf_mut(target).recipes.remove(&key);
    Ok(json!({ "imageRecipeArn": arn.to_string() }))
}

#[cfg(test)]
mod tests;
