use super::*;

fn transaction(actions: &[Value]) -> Value {
    json!({ "TransactItems": actions })
}

fn put_of(sk: &str, condition: Option<&str>) -> Value {
    let mut put = json!({ "TableName": TABLE, "Item": item("a", sk, 1) });
    if let Some(condition) = condition {
        put["ConditionExpression"] = json!(condition);
    }
    json!({ "Put": put })
}

#[test]
fn a_cancelled_transaction_names_each_reason() {
    let mut tables = calm();
    put(&mut tables, at(1), &item("a", "taken", 1));
    let actions = transaction(&[put_of("free", None), put_of("taken", Some("attribute_not_exists(pk)"))]);
    let (status, code, error) = refused(&mut tables, at(2), "TransactWriteItems", &actions);
    assert_eq!((status, code.as_str()), (400, "TransactionCanceledException"));
    assert_eq!(
        error["Message"],
        "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]"
    );
    assert_eq!(
        error["CancellationReasons"],
        json!([{ "Code": "None" }, { "Code": "ConditionalCheckFailed", "Message": "The conditional request failed" }])
    );
    assert_eq!(tables.items(hub(), TABLE).len(), 1);
}

#[test]
fn a_transaction_may_touch_each_of_a_hundred_items_once() {
    let mut tables = calm();
    let hundred: Vec<Value> = (0..100).map(|n| put_of(&n.to_string(), None)).collect();
    done(&mut tables, at(1), "TransactWriteItems", &transaction(&hundred));
    assert_eq!(tables.items(hub(), TABLE).len(), 100);
    let more: Vec<Value> = (0..101).map(|n| put_of(&n.to_string(), None)).collect();
    for refused_one in [
        transaction(&more),
        transaction(&[put_of("x", None), put_of("x", None)]),
        transaction(&[]),
    ] {
        assert_eq!(
            refused(&mut tables, at(2), "TransactWriteItems", &refused_one).1,
            "ValidationException"
        );
    }
}

#[test]
fn a_transaction_of_more_than_four_megabytes_is_refused() {
    let mut tables = calm();
    let fill = "x".repeat(399 * 1024);
    let large = |n: i32| json!({ "Put": { "TableName": TABLE, "Item": { "pk": { "S": "a" }, "sk": { "S": n.to_string() }, "fill": { "S": fill } } } });
    done(
        &mut tables,
        at(1),
        "TransactWriteItems",
        &transaction(&(0..10).map(large).collect::<Vec<_>>()),
    );
    let (_, code, _) = refused(
        &mut tables,
        at(2),
        "TransactWriteItems",
        &transaction(&(0..11).map(large).collect::<Vec<_>>()),
    );
    assert_eq!(code, "ValidationException");
}

#[test]
fn a_token_makes_a_transaction_happen_once_in_ten_minutes() {
    let add = |by: &str| {
        json!({ "ClientRequestToken": "once", "TransactItems": [{ "Update": { "TableName": TABLE, "Key": key("a", "b"), "UpdateExpression": "ADD n :by",
            "ExpressionAttributeValues": { ":by": { "N": by } } } }] })
    };
    let mut tables = calm();
    let mut after = |millis: i64| {
        done(&mut tables, at(millis), "TransactWriteItems", &add("1"));
        get(&mut tables, at(millis), &key("a", "b"), true).unwrap()["n"]["N"].clone()
    };
    assert_eq!(
        [after(0), after(1000), after(599_999), after(600_000)],
        ["1", "1", "1", "2"]
    );
    let (_, code, _) = refused(&mut tables, at(600_001), "TransactWriteItems", &add("5"));
    assert_eq!(code, "IdempotentParameterMismatchException");
}

#[test]
fn a_transaction_that_was_cancelled_may_be_sent_again_with_its_token() {
    let mut tables = calm();
    put(&mut tables, at(1), &item("a", "b", 1));
    let actions =
        json!({ "ClientRequestToken": "t", "TransactItems": [put_of("b", Some("attribute_not_exists(pk)"))] });
    refused(&mut tables, at(2), "TransactWriteItems", &actions);
    done(
        &mut tables,
        at(3),
        "DeleteItem",
        &json!({ "TableName": TABLE, "Key": key("a", "b") }),
    );
    done(&mut tables, at(4), "TransactWriteItems", &actions);
}

#[test]
fn a_read_in_a_transaction_is_current() {
    let mut tables = with_table(5, TableSettings::default());
    for n in 0..20 {
        put(&mut tables, at(n), &item("a", "b", n));
        let answer = done(
            &mut tables,
            at(n),
            "TransactGetItems",
            &transaction(&[json!({ "Get": { "TableName": TABLE, "Key": key("a", "b") } })]),
        );
        assert_eq!(answer["Responses"][0]["Item"], item("a", "b", n));
    }
}
