use aws_sdk_imagebuilder::types as sdk;
use steward::applying::{ComponentVersion, OldVersion, RecipeReference, RecipeVersion, Versions, Wanted};
use steward::{ComponentBuildArn, ImagePipelineArn, ImageRecipeArn, RecipeArn, ResourceName};

use super::held::GONE;
use crate::problem::absent;
use crate::{AtTarget, Problem};

/// What Image Builder answers for what something refers to.
const REFERRED_TO: &str = "ResourceDependencyException";

/// A pipeline of the hub, and what it builds by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldPipeline {
    /// Which.
    pub pipeline: ImagePipelineArn,
    /// Its recipe, as it names it.
    pub recipe: RecipeReference,
}

/// What came of deleting a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// It is gone.
    Gone,
    /// Image Builder knows of something that refers to it, which we did not see.
    ReferredTo,
}

impl AtTarget {
    /// Lists all pipelines that there are.
    pub async fn pipelines(&self) -> Result<Vec<HeldPipeline>, Problem> {
        let doing = "list the pipelines";
        let mut pages = self.builder.list_image_pipelines().into_paginator().send();
        let mut pipelines = Vec::new();
        loop {
            self.builder_reads.wait().await;
            let Some(page) = pages.next().await else {
                return Ok(pipelines);
            };
            let page = page.map_err(|error| Problem::of(doing, self.target, &error))?;
            for pipeline in page.image_pipeline_list() {
                let held = held_pipeline(pipeline);
                pipelines.push(held.map_err(|what| Problem::not_understood(doing, self.target, what))?);
            }
            if page.next_token().is_none() {
                return Ok(pipelines);
            }
        }
    }

    /// Reads every version of what a family has.
    pub async fn versions(&self, wanted: &Wanted, pipelines: &[HeldPipeline]) -> Result<Versions, Problem> {
        let mut recipes = Vec::new();
        for line in &wanted.lines {
            recipes.extend(self.image_recipes(&line.name).await?);
            recipes.extend(self.container_recipes(&line.name).await?);
        }
        let mut components = Vec::new();
        for version in self.component_versions(&format!("{}-*", wanted.family)).await? {
            components.extend(self.component_builds(&version).await?);
        }
        Ok(Versions {
            recipes,
            components,
            named_by_pipelines: pipelines.iter().map(|held| held.recipe.clone()).collect(),
        })
    }

    /// Deletes a version. One that is gone already is gone.
    pub async fn delete_version(&self, old: &OldVersion) -> Result<Deletion, Problem> {
        let doing = format!("delete the {old}");
        self.builder_writes.wait().await;
        let deleted = match old {
            OldVersion::Recipe(RecipeArn::Image(arn)) => {
                let call = self.builder.delete_image_recipe().image_recipe_arn(arn.to_string());
                let answer = Box::pin(call.send()).await.map(drop);
                answer.map_err(|error| Problem::of(&doing, self.target, &error))
            }
            OldVersion::Recipe(RecipeArn::Container(arn)) => {
                let call = self.builder.delete_container_recipe();
                let answer = Box::pin(call.container_recipe_arn(arn.to_string()).send())
                    .await
                    .map(drop);
                answer.map_err(|error| Problem::of(&doing, self.target, &error))
            }
            OldVersion::Component(arn) => {
                let call = self.builder.delete_component();
                let answer = Box::pin(call.component_build_version_arn(arn.to_string()).send())
                    .await
                    .map(drop);
                answer.map_err(|error| Problem::of(&doing, self.target, &error))
            }
        };
        match deleted {
            Err(problem) if problem.code() == Some(REFERRED_TO) => Ok(Deletion::ReferredTo),
            Err(problem) if problem.code() == Some(GONE) => Ok(Deletion::Gone),
            Err(problem) => Err(problem),
            Ok(()) => Ok(Deletion::Gone),
        }
    }

    async fn image_recipes(&self, name: &ResourceName) -> Result<Vec<RecipeVersion>, Problem> {
        let doing = format!("list the versions of the recipe {name}");
        let list = self.builder.list_image_recipes().owner(sdk::Ownership::SelfValue);
        let mut pages = list.filters(named(name.as_str())).into_paginator().send();
        let mut arns: Vec<ImageRecipeArn> = Vec::new();
        loop {
            self.builder_reads.wait().await;
            let Some(page) = pages.next().await else { break };
            let page = page.map_err(|error| Problem::of(&doing, self.target, &error))?;
            let found = page.image_recipe_summary_list().iter();
            arns.extend(self.parsed(&doing, found.filter_map(sdk::ImageRecipeSummary::arn))?);
            if page.next_token().is_none() {
                break;
            }
        }
        let mut versions = Vec::new();
        for arn in arns {
            // One that another hand has deleted since is no version any more.
            if let Some(held) = absent(self.recipe(&doing, &arn.to_string()).await, &[GONE])? {
                versions.push(RecipeVersion {
                    recipe: RecipeArn::Image(arn),
                    family: super::held::family(held.tags()),
                    components: self.parsed(
                        &doing,
                        held.components().iter().map(sdk::ComponentConfiguration::component_arn),
                    )?,
                });
            }
        }
        Ok(versions)
    }

