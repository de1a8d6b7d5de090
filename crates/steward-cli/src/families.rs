//! What is applied, and what was.

use serde_json::{Value, json};
use steward::{FamilyName, table};
use steward_aws::{Applied, AppliedManifest};

use crate::arguments::{Families, Format};
use crate::failure::Failure;
use crate::hub::Hub;
use crate::json;
use crate::said::Said;
use crate::word::{end_of, parse};

/// The manifests that hold, one of them, or all that ever held of a family.
pub(crate) async fn families(hub: &Hub, what: Option<&Families>, format: Format) -> Result<Said, Failure> {
    match what {
        None => list(hub, format).await.map(Said::from),
        Some(Families::Show { family, at }) => show(hub, family, at.as_deref(), format).await,
        Some(Families::History { family }) => history(hub, family, format).await.map(Said::from),
    }
}

/// Which manifest of every family holds.
async fn list(hub: &Hub, format: Format) -> Result<String, Failure> {
    let (_, record) = hub.open().await?;
    let applied = record.all_applied().await?;
    if format == Format::Json {
        let applied = applied.into_iter().map(|applied| {
            let Applied {
                family,
                version,
                digest,
                who,
                at,
            } = applied;
            json!({ "family": family, "version": version, "digest": digest, "who": who, "at": at })
        });
        return Ok(json::text(applied.collect::<Vec<_>>()));
    }
    if applied.is_empty() {
        return Ok(String::from("No manifest was applied yet: `steward apply` does it."));
    }
    let mut rows = vec![[
        "FAMILY".to_owned(),
        "MANIFEST".to_owned(),
        "SINCE".to_owned(),
        "BY".to_owned(),
    ]];
    rows.extend(applied.into_iter().map(|applied| {
        [
            applied.family.to_string(),
            applied.version.to_string(),
            applied.at.to_string(),
            applied.who,
        ]
    }));
    Ok(table(&rows))
}

/// The manifest that holds, or held at a time.
async fn show(hub: &Hub, family: &str, at: Option<&str>, format: Format) -> Result<Said, Failure> {
    let before = at.map(|at| end_of(at, "--at")).transpose()?;
    let (family, manifests) = history_of(hub, family).await?;
    let held = manifests
        .into_iter()
        .rev()
        .find(|manifest| before.is_none_or(|before| manifest.at <= before));
    match held {
        Some(manifest) if format == Format::Json => Ok(Said::from(json::text(of_family(&family, &manifest)))),
        Some(manifest) => Ok(Said::file(manifest.text.trim_end().to_owned())),
        None => Err(Failure::Mistake(format!(
            "no manifest of {family} held then: `steward families history {family}` lists them."
        ))),
    }
}

/// Every manifest a family had.
async fn history(hub: &Hub, family: &str, format: Format) -> Result<String, Failure> {
    let (family, manifests) = history_of(hub, family).await?;
    if format == Format::Json {
        let manifests = manifests.iter().map(|manifest| of_family(&family, manifest));
        return Ok(json::text(manifests.collect::<Vec<_>>()));
    }
    let mut rows = vec![[
        "MANIFEST".to_owned(),
        "SINCE".to_owned(),
        "BY".to_owned(),
        "WHY".to_owned(),
    ]];
    rows.extend(manifests.into_iter().rev().map(|manifest| {
        let why = manifest.message.unwrap_or_else(|| String::from("-"));
        [manifest.version.to_string(), manifest.at.to_string(), manifest.who, why]
    }));
    Ok(table(&rows))
}

fn of_family(family: &FamilyName, manifest: &AppliedManifest) -> Value {
    let AppliedManifest {
        version,
        digest,
        who,
        at,
        message,
        text,
    } = manifest;
    json!({
        "family": family, "version": version, "digest": digest, "who": who, "at": at, "message": message, "text": text,
    })
}

async fn history_of(hub: &Hub, family: &str) -> Result<(FamilyName, Vec<AppliedManifest>), Failure> {
    let family: FamilyName = parse(family, "family name")?;
    let (_, record) = hub.open().await?;
    let manifests = record.manifests(&family).await?;
    if manifests.is_empty() {
        return Err(Failure::Mistake(format!(
            "no manifest of {family} was ever applied: `steward families` lists those that were."
        )));
    }
    Ok((family, manifests))
}
