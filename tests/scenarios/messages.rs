//! Telling people: one message a release, whatever fails, and nothing else fails by it.

use image_plane::{Effect, Fault, Published, Service, Settings};
use serde_json::{Value, json};
use stage::aws::{hours, minutes};
use steward_lambda::Failure;

use crate::answers::schema::Schema;
use crate::channels::{TWO_CHANNELS, web};
use crate::crash::Crash;
use crate::distribution::Depot;

const PUBLISHED: &str =
    "{ regions: { us-east-1: {} }, publish: { parameter: \"/golden/{family}/{architecture}/{channel}\", to: [hub] } }";

impl Depot {
    /// What was told of releases since this was last asked.
    fn messages(&self) -> Vec<Published> {
        let plane = &self.hub.shop.aws.plane;
        let published = plane.with(image_plane::World::take_published).into_iter();
        published.filter(|message| message.topic == self.releases).collect()
    }

    /// The releases that people were told of.
    fn told_of(&self) -> Vec<String> {
        self.messages().iter().map(release).collect()
    }

    fn break_topic(&self, effect: Effect) {
        let fault = Fault::new(effect).service(Service::Sns).always();
        self.hub.shop.aws.plane.with(|world| world.inject(fault));
    }

    fn mend(&self) {
        self.hub.shop.aws.plane.with(image_plane::World::clear_faults);
    }

    fn publishes(&self) -> u64 {
        let plane = &self.hub.shop.aws.plane;
        plane.with(|world| world.ledger().of("Publish").all())
    }
}

fn machine(message: &Published) -> Value {
    serde_json::from_str(&message.message).unwrap()
}

fn release(message: &Published) -> String {
    machine(message)["release"].as_str().unwrap().to_owned()
}

/// A family whose release becomes usable within these rounds.
async fn wanted(distribute: &str) -> Depot {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want(&format!("{distribute}{TWO_CHANNELS}")).await;
    depot
}

/// What programs are told is as its schema says, and chat has the same by its own.
fn assert_described(message: &Published) {
    let Value::Object(mut whole) = Schema::named("message").whole else {
        panic!("no schema")
    };
    for list in ["type", "items"] {
        whole.remove(list);
    }
    whole.insert(String::from("$ref"), json!("#/$defs/message"));
    let told = machine(message);
    assert_eq!(Schema::of(Value::Object(whole)).complaints(&told), [""; 0], "{told:#}");
    let chat: Value = serde_json::from_str(&message.by_protocol["https"]).unwrap();
    assert_eq!((&chat["version"], &chat["source"]), (&json!("1.0"), &json!("custom")));
    assert_eq!(chat["id"], told["release"]);
    assert!(message.by_protocol["email"].contains(told["title"].as_str().unwrap()));
}

#[tokio::test(start_paused = true)]
async fn each_release_is_told_once_with_where_it_is_what_changed_and_the_channels_it_is_on() {
    let depot = wanted(PUBLISHED).await;
    depot.rounds(14).await;
    let first = depot.release().await;
    let [message] = depot.messages().try_into().unwrap();
    assert_described(&message);
    assert_eq!(
        message.subject.as_deref(),
        Some("Image Steward: web/1.4.2/1 (x86_64) is usable")
    );
    let text = |value: &str| (String::from("String"), value.to_owned());
    assert_eq!(message.attributes["family"], text("web"));
    assert_eq!(message.attributes["architecture"], text("x86_64"));
    let told = machine(&message);
    assert_eq!(told["release"], json!(first));
    let images = told["images"]["listed"].as_array().unwrap();
    let targets: Vec<&str> = images.iter().map(|image| image["target"].as_str().unwrap()).collect();
    assert_eq!(targets, ["111122223333/eu-west-1", "111122223333/us-east-1"]);
    assert_eq!(images[0]["ami"], json!(depot.built));
    assert_eq!(images[1]["ami"], json!(depot.copies().await["us-east-1"][0]));
    assert_eq!((&told["missing"]["listed"], &told["since"]), (&json!([]), &Value::Null));
    let [channel] = told["channels"]["listed"].as_array().unwrap().as_slice() else {
        panic!("{told:#}")
    };
    assert_eq!(
        (&channel["channel"], &channel["parameter"]),
        (&json!("candidate"), &json!("/golden/web/x86_64/candidate"))
    );
    let second = depot.next_release().await;
    depot.rounds(3).await;
    let [message] = depot.messages().try_into().unwrap();
    assert_described(&message);
    let told = machine(&message);
    assert_eq!(
        (&told["release"], &told["since"]["release"]),
        (&json!(second), &json!(first))
    );
    // What is asked for is what was sent.
    let said = depot.hub.says(&["message", "web/1.4.2/2", "--format", "json"]).await;
    assert_eq!(serde_json::from_str::<Value>(&said).unwrap(), json!([told]));
    let said = depot.hub.says(&["message", "web/1.4.2/2"]).await;
    assert_eq!(said, message.by_protocol["email"]);
}

