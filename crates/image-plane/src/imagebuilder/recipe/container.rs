//! Recipes of container images: a Dockerfile's template, and the repository that its images are pushed to.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::arn::{Arn, Kind};
use super::super::check::{self, MOST_TAGS, TagMap};
use super::super::component::Platform;
use super::super::errors::{invalid, request as refused};
use super::super::image::Status;
use super::super::parent;
use super::super::request::Input;
use super::ami::{Mapping, check_mapping};
use super::{Makes, Part, Recipe, check_parts, new_version, store};
use crate::ecr::name::of_uri;
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

/// What a recipe of container images says beside what every recipe says.
#[derive(Clone, Debug)]
pub(crate) struct ContainerRecipe {
    instance: Option<BuildInstance>,
    dockerfile: String,
    repository: Repository,
    kms_key: Option<String>,
    system: Option<String>,
}

/// The machine that images are built on; left out, one of the AMIs made for ECS.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BuildInstance {
    image: Option<String>,
    block_device_mappings: Option<Vec<Mapping>>,
}

/// A repository of the account's registry in the Region.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Repository {
    service: String,
    pub(crate) repository_name: String,
}

impl Repository {
    pub(crate) fn check(&self, parameter: &str) -> Result<(), ApiError> {
        check::one_of(&format!("{parameter}.service"), &self.service, &["ECR"])?;
        check::length(&format!("{parameter}.repositoryName"), &self.repository_name, 1..=1024)
    }
}

impl ContainerRecipe {
    pub(super) fn describe(&self, described: &mut Value) {
        let Self {
            instance,
            dockerfile,
            repository,
            kms_key,
            // GetContainerRecipe shows nothing of it; images do.
            system: _,
        } = self;
        described["containerType"] = json!("DOCKER");
        described["instanceConfiguration"] = json!(instance);
        described["dockerfileTemplateData"] = json!(dockerfile);
        described["targetRepository"] = json!(repository);
        described["kmsKeyId"] = json!(kms_key);
        described["encrypted"] = json!(true);
    }

    pub(super) fn instance_image(&self) -> Option<&str> {
        self.instance.as_ref()?.image.as_deref()
    }

