//! What a caller of DynamoDB meets, by requests made by hand.

mod faults;
mod history;
mod limits;
mod meter;
mod protocol;
mod reads;
mod table;
mod transactions;

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

use super::{TableSettings, Tables};
use crate::ids::AccountId;
use crate::time::Time;
use crate::world::Target;

const TABLE: &str = "record";

fn hub() -> Target {
    Target {
        account: AccountId::new(111_122_223_333),
        region: "eu-west-1".parse().unwrap(),
    }
}

/// So many milliseconds into the test.
fn at(millis: i64) -> Time {
    Time::parse("2026-01-18T00:00:00Z").unwrap() + Duration::from_millis(millis.unsigned_abs())
}

fn request(operation: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    Request::post("/")
        .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
        .body(body.into())
        .unwrap()
}

fn send(tables: &mut Tables, now: Time, operation: &str, body: &Value) -> Response<Bytes> {
    tables.call(now, hub(), request(operation, body.to_string()))
}

/// The answer, which must be a success.
fn done(tables: &mut Tables, now: Time, operation: &str, body: &Value) -> Value {
    let response = send(tables, now, operation, body);
    assert_eq!(response.status(), 200, "{operation} {body}: {:?}", response.body());
    serde_json::from_slice(response.body()).unwrap()
}

/// The status, the error's code, and the whole error.
fn refused(tables: &mut Tables, now: Time, operation: &str, body: &Value) -> (u16, String, Value) {
    let response = send(tables, now, operation, body);
    let error: Value = serde_json::from_slice(response.body()).unwrap();
    assert_ne!(response.status(), 200, "{operation} {body}: {error}");
    let code = error["__type"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
    (response.status().as_u16(), code, error)
}

fn definition() -> Value {
    json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }, { "AttributeName": "sk", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }, { "AttributeName": "sk", "KeyType": "RANGE" }],
    })
}

/// A world with the one table in it.
fn with_table(seed: u64, settings: TableSettings) -> Tables {
    let mut tables = Tables::new(seed, settings);
    done(&mut tables, at(0), "CreateTable", &definition());
    tables
}

fn calm() -> Tables {
    with_table(1, TableSettings::calm())
}

fn key(pk: &str, sk: &str) -> Value {
    json!({ "pk": { "S": pk }, "sk": { "S": sk } })
}

fn item(pk: &str, sk: &str, value: i64) -> Value {
    json!({ "pk": { "S": pk }, "sk": { "S": sk }, "value": { "N": value.to_string() } })
}

fn put(tables: &mut Tables, now: Time, item: &Value) {
    done(tables, now, "PutItem", &json!({ "TableName": TABLE, "Item": item }));
}

/// The item at a key, if there is one.
fn get(tables: &mut Tables, now: Time, key: &Value, consistent: bool) -> Option<Value> {
    done(
        tables,
        now,
        "GetItem",
        &json!({ "TableName": TABLE, "Key": key, "ConsistentRead": consistent }),
    )
    .get("Item")
    .cloned()
}
