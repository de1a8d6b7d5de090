//! Which targets to gather from, and each of them by itself.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use steward::evidence::{
    Asked, Expected, ImageSeen, Reached, Reaching, Readings, Said, Source, SourceRun, Unread, Uses, VersionsNamed,
    evidence_targets, join, reaches_beyond, unread_accounts, versions_named,
};
use steward::{AccountId, AmiId, AmiState, Region, ReleaseId, Target, TemplateId, Timestamp, Words};
use steward_aws::{FAMILY, GatheringEnd, Placed, Problem};
use steward_lambda::Moment;
use tokio::time::timeout;

use super::ask::ask_for_reports;
use super::bin::read_bin;
use super::families::{Family, families};
use super::read::read_target;
use super::write::{Changed, write_uses};
use super::{EVERY, Gathered, ONE_MOMENT, ONE_TARGET, SOON};
use crate::Room;

/// What is ours, as it matters in one target.
#[derive(Clone, Copy)]
pub(crate) struct Ours<'a> {
    /// Those of its Region, whoever owns them there.
    pub(crate) here: &'a BTreeSet<AmiId>,
    /// How many of those are still there, as the record has it.
    there: u64,
    /// Those of all Regions.
    pub(crate) anywhere: &'a BTreeSet<AmiId>,
    /// Those that it owns.
    pub(crate) owned: &'a [Placed],
    /// The releases that somebody may use where nobody can look.
    pub(crate) beyond: &'a BTreeSet<ReleaseId>,
    /// Its launch templates that follow families.
    pub(crate) following: &'a BTreeSet<TemplateId>,
}

impl Ours<'_> {
    /// Whether the target owns an image of ours that is still there.
    fn has_any(&self) -> bool {
        let mut owned = self.owned.iter();
        owned.any(|placed| placed.state != Some(AmiState::Deregistered))
    }
}

/// Those of these that carry our tag.
pub(crate) fn tagged(images: &[ImageSeen]) -> BTreeSet<AmiId> {
    let tagged = images.iter().filter(|image| image.tags.contains_key(FAMILY));
    tagged.map(|image| image.ami).collect()
}

/// So many targets are read side by side. Each has its own share of its own account's rates.
const SIDE_BY_SIDE: usize = 8;

/// So many of the targets that let nobody look are named.
const MOST_SAID: usize = 100;

/// Gathers from every target that is due: first those that own images, and of each kind the one that waits longest.
pub(crate) async fn gather(room: &Room, run: &str, moment: Moment) -> Result<Gathered, Problem> {
    let mut total = Gathered::default();
    let placed: BTreeSet<Target> = room.record.targets().await?.into_iter().collect();
    let asked = room.record.asked().await?;
    let gone = room.record.gone().await?;
    let families = families(room, &asked, &gone.closed, moment.now, &mut total).await?;
    let reaching: Vec<Reaching<'_>> = families.iter().map(Family::reaching).collect();
    let reached = evidence_targets(&placed, &reaching, room.aws.hub(), &gone);
    let due = due(&reached, &asked, moment.now);
    if !due.is_empty() {
        let asked = (&reached, &asked);
        total.add(gather_due(room, run, due, asked, (&placed, &families), moment).await?);
    }
    // Last: what nobody decides by any more is in nobody's way.
    let unreached = asked.keys().filter(|target| !reached.contains_key(*target));
    total.add(drop_unreached(room, run, unreached.copied().collect(), moment).await);
    total.problems.sort();
    Ok(total)
}

/// Gathers from these, side by side.
async fn gather_due(
    room: &Room,
    run: &str,
    due: Vec<(Target, Reached)>,
    (reached, asked): (&BTreeMap<Target, Reached>, &BTreeMap<Target, Asked>),
    (placed, families): (&BTreeSet<Target>, &[Family]),
    moment: Moment,
) -> Result<Gathered, Problem> {
    let unread = unread_accounts(reached, asked, moment.now);
    let beyond = releases_beyond(room, families, &unread).await?;
    let owned = owned_images(room, placed).await?;
    let known = known_images(&owned);
    let there = images_there(&owned);
    let anywhere: BTreeSet<AmiId> = known.values().flatten().copied().collect();
    let nothing = BTreeSet::new();
    let due: Vec<_> = due
        .into_iter()
        .map(|(target, reached)| {
            let following = families.iter().flat_map(|family| family.following(target));
            (target, reached, following.collect::<BTreeSet<TemplateId>>())
        })
        .collect();
    let parts = iter(due.iter().map(|(target, reached, following)| {
        let (target, reached) = (*target, *reached);
        let ours = Ours {
            here: known.get(&target.region()).unwrap_or(&nothing),
            there: there.get(&target.region()).copied().unwrap_or_default(),
            anywhere: &anywhere,
            owned: owned.get(&target).map_or(&[], Vec::as_slice),
            beyond: &beyond,
            following,
        };
        async move {
            if !moment.deadline.leaves(ONE_TARGET) {
                return Gathered {
                    unfinished: true,
                    ..Gathered::default()
                };
            }
            let part = Box::pin(gather_from(room, target, reached, ours, run, moment)).await;
            room.aws.leave(target);
            // One target that cannot be written down must not hide the others.
            part.unwrap_or_else(|problem| Gathered {
                problems: vec![problem.to_string()],
                ..Gathered::default()
            })
        }
    }));
    let parts: Vec<Gathered> = parts.buffer_unordered(SIDE_BY_SIDE).collect().await;
    let mut gathered = Gathered::default();
    for part in parts {
        gathered.add(part);
    }
    gathered.unreachable.sort();
    gathered.unreachable = at_most(gathered.unreachable);
    Ok(gathered)
}

