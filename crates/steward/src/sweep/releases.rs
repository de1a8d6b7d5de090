//! Which releases are to be looked at where.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::SweepFacts;
use crate::distribution::{
    Pace, Stood, When, audience_in, can_go_on, distribution_targets, is_lending_due, lacking, when_due,
};
use crate::{AccountId, Region, ReleaseId, Target};

/// Where a release is to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseDue {
    /// Which.
    pub release: ReleaseId,
    /// Where it is due.
    pub due: Vec<Target>,
    /// When it is due first with members.
    pub with_members: When,
}

/// Decides where releases are to be looked at, the newest first. That they are built is not asked here.
pub fn due_releases(facts: &SweepFacts<'_>) -> Vec<ReleaseDue> {
    let nobody = BTreeSet::new();
    let owners = facts.rest.map_or(facts.owners, |_| &nobody);
    let wanted = distribution_targets(&facts.manifest.distribute, facts.home, owners);
    let of = |release: &ReleaseId| due_of(facts, *release, &wanted);
    facts.releases.iter().rev().map(of).collect()
}

fn due_of(facts: &SweepFacts<'_>, release: ReleaseId, wanted: &BTreeSet<Target>) -> ReleaseDue {
    let is_pointed_to = facts.pointed.contains(&release);
    let stood = facts.stood.get(&release);
    let at = |target: Target| stood.and_then(|stood| stood.get(&target));
    // Where it was once, it is still looked at, while anybody can: what nobody declares any more is taken back.
    let once = stood.into_iter().flat_map(BTreeMap::keys).copied();
    let once = once.filter(|target| !facts.gone.contains(&target.account()));
    let mut release_due = ReleaseDue {
        release,
        due: Vec::new(),
        with_members: When::Never,
    };
    for target in wanted.iter().copied().chain(once).collect::<BTreeSet<_>>() {
        let there = at(target);
        let digest = audience_in(target, facts.home, facts.audience);
        let when = |pace| when_due(there, facts.number, digest, pace);
        let is_due = if facts.is_hubs(target) {
            let pace = if is_pointed_to { Pace::EachSweep } else { Pace::Daily };
            let lacking = || lacking_in(facts, release, target.region());
            // What is lent to members follows theirs with each sweep.
            when(pace).has_come(facts.now) || there.is_some_and(|there| is_lending_due(there, &lacking(), facts.now))
        } else {
            let of_hub = at(Target::new(facts.home.account(), target.region()));
            let when = when(Pace::DailyTogether);
            let when = if wanted.contains(&target) {
                when.max(can_go_on(target.account(), there, of_hub))
            } else {
                when
            };
            release_due.with_members = release_due.with_members.min(when);
            when.has_come(facts.now)
        };
        if is_due {
            release_due.due.push(target);
        }
    }
    release_due
}

/// The members that lack their copy of a release in a Region.
pub(super) fn lacking_in(facts: &SweepFacts<'_>, release: ReleaseId, region: Region) -> BTreeSet<AccountId> {
    if let Some(rest) = facts.rest {
        return rest.lacking(release, region);
    }
    let stood = |target: Target| -> Option<&Stood> { facts.stood.get(&release)?.get(&target) };
    lacking(region, &facts.manifest.distribute, facts.owners, stood)
}
