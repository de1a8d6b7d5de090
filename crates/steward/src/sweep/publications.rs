use std::collections::{BTreeMap, BTreeSet};

use super::facts::SweepFacts;
use super::{LastLooked, Looks};
use crate::distribution::When;
use crate::publication::{
    Readers, owned_image, pointed_images, publication_of, publication_targets, when_publication_due,
};
use crate::{Region, Target};

/// Decides where it is to be looked at how the channels are published.
pub fn due_publications(facts: &SweepFacts<'_>) -> Looks {
    let mut looks = Looks {
        due: Vec::new(),
        with_members: When::Never,
    };
    if facts.channels.is_empty() {
        return looks;
    }
    let nobody = BTreeSet::new();
    let readers = match facts.rest {
        None => Readers {
            audience: facts.readers.unwrap_or(&nobody),
            owners: facts.owners,
        },
        Some(_) => Readers {
            audience: &nobody,
            owners: &nobody,
        },
    };
    let in_target = |target| {
        let stands = |release| owned_image(target, facts.home.account(), |at| facts.stood.get(&release)?.get(&at));
        publication_of(facts.number, &pointed_images(facts.channels, stands))
    };
    let pointed = facts.on_channels();
    let has_own = |target: &Target| {
        let mut stood = pointed.iter().filter_map(|release| facts.stood.get(release));
        stood.any(|stood| stood.contains_key(target))
    };
    let mut of_hub: BTreeMap<Region, String> = BTreeMap::new();
    let mut targets = publication_targets(facts.manifest, facts.home, readers);
    // What is declared no more goes on naming an image. Who reads a family must be known to tell that of a member.
    let is_known = |target: &Target| facts.is_hubs(*target) || facts.readers.is_some();
    let is_open = |target: &Target| !facts.gone.contains(&target.account());
    targets.extend(
        facts
            .published
            .keys()
            .filter(|target| is_known(target) && is_open(target)),
    );
    for target in targets {
        let is_member = !facts.is_hubs(target);
        if is_member && facts.rest.is_some() {
            continue;
        }
        let own;
        let what = if is_member && has_own(&target) {
            own = in_target(target);
            &own
        } else {
            let of_hub = of_hub.entry(target.region());
            of_hub.or_insert_with(|| in_target(Target::new(facts.home.account(), target.region())))
        };
        let published = facts.published.get(&target);
        let when = when_publication_due(published, what, is_member);
        if is_member {
            looks.with_members = looks.with_members.min(when);
        }
        if when.has_come(facts.now) {
            looks.due.push((target, LastLooked::of(published)));
        }
    }
    looks
}
