//! What of a family is due where.

use std::collections::{BTreeMap, BTreeSet};

use steward::channels::ChannelHeld;
use steward::distribution::{audience_in, can_go_on, distribution_targets, is_due, is_lending_due, lacking};
use steward::publication::{
    Readers, is_publication_due, owned_image, pointed_images, publication_of, publication_targets,
};
use steward::{FamilyName, Region, ReleaseId, Target, Timestamp};
use steward_aws::{HeldFamily, Problem};
use steward_lambda::Moment;

use super::family::Family;
use super::views::views;
use crate::Room;

/// What is due of a family in a target.
pub(crate) struct Due {
    pub(crate) target: Target,
    pub(crate) family: FamilyName,
    /// Releases to look at, the newest first.
    pub(crate) releases: Vec<ReleaseId>,
    /// Where it is to be looked at how its channels are published: when that was done last.
    pub(crate) publish: Option<LastLooked>,
    /// Where it is to be looked at what the target's account sees of it: when that was done last.
    pub(crate) view: Option<LastLooked>,
}

/// When a target was last looked at; what waits longest is less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LastLooked {
    Never,
    At(Timestamp),
}

/// What is due of a family, target by target.
pub(crate) async fn due(room: &Room, family: &Family<'_>, moment: Moment) -> Result<Vec<Due>, Problem> {
    let Family {
        manifest,
        number,
        audience,
        organization: _,
        held:
            HeldFamily {
                members,
                stood,
                channels: _,
                requests: _,
            },
    } = family;
    let hub = room.aws.hub();
    let wanted = distribution_targets(&manifest.distribute, hub, &audience.owners);
    let pointed = family.held.pointed(manifest, moment.now);
    let mut due: BTreeMap<Target, Due> = BTreeMap::new();
    let nothing = |target| Due {
        target,
        family: manifest.family.clone(),
        releases: Vec::new(),
        publish: None,
        view: None,
    };
    for release in members.iter().rev().map(|member| member.release) {
        // Where it was once, it is still looked at, while anybody can: what nobody declares any more is taken back.
        let stood = stood.get(&release);
        let once = stood.into_iter().flat_map(BTreeMap::keys).copied();
        let once = once.filter(|target| !family.is_gone(target.account()));
        let at = |target: Target| stood.and_then(|stood| stood.get(&target));
        let lacking = |region| lacking(region, &manifest.distribute, &audience.owners, at);
        for target in wanted.iter().copied().chain(once).collect::<BTreeSet<_>>() {
            let there = at(target);
            let digest = audience_in(target, hub, &audience.digest);
            let (is_hubs, is_wanted) = (target.account() == hub.account(), wanted.contains(&target));
            // Who is to own none is looked at once a day, whatever points there.
            let is_pointed_to = pointed.contains(&release) && (is_hubs || is_wanted);
            let is_due = is_due(there, *number, digest, is_pointed_to, moment.now);
            let is_due = if is_hubs {
                // What is lent to members follows theirs with each sweep.
                is_due || there.is_some_and(|there| is_lending_due(there, &lacking(target.region()), moment.now))
            } else {
                let of_hub = at(Target::new(hub.account(), target.region()));
                is_due && (!is_wanted || can_go_on(target.account(), there, of_hub, moment.now))
            };
            if is_due {
                let due = due.entry(target).or_insert_with(|| nothing(target));
                due.releases.push(release);
            }
        }
    }
    let unknown: BTreeSet<ReleaseId> = due.values().flat_map(|due| &due.releases).copied().collect();
    let available = room.record.available(&unknown).await?;
    for due in due.values_mut() {
        due.releases.retain(|release| available.contains(release));
    }
    due.retain(|_, due| !due.releases.is_empty());
    for (target, looked) in publications(room, family, moment).await? {
        due.entry(target).or_insert_with(|| nothing(target)).publish = Some(looked);
    }
    for (target, looked) in views(room, family, moment).await? {
        due.entry(target).or_insert_with(|| nothing(target)).view = Some(looked);
    }
    Ok(due.into_values().collect())
}

/// The targets in which it is to be looked at how the channels are published, and when that was done last.
async fn publications(room: &Room, family: &Family<'_>, moment: Moment) -> Result<Vec<(Target, LastLooked)>, Problem> {
    let Family {
        manifest,
        number,
        audience,
        organization: _,
        held:
            HeldFamily {
                channels,
                stood,
                members: _,
                requests: _,
            },
    } = family;
    if manifest.distribute.publish.is_none() || channels.is_empty() {
        return Ok(Vec::new());
    }
    let published = room.record.published(&manifest.family).await?;
    let none = BTreeSet::new();
    let readers = Readers {
        audience: audience.known_readers().unwrap_or(&none),
        owners: &audience.owners,
    };
    let hub = room.aws.hub();
    let in_target = |target| {
        let stands = |release| owned_image(target, hub.account(), |at| stood.get(&release)?.get(&at));
        publication_of(*number, &pointed_images(channels, stands))
    };
    let pointed: BTreeSet<ReleaseId> = channels.values().flat_map(ChannelHeld::releases).collect();
    let has_own = |target: &Target| {
        let mut stood = pointed.iter().filter_map(|release| stood.get(release));
        stood.any(|stood| stood.contains_key(target))
    };
    let mut of_hub: BTreeMap<Region, String> = BTreeMap::new();
    let mut due = Vec::new();
    for target in publication_targets(manifest, hub, readers) {
        let published = published.get(&target);
        let is_member = target.account() != hub.account();
        let own;
        let what = if is_member && has_own(&target) {
            own = in_target(target);
            &own
        } else {
            let of_hub = of_hub.entry(target.region());
            of_hub.or_insert_with(|| in_target(Target::new(hub.account(), target.region())))
        };
        if is_publication_due(published, what, is_member, moment.now) {
            let looked = published.map_or(LastLooked::Never, |published| LastLooked::At(published.looked));
            due.push((target, looked));
        }
    }
    Ok(due)
}
