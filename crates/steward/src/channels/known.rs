use std::collections::{BTreeMap, BTreeSet};

use super::facts::{ChannelFacts, ReleaseSeen};
use super::good::{GoodSet, Orders};
use super::held::{Moved, Mover, Pointed};
use super::obstacle::Obstacle;
use crate::{Architecture, BuildVersion, ReleaseId, Version, Words};

/// The facts, by what the rules look up in them.
pub(super) struct Known<'a> {
    pub(super) facts: ChannelFacts<'a>,
    by_id: BTreeMap<ReleaseId, &'a ReleaseSeen>,
    /// The builds of each version, of every architecture.
    pub(super) versions: BTreeMap<Version, Vec<&'a ReleaseSeen>>,
}

/// What keeps a channel from what an entry of a history points to.
pub(super) enum Flaw<'a> {
    /// Nothing of this architecture of the manifest.
    Lacks(Architecture),
    /// A release that the record does not know.
    Unknown(Architecture, ReleaseId),
    /// A release that is not good, and why.
    Bad(&'a ReleaseSeen, Obstacle),
}

impl<'a> Known<'a> {
    pub(super) fn new(facts: ChannelFacts<'a>) -> Self {
        let mut versions: BTreeMap<Version, Vec<&ReleaseSeen>> = BTreeMap::new();
        for seen in facts.releases {
            versions.entry(seen.order.version()).or_default().push(seen);
        }
        Self {
            facts,
            by_id: facts.releases.iter().map(|seen| (seen.release, seen)).collect(),
            versions,
        }
    }

    pub(super) fn release(&self, id: ReleaseId) -> Option<&'a ReleaseSeen> {
        self.by_id.get(&id).copied()
    }

    /// The good releases of what was pointed to, without architectures that left the manifest; and what keeps a channel from
    /// going there.
    pub(super) fn look(&self, pointed: &Pointed) -> (GoodSet<'a>, Vec<Flaw<'a>>) {
        let mut set = GoodSet::new();
        let mut flaws = Vec::new();
        for architecture in self.architectures() {
            let Some(id) = pointed.get(&architecture) else {
                flaws.push(Flaw::Lacks(architecture));
                continue;
            };
            match self.release(*id).map(|seen| (seen, seen.obstacle())) {
                None => flaws.push(Flaw::Unknown(architecture, *id)),
                Some((seen, Some(obstacle))) => flaws.push(Flaw::Bad(seen, obstacle)),
                Some((seen, None)) => drop(set.insert(architecture, seen)),
            }
        }
        (set, flaws)
    }

    /// What was pointed to, where a channel can go there.
    pub(super) fn good(&self, pointed: &Pointed) -> Option<GoodSet<'a>> {
        let (set, flaws) = self.look(pointed);
        flaws.is_empty().then_some(set)
    }

    /// Where each architecture of the manifest stands, as far as the record knows the releases.
    pub(super) fn orders(&self, pointed: &Pointed) -> Orders {
        let declared = pointed
            .iter()
            .filter(|(architecture, _)| self.facts.architectures.contains(architecture));
        declared
            .filter_map(|(architecture, id)| Some((*architecture, self.release(*id)?.order)))
            .collect()
    }

    /// The highest that ever was on a channel: below it nothing goes by itself, so that what a person took back stays back.
    pub(super) fn mark<'m>(&self, history: impl IntoIterator<Item = &'m Moved>) -> Orders {
        let mut mark = Orders::new();
        for (architecture, order) in history.into_iter().flat_map(|moved| self.orders(&moved.to)) {
            let highest = mark.entry(architecture).or_insert(order);
            *highest = order.max(*highest);
        }
        mark
    }

    /// The next move of a channel.
    pub(super) fn moved(&self, history: &[Moved], to: Pointed, by: Mover, why: Words) -> Moved {
        let last = history.last();
        Moved {
            number: last.map_or(1, |last| last.number.saturating_add(1)),
            backward: last.is_some_and(|last| self.backward(&last.to, &to).is_some()),
            to,
            at: self.facts.now,
            by,
            why,
        }
    }

    /// The first architecture that goes to an older release: from which, and to which.
    pub(super) fn backward(&self, from: &Pointed, to: &Pointed) -> Option<(Architecture, BuildVersion, BuildVersion)> {
        let from = self.orders(from);
        let mut to = self.orders(to).into_iter();
        to.find_map(|(architecture, to)| {
            let from = *from.get(&architecture)?;
            (to < from).then_some((architecture, from, to))
        })
    }

    /// Each once, in the order of their names.
    pub(super) fn architectures(&self) -> BTreeSet<Architecture> {
        self.facts.architectures.iter().copied().collect()
    }
}
