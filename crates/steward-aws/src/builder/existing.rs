use aws_sdk_imagebuilder::types as sdk;
use steward::ImagePipelineArn;
use steward::applying::{Existing, ExistingRegion, ExistingSchedule};

use super::read;
use crate::{AtTarget, Problem};

impl AtTarget {
    /// Reads a pipeline and all it refers to.
    pub async fn existing(&self, arn: &ImagePipelineArn) -> Result<Existing, Problem> {
        let doing = format!("read the pipeline {arn}");
        self.builder_reads.wait().await;
        let answer = self.builder.get_image_pipeline().image_pipeline_arn(arn.to_string());
        let answer = Box::pin(answer.send())
            .await
            .map_err(|error| Problem::of(&doing, self.target, &error))?;
        let bad = |what: String| Problem::not_understood(&doing, self.target, what);
        let pipeline = answer
            .image_pipeline()
            .ok_or_else(|| bad(String::from("it holds no pipeline")))?;
        if let Some(recipe) = pipeline.container_recipe_arn() {
            return Err(bad(format!(
                "it builds container images, by {recipe}, which cannot be imported yet"
            )));
        }
        let recipe = self.recipe_of(pipeline.image_recipe_arn().unwrap_or_default()).await?;
        let infrastructure = self
            .infrastructure_of(pipeline.infrastructure_configuration_arn().unwrap_or_default())
            .await?;
        let regions = match pipeline.distribution_configuration_arn() {
            Some(distribution) => self.regions_of(distribution).await?,
            None => Vec::new(),
        };
        Ok(Existing {
            name: arn.name().clone(),
            schedule: pipeline.schedule().and_then(schedule),
            platform: recipe.platform().map_or("Linux", sdk::Platform::as_str).to_owned(),
            recipe: read::recipe(&recipe).map_err(bad)?,
            infrastructure: read::infrastructure(&infrastructure).map_err(bad)?,
            pipeline: read::pipeline(pipeline).map_err(bad)?,
            regions,
        })
    }

    async fn recipe_of(&self, arn: &str) -> Result<sdk::ImageRecipe, Problem> {
        let doing = format!("read the recipe {arn}");
        self.builder_reads.wait().await;
        let answer = Box::pin(self.builder.get_image_recipe().image_recipe_arn(arn).send()).await;
        let answer = answer.map_err(|error| Problem::of(&doing, self.target, &error))?;
        answer
            .image_recipe
            .ok_or_else(|| Problem::not_understood(doing, self.target, "it holds no recipe"))
    }

    async fn infrastructure_of(&self, arn: &str) -> Result<sdk::InfrastructureConfiguration, Problem> {
        let doing = format!("read the infrastructure configuration {arn}");
        self.builder_reads.wait().await;
        let request = self
            .builder
            .get_infrastructure_configuration()
            .infrastructure_configuration_arn(arn);
        let answer = Box::pin(request.send())
            .await
            .map_err(|error| Problem::of(&doing, self.target, &error))?;
        let held = answer.infrastructure_configuration;
        held.ok_or_else(|| Problem::not_understood(doing, self.target, "it holds no configuration"))
    }

    async fn regions_of(&self, arn: &str) -> Result<Vec<ExistingRegion>, Problem> {
        let doing = format!("read the distribution configuration {arn}");
        self.builder_reads.wait().await;
        let request = self
            .builder
            .get_distribution_configuration()
            .distribution_configuration_arn(arn);
        let answer = Box::pin(request.send())
            .await
            .map_err(|error| Problem::of(&doing, self.target, &error))?;
        let held = answer.distribution_configuration();
        let regions = held
            .map(sdk::DistributionConfiguration::distributions)
            .unwrap_or_default()
            .iter()
            .map(region);
        regions
            .collect::<Result<_, String>>()
            .map_err(|what| Problem::not_understood(doing, self.target, what))
    }
}

fn schedule(held: &sdk::Schedule) -> Option<ExistingSchedule> {
    Some(ExistingSchedule {
        expression: held.schedule_expression()?.to_owned(),
        timezone: held.timezone().map(str::to_owned),
        always: held.pipeline_execution_start_condition()
            == Some(&sdk::PipelineExecutionStartCondition::ExpressionMatchOnly),
    })
}

fn region(held: &sdk::Distribution) -> Result<ExistingRegion, String> {
    let content = read::region(held)?;
    let ami = held.ami_distribution_configuration();
    let permission = ami.and_then(sdk::AmiDistributionConfiguration::launch_permission);
    let list = |texts: Option<&[String]>| texts.map(<[String]>::to_vec).unwrap_or_default();
    // These a manifest says in its own way.
    let said = ["kmsKeyId", "targetAccountIds", "launchPermission"];
    Ok(ExistingRegion {
        region: content.region,
        kms_key: ami.and_then(|ami| ami.kms_key_id()).map(str::to_owned),
        ami_tags: content.ami_tags.into_iter().collect(),
        copy_to: list(ami.map(sdk::AmiDistributionConfiguration::target_account_ids)),
        accounts: list(permission.map(sdk::LaunchPermissionConfiguration::user_ids)),
        organizations: list(permission.map(sdk::LaunchPermissionConfiguration::organization_arns)),
        units: list(permission.map(sdk::LaunchPermissionConfiguration::organizational_unit_arns)),
        public: permission.is_some_and(|permission| permission.user_groups().iter().any(|group| group == "all")),
        licences: content.licences,
        others: content
            .others
            .into_iter()
            .filter(|other| !said.contains(&other.as_str()))
            .collect(),
    })
}
