use aws_sdk_imagebuilder::types::{DistributionConfiguration, ImagePipeline, ImageRecipe, InfrastructureConfiguration};
use steward::applying::{Held, HeldLine, Kept, Versioned, Wanted};
use steward::{
    ArnKind, ImageBuilderArn, ImageBuilderOwner, ImagePipelineArn, ResourceName, Unversioned, VersionPattern,
};

use super::read;
use crate::{AtTarget, Problem};

/// What Image Builder answers for a name that nothing has.
const GONE: &str = "ResourceNotFoundException";

impl AtTarget {
    /// Reads what is held under the names that a family wants.
    pub async fn held(&self, wanted: &Wanted) -> Result<Held, Problem> {
        let mut held = Held::default();
        for component in &wanted.components {
            if let Some(found) = self.newest_component(&component.name).await? {
                held.components.insert(component.name.clone(), found);
            }
        }
        for line in &wanted.lines {
            let name = &line.name;
            let found = HeldLine {
                recipe: self.newest_recipe(name).await?,
                infrastructure: self.infrastructure(name).await?,
                distribution: self.distribution(name).await?,
                pipeline: self.pipeline(name).await?,
            };
            held.lines.insert(name.clone(), found);
        }
        Ok(held)
    }

    /// Lists the pipelines that no family's name fits: nobody of ours will touch them.
    pub async fn pipelines(&self) -> Result<Vec<ImagePipelineArn>, Problem> {
        let doing = "list the pipelines";
        let (mut pipelines, mut next) = (Vec::new(), None);
        loop {
            self.builder_reads.wait().await;
            let page = Box::pin(self.builder.list_image_pipelines().set_next_token(next).send()).await;
            let page = page.map_err(|error| Problem::of(doing, self.target, &error))?;
            for pipeline in page.image_pipeline_list() {
                let arn = pipeline.arn().unwrap_or_default();
                pipelines.push(
                    arn.parse()
                        .map_err(|error| Problem::not_understood(doing, self.target, error))?,
                );
            }
            match page.next_token() {
                Some(token) => next = Some(token.to_owned()),
                None => return Ok(pipelines),
            }
        }
    }

    async fn newest_component(
        &self,
        name: &ResourceName,
    ) -> Result<Option<Versioned<steward::applying::ComponentContent>>, Problem> {
        let doing = format!("read the component {name}");
        self.builder_reads.wait().await;
        let arn = self.arn(steward::Component, name, VersionPattern::NEWEST);
        let answer = self.builder.get_component().component_build_version_arn(arn);
        let answer = Box::pin(answer.send())
            .await
            .map_err(|error| Problem::of(&doing, self.target, &error));
        let Some(answer) = found(answer)? else { return Ok(None) };
        let understood = answer
            .component()
            .ok_or_else(|| String::from("it holds no component"))
            .and_then(|component| versioned(component.version(), component.tags(), read::component(component)?));
        understood
            .map(Some)
            .map_err(|what| Problem::not_understood(doing, self.target, what))
    }

    async fn newest_recipe(
        &self,
        name: &ResourceName,
    ) -> Result<Option<Versioned<steward::applying::RecipeContent>>, Problem> {
        let doing = format!("read the recipe {name}");
        self.builder_reads.wait().await;
        let arn = self.arn(steward::ImageRecipe, name, VersionPattern::NEWEST);
        let answer = self.builder.get_image_recipe().image_recipe_arn(arn);
        let answer = Box::pin(answer.send())
            .await
            .map_err(|error| Problem::of(&doing, self.target, &error));
        let Some(answer) = found(answer)? else { return Ok(None) };
        let understood = answer
            .image_recipe()
            .ok_or_else(|| String::from("it holds no recipe"))
            .and_then(|recipe: &ImageRecipe| versioned(recipe.version(), recipe.tags(), read::recipe(recipe)?));
        understood
            .map(Some)
            .map_err(|what| Problem::not_understood(doing, self.target, what))
    }

