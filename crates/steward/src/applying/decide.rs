use std::collections::BTreeMap;

use super::content::{
    ComponentContent, ContainerRecipeContent, DistributionContent, InfrastructureContent, PipelineContent,
    RecipeContent,
};
use super::difference::changes;
use super::plan::{ApplyPlan, ApplyStep, Before, Resource, named};
use super::wanted::{PipelineSettings, Wanted, WantedComponent, WantedLine, WantedRecipe};
use crate::manifest::Bump;
use crate::{
    ContainerRecipe, DistributionConfiguration, ImageBuilderArn, ImageBuilderOwner, ImageRecipe,
    InfrastructureConfiguration, RecipePattern, ResourceName, Unversioned, Version, VersionPattern,
};

/// What Image Builder holds under the names that a family wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// The newest version of each component.
    pub components: BTreeMap<ResourceName, Versioned<ComponentContent>>,
    /// What belongs to each architecture, by its name.
    pub lines: BTreeMap<ResourceName, HeldLine>,
}

/// What one architecture has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldLine {
    /// The newest version of its recipe of AMIs.
    pub recipe: Option<Versioned<RecipeContent>>,
    /// The newest version of its recipe of container images.
    pub container_recipe: Option<Versioned<ContainerRecipeContent>>,
    /// Its infrastructure configuration.
    pub infrastructure: Option<Kept<InfrastructureContent>>,
    /// Its distribution configuration.
    pub distribution: Option<Kept<DistributionContent>>,
    /// Its pipeline.
    pub pipeline: Option<Kept<PipelineContent>>,
}

/// The newest version of something that never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned<T> {
    /// Which.
    pub version: Version,
    /// What it says, and whose it is.
    pub kept: Kept<T>,
}

/// Something that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept<T> {
    /// What it says.
    pub content: T,
    /// The family its tag names.
    pub family: Option<String>,
}

/// The steps that make what is held into what is wanted. Nothing that lacks our tag is touched, nor followed by a version.
pub fn decide_apply(wanted: &Wanted, held: &Held) -> ApplyPlan {
    let mut deciding = Deciding {
        wanted,
        plan: ApplyPlan {
            family: wanted.family.clone(),
            hub: wanted.hub,
            steps: Vec::new(),
            unchanged: Vec::new(),
            blocked: Vec::new(),
        },
    };
    let mut versions = BTreeMap::new();
    for WantedComponent { name, content } in &wanted.components {
        let version = deciding.versioned(name, content, held.components.get(name));
        versions.insert(name.clone(), version);
    }
    let nothing = HeldLine::default();
    for line in &wanted.lines {
        deciding.line(line, held.lines.get(&line.name).unwrap_or(&nothing), &versions);
    }
    deciding.plan
}

struct Deciding<'a> {
    wanted: &'a Wanted,
    plan: ApplyPlan,
}

