//! What a call needs its caller to be allowed: the action on the topic.

use crate::sts::{Access, Resource};
use crate::wire::query::Params;

pub(super) fn needs(action: &str, params: &Params) -> Vec<(String, Access)> {
    let resource = params.peek("TopicArn").map(|arn| Resource {
        arn: arn.to_owned(),
        ..Resource::default()
    });
    let access = Access {
        resources: resource.into_iter().collect(),
        ..Access::default()
    };
    vec![(format!("sns:{action}"), access)]
}
