//! What a call to ECR needs its caller to be allowed: its action on each repository it names, on all of the registry's where
//! it names none.

use std::collections::BTreeMap;

use serde_json::Value;

use super::name;
use crate::sts::{Access, Resource};
use crate::world::{Caller, Target, World};

/// Actions, each with its resources.
pub(super) fn needs(world: &World, caller: &Caller, operation: &str, body: &[u8]) -> Vec<(String, Access)> {
    let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let account = body["registryId"].as_str().and_then(|account| account.parse().ok());
    let target = Target {
        account: account.unwrap_or(caller.target.account),
        ..caller.target
    };
    let resources: Vec<Resource> = match operation {
        "ListTagsForResource" => {
            let arn = body["resourceArn"].as_str().unwrap_or_default();
            let meant = name::of_arn(arn);
            vec![meant.map_or_else(
                || Resource {
                    arn: arn.to_owned(),
                    ..Resource::default()
                },
                |(target, name)| resource(world, target, name),
            )]
        }
        "DescribeRepositories" => {
            let list = body["repositoryNames"].as_array().into_iter().flatten();
            let mut asked: Vec<&str> = list.filter_map(Value::as_str).collect();
            if asked.is_empty() {
                asked.push("*");
            }
            asked.into_iter().map(|name| resource(world, target, name)).collect()
        }
        _ => vec![resource(
            world,
            target,
            body["repositoryName"].as_str().unwrap_or_default(),
        )],
    };
    let own = Access {
        resources,
        request_tags: request_tags(&body),
        ..Access::default()
    };
    let mut needs = vec![(format!("ecr:{operation}"), own.clone())];
    if operation == "CreateRepository" && !own.request_tags.is_empty() {
        needs.push((String::from("ecr:TagResource"), own));
    }
    needs
}

fn request_tags(body: &Value) -> BTreeMap<String, Option<String>> {
    let tags = body["tags"].as_array().into_iter().flatten();
    let pair = |tag: &Value| {
        let value = tag["Value"].as_str().map(str::to_owned);
        Some((tag["Key"].as_str()?.to_owned(), value))
    };
    tags.filter_map(pair).collect()
}

/// A repository with its tags, where it is there.
fn resource(world: &World, target: Target, name: &str) -> Resource {
    let found = world.registries.get(target, name);
    Resource {
        arn: name::arn(target, name),
        tags: found.map(|found| found.tags.clone()).unwrap_or_default(),
        owner: None,
    }
}
