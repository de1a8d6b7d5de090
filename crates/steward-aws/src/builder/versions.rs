use aws_sdk_imagebuilder::types as sdk;
use steward::applying::{ComponentVersion, OldVersion, RecipeVersion, Versions};
use steward::{
    ComponentBuildArn, ContainerRecipeArn, FamilyName, ImagePipelineArn, ImageRecipeArn, RecipeArn, RecipePattern,
};

use super::held::{GONE, family};
use crate::pages::each_page;
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
    pub recipe: RecipePattern,
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
        let mut pipelines = Vec::new();
        each_page!(
            self,
            builder_reads,
            doing,
            self.builder.list_image_pipelines(),
            |page| {
                for pipeline in page.image_pipeline_list() {
                    let held = held_pipeline(pipeline);
                    pipelines.push(held.map_err(|what| Problem::not_understood(doing, self.target, what))?);
                }
            }
        );
        Ok(pipelines)
    }

    /// Reads every version of what these families have, and what refers to them.
    pub async fn versions(&self, families: &[&FamilyName], pipelines: &[HeldPipeline]) -> Result<Versions, Problem> {
        let mut recipes = self.image_recipes().await?;
        recipes.extend(self.container_recipes().await?);
        let mut components = Vec::new();
        for family in families {
            components.extend(self.components_named(&format!("{family}-*")).await?);
        }
        let mut named: Vec<RecipePattern> = pipelines.iter().map(|held| held.recipe.clone()).collect();
        named.extend(self.recipes_of_unfinished_builds().await?);
        Ok(Versions {
            recipes,
            components,
            named,
        })
    }

    /// Deletes a version. One that is gone already is gone.
    pub async fn delete_version(&self, old: &OldVersion) -> Result<Deletion, Problem> {
        let doing = format!("delete the {old}");
        let failed = |problem: Problem| match problem.code() {
            Some(REFERRED_TO) => Ok(Deletion::ReferredTo),
            Some(GONE) => Ok(Deletion::Gone),
            _ => Err(problem),
        };
        self.builder_writes.wait().await;
        let deleted = match old {
            OldVersion::Recipe(RecipeArn::Image(arn)) => {
                let call = self.builder.delete_image_recipe().image_recipe_arn(arn.to_string());
                self.answered(&doing, call.send()).await.map(drop)
            }
            OldVersion::Recipe(RecipeArn::Container(arn)) => {
                let call = self.builder.delete_container_recipe();
                let call = call.container_recipe_arn(arn.to_string());
                self.answered(&doing, call.send()).await.map(drop)
            }
            OldVersion::Component(arn) => {
                let call = self.builder.delete_component();
                let call = call.component_build_version_arn(arn.to_string());
                self.answered(&doing, call.send()).await.map(drop)
            }
        };
        deleted.map_or_else(failed, |()| Ok(Deletion::Gone))
    }

    async fn image_recipes(&self) -> Result<Vec<RecipeVersion>, Problem> {
        let doing = "list the recipes";
        let mut arns: Vec<ImageRecipeArn> = Vec::new();
        let list = self.builder.list_image_recipes().owner(sdk::Ownership::SelfValue);
        each_page!(self, builder_reads, doing, list, |page| {
            let found = page.image_recipe_summary_list().iter();
            arns.extend(self.parsed::<ImageRecipeArn>(doing, found.filter_map(sdk::ImageRecipeSummary::arn))?);
        });
        let mut versions = Vec::new();
        for arn in arns {
            let doing = format!("read the recipe {arn}");
            // One that another hand has deleted since is no version any more.
            if let Some(held) = absent(self.recipe(&doing, &arn.to_string()).await, &[GONE])? {
                let components = held.components().iter().map(sdk::ComponentConfiguration::component_arn);
                versions.push(RecipeVersion {
                    recipe: RecipeArn::Image(arn),
                    family: family(held.tags()),
                    components: self.parsed(&doing, components)?,
                });
            }
        }
        Ok(versions)
    }

    async fn container_recipes(&self) -> Result<Vec<RecipeVersion>, Problem> {
        let doing = "list the container recipes";
        let mut arns: Vec<ContainerRecipeArn> = Vec::new();
        let list = self.builder.list_container_recipes().owner(sdk::Ownership::SelfValue);
        each_page!(self, builder_reads, doing, list, |page| {
            let found = page.container_recipe_summary_list().iter();
            arns.extend(self.parsed::<ContainerRecipeArn>(doing, found.filter_map(sdk::ContainerRecipeSummary::arn))?);
        });
        let mut versions = Vec::new();
        for arn in arns {
            let doing = format!("read the container recipe {arn}");
            if let Some(held) = absent(self.container_recipe(&doing, &arn.to_string()).await, &[GONE])? {
                let components = held.components().iter().map(sdk::ComponentConfiguration::component_arn);
                versions.push(RecipeVersion {
                    recipe: RecipeArn::Container(arn),
                    family: family(held.tags()),
                    components: self.parsed(&doing, components)?,
                });
            }
        }
        Ok(versions)
    }

    async fn components_named(&self, name: &str) -> Result<Vec<ComponentVersion>, Problem> {
        let doing = format!("list the components {name}");
        let filter = sdk::Filter::builder().name("name").values(name).build();
        let list = self.builder.list_components().owner(sdk::Ownership::SelfValue);
        let mut versions: Vec<String> = Vec::new();
        each_page!(self, builder_reads, &doing, list.filters(filter), |page| {
            let found = page.component_version_list().iter();
            versions.extend(found.filter_map(sdk::ComponentVersion::arn).map(str::to_owned));
        });
        let mut builds = Vec::new();
        for version in versions {
            let doing = format!("list the builds of {version}");
            let list = self.builder.list_component_build_versions();
            each_page!(
                self,
                builder_reads,
                &doing,
                list.component_version_arn(&version),
                |page| {
                    for summary in page.component_summary_list() {
                        let arn = summary.arn().unwrap_or_default().parse::<ComponentBuildArn>();
                        builds.push(ComponentVersion {
                            component: arn.map_err(|error| Problem::not_understood(&doing, self.target, error))?,
                            family: family(summary.tags()),
                        });
                    }
                }
            );
        }
        Ok(builds)
    }

    /// A build keeps a copy of its recipe. Whether it could do without the recipe itself, AWS does not say.
    async fn recipes_of_unfinished_builds(&self) -> Result<Vec<RecipePattern>, Problem> {
        let mut recipes = Vec::new();
        for version in self.image_versions().await? {
            for summary in self.builds_of(&version?).await? {
                let summary = summary?;
                if summary.state.ended() {
                    continue;
                }
                let facts = self.build(&summary.build).await?;
                recipes.extend(facts.and_then(|facts| facts.recipe).map(RecipePattern::from));
            }
        }
        Ok(recipes)
    }

    fn parsed<'a, T>(&self, doing: &str, texts: impl Iterator<Item = &'a str>) -> Result<Vec<T>, Problem>
    where
        T: std::str::FromStr<Err: std::fmt::Display>,
    {
        let parsed = texts.map(str::parse).collect::<Result<_, T::Err>>();
        parsed.map_err(|error| Problem::not_understood(doing, self.target, error))
    }
}

fn held_pipeline(held: &sdk::ImagePipeline) -> Result<HeldPipeline, String> {
    let wrong = |error: steward::ArnError| error.to_string();
    Ok(HeldPipeline {
        pipeline: held.arn().unwrap_or_default().parse().map_err(wrong)?,
        recipe: super::read::recipe_of(held).parse().map_err(wrong)?,
    })
}
