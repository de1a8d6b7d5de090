//! Families of container images: planned and reported by the same rules, and nothing is ever done with one.

use image_plane::World;
use serde_json::{Value, json};
use stage::aws::{HUB, IRELAND, hours, minutes, target};

use super::described::assert_described;
use super::reported::{document, key, stored};
use super::{LADDER, RETAIN, Yard};
use crate::apply::container::{TOOLS, building};

/// A hub in which three releases were built, and nobody was asked who uses them.
async fn three() -> Yard {
    let hub = Box::pin(building(LADDER)).await;
    for _ in 0..3 {
        hub.shop.built().await;
        hub.sweep().await;
    }
    hub.shop.aws.pass(hours(48)).await;
    Yard::around(hub, Vec::new())
}

/// What was changed in AWS, besides what was reported and told.
fn changed(yard: &Yard) -> usize {
    let plane = &yard.hub.shop.aws.plane;
    plane.with(|world| {
        let changes = world.ledger().changes().map(|change| change.action);
        changes
            .filter(|action| !["PutObject", "Publish"].contains(action))
            .count()
    })
}

/// The last report's container images: how each is called, and whether no rule keeps it.
fn reported(yard: &Yard) -> Vec<(String, bool)> {
    let told = document(&stored(yard)[&key(yard)][0]);
    let judged = told["plan"]["containers"].as_array().unwrap().iter();
    judged
        .map(|judged| (judged["tags"][0].as_str().unwrap().to_owned(), judged["rule"].is_null()))
        .collect()
}

fn told(yard: &Yard) -> Vec<Value> {
    let published = yard.hub.shop.aws.plane.with(World::take_published).into_iter();
    published
        .map(|message| serde_json::from_str(&message.message).unwrap())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_family_of_container_images_is_planned_and_reported_and_nothing_is_done_of_it() {
    let yard = three().await;
    let before = changed(&yard);
    let planned = yard.plan().await.unwrap();
    assert_eq!(
        (planned.families, planned.steps, planned.messages),
        (1, 0, 0),
        "{planned:?}"
    );
    let would_go = |names: &[&str], stays: &str| -> Vec<(String, bool)> {
        let go = names.iter().map(|name| ((*name).to_owned(), true));
        go.chain([(stays.to_owned(), false)]).collect()
    };
    assert_eq!(reported(&yard), would_go(&["1.0.0-1", "1.0.0-2"], "1.0.0-3"));
    let news = told(&yard);
    let [message] = news.as_slice() else { panic!("{news:?}") };
    assert_described(message);
    let (totals, listed) = (&message["totals"]["containers"], &message["containers"]["listed"]);
    assert_eq!(
        (&totals["would_go"], &totals["kept"]),
        (&json!(2), &json!({ "rank": 1 }))
    );
    assert_eq!(
        (&listed[0]["tags"], &listed[2]["rule"]),
        (&json!(["1.0.0-1"]), &json!("rank"))
    );

    // Months later it is the same, and no news.
    yard.hub.shop.aws.pass(hours(24 * 60)).await;
    assert_eq!(yard.plan().await.unwrap().steps, 0);
    assert_eq!(
        (yard.apply().await, changed(&yard), told(&yard)),
        (0, before, Vec::new())
    );

    // Whoever knows that nobody uses one deletes it: two looks agree, and it is in no plan any more.
    let at = target(HUB, IRELAND);
    let plane = &yard.hub.shop.aws.plane;
    let held = plane.with(|world| world.containers_in(at, "tools"));
    let (oldest, _) = held
        .iter()
        .find(|(_, tags)| tags.iter().any(|tag| tag == "1.0.0-1"))
        .unwrap();
    assert!(plane.with(|world| world.delete_container(at, "tools", oldest)));
    for _ in 0..2 {
        yard.hub.shop.aws.pass(minutes(61)).await;
        yard.hub.sweep().await;
    }
    yard.plan().await.unwrap();
    assert_eq!(reported(&yard), would_go(&["1.0.0-2"], "1.0.0-3"));
    // It is one less than what people know of.
    let news = told(&yard);
    let [message] = news.as_slice() else { panic!("{news:?}") };
    assert_eq!(
        message["since"]["counts"]["listed"],
        json!([{ "what": "container images that no rule keeps", "before": 2, "now": 1 }])
    );
    // Another build pushes one more out of the newest.
    yard.hub.shop.built().await;
    yard.hub.sweep().await;
    yard.hub.shop.aws.pass(hours(25)).await;
    yard.plan().await.unwrap();
    assert_eq!(reported(&yard), would_go(&["1.0.0-2", "1.0.0-3"], "1.0.0-4"));
    assert_eq!(told(&yard).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_was_planned_before_a_family_made_container_images_is_not_done_any_more() {
    let yard = Yard::new(3, RETAIN).await;
    yard.until_expendable().await;
    yard.hub.want_as("web", format!("{TOOLS}{RETAIN}\n")).await;
    assert_eq!(yard.apply().await, 1);
    assert_eq!(yard.rungs().await, ["available"; 3]);
    let planned = yard.plan_later().await;
    assert_eq!(
        (planned.kept, planned.steps, planned.messages),
        (3, 0, 0),
        "{planned:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_person_sees_what_the_rules_say_of_container_images_and_can_ask_for_nothing() {
    let yard = three().await;
    let shown = yard.hub.says(&["plan", "prune"]).await;
    assert!(
        shown.contains("Of 3 container images 1 stays, and 2 would go")
            && shown.contains("nothing is ever done with one"),
        "{shown}"
    );
    let explained = yard.hub.says(&["explain", "web/1.0.0/1"]).await;
    assert!(explained.contains("    would go: number 3 of its line"), "{explained}");
    for words in [&["prune", "--family", "web", "--yes"][..], &["simulate", "web"]] {
        let refused = yard.hub.steward(words).await;
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(
            refused
                .err
                .contains("`steward plan prune web` shows which no rule keeps"),
            "{refused:?}"
        );
    }
}
