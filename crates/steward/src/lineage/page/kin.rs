use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::ReleaseId;
use crate::lineage::{Card, EdgeKind, Graph};

/// Who is next to whom, whatever the order in which the edges were read.
pub(super) struct Kin<'a> {
    graph: &'a Graph,
    above: BTreeMap<ReleaseId, BTreeMap<ReleaseId, EdgeKind>>,
    below: BTreeMap<ReleaseId, BTreeSet<ReleaseId>>,
    numbers: BTreeMap<ReleaseId, usize>,
}

impl<'a> Kin<'a> {
    /// Of a graph; edges to what it does not show are left out.
    pub(super) fn of(graph: &'a Graph) -> Self {
        let mut kin = Self {
            graph,
            above: BTreeMap::new(),
            below: BTreeMap::new(),
            numbers: graph.releases.keys().copied().zip(1..).collect(),
        };
        let is_shown = |id| graph.releases.contains_key(&id);
        for edge in &graph.edges {
            if edge.parent != edge.child && is_shown(edge.parent) && is_shown(edge.child) {
                let kinds = kin.above.entry(edge.child).or_default();
                let kind = kinds.entry(edge.parent).or_insert(edge.kind);
                *kind = edge.kind.min(*kind);
                kin.below.entry(edge.parent).or_default().insert(edge.child);
            }
        }
        kin
    }

    /// The graph itself.
    pub(super) const fn graph(&self) -> &'a Graph {
        self.graph
    }

    /// What a release came from, and how.
    pub(super) fn parents(&self, id: ReleaseId) -> impl Iterator<Item = (ReleaseId, EdgeKind)> {
        let parents = self.above.get(&id).into_iter().flatten();
        parents.map(|(parent, kind)| (*parent, *kind))
    }

    /// What came from a release.
    pub(super) fn children(&self, id: ReleaseId) -> impl Iterator<Item = ReleaseId> {
        self.below.get(&id).into_iter().flatten().copied()
    }

    /// Everything that these came from.
    pub(super) fn ancestors(&self, of: &BTreeSet<ReleaseId>) -> BTreeSet<ReleaseId> {
        reach(of, |id| self.parents(id).map(|(parent, _)| parent).collect())
    }

    /// Everything that came from these.
    pub(super) fn descendants(&self, of: &BTreeSet<ReleaseId>) -> BTreeSet<ReleaseId> {
        reach(of, |id| self.children(id).collect())
    }

    /// As people look for them: newest first.
    pub(super) fn sorted(&self, ids: impl IntoIterator<Item = ReleaseId>) -> Vec<ReleaseId> {
        let mut cards: Vec<(ReleaseId, &Card)> = ids
            .into_iter()
            .filter_map(|id| Some((id, self.graph.releases.get(&id)?)))
            .collect();
        cards.sort_by_key(|(id, card)| (Reverse(card.created), &card.family, &card.name, *id));
        cards.into_iter().map(|(id, _)| id).collect()
    }

    /// What the page calls it: links lead there.
    pub(super) fn number(&self, id: ReleaseId) -> usize {
        self.numbers.get(&id).copied().unwrap_or_default()
    }
}

fn reach(of: &BTreeSet<ReleaseId>, next: impl Fn(ReleaseId) -> Vec<ReleaseId>) -> BTreeSet<ReleaseId> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<ReleaseId> = of.iter().copied().collect();
    while let Some(id) = open.pop() {
        open.extend(next(id).into_iter().filter(|next| reached.insert(*next)));
    }
    reached
}
