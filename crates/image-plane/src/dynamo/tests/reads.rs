use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const LAG: Duration = Duration::from_secs(1);

fn lagging(seed: u64) -> Tables {
    with_table(
        seed,
        TableSettings {
            read_lag: LAG,
            expiry_lag: Duration::ZERO,
        },
    )
}

#[test]
fn a_read_that_is_not_consistent_may_miss_what_was_just_written() {
    let mut tables = lagging(1);
    put(&mut tables, at(1), &item("a", "b", 1));
    let seen = (0..20)
        .filter(|_| get(&mut tables, at(2), &key("a", "b"), false).is_some())
        .count();
    assert!(seen > 0 && seen < 20, "{seen}");
}

#[test]
fn a_consistent_read_never_does() {
    let mut tables = lagging(1);
    for n in 0..50 {
        put(&mut tables, at(n), &item("a", "b", n));
        assert_eq!(get(&mut tables, at(n), &key("a", "b"), true), Some(item("a", "b", n)));
    }
}

#[test]
fn a_stale_read_may_still_show_what_was_deleted_but_not_for_longer_than_the_lag() {
    let mut tables = lagging(2);
    put(&mut tables, at(1), &item("a", "b", 1));
    done(
        &mut tables,
        at(5000),
        "DeleteItem",
        &json!({ "TableName": TABLE, "Key": key("a", "b") }),
    );
    let mut seen = |millis| {
        (0..20)
            .filter(|_| get(&mut tables, at(millis), &key("a", "b"), false).is_some())
            .count()
    };
    assert!(seen(5001) > 0);
    assert_eq!(seen(6000), 0);
}

#[test]
fn a_condition_is_decided_by_what_is_current() {
    let mut tables = lagging(3);
    put(&mut tables, at(1), &item("a", "b", 1));
    let absent =
        json!({ "TableName": TABLE, "Item": item("a", "b", 2), "ConditionExpression": "attribute_not_exists(pk)" });
    for _ in 0..20 {
        assert_eq!(
            refused(&mut tables, at(2), "PutItem", &absent).1,
            "ConditionalCheckFailedException"
        );
    }
}

#[test]
fn a_batch_is_current_where_it_asks_to_be_and_in_no_order_that_could_be_relied_on() {
    let mut tables = lagging(4);
    let keys: Vec<Value> = (0..10).map(|n| key("a", &n.to_string())).collect();
    let mut orders = std::collections::BTreeSet::new();
    for n in 0..10 {
        put(&mut tables, at(1), &item("a", &n.to_string(), n));
    }
    for _ in 0..20 {
        let answer = done(
            &mut tables,
            at(2),
            "BatchGetItem",
            &json!({ "RequestItems": { TABLE: { "Keys": keys, "ConsistentRead": true } } }),
        );
        assert_eq!(answer["Responses"][TABLE].as_array().unwrap().len(), 10);
        orders.insert(answer["Responses"][TABLE].to_string());
    }
    assert!(orders.len() > 1);
}

#[test]
fn the_lag_can_be_turned_while_it_runs() {
    let mut tables = calm();
    put(&mut tables, at(1), &item("a", "old", 1));
    tables.settings_mut().read_lag = Duration::from_mins(15);
    put(&mut tables, at(2), &item("a", "new", 1));
    assert!((0..20).all(|_| get(&mut tables, at(3), &key("a", "old"), false).is_some()));
    assert!((0..20).any(|_| get(&mut tables, at(3), &key("a", "new"), false).is_none()));
    tables.settings_mut().read_lag = Duration::from_millis(5);
    assert!((0..20).all(|_| get(&mut tables, at(7), &key("a", "new"), false).is_some()));
    tables.settings_mut().read_lag = Duration::ZERO;
    put(&mut tables, at(8), &item("a", "newest", 1));
    assert!((0..20).all(|_| get(&mut tables, at(8), &key("a", "newest"), false).is_some()));
}

/// What is in the table, by a map.
type Reference = BTreeMap<(String, String), i64>;

#[derive(Clone, Debug)]
enum Act {
    Put(u8, u8, i64),
    Add(u8, u8),
    Delete(u8, u8),
    /// Puts the first, deletes the second, if the third is absent.
    Transact([(u8, u8); 3]),
    Batch(Vec<(u8, u8)>),
    Query(u8, bool),
    Get(u8, u8, bool),
}

fn acts() -> impl Strategy<Value = Vec<(i64, Act)>> {
    let place = || (0_u8..2, 0_u8..4);
    let act = prop_oneof![
        (0_u8..2, 0_u8..4, 0_i64..100).prop_map(|(pk, sk, value)| Act::Put(pk, sk, value)),
        place().prop_map(|(pk, sk)| Act::Add(pk, sk)),
        place().prop_map(|(pk, sk)| Act::Delete(pk, sk)),
        [place(), place(), place()].prop_map(Act::Transact),
        prop::collection::vec(place(), 1..5).prop_map(Act::Batch),
        (0_u8..2, any::<bool>()).prop_map(|(pk, consistent)| Act::Query(pk, consistent)),
        (0_u8..2, 0_u8..4, any::<bool>()).prop_map(|(pk, sk, consistent)| Act::Get(pk, sk, consistent)),
    ];
    prop::collection::vec(
        (prop_oneof![3 => Just(0), 5 => 1_i64..300, 1 => 1000_i64..2000], act),
        1..60,
    )
}

