//! In what two releases differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use steward::lineage::Card;
use steward::{
    Architecture, ComponentDifference, Details, ReleaseId, VulnerabilityDifferences, component_differences,
    package_differences,
};
use steward_aws::Record;

use crate::failure::Failure;
use crate::hub::Hub;
use crate::releases::found;
use crate::thing::find;

/// Architecture by architecture, what went into the one and not into the other.
pub(crate) async fn diff(hub: &Hub, before: &str, after: &str) -> Result<String, Failure> {
    let (caller, record, old) = found(hub, before).await?;
    let new = find(&record, caller.hub, after).await?;
    let (old, new) = (newest(&record, old).await?, newest(&record, new).await?);
    let mut text = String::new();
    for (architecture, (id, card)) in &old {
        let Some((other, other_card)) = new.get(architecture) else {
            continue;
        };
        let _ = writeln!(text, "{} → {}  {}", card.title(), other_card.title(), card.details());
        let mut told = between(card, other_card);
        let (parents, others) = (parents(&record, *id).await?, parents(&record, *other).await?);
        if parents != others {
            told.insert(0, format!("~ parent: {parents} → {others}"));
        }
        let (details, others) = (record.details(*id).await?, record.details(*other).await?);
        told.extend(told_of(&details, &others));
        if told.is_empty() {
            told.push(String::from("nothing that is recorded differs"));
        }
        for line in told {
            let _ = writeln!(text, "  {line}");
        }
    }
    if text.is_empty() {
        return Err(Failure::Mistake(format!(
            "{before} and {after} have no architecture in common: nothing can be compared."
        )));
    }
    Ok(text.trim_end().to_owned())
}

/// In what the builds told differently: what their scans found, how their workflows ended, what is installed.
fn told_of(before: &Details, after: &Details) -> Vec<String> {
    let mut told = Vec::new();
    let found = |details: &Details| {
        let findings = details.findings.as_ref();
        findings.map_or_else(|| String::from("not scanned"), ToString::to_string)
    };
    if before.findings != after.findings {
        told.push(format!("~ findings: {} → {}", found(before), found(after)));
    }
    if before.findings.is_some() && after.findings.is_some() {
        let differences = VulnerabilityDifferences::between(&before.vulnerabilities, &after.vulnerabilities);
        told.extend(differences.lines());
    }
    let ended = |details: &Details| -> BTreeSet<(String, String)> {
        let workflows = details.workflows.iter();
        workflows
            .map(|run| (run.workflow.to_string(), run.status.to_string()))
            .collect()
    };
    let (old, new) = (ended(before), ended(after));
    told.extend(
        old.difference(&new)
            .map(|(workflow, status)| format!("- workflow {workflow}: {status}")),
    );
    told.extend(
        new.difference(&old)
            .map(|(workflow, status)| format!("+ workflow {workflow}: {status}")),
    );
    if before.packages.is_empty() == after.packages.is_empty() {
        let differences = package_differences(&before.packages, &after.packages);
        told.extend(differences.iter().map(ToString::to_string));
    } else {
        told.push(String::from("the packages of one of them are not known"));
    }
    told
}

fn between(before: &Card, after: &Card) -> Vec<String> {
    let mut told = Vec::new();
    let recipe = |card: &Card| {
        card.recipe
            .as_ref()
            .map_or_else(|| String::from("none"), ToString::to_string)
    };
    if before.recipe != after.recipe {
        told.push(format!("~ recipe: {} → {}", recipe(before), recipe(after)));
    }
    let differences = component_differences(&before.components, &after.components);
    told.extend(differences.iter().flat_map(ComponentDifference::lines));
    told
}

/// Of each architecture the newest that was meant.
async fn newest(
    record: &Record,
    releases: BTreeSet<ReleaseId>,
) -> Result<BTreeMap<Option<Architecture>, (ReleaseId, Card)>, Failure> {
    let mut newest: BTreeMap<Option<Architecture>, (ReleaseId, Card)> = BTreeMap::new();
    for release in releases {
        let Some(card) = record.card(release).await? else {
            continue;
        };
        let is_older = newest
            .get(&card.architecture)
            .is_some_and(|(_, known)| known.name > card.name);
        if !is_older {
            newest.insert(card.architecture, (release, card));
        }
    }
    Ok(newest)
}

async fn parents(record: &Record, release: ReleaseId) -> Result<String, Failure> {
    let mut titles = Vec::new();
    for parent in record.parents(release).await? {
        let card = record.card(parent.release).await?;
        titles.push(card.map_or_else(|| parent.release.to_string(), |card| card.title()));
    }
    Ok(if titles.is_empty() {
        String::from("unknown")
    } else {
        titles.join(", ")
    })
}
