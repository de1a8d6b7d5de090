//! EC2's own word on who names an image: of whom it is asked, and what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::join::{Readings, join};
use super::reference::Reference;
use crate::arn::ArnParts;
use crate::{AmiId, AmiState, InstanceId, RecipeArn, TemplateId, Timestamp, Words};

/// Something that names an image, as EC2 says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceSeen {
    /// Which image.
    pub ami: AmiId,
    /// What names it.
    pub by: Referrer,
}

/// What names an image by EC2's own word, which says no more of it: not its state, and not which of its versions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Referrer {
    /// An instance.
    Instance(InstanceId),
    /// A launch template.
    LaunchTemplate(TemplateId),
    /// A parameter.
    Parameter(Words),
    /// A version of a recipe.
    Recipe(RecipeArn),
    /// What EC2 has come to look through since.
    Other {
        /// Of which kind, in its own words.
        kind: Words,
        /// Which.
        arn: Words,
    },
}

/// The images of which EC2 is to say who names them: those that are being retired, and that nothing else that was read of the
/// target shows in use.
///
/// `ours` are the images that the target owns and that carry our tag, with the state that the record has.
pub fn images_to_ask_about(
    ours: &BTreeMap<AmiId, Option<AmiState>>,
    readings: &Readings,
    now: Timestamp,
) -> BTreeSet<AmiId> {
    let seen = readings.images.iter().flatten();
    let retired = seen.filter(|image| {
        let state = ours.get(&image.ami);
        state.is_some_and(|state| *state == Some(AmiState::Disabled) || image.is_deprecated(now))
    });
    let mut asked: BTreeSet<AmiId> = retired.map(|image| image.ami).collect();
    // Nearly always: joining all lists is the dear part.
    if asked.is_empty() {
        return asked;
    }
    let joined = join(readings);
    asked.retain(|ami| {
        let mut ways = joined.values().flatten().filter_map(|uses| uses.of.get(ami)).flatten();
        !ways.any(Reference::keeps)
    });
    asked
}

impl Referrer {
    /// As EC2 names it: its kind, and its ARN.
    pub fn read(kind: &str, arn: &str) -> Result<Self, String> {
        let wrong = |what: &dyn fmt::Display| format!("the {kind} {arn}: {what}");
        let id = |noun: &str| {
            let example = || format!("arn:aws:ec2:eu-west-1:111122223333:{noun}/…");
            let parts = ArnParts::of("ec2", arn, example).map_err(|problem| wrong(&problem))?;
            let id = parts.resource.strip_prefix(noun).and_then(|id| id.strip_prefix('/'));
            id.ok_or_else(|| wrong(&format_args!("is no {noun}")))
        };
        match kind {
            "ec2:Instance" => id("instance")?
                .parse()
                .map(Self::Instance)
                .map_err(|error| wrong(&error)),
            "ec2:LaunchTemplate" => id("launch-template")?
                .parse()
                .map(Self::LaunchTemplate)
                .map_err(|error| wrong(&error)),
            "ssm:Parameter" => {
                let example = || String::from("arn:aws:ssm:eu-west-1:111122223333:parameter/golden/web");
                let parts = ArnParts::of("ssm", arn, example).map_err(|problem| wrong(&problem))?;
                let name = parts.resource.strip_prefix("parameter").filter(|name| name.len() > 1);
                let name = name.ok_or_else(|| wrong(&"is no parameter"))?;
                Ok(Self::Parameter(Words::from(name)))
            }
            "imagebuilder:ImageRecipe" | "imagebuilder:ContainerRecipe" => {
                arn.parse().map(Self::Recipe).map_err(|error| wrong(&error))
            }
            kind => Ok(Self::Other {
                kind: Words::from(kind),
                arn: Words::from(arn),
            }),
        }
    }
}

impl fmt::Display for Referrer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instance(id) => write!(f, "instance {id}"),
            Self::LaunchTemplate(id) => write!(f, "launch template {id}"),
            Self::Parameter(name) => write!(f, "parameter {name}"),
            Self::Recipe(RecipeArn::Image(arn)) => write!(f, "recipe {}/{}", arn.name(), arn.version()),
            Self::Recipe(RecipeArn::Container(arn)) => {
                write!(f, "container recipe {}/{}", arn.name(), arn.version())
            }
            Self::Other { kind, arn } => write!(f, "{kind} {arn}"),
        }
    }
}

#[cfg(test)]
mod tests;
