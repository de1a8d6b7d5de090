//! Snapshots that did not go with their images.

use steward::Words;
use steward::pruning::{CallKind, PruningCall};
use steward_aws::{Begun, HeldSnapshot, LeftLook, Problem};

use super::Applied;
use super::visit::{Called, Then, Visit};

/// Tries those again whose time it is. One that is still there is never said to be gone.
pub(super) async fn take_left(visit: &Visit<'_>, outcome: &mut Applied) -> Result<(), Problem> {
    for left in visit.room.record.left_in(visit.target).await? {
        if !left.is_due(visit.clock.now()) {
            continue;
        }
        if !visit.has_time() {
            break;
        }
        match Box::pin(take(visit, &left, outcome)).await {
            Ok(Then::GoOn) => {}
            Ok(Then::Later | Then::Stop) => break,
            Err(problem) => outcome.problems.push(problem.to_string()),
        }
    }
    Ok(())
}

async fn take(visit: &Visit<'_>, left: &HeldSnapshot, outcome: &mut Applied) -> Result<Then, Problem> {
    let record = &visit.room.record;
    visit.at.turn(CallKind::Snapshot).await;
    match visit.at.look_at_left(left.snapshot, &left.family).await? {
        LeftLook::Gone => record.forget_left(left).await?,
        LeftLook::Stays(why) => stays(visit, left, why.to_string(), outcome).await?,
        LeftLook::Free => {
            let call = PruningCall::DeleteSnapshot {
                snapshot: left.snapshot,
                of: left.of,
            };
            let now = visit.clock.now();
            let delete = async |begun: Begun| {
                let token = call.token(visit.target, begun.attempt, begun.since);
                visit.at.prune(&call, &token, now).await
            };
            match visit.carry_out(left.release, &call, outcome, delete).await? {
                Called::Made(_) => record.forget_left(left).await?,
                Called::NotMade(problem) => {
                    let why = problem.cause.to_string();
                    record.tried(left, Words::from(why), visit.clock.now()).await?;
                }
                Called::Late => return Ok(Then::Later),
                Called::Stop => return Ok(Then::Stop),
            }
        }
    }
    Ok(Then::GoOn)
}

async fn stays(visit: &Visit<'_>, left: &HeldSnapshot, why: String, outcome: &mut Applied) -> Result<(), Problem> {
    outcome
        .left
        .push(format!("{} of {} is still there: {why}", left.snapshot, left.of));
    let record = &visit.room.record;
    record.tried(left, Words::from(why), visit.clock.now()).await
}
