//! Everything about a release.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use steward::building::{Because, ShownBecause};
use steward::channels::{OnChannel, Pointers};
use steward::distribution::{Encrypted, Shared, Stood};
use steward::lineage::{Card, Cause, EdgeKind, Exemption};
use steward::pruning::{ImageFate, JudgedContainer, StillThere};
use steward::{
    AmiId, AmiState, BuildState, Details, FamilyName, Findings, KmsKeyRef, ReleaseId, Target, Timestamp, Words,
    WorkflowRun,
};
use steward_aws::{HeldContainer, HeldPlacement, HeldSnapshot, HeldUse, Hold, Record, families_of, is_tombstone};

use crate::arguments::Format;
use crate::explained;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::json;
use crate::pruning::{Pruning, around};
use crate::releases::found;
use crate::titled::{Titled, titled};
use crate::verdicts::below;

/// All there is to say of a release: why it exists, where it is, who said what of it.
#[derive(Serialize)]
pub(crate) struct Explained {
    #[serde(flatten)]
    pub(crate) titled: Titled,
    pub(crate) card: Option<Card>,
    /// Whether it had images, none of which is left.
    pub(crate) tombstone: bool,
    /// Who started its build, in Image Builder's words; none where the record does not know.
    pub(crate) started_by: Option<Words>,
    /// Why its build was started, and above it why that of the parent was which it was built for; nothing where another hand did.
    pub(crate) because: Vec<ShownBecause>,
    /// The same as ways from what began it.
    pub(crate) ways: Vec<Words>,
    /// The channels that it is on.
    pub(crate) channels: Vec<OnChannel>,
    pub(crate) parents: Vec<CameFrom>,
    /// How many releases came from it, whatever lies between.
    pub(crate) descendants: usize,
    pub(crate) revoked: Vec<Revoked>,
    pub(crate) exemptions: Vec<Exempted>,
    pub(crate) workflows: Vec<WorkflowRun>,
    pub(crate) findings: Option<Findings>,
    /// How many packages are installed; none where nobody listed them.
    pub(crate) packages: Option<usize>,
    pub(crate) images: Vec<PlacedImage>,
    /// Who uses these cannot be known.
    pub(crate) containers: Vec<PlacedContainer>,
    pub(crate) holds: Vec<Held>,
}

#[derive(Serialize)]
pub(crate) struct CameFrom {
    #[serde(flatten)]
    pub(crate) titled: Titled,
    pub(crate) kind: EdgeKind,
}

/// Why nobody should use it.
#[derive(Serialize)]
pub(crate) struct Revoked {
    /// From what was revoked down to the release: one of them only where that is the release itself.
    pub(crate) path: Vec<Titled>,
    pub(crate) why: String,
    pub(crate) who: String,
    pub(crate) at: Timestamp,
}

#[derive(Serialize)]
pub(crate) struct Exempted {
    #[serde(flatten)]
    pub(crate) exemption: Exemption,
    /// Whether it is not past.
    pub(crate) holds: bool,
}

#[derive(Serialize)]
pub(crate) struct PlacedImage {
    #[serde(flatten)]
    pub(crate) placement: HeldPlacement,
    /// Whether its build made it, and then failed or was cancelled.
    pub(crate) left_behind: bool,
    /// How distribution last saw it; none where it has not looked at it.
    pub(crate) distributed: Option<Distributed>,
    pub(crate) uses: Vec<HeldUse>,
    pub(crate) asked: Asked,
    /// What pruning's plan says of it now; none where no manifest of its family holds.
    pub(crate) pruning: Option<ImageFate>,
    /// Snapshots that did not go with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) still_there: Vec<StillThere>,
}

/// A container image, and what the rules of its family say of it.
#[derive(Serialize)]
pub(crate) struct PlacedContainer {
    #[serde(flatten)]
    pub(crate) container: HeldContainer,
    /// None where its family makes no container images by its manifest, or it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pruning: Option<String>,
}

/// What pruning's plans say.
#[derive(Default)]
struct Fates {
    images: BTreeMap<AmiId, ImageFate>,
    /// By where they are, and how they are named there.
    containers: BTreeMap<(Target, String), String>,
}

/// How distribution last saw an image.
#[derive(Serialize)]
pub(crate) struct Distributed {
    /// The keys of its snapshots but AWS's own; none where it was not there to look at.
    pub(crate) keys: Option<BTreeSet<KmsKeyRef>>,
    /// What of it is by none of these, and when that and they were seen; none where that was not there to look at either.
    pub(crate) encrypted: Option<Encrypted>,
    /// Whom it is shared with; none where nobody could read that.
    pub(crate) shared: Option<Shared>,
}

/// Where it was asked who uses an image.
#[derive(Serialize)]
pub(crate) struct Asked {
    /// So many targets of its Region.
    pub(crate) targets: usize,
    /// No answer is older; none where not all of them were asked.
    pub(crate) as_of: Option<Timestamp>,
}

#[derive(Serialize)]
pub(crate) struct Held {
    #[serde(flatten)]
    pub(crate) hold: Hold,
    /// Whether it is neither past nor ended.
    pub(crate) holds: bool,
}

/// All there is to say of the releases that a word means.
pub(crate) async fn explain(hub: &Hub, word: &str, format: Format) -> Result<String, Failure> {
    let (_, record, releases) = found(hub, word).await?;
    let now = hub.now()?;
    let asked = record.gathered().await?;
    let mut cards = record.cards(&releases).await?;
    let pointers = record.pointers(families_of(cards.values())).await?;
    let fates = fates(&record, cards.values(), now).await?;
    let mut all = Vec::new();
    for release in releases {
        let card = cards.remove(&release);
        let known = (&pointers, &asked, &fates);
        all.push(gather(&record, release, card, known, now).await?);
    }
    Ok(match format {
        Format::Json => json::text(&all),
        Format::Text => explained::told(&all),
    })
}

