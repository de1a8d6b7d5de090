use std::collections::{BTreeMap, BTreeSet};

use super::facts::Shared;
use crate::Target;
use crate::evidence::{Asked, Reached, Reaching};

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
/// reports tell, and one that once did is needed from then on.
pub fn needed_evidence(
    family: &Reaching<'_>,
    reached: &BTreeMap<Target, Reached>,
    (placed, asked): (&BTreeSet<Target>, &BTreeMap<Target, Asked>),
) -> Needed {
    let Reaching {
        manifest,
        reach: _,
        known,
    } = family;
    let is_public = manifest.is_none_or(|manifest| manifest.distribute.share_with.public);
    let mut shared = if is_public || !known {
        Shared::WithoutRoles
    } else {
        Shared::WithNobody
    };
    let mut targets = BTreeSet::new();
    for (target, why) in reached {
        let lets_look = asked.get(target).is_some_and(|asked| asked.read.is_some());
        match (why, lets_look) {
            (Reached::Owns, _) => drop(targets.insert(*target)),
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
