use super::super::Consumed;
use super::*;

/// What a call consumed, in halves of a read and in writes.
fn consumed(tables: &mut Tables, operation: &str, body: &Value) -> (u64, u64) {
    let before = tables.consumed();
    let response = send(tables, at(1), operation, body);
    assert!(!String::from_utf8_lossy(response.body()).contains("ConsumedCapacity"));
    let Consumed { read_halves, written } = tables.consumed() - before;
    (read_halves, written)
}

/// An item of so many bytes.
fn large(sk: &str, bytes: usize) -> Value {
    let rest = bytes - "pkask".len() - sk.len() - "text".len();
    json!({ "pk": { "S": "a" }, "sk": { "S": sk }, "text": { "S": "x".repeat(rest) } })
}

fn put_one(item: &Value) -> Value {
    json!({ "TableName": TABLE, "Item": item })
}

#[test]
fn a_write_consumes_a_unit_for_each_kilobyte_of_its_item_and_one_for_a_condition_that_does_not_hold() {
    let mut tables = calm();
    for (bytes, units) in [(1024, 1), (1025, 2), (3000, 3)] {
        assert_eq!(
            consumed(&mut tables, "PutItem", &put_one(&large("b", bytes))),
            (0, units)
        );
    }
    let mut refused = put_one(&item("a", "b", 1));
    refused["ConditionExpression"] = json!("attribute_not_exists(pk)");
    assert_eq!(consumed(&mut tables, "PutItem", &refused), (0, 1));
    let update = json!({
        "TableName": TABLE,
        "Key": key("a", "b"),
        "UpdateExpression": "SET n = :n",
        "ExpressionAttributeValues": { ":n": { "N": "1" } },
    });
    // Of the whole item, however little of it changes.
    assert_eq!(consumed(&mut tables, "UpdateItem", &update), (0, 3));
    assert_eq!(
        consumed(
            &mut tables,
            "DeleteItem",
            &json!({ "TableName": TABLE, "Key": key("a", "b") })
        ),
        (0, 3)
    );
    let put = json!({ "Put": put_one(&item("c", "d", 1)) });
    assert_eq!(
        consumed(&mut tables, "TransactWriteItems", &json!({ "TransactItems": [put] })),
        (0, 2)
    );
}

#[test]
fn a_read_consumes_half_a_unit_for_each_four_kilobytes_and_twice_that_where_it_must_be_current() {
    let mut tables = calm();
    for sk in ["b", "c", "d"] {
        put(&mut tables, at(1), &large(sk, 3000));
    }
    let get = |consistent: bool| json!({ "TableName": TABLE, "Key": key("a", "b"), "ConsistentRead": consistent });
    assert_eq!(consumed(&mut tables, "GetItem", &get(false)), (1, 0));
    assert_eq!(consumed(&mut tables, "GetItem", &get(true)), (2, 0));
    let query = |consistent: bool| {
        json!({
            "TableName": TABLE,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": { ":pk": { "S": "a" } },
            "ConsistentRead": consistent,
        })
    };
    // All that it reads together, and not item by item.
    assert_eq!(consumed(&mut tables, "Query", &query(false)), (3, 0));
    assert_eq!(consumed(&mut tables, "Query", &query(true)), (6, 0));
    let batch = json!({ "RequestItems": { TABLE: { "Keys": [key("a", "b"), key("a", "c")] } } });
    assert_eq!(consumed(&mut tables, "BatchGetItem", &batch), (2, 0));
}

#[test]
fn whoever_asks_is_told_and_counted_all_the_same() {
    let mut tables = calm();
    let mut asking = put_one(&item("a", "b", 1));
    asking["ReturnConsumedCapacity"] = json!("TOTAL");
    let told = done(&mut tables, at(1), "PutItem", &asking);
    assert_eq!(told["ConsumedCapacity"]["CapacityUnits"], json!(1.0));
    assert_eq!(tables.consumed().written, 1);
    // What is no request consumes nothing.
    refused(&mut tables, at(2), "PutItem", &json!({}));
    assert_eq!(tables.consumed().written, 1);
}
