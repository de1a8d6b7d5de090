//! One target: what is there, what of it lacks the tag, and a step for each image of which something does.

use std::collections::{BTreeMap, BTreeSet};

use steward::tagging::{
    LeftBare, Recorded, SnapshotSeen, Tagging, TaggingFacts, TaggingPlan, bare_snapshots, decide_tagging,
    unused_snapshots,
};
use steward::{AmiFacts, AmiId, CanonicalName, Intent, SnapshotId, Target, Words, Worker};
use steward_aws::{AtTarget, Begun, Carried, ImagesOf, OpenStep, Placed, Problem};
use steward_lambda::Moment;

use super::outputs::is_of_output;
use super::{ONE_STEP, Tagged};
use crate::Room;

/// What is done in one target, and what came of it till now.
pub(super) struct Round<'a> {
    pub(super) room: &'a Room,
    pub(super) target: Target,
    pub(super) moment: Moment,
    pub(super) outcome: Tagged,
}

/// Puts the tag on what lacks it in a target.
pub(crate) async fn tag_target(room: &Room, target: Target, moment: Moment) -> Result<Tagged, Problem> {
    let at = room.aws.at(target).await;
    let tagged = at.tagged_snapshots().await?;
    let images = at.images(&ImagesOf::Owner(target.account())).await?;
    room.record
        .write_unused_snapshots(target, &unused_snapshots(&images, &tagged), moment.now)
        .await?;
    let mut round = Round {
        room,
        target,
        moment,
        outcome: Tagged {
            targets: 1,
            ..Tagged::default()
        },
    };
    let ours = images.iter().any(|image| image.family.is_some());
    let placed = if ours {
        room.record.placed_in(target).await?
    } else {
        Vec::new()
    };
    // Somebody died between the call and its outcome, or the image is gone.
    let open = room.record.open_steps(Worker::TagSnapshots, target).await?;
    let (of_outputs, of_snapshots): (Vec<&OpenStep>, Vec<&OpenStep>) = open.iter().partition(|open| is_of_output(open));
    let plan = round.snapshots(&at, (&images, &tagged), &placed).await?;
    let wanted = plan.tag.iter().map(|tagging| step_of(tagging.ami)).collect();
    room.record.close_unwanted(of_snapshots, &wanted, moment.now).await?;
    round.tag_snapshots(&at, &plan).await?;
    let outputs = round.outputs(&images, &placed).await?;
    room.record
        .close_unwanted(of_outputs, &outputs.open, moment.now)
        .await?;
    round.tag_outputs(&outputs).await?;
    let outcome = round.outcome;
    if !outcome.unfinished && outcome.paused.is_none() && outcome.problems.is_empty() {
        room.record.mark_tagged(target, moment.now).await?;
    }
    Ok(outcome)
}

impl Round<'_> {
    /// Which snapshots get the tag.
    async fn snapshots(
        &mut self,
        at: &AtTarget,
        (images, tagged): (&[AmiFacts], &BTreeSet<SnapshotId>),
        placed: &[Placed],
    ) -> Result<TaggingPlan, Problem> {
        let bare = bare_snapshots(images, tagged);
        let seen = at.snapshots(&bare).await?.into_iter();
        let seen: BTreeMap<SnapshotId, SnapshotSeen> = seen.map(|seen| (seen.snapshot, seen)).collect();
        let wanting = images
            .iter()
            .filter(|image| image.family.is_some() && !image.snapshots.is_disjoint(&bare));
        let wanting: BTreeSet<AmiId> = wanting.map(|image| image.ami).collect();
        let mut recorded = BTreeMap::new();
        for placed in placed.iter().filter(|placed| wanting.contains(&placed.ami)) {
            recorded.insert(placed.ami, self.recorded(placed).await?);
        }
        let plan = decide_tagging(TaggingFacts {
            target: self.target,
            images,
            bare: &bare,
            snapshots: &seen,
            recorded: &recorded,
        });
        plan.left.iter().for_each(|left| self.leave(left));
        Ok(plan)
    }

    async fn tag_snapshots(&mut self, at: &AtTarget, plan: &TaggingPlan) -> Result<(), Problem> {
        for tagging in &plan.tag {
            let Tagging { snapshots, family, .. } = tagging;
            let call = async |_| at.tag_snapshots(snapshots, family).await;
            if self.make(intent(self.target, tagging), call).await? {
                self.outcome.snapshots += snapshots.len();
            }
        }
        Ok(())
    }

    /// Makes a step where there is time for it and the switch lets it; whether it was made.
    pub(super) async fn make(
        &mut self,
        intent: Intent,
        call: impl AsyncFnOnce(Begun) -> Result<(), Problem>,
    ) -> Result<bool, Problem> {
        if self.outcome.paused.is_some() || !self.has_time() {
            return Ok(false);
        }
        let (record, first) = (&self.room.record, self.room.switch_at_first);
        match Box::pin(record.carry_out(intent, first, self.moment.now, call)).await? {
            Carried::Made(()) => return Ok(true),
            Carried::Failed(problem) | Carried::Waits(problem) => self.outcome.problems.push(problem.to_string()),
            Carried::ByAnother => {}
            Carried::Paused(why) => self.outcome.paused = Some(why),
        }
        Ok(false)
    }

    /// Whether another step may be begun. Where not, the next sweep goes on.
    pub(super) fn has_time(&mut self) -> bool {
        let has_time = self.moment.deadline.leaves(ONE_STEP);
        self.outcome.unfinished |= !has_time;
        has_time
    }

    /// Says once that something of an image stays without the tag.
    pub(super) fn leave(&mut self, left: &LeftBare) {
        let said = format!("{left} ({})", self.target);
        if !self.outcome.left.contains(&said) {
            self.outcome.left.push(said);
        }
    }

    /// What the record says of an image that may get a tag on something behind it.
    pub(super) async fn recorded(&self, placed: &Placed) -> Result<Recorded, Problem> {
        let Placed { ami, release, .. } = *placed;
        let placements = self.room.record.placements(release).await?;
        let placement = placements
            .iter()
            .find(|placement| placement.target == self.target && placement.ami == ami);
        let card = self.room.record.card(release).await?;
        let build = match card.as_ref().map(|card| &card.name) {
            Some(CanonicalName::Build(build)) => Some(build.clone()),
            Some(CanonicalName::Ami { .. }) | None => None,
        };
        Ok(Recorded {
            release,
            build,
            family: card.and_then(|card| card.family),
            managed: placement.is_some_and(|placement| placement.managed),
        })
    }
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
