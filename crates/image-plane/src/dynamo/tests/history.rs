use proptest::prelude::*;

use super::*;
use crate::random::Random;
use crate::world::faults::{Effect, Fault};

/// A history of many operations, and every byte of its answers.
fn history(seed: u64) -> (Vec<(u16, String, Bytes)>, u64) {
    let mut tables = with_table(
        seed,
        TableSettings {
            read_lag: Duration::from_secs(1),
            expiry_lag: Duration::from_mins(1),
        },
    );
    let time_to_live =
        json!({ "TableName": TABLE, "TimeToLiveSpecification": { "AttributeName": "until", "Enabled": true } });
    done(&mut tables, at(0), "UpdateTimeToLive", &time_to_live);
    let mut random = Random::new(seed);
    let mut answers = Vec::new();
    for step in 0..300 {
        let mut draw = |bound| i64::try_from(random.below(bound)).unwrap();
        let (now, pk, sk) = (at(step * 97), draw(3).to_string(), draw(5).to_string());
        let mut full = item(&pk, &sk, step);
        full["until"] = json!({ "N": (now.millis() / 1000 + 5).to_string() });
        full["set"] = json!({ "SS": ["c", "a", "b"] });
        full["map"] = json!({ "M": { "x": { "N": "1" }, "y": { "L": [{ "S": "z" }] }, "z": { "BOOL": true } } });
        let capacity = "TOTAL";
        let (operation, body) = match draw(10) {
            0 | 1 => (
                "PutItem",
                json!({ "TableName": TABLE, "Item": full, "ReturnValues": "ALL_OLD" }),
            ),
            2 => (
                "PutItem",
                json!({ "TableName": TABLE, "Item": full, "ConditionExpression": "attribute_not_exists(pk)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD" }),
            ),
            3 => (
                "DeleteItem",
                json!({ "TableName": TABLE, "Key": key(&pk, &sk), "ReturnValues": "ALL_OLD", "ReturnConsumedCapacity": capacity }),
            ),
            4 => (
                "Scan",
                json!({ "TableName": TABLE, "ReturnConsumedCapacity": capacity }),
            ),
            5 => (
                "Query",
                json!({ "TableName": TABLE, "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": { ":p": { "S": pk } } }),
            ),
            6 => (
                "TransactWriteItems",
                json!({ "ClientRequestToken": draw(9).to_string(), "TransactItems": [{ "Put": { "TableName": TABLE, "Item": full } }] }),
            ),
            7 => (
                "BatchGetItem",
                json!({ "RequestItems": { TABLE: { "Keys": [key("0", &sk), key("1", &sk), key("2", &sk)] } } }),
            ),
            8 => ("DescribeTable", json!({ "TableName": TABLE })),
            _ => {
                tables.inject(Fault::new(
                    [Effect::Throttle, Effect::Partial, Effect::Conflict][usize::try_from(draw(3)).unwrap()],
                ));
                (
                    "BatchWriteItem",
                    json!({ "RequestItems": { TABLE: [{ "PutRequest": { "Item": full } }, { "DeleteRequest": { "Key": key("9", &sk) } }] } }),
                )
            }
        };
        let response = send(&mut tables, now, operation, &body);
        let id = response.headers()["x-amzn-requestid"].to_str().unwrap().to_owned();
        answers.push((response.status().as_u16(), id, response.into_body()));
    }
    (answers, tables.ledger().fingerprint())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5))]

    #[test]
    fn the_same_seed_and_calls_give_the_same_bytes(seed in any::<u64>()) {
        let (first, second) = (history(seed), history(seed));
        for (a, b) in first.0.iter().zip(&second.0) {
            prop_assert_eq!(a, b);
        }
        prop_assert_eq!(first.1, second.1);
    }
}

#[test]
fn every_call_is_counted_and_every_write_recorded() {
    let mut tables = calm();
    put(&mut tables, at(5), &item("a", "b", 1));
    get(&mut tables, at(6), &key("a", "b"), true);
    refused(
        &mut tables,
        at(7),
        "PutItem",
        &json!({ "TableName": "other", "Item": item("a", "b", 1) }),
    );
    let counts = tables.ledger().of("PutItem");
    assert_eq!(
        (counts.done, counts.refused, tables.ledger().of("GetItem").done),
        (1, 1, 1)
    );
    let recorded: Vec<(&str, Time, Result<(), String>)> = tables
        .ledger()
        .mutations()
        .iter()
        .map(|mutation| (mutation.action, mutation.at, mutation.outcome.clone()))
        .collect();
    let missing = Err(String::from("ResourceNotFoundException"));
    assert_eq!(
        recorded,
        [
            ("CreateTable", at(0), Ok(())),
            ("PutItem", at(5), Ok(())),
            ("PutItem", at(7), missing)
        ]
    );
}
