use super::*;
use crate::wire::call::Service;
use crate::world::faults::{Effect, Fault};

fn puts(count: usize) -> Vec<Value> {
    (0..count)
        .map(|n| json!({ "PutRequest": { "Item": item("a", &format!("{n:02}"), 1) } }))
        .collect()
}

fn transaction(count: usize) -> Value {
    let actions: Vec<Value> = (0..count)
        .map(|n| json!({ "Put": { "TableName": TABLE, "Item": item("a", &n.to_string(), 1) } }))
        .collect();
    json!({ "TransactItems": actions })
}

#[test]
fn a_throttled_call_changes_nothing_and_is_counted_as_throttled() {
    let mut tables = calm();
    tables.inject(
        Fault::new(Effect::Throttle)
            .service(Service::DynamoDb)
            .on("PutItem")
            .times(20),
    );
    let body = json!({ "TableName": TABLE, "Item": item("a", "b", 1) });
    let mut codes: Vec<String> = (0..20)
        .map(|_| refused(&mut tables, at(1), "PutItem", &body).1)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes, ["ProvisionedThroughputExceededException", "ThrottlingException"]);
    assert_eq!(
        (
            tables.ledger().of("PutItem").throttled,
            tables.items(hub(), TABLE).len()
        ),
        (20, 0)
    );
    done(&mut tables, at(2), "PutItem", &body);
}

#[test]
fn a_throttled_transaction_may_be_cancelled_for_it() {
    let mut tables = calm();
    tables.inject(Fault::new(Effect::Throttle).always());
    let errors: Vec<_> = (0..20)
        .map(|_| refused(&mut tables, at(1), "TransactWriteItems", &transaction(2)))
        .collect();
    let cancelled = errors
        .iter()
        .find(|(_, code, _)| code == "TransactionCanceledException")
        .unwrap();
    assert!(
        cancelled.2["CancellationReasons"]
            .to_string()
            .contains("ThrottlingError"),
        "{}",
        cancelled.2
    );
    assert_eq!(tables.ledger().of("TransactWriteItems").throttled, 20);
}

#[test]
fn a_server_error_may_come_before_or_after_the_call_took_effect() {
    let mut tables = calm();
    let body =
        json!({ "TableName": TABLE, "Item": item("a", "b", 1), "ConditionExpression": "attribute_not_exists(pk)" });
    tables.inject(Fault::new(Effect::ServerError(503)));
    let (status, code, _) = refused(&mut tables, at(1), "PutItem", &body);
    assert_eq!(
        (status, code.as_str(), tables.items(hub(), TABLE).len()),
        (503, "ServiceUnavailableException", 0)
    );
    tables.inject(Fault::new(Effect::ServerErrorAfterApply(500)));
    let (status, code, _) = refused(&mut tables, at(2), "PutItem", &body);
    assert_eq!(
        (status, code.as_str(), tables.items(hub(), TABLE).len()),
        (500, "InternalServerError", 1)
    );
    // The caller tries again, and finds its own write in the way.
    assert_eq!(
        refused(&mut tables, at(3), "PutItem", &body).1,
        "ConditionalCheckFailedException"
    );
    let changes: Vec<Time> = tables
        .ledger()
        .changes()
        .filter(|change| change.action == "PutItem")
        .map(|change| change.at)
        .collect();
    assert_eq!(changes, [at(2)]);
}

#[test]
fn a_denied_call_says_who_may_not_do_what() {
    let mut tables = calm();
    tables.inject(Fault::new(Effect::Deny));
    let (status, code, error) = refused(&mut tables, at(1), "Scan", &json!({ "TableName": TABLE }));
    assert_eq!((status, code.as_str()), (400, "AccessDeniedException"));
    assert_eq!(
        error["Message"],
        "User: arn:aws:iam::111122223333:root is not authorized to perform: dynamodb:Scan"
    );
}

