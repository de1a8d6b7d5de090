//! Image pipelines: a recipe, where to build it, where to bring it, and a schedule that is kept and not run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::arn::{Arn, Kind};
use super::check::{self, MOST_TAGS, TagMap};
use super::component::Platform;
use super::errors::{invalid, request as refused};
use super::named::{self, Named, Words};
use super::recipe;
use super::schedule::Schedule;
use super::state::Shelf;
use super::workflow;
use crate::wire::error::ApiError;
use crate::world::{Target, World};

/// An image pipeline. Deleting it leaves its images, and a build that runs goes on.
pub(crate) type Pipeline = Named<Settings>;

/// Which workflows it has is kept and shown; every build walks the same way.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Settings {
    description: Option<String>,
    image_recipe_arn: Option<String>,
    container_recipe_arn: Option<String>,
    pub(crate) infrastructure_configuration_arn: String,
    pub(crate) distribution_configuration_arn: Option<String>,
    pub(crate) image_tests_configuration: Option<Tests>,
    pub(crate) enhanced_image_metadata_enabled: Option<bool>,
    schedule: Option<Schedule>,
    status: Option<String>,
    image_tags: Option<TagMap>,
    pub(crate) image_scanning_configuration: Option<Scanning>,
    pub(crate) execution_role: Option<String>,
    pub(crate) logging_configuration: Option<Logging>,
    pub(crate) workflows: Option<Vec<workflow::Use>>,
    /// The recipe's.
    #[serde(skip_deserializing)]
    platform: Option<Platform>,
}

/// Whether tests run. The time limit is kept, shown, and ignored, as AWS says it does.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Tests {
    image_tests_enabled: Option<bool>,
    timeout_minutes: Option<u32>,
}

impl Tests {
    /// What a request says, or the default, with nothing left open.
    pub(crate) fn settle(asked: Option<Self>) -> Result<Self, ApiError> {
        let (enabled, timeout) = asked.map_or((None, None), |tests| (tests.image_tests_enabled, tests.timeout_minutes));
        if timeout.is_some_and(|minutes| !(60..=1440).contains(&minutes)) {
            return Err(invalid(
                "imageTestsConfiguration.timeoutMinutes",
                "It must be between 60 and 1440.",
            ));
        }
        Ok(Self {
            image_tests_enabled: enabled.or(Some(true)),
            timeout_minutes: timeout.or(Some(720)),
        })
    }

