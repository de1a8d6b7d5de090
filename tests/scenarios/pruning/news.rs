//! What changed is told once a day at most, whatever fails; and where nothing changed nobody is told.

use std::collections::BTreeMap;

use image_plane::{Crashed, Effect, Fault, Service, World};
use prune_images::plan_pruning;
use serde_json::{Value, json};
use stage::aws::{hours, minutes};
use steward_aws::LastNews;

use super::described::assert_described;
use super::{RETAIN, Yard};
use crate::crash::Crash;
use crate::evidence::gather;

/// What was told of runs since this was last asked.
fn told(yard: &Yard) -> Vec<Value> {
    let published = yard.hub.shop.aws.plane.with(World::take_published).into_iter();
    let told = published.map(|message| serde_json::from_str::<Value>(&message.message).unwrap());
    let told: Vec<Value> = told.filter(|told| told["message"] == "pruning run").collect();
    told.iter().for_each(assert_described);
    told
}

/// A family of which the next plan is the first that anybody is told of.
async fn about_to_tell() -> Yard {
    let yard = Yard::new(2, RETAIN).await;
    yard.hub.shop.aws.pass(hours(49)).await;
    yard.hub.sweep().await;
    gather(&yard.hub).await.unwrap();
    yard
}

#[tokio::test(start_paused = true)]
async fn what_changed_is_told_a_day_later_with_what_was_done_since_and_nothing_is_no_news() {
    let yard = Yard::new(3, RETAIN).await;
    yard.until_expendable().await;
    let first = told(&yard);
    let [first] = first.as_slice() else { panic!("{first:?}") };
    assert_eq!(
        (&first["since"], &first["totals"]["kept"]),
        (&Value::Null, &json!({ "rank": 1 }))
    );
    assert_eq!(
        first["next"]["listed"],
        json!([{ "images": 2, "rung": "deprecated", "when": "this_run" }])
    );
    yard.apply().await;
    // Both are on the next rung by now, and people were told an hour ago.
    yard.plan_later().await;
    assert_eq!(told(&yard), [Value::Null; 0]);
    yard.next_day().await;
    let second = told(&yard);
    let [second] = second.as_slice() else {
        panic!("{second:?}")
    };
    let since = &second["since"];
    assert_eq!(since["told"], first["at"]);
    assert_eq!(
        since["brought"],
        json!({ "deprecated": 2, "disabled": 0, "deregistered": 0 })
    );
    let counts = since["counts"]["listed"].as_array().unwrap();
    let changed = json!({ "what": "on the way out, deprecated", "before": 0, "now": 2 });
    assert!(counts.contains(&changed), "{counts:?}");
    let next = &second["next"]["listed"][0];
    assert_eq!(
        (&next["images"], &next["rung"], &next["when"]),
        (&json!(2), &json!("disabled"), &json!("from"))
    );
    // Days on end they only wait.
    for _ in 0..3 {
        yard.next_day().await;
    }
    assert_eq!(told(&yard), [Value::Null; 0]);
}

#[tokio::test(start_paused = true)]
async fn people_read_what_stays_and_what_goes_next() {
    let yard = Yard::new(3, RETAIN).await;
    yard.until_expendable().await;
    let published = yard.hub.shop.aws.plane.with(World::take_published);
    let [message] = published.as_slice() else {
        panic!("{published:?}")
    };
    let mail = &message.by_protocol["email"];
    for says in [
        "Kept, by rule: 1 rank.",
        "What goes next:\n- 2 deprecated in this run\n",
    ] {
        assert!(mail.contains(says), "{mail}");
    }
}

