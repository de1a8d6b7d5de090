//! What a pipeline would build if it were started now.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_imagebuilder::types::{ComponentConfiguration, ImagePipeline, PipelineStatus};
use steward::building::{Line, Look};
use steward::manifest::{AmiOwner, Parent};
use steward::{AmiId, ComponentArn, ImageBuildArn, ParentImage, RecipeArn, UsedComponent, VersionOrBuild, Words};

use super::held::{GONE, family};
use crate::builds::GONE as GONE_IMAGE;
use crate::problem::absent;
use crate::{AtTarget, Problem};

/// Before the name of a parameter, as a recipe's parent.
const PARAMETER: &str = "ssm:";
/// By this name EC2 calls Amazon, and those whose images it gives that name.
const AMAZON: &str = "amazon";

/// What was read in this run: families share parents and components.
#[derive(Debug, Default)]
pub struct Read {
    /// By whom the manifest says that it is of: another family may say otherwise.
    parents: BTreeMap<(String, Option<AmiOwner>), ParentImage>,
    components: BTreeMap<String, ComponentArn>,
    /// What every parent is taken to be, and none is read.
    instead: Option<ParentImage>,
}

impl Read {
    /// As if every parent meant this image.
    pub fn as_if(parent: ParentImage) -> Self {
        Self {
            instead: Some(parent),
            ..Self::default()
        }
    }
}

/// What a pipeline would build, before anybody said what its parent is to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Would {
    /// It would not: why.
    Not(Look),
    /// This.
    Build {
        /// What its recipe's parent means.
        parent: ParentImage,
        /// What it builds by.
        recipe: RecipeArn,
        /// What the recipe's components mean.
        components: Vec<UsedComponent>,
    },
}

impl AtTarget {
    /// Reads what the pipeline of a line would build.
    pub async fn would_build(&self, line: &Line, parent: Option<&Parent>, read: &mut Read) -> Result<Would, Problem> {
        let pipeline = line.pipeline(self.target);
        let doing = format!("read the pipeline {pipeline}");
        let Some(held) = absent(self.pipeline(&doing, &pipeline.to_string()).await, &[GONE])? else {
            return Ok(Would::Not(Look::NoPipeline));
        };
        if let Some(look) = standing(&held, line) {
            return Ok(Would::Not(look));
        }
        let Some(recipe) = held.image_recipe_arn() else {
            let why = format!("the pipeline {pipeline} has no recipe of images");
            return Ok(Would::Not(Look::Unreadable(Words::from(why))));
        };
        let doing = format!("read the recipe {recipe}");
        let held = self.recipe(&doing, recipe).await?;
        if !is_of(held.tags(), line) {
            let why = format!("its pipeline builds by {recipe}, which `steward apply` did not make: run it again");
            return Ok(Would::Not(Look::Unreadable(Words::from(why))));
        }
        let bad = |what: String| Problem::not_understood(&doing, self.target, what);
        let recipe = held.arn().unwrap_or_default().parse();
        let recipe = RecipeArn::Image(recipe.map_err(|error| bad(format!("{error}")))?);
        let named = held.parent_image().unwrap_or_default();
        let parent = match self.parent_now(named, parent, read).await? {
            Ok(parent) => parent,
            Err(why) => return Ok(Would::Not(Look::Unreadable(why))),
        };
        let mut components = Vec::new();
        for used in held.components() {
            components.push(self.component_now(used, read).await?);
        }
        Ok(Would::Build {
            parent,
            recipe,
            components,
        })
    }

    /// What a recipe's parent means now. The error: why nothing may be built on it.
    async fn parent_now(
        &self,
        named: &str,
        parent: Option<&Parent>,
        read: &mut Read,
    ) -> Result<Result<ParentImage, Words>, Problem> {
        if let Some(instead) = &read.instead {
            return Ok(Ok(instead.clone()));
        }
        let owner = owner_of_parent(parent);
        if let Some(known) = read.parents.get(&(named.to_owned(), owner)) {
            return Ok(Ok(known.clone()));
        }
        let found = if let Some(name) = named.strip_prefix(PARAMETER) {
            let held = self.values(vec![name.to_owned()]).await?;
            let value = held.iter().find_map(|held| held.value());
            let ami = value.and_then(|value| value.parse::<AmiId>().ok());
            match ami {
                Some(ami) => self.owned(ami, owner).await?.map(ParentImage::Ami),
                None => Err(Words::from(format!("the parameter {name} names no image"))),
            }
        } else if let Ok(ami) = named.parse::<AmiId>() {
            self.owned(ami, owner).await?.map(ParentImage::Ami)
        } else {
            self.newest_build(named).await?.map(ParentImage::Build)
        };
        if let Ok(parent) = &found {
            read.parents.insert((named.to_owned(), owner), parent.clone());
        }
        Ok(found)
    }

