use std::collections::HashMap;

use super::orphans::Left;
use super::placement::PlacementSeen;
use super::release::{BuildOutput, ReleaseFacts};
use super::rung::Rung;
use super::step::{Effect, PruningStep};
use crate::manifest::Retain;
use crate::{BuildState, ReleaseId, Timestamp};

/// The steps whose time has come. A run takes so many of them: what was not refused of late first, and of each the oldest.
///
/// So what AWS refuses for ever holds up nothing else; and a day after that it is tried with the others, whatever else is due.
pub(super) struct Dues<'a> {
    first: Vec<Due<'a>>,
    refused: Vec<Due<'a>>,
    most: usize,
    now: Timestamp,
}

struct Due<'a> {
    release: &'a ReleaseFacts,
    what: What<'a>,
}

enum What<'a> {
    /// An image comes to this rung.
    Image(&'a PlacementSeen, Rung),
    /// What Image Builder has of a release goes, which has no image left.
    Output,
}

impl<'a> Dues<'a> {
    pub(super) fn new(retain: &Retain, now: Timestamp) -> Self {
        Self {
            first: Vec::new(),
            refused: Vec::new(),
            most: usize::try_from(retain.limits.per_run.get()).unwrap_or(usize::MAX),
            now,
        }
    }

    /// It is time that this image comes to this rung. They are added the oldest first.
    pub(super) fn image(&mut self, release: &'a ReleaseFacts, image: &'a PlacementSeen, rung: Rung) {
        let is_refused = image.refused.is_some_and(|refused| refused.is_of_late(self.now));
        let what = What::Image(image, rung);
        self.add(Due { release, what }, is_refused);
    }

    /// It is time that this goes.
    pub(super) fn output(&mut self, left: Left<'a>) {
        let Left {
            release,
            output,
            since: _,
        } = left;
        let is_refused = output.refused.is_some_and(|refused| refused.is_of_late(self.now));
        let what = What::Output;
        self.add(Due { release, what }, is_refused);
    }

    fn add(&mut self, due: Due<'a>, is_refused: bool) {
        let list = if is_refused { &mut self.refused } else { &mut self.first };
        list.push(due);
    }

    /// The steps of this run. With a release's last image goes what Image Builder has of it.
    pub(super) fn into_steps(self) -> Vec<PruningStep> {
        let mut due = self.first;
        due.extend(self.refused);
        // What comes after them goes in later runs.
        due.truncate(self.most);
        let mut to_go: HashMap<ReleaseId, usize> = HashMap::new();
        for due in &due {
            if let What::Image(_, Rung::Deregistered) = due.what {
                *to_go.entry(due.release.release).or_default() += 1;
            }
        }
        // Of the others an image stays.
        let mut left = to_go.clone();
        let mut steps = Vec::new();
        for Due { release, what } in &due {
            let mut step = |effect: Effect| {
                steps.push(PruningStep {
                    release: release.release,
                    effect,
                });
            };
            let (image, rung) = match what {
                What::Output => {
                    let (before, after) = outputs(release);
                    before.into_iter().chain(after).for_each(step);
                    continue;
                }
                What::Image(image, rung) => (*image, *rung),
            };
            let Some(left) = left.get_mut(&release.release).filter(|_| rung == Rung::Deregistered) else {
                effect(image, rung).map(step);
                continue;
            };
            let goes = to_go.get(&release.release).copied().unwrap_or_default();
            let (before, after) = if goes == release.built_of_it().count() {
                outputs(release)
            } else {
                (None, None)
            };
            before.filter(|_| *left == goes).map(&mut step);
            effect(image, rung).map(&mut step);
            *left -= 1;
            after.filter(|_| *left == 0).map(step);
        }
        steps
    }
}

/// What brings an image to a rung; none brings it back to the first.
fn effect(placement: &PlacementSeen, rung: Rung) -> Option<Effect> {
    let (ami, target) = (placement.ami, placement.target);
    Some(match rung {
        Rung::Available => return None,
        Rung::Deprecated => Effect::Deprecate { ami, target },
        Rung::Disabled => Effect::Disable { ami, target },
        Rung::Deregistered => Effect::Deregister {
            ami,
            target,
            snapshots: placement.snapshots_in_order(),
        },
    })
}

/// What is done to what Image Builder has of a release, before its last image goes and after.
fn outputs(release: &ReleaseFacts) -> (Option<Effect>, Option<Effect>) {
    let Some(BuildOutput {
        arn,
        state,
        missed: _,
        announced: _,
        refused: _,
    }) = release.output.as_deref()
    else {
        return (None, None);
    };
    let deprecate = (*state == BuildState::Available).then(|| Effect::DeprecateOutput(arn.clone()));
    // One that is being built again is not ours to stop.
    let delete = (state.ended() && *state != BuildState::Deleted).then(|| Effect::DeleteOutput(arn.clone()));
    (deprecate, delete)
}
