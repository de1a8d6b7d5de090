//! Who runs what they should not run any more.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use serde_json::json;
use steward::adopting::Adopted;
use steward::evidence::{Hop, KeptUse, Reference, ReportedUser, Source};
use steward::lineage::{AgeFacts, Card, Outdated, outdated};
use steward::{AccountId, Duration, FamilyName, Region, ReleaseId, Target, Timestamp, Words, plural, table};
use steward_aws::{Record, Whereabouts};

use crate::arguments::Format;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::impact::as_of;
use crate::json;
use crate::thing::releases_of;
use crate::titled::Titled;
use crate::word;

/// Lists the instances of releases that are revoked, or older than their family's newest by more than this.
pub(crate) async fn old(hub: &Hub, families: &[String], than: &str, format: Format) -> Result<String, Failure> {
    let than: Duration = word::parse(than, "--than")?;
    let named = families.iter().map(|family| word::parse(family, "family name"));
    let named = named.collect::<Result<BTreeSet<FamilyName>, _>>()?;
    let (_, record) = hub.open().await?;
    let families = if named.is_empty() {
        let applied = record.all_applied().await?;
        applied.into_iter().map(|applied| applied.family).collect()
    } else {
        named
    };
    let now = hub.now()?;
    let mut bad = BTreeMap::new();
    for family in &families {
        bad.extend(old_of(&record, family, than, now).await?);
    }
    let releases: BTreeSet<ReleaseId> = bad.keys().copied().collect();
    let there = record.whereabouts(&releases).await?;
    let rows = rows(&there, &bad);
    Ok(match format {
        Format::Json => json::text(json!({ "instances": rows, "as_of": there.as_of })),
        Format::Text if families.is_empty() => {
            String::from("No manifest was applied yet, so no family is known: name one by --family.")
        }
        Format::Text => {
            let families = match families.len() {
                1 => String::from("1 family"),
                several => format!("{several} families"),
            };
            if bad.is_empty() {
                format!("Of {families} no release is revoked, or older than the newest by more than {than}.")
            } else if rows.is_empty() {
                format!(
                    "Nobody is known to run what of {families} is revoked, or older than the newest by more than {than}: \
                     {} release{}.\n{}",
                    bad.len(),
                    plural(bad.len()),
                    as_of(&there)
                )
            } else {
                format!("{}\n{}", told(&rows), as_of(&there))
            }
        }
    })
}

type Bad = BTreeMap<ReleaseId, (Card, Outdated)>;

async fn old_of(record: &Record, family: &FamilyName, than: Duration, now: Timestamp) -> Result<Bad, Failure> {
    let releases = releases_of(record, family).await?;
    let mut revoked = BTreeMap::new();
    for (release, _) in &releases {
        let cause = record.causes(*release, now).await?.into_iter().next();
        revoked.extend(cause.map(|cause| (*release, cause.why)));
    }
    let all = releases.iter().map(|(release, _)| *release).collect();
    // The line of a copy may be that of an earlier manifest.
    let adopted = record.adopted_of(family).await?.into_iter().filter(Adopted::is_own);
    let facts = AgeFacts {
        revoked,
        tombstones: record.tombstones(&all).await?,
        groups: adopted.map(|adopted| (adopted.release, adopted.line.group)).collect(),
    };
    let mut old = outdated(&releases, &facts, than);
    let with_why = |(release, card)| old.remove(&release).map(|why| (release, (card, why)));
    Ok(releases.into_iter().filter_map(with_why).collect())
}

/// The instances of one release, of one account and owner, or of one that lets nobody look.
#[derive(Serialize)]
struct Row<'a> {
    account: AccountId,
    region: Region,
    #[serde(flatten)]
    titled: Titled,
    why: &'a Outdated,
    #[serde(flatten)]
    instances: Instances,
}

/// Instances that one owner answers for.
#[derive(Serialize)]
struct Instances {
    /// None: their tags do not say.
    owner: Option<Words>,
    count: usize,
    /// One of them; none where the record keeps no more of them than how many there are.
    example: Option<String>,
    /// When the report of EC2's was asked for that alone tells of them; none where somebody looked.
    reported: Option<Timestamp>,
}

