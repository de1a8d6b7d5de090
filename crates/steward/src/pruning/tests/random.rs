//! Families as they may be, likely or not: a seed makes the same one again.

use std::collections::BTreeMap;
use std::sync::Mutex;

use fastrand::Rng;

use super::super::*;
use super::stage::*;
use crate::distribution::NotOurs;
use crate::evidence::{Hop, Reference, ReportedUser, Said, VersionStanding};
use crate::manifest::Retain;
use crate::{AmiState, Architecture, BuildState, Timestamp};

/// Ladders, and their entries in days; 40 for what never is.
const LADDERS: [(&str, [i64; 4]); 6] = [
    ("deprecate: 0d, disable: 14d, delete: 30d", [0, 0, 14, 30]),
    ("deprecate: 0d, disable: 0d, delete: 0d", [0, 0, 0, 0]),
    ("deprecate: 1d, disable: 2d, delete: 9d", [0, 1, 2, 9]),
    ("deprecate: 3d, disable: 3d, delete: 20d", [0, 3, 3, 20]),
    ("deprecate: 0d, disable: 1d", [0, 0, 1, 40]),
    ("", [0, 40, 40, 40]),
];

/// What a family is drawn by.
struct Dice<'a> {
    rng: &'a mut Rng,
    /// One of so many things is odd.
    odds: u32,
    ladder: [i64; 4],
    architectures: [Architecture; 2],
}

impl Dice<'_> {
    fn is_odd(&mut self) -> bool {
        self.rng.u32(0..self.odds) == 0
    }

    fn choice<T, const N: usize>(&mut self, of: [T; N]) -> T {
        self.rng.choice(of).unwrap()
    }
}

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Whatever there may be, with the limits that it may have.
pub(super) fn family_of(seed: u64) -> World {
    let rng = &mut Rng::with_seed(seed);
    let (per_run, share) = (
        rng.choice([1, 2, 3, 8]).unwrap(),
        rng.choice([0, 10, 25, 33, 100]).unwrap(),
    );
    let limits = format!("per_run: {per_run}, share: {share}%");
    let mut world = any_family(rng, &limits);
    for evidence in &mut world.facts.evidence {
        if rarely(rng) || evidence.sources.is_empty() {
            evidence.waiver = Some(Waiver {
                until: near(rng, 0),
                who: "ann".to_owned(),
                why: "it is being closed".into(),
            });
        }
    }
    if let Some(over) = world.plan().acceptance() {
        world.facts.accepted = match rng.u32(0..8) {
            0..=2 => Some(over),
            3 => Some(over[..11].to_owned()),
            4 => Some(over.chars().rev().collect()),
            5 => Some(format!("{over}0")),
            _ => None,
        };
    }
    world
}

/// The same without limits, and without anything that ends but evidence.
pub(super) fn unlimited(seed: u64) -> World {
    any_family(&mut Rng::with_seed(seed), "per_run: 10000, share: 100%")
}

fn any_family(rng: &mut Rng, limits: &str) -> World {
    let (ladder, entries) = rng.choice(LADDERS).unwrap();
    let mut dice = Dice {
        odds: rng.choice([8, 60, 60]).unwrap(),
        architectures: rng.choice([Architecture::ALL, [Architecture::X86_64; 2]]).unwrap(),
        rng,
        ladder: entries,
    };
    let young = dice.choice(["30d", "30d", "10d"]);
    let unused = dice.choice(["", "unused_for: 14d, "]);
    let versions = dice.choice(["referenced", "newest 2", "all"]);
    let tags = dice.choice(["keep_tags: { keep: \"true\" }, ", ""]);
    let mut world = family_that(read_once(format!(
        "releases: {}, for: {young}, {unused}launch_template_versions: {versions}, {tags}ladder: {{ {ladder} }}, limits: {{ {limits} }}",
        dice.choice([1, 1, 2, 3])
    )));
    for n in 1..=dice.rng.u32(0..14) {
        let mut release = any_release(&mut dice, n);
        if let Some(last) = world.facts.releases.last() {
            be_twins(&mut dice, &mut release, last);
        }
        world.facts.releases.push(release);
    }
    if rarely(dice.rng) {
        for release in &mut world.facts.releases {
            release.since = ExpendableSince::Reckoned;
        }
    }
    world.facts.shared = dice.choice([Shared::WithNobody, Shared::WithRoles, Shared::WithoutRoles]);
    let (is_paused, keeps_all) = (dice.rng.u32(0..24) == 0, dice.rng.u32(0..24) == 0);
    if is_paused {
        world.facts.switch = Switch::Paused("an incident".into());
    }
    if keeps_all {
        world.facts.retain = None;
    }
    if rarely(dice.rng) {
        let as_of = dice.choice([HOUR, HOUR, 1]);
        let last = world.facts.evidence[0].sources[0].last.as_mut().unwrap();
        last.as_of = millisecond(100 * DAY - as_of);
    }
    if rarely(dice.rng) {
        doubt(dice.rng, &mut world);
    }
    world
}

