use std::collections::HashMap;

use aws_sdk_imagebuilder::types as sdk;
use steward::applying::{
    ApplyStep, Before, ComponentContent, Content, DistributionContent, InfrastructureContent, PipelineContent,
    RecipeContent,
};
use steward::{FamilyName, Unversioned};

use super::say;
use crate::{AtTarget, Problem};

impl AtTarget {
    /// Carries out one step of a family's plan. Repeated, it is answered with what the first time made.
    pub async fn carry_out(&self, family: &FamilyName, step: &ApplyStep) -> Result<(), Problem> {
        let version = step.version.map(|version| format!(" {version}")).unwrap_or_default();
        let doing = format!("write the {} {}{version}", step.content.noun(), step.name);
        let call = Call {
            at: self,
            step,
            token: step.token(self.target),
            tags: HashMap::from([(crate::FAMILY.to_owned(), family.to_string())]),
            doing,
        };
        self.builder_writes.wait().await;
        match &step.content {
            Content::Component(content) => Box::pin(call.component(content)).await,
            Content::Recipe(content) => Box::pin(call.recipe(content)).await,
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

impl Call<'_> {
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
        let request = self.at.builder.create_component();
        let answer = request
            .name(self.name())
            .set_semantic_version(self.version())
            .platform(sdk::Platform::from(content.platform.as_str()))
            .data(&content.data)
            .set_tags(Some(self.tags.clone()))
            .client_token(&self.token)
            .send()
            .await;
        answer
            .map(drop)
            .map_err(|error| Problem::of(&self.doing, self.at.target, &error))
    }

    async fn recipe(&self, content: &RecipeContent) -> Result<(), Problem> {
        let components: Result<Vec<_>, _> = content.components.iter().map(say::component).collect();
        let components = components.map_err(|error| self.incomplete(&error))?;
        let volumes: Vec<_> = content.volumes.iter().map(say::volume).collect();
        let request = self.at.builder.create_image_recipe();
        let answer = request
            .name(self.name())
            .set_description(content.description.clone())
            .set_semantic_version(self.version())
            .parent_image(&content.parent)
            .set_components(Some(components).filter(|components| !components.is_empty()))
            .set_block_device_mappings(Some(volumes).filter(|volumes| !volumes.is_empty()))
            .set_additional_instance_configuration(content.user_data.as_deref().map(say::user_data))
            .set_working_directory(content.working_directory.clone())
            .set_ami_tags(Some(content.ami_tags.clone().into_iter().collect()))
            .set_tags(Some(self.tags.clone()))
            .client_token(&self.token)
            .send()
            .await;
        answer
            .map(drop)
            .map_err(|error| Problem::of(&self.doing, self.at.target, &error))
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
        let texts = |list: Vec<String>| Some(list).filter(|list| !list.is_empty());
        let types = texts(instance_types.iter().map(ToString::to_string).collect());
        let groups = texts(security_groups.iter().map(ToString::to_string).collect());
        let resource_tags =
            Some(resource_tags.clone().into_iter().collect()).filter(|tags: &HashMap<_, _>| !tags.is_empty());
        let subnet = subnet.as_ref().map(ToString::to_string);
        match self.step.before {
            Before::Nothing | Before::Version(_) => {
                let request = self.at.builder.create_infrastructure_configuration().name(self.name());
                let answer = request
                    .set_description(description.clone())
                    .set_instance_types(types)
                    .instance_profile_name(instance_profile.as_str())
                    .set_subnet_id(subnet)
                    .set_security_group_ids(groups)
                    .set_logging(say::logs(content))
                    .set_key_pair(key_pair.clone())
                    .terminate_instance_on_failure(*terminate_on_failure)
                    .set_sns_topic_arn(topic.clone())
                    .instance_metadata_options(say::metadata(content))
                    .set_placement(say::placement(content))
                    .set_resource_tags(resource_tags)
                    .set_tags(Some(self.tags.clone()))
                    .client_token(&self.token)
                    .send()
                    .await;
                answer
                    .map(drop)
                    .map_err(|error| Problem::of(&self.doing, self.at.target, &error))
            }
            Before::Same => {
                let arn = self
                    .at
                    .arn(steward::InfrastructureConfiguration, &self.step.name, Unversioned);
                let request = self
                    .at
                    .builder
                    .update_infrastructure_configuration()
                    .infrastructure_configuration_arn(arn);
                let answer = request
                    .set_description(description.clone())
                    .set_instance_types(types)
                    .instance_profile_name(instance_profile.as_str())
                    .set_subnet_id(subnet)
                    .set_security_group_ids(groups)
                    .set_logging(say::logs(content))
                    .set_key_pair(key_pair.clone())
                    .terminate_instance_on_failure(*terminate_on_failure)
                    .set_sns_topic_arn(topic.clone())
                    .instance_metadata_options(say::metadata(content))
                    .set_placement(say::placement(content))
                    .set_resource_tags(resource_tags)
                    .client_token(&self.token)
                    .send()
                    .await;
                answer
                    .map(drop)
                    .map_err(|error| Problem::of(&self.doing, self.at.target, &error))
            }
        }
    }

    async fn distribution(&self, content: &DistributionContent) -> Result<(), Problem> {
        let regions: Result<Vec<_>, _> = content.regions.iter().map(say::region).collect();
        let regions = regions.map_err(|error| self.incomplete(&error))?;
        match self.step.before {
            Before::Nothing | Before::Version(_) => {
                let request = self.at.builder.create_distribution_configuration().name(self.name());
                let answer = request
                    .set_description(content.description.clone())
                    .set_distributions(Some(regions))
                    .set_tags(Some(self.tags.clone()))
                    .client_token(&self.token)
                    .send()
                    .await;
                answer
                    .map(drop)
                    .map_err(|error| Problem::of(&self.doing, self.at.target, &error))
            }
            Before::Same => {
                let arn = self
                    .at
                    .arn(steward::DistributionConfiguration, &self.step.name, Unversioned);
                let request = self
                    .at
                    .builder
                    .update_distribution_configuration()
                    .distribution_configuration_arn(arn);
                let answer = request
                    .set_description(content.description.clone())
                    .set_distributions(Some(regions))
                    .client_token(&self.token)
                    .send()
                    .await;
                answer
                    .map(drop)
                    .map_err(|error| Problem::of(&self.doing, self.at.target, &error))
            }
        }
    }

    async fn pipeline(&self, content: &PipelineContent) -> Result<(), Problem> {
        let workflows = say::workflows(&content.workflows).map_err(|error| self.incomplete(&error))?;
        let distribution = content.distribution.as_ref().map(ToString::to_string);
        let scanning = say::scanning(content.scanning.as_ref());
        let image_tags: HashMap<_, _> = content.image_tags.clone().into_iter().collect();
        let status = if content.enabled {
            sdk::PipelineStatus::Enabled
        } else {
            sdk::PipelineStatus::Disabled
        };
        let tests = sdk::ImageTestsConfiguration::builder()
            .image_tests_enabled(content.tests)
            .build();
        match self.step.before {
            Before::Nothing | Before::Version(_) => {
                let request = self.at.builder.create_image_pipeline().name(self.name());
                let answer = request
                    .set_description(content.description.clone())
                    .image_recipe_arn(content.recipe.to_string())
                    .infrastructure_configuration_arn(content.infrastructure.to_string())
                    .set_distribution_configuration_arn(distribution)
                    .image_tests_configuration(tests)
                    .enhanced_image_metadata_enabled(content.enhanced_metadata)
                    .set_image_scanning_configuration(scanning)
                    .set_workflows(workflows)
                    .set_execution_role(content.execution_role.clone())
                    .status(status)
                    .set_image_tags(Some(image_tags))
                    .set_tags(Some(self.tags.clone()))
                    .client_token(&self.token)
                    .send()
                    .await;
                answer
                    .map(drop)
                    .map_err(|error| Problem::of(&self.doing, self.at.target, &error))
            }
            Before::Same => {
                let arn = self.at.arn(steward::ImagePipeline, &self.step.name, Unversioned);
                let request = self.at.builder.update_image_pipeline().image_pipeline_arn(arn);
                let answer = request
                    .set_description(content.description.clone())
                    .image_recipe_arn(content.recipe.to_string())
                    .infrastructure_configuration_arn(content.infrastructure.to_string())
                    .set_distribution_configuration_arn(distribution)
                    .image_tests_configuration(tests)
                    .enhanced_image_metadata_enabled(content.enhanced_metadata)
                    .set_image_scanning_configuration(scanning)
                    .set_workflows(workflows)
                    .set_execution_role(content.execution_role.clone())
                    .status(status)
                    .set_image_tags(Some(image_tags))
                    .client_token(&self.token)
                    .send()
                    .await;
                answer
                    .map(drop)
                    .map_err(|error| Problem::of(&self.doing, self.at.target, &error))
            }
        }
    }
}
