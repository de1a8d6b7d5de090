//! What Image Builder keeps, account by account and Region by Region.

use std::collections::{BTreeMap, BTreeSet};

use super::arn::{Kind, Place, Version};
use super::component::Component;
use super::distribution::Distribution;
use super::failure::Plan;
use super::image::Image;
use super::infrastructure::Infrastructure;
use super::lifecycle::Execution;
use super::managed::ManagedImage;
use super::pipeline::Pipeline;
use super::recipe::Recipe;
use super::token::TokenUse;
use super::waiting::Gate;
use crate::ids::AccountId;
use crate::region::Region;
use crate::world::Target;

/// Image Builder of the whole world.
#[derive(Debug, Default)]
pub(crate) struct ImageBuilder {
    shelves: BTreeMap<Target, Shelf>,
    /// Amazon's images, which every account of a Region sees.
    pub(crate) managed_images: BTreeMap<(Region, Place), ManagedImage>,
    /// Accounts with the role that takes copies: `EC2ImageBuilderDistributionCrossAccountRole`.
    pub(crate) distribution_roles: BTreeSet<AccountId>,
    /// Accounts with the role that lets copies go: `Ec2ImageBuilderCrossAccountLifecycleAccess`.
    pub(crate) lifecycle_roles: BTreeSet<AccountId>,
    /// Workflows of accounts, by their ARNs.
    pub(crate) workflows: BTreeSet<String>,
    /// The step of a workflow that waits for somebody, by the workflow's ARN.
    pub(crate) gates: BTreeMap<String, Gate>,
    /// What a test wants of the builds of a pipeline, by its ARN.
    pub(crate) plans: BTreeMap<String, Plan>,
}

impl ImageBuilder {
    pub(crate) fn shelf(&self, target: Target) -> &Shelf {
        static EMPTY: Shelf = Shelf::empty();
        self.shelves.get(&target).unwrap_or(&EMPTY)
    }

    pub(crate) fn shelf_mut(&mut self, target: Target) -> &mut Shelf {
        self.shelves.entry(target).or_default()
    }

    /// A target's recipes of AMIs by their ARNs, with what each says it is built on.
    pub(crate) fn image_recipes(&self, target: Target) -> impl Iterator<Item = (String, Option<&str>)> {
        self.recipes_of(target, Kind::Recipe)
    }

    /// A target's recipes of container images by their ARNs, with the AMI of the machine that they are built on.
    pub(crate) fn container_recipes(&self, target: Target) -> impl Iterator<Item = (String, Option<&str>)> {
        self.recipes_of(target, Kind::ContainerRecipe)
    }

    fn recipes_of(&self, target: Target, kind: Kind) -> impl Iterator<Item = (String, Option<&str>)> {
        let recipes = self.shelf(target).recipes.values();
        recipes
            .filter(move |recipe| recipe.kind() == kind)
            .map(move |recipe| (recipe.arn(target).to_string(), recipe.ami()))
    }

    pub(crate) fn image_mut(&mut self, target: Target, place: &Place) -> Option<&mut Image> {
        self.shelves.get_mut(&target)?.images.get_mut(place)
    }
}

/// Everything of one account in one Region. Kinds without versions are keyed by their normalised name.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    pub(crate) components: BTreeMap<Place, Component>,
    /// Both kinds, each with its names.
    pub(crate) recipes: BTreeMap<(Kind, String, Version), Recipe>,
    pub(crate) infrastructures: BTreeMap<String, Infrastructure>,
    pub(crate) distributions: BTreeMap<String, Distribution>,
    pub(crate) pipelines: BTreeMap<String, Pipeline>,
    pub(crate) images: BTreeMap<Place, Image>,
    /// The last build number given to a version; a deleted image's number is not given again.
    pub(crate) last_builds: BTreeMap<(String, Version), u32>,
    pub(crate) tokens: BTreeMap<(&'static str, String), TokenUse>,
    pub(crate) executions: BTreeMap<String, Execution>,
    /// Lifecycle policies, by their ARNs.
    pub(crate) policies: BTreeMap<String, serde_json::Value>,
}

impl Shelf {
    const fn empty() -> Self {
        Self {
            components: BTreeMap::new(),
            recipes: BTreeMap::new(),
            infrastructures: BTreeMap::new(),
            distributions: BTreeMap::new(),
            pipelines: BTreeMap::new(),
            images: BTreeMap::new(),
            last_builds: BTreeMap::new(),
            tokens: BTreeMap::new(),
            executions: BTreeMap::new(),
            policies: BTreeMap::new(),
        }
    }
}
