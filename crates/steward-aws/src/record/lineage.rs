//! The lineage in the table: edges, and the closure by the protocol of [`Closing`].

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join;
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use serde::{Deserialize, Serialize};
use steward::lineage::{Above, Answer, Ask, Closing, Edge, EdgeKind, Link, Node, NodeKind, Pair, Reach};
use steward::{CanonicalName, ReleaseId, Timestamp};

use super::keys::{ANCESTOR, DESCENDANT, EDGE, Key, of_release, reached};
use super::table::Condition;
use super::{AT_ONCE, Record};
use crate::Problem;

/// What came of bringing an edge in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linked {
    /// It is closed: every ancestor knows every descendant.
    Closed,
    /// It would close a circle, and was not written.
    Cycle,
    /// Time ran out; the next run goes on.
    Unfinished,
}

/// How a release came from another, as the record has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parent {
    /// Which it came from.
    pub release: ReleaseId,
    /// How.
    pub kind: EdgeKind,
    /// Whether the closure has all of it.
    pub closed: bool,
}

#[derive(Serialize, Debug)]
struct EdgeItem {
    kind: EdgeKind,
}

#[derive(Deserialize, Debug)]
struct HeldEdge {
    sk: String,
    kind: EdgeKind,
    #[serde(default)]
    closed: bool,
}

#[derive(Serialize, Debug)]
struct ClosedItem {
    closed: bool,
}

#[derive(Serialize, Debug)]
struct LinkedItem {
    linked: bool,
}

/// Only its key says anything.
#[derive(Deserialize, Debug)]
struct ReachItem {
    sk: String,
}

/// An item that is all key needs something to set.
#[derive(Serialize, Debug)]
struct PairItem {
    depth: u16,
}

/// A release that was met as somebody's ancestor.
#[derive(Serialize, Debug)]
struct NodeItem<'a> {
    name: &'a CanonicalName,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    above: Option<&'static str>,
}

impl Record {
    /// Writes a release that was met, unless more is known of it.
    pub async fn meet(&self, node: &Node) -> Result<(), Problem> {
        let item = match &node.kind {
            NodeKind::Stub => NodeItem {
                name: &node.name,
                kind: "stub",
                created: None,
                alias: None,
                above: None,
            },
            NodeKind::Foreign { created, alias, above } => NodeItem {
                name: &node.name,
                kind: "foreign",
                created: *created,
                alias: alias.as_deref(),
                above: Some(match above {
                    Above::Source => "source",
                    Above::Nothing => "nothing",
                    Above::Untold => "untold",
                }),
            },
        };
        // What EC2 did not tell the first time it may tell the next.
        let untold = AttributeValue::S(String::from("untold"));
        let new = if item.above.is_some_and(|above| above != "untold") {
            Condition::new("attribute_not_exists(pk) OR above = :untold", [(":untold", untold)])
        } else {
            Condition::not_there()
        };
        self.set(Key::release(node.name.id()), item, Some(new)).await.map(drop)
    }

    /// Brings an edge into the lineage, however far others or an earlier run have brought it. Goes on only while there is time.
    pub async fn link(&self, link: &Link, is_time_left: impl Fn() -> bool) -> Result<Linked, Problem> {
        let Link { edge, kind } = *link;
        if self.parent(edge).await?.is_some_and(|known| known.closed) {
            return Ok(Linked::Closed);
        }
        let mut closing = Closing::new(edge);
        loop {
            if !is_time_left() {
                return Ok(Linked::Unfinished);
            }
            match closing.ask() {
                Ask::Read {
                    ancestors_of,
                    descendants_of,
                } => {
                    let (ancestors, descendants) =
                        try_join(self.ancestors(ancestors_of), self.descendants(descendants_of)).await?;
                    closing.tell(Answer::Read { ancestors, descendants });
                }
                Ask::Open(pairs) => {
                    self.set(Key::edge(edge), EdgeItem { kind }, None).await?;
                    self.put(&pairs).await?;
                    closing.tell(Answer::Done);
                }
                Ask::Compare(pairs) => closing.tell(Answer::There(self.there(pairs).await?)),
                Ask::Put(pairs) => {
                    self.put(&pairs).await?;
                    closing.tell(Answer::Done);
                }
                Ask::Close => {
                    self.set(Key::edge(edge), ClosedItem { closed: true }, None).await?;
                    closing.tell(Answer::Done);
                }
                Ask::Done => return Ok(Linked::Closed),
                Ask::Cycle => return Ok(Linked::Cycle),
            }
        }
    }

