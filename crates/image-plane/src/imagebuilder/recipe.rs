//! Recipes: a base and components under a version that never changes. One kind makes AMIs, the other container images.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::arn::{Arn, Kind, Owner, Place, Version, normalise};
use super::check::TagMap;
use super::component::{self, Platform, lists_amazon};
use super::errors::{depended_on, dry_run, exists, invalid, not_found, quota};
use super::request::Input;
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};
use ami::AmiRecipe;
use container::ContainerRecipe;

pub(crate) mod ami;
pub(crate) mod container;

/// Components of one recipe, and recipes of a kind that an account has in a Region.
const MOST_COMPONENTS: usize = 20;
const MOST_RECIPES: usize = 1000;

/// A component as a recipe asks for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Part {
    pub(crate) component_arn: String,
    parameters: Option<Vec<PartParameter>>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PartParameter {
    name: String,
    value: Vec<String>,
}

/// A version of a recipe.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) name: String,
    pub(crate) version: Version,
    pub(crate) description: Option<String>,
    pub(crate) components: Option<Vec<Part>>,
    pub(crate) parent_image: String,
    pub(crate) tags: TagMap,
    working_directory: Option<String>,
    pub(crate) platform: Platform,
    created: Time,
    pub(crate) makes: Makes,
}

/// What a recipe makes, and what only such recipes say.
#[derive(Clone, Debug)]
pub(crate) enum Makes {
    Ami(AmiRecipe),
    Container(ContainerRecipe),
}

impl Recipe {
    /// A recipe for Linux that adds nothing to its parent but tags.
    pub(crate) fn of_parent((name, version): (String, Version), parent: String, tags: TagMap, created: Time) -> Self {
        Self {
            name,
            version,
            description: None,
            components: None,
            parent_image: parent,
            tags: TagMap::new(),
            working_directory: None,
            platform: Platform::Linux,
            created,
            makes: Makes::Ami(AmiRecipe::with_tags(tags)),
        }
    }

    pub(crate) const fn kind(&self) -> Kind {
        match self.makes {
            Makes::Ami(_) => Kind::Recipe,
            Makes::Container(_) => Kind::ContainerRecipe,
        }
    }

    pub(crate) fn arn(&self, target: Target) -> Arn {
        Arn::of_version(target, self.kind(), &normalise(&self.name), self.version)
    }

    /// The type of the images it becomes.
    pub(crate) const fn image_type(&self) -> &'static str {
        match self.makes {
            Makes::Ami(_) => "AMI",
            Makes::Container(_) => "DOCKER",
        }
    }

    /// Where `GetImage` and its own operation show it.
    pub(crate) const fn member(&self) -> &'static str {
        words(self.kind()).one
    }

    /// The recipe as its own operation and `GetImage` show it. `type` is documented as never returned.
    pub(crate) fn describe(&self, target: Target) -> Value {
        let mut described = json!({
            "arn": self.arn(target).to_string(),
            "name": self.name,
            "description": self.description,
            "platform": self.platform,
            "owner": target.account.to_string(),
            "version": self.version.to_string(),
            "components": self.components,
            "parentImage": self.parent_image,
            "dateCreated": self.created.to_string(),
            "tags": self.tags,
            "workingDirectory": self.working_directory,
        });
        match &self.makes {
            Makes::Ami(ami) => ami.describe(&mut described),
            Makes::Container(container) => container.describe(&mut described),
        }
        described
    }

    /// What it says where an AMI may stand: what AMIs are built on, or the machine that builds container images.
    pub(crate) fn ami(&self) -> Option<&str> {
        match &self.makes {
            Makes::Ami(_) => Some(&self.parent_image),
            Makes::Container(container) => container.instance_image(),
        }
    }

    /// Whether it marks the AMIs it makes.
    pub(crate) const fn is_watermarked(&self) -> bool {
        matches!(&self.makes, Makes::Ami(ami) if ami.watermarks.is_some())
    }

    pub(crate) const fn created(&self) -> Time {
        self.created
    }
}

/// What the two kinds call themselves.
struct Words {
    one: &'static str,
    arn: &'static str,
    list: &'static str,
    kind: &'static str,
    several: &'static str,
}

