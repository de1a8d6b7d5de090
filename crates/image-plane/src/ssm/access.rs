//! What a call to the Parameter Store needs its caller to be allowed: its action on each parameter it names, on the path
//! where it names one, on `*` where it describes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::name::{self, Reference};
use super::store::{Home, Parameter};
use super::values::DataType;
use crate::sts::{Access, Resource};
use crate::world::{Caller, Target, World};

/// Actions, each with its resources. What names no parameter is on nothing, so that only `*` covers it.
pub(super) fn needs(world: &World, caller: &Caller, operation: &str, body: &[u8]) -> Vec<(String, Access)> {
    let target = caller.target;
    let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let named: Vec<&str> = match operation {
        "DescribeParameters" => Vec::new(),
        "GetParameters" | "DeleteParameters" => {
            let names = body["Names"].as_array().into_iter().flatten();
            names.filter_map(Value::as_str).collect()
        }
        // The path's own ARN, whatever lies below it.
        "GetParametersByPath" => body["Path"].as_str().into_iter().collect(),
        _ => body["Name"].as_str().into_iter().collect(),
    };
    let own = Access {
        resources: named.into_iter().map(|name| resource(world, target, name)).collect(),
        request_tags: request_tags(&body),
        ..Access::default()
    };
    let mut needs = vec![(format!("ssm:{operation}"), own.clone())];
    if operation == "PutParameter" {
        if !own.request_tags.is_empty() {
            needs.push((String::from("ssm:AddTagsToResource"), own));
        }
        if puts_image(world, target, &body) {
            // AWS requires it and does not say when it looks; here the call itself is refused.
            needs.push((String::from("ec2:DescribeImages"), Access::unknown()));
        }
    }
    needs
}

/// Whether the value will be looked up as an image.
fn puts_image(world: &World, target: Target, body: &Value) -> bool {
    match body["DataType"].as_str() {
        Some(text) => text == DataType::Image.as_str(),
        None => body["Name"]
            .as_str()
            .and_then(|name| world.parameters.named(Home::of(target), name.trim()))
            .and_then(Parameter::current)
            .is_some_and(|(_, version)| version.data_type == DataType::Image),
    }
}

fn request_tags(body: &Value) -> BTreeMap<String, Option<String>> {
    let tags = body["Tags"].as_array().into_iter().flatten();
    let pair = |tag: &Value| {
        let value = tag["Value"].as_str().map(str::to_owned);
        Some((tag["Key"].as_str()?.to_owned(), value))
    };
    tags.filter_map(pair).collect()
}

/// A parameter with its tags, where it is there; another account's by its ARN alone.
pub(crate) fn resource(world: &World, target: Target, text: &str) -> Resource {
    let Ok(reference) = Reference::read(target, text) else {
        return Resource {
            arn: text.to_owned(),
            ..Resource::default()
        };
    };
    let found = world.parameters.find(&reference);
    Resource {
        arn: name::arn(reference.home, reference.tail),
        tags: found.map(|parameter| parameter.tags.clone()).unwrap_or_default(),
        owner: None,
    }
}