    /// Writes that nothing of a release's own lineage is open.
    pub async fn mark_linked(&self, release: ReleaseId) -> Result<(), Problem> {
        self.set(Key::release(release), LinkedItem { linked: true }, None)
            .await
            .map(drop)
    }

    /// All that a release came from, nearest first.
    pub async fn ancestors(&self, release: ReleaseId) -> Result<BTreeSet<Reach>, Problem> {
        self.reach(release, ANCESTOR).await
    }

    /// All that came from a release, nearest first.
    pub async fn descendants(&self, release: ReleaseId) -> Result<BTreeSet<Reach>, Problem> {
        self.reach(release, DESCENDANT).await
    }

    /// What a release came from at once: the truth that the closure is an index of.
    pub async fn parents(&self, release: ReleaseId) -> Result<Vec<Parent>, Problem> {
        let edges: Vec<HeldEdge> = self.query(&of_release(release), EDGE).await?;
        edges.iter().map(|held| self.parent_of(held)).collect()
    }

    /// The one that a release was built on; of what was copied or put together by hand any that it came from.
    pub async fn built_on(&self, release: ReleaseId) -> Result<Option<ReleaseId>, Problem> {
        let parents = self.parents(release).await?;
        let built_on = parents.iter().find(|parent| parent.kind == EdgeKind::Build);
        Ok(built_on.or(parents.first()).map(|parent| parent.release))
    }

    async fn parent(&self, edge: Edge) -> Result<Option<Parent>, Problem> {
        let held: Option<HeldEdge> = self.get(Key::edge(edge)).await?;
        held.map(|held| self.parent_of(&held)).transpose()
    }

    fn parent_of(&self, held: &HeldEdge) -> Result<Parent, Problem> {
        let release = held.sk.strip_prefix(EDGE).unwrap_or_default().parse();
        Ok(Parent {
            release: release.map_err(|error| Problem::not_understood("read an edge of the record", self.hub, error))?,
            kind: held.kind,
            closed: held.closed,
        })
    }

    async fn reach(&self, release: ReleaseId, side: &str) -> Result<BTreeSet<Reach>, Problem> {
        let items: Vec<ReachItem> = self.query(&of_release(release), side).await?;
        let doing = "read the closure of the record";
        let wrong =
            |item: &ReachItem| Problem::not_understood(doing, self.hub, format_args!("{} is no key of it", item.sk));
        items
            .iter()
            .map(|item| reached(&item.sk, side).ok_or_else(|| wrong(item)))
            .collect()
    }

    /// All at those below first: a pair that is above is below too.
    async fn put(&self, pairs: &BTreeSet<Pair>) -> Result<(), Problem> {
        for key in [Key::ancestor as fn(Pair) -> Key, Key::descendant] {
            let writes = pairs.iter().map(|pair| self.put_pair(key(*pair), *pair));
            iter(writes).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
        }
        Ok(())
    }

    /// One side of a pair.
    pub(super) async fn put_pair(&self, key: Key, pair: Pair) -> Result<(), Problem> {
        let item = PairItem { depth: pair.depth };
        self.set(key, item, None).await.map(drop)
    }

    /// Of these pairs, those that are written.
    async fn there(&self, mut pairs: BTreeSet<Pair>) -> Result<BTreeSet<Pair>, Problem> {
        let above: BTreeSet<ReleaseId> = pairs.iter().map(|pair| pair.ancestor).collect();
        let mut known = BTreeSet::new();
        for ancestor in above {
            let below = self.descendants(ancestor).await?;
            known.extend(below.into_iter().map(|Reach { depth, release }| Pair {
                ancestor,
                depth,
                descendant: release,
            }));
        }
        pairs.retain(|pair| known.contains(pair));
        Ok(pairs)
    }
}
