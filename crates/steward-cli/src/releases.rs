//! Releases: which there are, where their images are, what was heard of them, and where they came from.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::json;
use steward::lineage::{Card, compare};
use steward::{AmiId, BuildState, CanonicalName, ChannelName, FamilyName, ReleaseId, Timestamp, table};
use steward_aws::{Caller, Entry, HeldContainer, HeldPlacement, Record, Span, families_of};

use crate::arguments::{Format, LineageFormat, Way};
use crate::failure::Failure;
use crate::hub::Hub;
use crate::json;
use crate::page::page;
use crate::said::Said;
use crate::thing::{find, newest_of, releases_of};
use crate::titled::{Titled, titles};
use crate::word;

/// Builds that came to nothing, of a family's history: the latest.
const MOST_LEFT_OFF: usize = 5;
/// As far as there are edges.
const ALL_THE_WAY: u16 = u16::MAX;

/// A release, and what the record says of it.
#[derive(Serialize)]
struct Released {
    #[serde(flatten)]
    titled: Titled,
    /// The channels that it is on.
    channels: Vec<ChannelName>,
    /// Whether it had images, none of which is left.
    tombstone: bool,
    card: Card,
}

/// An image, of whichever kind.
#[derive(Serialize)]
#[serde(untagged)]
enum Shown {
    Placed {
        #[serde(flatten)]
        titled: Titled,
        #[serde(flatten)]
        placement: HeldPlacement,
    },
    Contained {
        #[serde(flatten)]
        titled: Titled,
        #[serde(flatten)]
        container: HeldContainer,
    },
}

/// What was heard, and of which release.
#[derive(Serialize)]
struct Heard {
    /// None: of a family as a whole.
    release: Option<ReleaseId>,
    title: String,
    #[serde(flatten)]
    entry: Entry,
}

/// That a build came to nothing, or is under way: no list of releases shows it, and this says what to ask for.
fn build_entry(release: ReleaseId, card: &Card) -> Option<Heard> {
    let (state, at) = (card.state?, card.created?);
    let heard = if state.ended() {
        format!("started {}, which is {state}", card.name)
    } else {
        format!("started {}, {}", card.name, under_way(state, at))
    };
    Some(Heard {
        release: Some(release),
        title: card.title(),
        entry: Entry { at, heard },
    })
}

/// `building since 2026-01-18T17:00:00.000Z, now TESTING`.
fn under_way(state: BuildState, since: Timestamp) -> String {
    format!("building since {since}, now {state}")
}

fn named(release: Option<ReleaseId>, title: &str, entries: Vec<Entry>) -> impl Iterator<Item = Heard> {
    entries.into_iter().map(move |entry| Heard {
        release,
        title: title.to_owned(),
        entry,
    })
}

/// The releases of a family, newest last.
pub(crate) async fn list(hub: &Hub, family: &str, format: Format) -> Result<String, Failure> {
    let family: FamilyName = word::parse(family, "family name")?;
    let (_, record) = hub.open().await?;
    let under_way = record.under_way_of(&family).await?;
    let releases = match releases_of(&record, &family).await {
        Err(Failure::Mistake(_)) if !under_way.is_empty() => Vec::new(),
        releases => releases?,
    };
    let pointers = record
        .pointers(families_of(releases.iter().map(|(_, card)| card)))
        .await?;
    let all = releases.iter().map(|(release, _)| *release).collect();
    let tombstones = record.tombstones(&all).await?;
    if format == Format::Json {
        let releases = releases.into_iter().map(|(release, card)| Released {
            titled: Titled::of(release, Some(&card)),
            channels: pointers.names(release),
            tombstone: tombstones.contains(&release),
            card,
        });
        return Ok(json::text(releases.collect::<Vec<_>>()));
    }
    let under_way = under_way_lines(&under_way);
    if releases.is_empty() {
        return Ok(format!(
            "The record has no release of {family} that has images.{under_way}"
        ));
    }
    let mut rows = vec![["RELEASE", "ARCHITECTURE", "STATE", "STARTED", "CHANNELS"].map(str::to_owned)];
    for (release, card) in releases {
        let channels: Vec<String> = pointers.names(release).iter().map(ToString::to_string).collect();
        rows.push([
            card.title(),
            card.architecture
                .map_or_else(dash, |architecture| architecture.to_string()),
            card.standing(tombstones.contains(&release)).unwrap_or_else(dash),
            card.created.map_or_else(dash, |created| created.to_string()),
            if channels.is_empty() {
                dash()
            } else {
                channels.join(", ")
            },
        ]);
    }
    Ok(format!("{}{under_way}", table(&rows)))
}

/// A line for each, below what there is.
fn under_way_lines(builds: &[(ReleaseId, Card)]) -> String {
    let line = |(_, card): &(ReleaseId, Card)| {
        let (state, since) = (card.state?, card.created?);
        Some(format!(
            "\n{} is no release yet: {}.",
            card.title(),
            under_way(state, since)
        ))
    };
    builds.iter().filter_map(line).collect()
}