#[tokio::test(start_paused = true)]
async fn in_observe_mode_people_are_told_what_would_go_and_that_it_goes_from_the_switch_to_act_on() {
    let yard = about_to_tell().await;
    yard.observe().await;
    let [looks] = told(&yard).try_into().unwrap();
    assert_eq!(looks["mode"], "observes");
    yard.next_day().await;
    let [acts] = told(&yard).try_into().unwrap();
    assert_eq!((&acts["mode"], &acts["since"]["told"]), (&json!("acts"), &looks["at"]));
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_told_is_told_by_the_next_plan() {
    let yard = about_to_tell().await;
    let broken = Fault::new(Effect::Deny).service(Service::Sns).always();
    yard.hub.shop.aws.plane.with(|world| world.inject(broken));
    // Nothing else fails by it.
    assert_eq!(yard.plan().await.unwrap().messages, 1);
    yard.hub.shop.aws.plane.with(World::clear_faults);
    assert_eq!(told(&yard), [Value::Null; 0]);
    yard.plan_later().await;
    let [news] = told(&yard).try_into().unwrap();
    assert_eq!(news["since"], Value::Null);
    yard.plan_later().await;
    assert_eq!(told(&yard), [Value::Null; 0]);
}

#[tokio::test(start_paused = true)]
async fn who_plans_while_another_tells_leaves_that_to_it() {
    let yard = about_to_tell().await;
    let (record, family) = (yard.hub.record(), "web".parse().unwrap());
    assert!(
        record
            .claim_news(&family, &LastNews::Nothing, yard.hub.moment().now)
            .await
            .unwrap()
    );
    assert_eq!(yard.plan().await.unwrap().families, 1);
    assert_eq!(told(&yard), [Value::Null; 0]);
}

#[tokio::test(start_paused = true)]
async fn where_nobody_can_read_what_people_were_told_they_are_told_again_and_the_plan_is_carried_out() {
    let yard = about_to_tell().await;
    yard.plan().await.unwrap();
    assert_eq!((told(&yard).len(), yard.sent().len()), (1, 1));
    yard.hub.shop.aws.pass(minutes(61)).await;
    yard.hub.sweep().await;
    gather(&yard.hub).await.unwrap();
    yard.garble("F#web", "NEWS", "news").await;
    let failure = format!("{:?}", yard.plan().await.unwrap_err());
    assert!(failure.contains("NEWS"), "{failure}");
    let [again] = told(&yard).try_into().unwrap();
    assert_eq!(again["since"], Value::Null);
    assert_eq!(yard.sent().len(), 1);
    // It can be read by now.
    yard.plan_later().await;
    assert_eq!(told(&yard), [Value::Null; 0]);
}

#[tokio::test(start_paused = true)]
async fn work_that_cannot_be_sent_is_planned_again_and_nobody_is_told_of_it_again() {
    let yard = about_to_tell().await;
    let broken = Fault::new(Effect::Deny).service(Service::Sqs).always();
    yard.hub.shop.aws.plane.with(|world| world.inject(broken));
    for _ in 0..3 {
        yard.plan().await.unwrap_err();
        yard.hub.shop.aws.pass(minutes(5)).await;
    }
    assert_eq!(told(&yard).len(), 1);
}

/// Plans, unless the process ends before.
async fn plan_or_crash(yard: &Yard) -> Result<(), Crashed> {
    let (room, process) = yard.room_with(Some(&yard.url));
    let event = json!({ "wake": "sweep" });
    let moment = yard.hub.moment();
    let planned = process.run(Box::pin(plan_pruning(&room, &event, "run", moment))).await;
    planned.map(|planned| drop(planned.unwrap()))
}

#[tokio::test(start_paused = true)]
async fn a_crash_of_the_planner_at_any_call_loses_no_news_and_one_that_comes_twice_says_so() {
    let mut counts = BTreeMap::new();
    for kind in Crash::KINDS {
        for skip in 0..200 {
            let yard = Box::pin(about_to_tell()).await;
            let crash = kind.at(skip);
            crash.strike(&yard.hub.shop.aws.plane);
            if plan_or_crash(&yard).await.is_ok() {
                break;
            }
            for _ in 0..2 {
                yard.plan_later().await;
            }
            let told = told(&yard);
            assert!((1..=2).contains(&told.len()), "{crash}: {told:?}");
            assert!(told.iter().all(|told| told["since"].is_null()), "{crash}: {told:?}");
            *counts.entry(told.len()).or_insert(0) += 1;
        }
    }
    // Twice only where it ended between the message and the record of it: after the one call, or before the other.
    assert!(counts[&1] > 20, "{counts:?}");
    assert_eq!(counts[&2], 2, "{counts:?}");
}
