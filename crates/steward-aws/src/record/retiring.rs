//! What pruning keeps: since when releases are expendable, where it brought images, what was announced, and what people decided.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use steward::pruning::{LetThrough, RecordedImage, Refused, RunMode, RunSummary, TakenDown, Waiver};
use steward::{
    AmiId, AmiState, BuildState, CanonicalName, FamilyName, Output, ReleaseId, SnapshotId, Target, Timestamp, Words,
};

use super::Record;
use super::keys::{CONTROL, Key, PLACEMENT, WAIVED, of_release, target_of};
use super::table::Condition;
use crate::Problem;

/// A release, as far as pruning asks.
#[derive(Deserialize, Debug)]
pub(super) struct RetiringRelease {
    pub(super) name: CanonicalName,
    pub(super) state: Option<BuildState>,
    pub(super) created: Option<Timestamp>,
    /// Whether all that it made was found.
    #[serde(default)]
    pub(super) placed: bool,
    /// A null, where it is expendable no more.
    pub(super) expendable: Option<Timestamp>,
    /// When people were told that what Image Builder has of it goes.
    pub(super) output_announced: Option<Timestamp>,
    /// Since when looks have not found that. A null, where one has since.
    pub(super) output_missed: Option<Timestamp>,
    /// That Image Builder refused what was last tried with that.
    refused: Option<RefusedItem>,
}

#[derive(Deserialize, Debug)]
struct RetiringRow {
    sk: String,
    state: AmiState,
    managed: Option<bool>,
    since: Option<Timestamp>,
    created: Option<Timestamp>,
    found: Option<Timestamp>,
    #[serde(default)]
    snapshots: BTreeSet<SnapshotId>,
    size: Option<u32>,
    deprecated_by_us: Option<Timestamp>,
    disabled_by_us: Option<Timestamp>,
    refused: Option<RefusedItem>,
    announced: Option<Timestamp>,
}

/// That AWS refused what was last tried. A null, once something was done.
#[derive(Serialize, Deserialize, Debug)]
pub(super) struct RefusedItem {
    pub(super) at: Timestamp,
    pub(super) times: u32,
}

#[derive(Serialize, Debug)]
struct SoonItem {
    soon: Timestamp,
}

#[derive(Serialize, Debug)]
struct ExpendableItem {
    expendable: Option<Timestamp>,
}

#[derive(Serialize, Debug)]
struct AnnouncedItem {
    announced: Timestamp,
}

#[derive(Serialize, Debug)]
struct OutputAnnouncedItem {
    output_announced: Timestamp,
}

#[derive(Serialize, Deserialize, Debug)]
struct WaiverItem {
    target: Target,
    ends: Timestamp,
    who: String,
    why: Words,
}

/// What came of planning the pruning of a family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pruned {
    /// By which of its manifests.
    pub manifest: u32,
    /// What a person asked last, by whatever clock: another one is another request.
    #[serde(default)]
    pub asked: Option<LetThrough>,
    /// When a person last asked that it be planned soon, by whatever clock: another moment is another request. Whoever asks writes
    /// it, and nobody else: it may be while the family is planned.
    #[serde(default, skip_serializing)]
    pub soon: Option<Timestamp>,
    /// Which of these was answered.
    #[serde(default)]
    pub answered: Option<Timestamp>,
    /// When the next rung of one of its images falls due; none: none does.
    pub due: Option<Timestamp>,
    /// Whether it is carried out.
    pub mode: RunMode,
    /// What it comes to.
    pub summary: RunSummary,
}

impl RetiringRelease {
    /// That Image Builder refused what was last tried with what it has of it.
    pub(super) fn refused(&self) -> Option<Refused> {
        self.refused.as_ref().map(RefusedItem::refused)
    }
}

impl RefusedItem {
    fn refused(&self) -> Refused {
        let Self { at, times } = *self;
        Refused { at, times }
    }
}

impl Record {
    /// A release, as far as pruning asks; none where the record has never heard of it.
    pub(super) async fn retiring_release(&self, release: ReleaseId) -> Result<Option<RetiringRelease>, Problem> {
        self.get(Key::release(release)).await
    }

    /// The images of a release that are gone, whoever took them away, each with the snapshots that were behind it.
    pub async fn gone_images(&self, release: ReleaseId) -> Result<Vec<(Output, BTreeSet<SnapshotId>)>, Problem> {
        let images = self.retiring_images(release).await?.into_iter();
        let gone = images.filter(|image| image.managed && image.state == AmiState::Deregistered);
        let output = |image: &RecordedImage| Output {
            target: image.target,
            ami: image.ami,
        };
        Ok(gone.map(|image| (output(&image), image.snapshots)).collect())
    }

