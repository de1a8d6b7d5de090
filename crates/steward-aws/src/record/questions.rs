//! What people ask of the record. Answers may be a second old: nothing is decided by them.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join;
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use serde::Deserialize;
use steward::lineage::{Caption, Card, Drawn, Graph, LeftOff, MOST_DRAWN, Reach};
use steward::{
    AmiId, AmiState, Architecture, BuildState, BuildVersion, CanonicalName, ContainerState, FamilyName, ReleaseId,
    SnapshotId, Target, Timestamp, Words,
};

use super::items::LookUpItem;
use super::keys::{
    JOURNAL, Key, LEFT_OFF, MEMBER, PLACEMENT, STARTED, of_family, of_image, of_release, order_of, target_of,
};
use super::table::{Range, Reads};
use super::{AT_ONCE, HeldContainer, Record};
use crate::Problem;

/// An image of a release, as the record has it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct HeldPlacement {
    /// Where.
    pub target: Target,
    /// Which.
    pub ami: AmiId,
    /// Its state when it was looked at.
    pub state: AmiState,
    /// When pruning deprecated it; none where it did not, or took that back.
    pub deprecated: Option<Timestamp>,
    /// Its name.
    pub name: String,
    /// Whether Image Builder or we made it.
    pub managed: bool,
    /// When it was looked at.
    pub seen: Timestamp,
    /// Since when it is known to be in that state.
    pub since: Option<Timestamp>,
    /// The snapshots behind it.
    pub snapshots: BTreeSet<SnapshotId>,
    /// The size of its volumes, in GiB, where it was looked at by a version that keeps it.
    pub size: Option<u32>,
    /// The watermarks it carries.
    pub watermarks: BTreeSet<Words>,
}

impl HeldPlacement {
    /// Its state, as people are told it.
    pub const fn told(&self) -> &'static str {
        self.state.told(self.deprecated.is_some())
    }
}

/// What was heard or done, and when.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Entry {
    /// When it says it happened.
    pub at: Timestamp,
    /// What.
    pub heard: String,
}

#[derive(Deserialize, Debug)]
struct PlacementItem {
    sk: String,
    state: AmiState,
    deprecated_by_us: Option<Timestamp>,
    name: String,
    managed: Option<bool>,
    seen: Timestamp,
    since: Option<Timestamp>,
    #[serde(default)]
    snapshots: BTreeSet<SnapshotId>,
    size: Option<u32>,
    #[serde(default)]
    watermarks: BTreeSet<Words>,
}

/// A release of a family that has images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Which.
    pub release: ReleaseId,
    /// What it runs on.
    pub architecture: Architecture,
    /// What it comes before and after.
    pub order: BuildVersion,
    /// Since when it is known to be usable everywhere where it must be.
    pub usable: Option<Timestamp>,
    /// Whether people are still to be told that it is.
    pub untold: bool,
}

#[derive(Deserialize, Debug)]
struct MemberRow {
    sk: String,
    release: ReleaseId,
    #[serde(default)]
    usable: Option<Timestamp>,
    #[serde(default)]
    untold: bool,
}

#[derive(Deserialize, Debug)]
pub(super) struct BuildRow {
    pub(super) release: ReleaseId,
}

#[derive(Deserialize, Debug)]
struct EntryItem {
    sk: String,
    heard: String,
}

/// How far to go, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// So many edges up.
    pub up: u16,
    /// So many edges down.
    pub down: u16,
}

impl Record {
    /// What people want to see of a release; none where the record has never heard of it.
    pub async fn card(&self, release: ReleaseId) -> Result<Option<Card>, Problem> {
        self.get(Key::release(release)).await
    }

    /// The same of many; what the record has never heard of is left out.
    pub async fn cards(&self, of: &BTreeSet<ReleaseId>) -> Result<BTreeMap<ReleaseId, Card>, Problem> {
        let cards = iter(of.iter().map(|release| self.carded(*release)));
        let cards: Vec<Option<(ReleaseId, Card)>> = cards.buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(cards.into_iter().flatten().collect())
    }

    /// What people call these releases, however many there are; what the record has never heard of is left out.
    pub async fn captions(&self, of: &BTreeSet<ReleaseId>) -> Result<BTreeMap<ReleaseId, Caption>, Problem> {
        let keys: Vec<Key> = of.iter().map(|release| Key::release(*release)).collect();
        let captions: Vec<Caption> = self.get_each(&keys, &Caption::MEMBERS).await?;
        Ok(captions
            .into_iter()
            .map(|caption| (caption.name.id(), caption))
            .collect())
    }

    /// Those of some releases whose builds are available.
    pub async fn available(&self, of: &BTreeSet<ReleaseId>) -> Result<BTreeSet<ReleaseId>, Problem> {
        let cards = self.cards(of).await?.into_iter();
        let available = cards.filter(|(_, card)| card.state == Some(BuildState::Available));
        Ok(available.map(|(release, _)| release).collect())
    }

    /// The releases of a family that have images: each architecture's in their order, what was adopted before what was built.
    pub async fn releases_of(&self, family: &FamilyName) -> Result<Vec<(ReleaseId, Card)>, Problem> {
        let releases = self.all_of(family).await?;
        self.in_order(releases.into_iter()).await
    }