fn named((pk, sk): (u8, u8)) -> (String, String) {
    (format!("p{pk}"), format!("s{sk}"))
}

fn keyed(place: (u8, u8)) -> Value {
    let (pk, sk) = named(place);
    key(&pk, &sk)
}

fn valued(place: (u8, u8), value: i64) -> Value {
    let (pk, sk) = named(place);
    item(&pk, &sk, value)
}

fn write(tables: &mut Tables, now: Time, reference: &mut Reference, act: &Act) {
    match act {
        Act::Put(pk, sk, value) => {
            put(tables, now, &valued((*pk, *sk), *value));
            reference.insert(named((*pk, *sk)), *value);
        }
        Act::Add(pk, sk) => {
            let add = json!({ "TableName": TABLE, "Key": keyed((*pk, *sk)), "UpdateExpression": "ADD #v :one",
                "ExpressionAttributeNames": { "#v": "value" }, "ExpressionAttributeValues": { ":one": { "N": "1" } } });
            done(tables, now, "UpdateItem", &add);
            *reference.entry(named((*pk, *sk))).or_insert(0) += 1;
        }
        Act::Delete(pk, sk) => {
            done(
                tables,
                now,
                "DeleteItem",
                &json!({ "TableName": TABLE, "Key": keyed((*pk, *sk)) }),
            );
            reference.remove(&named((*pk, *sk)));
        }
        Act::Transact([place, other, absent]) => {
            let actions = json!({ "TransactItems": [
                { "Put": { "TableName": TABLE, "Item": valued(*place, 7) } },
                { "Delete": { "TableName": TABLE, "Key": keyed(*other) } },
                { "ConditionCheck": { "TableName": TABLE, "Key": keyed(*absent), "ConditionExpression": "attribute_not_exists(pk)" } },
            ] });
            let distinct = place != other && other != absent && place != absent;
            let succeeds = distinct && !reference.contains_key(&named(*absent));
            let response = send(tables, now, "TransactWriteItems", &actions);
            assert_eq!(response.status() == 200, succeeds, "{response:?}");
            if succeeds {
                reference.remove(&named(*other));
                reference.insert(named(*place), 7);
            }
        }
        Act::Batch(places) => {
            let places: std::collections::BTreeSet<_> = places.iter().copied().collect();
            let writes: Vec<Value> = places
                .iter()
                .map(|place| json!({ "PutRequest": { "Item": valued(*place, 9) } }))
                .collect();
            done(
                tables,
                now,
                "BatchWriteItem",
                &json!({ "RequestItems": { TABLE: writes } }),
            );
            reference.extend(places.into_iter().map(|place| (named(place), 9)));
        }
        Act::Query(..) | Act::Get(..) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_consistent_read_is_current_and_any_other_was_current_within_the_lag(seed in any::<u64>(), acts in acts()) {
        let mut tables = lagging(seed);
        let mut reference = Reference::new();
        // The reference after each write, and since when.
        let mut past = vec![(0, reference.clone())];
        let mut now = 0;
        for (pause, act) in acts {
            now += pause;
            write(&mut tables, at(now), &mut reference, &act);
            past.push((now, reference.clone()));
            // What held at any moment of the last second, the state it began with included.
            let first = past.iter().rposition(|(since, _)| *since <= now - 1000).unwrap_or(0);
            let states = |consistent: bool| if consistent { &past[past.len() - 1..] } else { &past[first..] };
            match act {
                Act::Query(pk, consistent) => {
                    let pk = format!("p{pk}");
                    let query = json!({ "TableName": TABLE, "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": { ":p": { "S": pk } }, "ConsistentRead": consistent });
                    let answer = done(&mut tables, at(now), "Query", &query);
                    let shown = |state: &Reference| state.iter().filter(|((p, _), _)| *p == pk).map(|((p, s), value)| item(p, s, *value)).collect::<Vec<_>>();
                    prop_assert!(states(consistent).iter().any(|(_, state)| answer["Items"] == json!(shown(state))), "{answer} was never so");
                }
                Act::Get(pk, sk, consistent) => {
                    let answer = get(&mut tables, at(now), &keyed((pk, sk)), consistent);
                    let shown = |state: &Reference| state.get(&named((pk, sk))).map(|value| valued((pk, sk), *value));
                    prop_assert!(states(consistent).iter().any(|(_, state)| answer == shown(state)), "{answer:?} was never so");
                }
                _ => {}
            }
            let items: Vec<Value> = reference.iter().map(|((pk, sk), value)| item(pk, sk, *value)).collect();
            prop_assert_eq!(tables.items(hub(), TABLE), items);
        }
    }
}
