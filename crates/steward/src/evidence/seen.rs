//! What the lists of a target say, item by item.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::image_name::{ImageName, ParameterRef};
use super::reference::{Hop, InstanceState};
use crate::text::hexadecimal;
use crate::{AmiId, InstanceId, RecipePattern, TemplateId, Timestamp, Words};

/// An instance that is not terminated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceSeen {
    /// Which.
    pub id: InstanceId,
    /// Whether it runs.
    pub state: InstanceState,
    /// What it was started from.
    pub image: AmiId,
    /// What people call it.
    pub name: Option<Words>,
    /// Who answers for it.
    pub owner: Option<Words>,
    /// The launch template and version it was started by.
    pub template: Option<(TemplateId, u64)>,
}

/// A launch template, with what each version starts that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateSeen {
    /// Which.
    pub id: TemplateId,
    /// Its name.
    pub name: String,
    /// The version that who names none gets.
    pub default: u64,
    /// The newest version.
    pub latest: u64,
    /// What its versions start; none: the version names no image.
    pub versions: BTreeMap<u64, Option<ImageName>>,
}

/// A launch configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationSeen {
    /// Its name.
    pub name: String,
    /// What it starts.
    pub image: Option<AmiId>,
}

/// A group, a fleet, a Spot Fleet or a Spot request: what starts instances by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launcher {
    /// Who it is.
    pub user: Hop,
    /// Everything it may start.
    pub launches: Vec<Launch>,
}

/// One thing that a launcher may start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// Where in the launcher that is said: an override, a specification.
    pub within: Option<Hop>,
    /// What.
    pub what: Launched,
}

/// What names the image of a launch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Launched {
    /// An image.
    Image(ImageName),
    /// A launch template.
    Template {
        /// Which.
        by: TemplateBy,
        /// Which of its versions.
        version: VersionBy,
    },
    /// A launch configuration.
    Configuration(String),
}

/// A launch template as a launcher names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TemplateBy {
    /// By its id.
    Id(TemplateId),
    /// By its name.
    Name(String),
}

/// A version as a launcher names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VersionBy {
    /// The default, whichever that is.
    Default,
    /// The latest, whichever that is.
    Latest,
    /// This one.
    Number(u64),
}

impl TemplateSeen {
    /// Which of its versions is meant.
    pub const fn number(&self, version: VersionBy) -> u64 {
        match version {
            VersionBy::Default => self.default,
            VersionBy::Latest => self.latest,
            VersionBy::Number(number) => number,
        }
    }
}

impl VersionBy {
    /// Reads `$Latest`, `$Default`, a number, or nothing.
    pub fn read(text: Option<&str>) -> Result<Self, String> {
        match text {
            None | Some("" | "$Default") => Ok(Self::Default),
            Some("$Latest") => Ok(Self::Latest),
            Some(number) => match number.parse() {
                Ok(number) => Ok(Self::Number(number)),
                Err(_) => Err(format!("the launch template version {number} is not known")),
            },
        }
    }
}

/// The parameters of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParametersSeen {
    /// How many there are, whatever they hold.
    pub listed: usize,
    /// The images that each holds at present.
    pub holding: BTreeMap<String, BTreeSet<AmiId>>,
    /// What those hold that somebody names, versions and labels too. One that is not here does not exist.
    pub named: BTreeMap<ParameterRef, BTreeSet<AmiId>>,
}

/// A pipeline of Image Builder's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipelineSeen {
    /// Its name.
    pub name: Words,
    /// Its recipe, as it names it.
    pub recipe: RecipePattern,
    /// What the recipe says to build on, where that is an image of EC2's.
    pub parent: Option<ImageName>,
    /// What it is at present, where the recipe names an image of Image Builder's.
    pub builds_on: BTreeSet<AmiId>,
}

/// An image as the target's account sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageSeen {
    /// Which.
    pub ami: AmiId,
    /// When it was last launched. EC2 tells its owner alone, and a day later.
    pub launched: Option<Timestamp>,
    /// From when it is deprecated.
    pub deprecated: Option<Timestamp>,
    /// The tags that this account sees on it.
    pub tags: BTreeMap<String, String>,
    /// Why EC2 would not deregister it.
    pub protected: Option<Words>,
}

impl ImageSeen {
    /// Whether it is deprecated by now. A time that is still to come is no rung.
    pub fn is_deprecated(&self, now: Timestamp) -> bool {
        self.deprecated.is_some_and(|from| from <= now)
    }

    /// The same with what a reading that nobody believes saw besides: it takes nothing away.
    #[must_use]
    pub fn with(&self, seen: &Self) -> Self {
        let mut tags = seen.tags.clone();
        tags.extend(self.tags.clone());
        Self {
            ami: self.ami,
            launched: self.launched.max(seen.launched),
            deprecated: self.deprecated.or(seen.deprecated),
            tags,
            protected: self.protected.clone().or_else(|| seen.protected.clone()),
        }
    }

    /// What tells it from what was seen before.
    pub fn digest(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(format!("{self:?}"));
        hexadecimal(&digest.finalize()[..16])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reading_that_nobody_believes_sees_adds_to_an_image_and_takes_nothing_from_it() {
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let image = |launched: Option<Timestamp>, tags: &[(&str, &str)], protected: Option<&str>| ImageSeen {
            ami: "ami-01234567".parse().unwrap(),
            launched,
            deprecated: None,
            tags: tags
                .iter()
                .map(|(key, value)| (String::from(*key), String::from(*value)))
                .collect(),
            protected: protected.map(Words::from),
        };
        let (early, late) = (at("2026-01-01T00:00:00Z"), at("2026-02-01T00:00:00Z"));
        let before = image(early, &[("keep", "true"), ("a", "1")], None);
        let seen = image(late, &[("keep", "false"), ("b", "2")], Some("enabled"));
        let both = before.with(&seen);
        assert_eq!(
            both,
            image(late, &[("keep", "true"), ("a", "1"), ("b", "2")], Some("enabled"))
        );
        assert_eq!(both.with(&image(None, &[], None)), both);
        assert_eq!(both.with(&seen), both);
    }
}
