use std::time::Duration;

use serde_json::Value;
use steward::Wake;
use steward::pruning::{PruningPlan, PruningWork, pruning_work};
use steward_aws::{Around, Holding, Problem, Pruned, Work};
use steward_lambda::{Failure, Moment, end};

use super::Planned;
use super::family::plan_family;
use crate::Room;
use crate::clock::Clock;

/// Less than this is too little to read another family: what is decided of the others is still to be sent.
const ONE_FAMILY: Duration = Duration::from_mins(2);
/// Milliseconds from one sweep to the next.
const SWEEP: i64 = 300_000;

/// Wake → facts → decision → work. Whatever wakes it, it goes through all families: one read each, where nothing is due.
pub async fn plan_pruning(room: &Room, event: &Value, run: &str, moment: Moment) -> Result<Planned, Failure> {
    let outcome = match Wake::read(event, &room.topic) {
        Ok(Wake::Sweep | Wake::Told) => Box::pin(plan_all(room, run, moment)).await?,
        Ok(
            Wake::Ami { .. }
            | Wake::Organization { .. }
            | Wake::Inputs { .. }
            | Wake::Vendor { .. }
            | Wake::Build { .. }
            | Wake::Scan { .. }
            | Wake::Pipeline { .. }
            | Wake::Container { .. }
            | Wake::Snapshot { .. },
        ) => Planned::refused("pruning is woken by our own events and the sweep"),
        Err(refusal) => Planned::refused(refusal),
    };
    end(&room.record, event, outcome, moment).await
}

/// Every family that has a manifest.
async fn plan_all(room: &Room, run: &str, moment: Moment) -> Result<Planned, Problem> {
    let clock = Clock::of(moment);
    let mut total = Planned::default();
    let mut families = room.record.all_holding().await?;
    let around = room.record.around(room.switch_at_first).await?;
    // Where time runs out, it is not always the same families that go without.
    let turn = usize::try_from(moment.now.as_millisecond() / SWEEP).unwrap_or_default();
    let count = families.len().max(1);
    families.rotate_left(turn % count);
    let mut plans = Vec::new();
    for holding in families {
        if !moment.deadline.leaves(ONE_FAMILY) {
            total.unfinished = true;
            break;
        }
        match Box::pin(one_family(room, holding, &around, &mut plans, (moment, clock))).await {
            Ok(part) => total.add(part),
            // One family must not hold up the others.
            Err(problem) => total.problems.push(problem.to_string()),
        }
    }
    match Box::pin(send(room, run, plans)).await {
        Ok(messages) => total.messages = messages,
        Err(problem) => total.problems.push(problem.to_string()),
    }
    if let Err(problem) = Box::pin(send_for_rest(room, run, moment)).await {
        total.problems.push(problem.to_string());
    }
    Ok(total)
}

async fn one_family(
    room: &Room,
    holding: Holding,
    around: &Around,
    plans: &mut Vec<(PruningPlan, Option<Pruned>)>,
    at: (Moment, Clock),
) -> Result<Planned, Problem> {
    let manifest = match holding.manifest {
        Ok(manifest) => manifest,
        Err(unreadable) => return Ok(Planned::failed(unreadable.to_string())),
    };
    let (part, plan) = Box::pin(plan_family(room, (&manifest, holding.version), around, at)).await?;
    plans.extend(plan);
    Ok(part)
}

/// Sends the workers what is to be done, and then writes down that each family was planned: what nobody took is planned again by
/// the next sweep.
async fn send(room: &Room, run: &str, planned: Vec<(PruningPlan, Option<Pruned>)>) -> Result<usize, Problem> {
    let (plans, rows): (Vec<PruningPlan>, Vec<Option<Pruned>>) = planned.into_iter().unzip();
    let mut messages = 0;
    if let Some(queue) = &room.queue {
        let work = pruning_work(run, room.aws.hub(), &plans);
        let work: Vec<Work<PruningWork>> = work.into_iter().map(message).collect();
        queue.send(&work).await?;
        messages = work.len();
    }
    for (plan, row) in plans.iter().zip(&rows) {
        if let Some(row) = row {
            room.record.write_pruned(&plan.family, row).await?;
        }
    }
    Ok(messages)
}

/// Where snapshots were left behind or steps left open, a worker sees to them, whether or not anything else is to be done there: a message
/// of the same run to the same target is one.
async fn send_for_rest(room: &Room, run: &str, moment: Moment) -> Result<(), Problem> {
    let Some(queue) = &room.queue else {
        return Ok(());
    };
    let mut due = room.record.left_due(moment.now).await?;
    due.extend(room.record.unsettled_due(moment.now).await?);
    let work = due.into_iter().map(|target| PruningWork {
        run: run.to_owned(),
        target,
        part: 0,
        families: Vec::new(),
    });
    let work: Vec<Work<PruningWork>> = work.map(message).collect();
    queue.send(&work).await
}

fn message(work: PruningWork) -> Work<PruningWork> {
    Work {
        target: work.target,
        once: work.once(),
        body: work,
    }
}
