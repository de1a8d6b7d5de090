use aws_sdk_imagebuilder::types as sdk;
use steward::ImagePipelineArn;
use steward::applying::{Existing, ExistingRecipe, ExistingRegion, ExistingSchedule};

use super::read;
use crate::{AtTarget, Problem};

impl AtTarget {
    /// Reads a pipeline and all it refers to.
    pub async fn existing(&self, arn: &ImagePipelineArn) -> Result<Existing, Problem> {
        let doing = format!("read the pipeline {arn}");
        let pipeline = self.pipeline(&doing, &arn.to_string()).await?;
        let bad = |what: String| Problem::not_understood(&doing, self.target, what);
        let (recipe, platform) = self.recipe_of(&pipeline).await?;
        let infrastructure = pipeline.infrastructure_configuration_arn().unwrap_or_default();
        let doing_next = format!("read the infrastructure configuration {infrastructure}");
        let infrastructure = self.infrastructure(&doing_next, infrastructure).await?;
        let regions = match pipeline.distribution_configuration_arn() {
            Some(distribution) => self.regions_of(distribution).await?,
            None => Vec::new(),
        };
        Ok(Existing {
            name: arn.name().clone(),
            schedule: pipeline.schedule().and_then(schedule),
            platform,
            recipe,
            infrastructure: read::infrastructure(&infrastructure).map_err(bad)?,
            pipeline: read::pipeline(&pipeline).map_err(bad)?,
            regions,
        })
    }

    async fn recipe_of(&self, pipeline: &sdk::ImagePipeline) -> Result<(ExistingRecipe, String), Problem> {
        let arn = read::recipe_of(pipeline);
        let doing = format!("read the recipe {arn}");
        let bad = |what: String| Problem::not_understood(&doing, self.target, what);
        let (recipe, platform) = if pipeline.container_recipe_arn().is_some() {
            let held = self.container_recipe(&doing, arn).await?;
            let recipe = read::container_recipe(&held).map_err(bad)?;
            (ExistingRecipe::Container(recipe), held.platform)
        } else {
            let held = self.recipe(&doing, arn).await?;
            let recipe = read::recipe(&held).map_err(bad)?;
            (ExistingRecipe::Image(recipe), held.platform)
        };
        let platform = platform.as_ref().map_or("Linux", sdk::Platform::as_str);
        Ok((recipe, platform.to_owned()))
    }

    async fn regions_of(&self, arn: &str) -> Result<Vec<ExistingRegion>, Problem> {
        let doing = format!("read the distribution configuration {arn}");
        let held = self.distribution(&doing, arn).await?;
        let regions = held.distributions().iter().map(region);
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
        ami_tags: content.ami_tags,
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