/// What pruning's plans say of the images of these releases' families.
async fn fates(record: &Record, cards: impl Iterator<Item = &Card>, now: Timestamp) -> Result<Fates, Failure> {
    let families: BTreeSet<&FamilyName> = cards.filter_map(|card| card.family.as_ref()).collect();
    let around = around(record).await?;
    let mut fates = Fates::default();
    for family in families {
        let Some(holding) = record.holding(family).await? else {
            continue;
        };
        // One that cannot be read is no reason to explain nothing else.
        let Ok(manifest) = holding.manifest else { continue };
        let pruning = Pruning::of(record, (&manifest, holding.version), &around, now).await?;
        fates.images.extend(pruning.plan.fates(pruning.wrong.as_ref()));
        let said = |judged: JudgedContainer| {
            let image = judged.container.image.clone();
            ((image.target, image.to_string()), judged.to_string())
        };
        fates.containers.extend(pruning.plan.containers.into_iter().map(said));
    }
    Ok(fates)
}

async fn gather(
    record: &Record,
    release: ReleaseId,
    card: Option<Card>,
    (pointers, asked, fates): (&Pointers, &BTreeMap<Target, Option<Timestamp>>, &Fates),
    now: Timestamp,
) -> Result<Explained, Failure> {
    let mut parents = Vec::new();
    for parent in record.parents(release).await? {
        parents.push(CameFrom {
            titled: titled(record, parent.release).await?,
            kind: parent.kind,
        });
    }
    let mut revoked = Vec::new();
    for Cause { path, why, who, at } in record.causes(release, now).await? {
        let mut way = Vec::new();
        for step in path {
            way.push(titled(record, step).await?);
        }
        revoked.push(Revoked {
            path: way,
            why,
            who,
            at,
        });
    }
    let exemptions = record.said(release).await?.exemptions.into_iter();
    let holds = record.holds(release).await?.into_iter();
    let (placements, containers) = (record.placements(release).await?, record.containers(release).await?);
    let tombstone = is_tombstone(&placements, &containers);
    let Details {
        workflows,
        findings,
        vulnerabilities: _,
        packages,
    } = record.details(release).await?;
    let state = card.as_ref().and_then(|card| card.state);
    let left_off = state.is_some_and(BuildState::left_off);
    let because = record.because(release).await?;
    let mut images = Vec::new();
    for placement in placements {
        let family = card.as_ref().and_then(|card| card.family.as_ref());
        let uses = record.uses_of(placement.ami, placement.target).await?;
        images.push(PlacedImage {
            distributed: match family {
                Some(family) if placement.managed => {
                    let stood = record.stood_in(family, release, placement.target).await?;
                    stood
                        .filter(|stood| stood.ami == Some(placement.ami))
                        .map(Distributed::of)
                }
                Some(_) | None => None,
            },
            left_behind: placement.managed && left_off,
            uses: uses.into_iter().map(HeldUse::parted).collect(),
            asked: asked_for(&placement, asked),
            pruning: fates.images.get(&placement.ami).cloned(),
            still_there: left_by(record, &placement).await?,
            placement,
        });
    }
    Ok(Explained {
        titled: Titled::of(release, card.as_ref()),
        card,
        tombstone,
        started_by: record.started_by(release).await?,
        ways: Because::ways(&because),
        because: because.iter().map(ShownBecause::of).collect(),
        channels: pointers.to(release).to_vec(),
        parents,
        descendants: below(record, &BTreeSet::from([release])).await?,
        revoked,
        exemptions: exemptions
            .map(|exemption| Exempted {
                holds: exemption.holds(now),
                exemption,
            })
            .collect(),
        workflows,
        findings,
        packages: (!packages.is_empty()).then_some(packages.len()),
        images,
        containers: containers
            .into_iter()
            .map(|container| PlacedContainer {
                pruning: fates
                    .containers
                    .get(&(container.target, container.image.clone()))
                    .cloned(),
                container,
            })
            .collect(),
        holds: holds
            .map(|hold| Held {
                holds: now < hold.end(),
                hold,
            })
            .collect(),
    })
}

/// The snapshots that an image left behind when it went.
async fn left_by(record: &Record, placement: &HeldPlacement) -> Result<Vec<StillThere>, Failure> {
    if placement.state != AmiState::Deregistered {
        return Ok(Vec::new());
    }
    let left = record.left_in(placement.target).await?;
    let of_it = left.into_iter().filter(|left| left.of == placement.ami);
    Ok(of_it.map(HeldSnapshot::still_there).collect())
}

impl Distributed {
    fn of(stood: Stood) -> Self {
        let Stood {
            keys,
            encrypted,
            shared,
            ..
        } = stood;
        Self {
            keys,
            encrypted,
            shared,
        }
    }
}

fn asked_for(placement: &HeldPlacement, asked: &BTreeMap<Target, Option<Timestamp>>) -> Asked {
    let region = placement.target.region();
    let here = asked.iter().filter(|(target, _)| target.region() == region);
    let here: Vec<Option<Timestamp>> = here.map(|(_, gathered)| *gathered).collect();
    Asked {
        targets: here.len(),
        // One that was never asked is before every time.
        as_of: here.into_iter().min().flatten(),
    }
}
