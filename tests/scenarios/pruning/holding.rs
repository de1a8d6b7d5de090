//! A person keeps an image, or no longer: what that brings back, and when what is held no more goes again.

use std::time::Duration;

use image_plane::{Effect, Fault};
use stage::aws::{hours, minutes};
use steward_aws::Hold;
use steward_cli::Spoken;

use super::{LADDER, Yard};

async fn hold(yard: &Yard, because: &str) -> Spoken {
    let words = ["hold", &yard.images[0], "--until", "2027-01-31", "--because", because];
    Box::pin(yard.hub.steward(&words)).await
}

/// Ends a hold, and says these words beside.
async fn end(yard: &Yard, what: &str, beside: &[&str]) -> Spoken {
    let words = ["hold", what, "--end", "--because", "it is over"];
    Box::pin(yard.hub.steward(&[&words[..], beside].concat())).await
}

/// A family whose oldest image is disabled, and was planned a moment ago.
async fn disabled() -> Yard {
    let yard = Yard::new(2, LADDER).await;
    yard.until_disabling().await;
    yard.apply().await;
    yard.plan_later().await;
    assert_eq!(yard.rungs().await, ["disabled", "available"]);
    yard
}

/// The holds that the record has.
fn holds(yard: &Yard) -> usize {
    let items = yard.hub.items().into_keys();
    items
        .filter(|(pk, sk)| pk.starts_with("R#") && sk.starts_with("H#"))
        .count()
}

#[tokio::test(start_paused = true)]
async fn what_is_held_while_it_is_disabled_comes_back_with_the_next_sweep_and_not_in_an_hour() {
    let yard = disabled().await;
    let told = hold(&yard, "an audit").await;
    assert!(
        told.code == 0 && told.out.contains("It is disabled. The next sweep brings back"),
        "{told:?}"
    );
    yard.hub.shop.aws.pass(minutes(5)).await;
    assert_eq!(yard.plan().await.unwrap().messages, 1);
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["available", "available"]);
    // Once is enough.
    yard.hub.shop.aws.pass(minutes(5)).await;
    assert_eq!(yard.plan().await.unwrap().families, 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_held_while_its_family_is_being_planned_makes_it_due_once_more() {
    let yard = disabled().await;
    yard.hub.shop.aws.pass(minutes(61)).await;
    let freeze = Fault::new(Effect::FreezeBefore(Duration::from_secs(30))).on("PutObject");
    yard.hub.shop.aws.plane.with(|world| world.inject(freeze));
    let meanwhile = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        hold(&yard, "an audit").await
    };
    let (planned, told) = tokio::join!(Box::pin(yard.plan()), meanwhile);
    assert_eq!((planned.unwrap().families, told.code), (1, 0), "{told:?}");
    for due in [1, 0] {
        yard.hub.shop.aws.pass(minutes(5)).await;
        assert_eq!(yard.plan().await.unwrap().families, due);
    }
}

#[tokio::test(start_paused = true)]
async fn of_what_is_gone_it_is_said_that_it_is_and_nothing_is_held() {
    let yard = Yard::new(2, LADDER).await;
    yard.until_deregistering().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["gone", "available"]);
    let told = hold(&yard, "an audit").await;
    let said = format!("{} is gone, since ", yard.images[0]);
    assert!(told.code == 2 && told.err.contains(&said), "{told:?}");
    assert_eq!(holds(&yard), 0);
}

#[tokio::test(start_paused = true)]
async fn of_what_is_gone_only_what_image_builder_still_has_is_held_and_no_more_is_said() {
    let yard = Yard::new(2, LADDER).await;
    yard.deregistered(&yard.images[0]).await;
    let told = hold(&yard, "an audit").await;
    assert!(
        told.code == 0
            && told.out.contains(" is gone, since ")
            && told
                .out
                .contains("What else there is of its release stays until 2027-01-31"),
        "{told:?}"
    );
    assert_eq!(holds(&yard), 1);
}