#[test]
fn a_write_may_meet_a_transaction_at_its_item() {
    let mut tables = calm();
    for (operation, body) in [
        ("PutItem", json!({ "TableName": TABLE, "Item": item("a", "b", 1) })),
        ("UpdateItem", json!({ "TableName": TABLE, "Key": key("a", "b") })),
        ("DeleteItem", json!({ "TableName": TABLE, "Key": key("a", "b") })),
    ] {
        tables.inject(Fault::new(Effect::Conflict));
        assert_eq!(
            refused(&mut tables, at(1), operation, &body).1,
            "TransactionConflictException"
        );
    }
    assert!(tables.items(hub(), TABLE).is_empty());
}

#[test]
fn a_transaction_in_conflict_says_so_at_one_action_at_least() {
    let mut tables = calm();
    tables.inject(Fault::new(Effect::Conflict).times(10));
    for _ in 0..10 {
        let (_, code, error) = refused(&mut tables, at(1), "TransactWriteItems", &transaction(3));
        let reasons = error["CancellationReasons"].as_array().unwrap();
        assert_eq!((code.as_str(), reasons.len()), ("TransactionCanceledException", 3));
        assert!(
            reasons
                .contains(&json!({ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" }))
        );
        assert!(error["Message"].as_str().unwrap().contains("TransactionConflict"));
    }
    assert!(tables.items(hub(), TABLE).is_empty());
}

#[test]
fn a_batch_may_write_only_some_of_its_items_and_gives_back_the_rest() {
    let mut tables = calm();
    tables.inject(Fault::new(Effect::Partial).times(3));
    let mut left = json!({ TABLE: puts(25) });
    for _ in 0..3 {
        let before = tables.items(hub(), TABLE).len();
        let answer = done(&mut tables, at(1), "BatchWriteItem", &json!({ "RequestItems": left }));
        left = answer["UnprocessedItems"].clone();
        let (after, rest) = (tables.items(hub(), TABLE).len(), left[TABLE].as_array().unwrap().len());
        assert!(
            after > before && rest > 0 && after + rest == 25,
            "{before} {after} {rest}"
        );
    }
    let answer = done(&mut tables, at(2), "BatchWriteItem", &json!({ "RequestItems": left }));
    assert_eq!(
        (&answer["UnprocessedItems"], tables.items(hub(), TABLE).len()),
        (&json!({}), 25)
    );
}

#[test]
fn a_batch_may_read_only_some_of_its_items_and_gives_back_the_other_keys() {
    let mut tables = calm();
    done(
        &mut tables,
        at(1),
        "BatchWriteItem",
        &json!({ "RequestItems": { TABLE: puts(10) } }),
    );
    tables.inject(Fault::new(Effect::Partial));
    let keys: Vec<Value> = (0..10).map(|n| key("a", &format!("{n:02}"))).collect();
    let answer = done(
        &mut tables,
        at(2),
        "BatchGetItem",
        &json!({ "RequestItems": { TABLE: { "Keys": keys, "ConsistentRead": true } } }),
    );
    let rest = &answer["UnprocessedKeys"][TABLE];
    let (read, left) = (
        answer["Responses"][TABLE].as_array().unwrap().len(),
        rest["Keys"].as_array().unwrap().len(),
    );
    assert!(read > 0 && left > 0 && read + left == 10, "{answer}");
    assert_eq!(rest["ConsistentRead"], true);
}

#[test]
fn a_page_may_end_early() {
    let mut tables = calm();
    done(
        &mut tables,
        at(1),
        "BatchWriteItem",
        &json!({ "RequestItems": { TABLE: puts(10) } }),
    );
    tables.inject(Fault::new(Effect::Partial));
    let page = done(&mut tables, at(2), "Scan", &json!({ "TableName": TABLE }));
    assert_eq!(
        (&page["Count"], &page["LastEvaluatedKey"]),
        (&json!(1), &key("a", "00"))
    );
}

#[test]
fn a_fault_that_does_not_fit_the_operation_changes_nothing() {
    let mut tables = calm();
    tables.inject(Fault::new(Effect::Conflict));
    assert!(get(&mut tables, at(1), &key("a", "b"), true).is_none());
    tables.inject(Fault::new(Effect::Partial));
    put(&mut tables, at(2), &item("a", "b", 1));
}
