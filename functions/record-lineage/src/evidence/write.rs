//! What changed since the last run, and nothing else.

use std::collections::BTreeMap;

use futures_util::stream::{StreamExt as _, iter};
use steward::evidence::{KeptUse, Readings, Source, SourceRun, Unread, Uses, standings};
use steward::{AmiId, Target};
use steward_aws::{Kept, KeptReports, Problem};

use super::gather::Ours;
use crate::Room;

/// So many writes at a time.
const AT_ONCE: usize = 16;

/// What became of a target's uses.
pub(crate) struct Changed {
    /// How many of them are new, changed or gone.
    pub(crate) changed: usize,
    /// Whether any is left that says who uses an image there.
    pub(crate) any: bool,
}

/// Writes what the sources say of images of ours, where it is not what they said before.
pub(crate) async fn write_uses(
    room: &Room,
    target: Target,
    readings: &Readings,
    joined: &BTreeMap<Source, Result<Uses, Unread>>,
    runs: &[SourceRun],
    ours: Ours<'_>,
) -> Result<Changed, Problem> {
    let before = room.record.uses_in(target).await?;
    let now = said_now(readings, joined, ours);
    let as_of = |source: Source| runs.iter().find(|run| run.source == source).map(|run| run.as_of);
    // A list that could not be read, or that nobody believes, takes nothing away.
    let may_forget = |source: Source| {
        let believed = |run: &SourceRun| run.source == source && run.is_believed();
        runs.iter().any(believed)
    };
    let mut changed = Vec::new();
    for (key, kept) in &now {
        let held = before.get(key).cloned().flatten();
        let Some(as_of) = as_of(key.0) else { continue };
        if held == Some(kept.digest()) {
            continue;
        }
        // What is not believed only adds.
        let known = if before.contains_key(key) && !may_forget(key.0) {
            room.record.kept_use(target, *key).await?
        } else {
            None
        };
        let kept = known.map_or_else(|| kept.clone(), |known| known.with(kept));
        if held != Some(kept.digest()) {
            changed.push((*key, kept, as_of));
        }
    }
    let writes = changed
        .iter()
        .map(|(key, kept, as_of)| room.record.put_use(target, *key, kept, *as_of));
    let written = all(writes).await?;
    let gone: Vec<_> = before
        .keys()
        .filter(|key| !now.contains_key(*key) && may_forget(key.0))
        .collect();
    let drops = gone.iter().map(|key| room.record.drop_use(target, **key));
    let dropped = all(drops).await?;
    // How an account sees an image is no use of it, and what reports tell is of other accounts.
    let is_use = |(source, _): &&(Source, AmiId)| !matches!(source, Source::Images | Source::Reports);
    let stays = before.keys().filter(|key| !gone.contains(key));
    let any = now.keys().chain(stays).any(|key| is_use(&key));
    Ok(Changed {
        changed: written + dropped,
        any,
    })
}

/// Ends every write, and then says whether one failed: one that is left in the middle is only mended by the next run.
async fn all(writes: impl IntoIterator<Item = impl Future<Output = Result<(), Problem>>>) -> Result<usize, Problem> {
    let ended: Vec<Result<(), Problem>> = iter(writes).buffer_unordered(AT_ONCE).collect().await;
    let count = ended.len();
    ended.into_iter().collect::<Result<Vec<()>, Problem>>()?;
    Ok(count)
}

/// What every source that was read says of images of ours.
fn said_now(
    readings: &Readings,
    joined: &BTreeMap<Source, Result<Uses, Unread>>,
    ours: Ours<'_>,
) -> BTreeMap<(Source, AmiId), Kept> {
    let mut said = BTreeMap::new();
    for (source, uses) in joined.iter().filter(|(source, _)| **source != Source::Reports) {
        for (ami, references) in uses.iter().flat_map(|uses| &uses.of) {
            // A parameter may name the images of every Region, for whoever reads it there.
            let known = if *source == Source::Parameters {
                ours.anywhere
            } else {
                ours.here
            };
            if known.contains(ami) {
                said.insert((*source, *ami), Kept::Use(KeptUse::of(references)));
            }
        }
    }
    for image in readings.images.iter().flatten() {
        said.insert((Source::Images, image.ami), Kept::Image(image.clone()));
    }
    for (ami, kept) in reported_now(readings, joined) {
        said.insert((Source::Reports, ami), Kept::Reports(kept));
    }
    said
}

/// What usage reports say, and how they stand: that one shows nothing is as good to know as what it shows.
fn reported_now(readings: &Readings, joined: &BTreeMap<Source, Result<Uses, Unread>>) -> BTreeMap<AmiId, KeptReports> {
    let mut kept: BTreeMap<AmiId, KeptReports> = BTreeMap::new();
    let reports = readings.reports.iter().flat_map(|seen| standings(&seen.reports));
    for (ami, standing) in reports {
        kept.entry(ami).or_default().standing = Some(standing);
    }
    let uses = joined.get(&Source::Reports).into_iter().flatten();
    for (ami, references) in uses.flat_map(|uses| &uses.of) {
        kept.entry(*ami).or_default().usage = Some(KeptUse::of(references));
    }
    kept
}
