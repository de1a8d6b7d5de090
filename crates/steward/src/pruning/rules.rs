use super::keeps::{Keeps, Undated};
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
    /// The latest instant at which a rule did.
    pub(super) at: Timestamp,
    /// When one of its images was last launched.
    pub(super) launched: LastLaunch,
}

/// Judges a release by every rule of its family's manifest, one after the other: the first that keeps it does.
///
/// Its images go together: what keeps one of them keeps all.
pub(super) fn judge(
    release: &ReleaseFacts,
    ranked: Option<Ranked>,
    retain: &Retain,
    now: Timestamp,
) -> Result<LetGo, Keeps> {
    let ReleaseFacts {
        release: _,
        name: _,
        place,
        built,
        since: _,
        holds: _,
        channels,
        parent_of,
        output: _,
        placements: _,
    } = release;
    if let Place::Ungrouped(why) = place {
        return Err(Keeps::Ungrouped(why.clone()));
    }
    let built = dated(built, now).map_err(Keeps::Undated)?;
    let managed = release.managed_in_order();
    for placement in &managed {
        if let PlacementStanding::Unsettled(state) = placement.standing {
            return Err(Keeps::Pending(placement.ami, state));
        }
    }
    let beyond = beyond(ranked, retain)?;
    let old = built.saturating_add(retain.young);
    if now < old {
        return Err(Keeps::Age { until: old });
    }
    let unused = unused(&managed, built, retain, now)?;
    if let Some(used) = managed.iter().find_map(|placement| used(placement, retain)) {
        return Err(used);
    }
    if let Some(channel) = channels.iter().min() {
        return Err(Keeps::Channel(channel.clone()));
    }
    if let Some(child) = parent_of.iter().min() {
        return Err(Keeps::Parent(child.clone()));
    }
    if let Some(tagged) = managed.iter().find_map(|placement| tagged(placement, retain)) {
        return Err(tagged);
    }
    let released = released(release, now)?;
    let unprotected = unprotected(&managed, now)?;
    let at = [beyond, unused, released, unprotected]
        .into_iter()
        .flatten()
        .fold(old, Timestamp::max);
    let launched = managed
        .iter()
        .map(|placement| placement.launched)
        .max_by_key(|launched| match launched {
            LastLaunch::Never => (0, None),
            LastLaunch::At(at) => (1, Some(*at)),
            LastLaunch::Unread => (2, None),
        });
    Ok(LetGo {
        built,
        at,
        launched: launched.unwrap_or(LastLaunch::Never),
    })
}

fn dated(built: &BuildTime, now: Timestamp) -> Result<Timestamp, Undated> {
    match built {
        BuildTime::At(built) if *built <= now => Ok(*built),
        BuildTime::At(ahead) => Err(Undated::Ahead(*ahead)),
        BuildTime::Absent => Err(Undated::Absent),
        BuildTime::Unparseable(text) => Err(Undated::Unparseable(text.clone())),
    }
}

fn beyond(ranked: Option<Ranked>, retain: &Retain) -> Result<Option<Timestamp>, Keeps> {
    match ranked {
        Some(Ranked { rank, beyond: None }) => Err(Keeps::Rank {
            rank,
            of: retain.releases.get(),
        }),
        Some(Ranked { rank: _, beyond }) => Ok(beyond),
        None => Ok(None),
    }
}

/// Since when none of them was launched for long enough.
fn unused(
    managed: &[&PlacementSeen],
    built: Timestamp,
    retain: &Retain,
    now: Timestamp,
) -> Result<Option<Timestamp>, Keeps> {
    let Some(unused_for) = retain.unused_for else {
        return Ok(None);
    };
    let mut latest = None;
    for PlacementSeen { ami, launched, .. } in managed {
        let (ami, at, from) = match launched {
            LastLaunch::At(at) => (*ami, Some(*at), *at),
            LastLaunch::Never => (*ami, None, built),
            LastLaunch::Unread => return Err(Keeps::LaunchUnread(*ami)),
        };
        let until = from.saturating_add(LAUNCH_LAG).saturating_add(unused_for);
        if now < until {
            return Err(Keeps::Launched { ami, at, until });
        }
        latest = latest.max(Some(until));
    }
    Ok(latest)
}

fn used(placement: &PlacementSeen, retain: &Retain) -> Option<Keeps> {
    let counts = |by: &UsedBy| match by {
        UsedBy::Said(_) => true,
        UsedBy::Way(reference) => match retain.launch_template_versions {
            LaunchTemplateVersions::Referenced => reference.keeps(),
            LaunchTemplateVersions::Newest(newest) => reference.weakness() < u64::from(newest),
            LaunchTemplateVersions::All => true,
        },
    };
    let uses = placement.uses.iter().filter(|seen| counts(&seen.by));
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

/// Since when nobody holds it.
fn released(release: &ReleaseFacts, now: Timestamp) -> Result<Option<Timestamp>, Keeps> {
    match release.holds.iter().max() {
        Some(held) if now < held.until => Err(Keeps::Hold(held.clone())),
        held => Ok(held.map(|held| held.until)),
    }
}

/// Since when EC2 would deregister all of them.
fn unprotected(managed: &[&PlacementSeen], now: Timestamp) -> Result<Option<Timestamp>, Keeps> {
    let protected = |placement: &&PlacementSeen| Some((placement.protection?, placement.ami));
    let mut since = None;
    for (protection, ami) in managed.iter().filter_map(protected) {
        match protection {
            Protection::CoolsDown(until) if until <= now => since = since.max(Some(until)),
            Protection::CoolsDown(_) | Protection::On => return Err(Keeps::Protected(ami, protection)),
        }
    }
    Ok(since)
}
