use aws_sdk_imagebuilder::types::{ImagePipeline, PipelineStatus};
use steward::applying::{
    ComponentContent, ContainerRecipeContent, DistributionContent, Held, HeldLine, InfrastructureContent, Kept,
    PipelineContent, RecipeContent, Versioned, Wanted, WantedRecipe,
};
use steward::{
    ArnKind, FamilyName, ImageBuilderArn, ImageBuilderOwner, ImagePipelineArn, NameError, ResourceName, Unversioned,
    VersionPattern,
};

use super::read;
use crate::problem::absent;
use crate::{AtTarget, FAMILY, Problem};

/// What Image Builder answers for a name that nothing has.
pub(super) const GONE: &str = "ResourceNotFoundException";

/// How a pipeline stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipelineStanding {
    /// Whose it is, where it is a family's.
    pub family: Option<FamilyName>,
    /// Whether Image Builder starts nothing by it.
    pub disabled: bool,
    /// How many of its builds in a row have failed, where Image Builder counts them.
    pub failures: Option<u32>,
}

impl AtTarget {
    /// Reads whose a pipeline is and whether it is disabled; none where Image Builder does not know it.
    pub async fn standing(&self, pipeline: &ImagePipelineArn) -> Result<Option<PipelineStanding>, Problem> {
        let doing = format!("read the pipeline {pipeline}");
        let held = absent(self.pipeline(&doing, &pipeline.to_string()).await, &[GONE])?;
        let standing = |held: ImagePipeline| {
            let family = held
                .tags()
                .and_then(|tags| tags.get(FAMILY))
                .map(|family| family.parse());
            Ok(PipelineStanding {
                family: family.transpose()?,
                disabled: held.status() == Some(&PipelineStatus::Disabled),
                failures: held.consecutive_failures().and_then(|count| u32::try_from(count).ok()),
            })
        };
        let bad = |error: NameError| Problem::not_understood(&doing, self.target, format!("the tag {FAMILY}: {error}"));
        held.map(standing).transpose().map_err(bad)
    }

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
            let (recipe, container_recipe) = match line.recipe {
                WantedRecipe::Image(_) => (self.newest_recipe(name).await?, None),
                WantedRecipe::Container(_) => (None, self.newest_container_recipe(name).await?),
            };
            let found = HeldLine {
                recipe,
                container_recipe,
                infrastructure: self.held_infrastructure(name).await?,
                distribution: match line.distribution {
                    Some(_) => self.held_distribution(name).await?,
                    None => None,
                },
                pipeline: self.held_pipeline(name).await?,
            };
            held.lines.insert(name.clone(), found);
        }
        Ok(held)
    }

    async fn newest_component(&self, name: &ResourceName) -> Result<Option<Versioned<ComponentContent>>, Problem> {
        let doing = format!("read the component {name}");
        let arn = self.arn(steward::Component, name, VersionPattern::NEWEST);
        let held = self.component(&doing, &arn).await;
        self.understood(&doing, held, |held| {
            versioned(held.version(), held.tags(), read::component(held)?)
        })
    }

    async fn newest_recipe(&self, name: &ResourceName) -> Result<Option<Versioned<RecipeContent>>, Problem> {
        let doing = format!("read the recipe {name}");
        let arn = self.arn(steward::ImageRecipe, name, VersionPattern::NEWEST);
        let held = self.recipe(&doing, &arn).await;
        self.understood(&doing, held, |held| {
            versioned(held.version(), held.tags(), read::recipe(held)?)
        })
    }

    async fn newest_container_recipe(
        &self,
        name: &ResourceName,
    ) -> Result<Option<Versioned<ContainerRecipeContent>>, Problem> {
        let doing = format!("read the container recipe {name}");
        let arn = self.arn(steward::ContainerRecipe, name, VersionPattern::NEWEST);
        let held = self.container_recipe(&doing, &arn).await;
        self.understood(&doing, held, |held| {
            versioned(held.version(), held.tags(), read::container_recipe(held)?)
        })
    }

    async fn held_infrastructure(&self, name: &ResourceName) -> Result<Option<Kept<InfrastructureContent>>, Problem> {
        let doing = format!("read the infrastructure configuration {name}");
        let arn = self.arn(steward::InfrastructureConfiguration, name, Unversioned);
        let held = self.infrastructure(&doing, &arn).await;
        self.understood(&doing, held, |held| Ok(kept(held.tags(), read::infrastructure(held)?)))
    }

    async fn held_distribution(&self, name: &ResourceName) -> Result<Option<Kept<DistributionContent>>, Problem> {
        let doing = format!("read the distribution configuration {name}");
        let arn = self.arn(steward::DistributionConfiguration, name, Unversioned);
        let held = self.distribution(&doing, &arn).await;
        self.understood(&doing, held, |held| Ok(kept(held.tags(), read::distribution(held)?)))
    }

    async fn held_pipeline(&self, name: &ResourceName) -> Result<Option<Kept<PipelineContent>>, Problem> {
        let doing = format!("read the pipeline {name}");
        let arn = self.arn(steward::ImagePipeline, name, Unversioned);
        let held = self.pipeline(&doing, &arn).await;
        self.understood(&doing, held, |held| Ok(kept(held.tags(), read::pipeline(held)?)))
    }

    /// What was read, as the pure crate knows it; none where nothing has that name.
    fn understood<S, T>(
        &self,
        doing: &str,
        held: Result<S, Problem>,
        read: impl FnOnce(&S) -> Result<T, String>,
    ) -> Result<Option<T>, Problem> {
        let held = absent(held, &[GONE])?;
        let understood = held.map(|held| read(&held)).transpose();
        understood.map_err(|what| Problem::not_understood(doing, self.target, what))
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

type Tags = std::collections::HashMap<String, String>;

fn kept<T>(tags: Option<&Tags>, content: T) -> Kept<T> {
    let family = family(tags);
    Kept { content, family }
}

/// The family that the tag of a resource names.
pub(super) fn family(tags: Option<&Tags>) -> Option<String> {
    tags.and_then(|tags| tags.get(crate::FAMILY)).cloned()
}

fn versioned<T>(version: Option<&str>, tags: Option<&Tags>, content: T) -> Result<Versioned<T>, String> {
    let version = version
        .ok_or("it has no version")?
        .parse()
        .map_err(|error| format!("{error}"))?;
    let kept = kept(tags, content);
    Ok(Versioned { version, kept })
}
