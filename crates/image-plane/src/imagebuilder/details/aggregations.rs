//! How much scans of images found: counts by image, by pipeline, by vulnerability, or of the whole account.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::check;
use super::super::errors::invalid;
use super::super::finding::{Findings, counts};
use super::super::request::Input;
use super::findings::scanned;
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    filter: Option<Filter>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    name: String,
    values: Vec<String>,
}

const FILTERS: [&str; 3] = ["imageBuildVersionArn", "imagePipelineArn", "vulnerabilityId"];

/// `ListImageScanFindingAggregations`: an entry for each value of the filter, or one for the account. A value in which
/// nothing was scanned has no entry, and zeros where a scan found nothing; AWS does not say.
pub(super) fn list(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let (paging, List { filter }) = input.paged(&["nextToken"], &[])?;
    let target = caller.target;
    let Some(Filter { name, mut values }) = filter else {
        let counts = scanned(world, target).map(|scanned| scanned.image.work.found.counts());
        let account = json!({ "accountId": target.account.to_string(), "severityCounts": shown(counts.sum()) });
        let page = paging.cut_list(world, [json!({ "accountAggregation": account })])?;
        return Ok(json!({ "aggregationType": "accountId", "responses": page.items, "nextToken": page.next }));
    };
    if !FILTERS.contains(&name.as_str()) {
        let why = format!("The filter {name} is not one of {}.", FILTERS.join(", "));
        return Err(invalid("filter", why));
    }
    check::count("filter.values", values.len(), 1..=10)?;
    values.sort();
    values.dedup();
    let member = match name.as_str() {
        "imageBuildVersionArn" => "imageAggregation",
        "imagePipelineArn" => "imagePipelineAggregation",
        _ => "vulnerabilityIdAggregation",
    };
    let entries = values.iter().filter_map(|value| {
        let counts = shown(of(world, target, &name, value)?);
        Some(json!({ (member): { (name.as_str()): value, "severityCounts": counts } }))
    });
    let page = paging.cut_list(world, entries)?;
    Ok(json!({ "aggregationType": name, "responses": page.items, "nextToken": page.next }))
}

/// The counts of what a filter selects; `None` where nothing was scanned.
fn of(world: &World, target: Target, name: &str, value: &str) -> Option<Findings> {
    let each = scanned(world, target).filter_map(|scanned| {
        let found = &scanned.image.work.found;
        match name {
            "imageBuildVersionArn" => (scanned.arn == value).then(|| found.counts()),
            "imagePipelineArn" => (scanned.image.pipeline.as_deref() == Some(value)).then(|| found.counts()),
            _ => {
                let counted = counts(found.each().iter().filter(|each| each.id == value));
                (counted.all > 0).then_some(counted)
            }
        }
    });
    let each: Vec<Findings> = each.collect();
    (!each.is_empty()).then(|| each.into_iter().sum())
}

fn shown(findings: Findings) -> Value {
    let Findings {
        all,
        critical,
        high,
        medium,
    } = findings;
    json!({ "all": all, "critical": critical, "high": high, "medium": medium })
}
