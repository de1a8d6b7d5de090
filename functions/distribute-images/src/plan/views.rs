//! Where it is to be looked at what consumers see.

use std::collections::BTreeMap;

use steward::consumers::{LEFT, consumer_targets, is_shared, is_view_due, view_of};
use steward::distribution::Stood;
use steward::{AmiId, Region, ReleaseId, Target};
use steward_aws::Problem;
use steward_lambda::Moment;

use super::due::LastLooked;
use super::family::Family;
use crate::Room;

/// The targets in which it is to be looked at what consumers see, and when that was done last. While it is not known who they
/// are, nobody is looked at.
pub(super) async fn views(
    room: &Room,
    family: &Family<'_>,
    moment: Moment,
) -> Result<Vec<(Target, LastLooked)>, Problem> {
    let manifest = family.manifest;
    let Some(readers) = family.audience.known_readers() else {
        return Ok(Vec::new());
    };
    let hub = room.aws.hub();
    let viewed = room.record.viewed(&manifest.family).await?;
    let consumers = consumer_targets(manifest, hub, readers);
    let mut shows: BTreeMap<Region, Shows> = BTreeMap::new();
    let mut due = Vec::new();
    for target in consumers.iter().copied() {
        let owned = Target::new(hub.account(), target.region());
        let shows = shows.entry(target.region()).or_insert_with(|| Shows::of(family, owned));
        let viewed = viewed.get(&target);
        let is_due = match shows {
            Shows::Nothing(what) => viewed.is_some() && is_view_due(viewed, what, moment.now),
            Shows::Images(what) => is_view_due(viewed, what, moment.now),
            Shows::NotNow => false,
        };
        if is_due {
            let looked = viewed.map_or(LastLooked::Never, |viewed| LastLooked::At(viewed.looked));
            due.push((target, looked));
        }
    }
    let left = viewed.iter().filter(|(target, _)| !consumers.contains(target));
    let left = left.filter(|(_, viewed)| is_view_due(Some(viewed), LEFT, moment.now));
    due.extend(left.map(|(target, viewed)| (*target, LastLooked::At(viewed.looked))));
    Ok(due)
}

/// What there is to see in a Region.
enum Shows {
    /// No image; who saw some may hold something that goes with them.
    Nothing(String),
    /// These.
    Images(String),
    /// All that is there is being tagged or shared anew.
    NotNow,
}

impl Shows {
    fn of(family: &Family<'_>, owned: Target) -> Self {
        let there = family.held.stood.iter();
        let there = there.filter_map(|(release, stood)| Some((*release, stood.get(&owned)?)));
        let known: Vec<(AmiId, ReleaseId, &Stood)> = there
            .filter_map(|(release, stood)| Some((stood.ami?, release, stood)))
            .collect();
        let is_shared = |stood: &Stood| is_shared(stood, family.number, &family.audience.digest);
        let shared = known.iter().filter(|(_, _, stood)| is_shared(stood));
        let shared: BTreeMap<AmiId, ReleaseId> = shared.map(|(ami, release, _)| (*ami, *release)).collect();
        let what = view_of(family.manifest, &shared);
        match (known.is_empty(), shared.is_empty()) {
            (true, _) => Self::Nothing(what),
            (false, false) => Self::Images(what),
            (false, true) => Self::NotNow,
        }
    }
}
