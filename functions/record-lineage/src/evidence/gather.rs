//! Which targets to gather from, and each of them by itself.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use steward::evidence::{Reached, Said, Source, SourceRun, Unread, Uses, evidence_targets, join};
use steward::manifest::{Manifest, ManifestFile};
use steward::{AmiId, Region, Target, Timestamp};
use steward_aws::{Acceptance, Problem};
use steward_lambda::Moment;

use super::read::{Read, read_target};
use super::write::write_uses;
use super::{EVERY, Gathered, ONE_TARGET};
use crate::Room;

/// So many targets are read side by side. Each has its own share of its own account's rates.
const SIDE_BY_SIDE: usize = 8;

/// Gathers from every target that is due, the one that waits longest first.
pub(crate) async fn gather(room: &Room, run: &str, moment: Moment) -> Result<Gathered, Problem> {
    let mut total = Gathered::default();
    let placed: BTreeSet<Target> = room.record.targets().await?.into_iter().collect();
    let manifests = manifests(room, &mut total).await?;
    let reached = evidence_targets(&placed, &manifests, room.aws.hub());
    let due = due(&reached, &room.record.gathered().await?, moment.now);
    let regions: BTreeSet<Region> = due.iter().map(|(target, _)| target.region()).collect();
    let known = known_images(room, &placed, &regions).await?;
    let nothing = BTreeSet::new();
    let parts = iter(due.into_iter().map(|(target, reached)| {
        let images = known.get(&target.region()).unwrap_or(&nothing);
        async move {
            if !moment.deadline.leaves(ONE_TARGET) {
                return Gathered {
                    unfinished: true,
                    ..Gathered::default()
                };
            }
            let part = Box::pin(gather_from(room, target, reached, images, run, moment.now)).await;
            // One target that cannot be written down must not hide the others.
            part.unwrap_or_else(|problem| Gathered {
                problems: vec![problem.to_string()],
                ..Gathered::default()
            })
        }
    }));
    let parts: Vec<Gathered> = parts.buffer_unordered(SIDE_BY_SIDE).collect().await;
    for part in parts {
        total.add(part);
    }
    total.problems.sort();
    total.unreachable.sort();
    Ok(total)
}

/// Every manifest that holds. One that cannot be read reaches nobody, and says so: what it should reach gets no younger.
async fn manifests(room: &Room, total: &mut Gathered) -> Result<Vec<Manifest>, Problem> {
    let mut manifests = Vec::new();
    for applied in room.record.all_applied().await? {
        let held = room.record.manifests(&applied.family).await?;
        let held = held.into_iter().find(|manifest| manifest.version == applied.version);
        let name = format!("{}.yaml", applied.family);
        let read = held.and_then(|held| ManifestFile::read(&name, held.text.as_bytes()).file);
        match read {
            Some(file) => manifests.push(file.manifest().clone()),
            None => total.problems.push(format!(
                "the manifest {} of {} in the record cannot be read; apply it again",
                applied.version, applied.family
            )),
        }
    }
    Ok(manifests)
}

/// The targets that are to be read again, the one that waits longest first.
fn due(
    reached: &BTreeMap<Target, Reached>,
    gathered: &BTreeMap<Target, Option<Timestamp>>,
    now: Timestamp,
) -> Vec<(Target, Reached)> {
    let last = |target: &Target| gathered.get(target).copied().flatten();
    let is_due = |target: &Target| {
        let due = last(target).and_then(|last| last.checked_add(EVERY));
        due.is_none_or(|due| due <= now)
    };
    let due = reached.iter().filter(|(target, _)| is_due(target));
    let mut due: Vec<(Target, Reached)> = due.map(|(target, reached)| (*target, *reached)).collect();
    due.sort_by_key(|(target, _)| last(target));
    due
}

/// The images of ours in these Regions, whoever owns them there.
async fn known_images(
    room: &Room,
    placed: &BTreeSet<Target>,
    regions: &BTreeSet<Region>,
) -> Result<BTreeMap<Region, BTreeSet<AmiId>>, Problem> {
    let there = placed.iter().filter(|target| regions.contains(&target.region()));
    let there = iter(there.map(|target| async move {
        let images = room.record.placed_in(*target).await?;
        Ok::<_, Problem>((target.region(), images))
    }));
    let there: Vec<_> = there.buffer_unordered(2 * SIDE_BY_SIDE).try_collect().await?;
    let mut known: BTreeMap<Region, BTreeSet<AmiId>> = BTreeMap::new();
    for (region, images) in there {
        known
            .entry(region)
            .or_default()
            .extend(images.iter().map(|placed| placed.ami));
    }
    Ok(known)
}

async fn gather_from(
    room: &Room,
    target: Target,
    reached: Reached,
    images: &BTreeSet<AmiId>,
    run: &str,
    now: Timestamp,
) -> Result<Gathered, Problem> {
    if !room.record.begin_gathering(target, run, now).await? {
        return Ok(Gathered {
            taken: 1,
            ..Gathered::default()
        });
    }
    let before = room.record.runs(target, now).await?;
    let accepted = room.record.accepted(target).await?;
    let Read { readings, unreachable } = read_target(room, target, &before, images).await?;
    let joined = join(&readings);
    let runs: Vec<SourceRun> = joined
        .iter()
        .map(|(source, uses)| run_of(*source, uses, now, &before, accepted.get(source)))
        .collect();
    let changed = write_uses(room, target, &readings, &joined, &runs, images).await?;
    // Last: what a run says was read is in the record.
    for run in &runs {
        room.record.write_run(target, run).await?;
    }
    room.record.end_gathering(target, run, now).await?;
    let mut outcome = Gathered {
        targets: 1,
        changed,
        ..Gathered::default()
    };
    if unreachable && reached == Reached::MayUse {
        outcome.unreachable.push(target.to_string());
    } else {
        outcome
            .problems
            .extend(runs.iter().filter_map(|run| problem(target, run)));
    }
    Ok(outcome)
}

/// What came of reading a source, judged by the runs before.
fn run_of(
    source: Source,
    uses: &Result<Uses, Unread>,
    now: Timestamp,
    before: &[SourceRun],
    accepted: Option<&Acceptance>,
) -> SourceRun {
    match uses {
        Ok(uses) => {
            let count = u64::try_from(uses.listed).unwrap_or(u64::MAX);
            SourceRun::complete(source, now, count, before, accepted.map(|accepted| accepted.run))
        }
        Err(why) => SourceRun {
            source,
            as_of: now,
            said: Said::Unread(why.clone()),
        },
    }
}

fn problem(target: Target, run: &SourceRun) -> Option<String> {
    let SourceRun { source, said, .. } = run;
    match said {
        Said::Complete(_) => None,
        Said::Implausible { count, usual } => Some(format!(
            "{source} of {target}: {count} listed where {usual} are usual; `steward evidence accept {target} {source}` if that is \
             true"
        )),
        Said::Unread(why) => Some(format!("{source} of {target}: {why}")),
    }
}
