use proptest::prelude::*;

use super::*;

#[test]
fn an_answer_carries_the_headers_dynamodb_sends() {
    let mut tables = calm();
    let response = send(
        &mut tables,
        at(1),
        "PutItem",
        &json!({ "TableName": TABLE, "Item": item("a", "b", 1) }),
    );
    let header = |name: &str| response.headers()[name].to_str().unwrap();
    assert_eq!(
        (response.status().as_u16(), response.body().as_ref()),
        (200, b"{}".as_slice())
    );
    // The checksum of `{}`.
    assert_eq!(
        (header("content-type"), header("x-amz-crc32")),
        ("application/x-amz-json-1.0", "2745614147")
    );
    assert_eq!(header("x-amzn-requestid").len(), 52);
}

#[test]
fn an_error_names_its_namespace_and_kind() {
    let mut tables = calm();
    put(&mut tables, at(1), &item("a", "b", 1));
    let absent =
        json!({ "TableName": TABLE, "Item": item("a", "b", 2), "ConditionExpression": "attribute_not_exists(pk)" });
    let (status, _, error) = refused(&mut tables, at(2), "PutItem", &absent);
    assert_eq!(status, 400);
    assert_eq!(
        error,
        json!({ "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "message": "The conditional request failed" })
    );
    let (status, _, error) = refused(
        &mut tables,
        at(3),
        "GetItem",
        &json!({ "TableName": TABLE, "Key": { "pk": { "S": "a" } } }),
    );
    assert_eq!(status, 400);
    assert_eq!(error["__type"], "com.amazon.coral.validate#ValidationException");
}

#[test]
fn a_failed_condition_shows_the_item_when_asked() {
    let mut tables = calm();
    put(&mut tables, at(1), &item("a", "b", 1));
    let absent = json!({
        "TableName": TABLE, "Item": item("a", "b", 2), "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    });
    let (_, code, error) = refused(&mut tables, at(2), "PutItem", &absent);
    assert_eq!(
        (code.as_str(), &error["Item"]),
        ("ConditionalCheckFailedException", &item("a", "b", 1))
    );
}

#[test]
fn what_is_not_json_cannot_be_read_and_nothing_more_is_said() {
    let mut tables = calm();
    for body in [b"".as_slice(), b"{", b"nonsense", b"\xff\xfe"] {
        let response = tables.call(at(1), hub(), request("PutItem", Bytes::copy_from_slice(body)));
        assert_eq!(response.status(), 400);
        assert_eq!(
            response.body(),
            r#"{"__type":"com.amazon.coral.service#SerializationException"}"#
        );
    }
}

#[test]
fn a_missing_member_is_invalid_and_one_of_the_wrong_type_cannot_be_read() {
    let mut tables = calm();
    assert_eq!(
        refused(&mut tables, at(1), "PutItem", &json!({ "Item": item("a", "b", 1) })).1,
        "ValidationException"
    );
    assert_eq!(
        refused(
            &mut tables,
            at(1),
            "PutItem",
            &json!({ "TableName": 7, "Item": item("a", "b", 1) })
        )
        .1,
        "SerializationException"
    );
    assert_eq!(
        refused(
            &mut tables,
            at(1),
            "PutItem",
            &json!({ "TableName": TABLE, "Item": { "pk": {} } })
        )
        .1,
        "ValidationException"
    );
}

#[test]
fn a_request_without_a_target_of_dynamodb_is_an_unknown_operation() {
    let mut tables = calm();
    for target in [
        "",
        "PutItem",
        "DynamoDB_20120810.",
        "DynamoDB_20120810.Put Item",
        "DynamoDBStreams_20120810.GetRecords",
    ] {
        let request = Request::post("/")
            .header("x-amz-target", target)
            .body(Bytes::from("{}"))
            .unwrap();
        let response = tables.call(at(1), hub(), request);
        assert_eq!(
            (response.status().as_u16(), response.body().as_ref()),
            (
                400,
                br#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#.as_slice()
            ),
            "{target}"
        );
    }
}

#[test]
fn an_operation_or_member_nobody_modelled_is_named() {
    let mut tables = calm();
    let (status, code, error) = refused(&mut tables, at(1), "ExecuteStatement", &json!({}));
    assert_eq!((status, code.as_str()), (501, "NotModelled"));
    assert_eq!(
        error["message"],
        "image-plane does not model ExecuteStatement of DynamoDB"
    );
    let mut streaming = definition();
    streaming["StreamSpecification"] = json!({ "StreamEnabled": true });
    let (status, _, error) = refused(&mut tables, at(1), "CreateTable", &streaming);
    assert_eq!(
        (status, &error["message"]),
        (
            501,
            &json!("image-plane does not model StreamSpecification in CreateTable of DynamoDB")
        )
    );
}

#[test]
fn no_depth_of_values_or_expressions_is_too_much_for_it() {
    let mut tables = calm();
    for depth in [10, 31, 32, 60, 100, 5000] {
        let value = format!("{}{{\"S\":\"x\"}}{}", "{\"L\":[".repeat(depth), "]}".repeat(depth));
        let body = format!(r#"{{"TableName":"{TABLE}","Item":{{"pk":{{"S":"a"}},"sk":{{"S":"b"}},"x":{value}}}}}"#);
        let status = tables.call(at(1), hub(), request("PutItem", body)).status();
        assert_eq!(status == 200, depth < 32, "{depth}: {status}");
    }
    for condition in [
        format!("{}attribute_exists(pk){}", "(".repeat(2000), ")".repeat(2000)),
        format!("{}attribute_exists(pk)", "NOT ".repeat(1000)),
        format!("{}pk = pk", "pk.".repeat(1300)),
    ] {
        let body = json!({ "TableName": TABLE, "Item": item("a", "b", 1), "ConditionExpression": condition });
        assert!(!send(&mut tables, at(1), "PutItem", &body).status().is_server_error());
    }
}

/// JSON that looks like what the operations take, and is mostly wrong.
fn nearly_a_request() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "TableName",
        "Key",
        "Item",
        "pk",
        "sk",
        "S",
        "N",
        "NS",
        "B",
        "L",
        "M",
        "NULL",
        "Keys",
        "RequestItems",
        "PutRequest",
        "DeleteRequest",
        "TransactItems",
        "Put",
        "Get",
        "Update",
        "UpdateExpression",
        "ConditionExpression",
        "KeyConditionExpression",
        "ExpressionAttributeNames",
        "ExpressionAttributeValues",
        ":v",
        "#n",
        "Limit",
        "ExclusiveStartKey",
        "ConsistentRead",
        "TimeToLiveSpecification",
        "AttributeName",
        "Enabled",
        "SSESpecification",
        TABLE,
    ]);
    let text = prop::sample::select(vec![
        TABLE,
        "",
        "pk",
        "a",
        "pk = :v",
        "SET #n = :v",
        "attribute_exists(pk",
        "1e200",
        "-0",
        "\u{0}",
        "ALL_OLD",
    ]);
    let leaf = prop_oneof![
        text.prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null)
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec((name.clone(), inner.clone()), 0..6)
                .prop_map(|members| members.into_iter().collect()),
            prop::collection::vec(inner, 0..4).prop_map(Value::from)
        ]
    })
}

fn operations() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "BatchGetItem",
        "BatchWriteItem",
        "CreateTable",
        "DeleteItem",
        "DescribeTable",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactGetItems",
        "TransactWriteItems",
        "UpdateItem",
        "UpdateTimeToLive",
        "Nonsense",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_bytes_make_it_panic_or_fail(operation in operations(), body in prop::collection::vec(any::<u8>(), 0..200)) {
        let response = calm().call(at(1), hub(), request(operation, body));
        prop_assert!(response.status().is_client_error() || response.status() == 501);
    }

    #[test]
    fn no_json_makes_it_panic_or_fail(operation in operations(), mut body in nearly_a_request(), with_table in any::<bool>()) {
        if with_table && let Some(members) = body.as_object_mut() {
            members.insert(String::from("TableName"), Value::from(TABLE));
            members.entry("Key").or_insert_with(|| key("a", "b"));
        }
        let response = send(&mut calm(), at(1), operation, &body);
        prop_assert!(response.status().is_success() || response.status().is_client_error() || response.status() == 501, "{:?}", response.body());
    }
}
