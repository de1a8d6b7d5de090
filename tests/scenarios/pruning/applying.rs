//! The way down, rung by rung, and what ends it.

use std::time::Duration;

use image_plane::{Effect, Fault};
use stage::aws::{HUB, IRELAND, VIRGINIA, hours, minutes, snapshots};
use steward::Worker;
use steward_aws::Lease;

use super::{LADDER, Yard};

pub(super) const DOWN: [&str; 5] = [
    "EnableImageDeprecation",
    "DisableImage",
    "StartResourceStateUpdate",
    "DeregisterImage",
    "DeleteImage",
];

#[tokio::test(start_paused = true)]
async fn an_image_goes_down_rung_by_rung_each_by_one_call_and_all_that_was_behind_it_goes_with_it() {
    let yard = Yard::new(2, LADDER).await;
    let old = yard.images[0].clone();
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let behind = snapshots(&stage::aws::describe(&ec2, &old).await);
    yard.until_expendable().await;
    assert_eq!(yard.apply().await, 1);
    assert_eq!(yard.rungs().await, ["deprecated", "available"]);
    assert!(yard.placed(&old, "deprecated_by_us").is_some());
    yard.next_day().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["disabled", "available"]);
    assert_eq!(yard.placed(&old, "state").as_deref(), Some("disabled"));
    assert!(yard.placed(&old, "disabled_by_us").is_some());
    let build = yard.release(&old, "name");
    yard.plan_later().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["disabled", "available"]);
    yard.next_day().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["gone", "available"]);
    assert_eq!(yard.placed(&old, "state").as_deref(), Some("deregistered"));
    assert_eq!(yard.release(&old, "state"), "DELETED");
    let gone = yard.hub.shop.ib.get_image().image_build_version_arn(build);
    assert!(gone.send().await.is_err());
    let left = ec2.describe_snapshots().owner_ids("self").send().await.unwrap();
    let left = left.snapshots().iter().filter_map(|snapshot| snapshot.snapshot_id());
    assert!(!behind.is_empty() && left.into_iter().all(|left| !behind.iter().any(|gone| gone == left)));
    // Each by one call, and in this order: no wildcard picks what is gone.
    assert_eq!(yard.changes(&DOWN), DOWN);
    assert_eq!(yard.open_steps(), [""; 0]);
    // Nothing is left to do, and what EC2 says of what we did is no news.
    let before = yard.hub.essence();
    for event in yard.hub.events() {
        yard.hub.wake(&event).await.unwrap();
    }
    assert_eq!(yard.hub.essence(), before);
    yard.next_day().await;
    assert_eq!(yard.apply().await, 0);
    assert_eq!(yard.changes(&DOWN), DOWN);
}

#[tokio::test(start_paused = true)]
async fn while_the_switch_is_thrown_nothing_is_made_and_once_it_is_thrown_no_more_than_the_call_in_flight() {
    let yard = Yard::new(4, LADDER).await;
    yard.until_expendable().await;
    let plane = &yard.hub.shop.aws.plane;
    let freeze = Fault::new(Effect::FreezeAfter(minutes(2))).on("EnableImageDeprecation");
    plane.with(|world| world.inject(freeze));
    let pause = async {
        tokio::time::sleep(minutes(1)).await;
        yard.hub.says(&["pause", "--because", "a test"]).await;
    };
    tokio::join!(yard.apply(), pause);
    assert_eq!(yard.changes(&DOWN), DOWN[..1]);
    assert_eq!(yard.placed(&yard.images[0], "state").as_deref(), Some("available"));
    assert!(yard.placed(&yard.images[0], "deprecated_by_us").is_some());
    assert_eq!(yard.open_steps(), [""; 0]);
    yard.hub.says(&["resume", "--because", "a test"]).await;
    yard.plan_later().await;
    yard.hub.says(&["pause", "--because", "a test"]).await;
    yard.apply().await;
    assert_eq!(yard.changes(&DOWN).len(), 1);
    yard.hub.says(&["resume", "--because", "a test"]).await;
    yard.plan_later().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await[..3], ["deprecated"; 3]);
    assert_eq!(yard.changes(&DOWN).len(), 3);
}

/// Lets another have the right to be at work here, whose clock says that the worker's has ended.
pub(super) async fn let_another_in(yard: &Yard) {
    let of = (Worker::ApplyPruning, crate::hub::hub());
    let now = yard.hub.moment().now.saturating_add(hours(1));
    let lease = Lease {
        who: String::from("another"),
        run: String::from("another"),
        until: now.saturating_add(hours(1)),
    };
    let given = yard.hub.record().lease_target(of, lease, now).await.unwrap();
    assert!(matches!(given, steward_aws::Leased::Yes(_)));
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_slept_until_another_was_let_in_makes_nothing_more() {
    let yard = Yard::new(3, LADDER).await;
    yard.until_expendable().await;
    let plane = &yard.hub.shop.aws.plane;
    // By its own clock it has time, and what it knows is fresh: a clock does not go on for whoever sleeps.
    let freeze = Fault::new(Effect::FreezeAfter(Duration::from_secs(30))).on("EnableImageDeprecation");
    plane.with(|world| world.inject(freeze));
    let other = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        let_another_in(&yard).await;
    };
    tokio::join!(yard.work_within(minutes(15)), other);
    assert_eq!(yard.changes(&DOWN), DOWN[..1]);
    // Nor does one that is not let in at all.
    yard.plan_later().await;
    yard.apply().await;
    assert_eq!(yard.changes(&DOWN), DOWN[..1]);
    yard.hub.shop.aws.pass(hours(1)).await;
    yard.plan_later().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["deprecated", "deprecated", "available"]);
}

