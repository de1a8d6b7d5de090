//! Who uses the images of releases, asked target by target: there are far fewer of those than of images.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use serde::{Deserialize, Serialize};
use steward::evidence::{ImageSeen, KeptUse, ReportStanding, Source};
use steward::{AmiId, AmiState, ReleaseId, Target, Timestamp};

use super::keys::{Key, USE, of_image};
use super::table::{Range, Reads};
use super::{AT_ONCE, Record};
use crate::Problem;

/// What a source of a target says of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldUse {
    /// By which source.
    pub source: Source,
    /// Where it is used.
    pub target: Target,
    /// Since when that is known.
    pub as_of: Timestamp,
    /// Who uses it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<KeptUse>,
    /// Who only names it: told apart when somebody asks, never kept so.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub named: Option<KeptUse>,
    /// How the target's account sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageSeen>,
    /// How its usage reports stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reports: Option<ReportStanding>,
}

/// Where the images of releases are, and who uses them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Whereabouts {
    /// How many images each target owns that are not gone.
    pub placements: BTreeMap<Target, usize>,
    /// How many container images of them registries hold, or held. Who uses those cannot be known.
    pub containers: usize,
    /// Those that somebody uses.
    pub used: Vec<UsedImage>,
    /// Those that nobody uses and something names, as an old version of a launch template does.
    pub named: Vec<UsedImage>,
    /// When each target was last asked who uses images; none where it never was.
    pub as_of: BTreeMap<Target, Option<Timestamp>>,
}

/// An image that somebody uses or names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UsedImage {
    /// Of which release.
    pub release: ReleaseId,
    /// Which.
    pub ami: AmiId,
    /// Whose, and where.
    pub placed: Target,
    /// Its state; none while it is changing.
    pub state: Option<AmiState>,
    /// Who uses or names it, by source and target.
    pub uses: Vec<HeldUse>,
}

impl HeldUse {
    /// The same, with who only names the image told apart from who uses it.
    #[must_use]
    pub fn parted(self) -> Self {
        let (usage, named) = self.usage.map(KeptUse::parted).unwrap_or_default();
        Self { usage, named, ..self }
    }
}

impl Record {
    /// What is known of who uses an image of a Region, as it was a moment ago.
    pub async fn uses_of(&self, ami: AmiId, placed: Target) -> Result<Vec<HeldUse>, Problem> {
        self.uses_read(ami, placed, Reads::Lately).await
    }

    /// The same as it is now: that evidence is fresh is read so, too.
    pub(super) async fn uses_now(&self, ami: AmiId, placed: Target) -> Result<Vec<HeldUse>, Problem> {
        self.uses_read(ami, placed, Reads::Now).await
    }

    async fn uses_read(&self, ami: AmiId, placed: Target, reads: Reads) -> Result<Vec<HeldUse>, Problem> {
        let uses: Vec<HeldUse> = self.query_range(&of_image(ami), Range::Starts(USE), reads).await?;
        // A parameter may name the images of every Region, for whoever reads it there.
        let here = |held: &HeldUse| held.target.region() == placed.region() || held.source == Source::Parameters;
        Ok(uses.into_iter().filter(here).collect())
    }

    /// Where the images of these releases are, and who uses them.
    pub async fn whereabouts(&self, of: &BTreeSet<ReleaseId>) -> Result<Whereabouts, Problem> {
        let targets = iter(self.targets().await?).map(|target| async move {
            let placed = self.placed_in(target).await?.into_iter();
            let placed = placed.filter(|placed| of.contains(&placed.release));
            Ok::<_, Problem>((target, placed.collect::<Vec<_>>()))
        });
        let placed: Vec<_> = targets.buffer_unordered(AT_ONCE).try_collect().await?;
        let mut found = Whereabouts::default();
        let mut images = BTreeMap::new();
        for (target, placed) in placed {
            let there = placed
                .iter()
                .filter(|placed| placed.state != Some(AmiState::Deregistered));
            match there.count() {
                0 => {}
                count => {
                    found.placements.insert(target, count);
                }
            }
            images.extend(placed.into_iter().map(|placed| (placed.ami, (target, placed))));
        }
        for (target, repository) in self.repositories().await? {
            let held = self.containers_of(target, &repository).await?;
            found.containers += held.iter().filter(|(_, release)| of.contains(release)).count();
        }
        let regions: BTreeSet<_> = images.values().map(|(target, _)| target.region()).collect();
        let asked = self.gathered().await?;
        let images = &images;
        let uses = iter(asked.keys().copied()).map(|target| async move {
            let used = self.uses_in(target).await?.into_keys();
            // How an account sees an image is no use of it.
            let used = used.filter(|(source, ami)| *source != Source::Images && images.contains_key(ami));
            Ok::<_, Problem>(used.map(|used| (target, used)).collect::<Vec<_>>())
        });
        let uses: Vec<Vec<_>> = uses.buffer_unordered(AT_ONCE).try_collect().await?;
        let held = iter(uses.into_iter().flatten()).map(|(target, (source, ami))| async move {
            let held: Option<HeldUse> = self.get(Key::usage(ami, source, target)).await?;
            // A report may show nothing.
            let held = held.filter(|held| held.usage.is_some());
            Ok::<_, Problem>(held.map(|held| (ami, held.parted())))
        });
        let held: Vec<Option<_>> = held.buffer_unordered(AT_ONCE).try_collect().await?;
        let mut by_image: BTreeMap<_, Vec<HeldUse>> = BTreeMap::new();
        for (key, held) in held.into_iter().flatten() {
            by_image.entry(key).or_default().push(held);
        }
        found.as_of = asked;
        found.as_of.retain(|target, _| regions.contains(&target.region()));
        let all = by_image.into_iter().filter_map(|(key, mut uses)| {
            let (placed, image) = images.get(&key)?;
            uses.sort_by_key(|held| (held.target, held.source));
            Some(UsedImage {
                release: image.release,
                ami: image.ami,
                placed: *placed,
                state: image.state,
                uses,
            })
        });
        (found.used, found.named) = all.partition(|image| image.uses.iter().any(|held| held.usage.is_some()));
        Ok(found)
    }
}
