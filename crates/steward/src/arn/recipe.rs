use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::kind::sealed::Kind as _;
use crate::{ArnError, ContainerRecipe, ContainerRecipeArn, ImageRecipeArn, Version};

/// One version of a recipe, of whichever kind: a pipeline builds by either.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecipeArn {
    /// It makes AMIs.
    Image(ImageRecipeArn),
    /// It makes container images.
    Container(ContainerRecipeArn),
}

impl RecipeArn {
    /// Its version.
    pub const fn version(&self) -> Version {
        match self {
            Self::Image(arn) => arn.version(),
            Self::Container(arn) => arn.version(),
        }
    }

    /// The ARN as a recipe of AMIs.
    pub const fn image(&self) -> Option<&ImageRecipeArn> {
        match self {
            Self::Image(arn) => Some(arn),
            Self::Container(_) => None,
        }
    }

    /// The ARN as a recipe of container images.
    pub const fn container(&self) -> Option<&ContainerRecipeArn> {
        match self {
            Self::Image(_) => None,
            Self::Container(arn) => Some(arn),
        }
    }
}

impl FromStr for RecipeArn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        if text.contains(&format!(":{}/", ContainerRecipe.segment())) {
            text.parse().map(Self::Container)
        } else {
            text.parse().map(Self::Image)
        }
    }
}

impl fmt::Display for RecipeArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image(arn) => fmt::Display::fmt(arn, f),
            Self::Container(arn) => fmt::Display::fmt(arn, f),
        }
    }
}

impl fmt::Debug for RecipeArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecipeArn({self})")
    }
}

impl Serialize for RecipeArn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

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
            assert_eq!((arn.to_string().as_str(), arn.container().is_some()), (text, container));
            assert_eq!(arn.image().is_some(), !container);
        }
        let component = "arn:aws:imagebuilder:eu-west-1:111122223333:component/web/1.0.0/1";
        assert!(component.parse::<RecipeArn>().is_err());
    }
}
