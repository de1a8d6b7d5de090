//! The same decision once more, slowly, from the design's words: each image by itself, every rule asked of it every time.

mod evidence;
mod ladder;
mod orphans;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use self::evidence::{troubles, waived};
use self::ladder::{announced, is_known, next, reached, report_needed};
use self::orphans::look_at_orphans;
pub(super) use self::orphans::{is_orphan, outputs};
use self::rules::{all_keeps, asked, is_need, last_launch, put_by_us, rank, since};
use super::super::plan::{accepting, is_accepted};
use super::super::*;
use super::stage::World;
use crate::{AmiId, Duration, ImageBuildArn, ReleaseId, SnapshotId, Target, Timestamp};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// As long as whoever writes something down may be at it.
const QUARTER: i64 = HOUR / 4;

/// What becomes of an image.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// No rule keeps it.
    Goes {
        rung: Rung,
        next: Option<Next>,
        snapshots: Vec<SnapshotId>,
        gib: u64,
        since: Timestamp,
        refused: Option<Refused>,
        rank: Option<usize>,
        built: Timestamp,
        launched: LastLaunch,
    },
    /// All that keeps it.
    Stays(Vec<Keeps>),
    /// All that is in its way.
    Waits(Vec<Blocker>),
}

/// What a plan should say.
#[derive(Debug, Default)]
pub(super) struct Expected {
    pub(super) fates: BTreeMap<AmiId, Fate>,
    /// Every image, where, and of which release.
    pub(super) listed: Vec<(AmiId, Target, ReleaseId)>,
    /// What climbs back.
    pub(super) up: BTreeSet<PruningStep>,
    /// What is due to go down, whether it was refused within a day, and when its release was built: so many of the first are done
    /// as a run may do. What Image Builder has of a release with no image left counts as one.
    pub(super) down: Vec<(bool, Option<Timestamp>, PruningStep)>,
    /// What Image Builder has of what is gone, and all that may be said of it.
    pub(super) orphans: BTreeMap<ImageBuildArn, Vec<OrphanFate>>,
    pub(super) orphans_to_announce: BTreeSet<ImageBuildArn>,
    pub(super) newly: BTreeSet<ReleaseId>,
    pub(super) cleared: BTreeSet<ReleaseId>,
    pub(super) to_announce: BTreeSet<AmiId>,
    pub(super) over_share: Option<OverShare>,
    pub(super) troubles: BTreeSet<Trouble>,
    /// What a person does without, and until when.
    pub(super) waived: Vec<(Target, Timestamp)>,
    /// Whether nothing is done at all.
    pub(super) at_rest: bool,
}

fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

fn time(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap()
}

fn length(duration: Duration) -> i64 {
    i64::try_from(duration.length().as_millis()).unwrap()
}

pub(super) fn expected(world: &World) -> Expected {
    let mut expected = Expected {
        troubles: troubles(world),
        waived: waived(world),
        ..Expected::default()
    };
    // Where nothing ever goes, nothing is in the way of it either.
    let paused = world.facts.switch != Switch::On;
    let is_blocked = world.facts.retain.is_some() && (paused || !expected.troubles.is_empty());
    let at_rest = paused || is_blocked;
    let share = over_share(world);
    for release in &world.facts.releases {
        let keeps = all_keeps(world, release);
        let is_needed = keeps.iter().any(is_need);
        let is_over = share.is_some() && is_newly(world, release);
        if !at_rest && is_newly(world, release) && !is_over && release.since == ExpendableSince::NotYet {
            expected.newly.insert(release.release);
        }
        let is_left = world.facts.retain.is_none() || ours(release).next().is_some();
        // Nobody needs evidence to know that a person holds it.
        let is_known = !at_rest || (!paused && is_held(world, release));
        if is_known && is_left && is_needed && matches!(release.since, ExpendableSince::Recorded(_)) {
            expected.cleared.insert(release.release);
        }
        for image in &release.placements {
            expected.listed.push((image.ami, image.target, release.release));
            let mut reasons = keeps.clone();
            if let Some(why) = &image.unmanaged {
                reasons.insert(0, Keeps::Unmanaged(why.clone()));
            }
            let is_down = ours(release).any(|image| put_by_us(image).is_some());
            if image.unmanaged.is_none() && is_blocked && is_down && is_held(world, release) && !paused {
                if let Some(from) = put_by_us(image) {
                    let (ami, target) = (image.ami, image.target);
                    let effect = Effect::Restore { ami, target, from };
                    expected.up.insert(step(release, effect));
                }
                reasons.retain(|why| matches!(why, Keeps::Hold(_)));
                expected.fates.insert(image.ami, Fate::Stays(reasons));
                continue;
            }
            if image.unmanaged.is_none() && is_blocked {
                let evidence = expected.troubles.iter().cloned().map(|it| Blocker::Evidence(it.into()));
                let blockers = evidence.chain(paused.then_some(Blocker::Paused)).collect();
                expected.fates.insert(image.ami, Fate::Waits(blockers));
                continue;
            }
            if !reasons.is_empty() {
                if let Some(from) = put_by_us(image)
                    && image.unmanaged.is_none()
                    && is_needed
                    && !at_rest
                {
                    let (ami, target) = (image.ami, image.target);
                    let effect = Effect::Restore { ami, target, from };
                    expected.up.insert(step(release, effect));
                }
                expected.fates.insert(image.ami, Fate::Stays(reasons));
                continue;
            }
            goes(&mut expected, world, release, image, is_over);
        }
        look_at_orphans(&mut expected, world, release, is_blocked);
    }
    if !at_rest {
        expected.over_share = share;
    }
    expected.at_rest = at_rest;
    expected.listed.sort();
    expected
}

