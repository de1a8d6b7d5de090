//! What pruning would do with each image: what goes, what stays and why, what is blocked and by what.

use serde_json::Value;
use steward::pruning::PruningReport;

use crate::arguments::Format;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::json;
use crate::pruning::{Shown, all_manifests, around};
use crate::said::Said;
use crate::terminal::harmless;

/// Shows what would be done for one family, or for all.
pub(crate) async fn plan(hub: &Hub, family: Option<&str>, format: Format) -> Result<Said, Failure> {
    let (_, record) = hub.open().await?;
    let now = hub.now()?;
    let around = around(&record).await?;
    let (mut texts, mut documents, mut right) = (Vec::new(), Vec::new(), true);
    for (manifest, number) in all_manifests(&record, family).await? {
        let pruning = Shown::of(&record, (&manifest, number), &around, now).await?;
        let report = pruning.report();
        right &= pruning.plan.troubles.is_empty() && pruning.plan.over_share.is_none();
        match format {
            Format::Text => texts.push(harmless(&report.text())),
            Format::Json => documents.push(document(&report)?),
        }
    }
    let text = match format {
        Format::Json => json::long_text(&documents),
        Format::Text if texts.is_empty() => String::from("No family has a manifest."),
        Format::Text => texts.join("\n\n"),
    };
    Ok(Said::new(&text, right))
}

fn document(report: &PruningReport<'_>) -> Result<Value, Failure> {
    serde_json::from_str(&report.json()).map_err(|error| Failure::Mistake(format!("the report is no JSON: {error}.")))
}
