//! Putting pipelines and finished builds into a world past every API.

use serde_json::json;

use super::arn::{Arn, Kind, Version, normalise};
use super::check::TagMap;
use super::component::Platform;
use super::image::{Image, Output, Status, Work};
use super::infrastructure::Infrastructure;
use super::named::{self, Named};
use super::parent::Parent;
use super::pipeline::{Pipeline, Tests};
use super::recipe::Recipe;
use super::walk::Walk;
use crate::ids::ImageId;
use crate::time::Time;
use crate::world::{Target, World};

/// What every build and pipeline of one name is called, and when it was made.
#[derive(Clone, Debug)]
pub(crate) struct NewRecipe {
    pub(crate) name: String,
    pub(crate) version: [u32; 3],
    /// As it was written: an AMI, `ssm:` and a parameter, or the ARN of an image.
    pub(crate) parent: String,
    /// The tags its AMIs get.
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) created: Time,
}

/// A build that ended well.
#[derive(Clone, Debug)]
pub(crate) struct NewBuild {
    pub(crate) recipe: NewRecipe,
    pub(crate) build: u32,
    /// The AMI it was built on.
    pub(crate) parent: Option<(ImageId, Target)>,
    pub(crate) outputs: Vec<(Target, ImageId, String)>,
    pub(crate) deprecated: Option<Time>,
}

impl NewRecipe {
    fn into_recipe(self) -> Recipe {
        let [major, minor, patch] = self.version;
        let tags: TagMap = self.tags.into_iter().collect();
        Recipe::of_parent(
            (self.name, Version::new(major, minor, patch)),
            self.parent,
            tags,
            self.created,
        )
    }
}

impl World {
    /// Puts a recipe into a target, and says its ARN.
    pub(crate) fn place_recipe(&mut self, target: Target, new: NewRecipe) -> String {
        let recipe = new.into_recipe();
        let arn = recipe.arn(target).to_string();
        let key = (Kind::Recipe, normalise(&recipe.name), recipe.version);
        self.builder.shelf_mut(target).recipes.insert(key, recipe);
        arn
    }

    /// Puts a pipeline that builds by a recipe into a target, with an infrastructure configuration, all of one name; says
    /// its ARN.
    pub(crate) fn place_pipeline(&mut self, target: Target, new: NewRecipe) -> String {
        let (name, created) = (new.name.clone(), new.created);
        let recipe = self.place_recipe(target, new);
        let infrastructure = infrastructure(self, target, &name, created);
        let settings = json!({
            "imageRecipeArn": recipe,
            "infrastructureConfigurationArn": infrastructure,
            "status": "ENABLED",
            "enhancedImageMetadataEnabled": true,
        });
        let members = settings.as_object().cloned().unwrap_or_default();
        let arn = Arn::of_name(target, Kind::Pipeline, &normalise(&name)).to_string();
        if let Ok(settings) = named::Settings::read(self, target, members) {
            let pipeline: Pipeline = Named::unchanged(name.clone(), settings, created);
            self.builder
                .shelf_mut(target)
                .pipelines
                .insert(normalise(&name), pipeline);
        }
        arn
    }

    /// Puts a build that ended well into a target, with its recipe, and says its ARN.
    pub(crate) fn place_build(&mut self, target: Target, new: NewBuild) -> String {
        let NewBuild {
            recipe,
            build,
            parent,
            outputs,
            deprecated,
        } = new;
        let (name, created) = (recipe.name.clone(), recipe.created);
        infrastructure(self, target, &name, created);
        let recipe = recipe.into_recipe();
        let place = (normalise(&name), recipe.version, build);
        let arn = Arn::of_build(target, Kind::Image, &place).to_string();
        let pipeline = Arn::of_name(target, Kind::Pipeline, &normalise(&name)).to_string();
        let walk = Walk::to_the_end(created, &self.settings.build);
        let books = self.builder.shelf_mut(target);
        let Some(infrastructure) = books.infrastructures.get(&normalise(&name)).cloned() else {
            return arn;
        };
        let output = |(target, ami, name)| Output {
            target,
            ami,
            name,
            description: None,
        };
        let parent = parent.map(|(ami, home)| Parent {
            ami,
            owner: home.account,
            shown: ami.to_string(),
            platform: Platform::Linux,
            source: "CUSTOM",
            os_version: None,
        });
        let tests = Tests::settle(None).ok();
        let Some(tests) = tests else { return arn };
        let mut recipe_built = recipe.clone();
        if let Some(parent) = &parent {
            recipe_built.parent_image.clone_from(&parent.shown);
        }
        let image = Image {
            status: if deprecated.is_some() {
                Status::Deprecated
            } else {
                Status::Available
            },
            failure: None,
            recipe: recipe_built,
            infrastructure,
            distribution: None,
            tests,
            scanning: None,
            scanned: None,
            enhanced: true,
            workflows: None,
            execution_role: None,
            log_group: None,
            pipeline: Some(pipeline),
            tags: TagMap::new(),
            created,
            listed: created,
            source: Some("CUSTOM"),
            os_version: None,
            outputs: outputs.into_iter().map(output).collect(),
            containers: Vec::new(),
            deprecated_at: deprecated,
            lifecycle_execution: None,
            walk,
            work: Work {
                parent,
                distributing_since: created,
                ..Work::default()
            },
        };
        let key = (Kind::Recipe, place.0.clone(), place.1);
        books.recipes.entry(key).or_insert(recipe);
        let last = books.last_builds.entry((place.0.clone(), place.1)).or_default();
        *last = (*last).max(build);
        books.images.insert(place, image);
        arn
    }
}

/// The infrastructure configuration of a name, made where there is none; says its ARN.
fn infrastructure(world: &mut World, target: Target, name: &str, created: Time) -> String {
    let key = normalise(name);
    let members = json!({ "instanceProfileName": "ImageBuilder" });
    let members = members.as_object().cloned().unwrap_or_default();
    if !world.builder.shelf(target).infrastructures.contains_key(&key)
        && let Ok(settings) = named::Settings::read(world, target, members)
    {
        let made: Infrastructure = Named::unchanged(name.to_owned(), settings, created);
        world
            .builder
            .shelf_mut(target)
            .infrastructures
            .insert(key.clone(), made);
    }
    Arn::of_name(target, Kind::Infrastructure, &key).to_string()
}
