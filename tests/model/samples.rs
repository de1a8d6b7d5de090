//! The samples of `events/`: what functions, docs and `sam local` are shown is what the model sends.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aws_sdk_imagebuilder::types::WorkflowConfiguration;
use image_plane::{AccountId, BuildStage, Channel, Delivery, FailureCause, Findings, Settings};
use serde_json::{Value, json};

use stage::aws::{Aws, HUB, MEMBER, VIRGINIA, describe, hours, snapshots};
use stage::shop::{Shop, amis, distribution, shop};

/// States that tell nothing the sample of BUILDING does not, and calls whose results are told too.
const LIKE_OTHERS: [&str; 4] = ["testing", "distributing", "integrating", "asked"];

/// What the model does not send: word of units, of instances and of calls, of pipelines that a schedule runs, and the
/// sweep. Rules and schedules are held to them.
const NOT_OF_THE_MODEL: [&str; 9] = [
    "ecr-scan",
    "ec2-instance-",
    "imagebuilder-api-",
    "imagebuilder-component-",
    "imagebuilder-pipeline-",
    "organizations-unit-",
    "sns-vendor-",
    "steward-",
    "sweep",
];

fn folder() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../events")
}

/// The sample that shows such an event.
fn name(delivery: &Delivery) -> String {
    if let (Channel::Sns { .. }, Some(message)) = (&delivery.channel, delivery.body.as_str()) {
        let state = if message.contains(r#""status":"AVAILABLE""#) {
            "available"
        } else {
            "failed"
        };
        return format!("sns-build-{state}");
    }
    let detail = &delivery.body["detail"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_ascii_lowercase();
    match delivery.body["detail-type"].as_str().unwrap() {
        "EC2 Image Builder Image State Change" => format!("imagebuilder-image-{}", text(&detail["state"]["status"])),
        "EC2 Image Builder CVE Detected" => String::from("imagebuilder-cve-detected"),
        "EC2 Image Builder Workflow Step Waiting" => String::from("imagebuilder-step-waiting"),
        "ECR Image Action" => format!("ecr-image-{}", text(&detail["action-type"])),
        "EC2 AMI State Change" => format!("ec2-ami-{}", text(&detail["State"])),
        "EBS Snapshot Notification" => format!("ebs-{}-{}", text(&detail["event"]), text(&detail["result"])),
        "AWS API Call via CloudTrail" | "AWS Service Event via CloudTrail" => {
            format!(
                "organizations-account-{}",
                became(detail["eventName"].as_str().unwrap())
            )
        }
        other => panic!("no sample is meant for {other}"),
    }
}

/// What became of an account.
fn became(event: &str) -> &str {
    match event {
        "AccountDepartedOrganization" => "departed",
        "AccountJoinedOrganization" => "joined",
        "CloseAccountResult" => "closed",
        "CreateAccountResult" => "created",
        "MoveAccount" => "moved",
        "AcceptHandshake"
        | "CloseAccount"
        | "CreateAccount"
        | "InviteAccountToOrganization"
        | "RemoveAccountFromOrganization" => "asked",
        other => panic!("no sample is meant for {other}"),
    }
}

/// As Lambda is given it: an event as it is, an SNS message in its envelope.
fn as_lambda_gets_it(delivery: &Delivery) -> Value {
    let Channel::Sns { topic } = &delivery.channel else {
        return delivery.body.clone();
    };
    json!({
        "Records": [{
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": format!("{topic}:00000000-0000-0000-0000-000000000000"),
            "Sns": {
                "Type": "Notification",
                "MessageId": "00000000-0000-0000-0000-000000000000",
                "TopicArn": topic,
                "Subject": Value::Null,
                "Message": delivery.body,
                "Timestamp": delivery.at.to_string(),
                "SignatureVersion": "1",
                "Signature": "EXAMPLE",
                "SigningCertUrl": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-example.pem",
                "UnsubscribeUrl": "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe",
                "MessageAttributes": {},
            },
        }],
    })
}

/// Text without what chance and the clock decide: hexadecimal digits of ids, and times of day.
fn masked(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).unwrap();
    let plain = |word: &str| -> String {
        let id = ["ami-", "snap-", "vol-", "i-"]
            .iter()
            .any(|kind| word.strip_prefix(kind).is_some_and(|rest| rest.len() == 17));
        let uuid = ["", "wf-", "step-"].iter().any(|kind| {
            let rest = word.strip_prefix(kind);
            rest.is_some_and(|rest| rest.len() == 36 && rest.bytes().filter(|byte| *byte == b'-').count() == 4)
        });
        let date = word.len() == 13 && word.starts_with("20") && word.contains('T');
        if id || uuid {
            word.chars()
                .map(|letter| if letter.is_ascii_hexdigit() { '0' } else { letter })
                .collect()
        } else if date {
            String::from("0000-00-00T00")
        } else if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) && word.len() == 2 {
            // Minutes and seconds.
            String::from("00")
        } else {
            word.to_owned()
        }
    };
    text.split_inclusive(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'))
        .map(|piece| {
            let word = piece.trim_end_matches(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'));
            plain(word) + &piece[word.len()..]
        })
        .collect()
}

/// A family's life: built with a scan, built and failed, cancelled, copied, copied with a key nobody may use, lent,
/// disabled and deregistered.
async fn a_life(shop: &Shop) {
    let Shop { aws, ib, pipeline, .. } = shop;
    shop.scan(pipeline).await;
    let findings = Findings {
        all: 7,
        critical: 1,
        high: 2,
        medium: 4,
    };
    aws.plane.with(|world| world.set_findings(pipeline, findings));
    let built = shop.built().await;
    let step = FailureCause::Component {
        component_arn: None,
        phase: String::from("build"),
        step: String::from("install"),
        action: String::from("ExecuteBash"),
        message: String::from("exit status 1"),
    };
    shop.fail_next(BuildStage::Building, step);
    shop.build().await;
    aws.pass(hours(2)).await;
    let cancelled = shop.build().await;
    ib.cancel_image_creation()
        .image_build_version_arn(cancelled)
        .send()
        .await
        .unwrap();
    aws.pass(hours(2)).await;

    let (hub, there) = (aws.hub(), aws.ec2(HUB, VIRGINIA));
    let ami = amis(&shop.image(&built).await)[0].1.clone();
    let copy = || {
        there
            .copy_image()
            .source_image_id(&ami)
            .source_region("eu-west-1")
            .name("web copy")
    };
    copy().send().await.unwrap();
    let strange = "arn:aws:kms:us-east-1:111122223333:key/00000000-0000-0000-0000-000000000000";
    copy()
        .name("web locked")
        .encrypted(true)
        .kms_key_id(strange)
        .send()
        .await
        .unwrap();
    aws.pass(hours(2)).await;
    let snapshot = snapshots(&describe(&hub, &ami).await)[0].clone();
    let lend = hub
        .modify_snapshot_attribute()
        .snapshot_id(snapshot)
        .operation_type("add".into());
    lend.user_ids(MEMBER.to_string()).send().await.unwrap();
    let here = stage::aws::target(HUB, "eu-west-1");
    aws.plane.with(|world| {
        world.create_repository(here, "web");
        let digest = format!("sha256:{}", "0a".repeat(32));
        world.push_container(here, "web", Some(&digest), &["1.4.2-1"]).unwrap();
        assert!(world.delete_container(here, "web", &digest));
    });
    hub.disable_image().image_id(&ami).send().await.unwrap();
    hub.deregister_image().image_id(&ami).send().await.unwrap();
    aws.pass(hours(1)).await;
}

/// What becomes of accounts, since Organizations tells of those that join and leave: created, moved, closed and gone.
async fn accounts_come_and_go() -> Vec<Delivery> {
    let aws = Aws::calm();
    aws.pass(hours(150 * 24)).await;
    let account = AccountId::new(444_455_556_666);
    aws.plane.with(|world| {
        let management = AccountId::new(999_900_001_111);
        world
            .create_organization(management, "o-exampleorgid", "r-ab12")
            .unwrap();
        world.create_unit("ou-ab12-11111111", "r-ab12", "workloads").unwrap();
        world.create_account(account, "web-production").unwrap();
    });
    aws.pass(hours(1)).await;
    aws.plane.with(|world| {
        world.move_account(account, "ou-ab12-11111111").unwrap();
        world.close_account(account).unwrap();
    });
    aws.pass(hours(91 * 24)).await;
    aws.plane.with(image_plane::World::take_deliveries)
}

/// A build that waits in a step of its workflow.
async fn a_build_waits() -> Vec<Delivery> {
    let shop = shop(Settings::calm(), vec![distribution("eu-west-1")]).await;
    let workflow = shop.aws.plane.with(|world| {
        let here = stage::aws::target(HUB, "eu-west-1");
        let workflow = world.place_workflow(here, "build", "ask-first", "1.0.0");
        world.wait_in_workflow(&workflow, "approve-by-hand", std::time::Duration::from_hours(24));
        workflow
    });
    let held = shop.ib.get_image_pipeline().image_pipeline_arn(&shop.pipeline);
    let held = held.send().await.unwrap().image_pipeline.unwrap();
    let workflow = WorkflowConfiguration::builder().workflow_arn(workflow);
    shop.ib
        .update_image_pipeline()
        .image_pipeline_arn(&shop.pipeline)
        .set_image_recipe_arn(held.image_recipe_arn)
        .set_infrastructure_configuration_arn(held.infrastructure_configuration_arn)
        .set_distribution_configuration_arn(held.distribution_configuration_arn)
        .workflows(workflow.build().unwrap())
        .execution_role("ImageBuilderWorkflows")
        .send()
        .await
        .unwrap();
    shop.build().await;
    shop.aws.pass(hours(2)).await;
    shop.aws.plane.with(image_plane::World::take_deliveries)
}

/// To write them anew after a change of the model: `IMAGE_STEWARD_BLESS=1`, then read the difference.
#[tokio::test(start_paused = true)]
async fn the_samples_are_what_the_model_sends_and_there_is_one_of_each() {
    let shop = shop(Settings::calm(), vec![distribution("eu-west-1")]).await;
    a_life(&shop).await;
    let mut sent = BTreeMap::new();
    let deliveries = shop.aws.plane.with(image_plane::World::take_deliveries);
    let others = accounts_come_and_go().await.into_iter().chain(a_build_waits().await);
    for delivery in deliveries.into_iter().chain(others) {
        sent.entry(name(&delivery))
            .or_insert_with(|| as_lambda_gets_it(&delivery));
    }
    sent.retain(|name, _| LIKE_OTHERS.iter().all(|state| !name.ends_with(state)));
    if std::env::var_os("IMAGE_STEWARD_BLESS").is_some() {
        for (name, event) in &sent {
            let text = serde_json::to_string_pretty(event).unwrap() + "\n";
            std::fs::write(folder().join(format!("{name}.json")), text).unwrap();
        }
    }
    for (name, event) in &sent {
        let text = std::fs::read_to_string(folder().join(format!("{name}.json"))).unwrap_or_default();
        let sample = serde_json::from_str(&text).unwrap_or(Value::Null);
        assert_eq!(masked(&sample), masked(event), "events/{name}.json");
    }
    let mut files: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|file| !NOT_OF_THE_MODEL.iter().any(|kind| file.starts_with(kind)))
        .collect();
    files.sort_unstable();
    let named: Vec<String> = sent.keys().map(|name| format!("{name}.json")).collect();
    assert_eq!(files, named);
}
