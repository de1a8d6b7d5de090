//! What a sweep reads: how each member stands only while something of that may be due.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use distribute_images::{Dispatched, plan_distribution};
use image_plane::{Effect, Fault, Settings};
use serde_json::json;
use stage::aws::{HUB, IRELAND, MEMBER, VIRGINIA, hours, minutes};

use super::counted::{of_message, of_release};
use super::stood::with_many_members;
use super::{Depot, owned};
use crate::channels::web;
use crate::hub::TABLE;

const WANTED: &str = r#"{ regions: { us-east-1: {} }, copy_to: ["222233334444"], share_with: { accounts: ["222233334444"] }, publish: {
    parameter: "/golden/{family}/{architecture}/{channel}", to: [hub, audience] } }
channels: { candidate: { from: release } }"#;
/// Where the member owns a copy, and reads and sees it.
const THERE: &str = "222233334444/us-east-1";

/// A release that is everywhere, seen and published, after whose last look a sweep found nothing due with members.
async fn resting() -> Depot {
    let depot = owned::depot(Settings::calm()).await;
    depot.hub.admit_to_publish(MEMBER);
    depot.hub.admit_to_view(MEMBER);
    depot.hub.want(WANTED).await;
    depot.rounds(30).await;
    assert!(rests(&depot).await);
    depot
}

async fn rests(depot: &Depot) -> bool {
    depot.hub.record().rest(&web()).await.unwrap().rest.is_some()
}

async fn end_rest(depot: &Depot) {
    depot.hub.take_away("F#web", "REST").await;
}

/// What a sweep that sends nobody says is due.
async fn planned(depot: &Depot) -> Dispatched {
    let (room, _) = depot.observing();
    let event = json!({ "wake": "sweep" });
    let planned = plan_distribution(&room, &event, "observing", depot.hub.moment());
    planned.await.unwrap()
}

fn calls_of_table(depot: &Depot, action: &str) -> u64 {
    let plane = &depot.hub.shop.aws.plane;
    plane.with_tables(|tables| tables.ledger().of(action).done)
}

/// How many queries and reads of one item a sweep makes.
async fn reads(depot: &Depot) -> (u64, u64) {
    let now = || (calls_of_table(depot, "Query"), calls_of_table(depot, "GetItem"));
    let before = now();
    planned(depot).await;
    (now().0 - before.0, now().1 - before.1)
}

#[tokio::test(start_paused = true)]
async fn a_sweep_reads_nothing_of_members_while_nothing_of_them_is_due() {
    let depot = resting().await;
    // Nobody but a person's hand takes a row away without a word.
    depot.hub.take_away("F#web", "PUB#222233334444#us-east-1").await;
    assert_eq!(planned(&depot).await.publications, 0);
    end_rest(&depot).await;
    assert_eq!(planned(&depot).await.publications, 1);
}

#[tokio::test(start_paused = true)]
async fn a_quiet_sweep_makes_as_many_reads_however_many_members_there_are() {
    let depot = resting().await;
    let quiet = reads(&depot).await;
    end_rest(&depot).await;
    let reading = reads(&depot).await;
    // Of each kind one page, and no more of anything else.
    assert_eq!(reading, (quiet.0 + 3, quiet.1));
    let release = depot.release().await.parse().unwrap();
    with_many_members(&depot, release, 400).await;
    let (queries, _) = reads(&depot).await;
    assert!(queries > reading.0);
    assert_eq!(reads(&depot).await, quiet);
}

#[tokio::test(start_paused = true)]
async fn a_sweep_that_goes_by_a_rest_finds_due_what_one_finds_that_reads_all() {
    let depot = resting().await;
    let mut due = 0;
    for passed in [0, 5, 55, 600, 700, 60, 60].map(minutes) {
        depot.hub.shop.aws.pass(passed).await;
        depot.hub.sweep().await;
        let by_the_rest = planned(&depot).await;
        end_rest(&depot).await;
        let by_all = planned(&depot).await;
        assert_eq!(by_the_rest, by_all, "after {passed:?}");
        due = by_all.publications;
    }
    // At last the day was over.
    assert!(due > 2);
}

