//! What earlier visits died of: calls of which nobody wrote what came of them.

use std::collections::BTreeSet;

use steward::pruning::{ImageNow, LeftSnapshot, OutputNow, PruningCall, WhyLeft};
use steward::{AmiId, AmiState, BuildState, Duration, Output, ReleaseId, Worker};
use steward_aws::{OpenStep, Problem};

use super::Applied;
use super::step::written;
use super::visit::Visit;

/// For so long EC2 may show an image as it was before a call.
pub(super) const SHOWN: Duration = Duration::minutes(15);

/// Finds out of each whether it was made, and writes that down. What was not is open no more: the next plan has it, if it is
/// still wanted.
pub(super) async fn settle(visit: &Visit<'_>, outcome: &mut Applied) -> Result<(), Problem> {
    let record = &visit.room.record;
    let now = visit.clock.now();
    for open in record.open_steps(Worker::ApplyPruning, visit.target).await? {
        let release = open.intent.release;
        // What AWS refused and somebody did since is that hand's.
        let call = PruningCall::named(&open.intent.step).filter(|_| open.failed.is_none());
        let made = match &call {
            None => false,
            Some(call) => match was_made(visit, call).await {
                // What does not show yet may have been made: it stays open as long as that may be.
                Ok(false) if now < open.begun.since.saturating_add(SHOWN) && leaves_a_trace(call) => {
                    outcome.open += 1;
                    continue;
                }
                Ok(made) => made,
                // One that cannot be looked at stays open, and holds up no other.
                Err(problem) => {
                    outcome.problems.push(problem.to_string());
                    outcome.open += 1;
                    continue;
                }
            },
        };
        if let Some(call) = call.filter(|_| made)
            && let Some(family) = record.card(release).await?.and_then(|card| card.family)
        {
            let image = image_of(&call).map(|ami| Output {
                target: visit.target,
                ami,
            });
            let left = match call {
                PruningCall::Deregister { .. } => left_behind(visit, release, image).await?,
                _ => Vec::new(),
            };
            // EC2 shows as deprecated from when it was: by that it is told apart from what another hand did.
            let at = match call {
                PruningCall::Deprecate(_) => open.begun.since,
                _ => now,
            };
            written(visit, (release, &family), (image, &call), &left, at).await?;
            outcome.found += 1;
        }
        close(visit, &open).await?;
    }
    Ok(())
}

async fn close(visit: &Visit<'_>, open: &OpenStep) -> Result<(), Problem> {
    let record = &visit.room.record;
    record.close_unwanted([open], &BTreeSet::new(), visit.clock.now()).await
}

/// Whether AWS shows that a call was made. One that leaves no trace is made again where that is wanted.
async fn was_made(visit: &Visit<'_>, call: &PruningCall) -> Result<bool, Problem> {
    let now = visit.clock.now();
    if let Some(ami) = image_of(call) {
        let image = visit.at.image_now(ami).await?;
        let there = image.as_ref().filter(|image| image.is_there());
        return Ok(match call {
            PruningCall::Deregister { .. } => there.is_none(),
            PruningCall::Disable(_) => there.is_some_and(|image| image.state == AmiState::Disabled),
            PruningCall::Enable(_) => there.is_some_and(|image| image.state == AmiState::Available),
            PruningCall::Deprecate(_) => there.is_some_and(|image| ImageNow::is_deprecated(image, now)),
            _ => false,
        });
    }
    Ok(match call {
        PruningCall::DeprecateOutput(arn) => {
            matches!(
                visit.hub.output_now(arn).await?,
                OutputNow::There(BuildState::Deprecated)
            )
        }
        PruningCall::DeleteOutput(arn) => {
            matches!(
                visit.hub.output_now(arn).await?,
                OutputNow::Gone | OutputNow::There(BuildState::Deleted)
            )
        }
        _ => false,
    })
}

/// Whether AWS shows that it was made.
const fn leaves_a_trace(call: &PruningCall) -> bool {
    match call {
        PruningCall::Deprecate(_)
        | PruningCall::Disable(_)
        | PruningCall::Enable(_)
        | PruningCall::Deregister { .. }
        | PruningCall::DeprecateOutput(_)
        | PruningCall::DeleteOutput(_) => true,
        PruningCall::CancelDeprecation(_) | PruningCall::Grant(..) | PruningCall::DeleteSnapshot { .. } => false,
    }
}

const fn image_of(call: &PruningCall) -> Option<AmiId> {
    match call {
        PruningCall::Deprecate(ami)
        | PruningCall::CancelDeprecation(ami)
        | PruningCall::Disable(ami)
        | PruningCall::Enable(ami)
        | PruningCall::Deregister { ami, snapshots: _ } => Some(*ami),
        PruningCall::Grant(..)
        | PruningCall::DeleteSnapshot { .. }
        | PruningCall::DeprecateOutput(_)
        | PruningCall::DeleteOutput(_) => None,
    }
}

/// Whoever deregistered the image has read what became of its snapshots, and told nobody.
async fn left_behind(
    visit: &Visit<'_>,
    release: ReleaseId,
    image: Option<Output>,
) -> Result<Vec<LeftSnapshot>, Problem> {
    let placements = visit.room.record.placements(release).await?;
    let of_it = placements.into_iter().filter(|placed| {
        image
            == Some(Output {
                target: placed.target,
                ami: placed.ami,
            })
    });
    let snapshots = of_it.flat_map(|placed| placed.snapshots);
    let left = snapshots.map(|snapshot| LeftSnapshot {
        snapshot,
        why: WhyLeft::NotTold,
    });
    Ok(left.collect())
}