const fn words(kind: Kind) -> Words {
    match kind {
        Kind::ContainerRecipe => Words {
            one: "containerRecipe",
            arn: "containerRecipeArn",
            list: "containerRecipeSummaryList",
            kind: "ContainerRecipe",
            several: "container recipes",
        },
        _ => Words {
            one: "imageRecipe",
            arn: "imageRecipeArn",
            list: "imageRecipeSummaryList",
            kind: "ImageRecipe",
            several: "image recipes",
        },
    }
}

/// The member that names a recipe of this kind.
pub(crate) const fn parameter(kind: Kind) -> &'static str {
    words(kind).arn
}

/// Puts a new version on the shelf, unless it is there, or one too many, or only tried.
fn store(world: &mut World, target: Target, recipe: Recipe, dry: Option<bool>) -> Result<Value, ApiError> {
    let words = words(recipe.kind());
    let arn = recipe.arn(target);
    let key = (recipe.kind(), normalise(&recipe.name), recipe.version);
    let shelf = world.builder.shelf(target);
    if shelf.recipes.contains_key(&key) {
        return Err(exists(words.kind, arn));
    }
    if shelf.recipes.keys().filter(|(kind, ..)| *kind == key.0).count() >= MOST_RECIPES {
        return Err(quota(format!(
            "You have reached your quota of {MOST_RECIPES} {}.",
            words.several
        )));
    }
    if dry == Some(true) {
        return Err(dry_run());
    }
    world.builder.shelf_mut(target).recipes.insert(key, recipe);
    Ok(json!({ words.arn: arn.to_string(), "latestVersionReferences": arn.latest_references() }))
}

/// The version a request makes.
fn new_version(text: &str) -> Result<Version, ApiError> {
    if text.contains('x') {
        return Err(ApiError::not_modelled(
            "a wildcard in semanticVersion: which version comes first is not documented",
        ));
    }
    Version::read("semanticVersion", text)
}

/// Components must exist, suit the platform, come once each, and get the parameters they ask for and no others.
fn check_parts(world: &World, target: Target, parts: Option<&[Part]>, platform: Platform) -> Result<(), ApiError> {
    let Some(parts) = parts else { return Ok(()) };
    if parts.is_empty() {
        return Err(invalid("components", "A list of components must not be empty."));
    }
    if parts.len() > MOST_COMPONENTS {
        return Err(quota(format!(
            "A recipe can have at most {MOST_COMPONENTS} components."
        )));
    }
    let mut seen: Vec<(Owner, String)> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let parameter = format!("components[{at}].componentArn");
        let arn = Arn::read(&parameter, &part.component_arn, Kind::Component)?;
        let (found, component) =
            component::find(world, target, &arn).map_err(|error| invalid(&parameter, error.message))?;
        if component.platform != platform {
            return Err(invalid(
                &parameter,
                format_args!(
                    "The component is for {}, the parent image for {}.",
                    component.platform.name(),
                    platform.name()
                ),
            ));
        }
        if seen
            .iter()
            .any(|(owner, name)| (*owner, name) == (found.owner, &found.name))
        {
            return Err(invalid(
                &parameter,
                "A component can be specified only once in a recipe.",
            ));
        }
        seen.push((found.owner, found.name));
        let given = part.parameters.as_deref().unwrap_or_default();
        let known = &component.document.parameters;
        if let Some(other) = given
            .iter()
            .find(|given| !known.iter().any(|known| known.name == given.name))
        {
            return Err(invalid(
                &parameter,
                format_args!("The component has no parameter '{}'.", other.name),
            ));
        }
        if let Some(missing) = known
            .iter()
            .find(|known| known.default.is_none() && !given.iter().any(|given| given.name == known.name))
        {
            return Err(invalid(
                &parameter,
                format_args!("The parameter '{}' has no default and needs a value.", missing.name),
            ));
        }
    }
    Ok(())
}

