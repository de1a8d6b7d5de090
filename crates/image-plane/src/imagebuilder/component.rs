//! Components: documents that install or test something, versioned, each change of a version a new build of it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::arn::{Arn, Kind, Owner, Pattern, Place, Version, normalise};
use super::check::{self, MOST_TAGS, TagMap};
use super::document::Document;
use super::errors::{combination, depended_on, dry_run, exists, foreign, invalid, not_found, quota};
use super::managed;
use super::request::Input;
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

/// Components an account may have in a Region.
const MOST_COMPONENTS: usize = 1000;

/// The operating system family.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Platform {
    Windows,
    Linux,
    #[serde(rename = "macOS")]
    MacOs,
}

impl Platform {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Windows => "Windows",
            Self::Linux => "Linux",
            Self::MacOs => "macOS",
        }
    }
}

/// A build version of a component.
#[derive(Clone, Debug)]
pub(crate) struct Component {
    pub(crate) name: String,
    pub(crate) platform: Platform,
    pub(crate) data: String,
    pub(crate) document: Document,
    pub(crate) description: Option<String>,
    pub(crate) change_description: Option<String>,
    pub(crate) supported_os_versions: Option<Vec<String>>,
    pub(crate) kms_key_id: Option<String>,
    pub(crate) tags: TagMap,
    pub(crate) created: Time,
}

