//! Infrastructure configurations: where a build runs, and which topic hears of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::arn::Kind;
use super::check::{self, TagMap};
use super::errors::{invalid, request as refused};
use super::named::{self, Named, Words};
use super::state::Shelf;
use crate::ec2::instance_type;
use crate::wire::error::ApiError;
use crate::world::{Target, World};

/// Tags Image Builder puts on its instances itself.
const RESERVED_TAGS: [&str; 4] = ["CreatedBy", "Ec2ImageBuilderArn", "Name", "Tags"];
/// What lists show.
const SUMMARY: [&str; 10] = [
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

/// An infrastructure configuration.
pub(crate) type Infrastructure = Named<Settings>;

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

impl named::Settings for Settings {
    const KIND: Kind = Kind::Infrastructure;
    const WORDS: Words = Words {
        one: "infrastructureConfiguration",
        arn: "infrastructureConfigurationArn",
        list: "infrastructureConfigurationSummaryList",
        kind: "InfrastructureConfiguration",
        several: "infrastructure configurations",
    };
    const MOST: usize = 1000;

    fn read(_world: &World, _target: Target, members: Map<String, Value>) -> Result<Self, ApiError> {
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
        let types = settings.instance_types.iter().flatten();
        if let Some((at, other)) = types.enumerate().find(|(_, name)| !instance_type::is_type(name)) {
            return Err(invalid(
                format_args!("instanceTypes[{at}]"),
                format_args!("'{other}' is not an instance type."),
            ));
        }
        // The other way round nothing is asked: security groups do without a subnet.
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

    fn on(shelf: &Shelf) -> &BTreeMap<String, Named<Self>> {
        &shelf.infrastructures
    }

    fn on_mut(shelf: &mut Shelf) -> &mut BTreeMap<String, Named<Self>> {
        &mut shelf.infrastructures
    }

    fn summarise(infrastructure: &Named<Self>, _world: &World, target: Target) -> Value {
        infrastructure.describe_only(target, &SUMMARY)
    }

    fn in_use(shelf: &Shelf, arn: &str) -> bool {
        shelf
            .pipelines
            .values()
            .any(|pipeline| pipeline.settings.infrastructure_configuration_arn == arn)
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::Bench;
    use super::*;

    const PARAMETER: &str = "infrastructureConfigurationArn";

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
    fn a_subnet_without_security_groups_is_refused_in_an_update_too_and_security_groups_do_without_a_subnet() {
        let mut bench = Bench::new();
        let mut groups_alone = request();
        groups_alone.as_object_mut().unwrap().remove("subnetId");
        let arn = bench.ok("CreateInfrastructureConfiguration", groups_alone)[PARAMETER].clone();
        let update = |members: Value| {
            let mut update = json!({ PARAMETER: arn, "instanceProfileName": "ImageBuilder" });
            update
                .as_object_mut()
                .unwrap()
                .extend(members.as_object().unwrap().clone());
            update
        };
        let operation = "UpdateInfrastructureConfiguration";
        let refused = (400, "InvalidRequestException".into());
        assert_eq!(
            bench.refused(operation, update(json!({ "subnetId": "subnet-1" }))),
            refused
        );
        let none = update(json!({ "subnetId": "subnet-1", "securityGroupIds": [] }));
        assert_eq!(bench.refused(operation, none), refused);
        bench.ok(operation, update(json!({ "securityGroupIds": ["sg-1"] })));
    }

    #[test]
    fn instance_types_have_the_shape_of_one() {
        let mut bench = Bench::new();
        for kind in ["t3", "medium", "t3.mega", ""] {
            let mut bad = request();
            bad["instanceTypes"] = json!(["t3.medium", kind]);
            assert_eq!(
                bench.refused("CreateInfrastructureConfiguration", bad),
                (400, "InvalidParameterValueException".into()),
                "{kind}"
            );
        }
        let mut good = request();
        good["instanceTypes"] = json!(["m7i.metal-24xl", "t4g.small", "mac2-m2.metal"]);
        bench.ok("CreateInfrastructureConfiguration", good);
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
