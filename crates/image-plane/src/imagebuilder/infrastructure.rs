//! Infrastructure configurations: where a build runs, and which topic hears of it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::arn::{Arn, Kind, named, normalise};
use super::check::{self, MOST_TAGS, TagMap};
use super::errors::{depended_on, dry_run, exists, invalid, not_found, quota, request as refused};
use super::request::Input;
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

const PARAMETER: &str = "infrastructureConfigurationArn";
/// Infrastructure configurations an account may have in a Region.
const MOST: usize = 1000;
/// Tags Image Builder puts on its instances itself.
const RESERVED_TAGS: [&str; 4] = ["CreatedBy", "Ec2ImageBuilderArn", "Name", "Tags"];

/// What an update replaces as a whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Settings {
    description: Option<String>,
    instance_types: Option<Vec<String>>,
    instance_profile_name: String,
    security_group_ids: Option<Vec<String>>,
    subnet_id: Option<String>,
    logging: Option<Logging>,
    key_pair: Option<String>,
    terminate_instance_on_failure: Option<bool>,
    terminate_instance_on_completion: Option<bool>,
    pub(crate) sns_topic_arn: Option<String>,
    resource_tags: Option<TagMap>,
    instance_metadata_options: Option<MetadataOptions>,
    placement: Option<Placement>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Logging {
    #[serde(rename = "s3Logs")]
    s3_logs: Option<S3Logs>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct S3Logs {
    #[serde(rename = "s3BucketName")]
    bucket: Option<String>,
    #[serde(rename = "s3KeyPrefix")]
    prefix: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MetadataOptions {
    http_tokens: Option<String>,
    http_put_response_hop_limit: Option<u32>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Placement {
    availability_zone: Option<String>,
    tenancy: Option<String>,
    host_id: Option<String>,
    host_resource_group_arn: Option<String>,
}

/// An infrastructure configuration.
#[derive(Clone, Debug)]
pub(crate) struct Infrastructure {
    pub(crate) name: String,
    pub(crate) settings: Settings,
    pub(crate) tags: TagMap,
    pub(crate) created: Time,
    updated: Option<Time>,
}

impl Infrastructure {
    pub(crate) fn arn(&self, target: Target) -> Arn {
        Arn::of_name(target, Kind::Infrastructure, &normalise(&self.name))
    }

    pub(crate) fn describe(&self, target: Target) -> Value {
        let mut described = json!(self.settings);
        described["arn"] = json!(self.arn(target).to_string());
        described["name"] = json!(self.name);
        described["tags"] = json!(self.tags);
        described["dateCreated"] = json!(self.created.to_string());
        described["dateUpdated"] = json!(self.updated.map(|at| at.to_string()));
        described
    }
}

impl Settings {
    /// Reads the members an update shares with a creation, and sets the defaults.
    fn read(members: serde_json::Map<String, Value>) -> Result<Self, ApiError> {
        let mut settings: Self = crate::wire::json::rest(members)?;
        check::description("description", settings.description.as_deref())?;
        let plain = |letter: char| letter.is_alphanumeric() || "_+=,.@-".contains(letter);
        check::length("instanceProfileName", &settings.instance_profile_name, 1..=256)?;
        if !settings.instance_profile_name.chars().all(plain) {
            return Err(invalid(
                "instanceProfileName",
                "instanceProfileName must match pattern ^[\\w+=,.@-]+$",
            ));
        }
        if settings.subnet_id.is_some() && settings.security_group_ids.as_ref().is_none_or(Vec::is_empty) {
            return Err(refused("A subnetId needs one or more securityGroupIds."));
        }
        if let Some(topic) = &settings.sns_topic_arn {
            check_topic(topic)?;
        }
        check::tags("resourceTags", settings.resource_tags.as_ref(), 30)?;
        if let Some(key) = RESERVED_TAGS.iter().find(|key| {
            settings
                .resource_tags
                .as_ref()
                .is_some_and(|tags| tags.contains_key(**key))
        }) {
            return Err(invalid("resourceTags", format_args!("The tag key {key} is reserved.")));
        }
        if let Some(MetadataOptions {
            http_tokens,
            http_put_response_hop_limit,
        }) = &settings.instance_metadata_options
        {
            http_tokens.as_ref().map_or(Ok(()), |tokens| {
                check::one_of("instanceMetadataOptions.httpTokens", tokens, &["optional", "required"])
            })?;
            if http_put_response_hop_limit.is_some_and(|limit| !(1..=64).contains(&limit)) {
                return Err(invalid(
                    "instanceMetadataOptions.httpPutResponseHopLimit",
                    "It must be between 1 and 64.",
                ));
            }
        }
        settings.terminate_instance_on_failure.get_or_insert(true);
        settings.terminate_instance_on_completion.get_or_insert(true);
        Ok(settings)
    }
}

/// A standard topic; first-in-first-out topics, whose names end in `.fifo`, are refused.
fn check_topic(topic: &str) -> Result<(), ApiError> {
    let parts: Vec<&str> = topic.split(':').collect();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let fits = match parts.as_slice() {
        ["arn", _, "sns", _, account, name] => {
            account.parse::<crate::ids::AccountId>().is_ok()
                && (1..=256).contains(&name.len())
                && name.bytes().all(plain)
        }
        _ => false,
    };
    if fits {
        Ok(())
    } else {
        Err(invalid("snsTopicArn", "It must be the ARN of a standard SNS topic."))
    }
}

pub(crate) fn create(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let (
        Named {
            name,
            tags,
            dry_run: dry,
            ..
        },
        members,
    ) = Named::take(input)?;
    let settings = Settings::read(members)?;
    let target = caller.target;
    let key = normalise(&name);
    let shelf = world.builder.shelf(target);
    let arn = Arn::of_name(target, Kind::Infrastructure, &key);
    if shelf.infrastructures.contains_key(&key) {
        return Err(exists("InfrastructureConfiguration", arn));
    }
    if shelf.infrastructures.len() >= MOST {
        return Err(quota(format!(
            "You have reached your quota of {MOST} infrastructure configurations."
        )));
    }
    if dry == Some(true) {
        return Err(dry_run());
    }
    let infrastructure = Infrastructure {
        name,
        settings,
        tags: tags.unwrap_or_default(),
        created: world.now,
        updated: None,
    };
    world
        .builder
        .shelf_mut(target)
        .infrastructures
        .insert(key, infrastructure);
    Ok(json!({ PARAMETER: arn.to_string() }))
}

/// What a creation has beside the settings.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) tags: Option<TagMap>,
    pub(crate) dry_run: Option<bool>,
    #[serde(rename = "clientToken")]
    _client_token: String,
}

impl Named {
    /// Takes the members of a creation out of the body, and leaves those of the settings.
    pub(crate) fn take(input: &Input) -> Result<(Self, serde_json::Map<String, Value>), ApiError> {
        let mut members = input.members()?;
        let own = ["name", "tags", "dryRun", "clientToken"]
            .into_iter()
            .filter_map(|name| members.remove_entry(name))
            .collect();
        let named: Self = crate::wire::json::rest(own)?;
        check::name(&named.name)?;
        check::tags("tags", named.tags.as_ref(), MOST_TAGS)?;
        Ok((named, members))
    }
}

/// Takes the ARN and the token of an update out of the body, and leaves the settings.
pub(crate) fn take_update(
    input: &Input,
    parameter: &str,
    kind: Kind,
    target: Target,
) -> Result<(Arn, serde_json::Map<String, Value>), ApiError> {
    let mut members = input.members()?;
    members.remove("clientToken");
    let Some(Value::String(text)) = members.remove(parameter) else {
        return Err(refused(format!("The required parameter '{parameter}' is missing.")));
    };
    Ok((Arn::read(parameter, &text, kind)?.at_home(target)?, members))
}

pub(crate) fn update(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let (arn, members) = take_update(input, PARAMETER, Kind::Infrastructure, caller.target)?;
    let settings = Settings::read(members)?;
    let now = world.now;
    let infrastructure = world
        .builder
        .shelf_mut(caller.target)
        .infrastructures
        .get_mut(&arn.name)
        .ok_or_else(|| not_found(&arn))?;
    infrastructure.settings = settings;
    infrastructure.updated = Some(now);
    Ok(json!({ PARAMETER: arn.to_string() }))
}

fn find<'a>(world: &'a World, target: Target, input: &Input) -> Result<(Arn, &'a Infrastructure), ApiError> {
    let arn = Arn::read(PARAMETER, input.query(PARAMETER)?, Kind::Infrastructure)?.at_home(target)?;
    let infrastructure = world
        .builder
        .shelf(target)
        .infrastructures
        .get(&arn.name)
        .ok_or_else(|| not_found(&arn))?;
    Ok((arn, infrastructure))
}

pub(crate) fn get(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let (_, infrastructure) = find(world, caller.target, input)?;
    Ok(json!({ "infrastructureConfiguration": infrastructure.describe(caller.target) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {}

pub(crate) fn list(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let (paging, List {}) = input.listing(&["name"])?;
    let target = caller.target;
    let items = world
        .builder
        .shelf(target)
        .infrastructures
        .iter()
        .map(|(key, infrastructure)| (named(key), infrastructure));
    let page = paging.cut(world, items, |infrastructure, _| vec![infrastructure.name.clone()])?;
    let shown = [
        "arn",
        "name",
        "description",
        "dateCreated",
        "dateUpdated",
        "resourceTags",
        "tags",
        "instanceTypes",
        "instanceProfileName",
        "placement",
    ];
    let list: Vec<Value> = page
        .items
        .into_iter()
        .map(|infrastructure| {
            let described = infrastructure.describe(target);
            shown
                .into_iter()
                .map(|name| (name.to_owned(), described[name].clone()))
                .collect()
        })
        .collect();
    Ok(json!({ "infrastructureConfigurationSummaryList": list, "nextToken": page.next }))
}

pub(crate) fn delete(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let (arn, _) = find(world, caller.target, input)?;
    let text = arn.to_string();
    if world
        .builder
        .shelf(caller.target)
        .pipelines
        .values()
        .any(|pipeline| pipeline.settings.infrastructure_configuration_arn == text)
    {
        return Err(depended_on(text));
    }
    world.builder.shelf_mut(caller.target).infrastructures.remove(&arn.name);
    Ok(json!({ PARAMETER: text }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use super::*;

    fn request() -> Value {
        json!({
            "name": "Golden Infra", "instanceProfileName": "ImageBuilder", "instanceTypes": ["t3.medium"], "subnetId": "subnet-1", "securityGroupIds": ["sg-1"],
            "logging": { "s3Logs": { "s3BucketName": "logs", "s3KeyPrefix": "web" } }, "snsTopicArn": "arn:aws:sns:eu-west-1:111122223333:builds",
        })
    }

    #[test]
    fn an_update_replaces_everything_but_name_and_tags() {
        let mut bench = Bench::new();
        let mut created = request();
        created["tags"] = json!({ "team": "web" });
        let arn = bench.ok("CreateInfrastructureConfiguration", created)[PARAMETER]
            .as_str()
            .unwrap()
            .to_owned();
        let before =
            bench.get("GetInfrastructureConfiguration", PARAMETER, &arn)["infrastructureConfiguration"].clone();
        assert_eq!(
            (
                &before["logging"]["s3Logs"]["s3KeyPrefix"],
                &before["terminateInstanceOnFailure"]
            ),
            (&json!("web"), &json!(true))
        );
        bench.ok(
            "UpdateInfrastructureConfiguration",
            json!({ PARAMETER: arn, "instanceProfileName": "Other" }),
        );
        let after = bench.get("GetInfrastructureConfiguration", PARAMETER, &arn)["infrastructureConfiguration"].clone();
        assert_eq!(
            (&after["name"], &after["tags"]["team"], &after["instanceProfileName"]),
            (&json!("Golden Infra"), &json!("web"), &json!("Other"))
        );
        assert_eq!((after.get("logging"), after.get("snsTopicArn")), (None, None));
        assert!(after["dateUpdated"].is_string());
    }

    #[test]
    fn a_subnet_without_security_groups_a_fifo_topic_and_reserved_tags_are_refused() {
        let mut bench = Bench::new();
        for (member, value) in [
            ("securityGroupIds", json!([])),
            ("snsTopicArn", json!("arn:aws:sns:eu-west-1:111122223333:builds.fifo")),
            ("resourceTags", json!({ "Name": "x" })),
        ] {
            let mut bad = request();
            bad[member] = value;
            assert_eq!(
                bench.refused("CreateInfrastructureConfiguration", bad).0,
                400,
                "{member}"
            );
        }
        let mut unknown = request();
        unknown["parentInstance"] = json!({});
        assert_eq!(bench.refused("CreateInfrastructureConfiguration", unknown).0, 501);
    }

    #[test]
    fn names_are_unique_in_their_normalised_form() {
        let mut bench = Bench::new();
        bench.ok("CreateInfrastructureConfiguration", request());
        let mut same = request();
        same["name"] = json!("golden_infra");
        assert_eq!(
            bench.refused("CreateInfrastructureConfiguration", same),
            (400, "ResourceAlreadyExistsException".into())
        );
    }

    #[test]
    fn what_a_pipeline_uses_cannot_be_deleted() {
        let mut bench = Bench::new();
        let pipeline = bench.pipeline("web");
        for (operation, parameter, kind) in [
            (
                "DeleteInfrastructureConfiguration",
                PARAMETER,
                "infrastructure-configuration/web",
            ),
            (
                "DeleteDistributionConfiguration",
                "distributionConfigurationArn",
                "distribution-configuration/web",
            ),
            ("DeleteImageRecipe", "imageRecipeArn", "image-recipe/web/1.0.0"),
        ] {
            let arn = bench.arn(kind);
            assert_eq!(
                bench.refused_delete(operation, parameter, &arn),
                (400, "ResourceDependencyException".into()),
                "{operation}"
            );
        }
        bench.delete("DeleteImagePipeline", "imagePipelineArn", &pipeline);
        let arn = bench.arn("image-recipe/web/1.0.0");
        bench.delete("DeleteImageRecipe", "imageRecipeArn", &arn);
    }
}
