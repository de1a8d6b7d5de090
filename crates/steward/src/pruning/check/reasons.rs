use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Invariant;
use super::asked::Asked;
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
    let is_there = release.placements.iter().any(stands) || !release.containers.is_empty();
    if created > now || is_being_built(release) || !is_there {
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

fn is_being_built(release: &ReleaseFacts) -> bool {
    release.output.as_ref().is_some_and(|output| !output.state.ended())
}

/// Why a release must stay.
#[derive(Clone, Copy)]
pub(super) struct Reason {
    pub(super) invariant: Invariant,
    pub(super) says: &'static str,
    /// Whether somebody needs it, rather than that something cannot be told of it.
    pub(super) needs: bool,
}

/// Every reason for which a release must stay.
pub(super) fn reasons(
    release: &ReleaseFacts,
    retain: &Retain,
    lines: &Lines<'_>,
    (asked, time): (&Asked, Timestamp),
) -> Vec<Reason> {
    let now = at(time);
    let mut reasons = Vec::new();
    let mut say = |invariant: Invariant, says: &'static str, needs: bool| {
        reasons.push(Reason { invariant, says, needs });
    };
    let built = date(&release.built);
    if built.is_none_or(|built| built > now) {
        say(Invariant::Age, "is of no known age", false);
    }
    if built.is_some_and(|built| now - built < ms(retain.young)) {
        say(Invariant::Age, "is too young", true);
    }
    match standing(release, time) {
        Some((line, standing)) => {
            let line = &lines[&line];
            let newer = line.len() - line.partition_point(|other| *other <= standing);
            if newer < usize::try_from(retain.releases.get()).unwrap_or(usize::MAX) {
                say(Invariant::Wanted, "is among the newest", true);
            }
        }
        None if release.place == Place::LeftByFailedBuild && !is_being_built(release) => {}
        None => say(Invariant::Wanted, "cannot be ranked", false),
    }
    for says in names(release, now) {
        say(Invariant::Wanted, says, true);
    }
    for image in &release.placements {
        if image.unmanaged.is_some() {
            continue;
        }
        if matches!(image.standing, PlacementStanding::Unsettled(_)) {
            say(Invariant::Wanted, "is not settled", false);
        }
        if asked.knows_not(image) {
            say(
                Invariant::Known,
                "was not there or known when somebody was asked",
                false,
            );
        }
        let created = date(&image.created);
        if created.is_none_or(|created| created > now) {
            say(Invariant::Age, "was made nobody knows when", false);
        }
        if let Some(unused_for) = retain.unused_for {
            let last = match image.launched {
                LastLaunch::At(launched) => Some(at(launched)),
                LastLaunch::Never => created.zip(built).map(|(created, built)| created.max(built)),
                LastLaunch::Unread => None,
            };
            if last.is_none_or(|last| now - last < ms(unused_for) + DAY) {
                say(Invariant::Age, "may have been launched lately", last.is_some());
            }
        }
        let mut uses = image.uses.iter().filter(|seen| !asked.is_second_hand(seen));
        if uses.any(|seen| is_use(&seen.by, retain.launch_template_versions)) {
            say(Invariant::Unused, "is used", true);
        }
        let keeps = |key: &str, value: &str| {
            let mut tags = image.tags.iter();
            tags.any(|tag| tag.key == key && tag.value == value)
        };
        let mut tags = retain.keep_tags.iter();
        if tags.any(|(key, value)| keeps(key.as_str(), value.as_str())) {
            say(Invariant::Wanted, "carries a tag that keeps it", true);
        }
        match image.protection {
            None => {}
            Some(Protection::CoolsDown(until)) if at(until) <= now => {}
            Some(Protection::On | Protection::CoolsDown(_)) => say(Invariant::Wanted, "is protected", true),
        }
    }
    reasons
}

/// What names a release, whether it has an image or not.
pub(super) fn names(release: &ReleaseFacts, now: i128) -> Vec<&'static str> {
    let mut names = Vec::new();
    if !release.channels.is_empty() {
        names.push("is on a channel, or on the way to one");
    }
    if !release.parent_of.is_empty() {
        names.push("is built on");
    }
    if is_held(release, now) {
        names.push("is held");
    }
    names
}

/// Whether a person holds it.
pub(super) fn is_held(release: &ReleaseFacts, now: i128) -> bool {
    release.holds.iter().any(|held| at(held.until) > now)
}

fn date(time: &BuildTime) -> Option<i128> {
    match time {
        BuildTime::At(time) => Some(at(*time)),
        BuildTime::Absent | BuildTime::Unparseable(_) => None,
    }
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