/// What becomes of an image of ours that no rule keeps.
fn goes(expected: &mut Expected, world: &World, release: &ReleaseFacts, image: &PlacementSeen, is_over: bool) {
    if is_over {
        let OverShare { releases, allowed, of } = over_share(world).unwrap();
        let newly = releases.len();
        let by = Blocker::ShareLimit { newly, allowed, of };
        expected.fates.insert(image.ami, Fate::Waits(vec![by]));
        return;
    }
    let retain = world.facts.retain.as_ref().unwrap();
    let since = since(world, retain, release);
    let rung = image.standing.rung().unwrap();
    let next = next(world, retain, image, since);
    // One rung a run: what came to its rung in this very run stays there.
    let is_new = rung != Rung::Available && reached(retain, image, since) >= world.now;
    let is_due = next.is_some_and(|next| next.at <= world.now) && !is_new;
    let is_asked_since = !is_known(image)
        || asked(world)
            .iter()
            .all(|(as_of, _)| ms(*as_of) > ms(reached(retain, image, since)) + QUARTER);
    if let Some(next) = next
        && next.rung == Rung::Deregistered
        && !is_new
    {
        let announced = announced(retain, image, since);
        let is_told = announced.is_some_and(|at| ms(at) + DAY <= ms(world.now));
        let report = report_needed(world, retain, image, since);
        let has_begun = since <= world.now;
        if has_begun && is_known(image) && announced.is_none() && report.is_none() && ms(next.at) <= ms(world.now) + DAY
        {
            expected.to_announce.insert(image.ami);
        }
        let mut in_the_way = Vec::new();
        in_the_way.extend(report.map(|from| Blocker::NotReported { from }));
        in_the_way.extend((!is_told).then_some(Blocker::NotAnnounced { since: announced }));
        if is_due && !in_the_way.is_empty() {
            expected.fates.insert(image.ami, Fate::Waits(in_the_way));
            return;
        }
    }
    let built = built(release).unwrap();
    if let Some(next) = next
        && is_due
        && is_asked_since
    {
        let is_late = was_refused_within_a_day(world, image.refused);
        let step = step(release, down(image, next.rung));
        expected.down.push((is_late, Some(built), step));
    }
    let fate = Fate::Goes {
        rung,
        next,
        snapshots: snapshots(image),
        gib: image.gib,
        since,
        refused: image.refused,
        rank: rank(world, release),
        built,
        launched: last_launch(release),
    };
    expected.fates.insert(image.ami, fate);
}

fn step(release: &ReleaseFacts, effect: Effect) -> PruningStep {
    PruningStep {
        release: release.release,
        effect,
    }
}

fn down(image: &PlacementSeen, to: Rung) -> Effect {
    let (ami, target) = (image.ami, image.target);
    match to {
        Rung::Available => panic!("that is up"),
        Rung::Deprecated => Effect::Deprecate { ami, target },
        Rung::Disabled => Effect::Disable { ami, target },
        Rung::Deregistered => Effect::Deregister {
            ami,
            target,
            snapshots: snapshots(image),
        },
    }
}

fn snapshots(image: &PlacementSeen) -> Vec<SnapshotId> {
    let mut snapshots: Vec<SnapshotId> = image.snapshots.clone();
    snapshots.sort();
    snapshots.dedup();
    snapshots
}

/// Whether it is less than a day since AWS refused it.
fn was_refused_within_a_day(world: &World, refused: Option<Refused>) -> bool {
    refused.is_some_and(|refused| ms(world.now) - ms(refused.at) < DAY)
}

/// Whether a person holds it: that is known whatever else is not.
fn is_held(world: &World, release: &ReleaseFacts) -> bool {
    release.holds.iter().any(|hold| world.now < hold.until)
}

/// Its images that are ours to retire.
fn ours(release: &ReleaseFacts) -> impl Iterator<Item = &PlacementSeen> {
    release.placements.iter().filter(|image| image.unmanaged.is_none())
}

fn built(release: &ReleaseFacts) -> Option<Timestamp> {
    match &release.built {
        BuildTime::At(at) => Some(*at),
        BuildTime::Absent | BuildTime::Unparseable(_) => None,
    }
}

/// Whether a release becomes expendable in this run. Where nobody stores that, what is on the ladder already was before.
fn is_newly(world: &World, release: &ReleaseFacts) -> bool {
    let is_new = match release.since {
        ExpendableSince::NotYet => true,
        ExpendableSince::Recorded(_) => false,
        ExpendableSince::Reckoned => ours(release).all(|image| image.standing == PlacementStanding::Available),
    };
    is_new && ours(release).next().is_some() && all_keeps(world, release).is_empty()
}

/// Which releases newly become expendable, if those are too many at once.
fn over_share(world: &World) -> Option<OverShare> {
    let retain = world.facts.retain.as_ref()?;
    let mut releases = Vec::new();
    let mut of = 0;
    for release in &world.facts.releases {
        if ours(release).next().is_some() {
            of += 1;
        }
        if is_newly(world, release) {
            releases.push(release.release);
        }
    }
    releases.sort();
    let allowed = (of * usize::from(retain.limits.share.percent()) / 100).max(1);
    let digest = accepting(&world.facts.family, &releases);
    let is_accepted = is_accepted(&digest, world.facts.accepted.as_deref());
    (releases.len() > allowed && !is_accepted).then_some(OverShare { releases, allowed, of })
}
