use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Invariant;
use super::milliseconds::{DAY, at, ms};
use crate::manifest::{LaunchTemplateVersions, Retain};
use crate::pruning::{
    BuildTime, LastLaunch, Place, PlacementSeen, PlacementStanding, Protection, ReleaseFacts, UsedBy,
};
use crate::{Architecture, ReleaseId, ReleaseOrder, Timestamp};

/// Where a release is among those of its line, the greater the newer.
type Standing = (ReleaseOrder, Reverse<ReleaseId>);
pub(super) type Lines<'a> = BTreeMap<(Architecture, &'a [String]), Vec<Standing>>;

/// The releases of each line that take a rank in it, sorted.
pub(super) fn lines(releases: &[ReleaseFacts], now: Timestamp) -> Lines<'_> {
    let mut lines = Lines::new();
    for release in releases {
        if let Some((line, standing)) = standing(release, now) {
            lines.entry(line).or_default().push(standing);
        }
    }
    for line in lines.values_mut() {
        line.sort_unstable();
    }
    lines
}

fn standing(release: &ReleaseFacts, now: Timestamp) -> Option<((Architecture, &[String]), Standing)> {
    let BuildTime::At(created) = release.built else {
        return None;
    };
    let stands =
        |image: &PlacementSeen| image.unmanaged.is_none() && !matches!(image.standing, PlacementStanding::Unsettled(_));
    if created > now || !release.placements.iter().any(stands) {
        return None;
    }
    let id = Reverse(release.release);
    match &release.place {
        Place::Built { architecture, order } => Some(((*architecture, &[]), (ReleaseOrder::Built(*order), id))),
        Place::Adopted { line, ami, region } => {
            let (region, ami) = (*region, *ami);
            let order = ReleaseOrder::Adopted {
                created,
                id: ami,
                region,
            };
            Some(((line.architecture, &line.group), (order, id)))
        }
        Place::Ungrouped(_) | Place::LeftByFailedBuild => None,
    }
}

/// Every reason for which a release must stay.
pub(super) fn reasons(
    release: &ReleaseFacts,
    retain: &Retain,
    lines: &Lines<'_>,
    time: Timestamp,
) -> Vec<(Invariant, String)> {
    let now = at(time);
    let mut reasons = Vec::new();
    let mut say = |invariant, says: &str| reasons.push((invariant, says.to_owned()));
    let built = match &release.built {
        BuildTime::At(built) if at(*built) <= now => Some(at(*built)),
        BuildTime::At(_) | BuildTime::Absent | BuildTime::Unparseable(_) => None,
    };
    match built {
        None => say(Invariant::Age, "is of no known age"),
        Some(built) if now - built < ms(retain.young) => say(Invariant::Age, "is too young"),
        Some(_) => {}
    }
    match standing(release, time) {
        Some((line, standing)) => {
            let line = &lines[&line];
            let newer = line.len() - line.partition_point(|other| *other <= standing);
            if newer < usize::try_from(retain.releases.get()).unwrap_or(usize::MAX) {
                say(Invariant::Wanted, "is among the newest");
            }
        }
        None if release.place == Place::LeftByFailedBuild => {}
        None => say(Invariant::Wanted, "cannot be ranked"),
    }
    if !release.channels.is_empty() {
        say(Invariant::Wanted, "is on a channel, or on the way to one");
    }
    if !release.parent_of.is_empty() {
        say(Invariant::Wanted, "is built on");
    }
    if release.holds.iter().any(|held| at(held.until) > now) {
        say(Invariant::Wanted, "is held");
    }
    for image in &release.placements {
        if image.unmanaged.is_some() {
            continue;
        }
        if matches!(image.standing, PlacementStanding::Unsettled(_)) {
            say(Invariant::Wanted, "is not settled");
        }
        let created = match &image.created {
            BuildTime::At(created) if at(*created) <= now => Some(at(*created)),
            BuildTime::At(_) | BuildTime::Absent | BuildTime::Unparseable(_) => {
                say(Invariant::Age, "was made nobody knows when");
                None
            }
        };
        if let Some(unused_for) = retain.unused_for {
            let last = match image.launched {
                LastLaunch::At(launched) => Some(at(launched)),
                LastLaunch::Never => created.max(built).filter(|_| created.is_some() && built.is_some()),
                LastLaunch::Unread => None,
            };
            if last.is_none_or(|last| now - last < ms(unused_for) + DAY) {
                say(Invariant::Age, "may have been launched lately");
            }
        }
        if image
            .uses
            .iter()
            .any(|seen| is_use(&seen.by, retain.launch_template_versions))
        {
            say(Invariant::Unused, "is used");
        }
        let keeps = |key: &str, value: &str| {
            let mut tags = image.tags.iter();
            tags.any(|tag| tag.key == key && tag.value == value)
        };
        if retain
            .keep_tags
            .iter()
            .any(|(key, value)| keeps(key.as_str(), value.as_str()))
        {
            say(Invariant::Wanted, "carries a tag that keeps it");
        }
        match image.protection {
            None => {}
            Some(Protection::CoolsDown(until)) if at(until) <= now => {}
            Some(Protection::On | Protection::CoolsDown(_)) => say(Invariant::Wanted, "is protected"),
        }
    }
    reasons
}

fn is_use(by: &UsedBy, versions: LaunchTemplateVersions) -> bool {
    let least = match versions {
        LaunchTemplateVersions::Referenced => 1,
        LaunchTemplateVersions::Newest(newest) => newest.into(),
        LaunchTemplateVersions::All => u64::MAX,
    };
    match by {
        UsedBy::Said(_) => true,
        UsedBy::Way(reference) => reference.weakness() < least || versions == LaunchTemplateVersions::All,
    }
}
