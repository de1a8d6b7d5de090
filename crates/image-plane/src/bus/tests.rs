#![expect(clippy::needless_pass_by_value, reason = "requests read best where they are sent")]

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::sts::tests::{HUB, Key, TRUSTS_HUB, account, assume, request, root, world};
use crate::world::World;
use crate::world::events::Delivery;

fn call_as(world: &mut World, key: &Key, region: &str, operation: &str, body: &str) -> Result<Value, (String, String)> {
    let mut request = request(key, region, "events", body);
    let target = format!("AWSEvents.{operation}").parse().unwrap();
    request.headers_mut().insert("x-amz-target", target);
    let response = world.call(world.now(), request);
    let answer: Value = serde_json::from_slice(response.body()).unwrap();
    if response.status() == 200 {
        return Ok(answer);
    }
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    Err((text("__type"), text("message")))
}

fn put(world: &mut World, entries: Value) -> Result<Value, (String, String)> {
    let body = json!({ "Entries": entries }).to_string();
    call_as(world, &root(HUB), "eu-west-1", "PutEvents", &body)
}

fn arrived(world: &mut World) -> Vec<Delivery> {
    let now = world.now();
    world.settle(now);
    world.take_deliveries()
}

fn entry() -> Value {
    json!({ "Source": "steward", "DetailType": "Release Published", "Detail": "{\"family\":\"web\"}" })
}

#[test]
fn an_accepted_event_goes_out_with_its_own_source_and_the_id_it_was_answered_with() {
    let mut world = world();
    let mut dated = entry();
    dated["Time"] = json!(1_767_225_600.5);
    dated["Resources"] = json!(["arn:aws:ec2:eu-west-1::image/ami-1"]);
    dated["EventBusName"] = json!("arn:aws:events:eu-west-1:111122223333:event-bus/default");
    let answer = put(&mut world, json!([entry(), dated])).unwrap();
    assert_eq!(answer["FailedEntryCount"], 0);
    let events = arrived(&mut world);
    let [first, second] = events.as_slice() else {
        panic!("{events:#?}")
    };
    assert_eq!(
        first.body,
        json!({
            "version": "0", "id": answer["Entries"][0]["EventId"], "detail-type": "Release Published", "source": "steward",
            "account": HUB, "time": "2026-01-18T17:50:56Z", "region": "eu-west-1", "resources": [],
            "detail": { "family": "web" },
        })
    );
    assert_eq!(second.body["id"], answer["Entries"][1]["EventId"]);
    assert_eq!(second.body["time"], "2026-01-01T00:00:00Z");
    assert_eq!(second.body["resources"], json!(["arn:aws:ec2:eu-west-1::image/ami-1"]));
}

#[test]
fn an_entry_fails_for_itself_and_the_others_go_out() {
    let mut world = world();
    let mut entries = vec![entry()];
    let wrong = [
        ("Source", json!(null), "InvalidArgument"),
        ("DetailType", json!(null), "InvalidArgument"),
        ("DetailType", json!("x".repeat(129)), "InvalidArgument"),
        ("Detail", json!(null), "InvalidArgument"),
        ("Detail", json!("{"), "MalformedDetail"),
        ("Detail", json!("[1]"), "MalformedDetail"),
        ("Source", json!("aws.ec2"), "NotAuthorizedForSourceException"),
    ];
    for (member, value, _) in &wrong {
        let mut entry = entry();
        entry[member] = value.clone();
        entries.push(entry);
    }
    entries.push(entry());
    let answer = put(&mut world, json!(entries)).unwrap();
    assert_eq!(answer["FailedEntryCount"], wrong.len());
    for (at, (member, _, code)) in wrong.iter().enumerate() {
        let told = &answer["Entries"][at + 1];
        assert_eq!(
            (&told["ErrorCode"], told.get("EventId")),
            (&json!(code), None),
            "{member}"
        );
    }
    assert_eq!(
        answer["Entries"][1]["ErrorMessage"],
        "Parameter Source is not valid. Reason: Source is a required argument."
    );
    let ids: Vec<Value> = arrived(&mut world)
        .iter()
        .map(|event| event.body["id"].clone())
        .collect();
    assert_eq!(
        ids,
        [
            answer["Entries"][0]["EventId"].clone(),
            answer["Entries"][8]["EventId"].clone()
        ]
    );
}