/// Takes away what was gathered from targets that nobody reaches any more. Whoever reaches one again begins anew; what is usual
/// there stays known as long as runs are kept.
async fn drop_unreached(room: &Room, run: &str, unreached: Vec<Target>, moment: Moment) -> Gathered {
    let parts = iter(unreached.into_iter().map(|target| async move {
        let mut part = Gathered::default();
        if !moment.deadline.leaves(ONE_MOMENT) {
            part.unfinished = true;
            return part;
        }
        match room.record.drop_evidence(target, run, moment.now).await {
            Ok(dropped) => part.dropped = usize::from(dropped),
            Err(problem) => part.problems.push(problem.to_string()),
        }
        part
    }));
    let parts: Vec<Gathered> = parts.buffer_unordered(SIDE_BY_SIDE).collect().await;
    let mut dropped = Gathered::default();
    for part in parts {
        dropped.add(part);
    }
    dropped
}

/// So many are said by name: an audience may be thousands of accounts, in many Regions.
fn at_most(mut unreachable: Vec<String>) -> Vec<String> {
    if let Some(more @ 1..) = unreachable.len().checked_sub(MOST_SAID) {
        unreachable.truncate(MOST_SAID);
        unreachable.push(format!("{more} more"));
    }
    unreachable
}

/// The targets that are to be read again, those that own images first, then the one that waits longest.
fn due(reached: &BTreeMap<Target, Reached>, asked: &BTreeMap<Target, Asked>, now: Timestamp) -> Vec<(Target, Reached)> {
    let next = |target: &Target| asked.get(target).and_then(|asked| asked.next);
    let is_due = |target: &Target| next(target).is_none_or(|next| next <= now);
    let due = reached.iter().filter(|(target, _)| is_due(target));
    let mut due: Vec<(Target, Reached)> = due.map(|(target, reached)| (*target, *reached)).collect();
    due.sort_by_key(|(target, reached)| (*reached, next(target)));
    due
}

/// The releases that somebody may use in an account where nobody can look.
async fn releases_beyond(
    room: &Room,
    families: &[Family],
    unread: &BTreeSet<AccountId>,
) -> Result<BTreeSet<ReleaseId>, Problem> {
    let beyond = families
        .iter()
        .filter(|family| reaches_beyond(&family.reaching(), unread));
    let releases = iter(beyond.map(|family| room.record.all_of(&family.name)));
    let releases: Vec<Vec<ReleaseId>> = releases.buffer_unordered(2 * SIDE_BY_SIDE).try_collect().await?;
    Ok(releases.into_iter().flatten().collect())
}

/// The images of ours that each target owns.
async fn owned_images(room: &Room, placed: &BTreeSet<Target>) -> Result<BTreeMap<Target, Vec<Placed>>, Problem> {
    let there = iter(placed.iter().map(|target| async move {
        let images = room.record.placed_in(*target).await?;
        Ok::<_, Problem>((*target, images))
    }));
    there.buffer_unordered(2 * SIDE_BY_SIDE).try_collect().await
}

/// The same, Region by Region, whoever owns them there.
fn known_images(owned: &BTreeMap<Target, Vec<Placed>>) -> BTreeMap<Region, BTreeSet<AmiId>> {
    let mut known: BTreeMap<Region, BTreeSet<AmiId>> = BTreeMap::new();
    for (target, images) in owned {
        let known = known.entry(target.region()).or_default();
        known.extend(images.iter().map(|placed| placed.ami));
    }
    known
}

/// How many of them are still there, Region by Region.
fn images_there(owned: &BTreeMap<Target, Vec<Placed>>) -> BTreeMap<Region, u64> {
    let mut there: BTreeMap<Region, u64> = BTreeMap::new();
    for (target, images) in owned {
        let images = images
            .iter()
            .filter(|placed| placed.state != Some(AmiState::Deregistered));
        *there.entry(target.region()).or_default() += u64::try_from(images.count()).unwrap_or(u64::MAX);
    }
    there
}