/// Reading a policy takes longer than all the rest.
fn read_once(policy: String) -> Retain {
    static READ: Mutex<BTreeMap<String, Retain>> = Mutex::new(BTreeMap::new());
    let mut read = READ.lock().unwrap();
    let known = read.entry(policy).or_insert_with_key(|policy| retain(policy));
    known.clone()
}

/// Adopted images are made at the same time at times.
fn be_twins(dice: &mut Dice<'_>, release: &mut ReleaseFacts, last: &ReleaseFacts) {
    if let (Place::Adopted { line, .. }, Place::Adopted { line: other, .. }) = (&mut release.place, &last.place)
        && dice.rng.bool()
    {
        line.clone_from(other);
        release.built = last.built.clone();
    }
}

/// Something is wrong with its evidence, or nearly.
fn doubt(rng: &mut Rng, world: &mut World) {
    let now = 100 * DAY;
    for _ in 0..rng.u32(1..4) {
        let Some(evidence) = rng.choice(&mut world.facts.evidence) else {
            return;
        };
        let of = rng.usize(0..2);
        let Some(last) = evidence.sources.get_mut(of).and_then(|source| source.last.as_mut()) else {
            continue;
        };
        match rng.u32(0..8) {
            0 => evidence.sources.clear(),
            1 => evidence.sources[of].last = None,
            2 => last.said = Said::Unread("throttled".into()),
            3 => last.said = Said::Implausible { count: 1, usual: 30 },
            4 => last.as_of = millisecond(now - HOUR - rng.i64(-1..=1)),
            5 => last.as_of = millisecond(now + rng.i64(0..=1)),
            6 => last.as_of = moment(rng, 90, 99),
            _ => {
                let target = evidence.target;
                world.facts.evidence.retain(|evidence| evidence.target != target);
            }
        }
    }
}

fn any_release(dice: &mut Dice<'_>, n: u32) -> ReleaseFacts {
    let copies = dice.choice([1, 2, 3, 1, 2, 3, 1, 0, 0]);
    let mut release = ReleaseFacts {
        release: id(n),
        name: format!("web/1.0.{n}/1").into(),
        place: any_place(dice, n),
        built: any_time(dice),
        since: any_since(dice),
        holds: Vec::new(),
        channels: Vec::new(),
        parent_of: Vec::new(),
        output: dice.rng.bool().then(|| Box::new(output(n))),
        placements: (0..copies).map(|k| any_placement(dice, n, k)).collect(),
        gone: Vec::new(),
        containers: Vec::new(),
    };
    if let Some(output) = &mut release.output
        && dice.rng.bool()
    {
        output.state = dice.choice(BuildState::ALL);
    }
    if let Some(output) = &mut release.output {
        output.announced = (!rarely(dice.rng)).then(|| moment_or(dice.rng, (60, 100), 1));
        output.refused = any_refusal(dice);
    }
    if dice.rng.u32(0..4) > 0 {
        all_as_one(&mut release.placements);
    }
    if dice.is_odd() {
        protect(dice.rng, &mut release);
    }
    if rarely(dice.rng) {
        let until = [moment(dice.rng, 50, 99), near(dice.rng, 0)];
        release.holds.extend(until.map(hold));
    }
    release
}

fn any_time(dice: &mut Dice<'_>) -> BuildTime {
    if dice.is_odd() {
        return match dice.rng.u32(0..3) {
            0 => BuildTime::Absent,
            1 => BuildTime::Unparseable("yesterday".into()),
            _ => BuildTime::At(moment(dice.rng, 90, 110)),
        };
    }
    BuildTime::At(match dice.rng.u32(0..6) {
        0 => {
            let days = dice.choice([0, 10, 15, 15, 30]);
            near(dice.rng, days)
        }
        _ => moment(dice.rng, 0, 75),
    })
}

fn any_since(dice: &mut Dice<'_>) -> ExpendableSince {
    match dice.rng.u32(0..9) {
        0..=3 => ExpendableSince::NotYet,
        4..=6 => {
            let [_, deprecated, disabled, gone] = dice.ladder;
            // So that something is just due, or to be announced.
            let days = dice.choice([deprecated, disabled, gone, gone, gone - 1]).max(0);
            ExpendableSince::Recorded(near(dice.rng, days))
        }
        _ => ExpendableSince::Recorded(moment(dice.rng, 40, 100)),
    }
}

