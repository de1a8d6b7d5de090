//! What of a family is due where.

use std::collections::{BTreeMap, BTreeSet};

use steward::channels::ChannelHeld;
use steward::distribution::{Stood, distribution_targets, is_due};
use steward::publication::{is_publication_due, pointed_images, publication_of, publication_targets};
use steward::{BuildState, Region, ReleaseId, Target, Timestamp};
use steward_aws::{HeldFamily, Problem};
use steward_lambda::Moment;

use super::family::Family;
use crate::Room;

/// What is due of a family in a target.
pub(crate) struct Due {
    pub(crate) target: Target,
    /// Releases to look at, the newest first.
    pub(crate) releases: Vec<ReleaseId>,
    /// Whether to look at how its channels are published.
    pub(crate) publish: bool,
    /// When that was last looked at.
    pub(crate) looked: Option<Timestamp>,
}

impl Due {
    const fn nothing(target: Target) -> Self {
        Self {
            target,
            releases: Vec::new(),
            publish: false,
            looked: None,
        }
    }
}

/// What is due, the most urgent first: releases, then targets that nobody has published in, then those that wait longest.
pub(crate) async fn due(room: &Room, family: &Family<'_>, moment: Moment) -> Result<Vec<Due>, Problem> {
    let Family {
        manifest,
        number,
        audience,
        held: HeldFamily {
            members,
            stood,
            channels,
        },
    } = family;
    let wanted = distribution_targets(&manifest.distribute, room.aws.hub());
    let pointed: BTreeSet<ReleaseId> = channels.values().flat_map(ChannelHeld::releases).collect();
    let mut due: BTreeMap<Target, Due> = BTreeMap::new();
    for release in members.iter().rev().map(|member| member.release) {
        // Where it was once, it is still looked at: what nobody declares any more is taken back.
        let stood = stood.get(&release);
        let once = stood.into_iter().flat_map(BTreeMap::keys).copied();
        for target in wanted.iter().copied().chain(once).collect::<BTreeSet<_>>() {
            let stood = stood.and_then(|stood| stood.get(&target));
            if is_due(stood, *number, &audience.digest, pointed.contains(&release), moment.now) {
                let due = due.entry(target).or_insert_with(|| Due::nothing(target));
                due.releases.push(release);
            }
        }
    }
    let unknown: BTreeSet<ReleaseId> = due.values().flat_map(|due| &due.releases).copied().collect();
    let cards = room.record.cards(&unknown).await?;
    let is_usable = |release: &ReleaseId| {
        cards
            .get(release)
            .is_some_and(|card| card.state == Some(BuildState::Available))
    };
    for due in due.values_mut() {
        due.releases.retain(is_usable);
    }
    due.retain(|_, due| !due.releases.is_empty());
    for (target, looked) in publications(room, family, moment).await? {
        let due = due.entry(target).or_insert_with(|| Due::nothing(target));
        due.publish = true;
        due.looked = looked;
    }
    let mut due: Vec<Due> = due.into_values().collect();
    due.sort_by_key(|due| (due.releases.is_empty(), due.looked, due.target));
    Ok(due)
}

/// The targets in which it is to be looked at how the channels are published, and when that was done last.
async fn publications(
    room: &Room,
    family: &Family<'_>,
    moment: Moment,
) -> Result<Vec<(Target, Option<Timestamp>)>, Problem> {
    let Family {
        manifest,
        number,
        audience,
        held: HeldFamily {
            channels,
            stood,
            members: _,
        },
    } = family;
    if manifest.distribute.publish.is_none() || channels.is_empty() {
        return Ok(Vec::new());
    }
    let published = room.record.published(&manifest.family).await?;
    let none = BTreeSet::new();
    let readers = audience.readers.as_ref().unwrap_or(&none);
    let hub = room.aws.hub();
    let of_region = |region| {
        let owned = Target::new(hub.account(), region);
        let stands = |release| {
            let there: &Stood = stood.get(&release)?.get(&owned)?;
            Some((there.ami?, there.reach))
        };
        publication_of(*number, &pointed_images(channels, stands))
    };
    let mut whats: BTreeMap<Region, String> = BTreeMap::new();
    let mut due = Vec::new();
    for target in publication_targets(manifest, hub, readers) {
        let published = published.get(&target);
        let is_member = target.account() != hub.account();
        let what = whats
            .entry(target.region())
            .or_insert_with(|| of_region(target.region()));
        if is_publication_due(published, what, is_member, moment.now) {
            due.push((target, published.map(|published| published.looked)));
        }
    }
    Ok(due)
}
