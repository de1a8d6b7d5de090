//! One target: what is there, what of it lacks the tag, and a step for each image of which a snapshot does.

use std::collections::{BTreeMap, BTreeSet};

use steward::tagging::{Recorded, SnapshotSeen, Tagging, TaggingFacts, bare_snapshots, decide_tagging};
use steward::{AmiFacts, AmiId, Intent, SnapshotId, Target, Words, Worker};
use steward_aws::{Carried, ImagesOf, Placed, Problem};
use steward_lambda::Moment;

use super::{ONE_STEP, Tagged};
use crate::Room;

/// Puts the tag on what lacks it in a target.
pub(crate) async fn tag_target(room: &Room, target: Target, moment: Moment) -> Result<Tagged, Problem> {
    let at = room.aws.at(target).await;
    let tagged = at.tagged_snapshots().await?;
    let images = at.images(&ImagesOf::Owner(target.account())).await?;
    let bare = bare_snapshots(&images, &tagged);
    let seen = at.snapshots(&bare).await?.into_iter();
    let seen: BTreeMap<SnapshotId, SnapshotSeen> = seen.map(|seen| (seen.snapshot, seen)).collect();
    let recorded = recorded(room, target, &images, &bare).await?;
    let plan = decide_tagging(TaggingFacts {
        target,
        images: &images,
        bare: &bare,
        snapshots: &seen,
        recorded: &recorded,
    });
    let mut outcome = Tagged {
        targets: 1,
        left: plan.left.iter().map(|left| format!("{left} ({target})")).collect(),
        ..Tagged::default()
    };
    let wanted: BTreeSet<String> = plan.tag.iter().map(|tagging| step_of(tagging.ami)).collect();
    // Somebody died between the call and its outcome, or the image is gone.
    let open = room.record.open_steps(Worker::TagSnapshots, target).await?;
    room.record.close_unwanted(&open, &wanted, moment.now).await?;
    for tagging in &plan.tag {
        if !moment.deadline.leaves(ONE_STEP) {
            outcome.unfinished = true;
            break;
        }
        let Tagging { snapshots, family, .. } = tagging;
        let call = async |_| at.tag_snapshots(snapshots, family).await;
        let intent = intent(target, tagging);
        match Box::pin(room.record.carry_out(intent, room.switch_at_first, moment.now, call)).await? {
            Carried::Made(()) => outcome.snapshots += snapshots.len(),
            Carried::Failed(problem) | Carried::Waits(problem) => outcome.problems.push(problem.to_string()),
            Carried::ByAnother => {}
            Carried::Paused(why) => {
                outcome.paused = Some(why);
                break;
            }
        }
    }
    if !outcome.unfinished && outcome.paused.is_none() && outcome.problems.is_empty() {
        room.record.mark_tagged(target, moment.now).await?;
    }
    Ok(outcome)
}

/// What the record says of the images that may get a tag on a snapshot.
async fn recorded(
    room: &Room,
    target: Target,
    images: &[AmiFacts],
    bare: &BTreeSet<SnapshotId>,
) -> Result<BTreeMap<AmiId, Recorded>, Problem> {
    let wanting = images
        .iter()
        .filter(|image| image.family.is_some() && !image.snapshots.is_disjoint(bare));
    let wanting: BTreeSet<AmiId> = wanting.map(|image| image.ami).collect();
    let mut recorded = BTreeMap::new();
    if wanting.is_empty() {
        return Ok(recorded);
    }
    let placed = room.record.placed_in(target).await?.into_iter();
    for Placed { ami, release, .. } in placed.filter(|placed| wanting.contains(&placed.ami)) {
        let placements = room.record.placements(release).await?;
        let placement = placements
            .iter()
            .find(|placement| placement.target == target && placement.ami == ami);
        let card = room.record.card(release).await?;
        let recording = Recorded {
            release,
            family: card.and_then(|card| card.family),
            managed: placement.is_some_and(|placement| placement.managed),
        };
        recorded.insert(ami, recording);
    }
    Ok(recorded)
}

fn step_of(ami: AmiId) -> String {
    ami.to_string()
}

fn intent(target: Target, tagging: &Tagging) -> Intent {
    let Tagging {
        ami,
        release,
        family,
        snapshots,
    } = tagging;
    let names: Vec<String> = snapshots.iter().map(ToString::to_string).collect();
    Intent {
        worker: Worker::TagSnapshots,
        target,
        step: step_of(*ami),
        release: *release,
        says: Words::from(format!("tag {} behind {ami} as of {family}", names.join(", "))),
    }
}