fn rows<'a>(there: &Whereabouts, bad: &'a Bad) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for image in &there.used {
        let Some((card, why)) = bad.get(&image.release) else {
            continue;
        };
        for held in &image.uses {
            let row = |account, instances| Row {
                account,
                region: held.target.region(),
                titled: Titled::of(image.release, Some(card)),
                why,
                instances,
            };
            let usage = held.usage.iter();
            if held.source == Source::Instances {
                let by_owner = usage.flat_map(by_owner);
                rows.extend(by_owner.map(|instances| row(held.target.account(), instances)));
            } else if held.source == Source::Reports {
                let ways = usage.flat_map(|usage| &usage.references);
                let reported = ways.filter_map(|way| reported(way, held.target.region(), there));
                rows.extend(reported.map(|(account, instances)| row(account, instances)));
            }
        }
    }
    rows.sort_by(|a, b| {
        let key = |row: &Row<'a>| (row.account, row.instances.owner.clone(), row.region);
        key(a).cmp(&key(b))
    });
    rows
}

fn by_owner(usage: &KeptUse) -> Vec<Instances> {
    let mut of: BTreeMap<Option<Words>, Instances> = BTreeMap::new();
    for reference in &usage.references {
        let owner = match reference.path.first() {
            Some(Hop::Instance { owner, .. }) => owner.clone(),
            _ => None,
        };
        let known = of.entry(owner.clone()).or_insert_with(|| Instances {
            owner,
            count: 0,
            example: Some(reference.to_string()),
            reported: None,
        });
        known.count += 1;
    }
    let more = usage.count.saturating_sub(usage.references.len());
    let unkept = (more > 0).then_some(Instances {
        owner: None,
        count: more,
        example: None,
        reported: None,
    });
    of.into_values().chain(unkept).collect()
}

/// Instances that a usage report tells of. Of an account that was looked at since, its own list tells.
fn reported(way: &Reference, region: Region, there: &Whereabouts) -> Option<(AccountId, Instances)> {
    let Some(Hop::Reported {
        account,
        by: ReportedUser::Instances,
        count,
        requested,
    }) = way.path.first()
    else {
        return None;
    };
    let looked_at = there.as_of.get(&Target::new(*account, region)).copied().flatten();
    let is_known = looked_at.is_some_and(|at| at >= *requested);
    let instances = Instances {
        owner: None,
        count: usize::try_from(*count).unwrap_or(usize::MAX),
        example: None,
        reported: Some(*requested),
    };
    (!is_known && instances.count > 0).then_some((*account, instances))
}

impl fmt::Display for Instances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.example, self.reported) {
            (Some(example), _) => f.write_str(example),
            (None, Some(requested)) => write!(f, "a usage report of {requested}"),
            (None, None) => write!(f, "{} more instances", self.count),
        }
    }
}

fn told(rows: &[Row<'_>]) -> String {
    let mut lines = vec![["ACCOUNT", "REGION", "OWNER", "RELEASE", "WHY", "INSTANCES", "AS IN"].map(str::to_owned)];
    for row in rows {
        let why = match row.why {
            Outdated::Revoked(why) => format!("REVOKED: {why}"),
            Outdated::DaysOlder(days) => format!("{days} days older than the newest"),
        };
        let Instances {
            owner,
            count: _,
            example,
            reported,
        } = &row.instances;
        let owner = match (owner, example, reported) {
            (Some(owner), _, _) => owner.to_string(),
            (None, Some(_), _) => String::from("-"),
            (None, None, Some(_)) => String::from("(not told)"),
            (None, None, None) => String::from("(not kept)"),
        };
        lines.push([
            row.account.to_string(),
            row.region.to_string(),
            owner,
            row.titled.title.clone(),
            why,
            row.instances.count.to_string(),
            row.instances.to_string(),
        ]);
    }
    let count: usize = rows.iter().map(|row| row.instances.count).sum();
    format!("{}\n\n{count} instance{}.", table(&lines), plural(count))
}
