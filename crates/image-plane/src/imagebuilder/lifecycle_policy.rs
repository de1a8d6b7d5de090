//! Lifecycle policies, as somebody set them up: read and listed. That Image Builder runs them once a day is not modelled.

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::not_found;
use super::request::Input;
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

/// What lists leave out.
const DETAILS: [&str; 2] = ["policyDetails", "resourceSelection"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {}

pub(crate) fn get(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let arn = input.query("lifecyclePolicyArn")?;
    let policies = &world.builder.shelf(caller.target).policies;
    let policy = policies.get(arn).ok_or_else(|| not_found(arn))?;
    Ok(json!({ "lifecyclePolicy": policy }))
}

pub(crate) fn list(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let (paging, List {}) = input.listing(&[])?;
    let policies = &world.builder.shelf(caller.target).policies;
    let page = paging.cut_list(world, policies.values())?;
    let list = page.items.into_iter().cloned().map(|mut policy| {
        if let Some(members) = policy.as_object_mut() {
            members.retain(|name, _| !DETAILS.contains(&name.as_str()));
        }
        policy
    });
    let list: Vec<Value> = list.collect();
    Ok(json!({ "lifecyclePolicySummaryList": list, "nextToken": page.next }))
}

impl World {
    /// Puts a lifecycle policy into a target that deletes images of machines after so many days: those that `selection` selects,
    /// as requests say it.
    pub fn place_lifecycle_policy(&mut self, target: Target, name: &str, enabled: bool, selection: &Value) {
        let Target { account, region } = target;
        let arn = format!(
            "arn:{}:imagebuilder:{region}:{account}:lifecycle-policy/{name}",
            region.partition()
        );
        let policy = json!({
            "arn": arn,
            "name": name,
            "status": if enabled { "ENABLED" } else { "DISABLED" },
            "resourceType": "AMI_IMAGE",
            "executionRole": format!("arn:{}:iam::{account}:role/lifecycle", region.partition()),
            "policyDetails": [{
                "action": { "type": "DELETE", "includeResources": { "amis": true, "snapshots": true } },
                "filter": { "type": "AGE", "value": 30, "unit": "DAYS" },
            }],
            "resourceSelection": selection,
        });
        self.builder.shelf_mut(target).policies.insert(arn, policy);
    }
}
