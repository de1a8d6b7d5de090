//! How far a family's releases are where its manifest wants them, and what is in the way.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use steward::consumers::Viewed;
use steward::distribution::{Reach, Stood};
use steward::{AmiId, FamilyName, ReleaseId, Target, Timestamp, Words, plural, table};

use crate::arguments::Format;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::json;
use crate::thing::releases_of;
use crate::titled::{Titled, titles};
use crate::word;

/// So much of what is in the way of consumers is listed: there may be thousands of them.
const MOST: usize = 20;

/// A release in a target, as a worker last saw it there.
#[derive(Serialize)]
struct Standing {
    #[serde(flatten)]
    titled: Titled,
    target: Target,
    says: Words,
    reach: Reach,
    ami: Option<AmiId>,
    settled: bool,
    under_way: bool,
    findings: Vec<Words>,
    manifest: u32,
    audience: String,
    looked: Timestamp,
    tries: u32,
    failed: BTreeSet<AmiId>,
}

impl Standing {
    fn of(titled: Titled, target: Target, stood: Stood) -> Self {
        let Stood {
            says,
            reach,
            ami,
            settled,
            under_way,
            findings,
            manifest,
            audience,
            looked,
            tries,
            failed,
            // What `explain` has, and what is for the worker alone.
            keys: _,
            encrypted: _,
            shared: _,
            lacks: _,
            made: _,
            stuck: _,
            refused: _,
            lent: _,
        } = stood;
        Self {
            titled,
            target,
            says,
            reach,
            ami,
            settled,
            under_way,
            findings,
            manifest,
            audience,
            looked,
            tries,
            failed,
        }
    }
}

/// Lists how each release of a family stands in each of its targets, the newest last.
pub(crate) async fn distribution(hub: &Hub, family: &str, format: Format) -> Result<String, Failure> {
    let family: FamilyName = word::parse(family, "family name")?;
    let (_, record) = hub.open().await?;
    let stood = record.stood(&family).await?;
    let releases: BTreeSet<ReleaseId> = stood.keys().map(|(release, _)| *release).collect();
    if releases.is_empty() {
        // A name that no family has is a mistake, and gets the near ones.
        releases_of(&record, &family).await?;
        let nobody = format!(
            "Nobody has looked yet where releases of {family} are to be; that is done in act mode, by each sweep."
        );
        return Ok(if format == Format::Json {
            json::text([(); 0])
        } else {
            nobody
        });
    }
    let named = titles(&record, &releases).await?;
    let mut standings: Vec<Standing> = Vec::new();
    for ((release, target), stood) in stood {
        let titled = named.get(&release).cloned();
        let titled = titled.unwrap_or_else(|| Titled::of(release, None));
        standings.push(Standing::of(titled, target, stood));
    }
    standings.sort_by(|one, other| (&one.titled.title, one.target).cmp(&(&other.titled.title, other.target)));
    if format == Format::Json {
        return Ok(json::text(standings));
    }
    let mut rows = vec![["RELEASE", "ACCOUNT", "REGION", "STANDS", "LOOKED"].map(str::to_owned)];
    let mut findings: Vec<String> = Vec::new();
    for standing in &standings {
        let Standing { titled, target, .. } = standing;
        rows.push([
            titled.to_string(),
            target.account().to_string(),
            target.region().to_string(),
            standing.says.to_string(),
            standing.looked.to_string(),
        ]);
        let found = standing.findings.iter();
        findings.extend(found.map(|finding| format!("! {titled} in {target}: {finding}")));
    }
    let mut parts = vec![table(&rows).trim_end().to_owned()];
    parts.extend((!findings.is_empty()).then(|| findings.join("\n")));
    parts.extend(consumers(&record.viewed(&family).await?));
    Ok(match parts.as_slice() {
        [_] => table(&rows),
        parts => parts.join("\n\n"),
    })
}

/// In how many of their targets consumers see what they should, and what is in the way in the others; none where nobody has
/// looked at any.
fn consumers(viewed: &BTreeMap<Target, Viewed>) -> Option<String> {
    let all = viewed.len();
    let well = viewed
        .values()
        .filter(|viewed| viewed.settled && viewed.findings.is_empty());
    let mut lines = vec![format!(
        "Consumers see what they should in {} of {all} target{}.",
        well.count(),
        plural(all)
    )];
    let findings = viewed.iter().flat_map(|(target, viewed)| {
        viewed
            .findings
            .iter()
            .map(move |finding| format!("! {target}: {finding}"))
    });
    let findings: Vec<String> = findings.collect();
    lines.extend(findings.iter().take(MOST).cloned());
    let more = findings.len().saturating_sub(MOST);
    lines.extend((more > 0).then(|| format!("and {more} more")));
    (all > 0).then(|| lines.join("\n"))
}
