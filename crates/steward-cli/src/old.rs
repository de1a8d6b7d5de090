//! Who runs what they should not run any more.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::json;
use steward::evidence::{Hop, Source};
use steward::lineage::{Card, Outdated, outdated};
use steward::{Duration, FamilyName, ReleaseId, Timestamp, plural};
use steward_aws::{Record, Whereabouts};

use crate::arguments::Format;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::table::table;
use crate::word;

/// Lists the instances of releases that are revoked, or older than their family's newest by more than this.
pub(crate) async fn old(hub: &Hub, families: &[String], than: &str, format: Format) -> Result<String, Failure> {
    let than: Duration = word::parse(than, "--than")?;
    let (_, record) = hub.open().await?;
    let families = match families {
        [] => record
            .all_applied()
            .await?
            .into_iter()
            .map(|applied| applied.family)
            .collect(),
        named => named
            .iter()
            .map(|family| word::parse(family, "family name"))
            .collect::<Result<Vec<FamilyName>, _>>()?,
    };
    let now = hub.now()?;
    let mut bad = BTreeMap::new();
    for family in &families {
        bad.extend(old_of(&record, family, than, now).await?);
    }
    let releases: BTreeSet<ReleaseId> = bad.keys().copied().collect();
    let there = record.whereabouts(&releases).await?;
    let rows = rows(&there, &bad);
    if format == Format::Json {
        let rows: Vec<_> = rows.iter().map(Row::json).collect();
        return Ok(format!("{:#}", json!({ "instances": rows, "as_of": there.as_of })));
    }
    Ok(told(&rows, families.len(), than))
}

async fn old_of(
    record: &Record,
    family: &FamilyName,
    than: Duration,
    now: Timestamp,
) -> Result<BTreeMap<ReleaseId, (Card, Outdated)>, Failure> {
    let releases = record.releases_of(family).await?;
    let mut revoked = BTreeMap::new();
    for (release, _) in &releases {
        let cause = record.causes(*release, now).await?.into_iter().next();
        revoked.extend(cause.map(|cause| (*release, cause.why)));
    }
    let mut old = outdated(&releases, &revoked, than);
    let with_why = |(release, card)| old.remove(&release).map(|why| (release, (card, why)));
    Ok(releases.into_iter().filter_map(with_why).collect())
}

/// The instances of one release, of one account and owner.
struct Row<'a> {
    account: String,
    region: String,
    owner: String,
    card: &'a Card,
    why: &'a Outdated,
    count: usize,
    example: String,
}

fn rows<'a>(there: &Whereabouts, bad: &'a BTreeMap<ReleaseId, (Card, Outdated)>) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for image in &there.used {
        let Some((card, why)) = bad.get(&image.release) else {
            continue;
        };
        for held in image.uses.iter().filter(|held| held.source == Source::Instances) {
            let Some(usage) = &held.usage else { continue };
            let mut of: BTreeMap<String, (usize, String)> = BTreeMap::new();
            for reference in &usage.references {
                let owner = match reference.path.first() {
                    Some(Hop::Instance { owner: Some(owner), .. }) => owner.to_string(),
                    _ => String::from("-"),
                };
                let known = of.entry(owner).or_insert_with(|| (0, reference.to_string()));
                known.0 += 1;
            }
            let more = usage.count.saturating_sub(usage.references.len());
            if more > 0 {
                of.insert(String::from("(not kept)"), (more, format!("{more} more instances")));
            }
            rows.extend(of.into_iter().map(|(owner, (count, example))| Row {
                account: held.target.account().to_string(),
                region: held.target.region().to_string(),
                owner,
                card,
                why,
                count,
                example,
            }));
        }
    }
    rows.sort_by(|a, b| (&a.account, &a.owner, &a.region).cmp(&(&b.account, &b.owner, &b.region)));
    rows
}

impl Row<'_> {
    fn json(&self) -> serde_json::Value {
        let Self {
            account,
            region,
            owner,
            card,
            why,
            count,
            example,
        } = self;
        json!({
            "account": account, "region": region, "owner": owner, "release": card.name, "why": why, "count": count,
            "example": example,
        })
    }
}

fn told(rows: &[Row<'_>], families: usize, than: Duration) -> String {
    if rows.is_empty() {
        return format!(
            "Of {families} famil{} nobody is known to run a revoked release, or one {than} older than the newest.",
            if families == 1 { "y" } else { "ies" }
        );
    }
    let mut lines = vec![["ACCOUNT", "REGION", "OWNER", "RELEASE", "WHY", "INSTANCES", "AS IN"].map(str::to_owned)];
    for row in rows {
        let why = match row.why {
            Outdated::Revoked(why) => format!("REVOKED: {why}"),
            Outdated::DaysOlder(days) => format!("{days} days older than the newest"),
        };
        lines.push([
            row.account.clone(),
            row.region.clone(),
            row.owner.clone(),
            row.card.title(),
            why,
            row.count.to_string(),
            row.example.clone(),
        ]);
    }
    let count: usize = rows.iter().map(|row| row.count).sum();
    let mut text = table(&lines);
    let _ = write!(text, "\n\n{count} instance{}.", plural(count));
    text
}
