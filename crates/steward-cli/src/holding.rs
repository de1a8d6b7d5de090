//! Keeping an image until a time, whatever the rules say; and no longer.

use std::collections::{BTreeMap, BTreeSet};

use steward::lineage::{Card, Lifted};
use steward::{AmiId, AmiState, BuildState, FamilyName, ReleaseId, Timestamp, plural};
use steward_aws::{HeldPlacement, Hold, Record};

use crate::failure::Failure;
use crate::given;
use crate::hub::Hub;
use crate::pruning::{around, comes_back, plan_soon};
use crate::releases::found;
use crate::terminal::{agreed, one_line};
use crate::verdicts::hear;
use crate::word::{parse, reason, until};

/// A hold that is to end, on an image of a release.
type Holding = (ReleaseId, Hold);

/// Keeps an image until a time; or no longer, where none is given.
pub(crate) async fn hold(hub: &Hub, given: &given::Hold) -> Result<String, Failure> {
    let given::Hold {
        what,
        until,
        end: _,
        of,
        because,
        yes,
    } = given;
    let why = reason(because)?;
    match until {
        Some(until) => keep(hub, what, until, why).await,
        None => end(hub, what, of.as_deref(), why, *yes).await,
    }
}

async fn keep(hub: &Hub, word: &str, end: &str, why: String) -> Result<String, Failure> {
    let ami: AmiId = parse(word, "image")?;
    let at = hub.now()?;
    let until = until(end, at)?;
    let (caller, record) = hub.open().await?;
    let releases = record.releases_with(ami).await?;
    if releases.is_empty() {
        return Err(Failure::Mistake(format!(
            "{ami} is an image of no release in the record."
        )));
    }
    let placed = placed(&record, &releases, ami).await?;
    let cards = record.cards(&releases).await?;
    let gone = gone(&placed).map(|image| {
        let since = image.since.unwrap_or(image.seen);
        format!("{ami} is gone, since {since}, and no hold brings it back: `steward restore {ami}` does where a Recycle Bin holds it.")
    });
    let has_build = |card: &Card| card.state.is_some_and(|state| state != BuildState::Deleted);
    if let Some(gone) = &gone
        && !cards.values().any(has_build)
    {
        return Err(Failure::Mistake(gone.clone()));
    }
    let hold = Hold {
        ami,
        who: caller.arn,
        why,
        at,
        until,
        ended: None,
    };
    for release in &releases {
        record.hold(*release, &hold).await?;
    }
    let families: BTreeSet<FamilyName> = cards.into_values().filter_map(|card| card.family).collect();
    let acts = plan_soon(&record, &families, at).await?;
    if let Some(gone) = gone {
        return Ok(format!(
            "{gone} What else there is of its release stays until {until}, Image Builder's image among it."
        ));
    }
    let is_down = |image: &HeldPlacement| image.state == AmiState::Disabled || image.deprecated.is_some();
    match placed.iter().find(|image| is_down(image)) {
        None => Ok(format!("{ami} stays until {until}.")),
        Some(image) => Ok(format!(
            "{ami} stays until {until}. It is {}. {}",
            image.told(),
            comes_back(acts, around(&record).await?.switch())
        )),
    }
}

/// An image, as the releases have it that it is of.
async fn placed(record: &Record, releases: &BTreeSet<ReleaseId>, ami: AmiId) -> Result<Vec<HeldPlacement>, Failure> {
    let mut placed = Vec::new();
    for release in releases {
        placed.extend(record.placements(*release).await?);
    }
    placed.retain(|placement| placement.ami == ami);
    Ok(placed)
}

/// An image that is gone, as far as anybody knows of it.
fn gone(placed: &[HeldPlacement]) -> Option<&HeldPlacement> {
    let is_gone = |image: &HeldPlacement| image.state == AmiState::Deregistered;
    placed.first().filter(|_| placed.iter().all(is_gone))
}

/// Ends a hold before its time: on an image, or on all of a release.
async fn end(hub: &Hub, word: &str, of: Option<&str>, why: String, yes: bool) -> Result<String, Failure> {
    let of = of.map(|of| parse::<Timestamp>(of, "--of")).transpose()?;
    let (caller, record, releases) = found(hub, word).await?;
    let now = hub.now()?;
    let holding = holding(&record, &releases, word.parse().ok(), now).await?;
    let (wanted, others): (Vec<Holding>, Vec<Holding>) = holding
        .into_iter()
        .partition(|(_, hold)| of.is_none_or(|of| of == hold.at));
    if wanted.is_empty() {
        let which = of.map(|of| format!(" since {of}")).unwrap_or_default();
        return Err(Failure::Mistake(format!(
            "nobody holds {word}{which}: there is nothing to end."
        )));
    }
    let several = by_moment(&wanted);
    if several.len() > 1 {
        let lines: Vec<String> = several
            .iter()
            .map(|(at, said)| format!("  --of {at}  {said}"))
            .collect();
        return Err(Failure::Mistake(format!(
            "{word} is held more than once; nothing was done. Say which:\n{}",
            lines.join("\n")
        )));
    }
    let images: BTreeSet<AmiId> = wanted.iter().map(|(_, hold)| hold.ami).collect();
    let count = images.len();
    let said: Vec<String> = several.into_values().collect();
    let what = format!(
        "This ends the hold on {count} image{} of {word}: {}. From now on the rules decide of it, and its waits begin anew.",
        plural(count),
        said.join("; ")
    );
    agreed(yes, &what)?;
    let ended = Lifted {
        who: caller.arn,
        why,
        at: hub.now()?,
    };
    for (release, hold) in &wanted {
        if record.end_hold(*release, hold, &ended).await? {
            let Hold {
                ami,
                who,
                why,
                at,
                until,
                ended: _,
            } = hold;
            let says = format!(
                "{} ended what {who} held until {until} of {ami} ({why}): {}",
                ended.who, ended.why
            );
            let event = format!("hold#ended#{ami}#{at}");
            hear(&record, *release, (event, says), ended.at).await?;
        }
    }
    let mut lines = vec![format!("Ended: the hold on {count} image{} of {word}.", plural(count))];
    lines.extend(
        by_moment(&others)
            .into_values()
            .map(|said| format!("Still held {said}.")),
    );
    Ok(lines.join("\n"))
}

/// The holds that are neither past nor ended: of an image, or of all of these releases.
async fn holding(
    record: &Record,
    releases: &BTreeSet<ReleaseId>,
    only: Option<AmiId>,
    now: Timestamp,
) -> Result<Vec<Holding>, Failure> {
    let mut holding = Vec::new();
    for release in releases {
        let holds = record.holds(*release).await?.into_iter();
        let holds = holds.filter(|hold| now < hold.end() && only.is_none_or(|only| only == hold.ami));
        holding.extend(holds.map(|hold| (*release, hold)));
    }
    Ok(holding)
}

/// What was said at once is one hold, however many images it is of.
fn by_moment(holding: &[Holding]) -> BTreeMap<Timestamp, String> {
    let said = |hold: &Hold| one_line(&format!("until {} by {}: {}", hold.end(), hold.who, hold.why));
    holding.iter().map(|(_, hold)| (hold.at, said(hold))).collect()
}
