use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::{ReleaseId, Timestamp};

/// That nobody should use a release any more, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// Who said so.
    pub who: String,
    /// Why.
    pub why: String,
    /// Since when.
    pub at: Timestamp,
    /// Whether what came from it is revoked with it, also what is built later.
    pub inherited: bool,
    /// Who took it back; none: it holds.
    pub lifted: Option<Lifted>,
}

/// Who took back what somebody had said: a revocation, an exemption, a hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifted {
    /// Who.
    pub who: String,
    /// Why.
    pub why: String,
    /// When.
    pub at: Timestamp,
}

/// That a release may be used although something it came from is revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exemption {
    /// Who said so.
    pub who: String,
    /// Why.
    pub why: String,
    /// Until when.
    pub until: Timestamp,
    /// Who ended it before that; none: nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Lifted>,
}

/// What people said of one release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Each revocation of it, lifted ones too.
    pub revocations: Vec<Revocation>,
    /// Each exemption, past ones too.
    pub exemptions: Vec<Exemption>,
}

impl Exemption {
    /// Whether it is neither past nor ended.
    pub fn holds(&self, now: Timestamp) -> bool {
        let end = self.ended.as_ref().map_or(self.until, |ended| ended.at.min(self.until));
        now < end
    }
}

/// Why a release is revoked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Cause {
    /// From what was revoked down to the release: one of them only where that is the release itself.
    pub path: Vec<ReleaseId>,
    /// Why.
    pub why: String,
    /// Who said so.
    pub who: String,
    /// Since when.
    pub at: Timestamp,
}

