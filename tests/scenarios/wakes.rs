//! What wakes the function, and what it refuses to be woken by.

use std::collections::BTreeMap;

use image_plane::{Effect, Fault, Settings};
use serde_json::{Value, json};
use stage::aws::{HUB, IRELAND, MEMBER, STRANGER, VIRGINIA, minutes};
use stage::shop::distribution;
use steward::CanonicalName;

use crate::hub::Hub;

const BUILD: &str = "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.4.2/1";

async fn hub() -> Hub {
    Hub::new(Settings::calm(), vec![distribution(IRELAND), distribution(VIRGINIA)]).await
}

/// Every file of `events/`, by its name.
fn samples() -> BTreeMap<String, Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../events");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap());
    files
        .map(|file| {
            let text = std::fs::read_to_string(file.path()).unwrap();
            let name = file.file_name().into_string().unwrap();
            (
                name.trim_end_matches(".json").to_owned(),
                serde_json::from_str(&text).unwrap(),
            )
        })
        .collect()
}

fn sample(name: &str) -> Value {
    samples().remove(name).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_message_of_another_topic_changes_nothing() {
    let hub = hub().await;
    hub.shop.built().await;
    let mut message = sample("sns-build-available");
    message["Records"][0]["Sns"]["TopicArn"] = json!("arn:aws:sns:eu-west-1:999988887777:images");
    let outcome = hub.wake(&message).await.unwrap();
    assert!(outcome.refused.unwrap().contains("which is not ours"));
    assert!(hub.items().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_forged_event_writes_nothing() {
    let hub = hub().await;
    let build = hub.shop.built().await;
    let events = hub.events();
    let genuine = events
        .iter()
        .find(|event| event["source"] == "aws.imagebuilder")
        .unwrap();
    let forged = |change: &dyn Fn(&mut Value)| {
        let mut event = genuine.clone();
        change(&mut event);
        event
    };
    let theirs = build.replace("111122223333", &STRANGER.to_string());
    let stranger = STRANGER.to_string();
    for event in [
        forged(&|event| event["account"] = json!(stranger)),
        forged(&|event| event["region"] = json!(VIRGINIA)),
        // It agrees with itself, and is not the hub's.
        forged(&|event| {
            event["account"] = json!(stranger);
            event["resources"] = json!([theirs]);
        }),
        // A build nobody has started.
        forged(&|event| event["resources"] = json!([build.replace("/1.4.2/1", "/1.4.2/99")])),
        json!({}),
        json!("sweep"),
        json!({ "wake": ["sweep"] }),
    ] {
        let outcome = hub.wake(&event).await.unwrap();
        assert!(outcome.refused.is_some(), "{event}");
    }
    assert!(hub.items().is_empty(), "{:#?}", hub.items());
    // An image nobody has is no forgery: most images of an account are none of ours.
    let image = forged(&|event| {
        event["source"] = json!("aws.ec2");
        event["detail-type"] = json!("EC2 AMI State Change");
        event["resources"] = json!(["arn:aws:ec2:eu-west-1::image/ami-0123456789abcdef0"]);
        event["detail"] = json!({ "ImageId": "ami-0123456789abcdef0", "State": "available" });
    });
    let before = hub.items();
    let outcome = hub.wake(&image).await.unwrap();
    assert!(outcome.refused.is_none() && outcome.not_ours.is_some(), "{outcome:?}");
    assert_eq!(hub.items(), before);
}

#[tokio::test(start_paused = true)]
async fn what_an_account_says_of_an_image_that_the_record_has_in_another_is_refused_and_writes_nothing() {
    let (hub, ami) = Hub::recorded(Settings::calm()).await;
    hub.admit(MEMBER);
    let before = hub.items();
    let event = json!({
        "version": "0", "id": "1", "detail-type": "EC2 AMI State Change", "source": "aws.ec2",
        "account": MEMBER.to_string(), "time": "2026-02-05T08:17:00Z", "region": IRELAND,
        "resources": [format!("arn:aws:ec2:{IRELAND}::image/{ami}")],
        "detail": { "RequestId": "1", "ImageId": ami, "State": "deregistered", "ErrorMessage": "" },
    });
    let outcome = hub.wake(&event).await.unwrap();
    let why = format!("{ami} is an image of {HUB}, and not of {MEMBER}");
    assert_eq!(outcome.refused, Some(why.clone()));
    assert_eq!(hub.items(), before);
    let counted = hub.record().refused().await.unwrap();
    let counted: Vec<(&str, u64)> = counted
        .iter()
        .map(|refused| (refused.why.as_str(), refused.times))
        .collect();
    assert_eq!(counted, [(why.as_str(), 1)]);
}

#[tokio::test(start_paused = true)]
async fn wakes_that_are_refused_are_counted_cause_by_cause_and_the_last_is_kept() {
    let hub = hub().await;
    let strange = |id: &str| json!({ "wake": "up", "id": id });
    for id in ["1", "2", "3"] {
        hub.wake(&strange(id)).await.unwrap();
    }
    hub.shop.aws.pass(minutes(1)).await;
    hub.wake(&json!("sweep")).await.unwrap();
    let refused = hub.record().refused().await.unwrap();
    let told: Vec<(&str, u64)> = refused
        .iter()
        .map(|refused| (refused.why.as_str(), refused.times))
        .collect();
    assert_eq!(
        told,
        [
            ("the event is not one of ours: it is not a JSON object", 1),
            (r#"the event is not one of ours: its wake is "up", must be "sweep""#, 3),
        ]
    );
    assert_eq!(refused[1].event, strange("3").to_string());
}

#[tokio::test(start_paused = true)]
async fn whoever_varies_the_cause_fills_no_more_than_so_many_items_a_day_and_hides_no_cause_that_was_there_before() {
    let hub = hub().await;
    let items = |hub: &Hub| {
        let refused = hub.refused_items();
        refused.len()
    };
    hub.wake(&json!("sweep")).await.unwrap();
    for n in 0..120 {
        hub.wake(&json!({ "wake": format!("forged {n}") })).await.unwrap();
    }
    // Fifty causes, the others as one, and the count of them.
    assert_eq!(items(&hub), 52);
    hub.wake(&json!("sweep")).await.unwrap();
    assert_eq!(items(&hub), 52);
    let told = hub.record().refused().await.unwrap();
    let times = |why: &str| {
        told.iter()
            .find(|refused| refused.why.as_str().contains(why))
            .unwrap()
            .times
    };
    assert_eq!((times("not a JSON object"), times("other causes")), (2, 71));
    let total: u64 = told.iter().map(|refused| refused.times).sum();
    assert_eq!(total, 122);
    // Another day has room for fifty more, and those of all days are counted together.
    hub.shop.aws.pass(stage::aws::hours(24)).await;
    for n in 100..120 {
        hub.wake(&json!({ "wake": format!("forged {n}") })).await.unwrap();
    }
    hub.wake(&json!("sweep")).await.unwrap();
    assert_eq!(items(&hub), 52 + 21 + 1);
    let told = hub.record().refused().await.unwrap();
    assert_eq!((told[0].times, told.len()), (3, 51 + 20));
}

#[tokio::test(start_paused = true)]
async fn a_refused_wake_that_cannot_be_written_down_is_tried_again() {
    let hub = hub().await;
    let plane = &hub.shop.aws.plane;
    plane.with_tables(|tables| tables.inject(Fault::new(Effect::Deny).on("UpdateItem").always()));
    assert!(hub.wake(&json!("sweep")).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_pipeline_that_image_builder_disabled_blocks_its_family_once_and_only_if_it_is() {
    let hub = hub().await;
    let event = sample("imagebuilder-pipeline-disabled");
    let outcome = hub.wake(&event).await.unwrap();
    assert_eq!(
        (outcome.looked_at, hub.told().len()),
        (1, 0),
        "it is enabled: {outcome:?}"
    );
    hub.shop.disable_pipeline().await;
    hub.wake(&event).await.unwrap();
    hub.wake(&event).await.unwrap();
    let cause = "the pipeline web is disabled, after 0 builds in a row that failed";
    let told = hub.told();
    assert_eq!(
        told,
        [(String::from("blocked"), json!({ "family": "web", "cause": cause }))]
    );
    let journal = hub.record().journal_of_family(&"web".parse().unwrap()).await.unwrap();
    assert_eq!(journal.len(), 1);
    assert_eq!(journal[0].heard, cause);
    // The family has no release yet.
    assert!(hub.says(&["history", "web"]).await.contains(cause));
}

#[tokio::test(start_paused = true)]
async fn a_step_that_waits_for_somebody_is_in_the_journal_of_its_build() {
    let hub = hub().await;
    hub.shop.built().await;
    hub.wake(&sample("imagebuilder-step-waiting")).await.unwrap();
    let journal = hub
        .record()
        .journal(CanonicalName::Build(BUILD.parse().unwrap()).id())
        .await
        .unwrap();
    assert_eq!(
        journal[0].heard,
        "waits for somebody in the step approve-by-hand of ask-first"
    );
}

/// More of them: `IMAGE_STEWARD_WAKES=100000`.
fn how_many() -> u64 {
    std::env::var("IMAGE_STEWARD_WAKES").map_or(600, |count| count.parse().unwrap())
}

/// Whatever comes in, in whatever shape: it is answered, and what the record says in the end is what AWS says.
#[tokio::test(start_paused = true)]
async fn no_damaged_wake_makes_the_function_panic_or_the_record_say_what_is_not_so() {
    let swept = hub().await;
    swept.shop.built().await;
    swept.sweep().await;
    let hub = hub().await;
    hub.shop.built().await;
    let mut wakes: Vec<Value> = samples().into_values().collect();
    wakes.extend(hub.events());
    let mut dice = fastrand::Rng::with_seed(5);
    let mut followed = 0;
    for _ in 0..how_many() {
        let mut wake = dice.choice(&wakes).unwrap().clone();
        for _ in 0..dice.u8(0..3) {
            let other = dice.choice(&wakes).unwrap().clone();
            damage(&mut wake, &other, &mut dice);
        }
        // Failing is an answer too: the wake is tried again.
        followed += usize::from(hub.wake(&wake).await.is_ok_and(|outcome| outcome.looked_at > 0));
    }
    assert!(
        followed > 20,
        "{followed}: too few of them lead anywhere to prove anything"
    );
    hub.sweep().await;
    assert_eq!(hub.essence(), swept.essence());
}

/// Changes one place of an event, in one of the ways in which events are wrong.
fn damage(event: &mut Value, other: &Value, dice: &mut fastrand::Rng) {
    let mut places = Vec::new();
    list_places(event, &mut String::new(), &mut places);
    let place = dice.choice(&places).unwrap().clone();
    let strange = [
        Value::Null,
        json!(-1),
        json!(1e300),
        json!(true),
        json!([]),
        json!({}),
        json!(""),
        json!("\u{0}\u{202e}\r\n\u{1b}[2J"),
        json!("é".repeat(70_000)),
        json!("arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.4.2/1"),
        json!("arn:aws:imagebuilder:eu-west-1:111122223333:image/web/x.x.x"),
        json!("999988887777"),
        json!("mars-north-1"),
    ];
    let Some(there) = event.pointer_mut(&place) else { return };
    match dice.u8(0..5) {
        0 => *there = dice.choice(&strange).unwrap().clone(),
        1 => *there = other.pointer(&place).cloned().unwrap_or_default(),
        2 => match there {
            Value::String(text) => {
                let mut letters: Vec<char> = text.chars().collect();
                if let Some(letter) = (!letters.is_empty()).then(|| dice.usize(0..letters.len())) {
                    letters[letter] = dice.char(..);
                }
                *text = letters.into_iter().collect();
            }
            Value::Array(members) => members.extend(members.clone()),
            _ => *there = json!([there.clone()]),
        },
        3 => match there {
            Value::Object(members) => {
                let names: Vec<String> = members.keys().cloned().collect();
                if let Some(name) = dice.choice(&names) {
                    members.remove(name);
                }
            }
            Value::String(text) => *text = text.chars().take(dice.usize(0..8)).collect(),
            _ => *there = Value::Null,
        },
        _ => {
            let text = there.to_string();
            *there = json!(text);
        }
    }
}

/// The pointer of each place in it.
fn list_places(value: &Value, at: &mut String, places: &mut Vec<String>) {
    places.push(at.clone());
    let members: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, member)| (name.clone(), member)).collect(),
        Value::Array(members) => members
            .iter()
            .enumerate()
            .map(|(n, member)| (n.to_string(), member))
            .collect(),
        _ => Vec::new(),
    };
    for (name, member) in members {
        let length = at.len();
        at.push('/');
        at.push_str(&name.replace('~', "~0").replace('/', "~1"));
        list_places(member, at, places);
        at.truncate(length);
    }
}