/// Where the images of releases are.
pub(crate) async fn places(hub: &Hub, word: &str, format: Format) -> Result<String, Failure> {
    let (_, record, releases) = found(hub, word).await?;
    let mut rows = vec![["RELEASE", "ACCOUNT", "REGION", "IMAGE", "STATE", "MADE", "NAME"].map(str::to_owned)];
    let mut told = Vec::new();
    let cards = record.cards(&releases).await?;
    for release in releases {
        let card = cards.get(&release);
        let titled = Titled::of(release, card);
        let is_build = card.is_none_or(|card| matches!(card.name, CanonicalName::Build(_)));
        for placement in record.placements(release).await? {
            rows.push([
                titled.title.clone(),
                placement.target.account().to_string(),
                placement.target.region().to_string(),
                placement.ami.to_string(),
                placement.told().to_owned(),
                String::from(match (placement.managed, is_build) {
                    (true, true) => "by us",
                    (true, false) => "adopted",
                    (false, _) => "by hand",
                }),
                placement.name.clone(),
            ]);
            told.push(Shown::Placed {
                titled: titled.clone(),
                placement,
            });
        }
        for container in record.containers(release).await? {
            rows.push([
                titled.title.clone(),
                container.target.account().to_string(),
                container.target.region().to_string(),
                container.image.clone(),
                container.state.to_string(),
                String::from("by us"),
                container.tags.iter().cloned().collect::<Vec<_>>().join(", "),
            ]);
            told.push(Shown::Contained {
                titled: titled.clone(),
                container,
            });
        }
    }
    if format == Format::Json {
        return Ok(json::text(told));
    }
    Ok(if rows.len() == 1 {
        String::from("The record has no image of it.")
    } else {
        table(&rows)
    })
}

/// What was heard of releases, oldest first.
pub(crate) async fn history(hub: &Hub, word: &str, format: Format) -> Result<String, Failure> {
    let mut heard = Vec::new();
    // An image's id could be a family's name, too.
    let family = word
        .parse::<FamilyName>()
        .ok()
        .filter(|_| word.parse::<AmiId>().is_err());
    let (record, releases) = if let Some(family) = family {
        let (_, record) = hub.open().await?;
        // Of a family without a release there may be much to tell: why there is none.
        heard.extend(named(None, family.as_str(), record.journal_of_family(&family).await?));
        let left_off = record.left_off_of(&family).await?;
        let under_way = record.under_way_of(&family).await?;
        let is_any_known = !heard.is_empty() || !left_off.is_empty() || !under_way.is_empty();
        let releases = match releases_of(&record, &family).await {
            Err(Failure::Mistake(_)) if is_any_known => Vec::new(),
            releases => releases?,
        };
        let latest = left_off.len().saturating_sub(MOST_LEFT_OFF);
        let mut releases = newest_of(releases);
        for (release, card) in left_off.iter().skip(latest).chain(&under_way) {
            heard.extend(build_entry(*release, card));
            releases.insert(*release);
        }
        (record, releases)
    } else {
        let (_, record, releases) = found(hub, word).await?;
        (record, releases)
    };
    for (release, Titled { title, .. }) in titles(&record, &releases).await? {
        heard.extend(named(Some(release), &title, record.journal(release).await?));
    }
    if format == Format::Json {
        return Ok(json::text(heard));
    }
    let mut rows = vec![["RELEASE", "AT", "HEARD"].map(str::to_owned)];
    rows.extend(
        heard
            .into_iter()
            .map(|Heard { title, entry, .. }| [title, entry.at.to_string(), entry.heard]),
    );
    Ok(if rows.len() == 1 {
        String::from("Nothing was heard of it: the sweep found it.")
    } else {
        table(&rows)
    })
}

/// Where releases came from, and what came from them.
pub(crate) async fn lineage(
    hub: &Hub,
    word: &str,
    way: Way,
    depth: Option<u16>,
    format: LineageFormat,
) -> Result<String, Failure> {
    let (_, record, releases) = found(hub, word).await?;
    let depth = depth.unwrap_or(ALL_THE_WAY);
    let span = match way {
        Way::Up => Span { up: depth, down: 0 },
        Way::Down => Span { up: 0, down: depth },
        Way::Both => Span { up: depth, down: depth },
    };
    let now = hub.now()?;
    let graph = record.lineage(&releases, span, now).await?;
    Ok(match format {
        LineageFormat::Tree => graph.tree(),
        LineageFormat::Mermaid => graph.mermaid(),
        LineageFormat::Json => json::text(graph),
        LineageFormat::Html => page(&record, word, &graph, now).await?,
    })
}

/// Compares the index of all lineages with the edges, and sets it right where that is asked for.
pub(crate) async fn rebuild(hub: &Hub, write: bool) -> Result<Said, Failure> {
    let (_, record) = hub.open().await?;
    let mut held = record.whole_lineage().await?;
    let mut differences = compare(&held);
    if differences.count() > 0 {
        // A long look may see an edge's pairs and not yet the edge that somebody is writing.
        held = record.whole_lineage().await?;
        differences = differences.agreed(&compare(&held));
    }
    let (edges, pairs) = (held.edges.len(), held.at_descendants.len());
    let count = differences.count();
    if count == 0 {
        return Ok(Said::from(format!(
            "The index is right: {pairs} pairs of {edges} edges, on both sides."
        )));
    }
    if write {
        record.set_right(&differences).await?;
        return Ok(Said::from(format!(
            "Set right: {count} items of the index of {edges} edges."
        )));
    }
    let text = format!(
        "{:#}\n\n{count} items of the index are not as its {edges} edges say: `steward lineage rebuild --write` sets them right.",
        json!(differences)
    );
    Ok(Said::new(&text, false))
}

/// Who asks, the record, and the releases that a word means.
pub(crate) async fn found(hub: &Hub, word: &str) -> Result<(Caller, Record, BTreeSet<ReleaseId>), Failure> {
    let (caller, record) = hub.open().await?;
    let releases = find(&record, caller.hub, word).await?;
    Ok((caller, record, releases))
}

fn dash() -> String {
    String::from("-")
}
