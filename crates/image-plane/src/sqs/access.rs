//! What a call to SQS needs its caller to be allowed: its action on the queue it names. A batch needs what one message needs.

use serde_json::Value;

use super::address::Address;
use crate::sts::{Access, Resource};
use crate::world::{Caller, World};

pub(super) fn needs(_: &World, caller: &Caller, operation: &str, body: &[u8]) -> Vec<(String, Access)> {
    let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let queue = body["QueueUrl"]
        .as_str()
        .and_then(|url| Address::of_url(caller.target, url));
    let resource = queue.map(|queue| Resource {
        arn: queue.arn(),
        ..Resource::default()
    });
    let access = Access {
        resources: resource.into_iter().collect(),
        ..Access::default()
    };
    let action = operation.strip_suffix("Batch").unwrap_or(operation);
    vec![(format!("sqs:{action}"), access)]
}
