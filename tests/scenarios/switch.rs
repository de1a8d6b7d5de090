//! The switch: thrown by people, obeyed where it cannot be read.

use image_plane::{Effect, Fault, Settings};
use stage::shop::distribution;
use steward_aws::{FirstValue, Switch, SwitchState};

use crate::hub::Hub;

async fn hub() -> Hub {
    Hub::new(Settings::calm(), vec![distribution("eu-west-1")]).await
}

fn thrown(paused: bool) -> Switch {
    Switch {
        paused,
        who: String::from("ada"),
        why: String::from("a bad base image"),
        since: "2026-01-05T08:00:00Z".parse().unwrap(),
    }
}

#[tokio::test(start_paused = true)]
async fn until_somebody_throws_it_the_switch_is_what_the_template_says() {
    let record = hub().await.record();
    assert_eq!(record.switch().await.unwrap(), None);
    assert_eq!(record.may_act(FirstValue::Running).await, SwitchState::Running);
    assert!(matches!(
        record.may_act(FirstValue::Paused).await,
        SwitchState::Paused(_)
    ));
}

#[tokio::test(start_paused = true)]
async fn what_somebody_threw_wins_over_the_template_in_both_directions() {
    let record = hub().await.record();
    record.throw(&thrown(true)).await.unwrap();
    assert_eq!(
        record.may_act(FirstValue::Running).await,
        SwitchState::Paused(String::from(
            "ada paused it on 2026-01-05T08:00:00.000Z: a bad base image"
        ))
    );
    record.throw(&thrown(false)).await.unwrap();
    assert_eq!(record.may_act(FirstValue::Paused).await, SwitchState::Running);
    assert_eq!(record.switch().await.unwrap(), Some(thrown(false)));
}

#[tokio::test(start_paused = true)]
async fn a_switch_that_cannot_be_read_is_on() {
    let hub = hub().await;
    let record = hub.record();
    record.throw(&thrown(false)).await.unwrap();
    hub.shop
        .aws
        .plane
        .with_tables(|tables| tables.inject(Fault::new(Effect::Deny).on("GetItem")));
    let SwitchState::Paused(why) = record.may_act(FirstValue::Running).await else {
        panic!("it may not act")
    };
    assert!(
        why.starts_with("the switch cannot be read: failed to read CONTROL PAUSED"),
        "{why}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_sweep_says_that_nothing_may_act() {
    let hub = hub().await;
    assert_eq!(hub.sweep().await.paused, None);
    hub.record().throw(&thrown(true)).await.unwrap();
    let paused = hub.sweep().await.paused.unwrap();
    assert!(paused.starts_with("ada paused it"), "{paused}");
}
