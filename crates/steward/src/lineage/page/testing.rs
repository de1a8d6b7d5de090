//! Small graphs, for the tests of the page.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::PlacedImage;
use crate::lineage::{Card, Drawn, EdgeKind, Graph, LeftOff};
use crate::testing::built;
use crate::{AmiState, CanonicalName, ReleaseId, Target};

/// A vendor's image.
pub(super) fn elsewhere(n: usize) -> Card {
    let name: CanonicalName = format!("ami:aws:eu-west-1:ami-{n:017x}").parse().unwrap();
    Card {
        name,
        kind: String::from("foreign"),
        state: None,
        family: None,
        architecture: None,
        alias: Some(String::from("amazon")),
        above: Some(String::from("nothing")),
        ..built("base/1.0.0/1")
    }
}

pub(super) fn placed(n: usize, account: &str, state: AmiState) -> PlacedImage {
    PlacedImage {
        target: Target::new(account.parse().unwrap(), "eu-west-1".parse().unwrap()),
        ami: format!("ami-{n:017x}").parse().unwrap(),
        state,
        deprecated: false,
        managed: true,
    }
}

/// The releases web/1.0.0/1, web/1.0.1/1, … in the order of their numbers.
pub(super) fn graph(count: usize, edges: &[(usize, usize)], asked: &[usize]) -> Graph {
    let cards: Vec<Card> = (0..count).map(|n| built(&format!("web/1.0.{n}/1"))).collect();
    let ids: Vec<ReleaseId> = cards.iter().map(|card| card.name.id()).collect();
    let edge = |(parent, child): &(usize, usize)| Drawn {
        parent: ids[*parent],
        child: ids[*child],
        kind: EdgeKind::ALL[(parent + child) % 4],
    };
    Graph {
        asked: asked.iter().map(|n| ids[*n]).collect(),
        releases: ids.iter().copied().zip(cards).collect(),
        edges: edges.iter().map(edge).collect(),
        revoked: BTreeSet::new(),
        tombstones: BTreeSet::new(),
        channels: BTreeMap::new(),
        left_off: LeftOff::default(),
    }
}

/// Which number has which id.
pub(super) struct Ids(BTreeMap<usize, ReleaseId>);

impl Ids {
    pub(super) fn of(graph: &Graph) -> Self {
        let number = |card: &Card| match &card.name {
            CanonicalName::Build(arn) => {
                let version = arn.version().to_string();
                let version = version.split('/').next().unwrap();
                version.rsplit('.').next().unwrap().parse().unwrap()
            }
            CanonicalName::Ami { .. } => unreachable!("these are builds"),
        };
        Self(graph.releases.iter().map(|(id, card)| (number(card), *id)).collect())
    }

    pub(super) fn id(&self, number: usize) -> ReleaseId {
        self.0[&number]
    }

    /// In rising order.
    pub(super) fn numbers<'a>(&self, ids: impl Iterator<Item = &'a ReleaseId>) -> Vec<usize> {
        let ids: BTreeSet<ReleaseId> = ids.copied().collect();
        let found = self.0.iter().filter(|(_, id)| ids.contains(id));
        found.map(|(number, _)| *number).collect()
    }
}