impl Deciding<'_> {
    fn line(&mut self, line: &WantedLine, held: &HeldLine, versions: &BTreeMap<ResourceName, Version>) {
        let region = self.wanted.hub.region();
        let owner = ImageBuilderOwner::Account(self.wanted.hub.account());
        let mut recipe = line.recipe.clone();
        for (at, name) in &line.own {
            if let (Some(part), Some(version)) = (recipe.components_mut().get_mut(*at), versions.get(name)) {
                let version = VersionPattern::from(*version);
                part.arn =
                    ImageBuilderArn::new(region, owner.clone(), crate::Component, name.clone(), version).to_string();
            }
        }
        let recipe = match recipe {
            WantedRecipe::Image(recipe) => {
                let version = self.versioned(&line.name, &recipe, held.recipe.as_ref());
                let name = line.name.clone();
                RecipePattern::Image(ImageBuilderArn::new(
                    region,
                    owner.clone(),
                    ImageRecipe,
                    name,
                    version.into(),
                ))
            }
            WantedRecipe::Container(recipe) => {
                let version = self.versioned(&line.name, &recipe, held.container_recipe.as_ref());
                let name = line.name.clone();
                RecipePattern::Container(ImageBuilderArn::new(
                    region,
                    owner.clone(),
                    ContainerRecipe,
                    name,
                    version.into(),
                ))
            }
        };
        self.kept(&line.name, &line.infrastructure, held.infrastructure.as_ref());
        if let Some(distribution) = &line.distribution {
            self.kept(&line.name, distribution, held.distribution.as_ref());
        }
        let PipelineSettings {
            description,
            image_tags,
            enhanced_metadata,
            scanning,
            workflows,
            execution_role,
        } = line.pipeline.clone();
        let pipeline = PipelineContent {
            description,
            recipe,
            infrastructure: ImageBuilderArn::new(
                region,
                owner.clone(),
                InfrastructureConfiguration,
                line.name.clone(),
                Unversioned,
            ),
            distribution: line.distribution.is_some().then(|| {
                ImageBuilderArn::new(region, owner, DistributionConfiguration, line.name.clone(), Unversioned)
            }),
            tests: true,
            enhanced_metadata,
            scanning,
            workflows,
            execution_role,
            image_tags,
            enabled: true,
            schedule: None,
            others: Vec::new(),
        };
        if let Some(held) = &held.pipeline
            && !held.content.recipe.is_of_the_kind_of(&pipeline.recipe)
        {
            let name = &line.name;
            self.plan.blocked.push(format!(
                "the pipeline {name} builds by {}, and Image Builder lets no pipeline change between AMIs and container images: delete it",
                held.content.recipe
            ));
        }
        self.kept(&line.name, &pipeline, held.pipeline.as_ref());
    }

    /// The version whose content is the wanted one: the newest, or the one after it.
    fn versioned<T: Resource>(&mut self, name: &ResourceName, content: &T, newest: Option<&Versioned<T>>) -> Version {
        let Some(Versioned { version, kept }) = newest else {
            self.step(name, Some(Version::FIRST), content, Before::Nothing, None);
            return Version::FIRST;
        };
        if self.is_foreign(kept, name) {
            return *version;
        }
        if kept.content == *content {
            self.unchanged::<T>(name, Some(*version));
            return *version;
        }
        let Some(next) = next_version(*version, self.wanted.bump) else {
            let noun = T::NOUN;
            self.plan.blocked.push(format!(
                "the {noun} {name} has no version after {version}: delete that version"
            ));
            return *version;
        };
        self.step(
            name,
            Some(next),
            content,
            Before::Version(*version),
            Some(&kept.content),
        );
        next
    }

    fn kept<T: Resource>(&mut self, name: &ResourceName, content: &T, held: Option<&Kept<T>>) {
        let Some(held) = held else {
            return self.step(name, None, content, Before::Nothing, None);
        };
        if self.is_foreign(held, name) {
            return;
        }
        if held.content == *content {
            self.unchanged::<T>(name, None);
        } else {
            self.step(name, None, content, Before::Same, Some(&held.content));
        }
    }

    fn is_foreign<T: Resource>(&mut self, held: &Kept<T>, name: &ResourceName) -> bool {
        let family = self.wanted.family.as_str();
        if held.family.as_deref() == Some(family) {
            return false;
        }
        let noun = T::NOUN;
        let whose = match &held.family {
            Some(other) => format!("is of the family {other}"),
            None => String::from("is not tagged as ours"),
        };
        self.plan.blocked.push(format!(
            "the {noun} {name} {whose}: delete or rename it, or tag it image-steward:family={family} if it is to be changed"
        ));
        true
    }

    fn step<T: Resource>(
        &mut self,
        name: &ResourceName,
        version: Option<Version>,
        content: &T,
        before: Before,
        was: Option<&T>,
    ) {
        self.plan.steps.push(ApplyStep {
            name: name.clone(),
            version,
            content: content.clone().content(),
            before,
            changes: changes(was, content),
        });
    }

    fn unchanged<T: Resource>(&mut self, name: &ResourceName, version: Option<Version>) {
        self.plan.unchanged.push(named(T::NOUN, name, version));
    }
}

/// None behind the last number there is.
fn next_version(version: Version, bump: Bump) -> Option<Version> {
    let [major, minor, patch] = version.numbers();
    let next = match bump {
        Bump::Patch => Version::new(major, minor, patch + 1),
        Bump::Minor => Version::new(major, minor + 1, 0),
        Bump::Major => Version::new(major + 1, 0, 0),
    };
    next.ok()
}
