use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_imagebuilder::types::OutputResources;
use steward::evidence::{ImageName, PipelineSeen};
use steward::{AmiId, RecipePattern, Words};

use crate::builds::GONE;
use crate::problem::absent;
use crate::{AtTarget, Problem};

/// Before the name of an image of Image Builder's.
const ARN: &str = "arn:";
/// Whose images are never ours.
const VENDORS: &str = "aws";

impl AtTarget {
    /// Lists what Image Builder's pipelines build on; a disabled one may be enabled again.
    pub async fn pipelines_seen(&self) -> Result<Vec<PipelineSeen>, Problem> {
        let mut read: BTreeMap<String, (Option<ImageName>, BTreeSet<AmiId>)> = BTreeMap::new();
        let mut seen = Vec::new();
        for held in self.pipelines().await? {
            let recipe = held.recipe.to_string();
            if !read.contains_key(&recipe) {
                let parent = self.parent_in(&held.recipe).await?;
                read.insert(recipe.clone(), parent);
            }
            let (parent, builds_on) = read.get(&recipe).cloned().unwrap_or_default();
            // `…:image-pipeline/web` is `web`.
            let arn = held.pipeline.to_string();
            seen.push(PipelineSeen {
                name: Words::from(arn.split_once('/').map_or(arn.as_str(), |(_, name)| name)),
                recipe: held.recipe,
                parent,
                builds_on,
            });
        }
        Ok(seen)
    }

    async fn parent_in(&self, recipe: &RecipePattern) -> Result<(Option<ImageName>, BTreeSet<AmiId>), Problem> {
        let parent = self.parent_text(recipe).await?;
        let Some(arn) = parent.as_deref().filter(|parent| parent.starts_with(ARN)) else {
            return Ok((parent.as_deref().and_then(ImageName::read_parent), BTreeSet::new()));
        };
        if arn.split(':').nth(4).is_some_and(|owner| owner.starts_with(VENDORS)) {
            return Ok((None, BTreeSet::new()));
        }
        let doing = format!("read the image {arn} that {recipe} builds on");
        let request = self.builder.get_image().image_build_version_arn(arn);
        self.builder_reads.wait().await;
        // A pipeline whose parent is deleted, or deprecated whole, builds on nothing.
        let answer = absent(self.answered(&doing, request.send()).await, &GONE)?;
        let image = answer.as_ref().and_then(|answer| answer.image());
        let outputs = image
            .and_then(|image| image.output_resources())
            .map(OutputResources::amis);
        let here = outputs.unwrap_or_default().iter().filter(|ami| {
            let region = self.target.region().to_string();
            ami.region() == Some(region.as_str())
        });
        let ids = here.filter_map(|ami| ami.image()).map(str::parse);
        let ids = ids.collect::<Result<_, _>>();
        let ids = ids.map_err(|error| Problem::not_understood(&doing, self.target, error))?;
        Ok((None, ids))
    }

    async fn parent_text(&self, recipe: &RecipePattern) -> Result<Option<String>, Problem> {
        let doing = format!("read the recipe {recipe}");
        let arn = recipe.to_string();
        Ok(match recipe {
            RecipePattern::Image(_) => self.recipe(&doing, &arn).await?.parent_image,
            // What a container is built on is no image of EC2's; the instance that builds it is started from one.
            RecipePattern::Container(_) => {
                let recipe = self.container_recipe(&doing, &arn).await?;
                let machine = recipe.instance_configuration();
                machine.and_then(|machine| machine.image()).map(str::to_owned)
            }
        })
    }
}
