//! What a group launches: a launch configuration, a launch template, or a policy that mixes instance types.

use super::errors::validation;
use super::policy::Mixed;
use super::request::required;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;

/// A launch template as a request names it. The version says nothing about which one that is at a launch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct TemplateChoice {
    pub(super) named: TemplateNamed,
    /// A number, `$Latest` or `$Default`. Nothing said means `$Default`, and nothing is said back: clients rely on it
    /// (terraform-provider-aws sets the version only if it was returned).
    pub(super) version: Option<String>,
}

/// A launch template, by one of its two names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum TemplateNamed {
    Id(String),
    Name(String),
}

/// What a group launches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum LaunchSource {
    Configuration(String),
    Template(TemplateChoice),
    Mixed(Mixed),
}

impl TemplateChoice {
    /// Reads `LaunchTemplateId`, `LaunchTemplateName` and `Version`.
    pub(super) fn read(mut params: Params) -> Result<Self, ApiError> {
        let id = params.text("LaunchTemplateId")?;
        let name = params.text("LaunchTemplateName")?;
        let version = params.text("Version")?.filter(|version| !version.is_empty());
        params.finish()?;
        let named = match (id, name) {
            (Some(id), None) => TemplateNamed::Id(id),
            (None, Some(name)) => TemplateNamed::Name(name),
            _ => {
                return Err(validation(
                    "Valid requests must contain either launchTemplateId or LaunchTemplateName",
                ));
            }
        };
        if let Some(version) = &version
            && !matches!(version.as_str(), "$Latest" | "$Default")
            && version.parse::<u64>().is_err()
        {
            return Err(validation(
                "Invalid launch template version: either '$Default', '$Latest', or a numeric version are allowed.",
            ));
        }
        Ok(Self { named, version })
    }

    pub(super) fn write(&self, xml: &mut Xml) {
        match &self.named {
            TemplateNamed::Id(id) => xml.text("LaunchTemplateId", id),
            TemplateNamed::Name(name) => xml.text("LaunchTemplateName", name),
        }
        xml.optional("Version", self.version.as_ref());
    }
}

impl LaunchSource {
    /// Reads the one that a request gives, if any. What it leaves open of a policy stays as it was.
    pub(super) fn read(params: &mut Params, before: Option<&Self>) -> Result<Option<Self>, ApiError> {
        let given = ["LaunchConfigurationName", "LaunchTemplate", "MixedInstancesPolicy"]
            .iter()
            .filter(|name| params.has(name))
            .count();
        if given > 1 {
            return Err(exactly_one());
        }
        if params.has("LaunchConfigurationName") {
            return required(params, "LaunchConfigurationName").map(|name| Some(Self::Configuration(name)));
        }
        if let Some(template) = params.structure("LaunchTemplate") {
            return TemplateChoice::read(template).map(|template| Some(Self::Template(template)));
        }
        let Some(policy) = params.structure("MixedInstancesPolicy") else {
            return Ok(None);
        };
        let before = match before {
            Some(Self::Mixed(before)) => Some(before),
            _ => None,
        };
        Mixed::read(policy, before).map(|mixed| Some(Self::Mixed(mixed)))
    }

    pub(super) fn write(&self, xml: &mut Xml) {
        match self {
            Self::Configuration(name) => xml.text("LaunchConfigurationName", name),
            Self::Template(template) => xml.element("LaunchTemplate", |xml| template.write(xml)),
            Self::Mixed(mixed) => xml.element("MixedInstancesPolicy", |xml| mixed.write(xml)),
        }
    }
}

/// A request must say what to launch, and say it once.
pub(super) fn exactly_one() -> ApiError {
    validation(
        "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.",
    )
}
