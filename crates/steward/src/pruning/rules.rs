use super::keeps::{Keeps, Undated};
use super::looked::Looked;
use super::placement::{LastLaunch, PlacementSeen, PlacementStanding, Protection, UsedBy};
use super::ranks::Ranked;
use super::release::{BuildTime, Place, ReleaseFacts};
use crate::manifest::{LaunchTemplateVersions, Retain};
use crate::{Duration, Timestamp};

/// EC2 tells of a launch a day later.
const LAUNCH_LAG: Duration = Duration::hours(24);

/// That every rule lets a release go.
#[derive(Clone, Copy, Debug)]
pub(super) struct LetGo {
    /// When it was built.
    pub(super) built: Timestamp,
    /// When it was old enough.
    pub(super) old: Timestamp,
    /// The latest instant at which a rule did.
    pub(super) at: Timestamp,
    /// When one of its images was last launched.
    pub(super) launched: LastLaunch,
}

/// That a release stays.
#[derive(Clone, Debug)]
pub(super) struct Stays {
    /// By the first rule that keeps it.
    pub(super) why: Keeps,
    /// Whether somebody needs it, by that rule or by another.
    pub(super) needed: bool,
}

/// A release, as the rules look at it.
struct Case<'a> {
    release: &'a ReleaseFacts,
    /// Its images that are ours to retire.
    managed: Vec<&'a PlacementSeen>,
    /// When it was built.
    built: Result<Timestamp, Undated>,
    ranked: Option<Ranked>,
    retain: &'a Retain,
    looked: &'a Looked,
    now: Timestamp,
}

/// What a rule says of a release: since when it lets it go, where it kept it before, or why it keeps it.
type Said = Result<Option<Timestamp>, Keeps>;