    pub(crate) const fn repository(&self) -> &Repository {
        &self.repository
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Create {
    container_type: String,
    name: String,
    description: Option<String>,
    semantic_version: String,
    components: Option<Vec<Part>>,
    instance_configuration: Option<BuildInstance>,
    dockerfile_template_data: Option<String>,
    dockerfile_template_uri: Option<String>,
    platform_override: Option<Platform>,
    image_os_version_override: Option<String>,
    parent_image: String,
    tags: Option<TagMap>,
    working_directory: Option<String>,
    target_repository: Repository,
    kms_key_id: Option<String>,
    #[serde(rename = "clientToken")]
    _client_token: String,
    dry_run: Option<bool>,
}

pub(crate) fn create(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let request: Create = input.body()?;
    let target = caller.target;
    check::one_of("containerType", &request.container_type, &["DOCKER"])?;
    check::name(&request.name)?;
    check::description("description", request.description.as_deref())?;
    check::tags("tags", request.tags.as_ref(), MOST_TAGS)?;
    check::length("parentImage", &request.parent_image, 1..=1024)?;
    if let Some(key) = &request.kms_key_id {
        check::kms_key("kmsKeyId", key)?;
        if !key.starts_with("arn:") {
            return Err(invalid("kmsKeyId", "It must be the ARN of a key or of an alias."));
        }
    }
    let version = new_version(&request.semantic_version)?;
    let mappings = request.instance_configuration.iter();
    mappings
        .flat_map(|instance| instance.block_device_mappings.iter().flatten())
        .enumerate()
        .try_for_each(|(at, mapping)| check_mapping("instanceConfiguration.blockDeviceMappings", at, mapping))?;
    let dockerfile = match (request.dockerfile_template_data, request.dockerfile_template_uri) {
        (Some(data), None) => data,
        (None, Some(_)) => return Err(ApiError::not_modelled("a Dockerfile template in S3")),
        _ => {
            return Err(refused(
                "Exactly one of 'dockerfileTemplateData' and 'dockerfileTemplateUri' must be given.",
            ));
        }
    };
    check_template(&dockerfile, request.components.is_some())?;
    request.target_repository.check("targetRepository")?;
    let repository = &request.target_repository.repository_name;
    if !world.registries.exists(target, repository) {
        let why = format!(
            "The repository '{repository}' does not exist in the registry of {} in {}.",
            target.account, target.region
        );
        return Err(invalid("targetRepository.repositoryName", why));
    }
    let base = look_up(world, target, &request.parent_image, request.platform_override)
        .map_err(|why| invalid("parentImage", why))?;
    let Some(platform) = base.platform else {
        return Err(ApiError::not_modelled(
            "a base from a registry without platformOverride: how its platform is found is not documented",
        ));
    };
    if platform == Platform::MacOs {
        return Err(invalid(
            "platformOverride",
            "Container recipes support only Linux and Windows.",
        ));
    }
    check_parts(world, target, request.components.as_deref(), platform)?;
    let recipe = Recipe {
        name: request.name,
        version,
        description: request.description,
        components: request.components,
        parent_image: request.parent_image,
        tags: request.tags.unwrap_or_default(),
        working_directory: request.working_directory,
        platform,
        created: world.now,
        makes: Makes::Container(ContainerRecipe {
            instance: request.instance_configuration,
            dockerfile,
            repository: request.target_repository,
            kms_key: request.kms_key_id,
            system: request.image_os_version_override,
        }),
    };
    store(world, target, recipe, request.dry_run)
}

/// The placeholders that Image Builder fills in; without one that is needed the recipe is none.
fn check_template(dockerfile: &str, has_components: bool) -> Result<(), ApiError> {
    const DATA: &str = "dockerfileTemplateData";
    check::length(DATA, dockerfile, 1..=16_000)?;
    let holds = |wanted: &str| {
        let mut variables = dockerfile
            .split("{{{")
            .skip(1)
            .filter_map(|rest| rest.split_once("}}}"));
        variables.any(|(variable, _)| variable.trim() == wanted)
    };
    let mut needed = vec!["imagebuilder:parentImage"];
    if has_components {
        needed.push("imagebuilder:environments");
    }
    match needed.into_iter().find(|wanted| !holds(wanted)) {
        Some(missing) => Err(invalid(
            DATA,
            format_args!("The contextual variable '{{{{{{ {missing} }}}}}}' is required."),
        )),
        None => Ok(()),
    }
}

/// What a container image is built on.
pub(crate) struct Base {
    /// As a finished build shows it: a build of Image Builder's concrete, a registry's image as it was asked for.
    pub(crate) shown: String,
    pub(crate) platform: Option<Platform>,
    pub(crate) system: Option<String>,
}

/// Image Builder looks into no registry when the recipe is made: what `docker pull` cannot find, the build finds out.
fn look_up(world: &World, target: Target, text: &str, platform: Option<Platform>) -> Result<Base, String> {
    if !text.starts_with("arn:") {
        return Ok(Base {
            shown: text.to_owned(),
            platform,
            system: None,
        });
    }
    let arn = Arn::read("parentImage", text, Kind::Image)
        .and_then(|arn| arn.at_home(target))
        .map_err(|error| error.message)?;
    let (place, image) =
        parent::newest(world, target, &arn).ok_or_else(|| format!("The image '{arn}' does not exist."))?;
    if !matches!(image.status, Status::Available | Status::Deprecated) {
        return Err(format!("The image '{arn}' is {}.", image.status));
    }
    if image.containers.is_empty() {
        return Err(format!("The image '{arn}' is not a container image."));
    }
    Ok(Base {
        shown: Arn::of_build(target, Kind::Image, place).to_string(),
        platform: Some(image.recipe.platform),
        system: image.os_version.clone(),
    })
}

/// What a build finds of its recipe's base.
pub(crate) fn base(world: &World, target: Target, recipe: &Recipe) -> Result<Base, String> {
    let mut base = look_up(world, target, &recipe.parent_image, Some(recipe.platform))?;
    if let (None, Makes::Container(container)) = (&base.system, &recipe.makes) {
        base.system.clone_from(&container.system);
    }
    Ok(base)
}

/// Pulls a base from the account's own registries, where it is there. Others are taken to have what they are asked for.
pub(crate) fn pull(world: &mut World, target: Target, base: &str) -> Result<(), String> {
    let uri = if base.starts_with("arn:") {
        built(world, target, base).ok_or_else(|| format!("The image '{base}' does not exist."))?
    } else {
        base.to_owned()
    };
    let own = of_uri(&uri).is_some_and(|(home, ..)| home.account == target.account);
    if own && !world.pull_container(&uri) {
        // Docker's words.
        return Err(format!(
            "manifest for {uri} not found: manifest unknown: Requested image not found"
        ));
    }
    Ok(())
}

/// Where a build's container image can be pulled from in its own Region.
fn built(world: &World, target: Target, build: &str) -> Option<String> {
    let place = Arn::read("parentImage", build, Kind::Image).ok()?.place()?;
    let image = world.builder.shelf(target).images.get(&place)?;
    let pushed = image.containers.iter().find(|pushed| pushed.target == target)?;
    pushed.uris.first().cloned()
}

#[cfg(test)]
mod tests;
