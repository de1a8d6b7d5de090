use std::collections::HashMap;

use aws_sdk_imagebuilder::types as sdk;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use steward::applying::{
    ApplyStep, Before, ComponentContent, ContainerRecipeContent, Content, DistributionContent, InfrastructureContent,
    PipelineContent, RecipeContent,
};
use steward::{FamilyName, Unversioned};

use super::say;
use crate::{AtTarget, Problem};

impl AtTarget {
    /// Carries out one step of a family's plan. Repeated in the same run it is answered with what the first time made.
    pub async fn carry_out(&self, family: &FamilyName, step: &ApplyStep, run: &str) -> Result<(), Problem> {
        let doing = format!("write the {step}");
        let call = Call {
            at: self,
            step,
            token: step.token(self.target, run),
            tags: HashMap::from([(crate::FAMILY.to_owned(), family.to_string())]),
            doing,
        };
        self.builder_writes.wait().await;
        match &step.content {
            Content::Component(content) => Box::pin(call.component(content)).await,
            Content::Recipe(content) => Box::pin(call.recipe(content)).await,
            Content::ContainerRecipe(content) => Box::pin(call.container_recipe(content)).await,
            Content::Infrastructure(content) => Box::pin(call.infrastructure(content)).await,
            Content::Distribution(content) => Box::pin(call.distribution(content)).await,
            Content::Pipeline(content) => Box::pin(call.pipeline(content)).await,
        }
    }
}

struct Call<'a> {
    at: &'a AtTarget,
    step: &'a ApplyStep,
    token: String,
    tags: HashMap<String, String>,
    doing: String,
}

/// Creating and updating take the same settings, by request builders of different types.
macro_rules! create_or_update {
    ($call:ident, $create:expr, $update:expr, |$request:ident| $settings:expr) => {
        match $call.step.before {
            Before::Nothing | Before::Version(_) => {
                let $request = $create.name($call.name()).set_tags(Some($call.tags.clone()));
                $call.answered($settings.client_token(&$call.token).send().await)
            }
            Before::Same => {
                let $request = $update;
                $call.answered($settings.client_token(&$call.token).send().await)
            }
        }
    };
}

