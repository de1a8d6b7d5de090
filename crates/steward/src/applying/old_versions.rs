use std::fmt;

use serde::{Serialize, Serializer};

use crate::{ComponentArn, ComponentBuildArn, FamilyName, RecipeArn, RecipePattern, ResourceName, Version};

/// Every version that the hub's Image Builder holds of what could go, and what refers to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// All recipes, of everybody.
    pub recipes: Vec<RecipeVersion>,
    /// The components of the families that are looked at.
    pub components: Vec<ComponentVersion>,
    /// The recipes that pipelines and unfinished builds name, ours and others'.
    pub named: Vec<RecipePattern>,
}

/// A version of a recipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipeVersion {
    /// Which.
    pub recipe: RecipeArn,
    /// The family its tag names.
    pub family: Option<String>,
    /// The components it names.
    pub components: Vec<ComponentArn>,
}

/// A build of a component's version; components of ours have one each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentVersion {
    /// Which.
    pub component: ComponentBuildArn,
    /// The family its tag names.
    pub family: Option<String>,
}

/// A version that nothing refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OldVersion {
    /// Of a recipe.
    Recipe(RecipeArn),
    /// Of a component.
    Component(ComponentBuildArn),
}

impl fmt::Display for OldVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (noun, name, version) = match self {
            Self::Recipe(RecipeArn::Image(arn)) => ("recipe", arn.name(), arn.version()),
            Self::Recipe(RecipeArn::Container(arn)) => ("container recipe", arn.name(), arn.version()),
            Self::Component(arn) => ("component", arn.name(), arn.version().version()),
        };
        write!(f, "{noun} {name} {version}")
    }
}

impl Serialize for OldVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Recipe(arn) => arn.serialize(serializer),
            Self::Component(arn) => arn.serialize(serializer),
        }
    }
}

/// The versions of these families that can go, recipes first: components go once no recipe names them. What manifests name
/// stays, too, though no recipe says so yet.
///
/// The newest always stays: the next version is counted from it, and no version means two things.
pub fn decide_old_versions(
    families: &[&FamilyName],
    versions: &Versions,
    named_by_manifests: &[ComponentArn],
) -> Vec<OldVersion> {
    let ours = |family: &Option<String>| {
        let family = family.as_deref();
        families.iter().any(|ours| Some(ours.as_str()) == family)
    };
    let (mut old, mut staying) = (Vec::new(), named_by_manifests.iter().collect::<Vec<_>>());
    for version in &versions.recipes {
        let RecipeVersion {
            recipe,
            family,
            components,
        } = version;
        let newer =
            |other: &RecipeVersion| (name(&other.recipe) == name(recipe)) && other.recipe.version() > recipe.version();
        let is_named = versions.named.iter().any(|named| named.may_mean(recipe));
        if ours(family) && !is_named && versions.recipes.iter().any(newer) {
            old.push(OldVersion::Recipe(recipe.clone()));
        } else {
            staying.extend(components);
        }
    }
    for ComponentVersion { component, family } in &versions.components {
        let is_newest = Some(version_of(component)) == newest(versions, component.name());
        let is_named = staying.iter().any(|named| may_mean(named, component));
        if ours(family) && !is_named && !is_newest {
            old.push(OldVersion::Component(component.clone()));
        }
    }
    old
}

/// Both kinds of recipes have names of their own.
const fn name(recipe: &RecipeArn) -> (bool, &ResourceName) {
    match recipe {
        RecipeArn::Image(arn) => (true, arn.name()),
        RecipeArn::Container(arn) => (false, arn.name()),
    }
}

fn may_mean(named: &ComponentArn, component: &ComponentBuildArn) -> bool {
    named.as_build().as_ref() == Some(component) || named.as_version().is_some_and(|named| named.matches(component))
}

const fn version_of(component: &ComponentBuildArn) -> Version {
    component.version().version()
}

fn newest(versions: &Versions, name: &ResourceName) -> Option<Version> {
    let builds = versions.components.iter().map(|version| &version.component);
    builds.filter(|build| build.name() == name).map(version_of).max()
}

#[cfg(test)]
mod tests;