    /// The builds of a family that failed or were cancelled, in their order.
    pub async fn left_off_of(&self, family: &FamilyName) -> Result<Vec<(ReleaseId, Card)>, Problem> {
        let rows: Vec<BuildRow> = self.query(&of_family(family), LEFT_OFF).await?;
        self.in_order(rows.into_iter().map(|row| row.release)).await
    }

    /// The builds of a family that have not ended, in their order.
    pub async fn under_way_of(&self, family: &FamilyName) -> Result<Vec<(ReleaseId, Card)>, Problem> {
        let pk = of_family(family);
        let (started, left_off) = (self.query(&pk, STARTED), self.query(&pk, LEFT_OFF));
        let (started, left_off): (Vec<BuildRow>, Vec<BuildRow>) = try_join(started, left_off).await?;
        // What became of nearly all of them is told by their keys.
        let members = self.members_of(family).await?.into_iter().map(|member| member.release);
        let ended: BTreeSet<ReleaseId> = left_off.into_iter().map(|row| row.release).chain(members).collect();
        let rest = started.into_iter().map(|row| row.release);
        let mut rest = self.in_order(rest.filter(|release| !ended.contains(release))).await?;
        rest.retain(|(_, card)| card.state.is_some_and(|state| !state.ended()));
        Ok(rest)
    }

    async fn in_order(&self, releases: impl Iterator<Item = ReleaseId>) -> Result<Vec<(ReleaseId, Card)>, Problem> {
        let cards = iter(releases.map(|release| self.carded(release)));
        let cards: Vec<Option<(ReleaseId, Card)>> = cards.buffered(AT_ONCE).try_collect().await?;
        Ok(cards.into_iter().flatten().collect())
    }

    /// Which those are that have images, in the same order.
    pub async fn all_of(&self, family: &FamilyName) -> Result<Vec<ReleaseId>, Problem> {
        let (adopted, members) = try_join(self.adopted_of(family), self.members_of(family)).await?;
        let adopted = adopted.iter().filter(|adopted| adopted.is_own());
        let adopted = adopted.map(|adopted| (adopted.line.architecture, adopted.release));
        let built = members.iter().map(|member| (member.architecture, member.release));
        let mut all: Vec<(Architecture, ReleaseId)> = adopted.chain(built).collect();
        all.sort_by_key(|(architecture, _)| *architecture);
        Ok(all.into_iter().map(|(_, release)| release).collect())
    }

    /// Its builds that have images: each architecture's in their order.
    pub async fn members_of(&self, family: &FamilyName) -> Result<Vec<Member>, Problem> {
        let rows: Vec<MemberRow> = self.query(&of_family(family), MEMBER).await?;
        let member = |MemberRow {
                          sk,
                          release,
                          usable,
                          untold,
                      }: MemberRow| {
            let (architecture, order) = order_of(&sk).ok_or_else(|| {
                Problem::not_understood("read the releases of a family", self.hub, "a key is no release's")
            })?;
            Ok(Member {
                release,
                architecture,
                order,
                usable,
                untold,
            })
        };
        rows.into_iter().map(member).collect()
    }

    /// The releases that have an image for a placement, in any Region.
    pub async fn releases_with(&self, ami: AmiId) -> Result<BTreeSet<ReleaseId>, Problem> {
        // Uses lie in the same partition, before every Region.
        let regions = Range::From("a");
        let items: Vec<LookUpItem> = self.query_range(&of_image(ami), regions, Reads::Now).await?;
        Ok(items.into_iter().map(|item| item.release).collect())
    }

    /// Where the images of a release are.
    pub async fn placements(&self, release: ReleaseId) -> Result<Vec<HeldPlacement>, Problem> {
        let items: Vec<PlacementItem> = self.query(&of_release(release), PLACEMENT).await?;
        let held = |item: PlacementItem| {
            let (target, ami) = item.sk.strip_prefix(PLACEMENT)?.rsplit_once('#')?;
            Some(HeldPlacement {
                target: target_of(target)?,
                ami: ami.parse().ok()?,
                state: item.state,
                deprecated: item.deprecated_by_us,
                name: item.name,
                managed: item.managed.unwrap_or(true),
                seen: item.seen,
                since: item.since,
                snapshots: item.snapshots,
                size: item.size,
                watermarks: item.watermarks,
            })
        };
        let wrong =
            || Problem::not_understood("read the placements of the record", self.hub, "a key is no placement's");
        items.into_iter().map(|item| held(item).ok_or_else(wrong)).collect()
    }

    /// Those of some releases that had images, none of which is left: they are only remembered.
    pub async fn tombstones(&self, of: &BTreeSet<ReleaseId>) -> Result<BTreeSet<ReleaseId>, Problem> {
        let tombstones = iter(of.iter().map(|release| async move {
            let is_tombstone = self.is_tombstone(*release).await?;
            Ok::<_, Problem>(is_tombstone.then_some(*release))
        }));
        let tombstones: Vec<Option<ReleaseId>> = tombstones.buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(tombstones.into_iter().flatten().collect())
    }

