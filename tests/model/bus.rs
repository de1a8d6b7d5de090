//! Events that a program puts on the default bus, by the real SDK.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_eventbridge::types::builders::PutEventsRequestEntryBuilder;
use image_plane::{Channel, Effect, EventFaults, Fault, Service, Settings};
use serde_json::json;

use stage::aws::{Aws, HUB, IRELAND, MEMBER, code, hours};

fn entry() -> PutEventsRequestEntryBuilder {
    PutEventsRequestEntry::builder()
        .source("steward")
        .detail_type("Release Published")
        .detail(r#"{"family":"web","channel":"stable"}"#)
}

#[tokio::test(start_paused = true)]
async fn an_event_arrives_as_it_was_put_with_the_id_that_was_answered() {
    let aws = Aws::calm();
    let now = aws_sdk_eventbridge::primitives::DateTime::from_secs(1_767_225_600);
    let dated = entry()
        .time(now)
        .resources("arn:aws:ec2:eu-west-1::image/ami-1")
        .build();
    let answer = aws
        .bus(MEMBER, IRELAND)
        .put_events()
        .entries(dated)
        .send()
        .await
        .unwrap();
    assert_eq!((answer.failed_entry_count(), answer.entries().len()), (0, 1));
    let events = aws.plane.with(image_plane::World::take_deliveries);
    let [event] = events.as_slice() else {
        panic!("{events:#?}")
    };
    assert_eq!(
        (event.account, event.region.name(), &event.channel),
        (MEMBER, IRELAND, &Channel::EventBridge)
    );
    assert_eq!(
        event.body,
        json!({
            "version": "0", "id": answer.entries()[0].event_id().unwrap(), "detail-type": "Release Published",
            "source": "steward", "account": "222233334444", "time": "2026-01-01T00:00:00Z", "region": "eu-west-1",
            "resources": ["arn:aws:ec2:eu-west-1::image/ami-1"], "detail": { "family": "web", "channel": "stable" },
        })
    );
}

#[tokio::test(start_paused = true)]
async fn an_entry_fails_for_itself_in_an_answer_that_is_no_error() {
    let aws = Aws::calm();
    let put = aws.bus(HUB, IRELAND).put_events().entries(entry().build());
    let put = put.entries(entry().source("aws.ec2").build());
    let put = put.entries(entry().detail("no json").build());
    let put = put.entries(PutEventsRequestEntry::builder().source("steward").build());
    let put = put.entries(entry().event_bus_name("there-is-none").build());
    let answer = put.send().await.unwrap();
    let told: Vec<_> = answer
        .entries()
        .iter()
        .map(|entry| (entry.event_id().is_some(), entry.error_code()))
        .collect();
    assert_eq!(
        told,
        [
            (true, None),
            (false, Some("NotAuthorizedForSourceException")),
            (false, Some("MalformedDetail")),
            (false, Some("InvalidArgument")),
            (true, None),
        ]
    );
    assert_eq!(answer.failed_entry_count(), 3);
    assert_eq!(aws.plane.with(image_plane::World::take_deliveries).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn more_than_ten_entries_are_refused_together() {
    let aws = Aws::calm();
    let put = aws.bus(HUB, IRELAND).put_events();
    let put = (0..11).fold(put, |put, _| put.entries(entry().build()));
    assert_eq!(code(&put.send().await), "ValidationException");
    assert_eq!(aws.plane.with(image_plane::World::take_deliveries), []);
}

#[tokio::test(start_paused = true)]
async fn events_of_programs_are_lost_and_doubled_like_those_of_services() {
    let aws = Aws::calm();
    let faults = EventFaults {
        double_per_mille: 1000,
        ..EventFaults::default()
    };
    aws.plane.with(|world| world.set_event_faults(faults));
    let put = aws.bus(HUB, IRELAND).put_events().entries(entry().build());
    put.send().await.unwrap();
    aws.pass(hours(1)).await;
    assert_eq!(aws.plane.with(image_plane::World::take_deliveries).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_sdk_tries_again_when_it_is_told_to_slow_down_and_when_the_bus_breaks() {
    let aws = Aws::new(5, Settings::calm());
    let throttle = Fault::new(Effect::Throttle).service(Service::EventBridge);
    let breaks = Fault::new(Effect::ServerError(500))
        .service(Service::EventBridge)
        .after(1);
    aws.plane.with(|world| {
        world.inject(throttle);
        world.inject(breaks);
    });
    let put = aws.bus(HUB, IRELAND).put_events().entries(entry().build());
    assert_eq!(put.send().await.unwrap().failed_entry_count(), 0);
    assert_eq!(aws.plane.with(image_plane::World::take_deliveries).len(), 1);
}
