//! The message to the infrastructure's topic when a build is AVAILABLE or FAILED.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::arn::{Arn, Kind, Place};
use super::image::{Image, Status};
use crate::random::Random;
use crate::sns::{self, Published};
use crate::time::Time;
use crate::world::{Target, World};

/// The message. Its `semver` does not fit in 64 bits, so it cannot pass through a JSON value on its way to the text.
#[derive(Serialize)]
struct Message {
    semver: u128,
    #[serde(flatten)]
    rest: Value,
}

/// Publishes what became of a build, where its infrastructure names a topic. The body is a string of JSON, as SNS
/// carries it.
pub(crate) fn publish(world: &mut World, target: Target, place: &Place) {
    let Some(image) = world.builder.shelf(target).images.get(place) else {
        return;
    };
    let Some(topic) = image.infrastructure.settings.sns_topic_arn.clone() else {
        return;
    };
    let image = image.clone();
    let message = Message {
        semver: place.1.semver(place.2),
        rest: crate::wire::json::without_nulls(describe(&mut world.random, target, place, &image)),
    };
    if let Ok(text) = serde_json::to_string(&message) {
        let published = Published {
            at: world.now,
            topic,
            by: service_role(target),
            message_id: None,
            subject: None,
            message: text,
            by_protocol: BTreeMap::new(),
            attributes: BTreeMap::new(),
        };
        sns::send(world, target, published);
    }
}

/// Who publishes it: Image Builder's own role in the account.
fn service_role(target: Target) -> String {
    let Target { account, region } = target;
    let partition = region.partition();
    format!(
        "arn:{partition}:iam::{account}:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder"
    )
}

