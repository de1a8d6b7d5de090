//! The events of EC2 and EBS: their shapes, and how they get lost, doubled, late, out of order, forged.

use std::time::Duration;

use image_plane::{Channel, Delivery, EventFaults};
use serde_json::json;

use stage::aws::{Aws, HUB, IRELAND, MEMBER, VIRGINIA, describe, hours, minutes, snapshots};

fn taken(aws: &Aws) -> Vec<Delivery> {
    aws.plane.with(image_plane::World::take_deliveries)
}

async fn deregister_all(aws: &Aws, count: usize) {
    let hub = aws.hub();
    for n in 0..count {
        let id = aws.image(HUB, IRELAND, &format!("web-{n}"));
        hub.deregister_image().image_id(id).send().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_tells_of_itself_in_the_destination_with_the_odd_shapes_of_ec2_and_ebs() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let there = aws.ec2(HUB, VIRGINIA);
    let source = snapshots(&describe(&aws.hub(), &id).await)[0].clone();
    let copy = there
        .copy_image()
        .name("copy")
        .source_image_id(&id)
        .source_region(IRELAND)
        .send()
        .await
        .unwrap();
    let copy = copy.image_id().unwrap();
    aws.pass(hours(1)).await;
    let snapshot = snapshots(&describe(&there, copy).await)[0].clone();
    let events = taken(&aws);
    let [first, second] = events.as_slice() else {
        panic!("{events:#?}")
    };
    assert_eq!((second.account, second.region.name()), (HUB, VIRGINIA));
    assert_eq!(second.channel, Channel::EventBridge);
    let body = &second.body;
    assert_eq!(body["detail-type"], "EC2 AMI State Change");
    assert_eq!(body["source"], "aws.ec2");
    assert_eq!(body["time"], "2026-01-05T08:04:00Z");
    assert_eq!(
        body["resources"],
        json!([format!("arn:aws:ec2:us-east-1::image/{copy}")])
    );
    assert_eq!(body["detail"]["ImageId"], *copy);
    assert_eq!(body["detail"]["State"], "available");
    assert_eq!(body["detail"]["ErrorMessage"], "");
    let body = &first.body;
    assert_eq!(body["detail-type"], "EBS Snapshot Notification");
    assert_eq!(body["detail"]["event"], "copySnapshot");
    assert_eq!(body["detail"]["result"], "succeeded");
    assert_eq!(
        body["detail"]["snapshot_id"],
        format!("arn:aws:ec2::us-east-1:snapshot/{snapshot}")
    );
    assert_eq!(
        body["detail"]["source"],
        format!("arn:aws:ec2::eu-west-1:snapshot/{source}")
    );
    assert_eq!(body["detail"]["incremental"], "true");
}

#[tokio::test(start_paused = true)]
async fn deprecation_and_sharing_an_image_raise_no_event_and_sharing_a_snapshot_tells_the_receiver() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let id = aws.image(HUB, IRELAND, "web");
    let later = aws_sdk_ec2::primitives::DateTime::from_secs(aws.plane.now().millis() / 1000 + 3600);
    hub.enable_image_deprecation()
        .image_id(&id)
        .deprecate_at(later)
        .send()
        .await
        .unwrap();
    let share = hub
        .modify_image_attribute()
        .image_id(&id)
        .attribute("launchPermission")
        .operation_type("add".into());
    share.user_ids(MEMBER.to_string()).send().await.unwrap();
    aws.pass(hours(2)).await;
    assert_eq!(taken(&aws), []);
    let snapshot = snapshots(&describe(&hub, &id).await)[0].clone();
    let lend = hub
        .modify_snapshot_attribute()
        .snapshot_id(&snapshot)
        .operation_type("add".into());
    lend.user_ids(MEMBER.to_string()).send().await.unwrap();
    aws.pass(hours(1)).await;
    let events = taken(&aws);
    let [event] = events.as_slice() else {
        panic!("{events:#?}")
    };
    assert_eq!(
        (event.account, &event.body["detail"]["event"]),
        (MEMBER, &json!("shareSnapshot"))
    );
    assert_eq!(event.body["detail"]["source"], "111122223333");
}

#[tokio::test(start_paused = true)]
async fn disabling_enabling_and_deregistering_are_told() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let id = aws.image(HUB, IRELAND, "web");
    hub.disable_image().image_id(&id).send().await.unwrap();
    hub.enable_image().image_id(&id).send().await.unwrap();
    hub.deregister_image().image_id(&id).send().await.unwrap();
    let states: Vec<_> = taken(&aws)
        .iter()
        .map(|event| event.body["detail"]["State"].clone())
        .collect();
    assert_eq!(states, ["disabled", "available", "deregistered"]);
}

#[tokio::test(start_paused = true)]
async fn every_event_can_be_lost() {
    let aws = Aws::calm();
    aws.plane.with(|world| {
        world.set_event_faults(EventFaults {
            lose_per_mille: 1000,
            ..EventFaults::default()
        });
    });
    deregister_all(&aws, 20).await;
    aws.pass(hours(1)).await;
    assert_eq!(taken(&aws), []);
}

#[tokio::test(start_paused = true)]
async fn events_come_twice_late_and_out_of_order_when_told_to() {
    let aws = Aws::calm();
    let faults = EventFaults {
        lose_per_mille: 0,
        double_per_mille: 1000,
        delay_up_to: hours(24),
    };
    aws.plane.with(|world| world.set_event_faults(faults));
    deregister_all(&aws, 20).await;
    assert!(taken(&aws).len() < 10);
    aws.pass(hours(25)).await;
    let late = taken(&aws);
    let ids: Vec<&str> = late.iter().map(|event| event.body["id"].as_str().unwrap()).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!((ids.len(), sorted.len()), (40, 20));
    assert!(late.iter().all(|event| event.body["time"] == "2026-01-05T08:00:00Z"));
    assert!(late.is_sorted_by_key(|event| event.at));
    assert!(
        late.windows(2)
            .any(|pair| pair[0].at + hours(1) < pair[1].at || pair[0].body["id"] != pair[1].body["id"])
    );
}

#[tokio::test(start_paused = true)]
async fn a_forged_event_is_delivered_like_a_real_one() {
    let aws = Aws::calm();
    let forged = Delivery {
        at: aws.plane.now() + Duration::from_secs(5),
        account: MEMBER,
        region: IRELAND.parse().unwrap(),
        channel: Channel::EventBridge,
        body: json!({ "source": "aws.ec2" }),
    };
    aws.plane.with(|world| world.forge(forged.clone()));
    assert_eq!(taken(&aws), []);
    aws.pass(Duration::from_secs(5)).await;
    assert_eq!(taken(&aws), [forged]);
}

#[tokio::test(start_paused = true)]
async fn a_listener_is_woken_at_an_events_own_time_although_nobody_calls() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let there = aws.ec2(HUB, VIRGINIA);
    let mut events = aws.plane.with(image_plane::World::subscribe);
    tokio::spawn(aws.plane.clone().pump());
    there
        .copy_image()
        .name("copy")
        .source_image_id(&id)
        .source_region(IRELAND)
        .send()
        .await
        .unwrap();
    let first = events.recv().await.unwrap();
    assert_eq!(aws.plane.now(), first.at);
    let second = events.recv().await.unwrap();
    assert_eq!(second.body["detail"]["State"], "available");
    assert_eq!(aws.plane.now().since(target_time()), minutes(4));
}

fn target_time() -> image_plane::Time {
    image_plane::Time::parse("2026-01-05T08:00:00Z").unwrap()
}
