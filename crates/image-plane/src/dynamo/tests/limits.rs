use super::*;

fn put_error(tables: &mut Tables, item: &Value) -> String {
    refused(tables, at(1), "PutItem", &json!({ "TableName": TABLE, "Item": item })).1
}

#[test]
fn an_item_has_at_most_400_kilobytes() {
    let mut tables = calm();
    // Names count: 2 × (2 + 1) for the key, 4 for `fill`.
    let filled =
        |bytes: usize| json!({ "pk": { "S": "a" }, "sk": { "S": "b" }, "fill": { "S": "x".repeat(bytes - 10) } });
    put(&mut tables, at(1), &filled(400 * 1024));
    assert_eq!(put_error(&mut tables, &filled(400 * 1024 + 1)), "ValidationException");
    let grow = json!({ "TableName": TABLE, "Key": key("a", "b"), "UpdateExpression": "SET more = :x", "ExpressionAttributeValues": { ":x": { "S": "x" } } });
    assert_eq!(
        refused(&mut tables, at(2), "UpdateItem", &grow).1,
        "ValidationException"
    );
    let batch = json!({ "RequestItems": { TABLE: [{ "PutRequest": { "Item": filled(400 * 1024 + 1) } }] } });
    assert_eq!(
        refused(&mut tables, at(2), "BatchWriteItem", &batch).1,
        "ValidationException"
    );
    let transaction = json!({ "TransactItems": [{ "Put": { "TableName": TABLE, "Item": filled(400 * 1024 + 1) } }] });
    refused(&mut tables, at(2), "TransactWriteItems", &transaction);
}

#[test]
fn a_partition_key_has_at_most_2048_bytes_and_a_sort_key_1024() {
    let mut tables = calm();
    put(&mut tables, at(1), &item(&"p".repeat(2048), &"s".repeat(1024), 1));
    for (pk, sk) in [(2049, 1), (1, 1025), (0, 1), (1, 0)] {
        let (pk, sk) = ("p".repeat(pk), "s".repeat(sk));
        assert_eq!(put_error(&mut tables, &item(&pk, &sk, 1)), "ValidationException");
        for (operation, body) in [
            ("GetItem", json!({ "TableName": TABLE, "Key": key(&pk, &sk) })),
            ("DeleteItem", json!({ "TableName": TABLE, "Key": key(&pk, &sk) })),
            ("UpdateItem", json!({ "TableName": TABLE, "Key": key(&pk, &sk) })),
            (
                "BatchWriteItem",
                json!({ "RequestItems": { TABLE: [{ "PutRequest": { "Item": item(&pk, &sk, 1) } }] } }),
            ),
            (
                "BatchGetItem",
                json!({ "RequestItems": { TABLE: { "Keys": [key(&pk, &sk)] } } }),
            ),
            (
                "TransactWriteItems",
                json!({ "TransactItems": [{ "Put": { "TableName": TABLE, "Item": item(&pk, &sk, 1) } }] }),
            ),
        ] {
            let code = refused(&mut tables, at(2), operation, &body).1;
            assert!(
                code == "ValidationException" || code == "TransactionCanceledException",
                "{operation} {} {}: {code}",
                pk.len(),
                sk.len()
            );
        }
    }
}

#[test]
fn a_batch_writes_at_most_25_items_and_none_twice() {
    let mut tables = calm();
    let batch = |count: usize| {
        (0..count)
            .map(|n| json!({ "PutRequest": { "Item": item("a", &n.to_string(), 1) } }))
            .collect::<Vec<_>>()
    };
    done(
        &mut tables,
        at(1),
        "BatchWriteItem",
        &json!({ "RequestItems": { TABLE: batch(25) } }),
    );
    let twice = [batch(1), batch(1)].concat();
    for writes in [batch(26), twice, Vec::new()] {
        assert_eq!(
            refused(
                &mut tables,
                at(2),
                "BatchWriteItem",
                &json!({ "RequestItems": { TABLE: writes } })
            )
            .1,
            "ValidationException"
        );
    }
}

#[test]
fn a_batch_reads_at_most_100_items_and_none_twice() {
    let mut tables = calm();
    let keys = |count: usize| (0..count).map(|n| key("a", &n.to_string())).collect::<Vec<_>>();
    done(
        &mut tables,
        at(1),
        "BatchGetItem",
        &json!({ "RequestItems": { TABLE: { "Keys": keys(100) } } }),
    );
    for keys in [keys(101), [keys(1), keys(1)].concat()] {
        assert_eq!(
            refused(
                &mut tables,
                at(2),
                "BatchGetItem",
                &json!({ "RequestItems": { TABLE: { "Keys": keys } } })
            )
            .1,
            "ValidationException"
        );
    }
}

#[test]
fn a_page_ends_at_a_megabyte_and_says_where_to_go_on() {
    let mut tables = calm();
    for n in 0..12 {
        put(
            &mut tables,
            at(n),
            &json!({ "pk": { "S": "a" }, "sk": { "S": format!("{n:02}") }, "fill": { "S": "x".repeat(300 * 1024) } }),
        );
    }
    for (operation, mut body) in [
        (
            "Query",
            json!({ "TableName": TABLE, "KeyConditionExpression": "pk = :a", "ExpressionAttributeValues": { ":a": { "S": "a" } } }),
        ),
        ("Scan", json!({ "TableName": TABLE })),
    ] {
        let mut pages = Vec::new();
        loop {
            let page = done(&mut tables, at(100), operation, &body);
            pages.push(page["Count"].as_u64().unwrap());
            match page.get("LastEvaluatedKey") {
                Some(key) => body["ExclusiveStartKey"] = key.clone(),
                None => break,
            }
        }
        assert_eq!(pages.iter().sum::<u64>(), 12);
        assert!(pages.iter().all(|count| *count <= 4), "{operation}: {pages:?}");
    }
}

#[test]
fn an_empty_set_or_a_number_of_39_digits_is_refused() {
    let mut tables = calm();
    let with = |value: Value| json!({ "pk": { "S": "a" }, "sk": { "S": "b" }, "x": value });
    put(&mut tables, at(1), &with(json!({ "N": "9".repeat(38) })));
    for value in [
        json!({ "N": "9".repeat(39) }),
        json!({ "N": "1e126" }),
        json!({ "N": "seven" }),
        json!({ "SS": [] }),
        json!({ "NS": [] }),
        json!({ "SS": ["a", "a"] }),
    ] {
        assert_eq!(put_error(&mut tables, &with(value)), "ValidationException");
    }
    put(&mut tables, at(2), &with(json!({ "S": "" })));
}

#[test]
fn an_expression_has_at_most_4_kilobytes_and_its_values_are_all_used() {
    let mut tables = calm();
    let update = |expression: String| json!({ "TableName": TABLE, "Key": key("a", "b"), "UpdateExpression": expression, "ExpressionAttributeValues": { ":x": { "S": "x" } } });
    done(
        &mut tables,
        at(1),
        "UpdateItem",
        &update(format!("SET {} = :x", "a".repeat(255))),
    );
    assert_eq!(
        refused(
            &mut tables,
            at(1),
            "UpdateItem",
            &update(format!("SET a = :x{}", " ".repeat(4096)))
        )
        .1,
        "ValidationException"
    );
    assert_eq!(
        refused(&mut tables, at(1), "UpdateItem", &update(String::from("REMOVE a"))).1,
        "ValidationException"
    );
}
