//! What a manifest comes to for a family: forward, day by day, and backward, over what was launched.

use serde::Serialize;
use steward::manifest::{Manifest, ManifestFile};
use steward::pruning::{LookBack, Simulation, look_back, simulate};

use crate::arguments::Format;
use crate::failure::Failure;
use crate::given::Simulate;
use crate::hub::Hub;
use crate::pruning::{around, manifest};
use crate::said::Said;
use crate::terminal::harmless;
use crate::{check, json};

#[derive(Serialize)]
struct Simulated {
    forward: Simulation,
    backward: LookBack,
}

/// Plays the manifest that holds, or one that need not be applied, on what is recorded.
pub(crate) async fn run(hub: &Hub, given: &Simulate) -> Result<Said, Failure> {
    let Simulate {
        family,
        days,
        back,
        families,
        format,
    } = given;
    let (_, record) = hub.open().await?;
    let now = hub.now()?;
    let (applied, number) = manifest(&record, family).await?;
    let played = match families {
        None => applied,
        Some(dir) => {
            let checked = check::right(dir)?;
            let mut all = checked.files.iter().map(ManifestFile::manifest);
            let is_meant = |manifest: &&Manifest| manifest.family == applied.family;
            let meant = all.find(is_meant).cloned();
            meant.ok_or_else(|| {
                let dir = dir.display();
                Failure::Mistake(format!(
                    "no file in {dir} is of {family}: name its folder, or leave --families out."
                ))
            })?
        }
    };
    let around = around(&record).await?;
    let facts = Box::pin(record.pruning_facts((&played, number), &around, now)).await?;
    let simulated = Simulated {
        forward: simulate(&facts, *days, now),
        backward: look_back(&facts, *back, now),
    };
    let right = simulated.backward.missed.is_empty();
    let text = match format {
        Format::Json => json::long_text(&simulated),
        Format::Text => {
            let Simulated { forward, backward } = &simulated;
            harmless(&format!("{}\n\n{}", forward.text(), backward.text()))
        }
    };
    Ok(Said::new(&text, right))
}