    pub(crate) fn enabled(&self) -> bool {
        self.image_tests_enabled != Some(false)
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Scanning {
    image_scanning_enabled: Option<bool>,
    pub(super) ecr_configuration: Option<Ecr>,
}

impl Scanning {
    pub(crate) fn enabled(&self) -> bool {
        self.image_scanning_enabled == Some(true)
    }

    /// The scan looks at the test instance, so there must be one.
    pub(crate) fn check(scanning: Option<&Self>, tests: &Tests) -> Result<(), ApiError> {
        if scanning.is_some_and(Self::enabled) && !tests.enabled() {
            return Err(invalid(
                "imageScanningConfiguration",
                "Image scanning needs image tests to be enabled.",
            ));
        }
        Ok(())
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Ecr {
    pub(super) repository_name: Option<String>,
    pub(super) container_tags: Option<Vec<String>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Logging {
    pub(crate) image_log_group_name: Option<String>,
    pipeline_log_group_name: Option<String>,
}

impl Settings {
    /// The recipe it builds by, of whichever kind.
    pub(crate) fn recipe_arn(&self) -> &str {
        let recipes = [&self.image_recipe_arn, &self.container_recipe_arn];
        recipes.into_iter().flatten().next().map_or("", String::as_str)
    }
}

/// The one recipe that a request names, and the parameter in which it does.
pub(crate) fn one_recipe<'a>(image: Option<&'a str>, container: Option<&'a str>) -> Result<(&'a str, Kind), ApiError> {
    match (image, container) {
        (Some(image), None) => Ok((image, Kind::Recipe)),
        (None, Some(container)) => Ok((container, Kind::ContainerRecipe)),
        _ => Err(refused(
            "Exactly one of 'imageRecipeArn' and 'containerRecipeArn' must be given.",
        )),
    }
}

impl named::Settings for Settings {
    const KIND: Kind = Kind::Pipeline;
    const WORDS: Words = Words {
        one: "imagePipeline",
        arn: "imagePipelineArn",
        list: "imagePipelineList",
        kind: "ImagePipeline",
        several: "image pipelines",
    };
    const MOST: usize = 75;
    const FILTERS: &'static [&'static str] = &[
        "containerRecipeArn",
        "description",
        "distributionConfigurationArn",
        "imageRecipeArn",
        "infrastructureConfigurationArn",
        "name",
        "status",
    ];

    fn read(world: &World, target: Target, members: Map<String, Value>) -> Result<Self, ApiError> {
        let mut settings: Self = crate::wire::json::rest(members)?;
        check::description("description", settings.description.as_deref())?;
        check::tags("imageTags", settings.image_tags.as_ref(), MOST_TAGS)?;
        settings.platform = Some(check_references(
            world,
            target,
            one_recipe(
                settings.image_recipe_arn.as_deref(),
                settings.container_recipe_arn.as_deref(),
            )?,
            &settings.infrastructure_configuration_arn,
            settings.distribution_configuration_arn.as_deref(),
        )?);
        let tests = Tests::settle(settings.image_tests_configuration.take())?;
        Scanning::check(settings.image_scanning_configuration.as_ref(), &tests)?;
        settings.image_tests_configuration = Some(tests);
        settings.enhanced_image_metadata_enabled.get_or_insert(true);
        check::one_of(
            "status",
            settings.status.get_or_insert_with(|| String::from("ENABLED")),
            &["ENABLED", "DISABLED"],
        )?;
        workflow::check(
            world,
            target,
            settings.workflows.as_deref(),
            settings.execution_role.as_deref(),
        )?;
        if let Some(schedule) = &mut settings.schedule {
            schedule.check()?;
        }
        check_log_groups(
            settings.logging_configuration.as_ref(),
            settings.execution_role.as_deref(),
        )?;
        Ok(settings)
    }

    fn may_become(&self, next: &Self) -> Result<(), ApiError> {
        if self.image_recipe_arn.is_some() == next.image_recipe_arn.is_some() {
            return Ok(());
        }
        Err(refused(
            "The recipe must be the same type, image or container, as the pipeline's current recipe.",
        ))
    }

    fn on(shelf: &Shelf) -> &BTreeMap<String, Named<Self>> {
        &shelf.pipelines
    }

    fn on_mut(shelf: &mut Shelf) -> &mut BTreeMap<String, Named<Self>> {
        &mut shelf.pipelines
    }

    fn values(pipeline: &Named<Self>, filter: &str) -> Vec<String> {
        let Self {
            description,
            image_recipe_arn,
            container_recipe_arn,
            infrastructure_configuration_arn,
            distribution_configuration_arn,
            status,
            ..
        } = &pipeline.settings;
        match filter {
            "description" => description.iter().cloned().collect(),
            "distributionConfigurationArn" => distribution_configuration_arn.iter().cloned().collect(),
            "containerRecipeArn" => container_recipe_arn.iter().cloned().collect(),
            "imageRecipeArn" => image_recipe_arn.iter().cloned().collect(),
            "infrastructureConfigurationArn" => vec![infrastructure_configuration_arn.clone()],
            "name" => vec![pipeline.name.clone()],
            _ => status.iter().cloned().collect(),
        }
    }

    fn show(pipeline: &Named<Self>, world: &World, target: Target) -> Value {
        let arn = pipeline.arn(target).to_string();
        let images = world.builder.shelf(target).images.values();
        let last = images
            .filter(|image| image.pipeline.as_ref() == Some(&arn))
            .max_by_key(|image| image.created);
        let mut described = pipeline.describe(target);
        described["lastRunStatus"] = json!(last.map(|image| image.status.to_string()));
        // Only scheduled runs count, and none ever runs here.
        described["consecutiveFailures"] = json!(0);
        described
    }
}

fn check_log_groups(logging: Option<&Logging>, role: Option<&str>) -> Result<(), ApiError> {
    let Some(Logging {
        image_log_group_name,
        pipeline_log_group_name,
    }) = logging
    else {
        return Ok(());
    };
    let own = |name: &String| !name.starts_with("/aws/imagebuilder/");
    if role.is_none()
        && [image_log_group_name, pipeline_log_group_name]
            .into_iter()
            .flatten()
            .any(own)
    {
        return Err(refused(
            "A log group outside of /aws/imagebuilder/ needs an executionRole.",
        ));
    }
    Ok(())
}

/// Refuses a build of what does not exist, and says for which platform it is.
pub(crate) fn check_references(
    world: &World,
    target: Target,
    (recipe, kind): (&str, Kind),
    infrastructure: &str,
    distribution: Option<&str>,
) -> Result<Platform, ApiError> {
    let shelf = world.builder.shelf(target);
    let missing = |parameter: &str, arn: &Arn| invalid(parameter, format_args!("The resource '{arn}' does not exist."));
    let parameter = recipe::parameter(kind);
    let arn = Arn::read(parameter, recipe, kind)?;
    let recipe = recipe::find(world, target, &arn).map_err(|_| missing(parameter, &arn))?;
    let arn = Arn::read("infrastructureConfigurationArn", infrastructure, Kind::Infrastructure)?.at_home(target)?;
    if !shelf.infrastructures.contains_key(&arn.name) {
        return Err(missing("infrastructureConfigurationArn", &arn));
    }
    if let Some(distribution) = distribution {
        let arn = Arn::read("distributionConfigurationArn", distribution, Kind::Distribution)?.at_home(target)?;
        if !shelf.distributions.contains_key(&arn.name) {
            return Err(missing("distributionConfigurationArn", &arn));
        }
    }
    Ok(recipe.platform)
}

#[cfg(test)]
mod tests;