#[tokio::test(start_paused = true)]
async fn a_hold_that_is_ended_is_over_with_who_and_why_and_its_image_goes_all_the_way_down_again() {
    let yard = disabled().await;
    hold(&yard, "an audit").await;
    yard.hub.shop.aws.pass(minutes(5)).await;
    yard.plan().await.unwrap();
    yard.apply().await;
    let asked = end(&yard, &yard.images[0], &[]).await;
    let shown = "This ends the hold on 1 image of ami-";
    assert!(
        asked.code == 2 && asked.err.contains(shown) && asked.err.contains("an audit") && asked.err.contains("--yes"),
        "{asked:?}"
    );
    yard.plan_later().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["available", "available"]);
    let told = end(&yard, &yard.images[0], &["--yes"]).await;
    assert!(
        told.code == 0 && told.out.starts_with("Ended: the hold on 1 image"),
        "{told:?}"
    );
    let explained = yard.hub.says(&["explain", &yard.images[0]]).await;
    assert!(
        explained.contains(" (ended by arn:") && explained.contains(": it is over): an audit"),
        "{explained}"
    );
    let history = yard.hub.says(&["history", &yard.images[0]]).await;
    assert!(
        history.contains(" ended what arn:") && history.contains("(an audit): it is over"),
        "{history}"
    );
    let again = end(&yard, &yard.images[0], &["--yes"]).await;
    assert!(
        again.code == 2 && again.err.contains("there is nothing to end"),
        "{again:?}"
    );
    // As if it had never been on its way.
    for rung in ["deprecated", "deprecated"] {
        yard.plan_later().await;
        yard.apply().await;
        assert_eq!(yard.rungs().await, [rung, "available"]);
    }
    yard.next_day().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["disabled", "available"]);
}

#[tokio::test(start_paused = true)]
async fn what_was_held_and_let_go_before_any_plan_saw_it_waits_anew_all_the_same() {
    let yard = Yard::new(2, LADDER).await;
    yard.until_expendable().await;
    yard.apply().await;
    yard.hub.shop.aws.pass(hours(12)).await;
    hold(&yard, "an audit").await;
    assert_eq!(end(&yard, "web/1.4.2/1", &["--yes"]).await.code, 0);
    yard.hub.shop.aws.pass(hours(12)).await;
    yard.plan_later().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["deprecated", "available"]);
    yard.hub.shop.aws.pass(hours(12)).await;
    yard.plan_later().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["disabled", "available"]);
}

#[tokio::test(start_paused = true)]
async fn of_two_holds_on_an_image_the_one_that_is_named_ends_and_the_other_keeps_it() {
    let yard = disabled().await;
    hold(&yard, "an audit").await;
    let record = yard.hub.record();
    let ami = yard.images[0].parse().unwrap();
    let at = yard.hub.moment().now.saturating_add(minutes(1));
    let of_bob = Hold {
        ami,
        who: String::from("bob"),
        why: String::from("a rollback"),
        at,
        until: at.saturating_add(hours(48)),
        ended: None,
    };
    for release in record.releases_with(ami).await.unwrap() {
        record.hold(release, &of_bob).await.unwrap();
    }
    yard.hub.shop.aws.pass(minutes(5)).await;
    let told = end(&yard, &yard.images[0], &["--yes"]).await;
    assert!(
        told.code == 2
            && told
                .err
                .contains("is held more than once; nothing was done. Say which:"),
        "{told:?}"
    );
    assert!(told.err.contains(&format!("--of {at}  until ")), "{told:?}");
    let told = end(&yard, &yard.images[0], &["--of", &at.to_string(), "--yes"]).await;
    assert!(
        told.code == 0 && told.out.contains("Still held until 2027-01-31") && told.out.contains(": an audit."),
        "{told:?}"
    );
    yard.plan_later().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["available", "available"]);
}
