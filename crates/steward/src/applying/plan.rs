use std::fmt;

use serde::Serialize;

use super::content::{
    ComponentContent, ContainerRecipeContent, DistributionContent, InfrastructureContent, PipelineContent,
    RecipeContent,
};
use super::difference::Change;
use crate::text::digest;
use crate::{FamilyName, ResourceName, Target, Version};

/// What applying a family would do, what stays, and what is in the way. With anything in the way nothing is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApplyPlan {
    /// The family.
    pub family: FamilyName,
    /// Where.
    pub hub: Target,
    /// In this order: each needs only those before it.
    pub steps: Vec<ApplyStep>,
    /// What is as it should be.
    pub unchanged: Vec<String>,
    /// What has a name of ours and is not ours.
    pub blocked: Vec<String>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApplyStep {
    /// What it is called.
    pub name: ResourceName,
    /// The version that is made, where there are versions.
    pub version: Option<Version>,
    /// What it will be.
    pub content: Content,
    /// Whether it is there already: updated, or followed by a next version.
    pub before: Before,
    /// In what it differs from what is there.
    pub changes: Vec<Change>,
}

/// What is there before a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Before {
    /// Nothing.
    Nothing,
    /// This version.
    Version(Version),
    /// The same thing, otherwise.
    Same,
}

/// A resource of Image Builder, by its kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// A component.
    Component(ComponentContent),
    /// A recipe.
    Recipe(RecipeContent),
    /// A recipe of container images.
    ContainerRecipe(ContainerRecipeContent),
    /// An infrastructure configuration.
    Infrastructure(InfrastructureContent),
    /// A distribution configuration.
    Distribution(DistributionContent),
    /// A pipeline.
    Pipeline(PipelineContent),
}

/// What a resource of one kind says.
pub(super) trait Resource: Serialize + PartialEq + Clone {
    /// Its kind, for people.
    const NOUN: &'static str;

    fn content(self) -> Content;
}

macro_rules! resources {
    ($($kind:ident($content:ident): $noun:literal;)+) => {
        $(
            impl Resource for $content {
                const NOUN: &'static str = $noun;

                fn content(self) -> Content {
                    Content::$kind(self)
                }
            }
        )+

        impl Content {
            /// Its kind, for people.
            pub const fn noun(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => $content::NOUN,)+
                }
            }
        }
    };
}

resources! {
    Component(ComponentContent): "component";
    Recipe(RecipeContent): "recipe";
    ContainerRecipe(ContainerRecipeContent): "container recipe";
    Infrastructure(InfrastructureContent): "infrastructure configuration";
    Distribution(DistributionContent): "distribution configuration";
    Pipeline(PipelineContent): "pipeline";
}

/// As people name it: `recipe web-x86-64 1.0.1`.
pub(super) fn named(noun: &str, name: &ResourceName, version: Option<Version>) -> String {
    match version {
        Some(version) => format!("{noun} {name} {version}"),
        None => format!("{noun} {name}"),
    }
}

impl fmt::Display for ApplyStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&named(self.content.noun(), &self.name, self.version))
    }
}

impl ApplyPlan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.blocked.is_empty()
    }
}

impl ApplyStep {
    /// The token of its call: repeated in the same run, it is answered with what it made.
    ///
    /// The run is part of it: what was changed back and forth, or deleted and made again, would otherwise be answered with
    /// what was done long ago.
    pub fn token(&self, hub: Target, run: &str) -> String {
        digest(&(hub, self, run))
    }
}
