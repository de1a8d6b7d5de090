//! One family: what of it is due where, sent to the target's worker.

use steward::ReleaseId;
use steward::distribution::DistributionWork;
use steward_aws::{Problem, Work, WorkQueue};
use steward_lambda::Moment;

use super::Dispatched;
use super::due::{Due, due};
use super::family::Family;
use super::handler::ONE_FAMILY;
use crate::Room;

/// So many releases one message names: a worker is done with them in minutes.
const IN_ONE_MESSAGE: usize = 50;
/// So many targets of a family one run sends to, the most urgent first; the next sweep goes on. With more, one family with
/// thousands of accounts would take all of a run's time.
const IN_ONE_RUN: usize = 5_000;
/// So many are written down as sent, and sent, at a time: whoever dies leaves no more than these to wait for.
const AT_A_TIME: usize = 100;

/// Sends what is due of a family to the workers of its targets.
pub(crate) async fn send(room: &Room, run: &str, family: &Family<'_>, moment: Moment) -> Result<Dispatched, Problem> {
    let name = &family.manifest.family;
    let mut outcome = Dispatched {
        families: 1,
        ..Dispatched::default()
    };
    let due = due(room, family, moment).await?;
    outcome.due = due.iter().map(|due| due.releases.len()).sum();
    outcome.publications = due.iter().filter(|due| due.publish).count();
    let Some(queue) = &room.queue else {
        return Ok(outcome);
    };
    let busy = room.record.sent(name, moment.now).await?;
    let (busy, free): (Vec<Due>, Vec<Due>) = due.into_iter().partition(|due| busy.contains(&due.target));
    outcome.busy = busy.len();
    outcome.unfinished = free.len() > IN_ONE_RUN;
    let work: Vec<Work<DistributionWork>> = free
        .into_iter()
        .take(IN_ONE_RUN)
        .map(|due| work(run, family, due))
        .collect();
    for some in work.chunks(AT_A_TIME) {
        if !moment.deadline.leaves(ONE_FAMILY) {
            outcome.unfinished = true;
            break;
        }
        hand_over(room, queue, family, some, moment).await?;
        outcome.messages += some.len();
    }
    Ok(outcome)
}

fn work(run: &str, family: &Family<'_>, due: Due) -> Work<DistributionWork> {
    let Due {
        target,
        releases,
        publish,
        looked: _,
    } = due;
    let name = &family.manifest.family;
    let releases: Vec<ReleaseId> = releases.into_iter().take(IN_ONE_MESSAGE).collect();
    Work {
        target,
        once: format!("{run}-{target}-{name}"),
        body: DistributionWork {
            run: run.to_owned(),
            target,
            family: name.clone(),
            releases,
            publish,
        },
    }
}

/// Written down first: work that nobody knows of would be sent twice.
async fn hand_over(
    room: &Room,
    queue: &WorkQueue,
    family: &Family<'_>,
    work: &[Work<DistributionWork>],
    moment: Moment,
) -> Result<(), Problem> {
    let name = &family.manifest.family;
    let targets = || work.iter().map(|work| work.target);
    room.record.mark_sent(name, targets(), moment.now).await?;
    if let Err(problem) = queue.send(work).await {
        // Some may have gone: a worker that is sent twice finds nothing to do.
        for target in targets() {
            room.record.mark_done(name, target).await?;
        }
        return Err(problem);
    }
    Ok(())
}
