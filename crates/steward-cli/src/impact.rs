//! What a release reaches: everything that came from it, and who uses that.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::json;
use steward::channels::Pointers;
use steward::evidence::KeptUse;
use steward::lineage::on_channels;
use steward::{AccountId, ChannelName, Exposed, Exposure, ReleaseId, VulnerabilityId, plural, table};
use steward_aws::{HeldUse, UsedImage, Whereabouts};

use crate::arguments::Format;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::json;
use crate::releases::found;
use crate::titled::Titled;
use crate::word::parse;

/// So many releases are named one by one; of more only those that somebody uses or that are on a channel.
const MOST_NAMED: usize = 200;

/// What is known of the releases that were asked about.
struct Reached {
    asked: BTreeSet<ReleaseId>,
    /// Those, and all that came from them.
    all: BTreeMap<ReleaseId, Titled>,
    pointers: Pointers,
    there: Whereabouts,
    vulnerability: Option<(VulnerabilityId, Exposed<ReleaseId>)>,
}

/// One of them, for programs.
#[derive(Serialize)]
struct ReachedRelease<'a> {
    #[serde(flatten)]
    titled: &'a Titled,
    /// The channels that it is on.
    channels: Vec<ChannelName>,
}

/// Every release that came from these, on which channels it is, where its images are, who uses them, and which of them have
/// a vulnerability.
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
    let captions = record.captions(&all).await?;
    let families = captions.values().filter_map(|caption| caption.family.as_ref());
    let reached = Reached {
        pointers: record.pointers(families).await?,
        there: record.whereabouts(&all).await?,
        asked,
        all: all
            .into_iter()
            .map(|release| (release, Titled::captioned(release, captions.get(&release))))
            .collect(),
        vulnerability,
    };
    Ok(match format {
        Format::Json => reached.json(),
        Format::Text => reached.told(),
    })
}

impl Reached {
    fn json(&self) -> String {
        let Self {
            asked,
            all,
            pointers,
            there,
            vulnerability,
        } = self;
        let releases: Vec<ReachedRelease<'_>> = all
            .values()
            .map(|titled| ReachedRelease {
                titled,
                channels: pointers.names(titled.release),
            })
            .collect();
        let mut answer = json!({ "asked": asked, "releases": releases, "whereabouts": there, "vulnerability": null });
        if let Some((id, exposed)) = vulnerability {
            let exposure: BTreeMap<ReleaseId, _> = all
                .keys()
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
        json::text(answer)
    }

    fn told(&self) -> String {
        let Self {
            asked,
            all: reached,
            pointers,
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
        let known = || there.used.iter().chain(&there.named);
        let used: BTreeSet<ReleaseId> = known().map(|image| image.release).collect();
        let is_on_one = |release: &ReleaseId| !pointers.to(*release).is_empty();
        let is_named =
            |release: &ReleaseId| reached.len() <= MOST_NAMED || used.contains(release) || is_on_one(release);
        let named = reached.iter().filter(|(release, _)| is_named(release));
        let mut titles: BTreeMap<ReleaseId, String> = named
            .map(|(release, titled)| (*release, format!("{titled}{}", on_channels(&pointers.names(*release)))))
            .collect();
        if let Some((id, exposed)) = vulnerability {
            text.push_str(&exposure(id, exposed, reached, &titles));
            for (release, title) in &mut titles {
                let _ = write!(title, " ({})", exposed.of(*release));
            }
        } else if titles.len() == reached.len() {
            let _ = writeln!(text, "  {}", names(titles.values()));
        } else if titles.keys().any(is_on_one) {
            let on_one = titles.iter().filter(|(release, _)| is_on_one(release));
            let _ = writeln!(text, "  on a channel: {}", names(on_one.map(|(_, title)| title)));
        }
        let users = rows("USED BY", known(), &titles, |held| held.usage.as_ref());
        let others = rows("ONLY NAMED BY", known(), &titles, |held| held.named.as_ref());
        for rows in [users, others].iter().filter(|rows| rows.len() > 1) {
            let _ = writeln!(text, "\n{}", table(rows));
        }
        let _ = write!(text, "\n{}", as_of(there));
        text
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
    reached: &BTreeMap<ReleaseId, Titled>,
    titles: &BTreeMap<ReleaseId, String>,
) -> String {
    let mut of: BTreeMap<Exposure, BTreeSet<ReleaseId>> = BTreeMap::new();
    for release in reached.keys() {
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

/// One line for each way in which images are used, or named.
fn rows<'a>(
    by: &str,
    images: impl Iterator<Item = &'a UsedImage>,
    titles: &BTreeMap<ReleaseId, String>,
    part: impl Fn(&HeldUse) -> Option<&KeptUse>,
) -> Vec<[String; 5]> {
    let mut rows = vec![["RELEASE", "IMAGE", "ACCOUNT", "REGION", by].map(str::to_owned)];
    for image in images {
        let title = titles.get(&image.release).cloned().unwrap_or_default();
        for held in &image.uses {
            let Some(usage) = part(held) else { continue };
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

#[cfg(test)]
mod tests {
    use steward::channels::{ChannelHeld, Moved, Mover, Pointed};
    use steward::{Architecture, CanonicalName};

    use super::*;

    fn release(n: usize) -> ReleaseId {
        let name: CanonicalName = format!("ami:aws:eu-west-1:ami-{n:017x}").parse().unwrap();
        name.id()
    }

    /// So many releases, the first of which is on a channel.
    fn reached(count: usize) -> Reached {
        let titled = |n| Titled {
            release: release(n),
            title: format!("base/1.0.{n}/1"),
            architecture: None,
        };
        let moved = Moved {
            number: 1,
            to: Pointed::from([(Architecture::X86_64, release(0))]),
            at: "2026-01-18T17:50:56Z".parse().unwrap(),
            by: Mover::Itself,
            why: "it is newer".into(),
            backward: false,
        };
        let held = ChannelHeld { history: vec![moved] };
        Reached {
            asked: BTreeSet::from([release(0)]),
            all: (0..count).map(|n| (release(n), titled(n))).collect(),
            pointers: Pointers::of([BTreeMap::from([(ChannelName::stable(), held)])]),
            there: Whereabouts::default(),
            vulnerability: None,
        }
    }

    #[test]
    fn of_more_releases_than_are_named_those_on_a_channel_are() {
        let all = reached(MOST_NAMED).told();
        assert!(all.contains("  base/1.0.0/1 [stable], base/1.0.1/1, "), "{all}");
        let more = reached(MOST_NAMED + 1).told();
        assert!(more.contains("\n  on a channel: base/1.0.0/1 [stable]\n"), "{more}");
    }
}