fn describe(random: &mut Random, target: Target, place: &Place, image: &Image) -> Value {
    let account = target.account.to_string();
    let arn = Arn::of_build(target, Kind::Image, place).to_string();
    let Image {
        recipe,
        infrastructure,
        distribution,
        ..
    } = image;
    let mut tagged = |arn: &str| json!({ "internalId": random.uuid(), "resourceArn": arn });

    // The shapes of the API with dates of another kind, service-internal tags and the account.
    let mut rewrite = |mut described: Value, created: Time| {
        let arn = described["arn"].as_str().unwrap_or_default().to_owned();
        described["tags"] = tagged(&arn);
        described["dateCreated"] = json!(created.sns_style());
        described["accountId"] = json!(account);
        if let Some(members) = described.as_object_mut() {
            for unknown in ["dateUpdated", "owner", "timeoutMinutes"] {
                members.remove(unknown);
            }
        }
        described
    };
    let recipe_described = rewrite(recipe.describe(target), recipe.created());
    let infrastructure_described = rewrite(infrastructure.describe(target), infrastructure.created);
    let distribution_described = distribution
        .as_ref()
        .map(|distribution| rewrite(distribution.describe(target), distribution.created));

    let mut message = json!({
        "versionlessArn": Arn::of_name(target, Kind::Image, &place.0).to_string(),
        "arn": arn,
        "name": recipe.name,
        "version": place.1.to_string(),
        "type": recipe.image_type(),
        "buildVersion": place.2,
        "state": { "status": image.status.to_string(), "reason": image.failure.as_ref().map(|failure| &failure.reason) },
        "platform": recipe.platform,
        (recipe.member()): recipe_described,
        "sourcePipelineArn": image.pipeline,
        "infrastructureConfiguration": infrastructure_described,
        // GetImage calls it imageTestsConfiguration.
        "imageTestsConfigurationDocument": image.tests,
        "distributionConfiguration": distribution_described,
        "dateCreated": image.created.sns_style(),
        "outputResources": image.output_resources(),
        "accountId": target.account.to_string(),
        "osVersion": image.os_version,
        "enhancedImageMetadataEnabled": image.enhanced,
        "buildType": "USER_INITIATED",
        "tags": tagged(&arn),
    });
    if image.status == Status::Available {
        for id in [
            "buildExecutionId",
            "testExecutionId",
            "distributionJobId",
            "integrationJobId",
        ] {
            message[id] = json!(random.uuid());
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::failure::{BuildFailure, BuildStage, FailureCause};
    use super::super::testing::Bench;
    use super::*;
    use crate::world::events::Channel;

    fn messages(bench: &mut Bench) -> Vec<String> {
        let deliveries = bench.world.take_deliveries();
        let topic = Channel::Sns {
            topic: String::from("arn:aws:sns:eu-west-1:111122223333:builds"),
        };
        deliveries
            .into_iter()
            .filter(|delivery| delivery.channel == topic)
            .map(|delivery| delivery.body.as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn a_finished_build_is_announced_once_with_a_number_no_64_bits_hold() {
        let mut bench = Bench::new();
        let build = bench.built("Web Server");
        let messages = messages(&mut bench);
        assert_eq!(messages.len(), 1);
        assert!(
            messages[0].starts_with("{\"semver\":1237940039285380274899124225,"),
            "{}",
            messages[0]
        );
        let message: Value = serde_json::from_str(&messages[0]).unwrap();
        assert_eq!(
            (&message["arn"], &message["name"], &message["state"]),
            (&json!(build), &json!("Web Server"), &json!({ "status": "AVAILABLE" }))
        );
        assert_eq!(
            (&message["version"], &message["buildVersion"], &message["dateCreated"]),
            (&json!("1.0.0"), &json!(1), &json!("Jan 1, 2026 12:00:00 AM"))
        );
        assert_eq!(message["versionlessArn"], bench.arn("image/web-server"));
        assert_eq!(
            message["imageTestsConfigurationDocument"],
            json!({ "imageTestsEnabled": true, "timeoutMinutes": 720 })
        );
        assert_eq!(message["imageRecipe"]["dateCreated"], "Jan 1, 2026 12:00:00 AM");
        assert_eq!(message["tags"]["resourceArn"], json!(build));
        assert!(message["distributionJobId"].is_string());
        assert_eq!(message["outputResources"]["amis"].as_array().unwrap().len(), 1);
        for member in ["imageTestsConfiguration", "requestId"] {
            assert_eq!(message.get(member), None, "{member}");
        }
    }

    #[test]
    fn what_it_announces_is_kept_by_a_topic_that_is_there() {
        let mut bench = Bench::new();
        let hub = bench.hub;
        let topic = bench.world.create_topic(hub, "builds").unwrap();
        bench.built("Web Server");
        let [published] = bench.world.take_published().try_into().unwrap();
        let by =
            "arn:aws:iam::111122223333:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder";
        assert_eq!((published.topic, published.by.as_str()), (topic, by));
        assert_eq!(messages(&mut bench), [published.message]);
    }

    #[test]
    fn a_failed_build_is_announced_with_its_reason_and_without_outputs_and_jobs() {
        let mut bench = Bench::new();
        let pipeline = bench.pipeline("web");
        bench.world.fail_builds(
            &pipeline,
            1,
            &BuildFailure {
                stage: BuildStage::Testing,
                cause: FailureCause::Other("no agent".into()),
            },
        );
        bench.start(&pipeline);
        bench.pass(Duration::from_hours(2));
        let messages = messages(&mut bench);
        let message: Value = serde_json::from_str(&messages[0]).unwrap();
        assert_eq!(
            (messages.len(), &message["state"]),
            (1, &json!({ "status": "FAILED", "reason": "no agent" }))
        );
        assert_eq!(
            (&message["outputResources"], message.get("buildExecutionId")),
            (&json!({ "amis": [] }), None)
        );
    }

    #[test]
    fn a_cancelled_build_is_not_announced() {
        let mut bench = Bench::new();
        let pipeline = bench.pipeline("web");
        let build = bench.start(&pipeline);
        bench.ok("CancelImageCreation", json!({ "imageBuildVersionArn": build }));
        bench.pass(Duration::from_hours(2));
        assert_eq!(messages(&mut bench).len(), 0);
    }
}
