//! What somebody wants since a moment ago, when a worker is at it by what it knew of the family before: it is not taken away.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use image_plane::{Effect, Fault};
use steward::channels::{Moved, Mover, Request};
use steward::{Architecture, CanonicalName, ReleaseId};

use super::{LADDER, Yard};
use crate::channels::{BY_HAND, web};

/// Less than what is known of a family holds for.
const MOMENT: Duration = Duration::from_secs(30);

/// Lets workers work, the first of which stands still for a moment after the first such call; meanwhile this happens.
async fn while_at_it<F: Future<Output = ()>>(yard: &Yard, after: &str, happens: F) {
    let freeze = Fault::new(Effect::FreezeAfter(MOMENT)).on(after);
    yard.hub.shop.aws.plane.with(|world| world.inject(freeze));
    let soon = async {
        tokio::time::sleep(MOMENT / 3).await;
        happens.await;
    };
    tokio::join!(Box::pin(yard.apply()), soon);
}

async fn hold(yard: &Yard, ami: &str) {
    let hold = ["hold", ami, "--until", "2027-01-31", "--because", "a test"];
    Box::pin(yard.hub.says(&hold)).await;
}

fn release(yard: &Yard, ami: &str) -> ReleaseId {
    yard.release(ami, "name").parse::<CanonicalName>().unwrap().id()
}

/// The one step that was not made, and why.
fn not_made(yard: &Yard) -> String {
    let journal = yard.journal().into_iter();
    let not_made: Vec<String> = journal.filter(|says| says.contains("not made")).collect();
    let [says] = not_made.as_slice() else {
        panic!("{not_made:?}")
    };
    says.clone()
}

#[tokio::test(start_paused = true)]
async fn an_image_that_was_held_a_moment_ago_is_not_deregistered() {
    let yard = Yard::new(3, LADDER).await;
    yard.until_deregistering().await;
    while_at_it(&yard, "DeregisterImage", hold(&yard, &yard.images[1])).await;
    assert_eq!(yard.rungs().await, ["gone", "disabled", "available"]);
    assert_eq!(
        yard.changes(&["DeregisterImage", "DeleteImage"]),
        ["DeregisterImage", "DeleteImage"]
    );
    let journal = yard.journal();
    let of = &yard.images[1];
    let says = journal
        .iter()
        .find(|says| says.contains(&format!("not made: deregister {of}")));
    assert!(says.is_some_and(|says| says.contains("held by")), "{journal:?}");
    assert!(!journal.iter().any(|says| says.contains("failed")), "{journal:?}");
    assert_eq!(yard.open_steps(), [""; 0]);
    // It is needed, and comes back up.
    yard.plan_later().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["gone", "available", "available"]);
}

#[tokio::test(start_paused = true)]
async fn what_image_builder_has_of_a_release_that_was_held_a_moment_ago_stays() {
    let yard = Yard::new(3, LADDER).await;
    yard.until_deregistering().await;
    while_at_it(&yard, "StartResourceStateUpdate", hold(&yard, &yard.images[1])).await;
    let deprecated = yard.changes(&["StartResourceStateUpdate"]);
    assert_eq!(
        (deprecated.len(), yard.release(&yard.images[1], "state")),
        (1, String::from("AVAILABLE"))
    );
    assert_eq!(yard.rungs().await, ["gone", "disabled", "available"]);
}

#[tokio::test(start_paused = true)]
async fn an_image_that_a_channel_moved_to_a_moment_ago_is_not_disabled() {
    let yard = Yard::new(3, &format!("{LADDER}{BY_HAND}")).await;
    yard.until_disabling().await;
    let move_there = async {
        let moved = Moved {
            number: 1,
            to: BTreeMap::from([(Architecture::X86_64, release(&yard, &yard.images[1]))]),
            at: yard.hub.moment().now,
            by: Mover::Person(String::from("ann")),
            why: "a test".into(),
            backward: true,
        };
        let record = yard.hub.record();
        let stable = "stable".parse().unwrap();
        assert!(
            record
                .move_channel(&web(), (&stable, None), None, &moved)
                .await
                .unwrap()
        );
    };
    while_at_it(&yard, "DisableImage", move_there).await;
    assert_eq!(yard.rungs().await, ["disabled", "deprecated", "available"]);
    let of = &yard.images[1];
    let says = not_made(&yard);
    assert!(says.ends_with(&format!("not made: disable {of}: on stable")), "{says}");
}

#[tokio::test(start_paused = true)]
async fn a_release_that_somebody_asked_to_go_back_to_a_moment_ago_is_not_deregistered() {
    let yard = Yard::new(3, &format!("{LADDER}{BY_HAND}")).await;
    yard.until_deregistering().await;
    let ask = async {
        let request = Request {
            wanted: BTreeSet::from([release(&yard, &yard.images[1])]),
            after: 0,
            force: true,
            who: String::from("ann"),
            why: "a test".into(),
            at: yard.hub.moment().now,
            ended: None,
        };
        let stable = "stable".parse().unwrap();
        yard.hub.record().ask(&web(), &stable, &request).await.unwrap();
    };
    while_at_it(&yard, "DeregisterImage", ask).await;
    assert_eq!(yard.rungs().await, ["gone", "disabled", "available"]);
    let journal = yard.journal();
    let of = &yard.images[1];
    let says = journal
        .iter()
        .find(|says| says.contains(&format!("not made: deregister {of}")));
    assert!(says.is_some_and(|says| says.contains("stable")), "{journal:?}");
}

#[tokio::test(start_paused = true)]
async fn a_step_costs_a_look_at_its_image_or_at_what_image_builder_has_of_its_release_and_the_call() {
    let calls = async |yard: &Yard| {
        let before = yard.hub.calls();
        yard.apply().await;
        yard.hub.calls() - before
    };
    let yard = Yard::new(2, LADDER).await;
    yard.until_expendable().await;
    assert_eq!(calls(&yard).await, 1 + 1);
    // Who may launch it is read besides, and what names it.
    yard.next_day().await;
    assert_eq!(calls(&yard).await, 3 + 1);
    yard.plan_later().await;
    yard.apply().await;
    yard.next_day().await;
    // Before an image goes both are looked at.
    assert_eq!(calls(&yard).await, (1 + 1) + (2 + 1) + (1 + 1));
}