    /// The images of a release, as pruning asks for them; how their owners see them is not among it.
    pub(super) async fn retiring_images(&self, release: ReleaseId) -> Result<Vec<RecordedImage>, Problem> {
        let rows: Vec<RetiringRow> = self.query(&of_release(release), PLACEMENT).await?;
        let image = |row: RetiringRow| {
            let (target, ami) = row.sk.strip_prefix(PLACEMENT)?.rsplit_once('#')?;
            Some(RecordedImage {
                ami: ami.parse().ok()?,
                target: target_of(target)?,
                managed: row.managed.unwrap_or(true),
                state: row.state,
                since: row.since,
                created: row.created,
                found: row.found,
                snapshots: row.snapshots,
                gib: row.size.map_or(0, u64::from),
                taken: TakenDown {
                    deprecated: row.deprecated_by_us,
                    disabled: row.disabled_by_us,
                },
                refused: row.refused.as_ref().map(RefusedItem::refused),
                announced: row.announced,
                seen: None,
                asked: None,
            })
        };
        let wrong =
            || Problem::not_understood("read the placements of the record", self.hub, "a key is no placement's");
        rows.into_iter().map(|row| image(row).ok_or_else(wrong)).collect()
    }

    /// Writes since when a release is expendable, where nobody has yet; or that it is no more.
    pub async fn write_expendable(&self, release: ReleaseId, since: Option<Timestamp>) -> Result<(), Problem> {
        let item = ExpendableItem { expendable: since };
        let condition = match since {
            // Whoever wrote it before has counted from then.
            Some(_) => Condition::new(
                "attribute_exists(pk) AND (attribute_not_exists(expendable) OR attribute_type(expendable, :null))",
                [(":null", AttributeValue::S(String::from("NULL")))],
            ),
            None => Condition::there(),
        };
        self.set(Key::release(release), item, Some(condition)).await.map(drop)
    }

    /// Writes that people were told of an image's coming deregistration.
    pub async fn write_announced(
        &self,
        release: ReleaseId,
        (target, ami): (Target, AmiId),
        at: Timestamp,
    ) -> Result<(), Problem> {
        let key = Key::placement(release, target, ami);
        let item = AnnouncedItem { announced: at };
        self.set(key, item, Some(Condition::there())).await.map(drop)
    }

    /// The same of what Image Builder still has of a release.
    pub async fn write_output_announced(&self, release: ReleaseId, at: Timestamp) -> Result<(), Problem> {
        let item = OutputAnnouncedItem { output_announced: at };
        let there = Some(Condition::there());
        self.set(Key::release(release), item, there).await.map(drop)
    }

    /// What a person let through of a family.
    pub async fn let_through(&self, family: &FamilyName) -> Result<Option<LetThrough>, Problem> {
        self.get(Key::let_through(family)).await
    }

    /// Writes what a person lets through of a family.
    pub async fn write_let_through(&self, family: &FamilyName, let_through: &LetThrough) -> Result<(), Problem> {
        self.set(Key::let_through(family), let_through, None).await.map(drop)
    }

    /// The targets whose evidence a person does without, past ones too.
    pub async fn waivers(&self) -> Result<BTreeMap<Target, Waiver>, Problem> {
        let items: Vec<WaiverItem> = self.query(CONTROL, WAIVED).await?;
        let waiver = |item: WaiverItem| {
            let WaiverItem { target, ends, who, why } = item;
            (target, Waiver { until: ends, who, why })
        };
        Ok(items.into_iter().map(waiver).collect())
    }

    /// Writes that a person does without a target's evidence for a time.
    pub async fn write_waiver(&self, target: Target, waiver: &Waiver) -> Result<(), Problem> {
        let Waiver { until, who, why } = waiver.clone();
        let item = WaiverItem {
            target,
            ends: until,
            who,
            why,
        };
        self.set(Key::waived(target), item, None).await.map(drop)
    }

    /// What came of planning a family's pruning last; none where nobody has yet.
    pub async fn pruned(&self, family: &FamilyName) -> Result<Option<Pruned>, Problem> {
        self.get(Key::pruned(family)).await
    }

    /// Has a family planned by the next sweep, where it was planned before, whatever the clock of whoever asks at this moment says.
    pub async fn plan_soon(&self, family: &FamilyName, asked: Timestamp) -> Result<(), Problem> {
        let item = SoonItem { soon: asked };
        self.set(Key::pruned(family), item, Some(Condition::there()))
            .await
            .map(drop)
    }

    /// Writes what came of it.
    pub async fn write_pruned(&self, family: &FamilyName, pruned: &Pruned) -> Result<(), Problem> {
        self.set(Key::pruned(family), pruned, None).await.map(drop)
    }
}
