//! Families as they may be, likely or not: a seed makes the same one again.

use fastrand::Rng;

use super::super::*;
use super::stage::*;
use crate::evidence::{Hop, Reference, Said, VersionStanding};
use crate::{AmiState, Architecture, BuildState, Timestamp};

const LADDERS: [&str; 6] = [
    "deprecate: 0d, disable: 14d, delete: 30d",
    "deprecate: 0d, disable: 0d, delete: 0d",
    "deprecate: 1d, disable: 2d, delete: 9d",
    "deprecate: 3d, disable: 3d, delete: 20d",
    "deprecate: 0d, disable: 1d",
    "",
];

/// Whatever there may be, with the limits that it may have.
pub(super) fn family_of(seed: u64) -> World {
    let rng = &mut Rng::with_seed(seed);
    let limits = format!("per_run: {}, share: {}%", rng.u32(1..9), rng.u32(0..=100));
    any_family(rng, &limits)
}

/// The same without limits, and without anything that ends but evidence.
pub(super) fn unlimited(seed: u64) -> World {
    any_family(&mut Rng::with_seed(seed), "per_run: 10000, share: 100%")
}

fn any_family(rng: &mut Rng, limits: &str) -> World {
    let ladder = rng.choice(LADDERS).unwrap();
    let unused = if rng.bool() { "unused_for: 14d, " } else { "" };
    let versions = rng.choice(["referenced", "newest 2", "all"]).unwrap();
    let mut world = family_with(&format!(
        "releases: {}, for: 30d, {unused}launch_template_versions: {versions}, keep_tags: {{ keep: \"true\" }}, ladder: {{ {ladder} }}, limits: {{ {limits} }}",
        rng.u32(1..4)
    ));
    for n in 1..=rng.u32(0..12) {
        let release = any_release(rng, n);
        world.facts.releases.push(release);
    }
    world.facts.shared = rng
        .choice([Shared::WithNobody, Shared::WithRoles, Shared::WithoutRoles])
        .unwrap();
    if rarely(rng) {
        world.facts.switch = Switch::Paused("an incident".into());
    }
    if rarely(rng) {
        world.facts.retain = None;
    }
    for evidence in &mut world.facts.evidence {
        let last = evidence.sources[0].last.as_mut().unwrap();
        match rng.u32(0..60) {
            0 => evidence.sources.clear(),
            1 => evidence.sources[0].last = None,
            2 => last.said = Said::Unread("throttled".into()),
            3 => last.said = Said::Implausible { count: 1, usual: 30 },
            4 => last.as_of = second(100 * 86_400 - rng.i64(3_590..3_610)),
            _ => {}
        }
    }
    world
}

fn any_release(rng: &mut Rng, n: u32) -> ReleaseFacts {
    let architecture = rng.choice(Architecture::ALL).unwrap();
    let copies = rng.u32(0..4).min(2) + u32::from(!rarely(rng));
    let line = Line {
        architecture,
        group: rng
            .choice([vec![], vec!["a".to_owned()], vec!["b".to_owned()]])
            .unwrap(),
    };
    let place = match rng.u32(0..20) {
        0 => Place::Ungrouped(Ungrouped::Architecture(None)),
        1 => Place::LeftByFailedBuild,
        2..=5 => Place::Adopted {
            line,
            ami: ami(n, 0),
            region: at(HOME).region(),
        },
        _ => Place::Built {
            architecture,
            order: format!("1.{}.{n}/1", rng.u32(0..3)).parse().unwrap(),
        },
    };
    let built = match rng.u32(0..20) {
        0 => BuildTime::Absent,
        1 => BuildTime::Unparseable("yesterday".into()),
        2 => BuildTime::At(moment(rng, 90, 110)),
        _ => BuildTime::At(moment(rng, 0, 75)),
    };
    let since = match rng.u32(0..10) {
        0..=3 => ExpendableSince::NotYet,
        4 => ExpendableSince::Reckoned,
        _ => ExpendableSince::Recorded(moment(rng, 40, 100)),
    };
    let mut release = ReleaseFacts {
        release: id(n),
        name: format!("web/1.0.{n}/1").into(),
        place,
        built,
        since,
        holds: Vec::new(),
        channels: Vec::new(),
        parent_of: Vec::new(),
        output: rng.bool().then(|| BuildOutput {
            arn: format!("arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.0.{n}/1")
                .parse()
                .unwrap(),
            state: rng.choice(BuildState::ALL).unwrap(),
        }),
        placements: (0..copies).map(|k| any_placement(rng, n, k)).collect(),
    };
    if rarely(rng) {
        protect(rng, &mut release);
    }
    if rarely(rng) {
        release.holds.push(hold(moment(rng, 50, 99)));
    }
    release
}

fn any_placement(rng: &mut Rng, n: u32, k: u32) -> PlacementSeen {
    let since = Since {
        at: (!rarely(rng)).then(|| moment(rng, 50, 100)),
        by_us: !rarely(rng),
    };
    let mut placement = placement(n, k, rng.choice([HOME, AWAY, MEMBER]).unwrap());
    placement.unmanaged = rarely(rng).then_some(Unmanaged::ByAnotherHand);
    placement.standing = match rng.u32(0..20) {
        0 => PlacementStanding::Unsettled(rng.choice(AmiState::ALL).unwrap()),
        1..=7 => PlacementStanding::Available,
        8..=12 => PlacementStanding::Deprecated(since),
        _ => PlacementStanding::Disabled(since),
    };
    placement.launched = match rng.u32(0..20) {
        0 => LastLaunch::Unread,
        1..=5 => LastLaunch::At(moment(rng, 10, 95)),
        _ => LastLaunch::Never,
    };
    placement.protection = rarely(rng).then(|| Protection::CoolsDown(moment(rng, 80, 110)));
    placement.announced = (!rarely(rng)).then(|| moment(rng, 60, 100));
    placement.reported = (!rarely(rng)).then(|| moment(rng, 60, 100));
    if rarely(rng) {
        let newer = rng.u64(0..4);
        placement.uses.push(version_use(newer));
    }
    placement
}

/// Somebody needs a release, one way or another.
pub(super) fn protect(rng: &mut Rng, release: &mut ReleaseFacts) {
    let image = rng.usize(0..release.placements.len().max(1));
    let image = release.placements.get_mut(image);
    match (rng.u32(0..9), image) {
        (0, Some(image)) => image.protection = Some(Protection::On),
        (1, Some(image)) => image.launched = LastLaunch::At(moment(rng, 80, 100)),
        (2, Some(image)) => image.launched = LastLaunch::Unread,
        (3, Some(image)) => image.uses.push(version_use(0)),
        (4, Some(image)) => image.standing = PlacementStanding::Unsettled(AmiState::Pending),
        (5, Some(image)) => image.tags.push(TagSeen {
            by: HUB.parse().unwrap(),
            key: "keep".to_owned(),
            value: "true".to_owned(),
        }),
        (6, _) => release.built = BuildTime::Absent,
        (7, _) => release.holds.push(hold(second(100 * 86_400 + 1))),
        (_, _) => on_stable(release),
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

fn rarely(rng: &mut Rng) -> bool {
    rng.u32(0..8) == 0
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