impl Component {
    fn kind(&self) -> &'static str {
        if self.document.is_test() { "TEST" } else { "BUILD" }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Create {
    name: String,
    semantic_version: String,
    description: Option<String>,
    change_description: Option<String>,
    platform: Platform,
    supported_os_versions: Option<Vec<String>>,
    data: Option<String>,
    uri: Option<String>,
    kms_key_id: Option<String>,
    tags: Option<TagMap>,
    #[serde(rename = "clientToken")]
    _client_token: String,
    dry_run: Option<bool>,
}

pub(crate) fn create(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let request: Create = input.body()?;
    check::name(&request.name)?;
    check::description("description", request.description.as_deref())?;
    check::description("changeDescription", request.change_description.as_deref())?;
    check::tags("tags", request.tags.as_ref(), MOST_TAGS)?;
    if let Some(versions) = &request.supported_os_versions {
        check::count("supportedOsVersions", versions.len(), 1..=25)?;
    }
    if let Some(key) = &request.kms_key_id {
        check::kms_key("kmsKeyId", key)?;
    }
    let version = Version::read("semanticVersion", &request.semantic_version)?;
    let data = match (request.data, request.uri) {
        (Some(data), None) => data,
        (None, Some(_)) => {
            return Err(ApiError::not_modelled(
                "the request member uri: there is no S3 to read it from",
            ));
        }
        _ => return Err(combination("Exactly one of 'data' and 'uri' must be specified.")),
    };
    // In a request; from S3 it may be 64 KB.
    check::length("data", &data, 1..=16_000)?;
    let document = Document::read(&data)?;

    let name = normalise(&request.name);
    let target = caller.target;
    let shelf = world.builder.shelf(target);
    let newest = shelf
        .components
        .range((name.clone(), version, 0)..=(name.clone(), version, u32::MAX))
        .next_back();
    if let Some((place, component)) = newest.filter(|(_, component)| component.data == data) {
        let _ = component;
        return Err(exists("Component", Arn::of_build(target, Kind::Component, place)));
    }
    if shelf.components.len() >= MOST_COMPONENTS {
        return Err(quota(format!(
            "You have reached your quota of {MOST_COMPONENTS} components."
        )));
    }
    if request.dry_run == Some(true) {
        return Err(dry_run());
    }
    let place = (name, version, newest.map_or(0, |((.., build), _)| *build) + 1);
    let arn = Arn::of_build(target, Kind::Component, &place);
    let component = Component {
        name: request.name,
        platform: request.platform,
        data,
        document,
        description: request.description,
        change_description: request.change_description,
        supported_os_versions: request.supported_os_versions,
        kms_key_id: request.kms_key_id,
        tags: request.tags.unwrap_or_default(),
        created: world.now,
    };
    world.builder.shelf_mut(target).components.insert(place, component);
    Ok(json!({ "componentBuildVersionArn": arn.to_string(), "latestVersionReferences": arn.latest_references() }))
}

/// The newest component that an ARN can mean, the account's own or Amazon's.
pub(crate) fn find(world: &World, target: Target, arn: &Arn) -> Result<(Arn, Component), ApiError> {
    let found = match arn.owner {
        _ if arn.region != target.region => None,
        Owner::Amazon => managed::components()
            .filter(|(place, _)| arn.matches(place))
            .last()
            .map(|(place, component)| (managed::arn(arn.region, Kind::Component, &place), component)),
        Owner::Account(account) if account != target.account => return Err(foreign(arn)),
        Owner::Account(_) => {
            let components = &world.builder.shelf(target).components;
            let newest = components.iter().rfind(|(place, _)| arn.matches(place));
            newest.map(|(place, component)| (Arn::of_build(target, Kind::Component, place), component.clone()))
        }
    };
    found.ok_or_else(|| not_found(arn))
}

pub(crate) fn get(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let parameter = "componentBuildVersionArn";
    let arn = Arn::read(parameter, input.query(parameter)?, Kind::Component)?;
    let (arn, component) = find(world, caller.target, &arn)?;
    let parameters: Vec<Value> = component
        .document
        .parameters
        .iter()
        .map(|parameter| {
            json!({
                "name": parameter.name, "type": parameter.kind(), "description": parameter.description,
                "defaultValue": parameter.default.as_ref().map(|value| [value]),
            })
        })
        .collect();
    let mut described = describe(&arn, &component);
    described["data"] = json!(component.data);
    described["encrypted"] = json!(true);
    described["kmsKeyId"] = json!(component.kms_key_id);
    described["parameters"] = json!((!parameters.is_empty()).then_some(parameters));
    Ok(json!({ "component": described, "latestVersionReferences": arn.latest_references() }))
}

/// What lists of builds and a single component have in common.
fn describe(arn: &Arn, component: &Component) -> Value {
    json!({
        "arn": arn.to_string(),
        "name": component.name,
        "version": arn.version.map(|version| version.to_string()),
        "description": component.description,
        "changeDescription": component.change_description,
        "type": component.kind(),
        "platform": component.platform,
        "supportedOsVersions": component.supported_os_versions,
        "state": { "status": "ACTIVE" },
        "owner": owner_name(arn.owner),
        "dateCreated": component.created.to_string(),
        "tags": component.tags,
        "obfuscate": false,
    })
}

fn owner_name(owner: Owner) -> String {
    match owner {
        Owner::Amazon => String::from("Amazon"),
        Owner::Account(account) => account.to_string(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct List {
    owner: Option<String>,
    by_name: Option<bool>,
}

/// Whose resources a list shows: the caller's unless it says otherwise. Nothing is ever shared here, so no list pretends to show it.
pub(crate) fn lists_amazon(owner: Option<&str>) -> Result<bool, ApiError> {
    match owner {
        None | Some("Self") => Ok(false),
        Some("Amazon") => Ok(true),
        Some(other @ ("Shared" | "ThirdParty" | "AWSMarketplace")) => {
            Err(ApiError::not_modelled(format_args!("resources of the owner {other}")))
        }
        Some(other) => Err(invalid("owner", format_args!("'{other}' is not an owner."))),
    }
}

pub(crate) fn list(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let (paging, List { owner, by_name }) = input.listing(&[
        "description",
        "name",
        "platform",
        "status",
        "supportedOsVersion",
        "type",
        "version",
    ])?;
    let by_name = by_name.unwrap_or(false);
    if by_name && paging.filters_by("version") {
        return Err(combination("'byName' can't be combined with the version filter."));
    }
    let target = caller.target;
    let all: Vec<(Place, Component, Arn)> = if lists_amazon(owner.as_deref())? {
        managed::components()
            .map(|(place, component)| {
                (
                    place.clone(),
                    component,
                    managed::arn(target.region, Kind::Component, &place),
                )
            })
            .collect()
    } else {
        let own = world.builder.shelf(target).components.iter();
        own.map(|(place, component)| {
            (
                place.clone(),
                component.clone(),
                Arn::of_build(target, Kind::Component, place),
            )
        })
        .collect()
    };
    // One entry a version, or a name: the newest build stands for it.
    let same = |a: &Place, b: &Place| a.0 == b.0 && (by_name || a.1 == b.1);
    let newest = all
        .iter()
        .enumerate()
        .filter(|(at, (place, ..))| all.get(at + 1).is_none_or(|(next, ..)| !same(place, next)));
    let items = newest.map(|(_, (place, component, arn))| {
        (
            place.clone(),
            (
                component,
                Arn {
                    build: None,
                    ..arn.clone()
                },
            ),
        )
    });
    let page = paging.cut(world, items, |(component, arn), field| match field {
        "description" => component.description.iter().cloned().collect(),
        "name" => vec![component.name.clone()],
        "platform" => vec![component.platform.name().to_owned()],
        "status" => vec![String::from("ACTIVE")],
        "supportedOsVersion" => component.supported_os_versions.clone().unwrap_or_default(),
        "type" => vec![component.kind().to_owned()],
        _ => arn.version.iter().map(Pattern::to_string).collect(),
    })?;
    let list: Vec<Value> = page
        .items
        .into_iter()
        .map(|(component, arn)| {
            json!({
                "arn": arn.to_string(), "name": component.name, "version": arn.version.map(|version| version.to_string()),
                "description": component.description, "platform": component.platform, "supportedOsVersions": component.supported_os_versions,
                "type": component.kind(), "owner": owner_name(arn.owner), "dateCreated": component.created.to_string(), "status": "ACTIVE",
            })
        })
        .collect();
    Ok(json!({ "componentVersionList": list, "nextToken": page.next }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListBuilds {
    component_version_arn: Option<String>,
}

pub(crate) fn list_builds(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let (paging, ListBuilds { component_version_arn }) = input.listing(&[])?;
    let arn = component_version_arn
        .map(|text| Arn::read("componentVersionArn", &text, Kind::Component))
        .transpose()?;
    if arn.as_ref().is_some_and(|arn| arn.exact_version().is_none()) {
        return Err(invalid(
            "componentVersionArn",
            "It must name an exact version, without a build.",
        ));
    }
    let target = caller.target;
    let arn = arn
        .map(|arn| {
            if arn.owner == Owner::Amazon {
                Err(foreign(arn))
            } else {
                arn.at_home(target)
            }
        })
        .transpose()?;
    let of_version = world
        .builder
        .shelf(target)
        .components
        .iter()
        .filter(|(place, _)| arn.as_ref().is_none_or(|arn| arn.matches(place)));
    let page = paging.cut(
        world,
        of_version.map(|(place, component)| (place.clone(), (place, component))),
        |_, _| Vec::new(),
    )?;
    let list: Vec<Value> = page
        .items
        .into_iter()
        .map(|(place, component)| describe(&Arn::of_build(target, Kind::Component, place), component))
        .collect();
    Ok(json!({ "componentSummaryList": list, "nextToken": page.next }))
}

pub(crate) fn delete(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let parameter = "componentBuildVersionArn";
    let arn = Arn::read(parameter, input.query(parameter)?, Kind::Component)?;
    let place = arn
        .place()
        .ok_or_else(|| invalid(parameter, "It must name a build version."))?;
    let arn = match arn.owner {
        Owner::Amazon => return Err(foreign(arn)),
        Owner::Account(_) => arn.at_home(caller.target)?,
    };
    let shelf = world.builder.shelf(caller.target);
    if !shelf.components.contains_key(&place) {
        return Err(not_found(arn));
    }
    // A recipe with a wildcard refers to what the wildcard means now. AWS says only "references".
    let means = |text: &str| {
        Arn::parse(parameter, text)
            .ok()
            .and_then(|wanted| find(world, caller.target, &wanted).ok())
            .is_some_and(|(found, _)| found == arn)
    };
    if shelf
        .recipes
        .values()
        .flat_map(|recipe| recipe.components.iter().flatten())
        .any(|part| means(&part.component_arn))
    {
        return Err(depended_on(arn));
    }
    world.builder.shelf_mut(caller.target).components.remove(&place);
    Ok(json!({ "componentBuildVersionArn": arn.to_string() }))
}

#[cfg(test)]
mod tests;