/// Every reason for which a release is revoked, derived from what was said of it and of its ancestors: so that children
/// built later inherit, and taking one back takes away exactly that one.
///
/// `parents` must hold the edges of the release and of all its ancestors. An exemption lets what is inherited pass, never
/// what was said of the release itself.
pub fn causes(
    release: ReleaseId,
    parents: &BTreeMap<ReleaseId, BTreeSet<ReleaseId>>,
    said: &BTreeMap<ReleaseId, Said>,
    now: Timestamp,
) -> BTreeSet<Cause> {
    let holding = |id: ReleaseId| {
        let revocations = said.get(&id).into_iter().flat_map(|said| &said.revocations);
        revocations.filter(|revocation| revocation.lifted.is_none())
    };
    let cause = |path: Vec<ReleaseId>, revocation: &Revocation| Cause {
        path,
        why: revocation.why.clone(),
        who: revocation.who.clone(),
        at: revocation.at,
    };
    let mut causes: BTreeSet<Cause> = holding(release)
        .map(|revocation| cause(vec![release], revocation))
        .collect();
    let exempt = said
        .get(&release)
        .is_some_and(|said| said.exemptions.iter().any(|exemption| exemption.holds(now)));
    if exempt {
        return causes;
    }
    // The shortest way to each ancestor, nearest first.
    let mut ways: BTreeMap<ReleaseId, Vec<ReleaseId>> = BTreeMap::from([(release, vec![release])]);
    let mut next = VecDeque::from([release]);
    while let Some(below) = next.pop_front() {
        let way = ways.get(&below).cloned().unwrap_or_default();
        for above in parents.get(&below).into_iter().flatten() {
            if ways.contains_key(above) {
                continue;
            }
            let mut longer = vec![*above];
            longer.extend(&way);
            let inherited = holding(*above).filter(|revocation| revocation.inherited);
            causes.extend(inherited.map(|revocation| cause(longer.clone(), revocation)));
            ways.insert(*above, longer);
            next.push_back(*above);
        }
    }
    causes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::release as id;

    fn at(day: u8) -> Timestamp {
        format!("2026-01-{day:02}T00:00:00Z").parse().unwrap()
    }

    fn revoked(why: &str, inherited: bool) -> Said {
        let revocation = Revocation {
            who: String::from("ann"),
            why: why.to_owned(),
            at: at(1),
            inherited,
            lifted: None,
        };
        Said {
            revocations: vec![revocation],
            exemptions: Vec::new(),
        }
    }

    /// 0 → 1 → 2 → 3, and 4 → 3.
    fn parents() -> BTreeMap<ReleaseId, BTreeSet<ReleaseId>> {
        [(1, vec![0]), (2, vec![1]), (3, vec![2, 4])]
            .into_iter()
            .map(|(child, above)| (id(child), above.into_iter().map(id).collect()))
            .collect()
    }

    fn of(release: usize, said: &BTreeMap<ReleaseId, Said>) -> Vec<(Vec<ReleaseId>, String)> {
        let causes = causes(id(release), &parents(), said, at(10));
        causes.into_iter().map(|cause| (cause.path, cause.why)).collect()
    }

    #[test]
    fn every_descendant_of_a_revoked_release_is_revoked_with_the_path_to_it() {
        let said = BTreeMap::from([(id(1), revoked("a hole", true))]);
        assert_eq!(of(0, &said), []);
        assert_eq!(of(1, &said), [(vec![id(1)], String::from("a hole"))]);
        assert_eq!(of(3, &said), [(vec![id(1), id(2), id(3)], String::from("a hole"))]);
    }

    #[test]
    fn two_revoked_ancestors_are_two_causes_and_taking_one_back_takes_away_that_one() {
        let mut said = BTreeMap::from([(id(0), revoked("a hole", true)), (id(4), revoked("a leak", true))]);
        assert_eq!(of(3, &said).len(), 2);
        said.get_mut(&id(0)).unwrap().revocations[0].lifted = Some(Lifted {
            who: String::from("bob"),
            why: String::from("mended"),
            at: at(2),
        });
        assert_eq!(of(3, &said), [(vec![id(4), id(3)], String::from("a leak"))]);
    }

    #[test]
    fn one_that_is_not_inherited_stays_where_it_was_said() {
        let said = BTreeMap::from([(id(1), revoked("only this one", false))]);
        assert_eq!((of(1, &said).len(), of(2, &said).len()), (1, 0));
    }

    #[test]
    fn an_exemption_lets_what_is_inherited_pass_until_its_end_and_never_what_is_its_own() {
        let mut said = BTreeMap::from([(id(0), revoked("a hole", true)), (id(3), revoked("broken", true))]);
        let exempt = |until| Exemption {
            who: String::from("ann"),
            why: String::from("not reachable here"),
            until,
            ended: None,
        };
        said.get_mut(&id(3)).unwrap().exemptions = vec![exempt(at(11))];
        assert_eq!(of(3, &said), [(vec![id(3)], String::from("broken"))]);
        assert_eq!(of(2, &said).len(), 1);
        said.get_mut(&id(3)).unwrap().exemptions = vec![exempt(at(10))];
        assert_eq!(of(3, &said).len(), 2);
    }

    #[test]
    fn an_exemption_that_was_ended_lets_nothing_pass_from_then_on_and_another_one_still_does() {
        let mut said = BTreeMap::from([(id(0), revoked("a hole", true))]);
        let exempt = |ended: Option<Timestamp>| Exemption {
            who: String::from("ann"),
            why: String::from("not reachable here"),
            until: at(20),
            ended: ended.map(|at| Lifted {
                who: String::from("bob"),
                why: String::from("reachable after all"),
                at,
            }),
        };
        for (ended, count) in [(at(9), 1), (at(10), 1), (at(11), 0)] {
            said.entry(id(3)).or_default().exemptions = vec![exempt(Some(ended))];
            assert_eq!(of(3, &said).len(), count, "{ended}");
        }
        said.entry(id(3)).or_default().exemptions = vec![exempt(Some(at(9))), exempt(None)];
        assert_eq!(of(3, &said), []);
    }

    proptest! {
        #[test]
        fn more_revocations_never_free_anything(edges in prop::collection::vec((0_usize..8, 0_usize..8), 0..16), first in 0_usize..8, second in 0_usize..8) {
            let mut parents: BTreeMap<ReleaseId, BTreeSet<ReleaseId>> = BTreeMap::new();
            for (parent, child) in edges.into_iter().filter(|(parent, child)| parent < child) {
                parents.entry(id(child)).or_default().insert(id(parent));
            }
            let one = BTreeMap::from([(id(first), revoked("one", true))]);
            let mut both = one.clone();
            both.entry(id(second)).or_default().revocations.extend(revoked("two", true).revocations);
            for n in 0..8 {
                let fewer = causes(id(n), &parents, &one, at(10));
                prop_assert!(fewer.is_subset(&causes(id(n), &parents, &both, at(10))));
            }
        }
    }
}
