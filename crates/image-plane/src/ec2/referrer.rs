//! What can refer to an image, and how a request names some of it: `ResourceType.N`, each with options that narrow it.

use std::fmt;

use super::errors;
use crate::wire::error::ApiError;
use crate::wire::query::Params;

/// A type of resource that refers to images.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Referrer {
    Instance,
    LaunchTemplate,
    Parameter,
    ImageRecipe,
    ContainerRecipe,
}

impl Referrer {
    pub(super) const ALL: [Self; 5] = [
        Self::Instance,
        Self::LaunchTemplate,
        Self::Parameter,
        Self::ImageRecipe,
        Self::ContainerRecipe,
    ];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Instance => "ec2:Instance",
            Self::LaunchTemplate => "ec2:LaunchTemplate",
            Self::Parameter => "ssm:Parameter",
            Self::ImageRecipe => "imagebuilder:ImageRecipe",
            Self::ContainerRecipe => "imagebuilder:ContainerRecipe",
        }
    }
}

impl fmt::Display for Referrer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A type that a request asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct AskedType {
    pub(super) referrer: Referrer,
    pub(super) options: Vec<(String, Vec<String>)>,
}

/// Reads the types of a request. One that comes twice is refused: AWS does not say which of the two would count.
pub(super) fn read(params: &mut Params) -> Result<Vec<AskedType>, ApiError> {
    let mut asked: Vec<AskedType> = Vec::new();
    for mut member in params.list("ResourceType")? {
        let name = member.required("ResourceType")?;
        let mut options = Vec::new();
        for mut option in member.list("ResourceTypeOption")? {
            options.push((option.required("OptionName")?, option.texts("OptionValue")?));
            option.finish()?;
        }
        member.finish()?;
        let known = Referrer::ALL.into_iter().find(|known| known.as_str() == name);
        let referrer = known.ok_or_else(|| errors::invalid("resourceType", &name))?;
        if asked.iter().any(|asked| asked.referrer == referrer) {
            return Err(errors::invalid("resourceType", &name));
        }
        asked.push(AskedType { referrer, options });
    }
    Ok(asked)
}

/// The value of `version-depth`: how many versions of a launch template are looked at, the newest first.
pub(super) fn depth(values: &[String]) -> Result<usize, ApiError> {
    let number = match values {
        [one] => one.parse().ok().filter(|number| (1..=10_000).contains(number)),
        _ => None,
    };
    number.ok_or_else(|| errors::invalid("version-depth", &values.join(", ")))
}

/// An option that its type of resource does not have.
pub(super) fn no_option(referrer: Referrer, option: &str) -> ApiError {
    errors::combination(format!(
        "The resource type option {option} is not valid for the resource type {referrer}"
    ))
}