    async fn container_recipes(&self, name: &ResourceName) -> Result<Vec<RecipeVersion>, Problem> {
        let doing = format!("list the versions of the container recipe {name}");
        let list = self.builder.list_container_recipes().owner(sdk::Ownership::SelfValue);
        let mut pages = list.filters(named(name.as_str())).into_paginator().send();
        let mut arns = Vec::new();
        loop {
            self.builder_reads.wait().await;
            let Some(page) = pages.next().await else { break };
            let page = page.map_err(|error| Problem::of(&doing, self.target, &error))?;
            let found = page.container_recipe_summary_list().iter();
            arns.extend(self.parsed(&doing, found.filter_map(sdk::ContainerRecipeSummary::arn))?);
            if page.next_token().is_none() {
                break;
            }
        }
        let mut versions = Vec::new();
        for arn in arns {
            let arn: steward::ContainerRecipeArn = arn;
            if let Some(held) = absent(self.container_recipe(&doing, &arn.to_string()).await, &[GONE])? {
                versions.push(RecipeVersion {
                    recipe: RecipeArn::Container(arn),
                    family: super::held::family(held.tags()),
                    components: self.parsed(
                        &doing,
                        held.components().iter().map(sdk::ComponentConfiguration::component_arn),
                    )?,
                });
            }
        }
        Ok(versions)
    }

    async fn component_versions(&self, name: &str) -> Result<Vec<String>, Problem> {
        let doing = format!("list the components {name}");
        let list = self.builder.list_components().owner(sdk::Ownership::SelfValue);
        let mut pages = list.filters(named(name)).into_paginator().send();
        let mut versions = Vec::new();
        loop {
            self.builder_reads.wait().await;
            let Some(page) = pages.next().await else { break };
            let page = page.map_err(|error| Problem::of(&doing, self.target, &error))?;
            let found = page.component_version_list().iter();
            versions.extend(found.filter_map(sdk::ComponentVersion::arn).map(str::to_owned));
            if page.next_token().is_none() {
                break;
            }
        }
        Ok(versions)
    }

    async fn component_builds(&self, version: &str) -> Result<Vec<ComponentVersion>, Problem> {
        let doing = format!("list the builds of {version}");
        let list = self.builder.list_component_build_versions();
        let mut pages = list.component_version_arn(version).into_paginator().send();
        let mut builds = Vec::new();
        loop {
            self.builder_reads.wait().await;
            let Some(page) = pages.next().await else { break };
            let page = page.map_err(|error| Problem::of(&doing, self.target, &error))?;
            for summary in page.component_summary_list() {
                let component: ComponentBuildArn = summary
                    .arn()
                    .unwrap_or_default()
                    .parse()
                    .map_err(|error| Problem::not_understood(&doing, self.target, error))?;
                builds.push(ComponentVersion {
                    component,
                    family: super::held::family(summary.tags()),
                });
            }
            if page.next_token().is_none() {
                break;
            }
        }
        Ok(builds)
    }

    fn parsed<'a, T>(&self, doing: &str, texts: impl Iterator<Item = &'a str>) -> Result<Vec<T>, Problem>
    where
        T: std::str::FromStr<Err: std::fmt::Display>,
    {
        let parsed = texts.map(str::parse).collect::<Result<_, T::Err>>();
        parsed.map_err(|error| Problem::not_understood(doing, self.target, error))
    }
}

fn named(name: &str) -> sdk::Filter {
    sdk::Filter::builder().name("name").values(name).build()
}

fn held_pipeline(held: &sdk::ImagePipeline) -> Result<HeldPipeline, String> {
    let wrong = |error: steward::ArnError| error.to_string();
    let recipe = match (held.image_recipe_arn(), held.container_recipe_arn()) {
        (_, Some(container)) => RecipeReference::Container(container.parse().map_err(wrong)?),
        (image, None) => RecipeReference::Image(image.unwrap_or_default().parse().map_err(wrong)?),
    };
    Ok(HeldPipeline {
        pipeline: held.arn().unwrap_or_default().parse().map_err(wrong)?,
        recipe,
    })
}
