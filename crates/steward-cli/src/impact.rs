//! What a release reaches: everything that came from it, and who uses that.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::json;
use steward::{ReleaseId, plural};
use steward_aws::{Record, UsedImage, Whereabouts};

use crate::arguments::{Format, Hub};
use crate::failure::Failure;
use crate::releases::found;
use crate::table::table;
use crate::verdicts::title;

/// So many releases are named one by one; of more only those that somebody uses.
const MOST_NAMED: usize = 200;

/// Every release that came from these, where its images are, and who uses them.
pub(crate) async fn impact(hub: &Hub, word: &str, format: Format) -> Result<String, Failure> {
    let (_, record, asked) = found(hub, word).await?;
    let mut reached = asked.clone();
    for release in &asked {
        let below = record.descendants(*release).await?;
        reached.extend(below.into_iter().map(|reach| reach.release));
    }
    let there = record.whereabouts(&reached).await?;
    if format == Format::Json {
        return Ok(format!(
            "{:#}",
            json!({ "asked": asked, "releases": reached, "whereabouts": there })
        ));
    }
    told(&record, &asked, &reached, &there).await
}

async fn told(
    record: &Record,
    asked: &BTreeSet<ReleaseId>,
    reached: &BTreeSet<ReleaseId>,
    there: &Whereabouts,
) -> Result<String, Failure> {
    let below = reached.len() - asked.len();
    let images: usize = there.placements.values().sum();
    let accounts: BTreeSet<_> = there.placements.keys().map(|target| target.account()).collect();
    let mut text = format!(
        "{below} release{} came from it. With it: {images} image{} in {} account{}; {} of them in use.\n",
        plural(below),
        plural(images),
        accounts.len(),
        plural(accounts.len()),
        there.used.len(),
    );
    let used: BTreeSet<ReleaseId> = there.used.iter().map(|used| used.release).collect();
    let named = if reached.len() > MOST_NAMED { &used } else { reached };
    let mut titles = BTreeMap::new();
    for release in named {
        titles.insert(*release, title(record, *release).await?);
    }
    if named.len() == reached.len() {
        let mut names: Vec<&str> = titles.values().map(String::as_str).collect();
        names.sort_unstable();
        let _ = writeln!(text, "  {}", names.join(", "));
    }
    if !there.used.is_empty() {
        let _ = writeln!(text, "\n{}", table(&rows(&there.used, &titles)));
    }
    match there.as_of.values().min() {
        None => text.push_str("\nNo target was asked yet who uses images."),
        Some(None) => text.push_str("\nNot every target was asked yet who uses images."),
        Some(Some(oldest)) => {
            let _ = write!(
                text,
                "\nAs of {oldest} or later in {} target{}.",
                there.as_of.len(),
                plural(there.as_of.len())
            );
        }
    }
    Ok(text)
}

/// One line for each way in which an image is used.
pub(crate) fn rows(used: &[UsedImage], titles: &BTreeMap<ReleaseId, String>) -> Vec<[String; 5]> {
    let mut rows = vec![["RELEASE", "IMAGE", "ACCOUNT", "REGION", "USED BY"].map(str::to_owned)];
    for image in used {
        let title = titles.get(&image.release).cloned().unwrap_or_default();
        for held in &image.uses {
            let Some(usage) = &held.usage else { continue };
            let row = |by: String| {
                [
                    title.clone(),
                    image.ami.to_string(),
                    held.target.account().to_string(),
                    held.target.region().to_string(),
                    by,
                ]
            };
            rows.extend(usage.references.iter().map(|reference| row(reference.to_string())));
            let more = usage.count.saturating_sub(usage.references.len());
            if more > 0 {
                rows.push(row(format!("… and {more} more of the {}", held.source)));
            }
        }
    }
    rows
}
