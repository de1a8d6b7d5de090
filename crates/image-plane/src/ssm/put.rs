//! PutParameter: a new parameter, or the next version of one.
//!
//! What an overwriting request leaves out (data type, description, pattern, key) stays as it was: AWS says so of policies
//! alone. Parameter policies are not modelled.

use std::collections::BTreeMap;

use regex_lite::Regex;
use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::{invalid, invalid_key, not_among, validation};
use super::events::{Change, tell};
use super::name;
use super::request;
use super::store::{Home, Parameter, Version};
use super::values::{DataType, Kind, Tier};
use super::{Due, check};
use crate::kms::may_use;
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

const MOST_TAGS: usize = 50;
const DEFAULT_KEY: &str = "alias/aws/ssm";

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Put {
    name: String,
    value: String,
    #[serde(rename = "Type")]
    kind: Option<String>,
    data_type: Option<String>,
    description: Option<String>,
    allowed_pattern: Option<String>,
    key_id: Option<String>,
    tier: Option<String>,
    overwrite: Option<bool>,
    policies: Option<String>,
    #[serde(default)]
    tags: Option<Vec<Tag>>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Tag {
    key: String,
    value: String,
}

pub(super) fn run(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let mut put: Put = request::read(body)?;
    put.name = put.name.trim().to_owned();
    let target = caller.target;
    let home = Home::of(target);
    name::check(target, &put.name)?;
    let tags = put.check()?;
    let before = world.parameters.named(home, &put.name);
    // The name may be taken with another slash in front, and then no overwriting reaches it.
    if before.is_some_and(|before| !put.overwrites() || before.name != put.name) {
        return Err(ApiError::client(
            "ParameterAlreadyExists",
            "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
        ));
    }
    let version = put.version(world, caller, before)?;
    if let Some(oldest) = before.and_then(Parameter::blocked_by) {
        return Err(ApiError::client(
            "ParameterMaxVersionLimitExceeded",
            format!(
                "You attempted to create a new version of {} by calling the PutParameter API with the overwrite flag. Version \
                 {oldest}, the oldest version, can't be deleted because it has a label associated with it. Move the label to \
                 another version of the parameter, and try again.",
                put.name
            ),
        ));
    }
    let tier = version.tier;
    if before.is_none() && world.parameters.count(home, tier) >= tier.most() {
        return Err(ApiError::client(
            "ParameterLimitExceeded",
            format!("You can have {} parameters of the {} tier.", tier.most(), tier.as_str()),
        ));
    }
    let change = if before.is_some() {
        Change::Update
    } else {
        Change::Create
    };
    let number = world.parameters.number(home, &put.name);
    if !tags.is_empty() {
        world.parameters.tag(home, &put.name, tags);
    }
    if version.data_type == DataType::Image {
        let id = world.parameters.wait(home, &put.name, number, version);
        world.plan(world.settings.parameter_check, crate::world::Due::Ssm(Due(id)));
    } else {
        world.parameters.commit(home, &put.name, number, version.clone());
        tell(world, target, change, &put.name, &version);
    }
    Ok(json!({ "Version": number, "Tier": tier.as_str() }))
}

impl Put {
    fn overwrites(&self) -> bool {
        self.overwrite == Some(true)
    }

    /// Refuses what is wrong whatever was there before, and gives back the tags.
    fn check(&self) -> Result<BTreeMap<String, String>, ApiError> {
        if self.value.is_empty() {
            return Err(invalid(
                "value",
                "",
                "Member must have length greater than or equal to 1",
            ));
        }
        if self.value.contains("{{") && self.value.contains("}}") {
            return Err(validation(
                "Parameter value can't nest another parameter. Do not use \"{{}}\" in the value.",
            ));
        }
        for (member, text) in [
            ("description", &self.description),
            ("allowedPattern", &self.allowed_pattern),
        ] {
            if let Some(text) = text.as_ref().filter(|text| text.chars().count() > 1024) {
                return Err(invalid(
                    member,
                    text,
                    "Member must have length less than or equal to 1024",
                ));
            }
        }
        if self
            .policies
            .as_ref()
            .is_some_and(|policies| !matches!(policies.as_str(), "" | "[]"))
        {
            return Err(ApiError::not_modelled("policies of parameters"));
        }
        self.read_tags()
    }

    fn read_tags(&self) -> Result<BTreeMap<String, String>, ApiError> {
        let given = self.tags.as_deref().unwrap_or_default();
        if !given.is_empty() && self.overwrites() {
            return Err(validation(
                "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove \
                 overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or \
                 RemoveTagsFromResource.",
            ));
        }
        request::count("tags", given.len(), 0..=MOST_TAGS)?;
        let mut tags = BTreeMap::new();
        for Tag { key, value } in given {
            let fits = (1..=128).contains(&key.chars().count()) && value.chars().count() <= 256;
            if !fits || key.to_ascii_lowercase().starts_with("aws:") {
                return Err(invalid("tags", key, "It is not a key and a value that a tag can have"));
            }
            if tags.insert(key.clone(), value.clone()).is_some() {
                return Err(invalid("tags", key, "Tag keys must be unique"));
            }
        }
        Ok(tags)
    }

    /// The version this makes of what was there.
    fn version(&self, world: &World, caller: &Caller, before: Option<&Parameter>) -> Result<Version, ApiError> {
        let before = before.and_then(Parameter::current).map(|(_, version)| version);
        let kind = self.kind(before)?;
        let data_type = match &self.data_type {
            Some(text) => DataType::read(text)?,
            None => before.map_or(DataType::Text, |before| before.data_type),
        };
        if data_type == DataType::Image && kind != Kind::String {
            return Err(validation(
                "The data type aws:ec2:image is for parameters of the type String.",
            ));
        }
        let pattern = self
            .allowed_pattern
            .as_ref()
            .or(before.and_then(|before| before.pattern.as_ref()));
        if let Some(pattern) = pattern {
            check_pattern(pattern, &self.value)?;
        }
        let tier = self.tier(before)?;
        if self.value.len() > tier.largest_value() {
            return Err(validation(format!(
                "{} tier parameters support a maximum parameter value of {} characters.",
                tier.as_str(),
                tier.largest_value()
            )));
        }
        let described = self
            .description
            .as_ref()
            .or(before.and_then(|before| before.description.as_ref()));
        Ok(Version {
            value: self.value.clone(),
            kind,
            data_type,
            tier,
            key: self.key(world, caller, kind, before)?,
            description: described.filter(|text| !text.is_empty()).cloned(),
            pattern: pattern.cloned(),
            labels: std::collections::BTreeSet::new(),
            at: world.now,
            by: Some(caller.arn.clone()),
        })
    }

    fn kind(&self, before: Option<&Version>) -> Result<Kind, ApiError> {
        let asked = self.kind.as_deref().map(Kind::read).transpose()?;
        match (asked, before.map(|before| before.kind)) {
            (None, None) => Err(validation("A parameter type is required when you create a parameter.")),
            (Some(asked), Some(kind)) if asked != kind => Err(ApiError::client(
                "HierarchyTypeMismatchException",
                format!(
                    "The parameter is of the type {}; a parameter keeps its type. Create a new, unique parameter.",
                    kind.as_str()
                ),
            )),
            (Some(kind), _) | (None, Some(kind)) => Ok(kind),
        }
    }

    /// Nobody changed the default, which is the standard tier; an advanced parameter stays one.
    fn tier(&self, before: Option<&Version>) -> Result<Tier, ApiError> {
        let was = before.map_or(Tier::Standard, |before| before.tier);
        match self.tier.as_deref() {
            Some("Advanced") => Ok(Tier::Advanced),
            Some("Standard") if was == Tier::Advanced => Err(validation(
                "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter \
                 tier to the standard-parameter tier.",
            )),
            Some("Standard") => Ok(Tier::Standard),
            Some("Intelligent-Tiering") if self.value.len() > Tier::Standard.largest_value() => Ok(Tier::Advanced),
            None | Some("Intelligent-Tiering") => Ok(was),
            Some(other) => Err(not_among(
                "tier",
                other,
                &["Standard", "Advanced", "Intelligent-Tiering"],
            )),
        }
    }

    /// The key of a secure string. Whether the account may use it is asked, not whether its policies let the caller.
    fn key(
        &self,
        world: &World,
        caller: &Caller,
        kind: Kind,
        before: Option<&Version>,
    ) -> Result<Option<(String, Option<String>)>, ApiError> {
        if kind != Kind::SecureString {
            return match &self.key_id {
                Some(_) => Err(validation("KeyId is required for SecureString type parameter only.")),
                None => Ok(None),
            };
        }
        let Some(name) = &self.key_id else {
            let kept = before.and_then(|before| before.key.clone());
            return Ok(Some(kept.unwrap_or_else(|| (DEFAULT_KEY.to_owned(), None))));
        };
        if name == DEFAULT_KEY {
            return Ok(Some((name.clone(), None)));
        }
        let key = world.keys.resolve(caller.target, name);
        let key = key.filter(|key| may_use(world, &Caller::of_account(caller.target), key, "ssm", &["kms:Encrypt"]));
        let key = key.ok_or_else(|| invalid_key(name))?;
        Ok(Some((name.clone(), Some(key.to_string()))))
    }
}

/// The whole value must match. Patterns are Java's at AWS; what this reader cannot read may still be one.
fn check_pattern(pattern: &str, value: &str) -> Result<(), ApiError> {
    let regex = Regex::new(&format!("^(?:{pattern})$"))
        .map_err(|_| ApiError::not_modelled(format_args!("the allowed pattern {pattern}")))?;
    if regex.is_match(value) {
        Ok(())
    } else {
        Err(ApiError::client(
            "ParameterPatternMismatchException",
            format!("Parameter value, cannot be validated against allowedPattern: {pattern}"),
        ))
    }
}

/// What comes of a write that was answered before it was checked.
pub(super) fn conclude(world: &mut World, id: u64) {
    let Some(mut waiting) = world.parameters.take_waiting(id) else {
        return;
    };
    let Some(account) = waiting.home.account else { return };
    let target = crate::world::Target {
        account,
        region: waiting.home.region,
    };
    let before = world.parameters.named(waiting.home, &waiting.name);
    let change = if before.is_some() {
        Change::Update
    } else {
        Change::Create
    };
    let blocked = before.and_then(Parameter::blocked_by).is_some();
    let exception = if blocked {
        Some("ParameterMaxVersionLimitExceeded")
    } else {
        check::exception(world, target, &waiting.version.value)
    };
    if let Some(exception) = exception {
        super::events::tell_failure(world, target, change, &waiting.name, &waiting.version, exception);
        world.parameters.forget_unborn(&waiting);
        return;
    }
    waiting.version.at = world.now;
    let version = waiting.version.clone();
    world
        .parameters
        .commit(waiting.home, &waiting.name, waiting.number, version);
    tell(world, target, change, &waiting.name, &waiting.version);
}
