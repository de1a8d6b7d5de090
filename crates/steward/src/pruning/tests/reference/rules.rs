//! What keeps a release.

use super::super::super::*;
use super::super::stage::World;
use super::{DAY, QUARTER, built, length, ms, ours, time};
use crate::evidence::{Hop, ReportedUser};
use crate::manifest::{LaunchTemplateVersions, Retain};
use crate::{AmiId, Architecture, Timestamp};

pub(super) fn line(release: &ReleaseFacts) -> Option<(Architecture, Vec<String>)> {
    match &release.place {
        Place::Built { architecture, .. } => Some((*architecture, vec![])),
        Place::Adopted { line, .. } => Some((line.architecture, line.group.clone())),
        Place::Ungrouped(_) | Place::LeftByFailedBuild => None,
    }
}

/// Whether the one is newer than the other of its line.
pub(super) fn is_newer(one: &ReleaseFacts, other: &ReleaseFacts) -> bool {
    match (&one.place, &other.place) {
        (Place::Built { order: one, .. }, Place::Built { order: other, .. }) => one > other,
        (Place::Built { .. }, _) => true,
        (_, Place::Built { .. }) => false,
        (
            Place::Adopted { ami, region, .. },
            Place::Adopted {
                ami: other_ami,
                region: other_region,
                ..
            },
        ) => (built(one), ami, region) > (built(other), other_ami, other_region),
        _ => panic!("they are in no line"),
    }
}

pub(super) fn is_being_built(release: &ReleaseFacts) -> bool {
    release.output.as_ref().is_some_and(|output| !output.state.ended())
}

/// Whether a release takes a rank: of what cannot be judged, or of which nothing can be used, nobody knows where it stands.
pub(super) fn is_ranked(world: &World, release: &ReleaseFacts) -> bool {
    line(release).is_some()
        && !is_being_built(release)
        && built(release).is_some_and(|built| built <= world.now)
        && ours(release).any(|image| image.standing.rung().is_some())
}

pub(super) fn newer<'a>(world: &'a World, release: &ReleaseFacts) -> Vec<&'a ReleaseFacts> {
    let releases = world.facts.releases.iter();
    let ranked = releases.filter(|other| is_ranked(world, other) && line(other) == line(release));
    ranked.filter(|other| is_newer(other, release)).collect()
}

pub(super) fn rank(world: &World, release: &ReleaseFacts) -> Option<usize> {
    is_ranked(world, release).then(|| newer(world, release).len() + 1)
}

