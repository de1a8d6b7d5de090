//! A family's channels: what they point to and wait for, what moved them, and moves by hand.

use std::collections::BTreeSet;

use serde::Serialize;
use steward::channels::{
    ChannelHeld, Moved, Mover, Pointed, Promised, Refusal, ReleaseSeen, Wait, decide_promotion, decide_rollback,
    newest_of,
};
use steward::manifest::Manifest;
use steward::publication::{Published, Readers, is_left};
use steward::{ChannelName, FamilyName, OwnEvent, ReleaseId, ReleaseName, Target, Timestamp, Words, plural, table};
use steward_aws::{Caller, HeldFamily, Record};

use crate::arguments::Format;
use crate::failure::Failure;
use crate::given::{Promote, Rollback};
use crate::hub::Hub;
use crate::json;
use crate::requests;
use crate::terminal::{agreed, one_line};
use crate::thing::{near, releases_of};
use crate::titled::{Titled, listed, titles};
use crate::word::{self, reason};

/// A family as it is asked for: the manifest that holds, its releases and channels.
pub(crate) struct Asked {
    pub(crate) manifest: Manifest,
    pub(crate) held: HeldFamily,
    pub(crate) releases: Vec<ReleaseSeen>,
}

/// A channel, for programs.
#[derive(Serialize)]
struct Shown {
    channel: ChannelName,
    /// Where it is; none: it points to nothing yet.
    now: Option<ShownMove>,
    /// What it waits for, or what is wrong with where it is.
    waits: Vec<String>,
    /// Whether a person must do something.
    holds: bool,
}

/// A move of a channel, for programs.
#[derive(Serialize)]
struct ShownMove {
    #[serde(flatten)]
    moved: Moved,
    releases: Vec<Titled>,
}

/// Where channels are published, for programs.
#[derive(Serialize)]
struct ShownTarget {
    target: Target,
    /// Whether nothing is to be published there any more: what was stays.
    left: bool,
    #[serde(flatten)]
    published: Published,
}

/// All of it.
#[derive(Serialize)]
struct ShownFamily {
    channels: Vec<Shown>,
    published: Vec<ShownTarget>,
}

/// Lists what each channel of a family points to, what it waits for, and where that is published; or what moved one.
pub(crate) async fn channels(
    hub: &Hub,
    family: &str,
    channel: Option<&str>,
    format: Format,
) -> Result<String, Failure> {
    let family: FamilyName = word::parse(family, "family name")?;
    let (caller, record) = hub.open().await?;
    match channel {
        Some(channel) => history(&record, &family, channel, format).await,
        None => standing((caller.hub, &record), &family, hub.now()?, format).await,
    }
}

