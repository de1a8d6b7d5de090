//! A manifest from a pipeline that exists, so that nobody starts from nothing.

use std::path::Path;

use steward::applying::import;
use steward::{FamilyName, ImagePipelineArn};

use crate::failure::Failure;
use crate::hub::Hub;
use crate::init::write;
use crate::word::parse;

/// Reads the pipeline, writes the manifest, and says what to look at. It never writes over a file.
pub(crate) async fn run(hub: &Hub, pipeline: &str, family: Option<&str>, dir: &Path) -> Result<String, Failure> {
    let arn: ImagePipelineArn = parse(pipeline, "pipeline ARN")?;
    let family: Option<FamilyName> = family.map(|family| parse(family, "family name")).transpose()?;
    let caller = hub.caller().await?;
    if arn.region() != caller.hub.region() {
        return Err(Failure::Mistake(format!(
            "this pipeline is in {}, you are in {}: choose its Region by AWS_REGION.",
            arn.region(),
            caller.hub.region()
        )));
    }
    let existing = caller.at_hub().existing(&arn).await.map_err(Failure::Aws)?;
    let imported = import(&existing, family.as_ref()).map_err(|error| Failure::Mistake(error.to_string()))?;
    let file = dir.join(format!("{}.yaml", imported.family));
    let named = imported
        .files
        .iter()
        .map(|(name, content)| (dir.join(name), content.as_str()));
    let all: Vec<_> = named.chain([(file.clone(), imported.text.as_str())]).collect();
    if let Some((path, _)) = all.iter().find(|(path, _)| path.exists()) {
        return Err(Failure::Mistake(format!(
            "{} exists already: choose another name by --family.",
            path.display()
        )));
    }
    for (path, content) in all {
        write(&path, content)?;
    }
    let mut lines = vec![format!(
        "Wrote {}. The pipeline itself is left as it is; `steward apply` makes one beside it.",
        file.display()
    )];
    lines.extend(imported.notes.iter().map(|note| format!("  Look at this: {note}")));
    Ok(lines.join("\n"))
}
