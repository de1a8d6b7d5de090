//! ListRules and GetRule. A list says neither which resources a rule is for nor how it stands: that, each rule is asked by itself.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{errors, summary};
use crate::ec2::recycle_bin::{BinKind, Placed, TagOfRule, rules};
use crate::wire::error::ApiError;
use crate::wire::json;
use crate::world::{Target, World};

/// Rules of a page where the caller does not say; AWS does not say how many that are. And at the most.
const USUAL: usize = 10;
const MOST: usize = 1000;
/// So long is the id of a rule.
const ID: usize = 11;

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct List {
    resource_type: String,
    max_results: Option<usize>,
    next_token: Option<String>,
}

pub(super) fn list(world: &World, target: Target, body: &[u8]) -> Result<Value, ApiError> {
    let List {
        resource_type,
        max_results,
        next_token,
    } = json::read(body)?;
    let kind = match resource_type.as_str() {
        "EC2_IMAGE" => Some(BinKind::Image),
        "EBS_SNAPSHOT" => Some(BinKind::Snapshot),
        // No world has rules of volumes.
        "EBS_VOLUME" => None,
        other => return Err(errors::invalid(format!("{other} is no resource type"))),
    };
    let most = max_results.unwrap_or(USUAL);
    if !(1..=MOST).contains(&most) {
        return Err(errors::invalid(format!("MaxResults must be between 1 and {MOST}")));
    }
    // A token is good for its own list, and no other.
    let after = match &next_token {
        None => None,
        Some(token) => match token.split_once('/') {
            Some((of, id)) if of == resource_type && is_id(id) => Some(id),
            _ => return Err(errors::page_token()),
        },
    };
    let mut left = rules(world, target)
        .iter()
        .filter(|placed| Some(placed.rule.kind) == kind && after.is_none_or(|after| placed.id.as_str() > after));
    let page: Vec<&Placed> = left.by_ref().take(most).collect();
    let more = left.next().is_some();
    let next = page
        .last()
        .filter(|_| more)
        .map(|last| format!("{resource_type}/{}", last.id));
    let page: Vec<Value> = page.into_iter().map(|placed| summary(target, placed)).collect();
    Ok(json!({ "Rules": page, "NextToken": next }))
}

pub(super) fn get(world: &World, target: Target, id: &str) -> Result<Value, ApiError> {
    if !is_id(id) {
        return Err(errors::invalid(format!("{id} is no identifier")));
    }
    let placed = rules(world, target).iter().find(|placed| placed.id == id);
    let placed = placed.ok_or_else(|| errors::no_rule(id))?;
    let rule = &placed.rule;
    let mut answer = summary(target, placed);
    answer["ResourceType"] = Value::from(match rule.kind {
        BinKind::Image => "EC2_IMAGE",
        BinKind::Snapshot => "EBS_SNAPSHOT",
    });
    answer["Status"] = Value::from(if rule.pending { "pending" } else { "available" });
    answer["ResourceTags"] = tags(&rule.tags);
    answer["ExcludeResourceTags"] = tags(&rule.except);
    Ok(answer)
}

fn tags(of: &[TagOfRule]) -> Value {
    let tags = of
        .iter()
        .map(|(key, value)| json!({ "ResourceTagKey": key, "ResourceTagValue": value }));
    tags.collect()
}

fn is_id(id: &str) -> bool {
    id.len() == ID && id.bytes().all(|letter| letter.is_ascii_alphanumeric())
}