#[tokio::test(start_paused = true)]
async fn where_it_may_fail_a_release_is_told_with_what_is_in_the_way_there() {
    let depot = Depot::new(Settings::calm()).await;
    let fault = Fault::new(Effect::Deny).on("CopyImage").times(1_000);
    depot.hub.shop.aws.plane.with(|world| world.inject(fault));
    depot
        .hub
        .want(&format!(
            "{{ regions: {{ us-east-1: {{ required: false }} }} }}{TWO_CHANNELS}"
        ))
        .await;
    depot.rounds(4).await;
    let [message] = depot.messages().try_into().unwrap();
    assert_described(&message);
    let missing = machine(&message)["missing"]["listed"].clone();
    assert_eq!(
        (&missing[0]["target"], &missing[0]["required"]),
        (&json!("111122223333/us-east-1"), &json!(false))
    );
    assert!(message.by_protocol["email"].contains("Not usable in:\n- 111122223333/us-east-1"));
}

#[tokio::test(start_paused = true)]
async fn of_what_was_built_before_the_family_was_kept_only_the_newest_is_told() {
    let depot = Depot::new(Settings::calm()).await;
    for _ in 0..2 {
        depot.hub.shop.built().await;
        depot.hub.sweep().await;
    }
    depot.hub.want(&format!("{PUBLISHED}{TWO_CHANNELS}")).await;
    depot.rounds(20).await;
    let members = depot.hub.record().members_of(&web()).await.unwrap();
    assert!(
        members.len() == 3 && members.iter().all(|member| member.usable.is_some() && !member.untold),
        "{members:?}"
    );
    assert_eq!(depot.told_of(), [members[2].release.to_string()]);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_fails_holds_up_neither_channels_nor_parameters_and_the_message_comes_by_a_later_sweep() {
    for effect in [
        Effect::Deny,
        Effect::ServerError(503),
        Effect::Throttle,
        Effect::Silence { applied: false },
    ] {
        let depot = wanted(PUBLISHED).await;
        depot.break_topic(effect);
        depot.rounds(14).await;
        assert_eq!(depot.points_to("candidate").await, Some(depot.release().await));
        let ssm = depot.hub.shop.aws.ssm(stage::aws::HUB, stage::aws::IRELAND);
        let parameter = ssm
            .get_parameter()
            .name("/golden/web/x86_64/candidate")
            .send()
            .await
            .unwrap();
        assert_eq!(
            parameter.parameter.unwrap().value.as_deref(),
            Some(depot.built.as_str())
        );
        depot.hub.shop.aws.pass(minutes(5)).await;
        let failed = depot.dispatch().await.unwrap();
        assert_eq!(
            (failed.problems.as_slice(), failed.untold.len()),
            ([].as_slice(), 1),
            "{effect:?}"
        );
        assert_eq!(depot.told_of(), [""; 0]);
        depot.mend();
        depot.rounds(2).await;
        assert_eq!(depot.told_of(), [depot.release().await], "{effect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_told_for_a_day_is_given_up_once() {
    let depot = wanted(PUBLISHED).await;
    depot.break_topic(Effect::Deny);
    depot.rounds(14).await;
    depot.hub.shop.aws.pass(hours(23)).await;
    assert_eq!(depot.dispatch().await.unwrap().untold.len(), 1);
    depot.hub.shop.aws.pass(hours(1)).await;
    let [given_up] = depot.dispatch().await.unwrap().untold.try_into().unwrap();
    assert_eq!(given_up, "web/1.4.2/1 (x86_64): given up");
    depot.mend();
    depot.hub.shop.aws.pass(minutes(5)).await;
    let after = depot.dispatch().await.unwrap();
    assert_eq!((after.told, after.untold, depot.told_of()), (vec![], vec![], vec![]));
}

/// Two releases that nobody was told of, after one that was built before the family was kept.
async fn two_untold() -> Depot {
    let depot = wanted(PUBLISHED).await;
    depot.break_topic(Effect::Deny);
    depot.rounds(10).await;
    for _ in 0..2 {
        depot.next_release().await;
    }
    depot.mend();
    depot.hub.shop.aws.pass(minutes(5)).await;
    depot
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_does_not_answer_is_asked_once_a_run_and_one_that_refuses_is_asked_for_each() {
    for (effect, calls) in [(Effect::ServerError(503), 2), (Effect::Deny, 2)] {
        let depot = Box::pin(two_untold()).await;
        depot.break_topic(effect);
        let before = depot.publishes();
        let untold = depot.dispatch().await.unwrap().untold.len();
        assert_eq!(depot.publishes() - before, calls, "{effect:?}");
        assert_eq!(untold, if effect == Effect::Deny { 2 } else { 1 }, "{effect:?}");
        depot.mend();
        depot.rounds(1).await;
        assert_eq!(depot.told_of().len(), 2, "{effect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_dispatchers_at_once_tell_of_a_release_once() {
    let depot = Box::pin(two_untold()).await;
    let (one, other) = tokio::join!(depot.dispatch(), depot.dispatch());
    let told = one.unwrap().told.len() + other.unwrap().told.len();
    assert_eq!((told, depot.told_of().len()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_told_of_what_is_revoked_before_that_is_taken_back() {
    let depot = Box::pin(two_untold()).await;
    let titles = |depot: &Depot| {
        let told = depot.messages();
        told.iter()
            .map(|told| machine(told)["title"].clone())
            .collect::<Vec<_>>()
    };
    depot
        .hub
        .says(&["revoke", "web/1.4.2/3", "--because", "a bad key", "--yes"])
        .await;
    depot.rounds(2).await;
    assert_eq!(titles(&depot), ["web/1.4.2/2"]);
    depot
        .hub
        .says(&["restore-release", "web/1.4.2/3", "--because", "it was good", "--yes"])
        .await;
    depot.rounds(1).await;
    assert_eq!(titles(&depot), ["web/1.4.2/3"]);
}

#[tokio::test(start_paused = true)]
async fn in_observe_mode_nobody_is_told() {
    let depot = Box::pin(two_untold()).await;
    let (room, _) = depot.observing();
    let sweep = json!({ "wake": "sweep" });
    let observed: Result<_, Failure> =
        distribute_images::plan_distribution(&room, &sweep, "run", depot.hub.moment()).await;
    assert_eq!(observed.unwrap().told, [""; 0]);
    assert_eq!(depot.told_of(), [""; 0]);
}

/// The next run of the dispatcher finds that the release is usable.
async fn about_to_tell(rounds: usize) -> Depot {
    let depot = wanted("{ regions: { us-east-1: {} } }").await;
    depot.rounds(rounds).await;
    depot.hub.shop.aws.pass(minutes(5)).await;
    depot
}

async fn rounds_to_tell() -> usize {
    for rounds in 0.. {
        let depot = Box::pin(about_to_tell(rounds)).await;
        if !depot.dispatch().await.unwrap().told.is_empty() {
            return rounds;
        }
    }
    unreachable!("nobody is ever told")
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_loses_no_message_and_one_that_comes_twice_says_that_it_is_the_same() {
    let rounds = Box::pin(rounds_to_tell()).await;
    let mut counts = std::collections::BTreeMap::new();
    for kind in Crash::KINDS {
        for skip in 0..200 {
            let depot = Box::pin(about_to_tell(rounds)).await;
            let crash = kind.at(skip);
            let plane = &depot.hub.shop.aws.plane;
            crash.strike(plane);
            if depot.dispatch_or_crash().await.is_ok() {
                break;
            }
            depot.rounds(4).await;
            let told = depot.told_of();
            let at = format!("{crash}: {told:?}");
            assert!((1..=2).contains(&told.len()), "{at}");
            let release = depot.release().await;
            assert!(told.iter().all(|told| *told == release), "{at}");
            *counts.entry(told.len()).or_insert(0) += 1;
        }
    }
    // Twice only where it ended between the message and the record of it: after the one call, or before or in the other.
    assert!(counts[&1] > 40, "{counts:?}");
    assert_eq!(counts[&2], 2, "{counts:?}");
}
