//! What a release reaches: everything that came from it, and who uses that.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::json;
use steward::{AccountId, Exposed, Exposure, ReleaseId, VulnerabilityId, plural};
use steward_aws::{Record, UsedImage, Whereabouts};

use crate::arguments::Format;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::json;
use crate::releases::found;
use crate::table::table;
use crate::titled::{Titled, titles};
use crate::word::parse;

/// So many releases are named one by one; of more only those that somebody uses.
const MOST_NAMED: usize = 200;

/// What is known of the releases that were asked about.
struct Reached {
    asked: BTreeSet<ReleaseId>,
    /// Those, and all that came from them.
    all: BTreeSet<ReleaseId>,
    there: Whereabouts,
    vulnerability: Option<(VulnerabilityId, Exposed<ReleaseId>)>,
}

/// Every release that came from these, where its images are, who uses them, and which of them have a vulnerability.
pub(crate) async fn impact(hub: &Hub, word: &str, cve: Option<&str>, format: Format) -> Result<String, Failure> {
    let cve: Option<VulnerabilityId> = cve.map(|cve| parse(cve, "--cve")).transpose()?;
    let (_, record, asked) = found(hub, word).await?;
    let mut all = asked.clone();
    for release in &asked {
        let below = record.descendants(*release).await?;
        all.extend(below.into_iter().map(|reach| reach.release));
    }
    let vulnerability = match cve {
        Some(cve) => {
            let exposed = record.exposed(&cve, &all).await?;
            Some((cve, exposed))
        }
        None => None,
    };
    let reached = Reached {
        there: record.whereabouts(&all).await?,
        asked,
        all,
        vulnerability,
    };
    match format {
        Format::Json => reached.json(&record).await,
        Format::Text => reached.told(&record).await,
    }
}

impl Reached {
    async fn json(&self, record: &Record) -> Result<String, Failure> {
        let Self {
            asked,
            all,
            there,
            vulnerability,
        } = self;
        let releases: Vec<Titled> = titles(record, all).await?.into_values().collect();
        let mut answer = json!({ "asked": asked, "releases": releases, "whereabouts": there, "vulnerability": null });
        if let Some((id, exposed)) = vulnerability {
            let exposure: BTreeMap<ReleaseId, _> = all
                .iter()
                .map(|release| {
                    let (found, scanned) = (exposed.found.get(release), exposed.scanned.get(release));
                    (
                        *release,
                        json!({ "is": exposed.of(*release), "found": found, "scanned": scanned }),
                    )
                })
                .collect();
            answer["vulnerability"] = json!({ "id": id, "exposure": exposure });
        }
        Ok(json::text(answer))
    }

    async fn told(&self, record: &Record) -> Result<String, Failure> {
        let Self {
            asked,
            all: reached,
            there,
            vulnerability,
        } = self;
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
        if there.containers > 0 {
            let _ = writeln!(
                text,
                "Besides {} container image{}: who uses those cannot be known.",
                there.containers,
                plural(there.containers)
            );
        }
        let used: BTreeSet<ReleaseId> = there.used.iter().map(|used| used.release).collect();
        let shown = if reached.len() > MOST_NAMED { &used } else { reached };
        let titles = titles(record, shown).await?.into_iter();
        let mut titles: BTreeMap<ReleaseId, String> = titles.map(|(id, titled)| (id, titled.to_string())).collect();
        if let Some((id, exposed)) = vulnerability {
            text.push_str(&exposure(id, exposed, reached, &titles));
            for (release, title) in &mut titles {
                let _ = write!(title, " ({})", exposed.of(*release));
            }
        } else if shown.len() == reached.len() {
            let _ = writeln!(text, "  {}", names(titles.values()));
        }
        if !there.used.is_empty() {
            let _ = writeln!(text, "\n{}", table(&rows(&there.used, &titles)));
        }
        let _ = write!(text, "\n{}", as_of(there));
        Ok(text)
    }
}

/// How old what is known of users may be.
pub(crate) fn as_of(there: &Whereabouts) -> String {
    let targets = there.as_of.len();
    match there.as_of.values().min() {
        None if there.placements.is_empty() => String::from("There is no image that anybody could use."),
        None => String::from("No target was asked yet who uses images."),
        Some(None) => String::from("Not every target was asked yet who uses images."),
        Some(Some(oldest)) => format!("As of {oldest} or later in {targets} target{}.", plural(targets)),
    }
}

/// How many releases stand in which way to a vulnerability, and which.
fn exposure(
    id: &VulnerabilityId,
    exposed: &Exposed<ReleaseId>,
    reached: &BTreeSet<ReleaseId>,
    titles: &BTreeMap<ReleaseId, String>,
) -> String {
    let mut of: BTreeMap<Exposure, BTreeSet<ReleaseId>> = BTreeMap::new();
    for release in reached {
        of.entry(exposed.of(*release)).or_default().insert(*release);
    }
    let mut text = match exposed.found.values().next() {
        Some(found) => format!("\n{id} ({found}):\n"),
        None => format!("\n{id}, which no scan of these has found:\n"),
    };
    for (exposure, releases) in of {
        let named = names(releases.iter().filter_map(|release| titles.get(release)));
        let _ = writeln!(text, "  {exposure:<10}  {:>6}  {named}", releases.len());
    }
    text
}

fn names<'a>(titles: impl Iterator<Item = &'a String>) -> String {
    let mut names: Vec<&str> = titles.map(String::as_str).collect();
    names.sort_unstable();
    names.join(", ")
}

/// One line for each way in which an image is used.
fn rows(used: &[UsedImage], titles: &BTreeMap<ReleaseId, String>) -> Vec<[String; 5]> {
    let mut rows = vec![["RELEASE", "IMAGE", "ACCOUNT", "REGION", "USED BY"].map(str::to_owned)];
    for image in used {
        let title = titles.get(&image.release).cloned().unwrap_or_default();
        for held in &image.uses {
            let Some(usage) = &held.usage else { continue };
            let here = held.target.account();
            let row = |account: AccountId, by: String| {
                [
                    title.clone(),
                    image.ami.to_string(),
                    account.to_string(),
                    held.target.region().to_string(),
                    by,
                ]
            };
            let ways = usage.references.iter();
            rows.extend(ways.map(|way| row(way.elsewhere().unwrap_or(here), way.to_string())));
            let more = usage.count.saturating_sub(usage.references.len());
            if more > 0 {
                rows.push(row(here, format!("… and {more} more of the {}", held.source)));
            }
        }
    }
    rows
}