#[tokio::test(start_paused = true)]
async fn a_days_look_at_members_that_finds_all_well_disturbs_nobody() {
    let depot = resting().await;
    depot.hub.shop.aws.pass(hours(24)).await;
    depot.hub.sweep().await;
    let before = calls_of_table(&depot, "TransactWriteItems");
    let round = depot.round().await;
    // The hub's two and the member's, each of which it is looked at again.
    assert_eq!((round.due, round.publications, round.views), (3, 4, 2));
    assert_eq!(calls_of_table(&depot, "TransactWriteItems"), before);
    assert!(rests(&depot).await);
    let due = planned(&depot).await;
    assert_eq!((due.due, due.publications, due.views), (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn what_members_own_is_compared_daily_even_where_a_channel_points_to_it() {
    let depot = resting().await;
    depot.hub.shop.aws.pass(minutes(10)).await;
    depot.hub.sweep().await;
    // The hub's in both Regions are, by each sweep.
    assert_eq!(planned(&depot).await.due, 2);
    depot.hub.shop.aws.pass(hours(24)).await;
    depot.hub.sweep().await;
    assert_eq!(planned(&depot).await.due, 3);
}

#[tokio::test(start_paused = true)]
async fn what_a_worker_finds_that_nobody_sent_is_known_to_the_next_sweep() {
    let depot = resting().await;
    let ec2 = depot.hub.shop.aws.ec2(MEMBER, VIRGINIA);
    let copy = owned::copy_of(&depot, MEMBER, VIRGINIA).await;
    ec2.deregister_image().image_id(&copy).send().await.unwrap();
    // A message that is delivered twice.
    of_message(&depot, THERE, json!([of_release(&depot).await])).await;
    assert!(!rests(&depot).await);
    // It lacks its copy, so the hub lends it its own again, and it makes another.
    depot.rounds(10).await;
    assert_ne!(owned::copy_of(&depot, MEMBER, VIRGINIA).await, copy);
}

#[tokio::test(start_paused = true)]
async fn what_was_read_before_a_row_changed_is_written_down_in_vain() {
    let depot = resting().await;
    let (record, there) = (depot.hub.record(), THERE.parse().unwrap());
    let held = record.rest(&web()).await.unwrap();
    let rest = held.rest.clone().unwrap();
    let mut viewed = record.viewed_in(&web(), there).await.unwrap().unwrap();
    viewed.looked = depot.hub.moment().now;
    record.write_viewed(&web(), there, &viewed).await.unwrap();
    // It only is due later.
    assert_eq!(record.rest(&web()).await.unwrap(), held);
    viewed.settled = false;
    record.write_viewed(&web(), there, &viewed).await.unwrap();
    assert!(!record.write_rest(&web(), &held, &rest).await.unwrap());
    assert!(!rests(&depot).await);
    let held = record.rest(&web()).await.unwrap();
    assert!(record.write_rest(&web(), &held, &rest).await.unwrap());
    record.forget_consumer(&web(), there).await.unwrap();
    assert!(!rests(&depot).await);
    assert_eq!(record.viewed_in(&web(), there).await.unwrap(), None);
}

/// Lets so many calls meet others at their items.
fn conflicts(depot: &Depot, action: &str, times: u64) {
    let fault = Fault::new(Effect::Conflict).on(action).times(times);
    depot.hub.shop.aws.plane.with_tables(|tables| tables.inject(fault));
}

/// How often the family's rest was disturbed.
fn disturbed(depot: &Depot) -> u64 {
    let items = depot.hub.all_items();
    let rest = &items[&(String::from("F#web"), String::from("REST"))];
    rest["disturbed"]["N"].as_str().unwrap().parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_row_and_that_it_ends_the_rest_are_written_together_however_often_others_are_at_it() {
    let depot = resting().await;
    let (record, there) = (depot.hub.record(), THERE.parse().unwrap());
    let mut viewed = record.viewed_in(&web(), there).await.unwrap().unwrap();
    viewed.settled = false;
    let (before, single) = (disturbed(&depot), calls_of_table(&depot, "UpdateItem"));
    conflicts(&depot, "TransactWriteItems", 9);
    let began = depot.hub.moment().now;
    // The last of them is refused too, so that it is written by itself.
    record.write_viewed(&web(), there, &viewed).await.unwrap();
    assert_eq!(record.viewed_in(&web(), there).await.unwrap(), Some(viewed.clone()));
    assert!(!rests(&depot).await);
    assert_eq!(
        (disturbed(&depot), calls_of_table(&depot, "UpdateItem")),
        (before + 2, single + 3)
    );
    let took = depot.hub.moment().now.checked_since(began).unwrap();
    assert!(took < Duration::from_secs(20), "{took:?}");
    conflicts(&depot, "TransactWriteItems", 8);
    viewed.what = String::from("something else");
    record.write_viewed(&web(), there, &viewed).await.unwrap();
    assert_eq!(record.viewed_in(&web(), there).await.unwrap(), Some(viewed));
    assert_eq!(
        (disturbed(&depot), calls_of_table(&depot, "UpdateItem")),
        (before + 3, single + 3)
    );
}

#[tokio::test(start_paused = true)]
async fn a_row_that_is_written_by_itself_is_hidden_by_no_rest_wherever_that_ends() {
    // The count before it, the row, the count after it.
    for ends in 0..3 {
        let depot = resting().await;
        let (record, there) = (depot.hub.record(), THERE.parse().unwrap());
        let old = record.viewed_in(&web(), there).await.unwrap().unwrap();
        let mut viewed = old.clone();
        viewed.settled = false;
        conflicts(&depot, "TransactWriteItems", 100);
        let denied = Fault::new(Effect::Deny).on("UpdateItem").after(ends);
        depot.hub.shop.aws.plane.with_tables(|tables| tables.inject(denied));
        assert!(record.write_viewed(&web(), there, &viewed).await.is_err());
        let written = record.viewed_in(&web(), there).await.unwrap();
        assert_eq!(written, Some(if ends == 2 { viewed } else { old }));
        assert_eq!(rests(&depot).await, ends == 0);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_amended_or_taken_away_is_so_however_often_others_are_at_it_and_what_is_not_there_stays_so() {
    let depot = resting().await;
    let (record, there) = (depot.hub.record(), THERE.parse().unwrap());
    let release = depot.release().await.parse().unwrap();
    conflicts(&depot, "TransactWriteItems", 1_000);
    record.reconsider(&web(), release, there).await.unwrap();
    let stood = record.stood_in(&web(), release, there).await.unwrap().unwrap();
    assert_eq!(stood.manifest, 0);
    record.forget_consumer(&web(), there).await.unwrap();
    assert_eq!(record.viewed_in(&web(), there).await.unwrap(), None);
    assert!(!rests(&depot).await);
    let nowhere = "222233334444/ap-northeast-1".parse().unwrap();
    record.reconsider(&web(), release, nowhere).await.unwrap();
    assert_eq!(record.stood_in(&web(), release, nowhere).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_single_write_that_meets_a_transaction_at_its_item_is_tried_again() {
    let depot = resting().await;
    let (record, there) = (depot.hub.record(), THERE.parse().unwrap());
    for action in ["UpdateItem", "DeleteItem"] {
        conflicts(&depot, action, 4);
        record
            .mark_sent([there].into_iter(), depot.hub.moment().now)
            .await
            .unwrap();
        record.mark_done(there).await.unwrap();
        assert_eq!(record.sent(depot.hub.moment().now).await.unwrap(), [].into());
    }
}

#[tokio::test(start_paused = true)]
async fn a_sweep_that_cannot_write_down_that_a_family_rests_sends_its_work_all_the_same() {
    let depot = resting().await;
    depot.hub.shop.aws.pass(minutes(10)).await;
    depot.hub.sweep().await;
    let well = planned(&depot).await;
    end_rest(&depot).await;
    // It is the first that such a sweep writes.
    let denied = Fault::new(Effect::Deny).on("UpdateItem");
    depot.hub.shop.aws.plane.with_tables(|tables| tables.inject(denied));
    let sent = depot.dispatch().await.unwrap();
    assert!(!rests(&depot).await);
    assert_eq!((sent.due, sent.messages), (2, 2));
    assert_eq!((sent.due, sent.problems), (well.due, vec![]));
    // The next one writes it.
    planned(&depot).await;
    assert!(rests(&depot).await);
}

#[tokio::test(start_paused = true)]
async fn a_members_copy_that_the_record_finds_gone_is_looked_at_by_the_next_sweep() {
    let depot = resting().await;
    let ec2 = depot.hub.shop.aws.ec2(MEMBER, VIRGINIA);
    let copy = owned::copy_of(&depot, MEMBER, VIRGINIA).await;
    ec2.deregister_image().image_id(&copy).send().await.unwrap();
    for _ in 0..3 {
        depot.hub.shop.aws.pass(minutes(61)).await;
        depot.hub.sweep().await;
    }
    assert!(!rests(&depot).await);
    assert_eq!(planned(&depot).await.due, 3);
    depot.rounds(10).await;
    assert_ne!(owned::copy_of(&depot, MEMBER, VIRGINIA).await, copy);
}

#[tokio::test(start_paused = true)]
async fn a_rest_that_another_version_wrote_is_none_and_the_rows_are_read() {
    let depot = resting().await;
    let tables = aws_sdk_dynamodb::Client::new(&depot.hub.shop.aws.config(HUB, IRELAND));
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let update = tables.update_item().table_name(TABLE).update_expression("SET #r = :r");
    let update = update.expression_attribute_names("#r", "rest");
    let update = update.expression_attribute_values(":r", text(r#"{"until":7}"#));
    let update = update.key("pk", text("F#web")).key("sk", text("REST"));
    update.send().await.unwrap();
    assert!(!rests(&depot).await);
    planned(&depot).await;
    assert!(rests(&depot).await);
}

#[tokio::test(start_paused = true)]
async fn what_an_older_version_wrote_down_of_a_look_counts_as_much() {
    let depot = resting().await;
    let tables = aws_sdk_dynamodb::Client::new(&depot.hub.shop.aws.config(HUB, IRELAND));
    for row in ["PUB", "VIEW"] {
        let sk = AttributeValue::S(format!("{row}#222233334444#us-east-1"));
        let update = tables.update_item().table_name(TABLE).update_expression("REMOVE look");
        let update = update.key("pk", AttributeValue::S(String::from("F#web"))).key("sk", sk);
        update.send().await.unwrap();
    }
    for (passed, is_due) in [(minutes(5), false), (hours(24), true)] {
        depot.hub.shop.aws.pass(passed).await;
        depot.hub.sweep().await;
        end_rest(&depot).await;
        let due = planned(&depot).await;
        assert_eq!((due.publications > 2, due.views > 1), (is_due, is_due), "{due:?}");
    }
}