#[test]
fn an_event_on_a_bus_that_is_not_there_is_answered_like_any_other_and_dropped() {
    let mut world = world();
    let mut lost = entry();
    lost["EventBusName"] = json!("releases");
    let answer = put(&mut world, json!([lost])).unwrap();
    assert_eq!(answer["FailedEntryCount"], 0);
    assert!(answer["Entries"][0]["EventId"].is_string());
    assert_eq!(arrived(&mut world), []);
    let mut foreign = entry();
    foreign["EventBusName"] = json!("arn:aws:events:eu-west-1:222233334444:event-bus/default");
    let (code, message) = put(&mut world, json!([entry(), foreign])).unwrap_err();
    assert_eq!(code, "NotModelled");
    assert!(message.contains("222233334444"), "{message}");
    assert_eq!(arrived(&mut world), []);
}

#[test]
fn a_request_has_one_to_ten_entries_that_are_smaller_than_a_megabyte_together() {
    let mut world = world();
    for count in [0, 11] {
        let (code, _) = put(&mut world, json!(vec![entry(); count])).unwrap_err();
        assert_eq!(code, "ValidationException", "{count}");
    }
    assert_eq!(
        put(&mut world, json!(vec![entry(); 10])).unwrap()["FailedEntryCount"],
        0
    );
    let mut sized = |bytes: usize| {
        let mut large = entry();
        let around = "{\"a\":\"\"}".len() + "steward".len() + "Release Published".len();
        large["Detail"] = json!(format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - around)));
        put(&mut world, json!([large])).map_err(|(code, _)| code)
    };
    assert!(sized((1 << 20) - 1).is_ok());
    assert_eq!(sized(1 << 20), Err("ValidationException".into()));
}

#[test]
fn members_and_operations_nobody_modelled_are_named() {
    let mut world = world();
    let mut traced = entry();
    traced["TraceHeader"] = json!("Root=1");
    let (code, message) = put(&mut world, json!([traced])).unwrap_err();
    assert_eq!(
        (code.as_str(), message.as_str()),
        (
            "NotModelled",
            "image-plane does not model the request member TraceHeader"
        )
    );
    let (code, message) = call_as(&mut world, &root(HUB), "eu-west-1", "PutRule", "{}").unwrap_err();
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("NotModelled", "image-plane does not model events:PutRule")
    );
    let (code, _) = call_as(&mut world, &root(HUB), "eu-west-1", "PutEvents", "{}").unwrap_err();
    assert_eq!(code, "ValidationException");
}

#[test]
fn putting_needs_the_right_on_the_bus() {
    let mut world = world();
    let mut with = |resource: &str, name: &str| {
        let policy = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "events:PutEvents", "Resource": resource } });
        let role = world
            .create_role(account(HUB), name, TRUSTS_HUB, &[&policy.to_string()])
            .unwrap();
        let key = assume(&mut world, &root(HUB), &role).unwrap();
        let body = json!({ "Entries": [entry()] }).to_string();
        call_as(&mut world, &key, "eu-west-1", "PutEvents", &body)
            .map(|_| ())
            .map_err(|(code, _)| code)
    };
    assert_eq!(
        with("arn:aws:events:eu-west-1:111122223333:event-bus/default", "a"),
        Ok(())
    );
    assert_eq!(
        with("arn:aws:events:eu-west-1:111122223333:event-bus/other", "b"),
        Err("AccessDeniedException".into())
    );
}

#[test]
fn a_region_takes_so_many_requests_a_second() {
    let mut world = world();
    world.settings_mut().throttling = true;
    let body = json!({ "Entries": [entry()] }).to_string();
    let mut refused = Vec::new();
    for _ in 0..403 {
        refused.extend(call_as(&mut world, &root(HUB), "ap-northeast-3", "PutEvents", &body).err());
    }
    assert_eq!(refused.len(), 3);
    assert_eq!(refused[0], ("ThrottlingException".into(), "Rate exceeded".into()));
}

proptest! {
    #[test]
    fn no_entry_makes_the_bus_panic(time in any::<f64>(), text in "\\PC{0,20}", detail in "[{}\":a1\\[\\],]{0,20}") {
        let mut world = world();
        let entry = json!({ "Time": time, "Source": text, "DetailType": text, "Detail": detail, "EventBusName": text });
        let _ = put(&mut world, json!([entry]));
    }
}