    async fn is_tombstone(&self, release: ReleaseId) -> Result<bool, Problem> {
        let placements = self.placements(release).await?;
        if placements.iter().any(|placement| !placement.state.is_gone()) {
            return Ok(false);
        }
        Ok(is_tombstone(&placements, &self.containers(release).await?))
    }

    /// What was heard of a release, and done to it, in the order in which it says it happened.
    pub async fn journal(&self, release: ReleaseId) -> Result<Vec<Entry>, Problem> {
        self.entries(&of_release(release)).await
    }

    /// What was heard of a family as a whole, and done to it.
    pub async fn journal_of_family(&self, family: &FamilyName) -> Result<Vec<Entry>, Problem> {
        self.entries(&of_family(family)).await
    }

    async fn entries(&self, pk: &str) -> Result<Vec<Entry>, Problem> {
        let items: Vec<EntryItem> = self.query(pk, JOURNAL).await?;
        let entry = |item: EntryItem| {
            let at = item.sk.split('#').nth(1)?.parse().ok()?;
            Some(Entry { at, heard: item.heard })
        };
        let wrong = || Problem::not_understood("read the journal of the record", self.hub, "a key is no entry's");
        items.into_iter().map(|item| entry(item).ok_or_else(wrong)).collect()
    }

    /// The lineage of these releases, as far up and down as asked, and as much of it as can be drawn.
    pub async fn lineage(&self, asked: &BTreeSet<ReleaseId>, span: Span, now: Timestamp) -> Result<Graph, Problem> {
        let (mut above, mut below) = (BTreeSet::new(), BTreeSet::new());
        for release in asked {
            above.extend(within(self.ancestors(*release).await?, span.up));
            below.extend(within(self.descendants(*release).await?, span.down));
        }
        // Ancestors first: they are few, and say where it came from. Of both the nearest.
        let mut shown = asked.clone();
        let left_off = LeftOff {
            above: take(&mut shown, &above),
            below: take(&mut shown, &below),
        };
        let releases = self.cards(&shown).await?;
        let edges = iter(releases.keys().map(|child| async move {
            let parents = self.parents(*child).await?;
            Ok::<_, Problem>(parents.into_iter().map(|parent| Drawn {
                parent: parent.release,
                child: *child,
                kind: parent.kind,
            }))
        }));
        let edges: Vec<_> = edges.buffer_unordered(AT_ONCE).try_collect().await?;
        let mut edges: Vec<Drawn> = edges.into_iter().flatten().collect();
        edges.retain(|edge| releases.contains_key(&edge.parent));
        edges.sort();
        let revoked = iter(releases.keys().map(|id| async move {
            let causes = self.causes(*id, now).await?;
            Ok::<_, Problem>((!causes.is_empty()).then_some(*id))
        }));
        let revoked: Vec<Option<ReleaseId>> = revoked.buffer_unordered(AT_ONCE).try_collect().await?;
        let tombstones = self.tombstones(&releases.keys().copied().collect()).await?;
        let pointers = self.pointers(families_of(releases.values())).await?;
        let channels = releases.keys().map(|id| (*id, pointers.names(*id)));
        Ok(Graph {
            channels: channels.filter(|(_, names)| !names.is_empty()).collect(),
            revoked: revoked.into_iter().flatten().collect(),
            asked: asked.clone(),
            tombstones,
            releases,
            edges,
            left_off,
        })
    }

    /// Whether the record has heard of a name.
    pub async fn knows(&self, name: &CanonicalName) -> Result<bool, Problem> {
        Ok(self.card(name.id()).await?.is_some())
    }

    async fn carded(&self, release: ReleaseId) -> Result<Option<(ReleaseId, Card)>, Problem> {
        Ok(self.card(release).await?.map(|card| (release, card)))
    }
}

/// The families of these releases.
pub fn families_of<'a>(cards: impl IntoIterator<Item = &'a Card>) -> impl Iterator<Item = &'a FamilyName> {
    cards.into_iter().filter_map(|card| card.family.as_ref())
}

/// Whether a release with these images had some, and none of them is left.
pub fn is_tombstone(placements: &[HeldPlacement], containers: &[HeldContainer]) -> bool {
    let is_any_left = placements.iter().any(|placement| !placement.state.is_gone())
        || containers
            .iter()
            .any(|container| container.state == ContainerState::Present);
    let had_any = !placements.is_empty() || !containers.is_empty();
    had_any && !is_any_left
}

fn within(reach: BTreeSet<Reach>, depth: u16) -> impl Iterator<Item = Reach> {
    reach.into_iter().filter(move |reach| reach.depth <= depth)
}

/// Takes as many as there is room for, and says how many there were not.
fn take(shown: &mut BTreeSet<ReleaseId>, reach: &BTreeSet<Reach>) -> usize {
    let mut left_off = BTreeSet::new();
    for Reach { release, .. } in reach {
        if shown.contains(release) {
            continue;
        }
        if shown.len() < MOST_DRAWN {
            shown.insert(*release);
        } else {
            left_off.insert(*release);
        }
    }
    left_off.len()
}
