use std::time::Duration;

use serde_json::Value;
use steward::Wake;
use steward::pruning::{PruningPlan, PruningWork, pruning_work};
use steward_aws::{Around, Holding, Problem, Work};
use steward_lambda::{Failure, Moment, end};

use super::Planned;
use super::family::plan_family;
use crate::Room;

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

/// Every family whose manifest makes images.
async fn plan_all(room: &Room, run: &str, moment: Moment) -> Result<Planned, Problem> {
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
        match Box::pin(one_family(room, holding, &around, &mut plans, moment)).await {
            Ok(part) => total.add(part),
            // One family must not hold up the others.
            Err(problem) => total.problems.push(problem.to_string()),
        }
    }
    total.messages = send(room, run, &plans, moment).await?;
    Ok(total)
}

async fn one_family(
    room: &Room,
    holding: Holding,
    around: &Around,
    plans: &mut Vec<PruningPlan>,
    moment: Moment,
) -> Result<Planned, Problem> {
    let manifest = match holding.manifest {
        Ok(manifest) if manifest.makes_images() => manifest,
        Ok(_) => return Ok(Planned::default()),
        Err(unreadable) => return Ok(Planned::failed(unreadable.to_string())),
    };
    let (part, plan) = Box::pin(plan_family(room, (&manifest, holding.version), around, moment)).await?;
    plans.extend(plan);
    Ok(part)
}

/// Sends the workers what is to be done: last, when all of it is written down.
async fn send(room: &Room, run: &str, plans: &[PruningPlan], moment: Moment) -> Result<usize, Problem> {
    let Some(queue) = &room.queue else {
        return Ok(0);
    };
    let work = pruning_work(run, room.aws.hub(), plans);
    // Where snapshots were left behind, a worker tries them again, whether or not anything else is to be done there.
    let mut left = room.record.left_due(moment.now).await?;
    for work in &work {
        left.remove(&work.target);
    }
    let for_left = left.into_iter().map(|target| PruningWork {
        run: run.to_owned(),
        target,
        families: Vec::new(),
    });
    let work = work.into_iter().chain(for_left);
    let work: Vec<Work<PruningWork>> = work.map(message).collect();
    queue.send(&work).await?;
    Ok(work.len())
}

fn message(work: PruningWork) -> Work<PruningWork> {
    Work {
        target: work.target,
        once: format!("{}-{}", work.run, work.target),
        body: work,
    }
}