#[tokio::test(start_paused = true)]
async fn no_call_begins_when_time_ran_out_while_it_was_looked_at_and_another_message_goes_on_with_it() {
    let yard = Yard::new(2, LADDER).await;
    yard.until_expendable().await;
    let plane = &yard.hub.shop.aws.plane;
    let freeze = Fault::new(Effect::FreezeBefore(minutes(12))).on("DescribeImages");
    plane.with(|world| world.inject(freeze));
    yard.work_within(minutes(15)).await.unwrap().unwrap();
    assert_eq!(yard.changes(&DOWN), [""; 0]);
    yard.work_within(minutes(15)).await.unwrap().unwrap();
    assert_eq!(yard.rungs().await, ["deprecated", "available"]);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_came_to_goes_on_in_a_message_of_its_own_as_often_as_that_is() {
    let yard = Yard::new(2, LADDER).await;
    yard.until_expendable().await;
    for _ in 0..3 {
        yard.work_within(minutes(3)).await.unwrap().unwrap();
        assert_eq!(yard.changes(&DOWN), [""; 0]);
    }
    yard.work_within(minutes(15)).await.unwrap().unwrap();
    assert_eq!(yard.rungs().await, ["deprecated", "available"]);
    assert!(yard.work_within(minutes(15)).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn what_time_runs_out_for_goes_on_in_a_message_of_its_own() {
    let yard = Yard::new(4, LADDER).await;
    yard.until_expendable().await;
    let plane = &yard.hub.shop.aws.plane;
    let freeze = Fault::new(Effect::FreezeAfter(minutes(1)))
        .on("EnableImageDeprecation")
        .times(2);
    plane.with(|world| world.inject(freeze));
    for done in 1..=3 {
        yard.work_within(minutes(4)).await.unwrap().unwrap();
        assert_eq!(yard.changes(&DOWN).len(), done);
    }
    assert!(yard.work_within(minutes(4)).await.is_none());
    assert_eq!(
        yard.rungs().await,
        ["deprecated", "deprecated", "deprecated", "available"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_message_that_nobody_understands_goes_back_and_no_other_does() {
    let yard = Yard::new(2, LADDER).await;
    yard.until_expendable().await;
    let (room, _) = yard.room_with(Some(&yard.url));
    let event = |body: &str| serde_json::json!({ "Records": [{ "messageId": "m", "body": body }] });
    let handled = |body: &'static str| {
        let event = event(body);
        let room = &room;
        let moment = yard.hub.moment();
        async move {
            prune_images::apply_pruning(room, &event, moment)
                .await
                .unwrap()
                .batch_item_failures
                .len()
        }
    };
    assert_eq!(handled("{\"run\":\"r\"}").await, 1);
    let nothing = "{\"run\":\"r\",\"target\":\"111122223333/eu-west-1\",\"families\":[{\"family\":\"nobodys\",\
                   \"digest\":\"\",\"steps\":[]}]}";
    assert_eq!(handled(nothing).await, 0);
    let denied = Fault::new(Effect::Deny).on("EnableImageDeprecation").always();
    yard.hub.shop.aws.plane.with(|world| world.inject(denied));
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["available"; 2]);
    let refused = yard
        .journal()
        .into_iter()
        .filter(|says| says.contains("failed: UnauthorizedOperation"));
    assert_eq!(refused.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_ec2_has_no_time_for_is_made_once_by_the_next_plan() {
    let yard = Yard::new(2, LADDER).await;
    yard.until_deregistering().await;
    let throttled = Fault::new(Effect::Throttle).on("DeregisterImage").times(7);
    yard.hub.shop.aws.plane.with(|world| world.inject(throttled));
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["disabled", "available"]);
    assert_eq!(yard.open_steps().len(), 1);
    yard.plan_later().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["gone", "available"]);
    assert_eq!(yard.changes(&DOWN), DOWN);
    assert_eq!(yard.open_steps(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn of_a_release_in_two_regions_no_image_goes_while_a_wildcard_would_pick_it() {
    let regions = [VIRGINIA, IRELAND];
    let yard = Yard::in_regions(2, LADDER, regions).await;
    let build = yard.release(&yard.images[0], "name");
    yard.until_deregistering().await;
    for _ in 0..3 {
        yard.apply().await;
        yard.plan_later().await;
    }
    assert_eq!(yard.rung(VIRGINIA, &yard.images[0]).await, "gone");
    assert_eq!(yard.rung(IRELAND, &yard.images[1]).await, "gone");
    assert_eq!(yard.rung(IRELAND, &yard.images[3]).await, "available");
    let last = [
        "StartResourceStateUpdate",
        "DeregisterImage",
        "DeregisterImage",
        "DeleteImage",
    ];
    assert_eq!(yard.changes(&DOWN[2..]), last);
    let gone = yard.hub.shop.ib.get_image().image_build_version_arn(build);
    assert!(gone.send().await.is_err());
}
