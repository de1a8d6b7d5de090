//! One read of Image Builder each, by ARN and at its pace.

use aws_sdk_imagebuilder::types as sdk;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::{AtTarget, Problem};

impl AtTarget {
    async fn get<T, E>(
        &self,
        doing: &str,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, Problem>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        self.builder_reads.wait().await;
        self.answered(doing, call).await
    }

    fn held_by<T>(&self, doing: &str, held: Option<T>, what: &str) -> Result<T, Problem> {
        held.ok_or_else(|| Problem::not_understood(doing, self.target, format_args!("it holds no {what}")))
    }

    pub(super) async fn component(&self, doing: &str, arn: &str) -> Result<sdk::Component, Problem> {
        let request = self.builder.get_component().component_build_version_arn(arn);
        let answer = self.get(doing, request.send()).await?;
        self.held_by(doing, answer.component, "component")
    }

    pub(crate) async fn recipe(&self, doing: &str, arn: &str) -> Result<sdk::ImageRecipe, Problem> {
        let request = self.builder.get_image_recipe().image_recipe_arn(arn);
        let answer = self.get(doing, request.send()).await?;
        self.held_by(doing, answer.image_recipe, "recipe")
    }

    pub(crate) async fn container_recipe(&self, doing: &str, arn: &str) -> Result<sdk::ContainerRecipe, Problem> {
        let request = self.builder.get_container_recipe().container_recipe_arn(arn);
        let answer = self.get(doing, request.send()).await?;
        self.held_by(doing, answer.container_recipe, "container recipe")
    }

    pub(super) async fn infrastructure(
        &self,
        doing: &str,
        arn: &str,
    ) -> Result<sdk::InfrastructureConfiguration, Problem> {
        let request = self.builder.get_infrastructure_configuration();
        let request = request.infrastructure_configuration_arn(arn);
        let answer = self.get(doing, request.send()).await?;
        self.held_by(doing, answer.infrastructure_configuration, "configuration")
    }

    pub(super) async fn distribution(&self, doing: &str, arn: &str) -> Result<sdk::DistributionConfiguration, Problem> {
        let request = self.builder.get_distribution_configuration();
        let request = request.distribution_configuration_arn(arn);
        let answer = self.get(doing, request.send()).await?;
        self.held_by(doing, answer.distribution_configuration, "configuration")
    }

    pub(super) async fn lifecycle_policy(&self, doing: &str, arn: &str) -> Result<sdk::LifecyclePolicy, Problem> {
        let request = self.builder.get_lifecycle_policy().lifecycle_policy_arn(arn);
        let answer = self.get(doing, request.send()).await?;
        self.held_by(doing, answer.lifecycle_policy, "policy")
    }

    pub(super) async fn pipeline(&self, doing: &str, arn: &str) -> Result<sdk::ImagePipeline, Problem> {
        let request = self.builder.get_image_pipeline().image_pipeline_arn(arn);
        let answer = self.get(doing, request.send()).await?;
        self.held_by(doing, answer.image_pipeline, "pipeline")
    }
}