/// The newest recipe of the account that an ARN can mean.
pub(crate) fn find<'a>(world: &'a World, target: Target, arn: &Arn) -> Result<&'a Recipe, ApiError> {
    let arn = arn.clone().at_home(target)?;
    let recipes = world.builder.shelf(target).recipes.iter();
    let mut fitting =
        recipes.filter(|((kind, name, version), _)| *kind == arn.kind && arn.matches(&(name.clone(), *version, 0)));
    fitting
        .next_back()
        .map(|(_, recipe)| recipe)
        .ok_or_else(|| not_found(arn))
}

pub(crate) fn get_image_recipe(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    get(Kind::Recipe, world, caller, input)
}

pub(crate) fn get_container_recipe(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    get(Kind::ContainerRecipe, world, caller, input)
}

fn get(kind: Kind, world: &World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let words = words(kind);
    let arn = Arn::read(words.arn, input.query(words.arn)?, kind)?;
    let recipe = find(world, caller.target, &arn)?;
    Ok(
        json!({ words.one: recipe.describe(caller.target), "latestVersionReferences": recipe.arn(caller.target).latest_references() }),
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct List {
    owner: Option<String>,
}

pub(crate) fn list_image_recipes(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    list(Kind::Recipe, world, caller, input)
}

pub(crate) fn list_container_recipes(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    list(Kind::ContainerRecipe, world, caller, input)
}

fn list(kind: Kind, world: &World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let filters: &[&str] = match kind {
        Kind::ContainerRecipe => &["containerType", "name", "parentImage", "platform"],
        _ => &["name", "parentImage", "platform"],
    };
    let (paging, List { owner }) = input.listing(filters)?;
    if lists_amazon(owner.as_deref())? {
        return Err(ApiError::not_modelled("recipes of the owner Amazon"));
    }
    let target = caller.target;
    let recipes = world.builder.shelf(target).recipes.iter();
    let items = recipes
        .filter(|((found, ..), _)| *found == kind)
        .map(|((_, name, version), recipe)| -> (Place, &Recipe) { ((name.clone(), *version, 0), recipe) });
    let page = paging.cut(world, items, |recipe, field| match field {
        "name" => vec![recipe.name.clone()],
        "parentImage" => vec![recipe.parent_image.clone()],
        "containerType" => vec![recipe.image_type().to_owned()],
        _ => vec![recipe.platform.name().to_owned()],
    })?;
    let list: Vec<Value> = page
        .items
        .into_iter()
        .map(|recipe| {
            let mut summary = json!({
                "arn": recipe.arn(target).to_string(), "name": recipe.name, "platform": recipe.platform, "owner": target.account.to_string(),
                "parentImage": recipe.parent_image, "dateCreated": recipe.created.to_string(), "tags": recipe.tags,
            });
            if let Makes::Container(container) = &recipe.makes {
                summary["containerType"] = json!(recipe.image_type());
                summary["instanceImage"] = json!(container.instance_image());
            }
            summary
        })
        .collect();
    Ok(json!({ words(kind).list: list, "nextToken": page.next }))
}

pub(crate) fn delete_image_recipe(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    delete(Kind::Recipe, world, caller, input)
}

pub(crate) fn delete_container_recipe(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    delete(Kind::ContainerRecipe, world, caller, input)
}

fn delete(kind: Kind, world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let parameter = words(kind).arn;
    let target = caller.target;
    let arn = Arn::read(parameter, input.query(parameter)?, kind)?.at_home(target)?;
    let (name, version) = arn
        .exact_version()
        .ok_or_else(|| invalid(parameter, "It must name an exact version."))?;
    let key = (kind, name, version);
    let shelf = world.builder.shelf(target);
    if !shelf.recipes.contains_key(&key) {
        return Err(not_found(arn));
    }
    // Images keep what they were built from; only pipelines hold a recipe.
    let means = |text: &str| {
        Arn::parse(parameter, text)
            .ok()
            .and_then(|wanted| find(world, target, &wanted).ok())
            .is_some_and(|recipe| recipe.arn(target) == arn)
    };
    if shelf
        .pipelines
        .values()
        .any(|pipeline| means(pipeline.settings.recipe_arn()))
    {
        return Err(depended_on(arn));
    }
    world.builder.shelf_mut(target).recipes.remove(&key);
    Ok(json!({ parameter: arn.to_string() }))
}

#[cfg(test)]
mod tests;
