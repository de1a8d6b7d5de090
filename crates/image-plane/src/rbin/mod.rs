//! The retention rules of the Recycle Bin, as far as they are read. What they do is EC2's: `ec2/recycle_bin.rs`.
//!
//! Not modelled, and refused by name: making, changing, locking and tagging rules, and lists by tags and locks. Rules are laid into
//! the world by its test.

mod errors;
mod read;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::{Method, Request};
use serde_json::Value;

use crate::ec2::recycle_bin::Placed;
use crate::sts::{Access, Resource, authorize_named, is_root};
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::wire::json;
use crate::world::buckets::Rate;
use crate::world::{Caller, Operation, Target, World};

/// How often it may be called AWS does not say: here as often as most of the small services, and no more.
const RATE: Rate = Rate::new(10, 5_000);

/// A request, not yet carried out.
#[derive(Debug)]
pub(crate) enum Call {
    /// ListRules, by its body.
    List(Bytes),
    /// GetRule, by the rule's id.
    Get(String),
}

impl Call {
    /// A rule is read by its ARN; a list is on nothing in particular, so that only policies that say `*` cover it.
    pub(crate) fn needs(&self, caller: &Caller) -> Vec<(String, Access)> {
        let (action, resources) = match self {
            Self::List(_) => ("rbin:ListRules", Vec::new()),
            Self::Get(id) => {
                let rule = Resource {
                    arn: arn(caller.target, id),
                    ..Resource::default()
                };
                ("rbin:GetRule", vec![rule])
            }
        };
        let access = Access {
            resources,
            ..Access::default()
        };
        vec![(String::from(action), access)]
    }

    pub(crate) fn run(self, world: &World, caller: &Caller) -> Result<Bytes, ApiError> {
        if !is_root(caller) {
            for (action, access) in self.needs(caller) {
                authorize_named(world, caller, Service::RecycleBin, &action, &access)?;
            }
        }
        let answer = match self {
            Self::List(body) => read::list(world, caller.target, &body)?,
            Self::Get(id) => read::get(world, caller.target, &id)?,
        };
        Ok(Bytes::from(json::without_nulls(answer).to_string()))
    }
}

/// Finds the operation of a request.
pub(crate) fn read(request: &Request<Bytes>) -> Result<(Operation, Call), ApiError> {
    let path = request.uri().path();
    let (name, call) = match (request.method(), path, path.strip_prefix("/rules/")) {
        (&Method::POST, "/list-rules", _) => ("ListRules", Call::List(request.body().clone())),
        (&Method::GET, _, Some(id)) => ("GetRule", Call::Get(id.to_owned())),
        (method, path, _) => return Err(ApiError::not_modelled(format_args!("rbin by {method} {path}"))),
    };
    let operation = Operation {
        name,
        mutates: false,
        rate: RATE,
    };
    Ok((operation, call))
}

fn arn(target: Target, id: &str) -> String {
    let Target { account, region } = target;
    format!("arn:{}:rbin:{}:{account}:rule/{id}", region.partition(), region.name())
}

/// What lists and answers for one rule have in common.
fn summary(target: Target, placed: &Placed) -> Value {
    serde_json::json!({
        "Identifier": placed.id,
        "RetentionPeriod": { "RetentionPeriodValue": placed.rule.days(), "RetentionPeriodUnit": "DAYS" },
        "RuleArn": arn(target, &placed.id),
    })
}
