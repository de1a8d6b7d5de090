use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::closing::DEEPEST;
use super::edge::{Edge, Pair};
use crate::ReleaseId;

/// The lineage as it lies in the record: the truth, and both sides of its index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Every edge.
    pub edges: BTreeSet<Edge>,
    /// The pairs that lie with who is below.
    pub at_descendants: BTreeSet<Pair>,
    /// The pairs that lie with who is above.
    pub at_ancestors: BTreeSet<Pair>,
}

/// In what the index differs from what the edges say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Differences {
    /// Pairs that should lie with who is below, and do not.
    pub missing_at_descendants: BTreeSet<Pair>,
    /// Pairs that should lie with who is above, and do not.
    pub missing_at_ancestors: BTreeSet<Pair>,
    /// Pairs that lie with who is below, and no edges say so.
    pub wrong_at_descendants: BTreeSet<Pair>,
    /// Pairs that lie with who is above, and no edges say so.
    pub wrong_at_ancestors: BTreeSet<Pair>,
}

impl Differences {
    /// What differs here and there: what a second look does not agree on is somebody's work that goes on.
    #[must_use]
    pub fn agreed(&self, again: &Self) -> Self {
        let both = |one: &BTreeSet<Pair>, other: &BTreeSet<Pair>| one.intersection(other).copied().collect();
        Self {
            missing_at_descendants: both(&self.missing_at_descendants, &again.missing_at_descendants),
            missing_at_ancestors: both(&self.missing_at_ancestors, &again.missing_at_ancestors),
            wrong_at_descendants: both(&self.wrong_at_descendants, &again.wrong_at_descendants),
            wrong_at_ancestors: both(&self.wrong_at_ancestors, &again.wrong_at_ancestors),
        }
    }

    /// How many items are missing or wrong.
    pub fn count(&self) -> usize {
        let Self {
            missing_at_descendants,
            missing_at_ancestors,
            wrong_at_descendants,
            wrong_at_ancestors,
        } = self;
        [
            missing_at_descendants,
            missing_at_ancestors,
            wrong_at_descendants,
            wrong_at_ancestors,
        ]
        .map(BTreeSet::len)
        .iter()
        .sum()
    }
}

/// Compares the index with the edges.
pub fn compare(held: &Held) -> Differences {
    let right = closure(&held.edges);
    let differ = |one: &BTreeSet<Pair>, other: &BTreeSet<Pair>| one.difference(other).copied().collect();
    Differences {
        missing_at_descendants: differ(&right, &held.at_descendants),
        missing_at_ancestors: differ(&right, &held.at_ancestors),
        wrong_at_descendants: differ(&held.at_descendants, &right),
        wrong_at_ancestors: differ(&held.at_ancestors, &right),
    }
}

/// Every path there is, by its length.
pub fn closure(edges: &BTreeSet<Edge>) -> BTreeSet<Pair> {
    let mut children: BTreeMap<ReleaseId, BTreeSet<ReleaseId>> = BTreeMap::new();
    for Edge { parent, child } in edges {
        children.entry(*parent).or_default().insert(*child);
    }
    let mut pairs = BTreeSet::new();
    let mut new: BTreeSet<Pair> = edges
        .iter()
        .map(|edge| Pair {
            ancestor: edge.parent,
            depth: 1,
            descendant: edge.child,
        })
        .collect();
    while !new.is_empty() {
        let longer = new.iter().flat_map(|pair| {
            let below = children.get(&pair.descendant).into_iter().flatten();
            below.map(|child| Pair {
                depth: pair.depth + 1,
                descendant: *child,
                ..*pair
            })
        });
        // A circle would go on for ever.
        let longer: BTreeSet<Pair> = longer.filter(|pair| pair.depth <= DEEPEST).collect();
        pairs.append(&mut new);
        new = longer;
    }
    pairs.retain(|pair| pair.ancestor != pair.descendant);
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::release as id;

    fn edges(pairs: &[(usize, usize)]) -> BTreeSet<Edge> {
        let edge = |(parent, child): &(usize, usize)| Edge {
            parent: id(*parent),
            child: id(*child),
        };
        pairs.iter().map(edge).collect()
    }

    #[test]
    fn paths_of_every_length_are_in_the_closure() {
        let closure = closure(&edges(&[(0, 1), (1, 2), (0, 2)]));
        let depths: BTreeSet<u16> = closure
            .iter()
            .filter(|pair| (pair.ancestor, pair.descendant) == (id(0), id(2)))
            .map(|pair| pair.depth)
            .collect();
        assert_eq!((closure.len(), depths), (4, BTreeSet::from([1, 2])));
    }

    #[test]
    fn a_circle_that_somebody_wrote_by_hand_comes_to_an_end() {
        let closure = closure(&edges(&[(0, 1), (1, 0)]));
        assert!(closure.iter().all(|pair| pair.ancestor != pair.descendant));
    }

    #[test]
    fn what_is_missing_and_what_is_wrong_is_told_side_by_side() {
        let edges = edges(&[(0, 1), (1, 2)]);
        let right = closure(&edges);
        let whole = Held {
            edges,
            at_descendants: right.clone(),
            at_ancestors: right.clone(),
        };
        assert_eq!(compare(&whole), Differences::default());
        let pair = |ancestor, depth, descendant| Pair {
            ancestor: id(ancestor),
            depth,
            descendant: id(descendant),
        };
        let mut broken = whole;
        broken.at_ancestors.remove(&pair(0, 2, 2));
        broken.at_descendants.insert(pair(2, 1, 0));
        let differences = compare(&broken);
        assert_eq!(differences.missing_at_ancestors, BTreeSet::from([pair(0, 2, 2)]));
        assert_eq!(differences.wrong_at_descendants, BTreeSet::from([pair(2, 1, 0)]));
        assert_eq!(differences.count(), 2);
        assert_eq!(differences.agreed(&differences), differences);
        // What the second look finds as it should be stays.
        assert_eq!(differences.agreed(&Differences::default()), Differences::default());
        assert_eq!(Differences::default().agreed(&differences), Differences::default());
    }
}