impl Call<'_> {
    fn answered<T, E>(&self, answer: Result<T, SdkError<E, HttpResponse>>) -> Result<(), Problem>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        answer
            .map(drop)
            .map_err(|error| Problem::of(&self.doing, self.at.target, &error))
    }

    fn name(&self) -> String {
        self.step.name.to_string()
    }

    fn version(&self) -> Option<String> {
        self.step.version.map(|version| version.to_string())
    }

    /// The SDK refuses to build a request that lacks what it needs: ours never does.
    fn incomplete(&self, error: &impl std::fmt::Display) -> Problem {
        Problem::not_understood(&self.doing, self.at.target, error)
    }

    async fn component(&self, content: &ComponentContent) -> Result<(), Problem> {
        let ComponentContent { platform, data } = content;
        let request = self.at.builder.create_component();
        let answer = request
            .name(self.name())
            .set_semantic_version(self.version())
            .platform(sdk::Platform::from(platform.as_str()))
            .data(data)
            .set_tags(Some(self.tags.clone()))
            .client_token(&self.token)
            .send()
            .await;
        self.answered(answer)
    }

    async fn recipe(&self, content: &RecipeContent) -> Result<(), Problem> {
        let RecipeContent {
            description,
            parent,
            components,
            volumes,
            user_data,
            working_directory,
            ami_tags,
            others: _,
        } = content;
        let components: Result<Vec<_>, _> = components.iter().map(say::component).collect();
        let components = components.map_err(|error| self.incomplete(&error))?;
        let request = self.at.builder.create_image_recipe();
        let answer = request
            .name(self.name())
            .set_description(description.clone())
            .set_semantic_version(self.version())
            .parent_image(parent)
            .set_components(say::filled(components))
            .set_block_device_mappings(say::filled(volumes.iter().map(say::volume).collect()))
            .set_additional_instance_configuration(user_data.as_deref().map(say::user_data))
            .set_working_directory(working_directory.clone())
            .set_ami_tags(Some(ami_tags.clone().into_iter().collect()))
            .set_tags(Some(self.tags.clone()))
            .client_token(&self.token)
            .send()
            .await;
        self.answered(answer)
    }

    async fn container_recipe(&self, content: &ContainerRecipeContent) -> Result<(), Problem> {
        let ContainerRecipeContent {
            description,
            base,
            platform,
            components,
            dockerfile,
            repository,
            kms_key,
            working_directory,
            others: _,
        } = content;
        let components: Result<Vec<_>, _> = components.iter().map(say::component).collect();
        let components = components.map_err(|error| self.incomplete(&error))?;
        let repository = say::repository(repository).map_err(|error| self.incomplete(&error))?;
        let request = self.at.builder.create_container_recipe();
        let answer = request
            .container_type(sdk::ContainerType::Docker)
            .name(self.name())
            .set_description(description.clone())
            .set_semantic_version(self.version())
            .parent_image(base)
            .set_platform_override(platform.as_deref().map(sdk::Platform::from))
            .set_components(say::filled(components))
            .dockerfile_template_data(dockerfile)
            .target_repository(repository)
            .set_kms_key_id(kms_key.clone())
            .set_working_directory(working_directory.clone())
            .set_tags(Some(self.tags.clone()))
            .client_token(&self.token)
            .send()
            .await;
        self.answered(answer)
    }

    async fn infrastructure(&self, content: &InfrastructureContent) -> Result<(), Problem> {
        let InfrastructureContent {
            description,
            instance_types,
            instance_profile,
            subnet,
            security_groups,
            logs: _,
            key_pair,
            terminate_on_failure,
            topic,
            metadata: _,
            placement: _,
            resource_tags,
        } = content;
        let resource_tags: HashMap<_, _> = resource_tags.clone().into_iter().collect();
        let resource_tags = Some(resource_tags).filter(|tags| !tags.is_empty());
        let arn = self
            .at
            .arn(steward::InfrastructureConfiguration, &self.step.name, Unversioned);
        let builder = &self.at.builder;
        create_or_update!(
            self,
            builder.create_infrastructure_configuration(),
            builder
                .update_infrastructure_configuration()
                .infrastructure_configuration_arn(arn),
            |request| request
                .set_description(description.clone())
                .set_instance_types(say::filled(instance_types.iter().map(ToString::to_string).collect()))
                .instance_profile_name(instance_profile.as_str())
                .set_subnet_id(subnet.as_ref().map(ToString::to_string))
                .set_security_group_ids(say::filled(security_groups.iter().map(ToString::to_string).collect()))
                .set_logging(say::logs(content))
                .set_key_pair(key_pair.clone())
                .terminate_instance_on_failure(*terminate_on_failure)
                .set_sns_topic_arn(topic.clone())
                .instance_metadata_options(say::metadata(content))
                .set_placement(say::placement(content))
                .set_resource_tags(resource_tags)
        )
    }

    async fn distribution(&self, content: &DistributionContent) -> Result<(), Problem> {
        let DistributionContent { description, regions } = content;
        let regions: Result<Vec<_>, _> = regions.iter().map(say::region).collect();
        let regions = regions.map_err(|error| self.incomplete(&error))?;
        let arn = self
            .at
            .arn(steward::DistributionConfiguration, &self.step.name, Unversioned);
        let builder = &self.at.builder;
        create_or_update!(
            self,
            builder.create_distribution_configuration(),
            builder
                .update_distribution_configuration()
                .distribution_configuration_arn(arn),
            |request| request
                .set_description(description.clone())
                .set_distributions(Some(regions))
        )
    }

    async fn pipeline(&self, content: &PipelineContent) -> Result<(), Problem> {
        let PipelineContent {
            description,
            recipe,
            infrastructure,
            distribution,
            tests,
            enhanced_metadata,
            scanning,
            workflows,
            execution_role,
            image_tags,
            enabled,
            // Ours has none of these: an update without them takes away what somebody else set.
            schedule: _,
            others: _,
        } = content;
        let workflows = say::workflows(workflows).map_err(|error| self.incomplete(&error))?;
        let status = if *enabled {
            sdk::PipelineStatus::Enabled
        } else {
            sdk::PipelineStatus::Disabled
        };
        let tests = sdk::ImageTestsConfiguration::builder()
            .image_tests_enabled(*tests)
            .build();
        let arn = self.at.arn(steward::ImagePipeline, &self.step.name, Unversioned);
        let builder = &self.at.builder;
        create_or_update!(
            self,
            builder.create_image_pipeline(),
            builder.update_image_pipeline().image_pipeline_arn(arn),
            |request| request
                .set_description(description.clone())
                .set_image_recipe_arn(recipe.image().map(ToString::to_string))
                .set_container_recipe_arn(recipe.container().map(ToString::to_string))
                .infrastructure_configuration_arn(infrastructure.to_string())
                .set_distribution_configuration_arn(distribution.as_ref().map(ToString::to_string))
                .image_tests_configuration(tests)
                .enhanced_image_metadata_enabled(*enhanced_metadata)
                .set_image_scanning_configuration(say::scanning(scanning.as_ref()))
                .set_workflows(workflows)
                .set_execution_role(execution_role.clone())
                .status(status)
                .set_image_tags(Some(image_tags.clone().into_iter().collect()))
        )
    }
}
