//! What of a family is due where.

use std::collections::{BTreeMap, BTreeSet};

use steward::channels::ChannelHeld;
use steward::distribution::{Stood, distribution_targets, is_due};
use steward::publication::{is_publication_due, pointed_images, publication_of, publication_targets};
use steward::{BuildState, FamilyName, Region, ReleaseId, Target, Timestamp};
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
        held: HeldFamily {
            members,
            stood,
            channels,
        },
    } = family;
    let wanted = distribution_targets(&manifest.distribute, room.aws.hub());
    let pointed: BTreeSet<ReleaseId> = channels.values().flat_map(ChannelHeld::releases).collect();
    let mut due: BTreeMap<Target, Due> = BTreeMap::new();
    let nothing = |target| Due {
        target,
        family: manifest.family.clone(),
        releases: Vec::new(),
        publish: None,
        view: None,
    };
    for release in members.iter().rev().map(|member| member.release) {
        // Where it was once, it is still looked at: what nobody declares any more is taken back.
        let stood = stood.get(&release);
        let once = stood.into_iter().flat_map(BTreeMap::keys).copied();
        for target in wanted.iter().copied().chain(once).collect::<BTreeSet<_>>() {
            let stood = stood.and_then(|stood| stood.get(&target));
            if is_due(stood, *number, &audience.digest, pointed.contains(&release), moment.now) {
                let due = due.entry(target).or_insert_with(|| nothing(target));
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
    let readers = audience.known_readers().unwrap_or(&none);
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
            let looked = published.map_or(LastLooked::Never, |published| LastLooked::At(published.looked));
            due.push((target, looked));
        }
    }
    Ok(due)
}
