//! What a caller gets instead of an answer, as DynamoDB writes its errors down.

use serde_json::{Value, json};

use super::operation::Operation;

const SERVICE: &str = "com.amazonaws.dynamodb.v20120810";

/// An error: its HTTP status, its body, and whether it tells the caller to slow down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) body: Value,
    pub(super) throttled: bool,
}

impl Refusal {
    /// An error of DynamoDB's own, `ResourceNotFoundException`.
    pub(super) fn service(kind: &str, message: impl Into<String>) -> Self {
        Self::of(400, SERVICE, kind, json!({ "message": message.into() }))
    }

    /// Whether it says that a condition did not hold.
    pub(super) fn is_condition(&self) -> bool {
        let kind = self.body.get("__type").and_then(Value::as_str);
        kind.is_some_and(|kind| kind.ends_with("#ConditionalCheckFailedException"))
    }

    /// The request breaks a rule.
    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::of(
            400,
            "com.amazon.coral.validate",
            "ValidationException",
            json!({ "message": message.into() }),
        )
    }

    /// The body is not what the operation takes. Where it is not JSON at all, DynamoDB says no more than that.
    pub(super) fn serialization(message: Option<&str>) -> Self {
        let body = message.map_or_else(|| json!({}), |message| json!({ "Message": message }));
        Self::of(400, "com.amazon.coral.service", "SerializationException", body)
    }

    /// No target, or none of DynamoDB's.
    pub(super) fn unknown_operation() -> Self {
        Self::of(400, "com.amazon.coral.service", "UnknownOperationException", json!({}))
    }

    /// Something the model has no faithful answer for. 501 is not retried by any client.
    pub(super) fn not_modelled(what: impl std::fmt::Display) -> Self {
        Self::of(
            501,
            "image-plane",
            "NotModelled",
            json!({ "message": format!("image-plane does not model {what} of DynamoDB") }),
        )
    }

    /// The caller has no permission.
    pub(super) fn denied(who: &str, operation: Operation) -> Self {
        let message = format!(
            "User: {who} is not authorized to perform: dynamodb:{}",
            operation.name()
        );
        Self::of(
            400,
            "com.amazon.coral.service",
            "AccessDeniedException",
            json!({ "Message": message }),
        )
    }

    /// DynamoDB itself failed.
    pub(super) fn broken(status: u16) -> Self {
        match status {
            503 => Self::of(
                503,
                "com.amazon.coral.availability",
                "ServiceUnavailableException",
                json!({ "message": "Service is unavailable." }),
            ),
            status => Self::of(
                status,
                SERVICE,
                "InternalServerError",
                json!({ "message": "The request processing has failed because of an unknown error, exception or failure." }),
            ),
        }
    }

    /// The account calls an operation too often, or a table is asked for more than it has.
    pub(super) fn throttled(kind: &str, message: &str) -> Self {
        let namespace = if kind == "ThrottlingException" {
            "com.amazon.coral.availability"
        } else {
            SERVICE
        };
        Self {
            throttled: true,
            ..Self::of(400, namespace, kind, json!({ "message": message }))
        }
    }

    /// A transaction cancelled, with a reason for each of its actions in order: a code and, unless it is `None`, a message.
    pub(super) fn cancelled(reasons: &[Option<(&str, &str)>]) -> Self {
        let codes: Vec<&str> = reasons
            .iter()
            .map(|reason| reason.map_or("None", |(code, _)| code))
            .collect();
        let reasons: Vec<Value> = reasons
            .iter()
            .map(|reason| {
                reason.map_or_else(
                    || json!({ "Code": "None" }),
                    |(code, message)| json!({ "Code": code, "Message": message }),
                )
            })
            .collect();
        let message = format!(
            "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
            codes.join(", ")
        );
        Self::of(
            400,
            SERVICE,
            "TransactionCanceledException",
            json!({ "Message": message, "CancellationReasons": reasons }),
        )
    }

    /// `ConditionalCheckFailedException`, without its namespace.
    pub(super) fn code(&self) -> &str {
        let kind = self.body.get("__type").and_then(Value::as_str).unwrap_or("");
        kind.split_once('#').map_or(kind, |(_, code)| code)
    }

    fn of(status: u16, namespace: &str, kind: &str, mut body: Value) -> Self {
        body["__type"] = Value::from(format!("{namespace}#{kind}"));
        Self {
            status,
            body,
            throttled: false,
        }
    }
}
