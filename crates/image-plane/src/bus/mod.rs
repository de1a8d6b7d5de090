//! Amazon EventBridge, as far as a program puts events of its own on the default bus of its account and Region.
//!
//! Nothing listens here by rules: what is accepted goes the way of every event, with the given source. Not modelled, and
//! refused by name: buses of other accounts and Regions, global endpoints, trace headers, and all other operations.

mod entry;
mod put_events;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::Request;

use crate::region::Region;
use crate::sts::{Access, Resource, authorize_named, is_root};
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::wire::{json, target};
use crate::world::buckets::Rate;
use crate::world::{Caller, Operation, Target, World};

/// A PutEvents request, not yet read.
#[derive(Debug)]
pub(crate) struct Call {
    body: Bytes,
}

impl Call {
    /// The right to put events on each bus it names.
    pub(crate) fn needs(&self, caller: &Caller) -> Vec<(String, Access)> {
        let body: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let entries = body["Entries"].as_array().into_iter().flatten();
        let mut buses: Vec<String> = entries
            .map(|entry| bus_arn(caller.target, entry["EventBusName"].as_str()))
            .collect();
        buses.sort_unstable();
        buses.dedup();
        let resource = |arn| Resource {
            arn,
            ..Resource::default()
        };
        let access = Access {
            resources: buses.into_iter().map(resource).collect(),
            ..Access::default()
        };
        vec![(String::from("events:PutEvents"), access)]
    }

    pub(crate) fn run(self, world: &mut World, caller: &Caller) -> Result<Bytes, ApiError> {
        if !is_root(caller) {
            for (action, access) in self.needs(caller) {
                authorize_named(world, caller, Service::EventBridge, &action, &access)?;
            }
        }
        let answer = put_events::run(world, caller.target, &self.body)?;
        Ok(Bytes::from(json::without_nulls(answer).to_string()))
    }
}

/// Finds the operation of a request to this Region.
pub(crate) fn read(request: &Request<Bytes>, region: Region) -> Result<(Operation, Call), ApiError> {
    let name = target::operation(request, "AWSEvents")?;
    if name != "PutEvents" {
        return Err(ApiError::not_modelled(format_args!("events:{name}")));
    }
    let operation = Operation {
        name: "PutEvents",
        mutates: true,
        rate: rate(region),
    };
    let body = request.body().clone();
    Ok((operation, Call { body }))
}

/// Requests a second, which differ by Region. How many may come at once, AWS does not say; here a second's worth.
fn rate(region: Region) -> Rate {
    let a_second = match region.name() {
        "us-east-1" | "us-west-2" | "eu-west-1" => 10_000,
        "us-east-2" | "eu-central-1" | "eu-south-2" => 2_400,
        "us-west-1" | "ap-northeast-1" | "ap-southeast-1" | "ap-southeast-2" | "eu-west-2" => 1_200,
        "ap-east-1" | "ap-northeast-2" | "ap-south-1" | "ca-central-1" | "eu-north-1" | "eu-west-3" | "sa-east-1" => {
            600
        }
        _ => 400,
    };
    Rate::new(a_second, a_second * 1000)
}

/// The ARN of a bus that an entry names, or does not.
fn bus_arn(target: Target, name: Option<&str>) -> String {
    match name {
        Some(arn) if arn.starts_with("arn:") => arn.to_owned(),
        name => {
            let Target { account, region } = target;
            let name = name.unwrap_or("default");
            format!("arn:{}:events:{region}:{account}:event-bus/{name}", region.partition())
        }
    }
}
