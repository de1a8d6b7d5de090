//! What a release would set off below it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use steward::building::{IfParent, Named, ShownForeseen, ShownRelease, ShownStaying, ShownWave};
use steward::lineage::Card;
use steward::{Architecture, BuildState, ParentImage, ReleaseId, Target, Timestamp, Words};
use steward_aws::{Record, foresee};

use crate::arguments::Format;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::json;
use crate::pruning::all_manifests;
use crate::said::Said;
use crate::terminal::one_line;
use crate::thing;

/// It, for programs.
#[derive(Serialize)]
struct Shown {
    releases: Vec<ShownRelease>,
    waves: Vec<ShownWave>,
    stay: Vec<ShownStaying>,
    /// What could not be read: the lines that it is of may be left out.
    unread: Vec<Words>,
}

/// Shows what would be built if the channels of its family named a release.
pub(crate) async fn show(hub: &Hub, word: &str, at_once: u16, format: Format) -> Result<Said, Failure> {
    let (caller, record) = hub.open().await?;
    let now = hub.now()?;
    let parent = Box::pin(meant(&record, caller.hub, word, now)).await?;
    let manifests = all_manifests(&record, None).await?;
    let at_hub = caller.at_hub();
    let asked = (manifests.as_slice(), &parent);
    let (foreseen, problems) = Box::pin(foresee(&record, &at_hub, asked, at_once.into(), now)).await;
    let right = problems.is_empty() && foreseen.is_clear();
    let problems = problems.iter().map(ToString::to_string);
    Ok(match format {
        Format::Text => {
            let problems = problems.map(|problem| format!("! {}", one_line(&problem)));
            let text: Vec<String> = std::iter::once(foreseen.text()).chain(problems).collect();
            Said::new(&text.join("\n"), right)
        }
        Format::Json => {
            let ShownForeseen { releases, waves, stay } = foreseen.shown();
            let shown = Shown {
                releases,
                waves,
                stay,
                unread: problems.map(Words::from).collect(),
            };
            Said::new(&json::text(&shown), right)
        }
    })
}

/// The release that a word means, as channels name one: the newest build of each architecture, with its image in the hub.
async fn meant(record: &Record, hub: Target, word: &str, now: Timestamp) -> Result<IfParent, Failure> {
    let found = thing::find(record, hub, word).await?;
    let cards = record.cards(&found).await?;
    let Some(family) = cards.values().find_map(|card| card.family.clone()) else {
        return Err(Failure::Mistake(format!(
            "{word} is of no family of ours, so no channel can name it."
        )));
    };
    let known = record.releases_of(&family).await?;
    let all = known.iter().map(|(release, _)| *release).collect();
    let mut releases = BTreeMap::new();
    for (architecture, (release, card)) in newest(known, &found) {
        let image = usable(record, hub, (release, &card), now).await?;
        let says = Words::from(card.title());
        releases.insert(architecture, (Named { release, says }, image));
    }
    if releases.is_empty() {
        return Err(Failure::Mistake(format!(
            "{word} came to no release, so no channel can name it: `steward history {family}` says what became of it."
        )));
    }
    Ok(IfParent {
        family,
        releases,
        known: all,
    })
}

/// Of these the newest of each architecture that is a release: they come in their order.
fn newest(known: Vec<(ReleaseId, Card)>, meant: &BTreeSet<ReleaseId>) -> BTreeMap<Architecture, (ReleaseId, Card)> {
    let is_release = |card: &Card| !card.state.is_some_and(BuildState::left_off);
    let meant = known
        .into_iter()
        .filter(|(release, card)| meant.contains(release) && is_release(card));
    meant
        .filter_map(|(release, card)| Some((card.architecture?, (release, card))))
        .collect()
}

/// The image in the hub of a release that a channel can name.
async fn usable(
    record: &Record,
    hub: Target,
    (release, card): (ReleaseId, &Card),
    now: Timestamp,
) -> Result<ParentImage, Failure> {
    let title = card.title();
    if !record.causes(release, now).await?.is_empty() {
        return Err(Failure::Mistake(format!(
            "{title} is revoked, so no channel moves to it: `steward explain {title}` says why."
        )));
    }
    let placements = record.placements(release).await?;
    let mut here = placements
        .iter()
        .filter(|placed| placed.target == hub && !placed.state.is_gone());
    let placed = here
        .next()
        .ok_or_else(|| Failure::Mistake(format!("{title} has no image in {hub}, so nothing can be built on it.")))?;
    Ok(ParentImage::Ami(placed.ami))
}
