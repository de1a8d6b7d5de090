//! Everything about a release.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use steward::lineage::Card;
use steward::{BuildFailure, BuildState, Details, ReleaseId, Target, Timestamp, plural};
use steward_aws::{HeldPlacement, Hold, Record};

use crate::failure::Failure;
use crate::hub::Hub;
use crate::releases::found;
use crate::verdicts::{below, path, title};

/// All there is to say of releases: why they exist, where they are, who said what of them.
pub(crate) async fn explain(hub: &Hub, word: &str) -> Result<String, Failure> {
    let (_, record, releases) = found(hub, word).await?;
    let now = hub.now()?;
    let asked = record.gathered().await?;
    let mut text = String::new();
    for release in releases {
        let card = record.card(release).await?;
        if let Some(card) = &card {
            explain_one(&record, release, card, now, &mut text).await?;
        }
        text.push_str(&told(&record.details(release).await?));
        let state = card.and_then(|card| card.state);
        let left_off = state.is_some_and(BuildState::left_off);
        for placement in record.placements(release).await? {
            text.push_str(&image(&placement, left_off));
            text.push_str(&uses(&record, &placement, &asked).await?);
        }
        for container in record.containers(release).await? {
            let tags: Vec<&str> = container.tags.iter().map(String::as_str).collect();
            let _ = writeln!(
                text,
                "  image: {} in {}, {} (looked at {}), called {} when it was made\n    who uses it cannot be known completely",
                container.image,
                container.target,
                container.state,
                container.seen,
                tags.join(", ")
            );
        }
        for hold in record.holds(release).await? {
            text.push_str(&held(&hold, now));
        }
    }
    Ok(text.trim_end().to_owned())
}

async fn explain_one(
    record: &Record,
    release: ReleaseId,
    card: &Card,
    now: Timestamp,
    text: &mut String,
) -> Result<(), Failure> {
    let _ = writeln!(text, "{}  {}\n  {}", card.title(), card.details(), card.name);
    if let Some(created) = card.created {
        let _ = writeln!(text, "  made: {created}");
    }
    if let Some(reason) = &card.reason {
        let _ = writeln!(text, "  failed: {reason}");
    }
    for line in card.failure.iter().flat_map(BuildFailure::lines) {
        let _ = writeln!(text, "    {line}");
    }
    if let Some(recipe) = &card.recipe {
        let _ = writeln!(text, "  recipe: {recipe}");
    }
    for used in &card.components {
        let _ = writeln!(text, "  ran: {used}");
    }
    let mut parents = Vec::new();
    for parent in record.parents(release).await? {
        parents.push(format!("{} ({})", title(record, parent.release).await?, parent.kind));
    }
    let came_from = if parents.is_empty() {
        String::from("nothing that is known")
    } else {
        parents.join(", ")
    };
    let _ = writeln!(text, "  came from: {came_from}");
    if card.kind == "built" && !card.linked {
        let _ = writeln!(text, "  not all of where it came from is found out yet");
    }
    let below = below(record, &BTreeSet::from([release])).await?;
    let _ = writeln!(text, "  came from it: {below} release{}", plural(below));
    for cause in record.causes(release, now).await? {
        let by = match cause.path.as_slice() {
            [_itself] => String::new(),
            way => format!(" by {}", path(record, way).await?),
        };
        let _ = writeln!(text, "  REVOKED{by}: {} ({}, {})", cause.why, cause.who, cause.at);
    }
    for exemption in record.said(release).await?.exemptions {
        let past = if exemption.until > now { "" } else { " (past)" };
        let _ = writeln!(
            text,
            "  exempt until {}{past}: {} ({})",
            exemption.until, exemption.why, exemption.who
        );
    }
    Ok(())
}

fn told(details: &Details) -> String {
    let mut text = String::new();
    for workflow in &details.workflows {
        let _ = writeln!(text, "  workflow: {workflow}");
    }
    if let Some(findings) = &details.findings {
        let _ = writeln!(text, "  findings: {findings}");
    }
    if !details.packages.is_empty() {
        let _ = writeln!(text, "  packages: {}", details.packages.len());
    }
    text
}

fn image(placement: &HeldPlacement, left_off: bool) -> String {
    let made = match (placement.managed, left_off) {
        (true, true) => ", left behind by the build",
        (true, false) => "",
        (false, _) => ", made by hand",
    };
    let mut text = format!(
        "  image: {} in {}, {}{made} (since {})\n",
        placement.ami,
        placement.target,
        placement.state,
        placement.since.unwrap_or(placement.seen)
    );
    for mark in &placement.watermarks {
        let _ = writeln!(text, "    marked {mark}");
    }
    text
}

fn held(hold: &Hold, now: Timestamp) -> String {
    let past = if hold.until > now { "" } else { " (past)" };
    format!(
        "  held: {} until {}{past}: {} ({})\n",
        hold.ami, hold.until, hold.why, hold.who
    )
}

/// Who uses an image, whichever way, and as of when that was asked.
async fn uses(
    record: &Record,
    placement: &HeldPlacement,
    asked: &BTreeMap<Target, Option<Timestamp>>,
) -> Result<String, Failure> {
    let mut text = String::new();
    let mut nobody = true;
    for held in record.uses_of(placement.ami, placement.target).await? {
        if let Some(usage) = &held.usage {
            nobody = false;
            for reference in &usage.references {
                let _ = match reference.elsewhere() {
                    None => writeln!(text, "    used by {reference} in {}", held.target),
                    Some(_) => writeln!(text, "    used by {reference} in {}", held.target.region()),
                };
            }
            let more = usage.count.saturating_sub(usage.references.len());
            if more > 0 {
                let _ = writeln!(text, "    and by {more} more of the {} in {}", held.source, held.target);
            }
        }
        if let Some(standing) = &held.reports {
            let uses = held.usage.as_ref().map_or(0, |usage| usage.count);
            let _ = writeln!(text, "    {}", standing.told(uses));
        }
        if let Some(launched) = held.image.as_ref().and_then(|image| image.launched) {
            let _ = writeln!(text, "    last launched {launched}, as {} sees it", held.target);
        }
        if let Some(protected) = held.image.as_ref().and_then(|image| image.protected.as_ref()) {
            let _ = writeln!(text, "    protected from deregistration: {protected}");
        }
    }
    let region = placement.target.region();
    let here: Vec<(&Target, &Option<Timestamp>)> =
        asked.iter().filter(|(target, _)| target.region() == region).collect();
    match here.iter().map(|(_, gathered)| **gathered).min().flatten() {
        None => text.push_str("    who uses it was not asked everywhere yet\n"),
        Some(oldest) => {
            let says = if nobody { "nobody is known to use it, " } else { "" };
            let _ = writeln!(
                text,
                "    {says}as of {oldest} or later in {} target{}",
                here.len(),
                plural(here.len())
            );
        }
    }
    Ok(text)
}
