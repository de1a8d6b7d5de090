//! Who runs what they should not run any more.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::json;
use steward::evidence::{Hop, Source};
use steward::lineage::Card;
use steward::{Architecture, BuildState, Duration, FamilyName, ReleaseId, Timestamp, plural};
use steward_aws::{Record, Whereabouts};

use crate::arguments::{Format, Hub};
use crate::failure::Failure;
use crate::table::table;
use crate::{hub, word};

/// Why a release should not run any more.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    /// It, or what it came from, is revoked.
    Revoked(String),
    /// Its family has one that is so many days younger.
    Older(u64),
}

/// Lists the instances of releases that are revoked, or older than their family's newest by more than this.
pub(crate) async fn old(hub: &Hub, families: &[String], than: &str, format: Format) -> Result<String, Failure> {
    let than: Duration = word::parse(than, "--than")?;
    let (_, record) = hub::open(hub).await?;
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
    let now = hub::now()?;
    let mut bad = BTreeMap::new();
    for family in &families {
        for (release, card, why) in old_of(&record, family, than, now).await? {
            bad.insert(release, (card, why));
        }
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
) -> Result<Vec<(ReleaseId, Card, Why)>, Failure> {
    let releases = record.releases_of(family).await?;
    // Only what was built to its end can be somebody's newer image.
    let built = releases
        .iter()
        .filter(|(_, card)| card.state == Some(BuildState::Available));
    let mut newest: BTreeMap<Option<Architecture>, Timestamp> = BTreeMap::new();
    for (_, card) in built {
        if let Some(created) = card.created {
            let known = newest.entry(card.architecture).or_insert(created);
            *known = created.max(*known);
        }
    }
    let mut old = Vec::new();
    for (release, card) in releases {
        let causes = record.causes(release, now).await?;
        if let Some(cause) = causes.into_iter().next() {
            old.push((release, card, Why::Revoked(cause.why)));
            continue;
        }
        let newer = newest.get(&card.architecture).zip(card.created);
        let by = newer.and_then(|(newest, created)| newest.checked_since(created));
        if let Some(by) = by.filter(|by| *by > than.length()) {
            old.push((release, card, Why::Older(by.as_secs() / 86_400)));
        }
    }
    Ok(old)
}

/// The instances of one release, of one account and owner.
struct Row<'a> {
    account: String,
    region: String,
    owner: String,
    card: &'a Card,
    why: &'a Why,
    count: usize,
    example: String,
}

fn rows<'a>(there: &Whereabouts, bad: &'a BTreeMap<ReleaseId, (Card, Why)>) -> Vec<Row<'a>> {
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

impl Why {
    fn json(&self) -> serde_json::Value {
        match self {
            Self::Revoked(why) => json!({ "revoked": why }),
            Self::Older(days) => json!({ "days_older": days }),
        }
    }
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
            "account": account, "region": region, "owner": owner, "release": card.name, "why": why.json(), "count": count,
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
            Why::Revoked(why) => format!("REVOKED: {why}"),
            Why::Older(days) => format!("{days} days older than the newest"),
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
