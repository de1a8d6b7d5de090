use std::collections::{BTreeMap, BTreeSet};

use super::facts::Shared;
use crate::evidence::{Asked, Reached, Reaching, names_units};
use crate::{AccountId, Region, Target};

/// Whose evidence a family's pruning needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needed {
    /// Where it must be read.
    pub targets: BTreeSet<Target>,
    /// Who may use its images.
    pub shared: Shared,
}

/// Decides whose evidence a family's pruning needs, by the targets that it reaches and by what came of asking them.
///
/// Who owns an image must let us look. Whoever may use one need not: of an account that never let anybody look only usage
/// reports tell, and one that once did is needed from then on. Where a manifest would bring images and none is yet, nobody can use
/// one but by what names an image of another Region: that is needed only where something was seen in use.
pub fn needed_evidence(
    family: &Reaching<'_>,
    reached: &BTreeMap<Target, Reached>,
    (placed, asked): (&BTreeSet<Target>, &BTreeMap<Target, Asked>),
) -> Needed {
    let mut shared = shared(family, reached);
    let may_use: BTreeSet<AccountId> = family.reach.everybody().collect();
    let regions: BTreeSet<Region> = placed.iter().map(|target| target.region()).collect();
    let mut targets = BTreeSet::new();
    for (target, why) in reached {
        let asked = asked.get(target);
        let lets_look = asked.is_some_and(|asked| asked.read.is_some());
        let uses = asked.is_some_and(|asked| asked.uses);
        match (why, lets_look) {
            (Reached::Owns, _) if placed.contains(target) => drop(targets.insert(*target)),
            // Its own copy is not there yet, or no more; the hub's is, which it is lent to make one.
            (Reached::Owns, true) if may_use.contains(&target.account()) && regions.contains(&target.region()) => {
                targets.insert(*target);
            }
            (Reached::Owns, false) if may_use.contains(&target.account()) && regions.contains(&target.region()) => {
                shared = Shared::WithoutRoles;
            }
            (Reached::Owns, lets_look) => {
                if lets_look && uses {
                    targets.insert(*target);
                }
            }
            (Reached::MayUse | Reached::Left, true) => {
                targets.insert(*target);
                shared = shared.max(Shared::WithRoles);
            }
            (Reached::MayUse | Reached::Left, false) => {
                shared = Shared::WithoutRoles;
                // It owns one, and left the organization: nobody can be let in, and only a person can do without it.
                if placed.contains(target) {
                    targets.insert(*target);
                }
            }
        }
    }
    Needed { targets, shared }
}

/// Who may use a family's images by what it says itself. Who is to own copies may use them too, if it is named for that as well.
fn shared(family: &Reaching<'_>, reached: &BTreeMap<Target, Reached>) -> Shared {
    let Reaching { manifest, reach, known } = family;
    let Some(manifest) = manifest.filter(|manifest| *known && !manifest.distribute.share_with.public) else {
        return Shared::WithoutRoles;
    };
    // Nobody uses anything in an account that is closed.
    let accounts: BTreeSet<AccountId> = reached.keys().map(|target| target.account()).collect();
    let is_there = |account: &AccountId| accounts.contains(account);
    let of_units = names_units(manifest) && reach.accounts.iter().any(is_there);
    let named = manifest.distribute.share_with.accounts.iter().any(is_there);
    if of_units || named || reach.left.keys().any(is_there) {
        Shared::WithRoles
    } else {
        Shared::WithNobody
    }
}