/// Its copies mostly came the same way.
fn all_as_one(placements: &mut [PlacementSeen]) {
    let Some((first, others)) = placements.split_first_mut() else {
        return;
    };
    for other in others {
        other.standing = first.standing;
        other.announced = first.announced;
        other.reported = first.reported;
    }
}

fn any_place(dice: &mut Dice<'_>, n: u32) -> Place {
    let architecture = dice.choice(dice.architectures);
    let line = Line {
        architecture,
        group: dice.choice([vec![], vec!["a".to_owned()]]),
    };
    if dice.is_odd() {
        return match dice.rng.u32(0..3) {
            0 => Place::Ungrouped(Ungrouped::Architecture(None)),
            1 => Place::Ungrouped(Ungrouped::Lacks("tag:stack".parse().unwrap())),
            _ => Place::LeftByFailedBuild,
        };
    }
    match dice.rng.u32(0..4) {
        0 => Place::Adopted {
            line,
            ami: ami(n, 0),
            region: at(HOME).region(),
        },
        _ => Place::Built {
            architecture,
            order: format!("1.{}.{n}/1", dice.rng.u32(0..3)).parse().unwrap(),
        },
    }
}

fn any_placement(dice: &mut Dice<'_>, n: u32, k: u32) -> PlacementSeen {
    let mut placement = placement(n, k, dice.choice([HOME, AWAY, MEMBER]));
    let (standing, reached) = any_standing(dice);
    placement.standing = standing;
    placement.half_up = dice.is_odd();
    placement.created = BuildTime::At(moment(dice.rng, 1, 20));
    if dice.is_odd() {
        placement.created = match dice.rng.u32(0..6) {
            0 => BuildTime::Absent,
            1 => BuildTime::Unparseable("soon".into()),
            2 => BuildTime::At(near(dice.rng, 0)),
            _ => BuildTime::At(near(dice.rng, 15)),
        };
    }
    if rarely(dice.rng) {
        placement.found = Some(match dice.rng.u32(0..4) {
            0 => near(dice.rng, 3),
            _ => before_asking(dice.rng),
        });
    }
    placement.announced = (!rarely(dice.rng)).then(|| moment_or(dice.rng, (90, 100), 1));
    let four_days_later = millisecond(reached + 4 * DAY + dice.choice([0, 0, -1, 1]));
    let asked = moment(dice.rng, 90, 100);
    placement.reported = (!rarely(dice.rng)).then(|| dice.choice([asked, four_days_later, four_days_later]));
    placement.refused = any_refusal(dice);
    if dice.is_odd() {
        placement.unmanaged = Some(dice.choice([
            Unmanaged::ByAnotherHand,
            Unmanaged::ByAnotherHand,
            Unmanaged::NotOurs(NotOurs::Untagged),
            Unmanaged::Of("AWS Backup".into()),
        ]));
    }
    if dice.is_odd() {
        let launched = LastLaunch::At(moment(dice.rng, 10, 95));
        placement.launched = dice.choice([LastLaunch::Unread, launched]);
    } else if rarely(dice.rng) {
        placement.launched = LastLaunch::At(near(dice.rng, 15));
    }
    if dice.is_odd() {
        placement.protection = Some(Protection::CoolsDown(moment_or(dice.rng, (80, 110), 0)));
    }
    if dice.is_odd() {
        let newer = dice.rng.u64(0..4);
        placement.uses.push(version_use(newer));
    }
    if dice.is_odd() {
        let account = dice.choice([MEMBER_ACCOUNT, "333344445555"]);
        let by = dice.choice([ReportedUser::Instances, ReportedUser::LaunchTemplates, other_user()]);
        placement.uses.push(reported_use(account, placement.target, by));
    }
    if dice.is_odd() {
        let value = dice.choice(["true", "false"]);
        placement.tags.push(tag(value));
    }
    if rarely(dice.rng) {
        placement
            .snapshots
            .push(format!("snap-{:016}{k}", 9_000 - n).parse().unwrap());
        placement.gib = dice.rng.u64(1..100);
    }
    placement
}

fn any_refusal(dice: &mut Dice<'_>) -> Option<Refused> {
    rarely(dice.rng).then(|| Refused {
        at: moment_or(dice.rng, (90, 101), 1),
        times: dice.rng.u32(1..9),
    })
}