async fn standing(
    (home, record): (Target, &Record),
    family: &FamilyName,
    at: Timestamp,
    format: Format,
) -> Result<String, Failure> {
    let mut asked = asked(record, family).await?;
    let plan = record.plan_channels(&asked.manifest, &asked.held, &mut asked.releases, at);
    let plan = plan.await?;
    let names: BTreeSet<&ChannelName> = asked
        .manifest
        .channels
        .keys()
        .chain(asked.held.channels.keys())
        .collect();
    let mut shown = Vec::new();
    for name in names {
        let now = asked.held.channels.get(name).and_then(ChannelHeld::now);
        let now = match now {
            None => None,
            Some(moved) => Some(show(record, moved).await?),
        };
        let waits = plan.waits.get(name).map(Vec::as_slice).unwrap_or_default();
        let moves = plan
            .moves
            .get(name)
            .map(|moved| format!("moves with the next sweep: {}", moved.why));
        let left = (!asked.manifest.channels.contains_key(name))
            .then(|| String::from("is not in the manifest any more, and moves no more"));
        let request = requests::line(record, &asked, name, at).await?;
        shown.push(Shown {
            channel: name.clone(),
            now,
            waits: waits
                .iter()
                .map(ToString::to_string)
                .chain(moves)
                .chain(left)
                .chain(request)
                .collect(),
            holds: waits.iter().any(Wait::is_alarm),
        });
    }
    let audience = record.audience(family).await?;
    let readers = audience.as_ref().and_then(|held| {
        Some(Readers {
            audience: held.known_readers()?,
            owners: &held.owners,
        })
    });
    let published = record.published(family).await?.into_iter();
    let published = published.map(|(target, published)| ShownTarget {
        target,
        left: is_left(&asked.manifest, home, readers, target),
        published,
    });
    let published: Vec<ShownTarget> = published.collect();
    if format == Format::Json {
        return Ok(json::text(ShownFamily {
            channels: shown,
            published,
        }));
    }
    if shown.is_empty() {
        return Ok(format!("The manifest of {family} has no channels."));
    }
    Ok([Some(pointed(&shown)), spread(&published)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("\n\n"))
}

/// A line a channel and architecture, and what they wait for.
fn pointed(shown: &[Shown]) -> String {
    let mut rows = vec![["CHANNEL", "ARCHITECTURE", "RELEASE", "SINCE", "BY"].map(str::to_owned)];
    let mut said = Vec::new();
    for Shown {
        channel,
        now,
        waits,
        holds,
    } in shown
    {
        let dash = || String::from("-");
        match now {
            None => rows.push([channel.to_string(), dash(), dash(), dash(), dash()]),
            Some(ShownMove { moved, releases }) => rows.extend(releases.iter().map(|titled| {
                [
                    channel.to_string(),
                    titled
                        .architecture
                        .map_or_else(dash, |architecture| architecture.to_string()),
                    titled.title.clone(),
                    moved.at.to_string(),
                    by(&moved.by),
                ]
            })),
        }
        let mark = if *holds { "!" } else { "·" };
        said.extend(waits.iter().map(|wait| format!("{mark} {channel}: {}", one_line(wait))));
    }
    let table = table(&rows);
    if said.is_empty() {
        table.trim_end().to_owned()
    } else {
        format!("{}\n\n{}", table.trim_end(), said.join("\n"))
    }
}

/// How many targets have them, what is wrong in the others, and in how many they are published no more.
fn spread(shown: &[ShownTarget]) -> Option<String> {
    if shown.is_empty() {
        return None;
    }
    let (left, wanted): (Vec<_>, Vec<_>) = shown.iter().partition(|shown| shown.left);
    let settled = wanted.iter().filter(|shown| shown.published.settled).count();
    let mut lines = Vec::new();
    if !wanted.is_empty() {
        lines.push(format!(
            "Published as they should be in {settled} of {} targets.",
            wanted.len()
        ));
    }
    if !left.is_empty() {
        lines.push(format!(
            "Not published any more in {} target{}, where what was written stays.",
            left.len(),
            plural(left.len())
        ));
    }
    for ShownTarget {
        target,
        left: _,
        published,
    } in shown
    {
        let found = published.findings.iter();
        lines.extend(found.map(|finding| format!("! {target}: {finding}")));
        lines.extend(published.notes.iter().map(|note| format!("· {target}: {note}")));
    }
    Some(lines.join("\n"))
}

async fn history(record: &Record, family: &FamilyName, channel: &str, format: Format) -> Result<String, Failure> {
    let Asked { manifest, held, .. } = asked(record, family).await?;
    let channel = known(&manifest, &held, channel)?;
    let mut shown = Vec::new();
    for moved in record.moves_of(family, &channel).await? {
        shown.push(show(record, &moved).await?);
    }
    if format == Format::Json {
        return Ok(json::text(shown));
    }
    if shown.is_empty() {
        return Ok(format!("{channel} of {family} points to nothing yet."));
    }
    let mut rows = vec![["MOVE", "WHEN", "TO", "BY", "WHY"].map(str::to_owned)];
    for ShownMove { moved, releases } in &shown {
        rows.push([
            moved.number.to_string(),
            moved.at.to_string(),
            listed(releases),
            by(&moved.by),
            format!(
                "{}{}",
                if moved.backward { "back: " } else { "" },
                one_line(moved.why.as_str())
            ),
        ]);
    }
    Ok(table(&rows))
}

/// Moves a channel to a release.
pub(crate) async fn promote(hub: &Hub, given: &Promote) -> Result<String, Failure> {
    let Promote {
        release,
        to,
        because,
        force,
        yes,
        wait,
    } = given;
    let name: ReleaseName = word::parse(release, "release")?;
    let why = reason(because)?;
    let (caller, record) = hub.open().await?;
    let mut asked = asked(&record, name.family()).await?;
    let channel = known(&asked.manifest, &asked.held, to)?;
    let now = hub.now()?;
    let facts = asked.held.facts(&asked.manifest, &asked.releases, now);
    let wanted = newest_of(facts, name.version(), name.build());
    if wanted.is_empty() {
        let known = releases_of(&record, name.family()).await?;
        let known = known.iter().map(|(_, card)| card.title()).collect();
        let near = near(release, known, "releases").unwrap_or_default();
        return Err(Failure::Mistake(format!("there is no release {release}{near}.")));
    }
    record.mark_revoked(&mut asked.releases, &wanted, now).await?;
    let facts = asked.held.facts(&asked.manifest, &asked.releases, now);
    let promised = decide_promotion(facts, &channel, &wanted, *force, caller.arn.clone(), Words::from(why));
    carry_out((&caller, &record), &asked, &channel, promised, (*yes, *wait)).await
}

/// Moves a channel back to where it was.
pub(crate) async fn rollback(hub: &Hub, given: &Rollback) -> Result<String, Failure> {
    let Rollback {
        family,
        channel,
        to,
        because,
        yes,
        wait,
    } = given;
    let family: FamilyName = word::parse(family, "family name")?;
    let why = reason(because)?;
    let (caller, record) = hub.open().await?;
    let mut asked = asked(&record, &family).await?;
    let channel = known(&asked.manifest, &asked.held, channel)?;
    if to.is_some() {
        // Far back, beyond what is kept with the channel.
        let history = record.moves_of(&family, &channel).await?;
        asked.held.channels.insert(channel.clone(), ChannelHeld { history });
    }
    let now = hub.now()?;
    let before = asked.held.channels.get(&channel).map(|held| held.history.as_slice());
    let once = before
        .unwrap_or_default()
        .iter()
        .flat_map(|moved| moved.to.values().copied())
        .collect();
    record.mark_revoked(&mut asked.releases, &once, now).await?;
    let facts = asked.held.facts(&asked.manifest, &asked.releases, now);
    let promised = decide_rollback(facts, &channel, *to, caller.arn.clone(), Words::from(why));
    carry_out((&caller, &record), &asked, &channel, promised, (*yes, *wait)).await
}

async fn carry_out(
    (caller, record): (&Caller, &Record),
    asked: &Asked,
    channel: &ChannelName,
    promised: Result<Promised, Refusal>,
    (yes, wait): (bool, bool),
) -> Result<String, Failure> {
    let promised = promised.map_err(|refusal| Failure::Mistake(format!("nothing was moved: {refusal}.")))?;
    let moved = match promised {
        Promised::Move(moved) => moved,
        Promised::Restore(request) => return requests::ask(record, asked, channel, request, (yes, wait)).await,
    };
    let family = &asked.manifest.family;
    let before = asked.held.channels.get(channel);
    let to = called(record, &moved.to).await?;
    let from = match before.and_then(ChannelHeld::now) {
        None => String::from("nothing"),
        Some(now) => called(record, &now.to).await?,
    };
    let way = if moved.backward { "back " } else { "" };
    agreed(
        yes,
        &format!("This moves {channel} of {family} {way}from {from} to {to}."),
    )?;
    if !record.move_channel(family, (channel, before), None, &moved).await? {
        return Err(Failure::Mistake(format!(
            "nothing was moved: {channel} of {family} was moved by somebody else a moment ago. `steward channels {family}` says where it is."
        )));
    }
    let event = OwnEvent::ChannelMoved {
        family: family.clone(),
        channel: channel.clone(),
        releases: moved.to.clone(),
        number: moved.number,
    };
    // Told or not: the next sweep publishes it.
    let when = match caller.bus().tell(&event).await {
        Ok(()) => "within minutes",
        Err(_) => "with the next sweep",
    };
    Ok(format!(
        "{channel} of {family} points to {to}. It is published {when}, once its readers see it."
    ))
}

/// The manifest of a family that holds, and its number.
pub(crate) async fn holding(record: &Record, family: &FamilyName) -> Result<(Manifest, u32), Failure> {
    let Some(holding) = record.holding(family).await? else {
        // A name that no family has gets the near ones.
        releases_of(record, family).await?;
        return Err(Failure::Mistake(format!(
            "no manifest of {family} holds: `steward apply` stores one."
        )));
    };
    let manifest = holding
        .manifest
        .map_err(|unreadable| Failure::Mistake(format!("{unreadable}.")))?;
    Ok((manifest, holding.version))
}

/// The manifest that holds, and all that there is of the family.
pub(crate) async fn asked(record: &Record, family: &FamilyName) -> Result<Asked, Failure> {
    let (manifest, number) = holding(record, family).await?;
    let held = record.family(family).await?;
    let audience = record.audience(family).await?;
    let by = (&manifest.distribute, number);
    let releases = record.releases_seen(&held, by, audience.as_ref()).await?;
    Ok(Asked {
        manifest,
        held,
        releases,
    })
}

/// The channel that a word means; a wrong one is answered with those there are.
pub(crate) fn known(manifest: &Manifest, held: &HeldFamily, word: &str) -> Result<ChannelName, Failure> {
    let channel: ChannelName = word::parse(word, "channel name")?;
    if manifest.channels.contains_key(&channel) || held.channels.contains_key(&channel) {
        return Ok(channel);
    }
    let names = manifest.channels.keys().map(ToString::to_string).collect();
    let near = near(word, names, "channels").unwrap_or_else(|| String::from(": its manifest has no `channels`"));
    Err(Failure::Mistake(format!(
        "{} has no channel {channel}{near}.",
        manifest.family
    )))
}

async fn show(record: &Record, moved: &Moved) -> Result<ShownMove, Failure> {
    let releases: BTreeSet<ReleaseId> = moved.to.values().copied().collect();
    let titles = titles(record, &releases).await?;
    Ok(ShownMove {
        moved: moved.clone(),
        releases: moved
            .to
            .values()
            .filter_map(|release| titles.get(release).cloned())
            .collect(),
    })
}

async fn called(record: &Record, to: &Pointed) -> Result<String, Failure> {
    let releases: BTreeSet<ReleaseId> = to.values().copied().collect();
    Ok(listed(titles(record, &releases).await?.values()))
}

fn by(mover: &Mover) -> String {
    match mover {
        Mover::Itself => String::from("itself"),
        Mover::Person(who) => who.clone(),
    }
}