/// All that keeps each image of a release, in the order in which one of them is told.
pub(super) fn all_keeps(world: &World, release: &ReleaseFacts) -> Vec<Keeps> {
    let now = ms(world.now);
    let Some(retain) = &world.facts.retain else {
        return vec![Keeps::NothingGoes];
    };
    let mut keeps = Vec::new();
    if let Place::Ungrouped(why) = &release.place {
        keeps.push(Keeps::Ungrouped(why.clone()));
    }
    match &release.built {
        BuildTime::Absent => keeps.push(Keeps::Undated(Undated::Absent)),
        BuildTime::Unparseable(text) => keeps.push(Keeps::Undated(Undated::Unparseable(text.clone()))),
        BuildTime::At(at) if ms(*at) > now => keeps.push(Keeps::Undated(Undated::Ahead(*at))),
        BuildTime::At(_) => {}
    }
    for image in ours(release) {
        match &image.created {
            BuildTime::Absent => keeps.push(Keeps::Undated(Undated::Absent)),
            BuildTime::Unparseable(text) => keeps.push(Keeps::Undated(Undated::Unparseable(text.clone()))),
            BuildTime::At(at) if ms(*at) > now => keeps.push(Keeps::Undated(Undated::Ahead(*at))),
            BuildTime::At(_) => {}
        }
    }
    if let Some(output) = &release.output
        && is_being_built(release)
    {
        keeps.push(Keeps::Building(output.state));
    }
    for image in ours(release) {
        if let PlacementStanding::Unsettled(state) = image.standing {
            keeps.push(Keeps::Pending(image.ami, state));
        }
    }
    let of = retain.releases.get();
    if let Some(rank) = rank(world, release)
        && rank <= usize::try_from(of).unwrap()
    {
        keeps.push(Keeps::Rank { rank, of });
    }
    if let Some(built) = built(release)
        && now - ms(built) < length(retain.young)
    {
        let until = time(ms(built) + length(retain.young));
        keeps.push(Keeps::Age { until });
    }
    for image in ours(release) {
        if let Some((ami, at, until)) = launch(retain, release, image)
            && now < until
        {
            let until = time(until);
            keeps.push(Keeps::Launched { ami, at, until });
        }
    }
    for image in ours(release) {
        if retain.unused_for.is_some() && image.launched == LastLaunch::Unread {
            keeps.push(Keeps::LaunchUnread(image.ami));
        }
    }
    for image in ours(release) {
        for used in &image.uses {
            if is_use(retain, &used.by) && !is_asked_itself(world, used) {
                keeps.push(Keeps::Referenced {
                    ami: image.ami,
                    seen_in: used.seen_in,
                    by: used.by.clone(),
                });
            }
        }
    }
    keeps.extend(release.channels.iter().cloned().map(Keeps::Channel));
    keeps.extend(release.parent_of.iter().cloned().map(Keeps::Parent));
    for image in ours(release) {
        for tag in &image.tags {
            for (key, value) in retain.keep_tags.iter() {
                if key.to_string() == tag.key && value.to_string() == tag.value {
                    let TagSeen { by, key, value } = tag.clone();
                    let ami = image.ami;
                    keeps.push(Keeps::Tag { ami, by, key, value });
                }
            }
        }
    }
    for hold in &release.holds {
        if now < ms(hold.until) {
            keeps.push(Keeps::Hold(hold.clone()));
        }
    }
    for image in ours(release) {
        match image.protection {
            Some(Protection::CoolsDown(until)) if ms(until) <= now => {}
            None => {}
            Some(protection) => keeps.push(Keeps::Protected(image.ami, protection)),
        }
    }
    for image in ours(release) {
        keeps.extend(not_asked_of(world, image));
    }
    keeps
}

/// That somebody was asked last before an image was made, or found.
fn not_asked_of(world: &World, image: &PlacementSeen) -> Option<Keeps> {
    let made = match image.created {
        BuildTime::At(made) => Some(made),
        _ => None,
    };
    let found = image.found.map(|found| time(ms(found) + QUARTER));
    let since = made.into_iter().chain(found).max()?;
    let (as_of, target) = asked(world).into_iter().min()?;
    let ami = image.ami;
    (as_of < since).then_some(Keeps::NotAskedOf {
        ami,
        since,
        target,
        as_of,
    })
}

/// When each source of each target was read, but of those that a person does without.
pub(super) fn asked(world: &World) -> Vec<(Timestamp, crate::Target)> {
    let mut asked = Vec::new();
    for evidence in &world.facts.evidence {
        let is_waived = evidence.waiver.as_ref().is_some_and(|waiver| world.now < waiver.until);
        for last in evidence.sources.iter().filter_map(|source| source.last.as_ref()) {
            if !is_waived {
                asked.push((last.as_of, evidence.target));
            }
        }
    }
    asked
}

/// Whether a report tells it of an account that was asked in that Region.
pub(super) fn is_asked_itself(world: &World, seen: &Use) -> bool {
    let UsedBy::Way(way) = &seen.by else { return false };
    let Some(Hop::Reported { account, by, .. }) = way.path.first() else {
        return false;
    };
    let is_there = |target: crate::Target| target.account() == *account && target.region() == seen.seen_in.region();
    !matches!(by, ReportedUser::Other(_)) && asked(world).iter().any(|(_, target)| is_there(*target))
}

