//! Image Builder's own images of builds: which lack the tag, and a step for each.

use std::collections::{BTreeMap, BTreeSet};

use steward::tagging::{LeftBare, OutputFacts, OutputFate, OutputTagging, Recorded, decide_output, output_of};
use steward::{AmiFacts, AmiId, Intent, Output, Settled, Target, Words, Worker, settle};
use steward_aws::{Cause, OpenStep, Placed, Problem};

use super::tag::Round;

/// What the names of these steps begin with; those of snapshots are images.
const STEP: &str = "output-";

/// What is to be done about Image Builder's images behind those of a target.
#[derive(Default)]
pub(super) struct Outputs {
    /// What gets the tag, each with the image that says of what family it is.
    tag: Vec<(AmiId, OutputTagging)>,
    /// The steps that may still be open: one that was not looked at may be neither made nor unwanted.
    pub(super) open: BTreeSet<String>,
}

impl Round<'_> {
    /// Looks at those that nobody found with the tag yet, each once.
    pub(super) async fn outputs(&mut self, images: &[AmiFacts], placed: &[Placed]) -> Result<Outputs, Problem> {
        let mut outputs = Outputs::default();
        let mut can_look = true;
        let asking = images.iter().filter(|image| may_ask(image));
        let asking: BTreeMap<AmiId, &AmiFacts> = asking.map(|image| (image.ami, image)).collect();
        for placed in placed.iter().filter(|placed| placed.output_settled.is_none()) {
            let Some(image) = asking.get(&placed.ami) else {
                continue;
            };
            can_look = can_look && self.has_time();
            if !can_look {
                outputs.open.insert(step_of(image.ami));
                continue;
            }
            let recorded = self.recorded(placed).await?;
            match self.fate(image, &recorded).await {
                Ok(None) => {}
                Ok(Some(OutputFate::Tag(tagging))) => {
                    outputs.open.insert(step_of(image.ami));
                    outputs.tag.push((image.ami, tagging));
                }
                Ok(Some(OutputFate::Settled)) => self.settle(image.ami).await?,
                Ok(Some(OutputFate::Missed)) => {
                    outputs.open.insert(step_of(image.ami));
                    self.miss(placed).await?;
                }
                Ok(Some(OutputFate::Left(cause))) => self.leave(&LeftBare { ami: image.ami, cause }),
                Err(problem) => {
                    outputs.open.insert(step_of(image.ami));
                    // Where one cannot be read, others may; where nobody may read, nobody may.
                    can_look = matches!(problem.cause, Cause::NotUnderstood(_));
                    self.outcome.problems.push(problem.to_string());
                }
            }
        }
        Ok(outputs)
    }

    /// What becomes of the one behind an image; none where there is none to look at.
    async fn fate(&self, image: &AmiFacts, recorded: &Recorded) -> Result<Option<OutputFate>, Problem> {
        let Some(build) = output_of(image, self.target, recorded) else {
            return Ok(None);
        };
        let hub = self.room.aws.hub();
        let seen = self.room.aws.at(hub).await.see_output(build).await?;
        Ok(Some(decide_output(OutputFacts {
            hub,
            image,
            recorded,
            build,
            seen: seen.as_ref(),
        })))
    }

    pub(super) async fn tag_outputs(&mut self, outputs: &Outputs) -> Result<(), Problem> {
        let hub = self.room.aws.at(self.room.aws.hub()).await;
        for (ami, tagging) in &outputs.tag {
            let OutputTagging { build, family, .. } = tagging;
            let call = async |_| hub.tag_output(build, family).await;
            if self.make(intent(self.target, *ami, tagging), call).await? {
                self.settle(*ami).await?;
                self.outcome.outputs += 1;
            }
        }
        Ok(())
    }

    /// Takes in that a look did not find what is behind an image. What is written off and is there all the same never gets the tag,
    /// and what lacks it is never retired.
    async fn miss(&self, placed: &Placed) -> Result<(), Problem> {
        let Self {
            room, target, moment, ..
        } = self;
        match settle(true, placed.output_missed, false, moment.now) {
            Settled::Nothing | Settled::NoDoubt => Ok(()),
            Settled::Doubt => {
                let image = Output {
                    target: *target,
                    ami: placed.ami,
                };
                room.record.miss_output(image, moment.now).await
            }
            Settled::Changed => self.settle(placed.ami).await,
        }
    }

    /// Writes that nothing is to be done any more for an image.
    async fn settle(&self, ami: AmiId) -> Result<(), Problem> {
        let Self {
            room, target, moment, ..
        } = self;
        let image = Output { target: *target, ami };
        room.record.settle_output(image, moment.now).await
    }
}

/// Whether an image says that it is ours and of a build. The record says whether that is so.
const fn may_ask(image: &AmiFacts) -> bool {
    image.family.is_some() && image.claims_build.is_some()
}

fn step_of(ami: AmiId) -> String {
    format!("{STEP}{ami}")
}

/// Whether a step is one of these.
pub(super) fn is_of_output(open: &OpenStep) -> bool {
    open.intent.step.starts_with(STEP)
}

fn intent(target: Target, ami: AmiId, tagging: &OutputTagging) -> Intent {
    let OutputTagging { build, release, family } = tagging;
    Intent {
        worker: Worker::TagSnapshots,
        target,
        step: step_of(ami),
        release: *release,
        says: Words::from(format!("tag {build} behind {ami} as of {family}")),
    }
}
