use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::kin::Kin;
use crate::ReleaseId;

/// More children of one release than this are no picture but a pile.
pub const MOST_CHILDREN: usize = 12;

/// What a release is to those that were asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Ancestor,
    Asked,
    Descendant,
    /// Shown by the graph, and kin of none of them.
    Apart,
}

impl Role {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Ancestor => "ancestor",
            Self::Asked => "asked for",
            Self::Descendant => "descendant",
            Self::Apart => "",
        }
    }
}

/// Those that stand behind `+N more`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct More {
    /// How many.
    pub(super) count: usize,
    /// Of those.
    pub(super) revoked: usize,
}

/// What of a graph is drawn: all ancestors, what was asked for, and what came from that directly.
pub(super) struct Scope {
    /// Of everything.
    pub(super) roles: BTreeMap<ReleaseId, Role>,
    /// Drawn as cards, in the order in which cards are set.
    pub(super) drawn: Vec<ReleaseId>,
    /// Under which card stand how many that are not drawn. Each of them is counted once, at the nearest card above.
    pub(super) more: BTreeMap<ReleaseId, More>,
    /// Not drawn.
    pub(super) rest: Vec<ReleaseId>,
}

impl Scope {
    pub(super) fn of(kin: &Kin<'_>) -> Self {
        let graph = kin.graph();
        let asked: BTreeSet<ReleaseId> = (graph.asked.iter().copied())
            .filter(|id| graph.releases.contains_key(id))
            .collect();
        let (above, below) = (kin.ancestors(&asked), kin.descendants(&asked));
        let role = |id: &ReleaseId| {
            if asked.contains(id) {
                Role::Asked
            } else if above.contains(id) {
                Role::Ancestor
            } else if below.contains(id) {
                Role::Descendant
            } else {
                Role::Apart
            }
        };
        let roles: BTreeMap<ReleaseId, Role> = graph.releases.keys().map(|id| (*id, role(id))).collect();
        let is = |id: ReleaseId, role| roles.get(&id) == Some(&role);
        let mut drawn = kin.sorted(
            roles
                .keys()
                .copied()
                .filter(|id| is(*id, Role::Ancestor) || is(*id, Role::Asked)),
        );
        let mut is_drawn: BTreeSet<ReleaseId> = drawn.iter().copied().collect();
        for parent in kin.sorted(asked.iter().copied()) {
            let children = kin.sorted(kin.children(parent).filter(|id| is(*id, Role::Descendant)));
            for child in children.into_iter().take(MOST_CHILDREN) {
                if is_drawn.insert(child) {
                    drawn.push(child);
                }
            }
        }
        let mut more: BTreeMap<ReleaseId, More> = BTreeMap::new();
        let mut seen = is_drawn.clone();
        let mut open: VecDeque<(ReleaseId, ReleaseId)> = drawn.iter().map(|id| (*id, *id)).collect();
        while let Some((card, id)) = open.pop_front() {
            for child in kin.sorted(kin.children(id)) {
                if seen.insert(child) {
                    let more = more.entry(card).or_default();
                    more.count += 1;
                    more.revoked += usize::from(graph.revoked.contains(&child));
                    open.push_back((card, child));
                }
            }
        }
        let rest = kin.sorted(roles.keys().copied().filter(|id| !is_drawn.contains(id)));
        Self {
            roles,
            drawn,
            more,
            rest,
        }
    }

    /// How many there are of a role.
    pub(super) fn count(&self, role: Role) -> usize {
        self.roles.values().filter(|found| **found == role).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lineage::Graph;
    use crate::lineage::page::testing::{Ids, graph};

    fn scope(graph: &Graph) -> Scope {
        Scope::of(&Kin::of(graph))
    }

    #[test]
    fn all_ancestors_and_one_level_of_descendants_are_drawn() {
        // 0 → 1 → 2 → 3 → 4 → 5, asked for 2.
        let graph = graph(6, &[(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)], &[2]);
        let (ids, scope) = (Ids::of(&graph), scope(&graph));
        assert_eq!(ids.numbers(scope.drawn.iter()), [0, 1, 2, 3]);
        assert_eq!(ids.numbers(scope.rest.iter()), [4, 5]);
        assert_eq!((scope.count(Role::Ancestor), scope.count(Role::Descendant)), (2, 3));
        let more = More { count: 2, revoked: 0 };
        assert_eq!(scope.more, BTreeMap::from([(ids.id(3), more)]));
    }

    #[test]
    fn children_beyond_what_is_drawn_are_counted_with_all_that_came_from_them() {
        // 0 has fifteen children, of which the last has one of its own.
        let edges: Vec<(usize, usize)> = (1..=15).map(|child| (0, child)).chain([(15, 16)]).collect();
        let mut graph = graph(17, &edges, &[0]);
        graph.revoked.extend([Ids::of(&graph).id(14), Ids::of(&graph).id(16)]);
        let (ids, scope) = (Ids::of(&graph), scope(&graph));
        assert_eq!(scope.drawn.len(), 1 + MOST_CHILDREN);
        let counted: usize = scope.more.values().map(|more| more.count).sum();
        assert_eq!((counted, scope.rest.len()), (4, 4));
        assert_eq!(scope.more.values().map(|more| more.revoked).sum::<usize>(), 2);
        assert!(scope.more.contains_key(&ids.id(0)));
    }

    #[test]
    fn what_is_below_two_cards_is_counted_once() {
        let graph = graph(4, &[(0, 1), (0, 2), (1, 3), (2, 3)], &[0]);
        let scope = scope(&graph);
        assert_eq!(scope.more.values().map(|more| more.count).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn what_is_no_kin_of_what_was_asked_for_is_listed_and_not_drawn() {
        let graph = graph(3, &[(0, 1), (0, 2)], &[1]);
        let (ids, scope) = (Ids::of(&graph), scope(&graph));
        assert_eq!(ids.numbers(scope.rest.iter()), [2]);
        assert_eq!(scope.roles[&ids.id(2)], Role::Apart);
        assert_eq!(scope.more[&ids.id(0)].count, 1);
    }
}