    /// An image that is of whom the manifest says.
    async fn owned(&self, ami: AmiId, owner: Option<AmiOwner>) -> Result<Result<AmiId, Words>, Problem> {
        let Some(owner) = owner else { return Ok(Ok(ami)) };
        let Some((account, alias)) = self.owner_of(ami).await? else {
            return Ok(Err(Words::from(format!("its parent {ami} is not there"))));
        };
        let is_theirs = match owner {
            AmiOwner::Own => account == self.target.account(),
            AmiOwner::Amazon => alias.as_deref() == Some(AMAZON),
            AmiOwner::Account(owner) => account == owner,
        };
        if is_theirs {
            return Ok(Ok(ami));
        }
        Ok(Err(Words::from(format!(
            "its parent {ami} is of {account}, and the manifest says {owner}"
        ))))
    }

    async fn newest_build(&self, named: &str) -> Result<Result<ImageBuildArn, Words>, Problem> {
        let doing = format!("read the image {named}");
        self.builder_reads.wait().await;
        let request = self.builder.get_image().image_build_version_arn(named);
        let answer = absent(self.answered(&doing, request.send()).await, &GONE_IMAGE)?;
        let Some(image) = answer.as_ref().and_then(|answer| answer.image()) else {
            return Ok(Err(Words::from(format!("its parent {named} is not there"))));
        };
        let build = image.arn().unwrap_or_default().parse();
        build
            .map(Ok)
            .map_err(|error| Problem::not_understood(&doing, self.target, error))
    }

    async fn component_now(&self, used: &ComponentConfiguration, read: &mut Read) -> Result<UsedComponent, Problem> {
        let named = used.component_arn();
        let parameters = used.parameters().iter();
        let parameters = parameters
            .map(|given| (given.name().to_owned(), given.value().to_vec()))
            .collect();
        if let Some(known) = read.components.get(named) {
            return Ok(UsedComponent {
                component: known.clone(),
                parameters,
            });
        }
        let doing = format!("read the component {named}");
        let bad = |error: &dyn std::fmt::Display| Problem::not_understood(&doing, self.target, error);
        let said: ComponentArn = named.parse().map_err(|error| bad(&error))?;
        let component = match said.version() {
            VersionOrBuild::Build(_) => said,
            VersionOrBuild::Version(_) => {
                let held = self.component(&doing, named).await?;
                held.arn().unwrap_or_default().parse().map_err(|error| bad(&error))?
            }
        };
        read.components.insert(named.to_owned(), component.clone());
        Ok(UsedComponent { component, parameters })
    }
}

/// Of whom an image must be that a manifest's parent means; none: Image Builder says which it is.
fn owner_of_parent(parent: Option<&Parent>) -> Option<AmiOwner> {
    match parent? {
        Parent::Family(_) => Some(AmiOwner::Own),
        Parent::Parameter(of) => Some(of.owner),
        Parent::Ami(of) => Some(of.owner),
        Parent::Image(_) => None,
    }
}

/// Why a pipeline starts nothing of a line; none: it would.
fn standing(held: &ImagePipeline, line: &Line) -> Option<Look> {
    if !is_of(held.tags(), line) {
        let why = "its pipeline does not carry our tag of this family: run `steward apply`";
        return Some(Look::Unreadable(Words::from(why)));
    }
    let disabled = held.status() == Some(&PipelineStatus::Disabled);
    let failures = held.consecutive_failures().and_then(|count| u32::try_from(count).ok());
    disabled.then_some(Look::Disabled(failures))
}

/// Whether what carries these tags was made for the line's family by `steward apply`.
fn is_of(tags: Option<&HashMap<String, String>>, line: &Line) -> bool {
    family(tags).as_deref() == Some(line.family.as_str())
}
