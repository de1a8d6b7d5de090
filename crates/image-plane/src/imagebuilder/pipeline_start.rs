//! Starting builds: from a pipeline, or from a recipe at once.

use serde::Deserialize;
use serde_json::{Value, json};

use super::arn::{Arn, Kind};
use super::build::{self, Order};
use super::check::{self, MOST_TAGS, TagMap};
use super::errors::{not_found, request as refused};
use super::pipeline::{Scanning, Tests, check_references, one_recipe};
use super::recipe;
use super::request::Input;
use super::workflow;
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Start {
    image_pipeline_arn: String,
    tags: Option<TagMap>,
    #[serde(rename = "clientToken")]
    _client_token: String,
}

/// Starts a pipeline, a disabled one too: disabling stops only the schedule.
pub(crate) fn start(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let request: Start = input.body()?;
    check::tags("tags", request.tags.as_ref(), MOST_TAGS)?;
    let target = caller.target;
    let arn = Arn::read("imagePipelineArn", &request.image_pipeline_arn, Kind::Pipeline)?.at_home(target)?;
    let pipeline = world
        .builder
        .shelf(target)
        .pipelines
        .get(&arn.name)
        .ok_or_else(|| not_found(&arn))?;
    let settings = &pipeline.settings;
    let order = Order {
        tests: Tests::settle(settings.image_tests_configuration.clone())?,
        scanning: settings.image_scanning_configuration.clone(),
        enhanced: settings.enhanced_image_metadata_enabled != Some(false),
        workflows: workflow::resolved(world, target, settings.workflows.as_deref()),
        execution_role: settings.execution_role.clone(),
        log_group: settings
            .logging_configuration
            .as_ref()
            .and_then(|logging| logging.image_log_group_name.clone()),
        pipeline: Some(arn.to_string()),
        // The pipeline's own imageTags are for scheduled builds.
        tags: request.tags.unwrap_or_default(),
        ..gather(
            world,
            target,
            settings.recipe_arn(),
            &settings.infrastructure_configuration_arn,
            settings.distribution_configuration_arn.as_deref(),
        )?
    };
    let place = build::start(world, target, order)?;
    Ok(json!({ "imageBuildVersionArn": Arn::of_build(target, Kind::Image, &place).to_string() }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateImage {
    image_recipe_arn: Option<String>,
    container_recipe_arn: Option<String>,
    distribution_configuration_arn: Option<String>,
    infrastructure_configuration_arn: String,
    image_tests_configuration: Option<Tests>,
    enhanced_image_metadata_enabled: Option<bool>,
    tags: Option<TagMap>,
    #[serde(rename = "clientToken")]
    _client_token: String,
    image_scanning_configuration: Option<Scanning>,
    execution_role: Option<String>,
    logging_configuration: Option<ImageLogging>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ImageLogging {
    log_group_name: Option<String>,
}

/// Builds a recipe without a pipeline; the image has no `sourcePipelineArn`.
pub(crate) fn create_image(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let request: CreateImage = input.body()?;
    check::tags("tags", request.tags.as_ref(), MOST_TAGS)?;
    let target = caller.target;
    let (recipe, kind) = one_recipe(
        request.image_recipe_arn.as_deref(),
        request.container_recipe_arn.as_deref(),
    )?;
    let (infrastructure, distribution) = (
        &request.infrastructure_configuration_arn,
        request.distribution_configuration_arn.as_deref(),
    );
    check_references(world, target, (recipe, kind), infrastructure, distribution)?;
    let tests = Tests::settle(request.image_tests_configuration)?;
    Scanning::check(request.image_scanning_configuration.as_ref(), &tests)?;
    let log_group = request.logging_configuration.and_then(|logging| logging.log_group_name);
    if request.execution_role.is_none()
        && log_group
            .as_ref()
            .is_some_and(|name| !name.starts_with("/aws/imagebuilder/"))
    {
        return Err(refused(
            "A log group outside of /aws/imagebuilder/ needs an executionRole.",
        ));
    }
    let order = Order {
        tests,
        scanning: request.image_scanning_configuration,
        enhanced: request.enhanced_image_metadata_enabled != Some(false),
        execution_role: request.execution_role,
        log_group,
        tags: request.tags.unwrap_or_default(),
        ..gather(world, target, recipe, infrastructure, distribution)?
    };
    let arn = Arn::of_build(target, Kind::Image, &build::start(world, target, order)?);
    Ok(json!({ "imageBuildVersionArn": arn.to_string(), "latestVersionReferences": arn.latest_references() }))
}

/// Takes copies of everything a build is made from: what changes later does not reach it.
fn gather(
    world: &World,
    target: Target,
    recipe: &str,
    infrastructure: &str,
    distribution: Option<&str>,
) -> Result<Order, ApiError> {
    let shelf = world.builder.shelf(target);
    let recipe = recipe::find(world, target, &Arn::parse("recipe", recipe)?)?.clone();
    let arn = Arn::read("infrastructureConfigurationArn", infrastructure, Kind::Infrastructure)?;
    let infrastructure = shelf
        .infrastructures
        .get(&arn.name)
        .ok_or_else(|| not_found(&arn))?
        .clone();
    let distribution = distribution
        .map(|text| Arn::read("distributionConfigurationArn", text, Kind::Distribution))
        .transpose()?;
    let distribution = distribution
        .map(|arn| {
            shelf
                .distributions
                .get(&arn.name)
                .cloned()
                .ok_or_else(|| not_found(&arn))
        })
        .transpose()?;
    Ok(Order {
        recipe,
        infrastructure,
        distribution,
        tests: Tests::settle(None)?,
        scanning: None,
        enhanced: true,
        workflows: None,
        execution_role: None,
        log_group: None,
        pipeline: None,
        tags: TagMap::new(),
    })
}
