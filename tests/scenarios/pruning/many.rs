//! More deletions in one target than an invocation has time for.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use image_plane::{Effect, Fault, NewImage};
use serde_json::Value;
use stage::aws::{HUB, IRELAND, VIRGINIA, describe, minutes, snapshots};
use stage::table::TABLE;
use steward::CanonicalName;

use super::{LADDER, Yard};

/// Of one family in one target. `IMAGE_STEWARD_DELETIONS=1151` is more than a message has room for, and takes a minute of a core.
const DELETIONS: usize = 231;
/// What is known of a release besides what is done and heard of it.
const COPIED: [&str; 5] = ["META", "P#", "V#", "U#", "eu-west-1"];

fn deletions() -> usize {
    std::env::var("IMAGE_STEWARD_DELETIONS").map_or(DELETIONS, |count| count.parse().unwrap())
}

fn attribute(value: &Value) -> AttributeValue {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    let text = || value.as_str().unwrap().to_owned();
    match kind.as_str() {
        "S" => AttributeValue::S(text()),
        "N" => AttributeValue::N(text()),
        "BOOL" => AttributeValue::Bool(value.as_bool().unwrap()),
        "NULL" => AttributeValue::Null(true),
        "L" => AttributeValue::L(value.as_array().unwrap().iter().map(attribute).collect()),
        "M" => AttributeValue::M(attributes(value)),
        other => panic!("{other}"),
    }
}

fn attributes(item: &Value) -> HashMap<String, AttributeValue> {
    let members = item.as_object().unwrap().iter();
    members.map(|(name, value)| (name.clone(), attribute(value))).collect()
}

/// Makes so many more releases like the oldest, each with an image in the hub's own Region. Image Builder has nothing of any of them.
async fn multiply(yard: &Yard, more: usize) {
    let aws = &yard.hub.shop.aws;
    let (ami, away) = (&yard.images[0], &yard.images[1]);
    let build = yard.release(ami, "name");
    let release = build.parse::<CanonicalName>().unwrap().id().to_string();
    let behind = snapshots(&describe(&aws.ec2(HUB, IRELAND), ami).await);
    let items: BTreeMap<_, _> = yard.hub.items();
    let of_it = items.iter().filter(|((pk, sk), item)| {
        let text = format!("{pk} {sk} {item}");
        let is_of_it = text.contains(&release) || text.contains(ami.as_str());
        is_of_it && !text.contains(away.as_str()) && COPIED.iter().any(|start| sk.starts_with(start))
    });
    let of_it: Vec<String> = of_it.map(|(_, item)| item.to_string()).collect();
    let tables = aws_sdk_dynamodb::Client::new(&aws.config(HUB, IRELAND));
    for n in 0..=more {
        let (image, snapshot) = (format!("ami-{n:017x}"), format!("snap-{n:017x}"));
        let other = build.replace("1.4.2", &format!("1.3.{n}"));
        let like = |item: &String| match n {
            0 => item.clone(),
            n => item
                .replace(&build, &other)
                .replace(&release, &other.parse::<CanonicalName>().unwrap().id().to_string())
                .replace(
                    "0000000001.0000000004.0000000002",
                    &format!("0000000001.0000000003.{n:010}"),
                )
                .replace("1.4.2", &format!("1.3.{n}"))
                .replace(ami.as_str(), &image)
                .replace(&behind[0], &snapshot),
        };
        for item in of_it.iter().map(like) {
            let mut item = attributes(&serde_json::from_str(&item).unwrap());
            if item["sk"] == AttributeValue::S(String::from("META")) {
                item.remove("state");
            }
            let put = tables.put_item().table_name(TABLE).set_item(Some(item));
            put.send().await.unwrap();
        }
        if n > 0 {
            let image = NewImage::named(&format!("web-{n}"))
                .id(image.parse().unwrap())
                .tag("image-steward:family", "web")
                .snapshot_ids([Some(snapshot.parse().unwrap())])
                .disabled();
            aws.image_with(HUB, IRELAND, image);
        }
    }
}

/// Which images were deregistered, one by one.
fn deregistered(yard: &Yard) -> Vec<String> {
    let plane = &yard.hub.shop.aws.plane;
    plane.with(|world| {
        let changes = world
            .ledger()
            .changes()
            .filter(|change| change.action == "DeregisterImage");
        changes.map(|change| change.request.clone()).collect()
    })
}

#[tokio::test(start_paused = true)]
async fn thousands_of_deletions_are_paced_go_on_past_the_end_of_an_invocation_and_are_each_made_once() {
    let deletions = deletions();
    let limits = format!("limits: {{ per_run: {}, share: 100% }}", deletions + 9);
    let ladder = LADDER.replace("limits: { share: 100% }", &limits);
    let yard = Box::pin(Yard::in_regions(2, &ladder, [IRELAND, VIRGINIA])).await;
    yard.until_disabling().await;
    yard.apply().await;
    // What goes is announced.
    yard.plan_later().await;
    yard.apply().await;
    Box::pin(multiply(&yard, deletions - 1)).await;
    let plane = &yard.hub.shop.aws.plane;
    plane.with(|world| world.settings_mut().throttling = true);
    yard.next_day().await;
    // One is refused, and holds up no other.
    let refused = Fault::new(Effect::Deny).on("DeregisterImage").after(20);
    plane.with(|world| world.inject(refused));
    let (there, here) = (&yard.images[1], minutes(4));
    let other = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        // Another target's work is not held up.
        yard.work_within(here).await.unwrap().unwrap();
        assert_eq!(yard.rung(VIRGINIA, there).await, "gone");
        assert!(deregistered(&yard).len() < deletions / 2);
    };
    let (first, ()) = tokio::join!(yard.work_within(here), other);
    first.unwrap().unwrap();
    let mut visits = 1;
    while deregistered(&yard).len() < deletions + 1 {
        while let Some(worked) = yard.work_within(here).await {
            worked.unwrap();
            visits += 1;
        }
        yard.plan_later().await;
    }
    yard.apply().await;
    let made = deregistered(&yard);
    assert_eq!(made.len(), deletions + 1);
    assert_eq!(made.iter().collect::<BTreeSet<_>>().len(), made.len());
    assert!(visits > deletions / 200, "{visits}");
    let calls = plane.with(|world| world.ledger().of("DeregisterImage"));
    assert_eq!((calls.throttled, calls.refused), (0, 1));
    assert_eq!(yard.open_steps(), [""; 0]);
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let left = ec2
        .describe_images()
        .owners("self")
        .include_disabled(true)
        .send()
        .await
        .unwrap();
    assert_eq!(left.images().len(), 1);
}
