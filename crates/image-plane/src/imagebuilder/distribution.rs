//! Distribution configurations: into which Regions and accounts an image goes, under which name, key and tags.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::arn::Kind;
use super::check::{self, MOST_TAGS, TagMap};
use super::errors::{invalid, quota};
use super::named::{self, Named, Words};
use super::recipe::container::Repository;
use super::state::Shelf;
use crate::ids::AccountId;
use crate::region::Region;
use crate::wire::error::ApiError;
use crate::world::{Target, World};

/// AMI copies for other accounts in one configuration.
const MOST_TARGETS: usize = 50;
/// Minutes a distribution may take. Configurations show it and requests cannot set it.
pub(crate) const TIMEOUT_MINUTES: u64 = 720;

/// What lists show, beside the Regions.
const SUMMARY: [&str; 6] = ["arn", "name", "description", "dateCreated", "dateUpdated", "tags"];

/// A distribution configuration.
pub(crate) type Distribution = Named<Settings>;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Settings {
    description: Option<String>,
    pub(crate) distributions: Vec<Entry>,
    #[serde(skip_deserializing, default = "timeout_minutes")]
    timeout_minutes: u64,
}

const fn timeout_minutes() -> u64 {
    TIMEOUT_MINUTES
}

/// One Region. Launch templates, parameters, exports and fast launch are members nobody reads, and
/// so are refused by name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) region: String,
    pub(crate) ami_distribution_configuration: Option<Ami>,
    pub(crate) container_distribution_configuration: Option<Container>,
    /// Kept and shown; License Manager is not modelled.
    license_configuration_arns: Option<Vec<String>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Container {
    description: Option<String>,
    #[serde(rename = "containerTags")]
    pub(crate) tags: Option<Vec<String>>,
    pub(crate) target_repository: Repository,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Ami {
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) target_account_ids: Option<Vec<String>>,
    #[serde(rename = "amiTags")]
    pub(crate) tags: Option<TagMap>,
    pub(crate) kms_key_id: Option<String>,
    pub(crate) launch_permission: Option<LaunchPermission>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct LaunchPermission {
    pub(crate) user_ids: Option<Vec<String>>,
    pub(crate) user_groups: Option<Vec<String>>,
    pub(crate) organization_arns: Option<Vec<String>>,
    pub(crate) organizational_unit_arns: Option<Vec<String>>,
}

impl Settings {
    /// Whether it shares an image with everybody somewhere.
    pub(crate) fn is_public(&self) -> bool {
        let amis = self
            .distributions
            .iter()
            .filter_map(|entry| entry.ami_distribution_configuration.as_ref());
        let groups = amis.filter_map(|ami| ami.launch_permission.as_ref()?.user_groups.as_ref());
        groups.flatten().any(|group| group == "all")
    }
}

impl named::Settings for Settings {
    const KIND: Kind = Kind::Distribution;
    const WORDS: Words = Words {
        one: "distributionConfiguration",
        arn: "distributionConfigurationArn",
        list: "distributionConfigurationSummaryList",
        kind: "DistributionConfiguration",
        several: "distribution configurations",
    };
    const MOST: usize = 1000;

    fn read(_world: &World, _target: Target, members: Map<String, Value>) -> Result<Self, ApiError> {
        let settings: Self = crate::wire::json::rest(members)?;
        check::description("description", settings.description.as_deref())?;
        check::count("distributions", settings.distributions.len(), 1..=Region::all().count())?;
        let mut seen = BTreeSet::new();
        let mut targets = 0;
        for (at, entry) in settings.distributions.iter().enumerate() {
            let parameter = format!("distributions[{at}]");
            let region: Region = entry.region.parse().map_err(|_| {
                invalid(
                    format_args!("{parameter}.region"),
                    format_args!("'{}' is not a Region.", entry.region),
                )
            })?;
            if !seen.insert(region) {
                return Err(invalid(
                    format_args!("{parameter}.region"),
                    format_args!("The Region {region} appears more than once."),
                ));
            }
            let (ami, container) = (
                &entry.ami_distribution_configuration,
                &entry.container_distribution_configuration,
            );
            if ami.is_none() && container.is_none() {
                return Err(invalid(
                    parameter,
                    "One or more outputs should be provided for each region in a distribution configuration.",
                ));
            }
            if let Some(ami) = ami {
                ami.check(&format!("{parameter}.amiDistributionConfiguration"))?;
                targets += ami.target_account_ids.as_ref().map_or(0, Vec::len);
            }
            if let Some(licences) = &entry.license_configuration_arns {
                let parameter = format!("{parameter}.licenseConfigurationArns");
                check::count(&parameter, licences.len(), 1..=50)?;
                if let Some(bad) = licences.iter().find(|arn| !arn.contains(":license-manager:")) {
                    return Err(invalid(
                        parameter,
                        format_args!("'{bad}' is not the ARN of a license configuration."),
                    ));
                }
            }
            if let Some(container) = container {
                let parameter = format!("{parameter}.containerDistributionConfiguration");
                check::description(&format!("{parameter}.description"), container.description.as_deref())?;
                container
                    .target_repository
                    .check(&format!("{parameter}.targetRepository"))?;
            }
        }
        if targets > MOST_TARGETS {
            return Err(quota(format!(
                "A distribution configuration can have at most {MOST_TARGETS} AMI copies for target accounts."
            )));
        }
        Ok(settings)
    }

    fn on(shelf: &Shelf) -> &BTreeMap<String, Named<Self>> {
        &shelf.distributions
    }

    fn on_mut(shelf: &mut Shelf) -> &mut BTreeMap<String, Named<Self>> {
        &mut shelf.distributions
    }

    fn summarise(distribution: &Named<Self>, _world: &World, target: Target) -> Value {
        let entries = &distribution.settings.distributions;
        let regions: Vec<&str> = entries.iter().map(|entry| entry.region.as_str()).collect();
        let mut summary = distribution.describe_only(target, &SUMMARY);
        summary["regions"] = json!(regions);
        summary
    }

    fn in_use(shelf: &Shelf, arn: &str) -> bool {
        shelf
            .pipelines
            .values()
            .any(|pipeline| pipeline.settings.distribution_configuration_arn.as_deref() == Some(arn))
    }
}

impl Ami {
    fn check(&self, parameter: &str) -> Result<(), ApiError> {
        let Self {
            name,
            description,
            target_account_ids,
            tags,
            kms_key_id,
            launch_permission,
        } = self;
        if let Some(name) = name {
            check_ami_name(&format!("{parameter}.name"), name)?;
        }
        check::description(&format!("{parameter}.description"), description.as_deref())?;
        check_accounts(&format!("{parameter}.targetAccountIds"), target_account_ids.as_deref())?;
        check::tags(&format!("{parameter}.amiTags"), tags.as_ref(), MOST_TAGS)?;
        if let Some(key) = kms_key_id {
            check::length(&format!("{parameter}.kmsKeyId"), key, 1..=1024)?;
        }
        let Some(LaunchPermission {
            user_ids,
            user_groups,
            organization_arns,
            organizational_unit_arns,
        }) = launch_permission
        else {
            return Ok(());
        };
        let parameter = format!("{parameter}.launchPermission");
        check_accounts(&format!("{parameter}.userIds"), user_ids.as_deref())?;
        user_groups
            .iter()
            .flatten()
            .try_for_each(|group| check::one_of(&format!("{parameter}.userGroups"), group, &["all"]))?;
        check_arns(
            &format!("{parameter}.organizationArns"),
            organization_arns.as_deref(),
            "organization",
        )?;
        check_arns(
            &format!("{parameter}.organizationalUnitArns"),
            organizational_unit_arns.as_deref(),
            "ou",
        )
    }
}

/// Without the build date each build's AMI would bear the name of the one before.
fn check_ami_name(parameter: &str, name: &str) -> Result<(), ApiError> {
    let edge = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    let inner = |letter: char| edge(letter) || letter.is_ascii_whitespace() || ":{}.".contains(letter);
    check::length(parameter, name, 3..=127)?;
    if !name.chars().all(inner)
        || !name.starts_with(|letter| edge(letter) || letter == '{')
        || !name.ends_with(|letter| edge(letter) || letter == '}')
    {
        return Err(invalid(
            parameter,
            "It must match pattern ^[-_A-Za-z0-9{][-_A-Za-z0-9\\s:{}\\.]+[-_A-Za-z0-9}]$",
        ));
    }
    if fill_in(name, "", "").is_none() {
        return Err(invalid(
            parameter,
            "It contains a variable that Image Builder does not know.",
        ));
    }
    if fill_in(name, "", "") == fill_in(name, "date", "") {
        return Err(invalid(
            parameter,
            "The name must include {{ imagebuilder:buildDate }}.",
        ));
    }
    Ok(())
}

/// A text with the date and the number of a build for its variables; `None` where one is not known or not closed.
pub(crate) fn fill_in(text: &str, date: &str, build: &str) -> Option<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, from)) = rest.split_once("{{") {
        let (variable, after) = from.split_once("}}")?;
        filled.push_str(before);
        filled.push_str(match variable.trim() {
            "imagebuilder:buildDate" => date,
            "imagebuilder:buildVersion" => build,
            _ => return None,
        });
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

fn check_accounts(parameter: &str, accounts: Option<&[String]>) -> Result<(), ApiError> {
    let Some(accounts) = accounts else { return Ok(()) };
    check::count(parameter, accounts.len(), 1..=1536)?;
    match accounts.iter().find(|account| account.parse::<AccountId>().is_err()) {
        Some(bad) => Err(invalid(
            parameter,
            format_args!("'{bad}' is not an account of 12 digits."),
        )),
        None => Ok(()),
    }
}

/// Organizations and units go by their ARNs; a bare id is refused.
fn check_arns(parameter: &str, arns: Option<&[String]>, kind: &str) -> Result<(), ApiError> {
    let Some(arns) = arns else { return Ok(()) };
    check::count(parameter, arns.len(), 1..=25)?;
    let fits = |arn: &str| {
        let parts: Vec<&str> = arn.split(':').collect();
        match parts.as_slice() {
            ["arn", partition, "organizations", "", account, resource] => {
                let inside = resource.strip_prefix(kind).and_then(|rest| rest.strip_prefix("/o-"));
                let depth = inside.map(|inside| inside.split('/').count());
                partition.starts_with("aws")
                    && account.parse::<AccountId>().is_ok()
                    && depth == Some(if kind == "ou" { 2 } else { 1 })
            }
            _ => false,
        }
    };
    match arns.iter().find(|arn| !fits(arn)) {
        Some(bad) => Err(invalid(parameter, format_args!("'{bad}' is not the ARN of an {kind}."))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