async fn gather_from(
    room: &Room,
    target: Target,
    reached: Reached,
    ours: Ours<'_>,
    run: &str,
    moment: Moment,
) -> Result<Gathered, Problem> {
    let now = moment.now;
    if !room.record.begin_gathering(target, run, now).await? {
        return Ok(Gathered {
            taken: 1,
            ..Gathered::default()
        });
    }
    let before = room.record.runs(target, now).await?;
    let accepted = room.record.accepted(target).await?;
    // A list that hangs must not take the others' time, nor leave nothing written of itself.
    let read = timeout(ONE_TARGET, Box::pin(read_target(room, target, ours, now))).await;
    let readings = read.unwrap_or_else(|_| Ok(Readings::unread(&took_too_long())))?;
    let joined = join(&readings);
    let runs = joined.iter().map(|(source, uses)| {
        let expected = Expected {
            accepted: accepted.get(source).map(|accepted| accepted.run),
            reached,
            there: ours.there,
        };
        run_of(*source, uses, now, &before, expected)
    });
    let runs = doubt_what_stands_on_doubts(runs.collect());
    let Changed { changed, any } = write_uses(room, target, &readings, &joined, &runs, ours).await?;
    for template in ours.following {
        let named = VersionsNamed {
            as_of: now,
            found: versions_named(&readings, &runs, *template),
        };
        room.record.write_versions_named(target, *template, named).await?;
    }
    // Last: what a run says was read is in the record.
    for run in &runs {
        room.record.write_run(target, run).await?;
    }
    let unreachable = runs.iter().all(|run| matches!(run.said, Said::Unread(_)));
    let unread = !unreachable && runs.iter().any(|run| matches!(run.said, Said::Unread(_)));
    let whole = runs.iter().all(SourceRun::is_believed);
    let next = now.checked_add(if unread { SOON } else { EVERY }).unwrap_or(now);
    let ended = GatheringEnd {
        whole: whole.then_some(now),
        read: (!unreachable).then_some(now),
        next,
        uses: any,
    };
    room.record.end_gathering(target, run, ended).await?;
    let mut outcome = Gathered {
        targets: 1,
        changed,
        ..Gathered::default()
    };
    if unreachable && reached != Reached::Owns {
        outcome.unreachable.push(target.to_string());
    } else {
        let doubted = |source: &Source| runs.iter().any(|run| run.source == *source && !run.is_believed());
        // Of a source that stands on another the other's problem is said, and this one's is in the record.
        let causes = runs.iter().filter(|run| !run.source.stands_on().iter().any(doubted));
        outcome.problems.extend(causes.filter_map(|run| problem(target, run)));
    }
    // After the target is done with: who dies of this has read it all the same.
    outcome.add(Box::pin(ask_for_reports(room, target, &readings, ours, moment)).await);
    if ours.has_any()
        && !unreachable
        && let Err(problem) = Box::pin(read_bin(room, target, moment)).await
    {
        outcome.problems.push(problem.to_string());
    }
    Ok(outcome)
}

/// What came of reading a source, judged by the runs before.
fn run_of(
    source: Source,
    uses: &Result<Uses, Unread>,
    now: Timestamp,
    before: &[SourceRun],
    expected: Expected,
) -> SourceRun {
    match uses {
        Ok(uses) => {
            let count = u64::try_from(uses.listed).unwrap_or(u64::MAX);
            SourceRun::complete(source, now, count, before, expected)
        }
        Err(why) => SourceRun {
            source,
            as_of: now,
            said: Said::Unread(why.clone()),
        },
    }
}

/// A source that stands on one that is not believed is not believed either: what it does not show may be missing there.
fn doubt_what_stands_on_doubts(mut runs: Vec<SourceRun>) -> Vec<SourceRun> {
    loop {
        let doubted: BTreeSet<Source> = runs
            .iter()
            .filter(|run| !run.is_believed())
            .map(|run| run.source)
            .collect();
        let below = |source: Source| source.stands_on().iter().find(|below| doubted.contains(below));
        let next = runs.iter_mut().find_map(|run| {
            let below = below(run.source).filter(|_| run.is_believed())?;
            Some((run, below))
        });
        let Some((run, below)) = next else { return runs };
        run.said = Said::Unread(Words::from(format!("{below} are not believed")));
    }
}

fn took_too_long() -> Words {
    Words::from(format!("it took longer than {} minutes", ONE_TARGET.as_secs() / 60))
}

fn problem(target: Target, run: &SourceRun) -> Option<String> {
    let SourceRun { source, said, .. } = run;
    match said {
        Said::Complete(_) => None,
        Said::Implausible { count, usual } => Some(format!(
            "{source} of {target}: {count} listed where {usual} are usual; if that is true: \
             `steward evidence accept {target} {source} --count {count}`"
        )),
        Said::Unread(why) => Some(format!("{source} of {target}: {why}")),
    }
}