/// When one of its images was last launched, if nobody failed to read that.
pub(super) fn last_launch(release: &ReleaseFacts) -> LastLaunch {
    let mut last = LastLaunch::Never;
    for image in ours(release) {
        last = match (last, image.launched) {
            (LastLaunch::Unread, _) | (_, LastLaunch::Unread) => LastLaunch::Unread,
            (LastLaunch::At(one), LastLaunch::At(other)) => LastLaunch::At(one.max(other)),
            (LastLaunch::At(one), LastLaunch::Never) | (LastLaunch::Never, LastLaunch::At(one)) => LastLaunch::At(one),
            (LastLaunch::Never, LastLaunch::Never) => LastLaunch::Never,
        };
    }
    last
}

/// When the launches of an image count no more.
pub(super) fn launch(
    retain: &Retain,
    release: &ReleaseFacts,
    image: &PlacementSeen,
) -> Option<(AmiId, Option<Timestamp>, i64)> {
    let unused_for = length(retain.unused_for?);
    match image.launched {
        LastLaunch::At(at) => Some((image.ami, Some(at), ms(at) + unused_for + DAY)),
        LastLaunch::Never => {
            let BuildTime::At(made) = image.created else {
                return None;
            };
            // EC2 tells of none that it made no image for, nor of one that the build had not made.
            let from = ms(built(release)?).max(ms(made));
            Some((image.ami, None, from + unused_for + DAY))
        }
        LastLaunch::Unread => None,
    }
}

/// Whether it tells that the image is wanted, rather than that nobody knows.
pub(super) fn is_need(keeps: &Keeps) -> bool {
    match keeps.rule() {
        Rule::Pending | Rule::Undated | Rule::Ungrouped => false,
        Rule::Launched => !matches!(keeps, Keeps::LaunchUnread(_)),
        Rule::Unmanaged => *keeps == Keeps::NothingGoes,
        Rule::Rank
        | Rule::Age
        | Rule::Referenced
        | Rule::Channel
        | Rule::Parent
        | Rule::Tag
        | Rule::Hold
        | Rule::Protected => true,
    }
}

pub(super) fn is_use(retain: &Retain, by: &UsedBy) -> bool {
    let UsedBy::Way(reference) = by else {
        return true;
    };
    match reference.path.first() {
        Some(Hop::Template { standing, .. }) => {
            standing.default
                || standing.newer == 0
                || match retain.launch_template_versions {
                    LaunchTemplateVersions::Referenced => false,
                    LaunchTemplateVersions::Newest(count) => standing.newer < u64::from(count),
                    LaunchTemplateVersions::All => true,
                }
        }
        _ => true,
    }
}

pub(super) fn put_by_us(image: &PlacementSeen) -> Option<Rung> {
    match image.standing {
        PlacementStanding::Deprecated(Since { by_us: true, .. }) => Some(Rung::Deprecated),
        PlacementStanding::Disabled(Since { by_us: true, .. }) => Some(Rung::Disabled),
        PlacementStanding::Available if image.half_up => Some(Rung::Available),
        PlacementStanding::Deprecated(_) if image.half_up => Some(Rung::Deprecated),
        _ => None,
    }
}

/// Since when a release is expendable.
pub(super) fn since(world: &World, retain: &Retain, release: &ReleaseFacts) -> Timestamp {
    let now = ms(world.now);
    let old = || ms(built(release).unwrap()) + length(retain.young);
    match release.since {
        ExpendableSince::NotYet => world.now,
        ExpendableSince::Recorded(at) => {
            let held = release.holds.iter().map(|held| held.until).fold(at, Timestamp::max);
            time(ms(held).max(old()))
        }
        ExpendableSince::Reckoned => {
            let mut let_go = vec![old()];
            let stay = usize::try_from(retain.releases.get()).unwrap();
            let mut newer: Vec<i64> = newer(world, release)
                .iter()
                .map(|newer| built(newer).map_or(i64::MIN, ms))
                .collect();
            newer.sort_unstable();
            let_go.extend(newer.get(stay - 1));
            for image in ours(release) {
                let_go.extend(launch(retain, release, image).map(|(_, _, until)| until));
                if let Some(Protection::CoolsDown(until)) = image.protection {
                    let_go.push(ms(until));
                }
            }
            for hold in &release.holds {
                let_go.push(ms(hold.until));
            }
            time(let_go.into_iter().max().unwrap().min(now))
        }
    }
}