/// On which rung, and in which millisecond it came there.
fn any_standing(dice: &mut Dice<'_>) -> (PlacementStanding, i64) {
    if dice.is_odd() && dice.rng.bool() {
        return (PlacementStanding::Unsettled(dice.choice(AmiState::ALL)), 0);
    }
    let rung = dice.choice([Rung::Available, Rung::Deprecated, Rung::Disabled, Rung::Disabled]);
    let [_, deprecated, disabled, gone] = dice.ladder;
    let wait = if rung == Rung::Deprecated {
        disabled - deprecated
    } else {
        gone - disabled
    };
    let tomorrow = (wait - 1).max(0);
    let days = dice.choice([0, 7, wait, wait, tomorrow, tomorrow]);
    let at = match dice.rng.u32(0..8) {
        0 => before_asking(dice.rng),
        _ => moment_or(dice.rng, (60, 100), days),
    };
    let since = Since {
        at: (!dice.is_odd()).then_some(at),
        by_us: !dice.is_odd(),
    };
    let standing = match rung {
        Rung::Available | Rung::Deregistered => PlacementStanding::Available,
        Rung::Deprecated => PlacementStanding::Deprecated(since),
        Rung::Disabled => PlacementStanding::Disabled(since),
    };
    (standing, at.as_millisecond() - day(0).as_millisecond())
}

/// Somebody needs a release, one way or another.
pub(super) fn protect(rng: &mut Rng, release: &mut ReleaseFacts) {
    let image = rng.usize(0..release.placements.len().max(1));
    let image = release.placements.get_mut(image);
    match (rng.u32(0..12), image) {
        (0, Some(image)) => image.protection = Some(Protection::On),
        (1, Some(image)) => {
            // A launch that is known makes none that was later, or could not be read, undone.
            let launched = moment(rng, 80, 100);
            image.launched = match image.launched {
                LastLaunch::Never => LastLaunch::At(launched),
                LastLaunch::At(before) => LastLaunch::At(before.max(launched)),
                LastLaunch::Unread => LastLaunch::Unread,
            };
        }
        (2, Some(image)) => image.launched = LastLaunch::Unread,
        (3, Some(image)) => image.uses.push(version_use(0)),
        (4, Some(image)) => image.standing = PlacementStanding::Unsettled(AmiState::Pending),
        (5, Some(image)) => image.tags.push(tag("true")),
        (6, Some(image)) => image.uses.push(Use {
            seen_in: at(AWAY),
            by: UsedBy::Said("asg/web".into()),
        }),
        (7, _) => release.built = BuildTime::Absent,
        (8, _) => release.holds.push(hold(second(100 * 86_400 + 1))),
        (9, _) => release.parent_of.push(BuildsOnIt::Pipeline("shop".into())),
        (10, _) => release.channels.push(Pointing::OnTheWayTo("stable".parse().unwrap())),
        (_, _) => on_stable(release),
    }
}

fn tag(value: &str) -> TagSeen {
    TagSeen {
        by: HUB.parse().unwrap(),
        key: "keep".to_owned(),
        value: value.to_owned(),
    }
}

fn version_use(newer: u64) -> Use {
    let version = Hop::Template {
        id: "lt-0123456789abcdef0".parse().unwrap(),
        name: "web".into(),
        version: 7,
        standing: VersionStanding { default: false, newer },
    };
    Use {
        seen_in: at(HOME),
        by: UsedBy::Way(Reference { path: vec![version] }),
    }
}

fn other_user() -> ReportedUser {
    ReportedUser::Other("ec2:Anything".into())
}

/// What a report of a target tells of another account.
pub(super) fn reported_use(account: &str, seen_in: crate::Target, by: ReportedUser) -> Use {
    let reported = Hop::Reported {
        account: account.parse().unwrap(),
        by,
        count: 2,
        requested: day(95),
    };
    Use {
        seen_in,
        by: UsedBy::Way(Reference { path: vec![reported] }),
    }
}

/// As long before the oldest evidence as whoever writes something down may be at it, or a millisecond away from that.
fn before_asking(rng: &mut Rng) -> Timestamp {
    let asked = rng.choice([HOUR, HOUR, 1]).unwrap();
    millisecond(100 * DAY - asked - HOUR / 4 + rng.choice([0, 0, -1, 1]).unwrap())
}

fn rarely(rng: &mut Rng) -> bool {
    rng.u32(0..8) == 0
}

/// Between two days, or nearly so many days before the hundredth.
fn moment_or(rng: &mut Rng, (from, to): (i64, i64), days: i64) -> Timestamp {
    if rng.bool() {
        moment(rng, from, to)
    } else {
        near(rng, days)
    }
}

/// So many days before the hundredth, or a millisecond away from that.
fn near(rng: &mut Rng, days: i64) -> Timestamp {
    millisecond((100 - days) * DAY + rng.choice([0, 0, 0, -1, 1]).unwrap())
}

fn millisecond(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(day(0).as_millisecond() + millisecond).unwrap()
}

/// Between two days, and often just at one.
fn moment(rng: &mut Rng, from: i64, to: i64) -> Timestamp {
    let day = rng.i64(from..=to);
    let seconds = if day == to {
        0
    } else {
        rng.choice([0, 0, 1, 3_600]).unwrap()
    };
    second(day * 86_400 + seconds)
}