    async fn infrastructure(
        &self,
        name: &ResourceName,
    ) -> Result<Option<Kept<steward::applying::InfrastructureContent>>, Problem> {
        let doing = format!("read the infrastructure configuration {name}");
        self.builder_reads.wait().await;
        let arn = self.arn(steward::InfrastructureConfiguration, name, Unversioned);
        let answer = self
            .builder
            .get_infrastructure_configuration()
            .infrastructure_configuration_arn(arn);
        let answer = Box::pin(answer.send())
            .await
            .map_err(|error| Problem::of(&doing, self.target, &error));
        let Some(answer) = found(answer)? else { return Ok(None) };
        let understood = answer
            .infrastructure_configuration()
            .ok_or_else(|| String::from("it holds no configuration"))
            .and_then(|held: &InfrastructureConfiguration| Ok(kept(held.tags(), read::infrastructure(held)?)));
        understood
            .map(Some)
            .map_err(|what| Problem::not_understood(doing, self.target, what))
    }

    async fn distribution(
        &self,
        name: &ResourceName,
    ) -> Result<Option<Kept<steward::applying::DistributionContent>>, Problem> {
        let doing = format!("read the distribution configuration {name}");
        self.builder_reads.wait().await;
        let arn = self.arn(steward::DistributionConfiguration, name, Unversioned);
        let answer = self
            .builder
            .get_distribution_configuration()
            .distribution_configuration_arn(arn);
        let answer = Box::pin(answer.send())
            .await
            .map_err(|error| Problem::of(&doing, self.target, &error));
        let Some(answer) = found(answer)? else { return Ok(None) };
        let understood = answer
            .distribution_configuration()
            .ok_or_else(|| String::from("it holds no configuration"))
            .and_then(|held: &DistributionConfiguration| Ok(kept(held.tags(), read::distribution(held)?)));
        understood
            .map(Some)
            .map_err(|what| Problem::not_understood(doing, self.target, what))
    }

    async fn pipeline(&self, name: &ResourceName) -> Result<Option<Kept<steward::applying::PipelineContent>>, Problem> {
        let doing = format!("read the pipeline {name}");
        self.builder_reads.wait().await;
        let arn = self.arn(steward::ImagePipeline, name, Unversioned);
        let answer = self.builder.get_image_pipeline().image_pipeline_arn(arn);
        let answer = Box::pin(answer.send())
            .await
            .map_err(|error| Problem::of(&doing, self.target, &error));
        let Some(answer) = found(answer)? else { return Ok(None) };
        let understood = answer
            .image_pipeline()
            .ok_or_else(|| String::from("it holds no pipeline"))
            .and_then(|held: &ImagePipeline| Ok(kept(held.tags(), read::pipeline(held)?)));
        understood
            .map(Some)
            .map_err(|what| Problem::not_understood(doing, self.target, what))
    }

    /// The ARN of something of this account's, here.
    pub(super) fn arn<K, V>(&self, kind: K, name: &ResourceName, version: V) -> String
    where
        K: ArnKind + Copy,
        V: Copy,
        ImageBuilderArn<K, V>: std::fmt::Display,
    {
        let owner = ImageBuilderOwner::Account(self.target.account());
        ImageBuilderArn::new(self.target.region(), owner, kind, name.clone(), version).to_string()
    }
}

fn found<T>(answer: Result<T, Problem>) -> Result<Option<T>, Problem> {
    match answer {
        Err(problem) if problem.code() == Some(GONE) => Ok(None),
        answer => answer.map(Some),
    }
}

type Tags = std::collections::HashMap<String, String>;

fn kept<T>(tags: Option<&Tags>, content: T) -> Kept<T> {
    let family = tags.and_then(|tags| tags.get(crate::FAMILY)).cloned();
    Kept { content, family }
}

fn versioned<T>(version: Option<&str>, tags: Option<&Tags>, content: T) -> Result<Versioned<T>, String> {
    let version = version
        .ok_or("it has no version")?
        .parse()
        .map_err(|error| format!("{error}"))?;
    let kept = kept(tags, content);
    Ok(Versioned { version, kept })
}
