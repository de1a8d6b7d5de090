//! What a call to DynamoDB needs its caller to be allowed: its action on its table or index; of a transaction, what each
//! of its parts would need alone, for the transaction itself is no permission.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Request;
use serde_json::Value;

use super::operation::Operation;
use super::wire;
use crate::sts::{Access, Resource};
use crate::world::Target;

/// Actions, each with its resource. What names no table is on nothing, so that only `*` covers it.
pub(crate) fn needs(request: &Request<Bytes>, target: Target) -> Vec<(String, Access)> {
    let Ok(operation) = wire::operation(request) else {
        return vec![(String::from("dynamodb:Unknown"), Access::unknown())];
    };
    let body = serde_json::from_slice(request.body()).unwrap_or(Value::Null);
    let need = |action: &str, table: Option<&str>, index: Option<&str>| {
        let resource = table.map(|table| Resource {
            arn: arn(target, table, index),
            ..Resource::default()
        });
        let access = Access {
            resources: resource.into_iter().collect(),
            ..Access::default()
        };
        (format!("dynamodb:{action}"), access)
    };
    match operation {
        Operation::BatchGetItem | Operation::BatchWriteItem => {
            let tables = body["RequestItems"].as_object();
            let tables: Vec<_> = tables.into_iter().flat_map(|tables| tables.keys()).collect();
            if tables.is_empty() {
                vec![need(operation.name(), None, None)]
            } else {
                let tables = tables.into_iter();
                tables.map(|table| need(operation.name(), Some(table), None)).collect()
            }
        }
        Operation::TransactGetItems | Operation::TransactWriteItems => {
            let parts = body["TransactItems"].as_array();
            let parts = parts.into_iter().flatten().filter_map(Value::as_object).flatten();
            let parts: BTreeSet<_> = parts
                .map(|(kind, part)| (single(kind), part["TableName"].as_str()))
                .collect();
            if parts.is_empty() {
                vec![need(operation.name(), None, None)]
            } else {
                let parts = parts.into_iter();
                parts.map(|(action, table)| need(action, table, None)).collect()
            }
        }
        Operation::CreateTable
        | Operation::DeleteItem
        | Operation::DeleteTable
        | Operation::DescribeTable
        | Operation::GetItem
        | Operation::PutItem
        | Operation::Query
        | Operation::Scan
        | Operation::UpdateItem
        | Operation::UpdateTimeToLive => {
            vec![need(
                operation.name(),
                body["TableName"].as_str(),
                body["IndexName"].as_str(),
            )]
        }
    }
}

/// The action a part of a transaction would be alone.
fn single(kind: &str) -> &'static str {
    match kind {
        "Get" => "GetItem",
        "Put" => "PutItem",
        "Update" => "UpdateItem",
        "Delete" => "DeleteItem",
        "ConditionCheck" => "ConditionCheckItem",
        _ => "Unknown",
    }
}

/// A table's ARN, also where the request gives it instead of the name.
fn arn(target: Target, table: &str, index: Option<&str>) -> String {
    let Target { account, region } = target;
    let table = if table.starts_with("arn:") {
        table.to_owned()
    } else {
        format!("arn:{}:dynamodb:{region}:{account}:table/{table}", region.partition())
    };
    index.map_or(table.clone(), |index| format!("{table}/index/{index}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ids::AccountId;

    fn asked(operation: &str, body: &Value) -> Vec<(String, Option<String>)> {
        let request = Request::post("/")
            .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let hub = Target {
            account: AccountId::new(111_122_223_333),
            region: "eu-west-1".parse().unwrap(),
        };
        let needs = needs(&request, hub).into_iter();
        needs
            .map(|(action, access)| (action, access.resources.first().map(|resource| resource.arn.clone())))
            .collect()
    }

    fn on(action: &str, rest: &str) -> (String, Option<String>) {
        let arn = format!("arn:aws:dynamodb:eu-west-1:111122223333:table/{rest}");
        (format!("dynamodb:{action}"), Some(arn))
    }

    #[test]
    fn an_operation_is_on_its_table_and_a_query_of_an_index_on_that() {
        assert_eq!(
            asked("GetItem", &json!({ "TableName": "record" })),
            [on("GetItem", "record")]
        );
        assert_eq!(
            asked("Query", &json!({ "TableName": "record", "IndexName": "by-family" })),
            [on("Query", "record/index/by-family")]
        );
        let arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/record";
        assert_eq!(
            asked("PutItem", &json!({ "TableName": arn })),
            [on("PutItem", "record")]
        );
    }

    #[test]
    fn a_batch_is_on_each_of_its_tables() {
        assert_eq!(
            asked("BatchWriteItem", &json!({ "RequestItems": { "a": [], "b": [] } })),
            [on("BatchWriteItem", "a"), on("BatchWriteItem", "b")]
        );
    }

    #[test]
    fn a_transaction_needs_what_its_parts_would_need_alone() {
        let part = |kind: &str| json!({ kind: { "TableName": "record" } });
        let body = json!({ "TransactItems": [part("Put"), part("Put"), part("Delete"), part("ConditionCheck"), part("Update")] });
        assert_eq!(
            asked("TransactWriteItems", &body),
            ["ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem"].map(|action| on(action, "record"))
        );
        assert_eq!(
            asked("TransactGetItems", &json!({ "TransactItems": [part("Get")] })),
            [on("GetItem", "record")]
        );
    }

    #[test]
    fn what_names_no_table_is_on_nothing() {
        for (operation, body) in [
            ("GetItem", json!({})),
            ("BatchGetItem", json!({})),
            ("TransactWriteItems", json!({ "TransactItems": [] })),
            ("GetItem", json!([])),
            ("Nothing", json!({ "TableName": "record" })),
        ] {
            let asked = asked(operation, &body);
            assert!(asked.len() == 1 && asked[0].1.is_none(), "{operation}: {asked:?}");
        }
    }
}