/// Every rule, in the order in which they are told.
const RULES: [fn(&Case<'_>) -> Said; 14] = [
    grouped,
    dated,
    finished,
    settled,
    beyond,
    old,
    unused,
    unreferenced,
    off_channels,
    childless,
    untagged,
    released,
    unprotected,
    asked_of,
];

/// Judges a release by every rule of its family's manifest: the first that keeps it is told.
///
/// Its images go together: what keeps one of them keeps all. Where a rule keeps it only because something cannot be told, the
/// others are asked whether somebody needs it.
pub(super) fn judge(
    release: &ReleaseFacts,
    ranked: Option<Ranked>,
    (retain, looked): (&Retain, &Looked),
    now: Timestamp,
) -> Result<LetGo, Stays> {
    let case = Case {
        release,
        managed: release.managed_in_order(),
        built: built(&release.built, now),
        ranked,
        retain,
        looked,
        now,
    };
    let mut at = None;
    let mut stays: Option<Stays> = None;
    for rule in RULES {
        match rule(&case) {
            Ok(since) => at = at.max(since),
            Err(why) => {
                let needed = why.is_need();
                let stays = stays.get_or_insert(Stays { why, needed });
                stays.needed |= needed;
                if stays.needed {
                    break;
                }
            }
        }
    }
    match (stays, case.built) {
        (Some(stays), _) => Err(stays),
        (None, Err(undated)) => Err(Stays {
            why: Keeps::Undated(undated),
            needed: false,
        }),
        (None, Ok(built)) => Ok(LetGo {
            built,
            old: built.saturating_add(case.retain.young),
            at: at.unwrap_or(built),
            launched: last_launch(&case.managed),
        }),
    }
}

fn last_launch(managed: &[&PlacementSeen]) -> LastLaunch {
    let launched = managed
        .iter()
        .map(|placement| placement.launched)
        .max_by_key(|launched| match launched {
            LastLaunch::Never => (0, None),
            LastLaunch::At(at) => (1, Some(*at)),
            LastLaunch::Unread => (2, None),
        });
    launched.unwrap_or(LastLaunch::Never)
}

/// What keeps, or nothing.
fn none(why: Option<Keeps>) -> Said {
    why.map_or(Ok(None), Err)
}

fn built(built: &BuildTime, now: Timestamp) -> Result<Timestamp, Undated> {
    match built {
        BuildTime::At(built) if *built <= now => Ok(*built),
        BuildTime::At(ahead) => Err(Undated::Ahead(*ahead)),
        BuildTime::Absent => Err(Undated::Absent),
        BuildTime::Unparseable(text) => Err(Undated::Unparseable(text.clone())),
    }
}

fn grouped(case: &Case<'_>) -> Said {
    match &case.release.place {
        Place::Ungrouped(why) => Err(Keeps::Ungrouped(why.clone())),
        Place::Built { .. } | Place::Adopted { .. } | Place::LeftByFailedBuild => Ok(None),
    }
}

/// That the release has a date, and each of its images.
fn dated(case: &Case<'_>) -> Said {
    let of_images = case.managed.iter().map(|placement| built(&placement.created, case.now));
    let mut all = std::iter::once(case.built.clone()).chain(of_images);
    none(all.find_map(Result::err).map(Keeps::Undated))
}

/// What is being built may yet fail, and then leaves nothing of its line.
fn finished(case: &Case<'_>) -> Said {
    none(case.release.building().map(Keeps::Building))
}

fn settled(case: &Case<'_>) -> Said {
    none(case.managed.iter().find_map(|placement| match placement.standing {
        PlacementStanding::Unsettled(state) => Some(Keeps::Pending(placement.ami, state)),
        PlacementStanding::Available | PlacementStanding::Deprecated(_) | PlacementStanding::Disabled(_) => None,
    }))
}

fn beyond(case: &Case<'_>) -> Said {
    match case.ranked {
        Some(Ranked { rank, beyond: None }) => Err(Keeps::Rank {
            rank,
            of: case.retain.releases.get(),
        }),
        Some(Ranked { rank: _, beyond }) => Ok(beyond),
        None => Ok(None),
    }
}

fn old(case: &Case<'_>) -> Said {
    // A date that is still to come is a young one, whatever else it is.
    let Some(built) = case.release.built_at() else {
        return Ok(None);
    };
    let old = built.saturating_add(case.retain.young);
    if case.now < old {
        return Err(Keeps::Age { until: old });
    }
    Ok(Some(old))
}

/// Since when none of them was launched for long enough.
fn unused(case: &Case<'_>) -> Said {
    let Some(unused_for) = case.retain.unused_for else {
        return Ok(None);
    };
    let (mut latest, mut unread) = (None, None);
    for PlacementSeen {
        ami, launched, created, ..
    } in &case.managed
    {
        let (at, from) = match launched {
            LastLaunch::At(at) => (Some(*at), *at),
            LastLaunch::Never => match (case.release.built_at(), created.at()) {
                (Some(built), Some(created)) => (None, created.max(built)),
                (None, _) | (_, None) => continue,
            },
            LastLaunch::Unread => {
                unread = unread.or(Some(*ami));
                continue;
            }
        };
        let until = from.saturating_add(LAUNCH_LAG).saturating_add(unused_for);
        if case.now < until {
            return Err(Keeps::Launched { ami: *ami, at, until });
        }
        latest = latest.max(Some(until));
    }
    unread.map_or(Ok(latest), |ami| Err(Keeps::LaunchUnread(ami)))
}

fn unreferenced(case: &Case<'_>) -> Said {
    none(case.managed.iter().find_map(|placement| used(placement, case)))
}

fn off_channels(case: &Case<'_>) -> Said {
    none(case.release.channels.iter().min().cloned().map(Keeps::Channel))
}

fn childless(case: &Case<'_>) -> Said {
    none(case.release.parent_of.iter().min().cloned().map(Keeps::Parent))
}

fn untagged(case: &Case<'_>) -> Said {
    none(case.managed.iter().find_map(|placement| tagged(placement, case.retain)))
}

/// Since when nobody holds it.
fn released(case: &Case<'_>) -> Said {
    match case.release.holds.iter().max() {
        Some(held) if case.now < held.until => Err(Keeps::Hold(held.clone())),
        _ => Ok(case.release.released()),
    }
}

/// Since when EC2 would deregister all of them.
fn unprotected(case: &Case<'_>) -> Said {
    let mut since = None;
    for PlacementSeen { ami, protection, .. } in &case.managed {
        match protection {
            None => {}
            Some(Protection::CoolsDown(until)) if *until <= case.now => since = since.max(Some(*until)),
            Some(protection @ (Protection::CoolsDown(_) | Protection::On)) => {
                return Err(Keeps::Protected(*ami, *protection));
            }
        }
    }
    Ok(since)
}

/// That everybody was asked since each of them is there and known.
fn asked_of(case: &Case<'_>) -> Said {
    none(case.managed.iter().find_map(|placement| {
        let since = placement.there_since()?;
        let (as_of, target) = case.looked.before(since)?;
        Some(Keeps::NotAskedOf {
            ami: placement.ami,
            since,
            target,
            as_of,
        })
    }))
}

fn used(placement: &PlacementSeen, case: &Case<'_>) -> Option<Keeps> {
    let counts = |by: &UsedBy| match by {
        UsedBy::Said(_) => true,
        UsedBy::Way(reference) => match case.retain.launch_template_versions {
            LaunchTemplateVersions::Referenced => reference.keeps(),
            LaunchTemplateVersions::Newest(newest) => reference.weakness() < u64::from(newest),
            LaunchTemplateVersions::All => true,
        },
    };
    let uses = placement.uses.iter();
    let uses = uses.filter(|seen| counts(&seen.by) && !case.looked.knows_better(seen));
    let first = uses.min()?;
    Some(Keeps::Referenced {
        ami: placement.ami,
        seen_in: first.seen_in,
        by: first.by.clone(),
    })
}

fn tagged(placement: &PlacementSeen, retain: &Retain) -> Option<Keeps> {
    let keeps = |key: &str, value: &str| {
        let mut tags = retain.keep_tags.iter();
        tags.any(|(wanted, with)| wanted.as_str() == key && with.as_str() == value)
    };
    let tags = placement.tags.iter().filter(|tag| keeps(&tag.key, &tag.value));
    let first = tags.min()?.clone();
    Some(Keeps::Tag {
        ami: placement.ami,
        by: first.by,
        key: first.key,
        value: first.value,
    })
}
