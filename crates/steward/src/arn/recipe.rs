use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::kind::sealed::Kind as _;
use crate::text::deserialize;
use crate::{
    ArnError, ContainerRecipe, ContainerRecipeArn, ImageBuilderArn, ImageRecipe, ImageRecipeArn, ResourceName, Version,
    VersionPattern,
};

/// One version of a recipe, of whichever kind: a pipeline builds by either.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecipeArn {
    /// It makes AMIs.
    Image(ImageRecipeArn),
    /// It makes container images.
    Container(ContainerRecipeArn),
}

impl RecipeArn {
    /// What it is called.
    pub const fn name(&self) -> &ResourceName {
        match self {
            Self::Image(arn) => arn.name(),
            Self::Container(arn) => arn.name(),
        }
    }

    /// Its version.
    pub const fn version(&self) -> Version {
        match self {
            Self::Image(arn) => arn.version(),
            Self::Container(arn) => arn.version(),
        }
    }
}

/// A recipe as a pipeline names it, perhaps with wildcards: Image Builder takes the newest that matches.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecipePattern {
    /// It makes AMIs.
    Image(ImageBuilderArn<ImageRecipe, VersionPattern>),
    /// It makes container images.
    Container(ImageBuilderArn<ContainerRecipe, VersionPattern>),
}

impl RecipePattern {
    /// Whether this version could be meant, now or once a newer one is gone.
    pub fn may_mean(&self, recipe: &RecipeArn) -> bool {
        match (self, recipe) {
            (Self::Image(named), RecipeArn::Image(recipe)) => {
                named.name() == recipe.name() && named.version().matches(recipe.version())
            }
            (Self::Container(named), RecipeArn::Container(recipe)) => {
                named.name() == recipe.name() && named.version().matches(recipe.version())
            }
            (Self::Image(_), RecipeArn::Container(_)) | (Self::Container(_), RecipeArn::Image(_)) => false,
        }
    }

    /// Whether both make the same kind of image.
    pub const fn is_of_the_kind_of(&self, other: &Self) -> bool {
        matches!(
            (self, other),
            (Self::Image(_), Self::Image(_)) | (Self::Container(_), Self::Container(_))
        )
    }

    /// As a recipe of AMIs.
    pub const fn image(&self) -> Option<&ImageBuilderArn<ImageRecipe, VersionPattern>> {
        match self {
            Self::Image(arn) => Some(arn),
            Self::Container(_) => None,
        }
    }

    /// As a recipe of container images.
    pub const fn container(&self) -> Option<&ImageBuilderArn<ContainerRecipe, VersionPattern>> {
        match self {
            Self::Image(_) => None,
            Self::Container(arn) => Some(arn),
        }
    }
}

impl From<RecipeArn> for RecipePattern {
    fn from(arn: RecipeArn) -> Self {
        match arn {
            RecipeArn::Image(arn) => Self::Image(arn.with_version(arn.version().into())),
            RecipeArn::Container(arn) => Self::Container(arn.with_version(arn.version().into())),
        }
    }
}

macro_rules! either_kind {
    ($name:ident) => {
        impl FromStr for $name {
            type Err = ArnError;

            fn from_str(text: &str) -> Result<Self, ArnError> {
                if text.contains(&format!(":{}/", ContainerRecipe.segment())) {
                    text.parse().map(Self::Container)
                } else {
                    text.parse().map(Self::Image)
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::Image(arn) => fmt::Display::fmt(arn, f),
                    Self::Container(arn) => fmt::Display::fmt(arn, f),
                }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserialize("recipe ARN", deserializer)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

either_kind!(RecipeArn);
either_kind!(RecipePattern);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_are_read_and_printed_as_they_came() {
        for (text, container) in [
            (
                "arn:aws:imagebuilder:eu-west-1:111122223333:image-recipe/web/1.0.0",
                false,
            ),
            (
                "arn:aws:imagebuilder:eu-west-1:111122223333:container-recipe/web/1.0.0",
                true,
            ),
        ] {
            let arn: RecipeArn = text.parse().unwrap();
            let is_container = matches!(arn, RecipeArn::Container(_));
            assert_eq!((arn.to_string().as_str(), is_container), (text, container));
            let pattern: RecipePattern = text.replace("1.0.0", "1.x.x").parse().unwrap();
            assert!(pattern.may_mean(&arn));
            assert_eq!(
                (pattern.container().is_some(), pattern.image().is_some()),
                (container, !container)
            );
        }
        let component = "arn:aws:imagebuilder:eu-west-1:111122223333:component/web/1.0.0/1";
        assert!(component.parse::<RecipeArn>().is_err());
    }
}
