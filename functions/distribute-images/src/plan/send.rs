//! One family: what of it is due where, sent to the target's worker.

use std::collections::{BTreeMap, BTreeSet};

use steward::distribution::{DistributionWork, distribution_targets, is_due};
use steward::manifest::Manifest;
use steward::{BuildState, ReleaseId, Target};
use steward_aws::{HeldAudience, Problem, Work};
use steward_lambda::Moment;

use super::Dispatched;
use crate::Room;

/// So many releases one message names: a worker is done with them in minutes.
const IN_ONE_MESSAGE: usize = 50;

/// Sends what is due of a family to the workers of its targets.
pub(crate) async fn send(
    room: &Room,
    run: &str,
    (manifest, number): (&Manifest, u32),
    held: &HeldAudience,
    moment: Moment,
) -> Result<Dispatched, Problem> {
    let family = &manifest.family;
    let mut outcome = Dispatched {
        families: 1,
        ..Dispatched::default()
    };
    let due = due(room, (manifest, number), held, moment).await?;
    let Some(queue) = &room.queue else {
        outcome.due = due.values().map(Vec::len).sum();
        return Ok(outcome);
    };
    let busy = room.record.sent(family, moment.now).await?;
    let mut work = Vec::new();
    for (target, releases) in due {
        outcome.due += releases.len();
        if busy.contains(&target) {
            outcome.busy += 1;
            continue;
        }
        let releases: Vec<ReleaseId> = releases.into_iter().take(IN_ONE_MESSAGE).collect();
        room.record.mark_sent(family, target, moment.now).await?;
        let message = DistributionWork {
            run: run.to_owned(),
            target,
            family: family.clone(),
            releases,
        };
        work.push(Work {
            target,
            once: format!("{run}-{target}-{family}"),
            body: message,
        });
    }
    if let Err(problem) = queue.send(&work).await {
        // Some may have gone: a worker that is sent twice finds nothing to do.
        for Work { target, .. } in &work {
            room.record.mark_done(family, *target).await?;
        }
        return Err(problem);
    }
    outcome.messages = work.len();
    Ok(outcome)
}

/// The releases that are due in each target, the newest first.
async fn due(
    room: &Room,
    (manifest, number): (&Manifest, u32),
    held: &HeldAudience,
    moment: Moment,
) -> Result<BTreeMap<Target, Vec<ReleaseId>>, Problem> {
    let family = &manifest.family;
    let stood = room.record.stood(family).await?;
    let mut members = room.record.members_of(family).await?;
    members.reverse();
    let wanted = distribution_targets(&manifest.distribute, room.aws.hub());
    let mut due: BTreeMap<Target, Vec<ReleaseId>> = BTreeMap::new();
    for release in members {
        // Where it was once, it is still looked at: what nobody declares any more is taken back.
        let once = stood.keys().filter(|(of, _)| *of == release).map(|(_, target)| *target);
        for target in wanted.iter().copied().chain(once).collect::<BTreeSet<_>>() {
            if is_due(stood.get(&(release, target)), number, &held.digest, moment.now) {
                due.entry(target).or_default().push(release);
            }
        }
    }
    let unknown: BTreeSet<ReleaseId> = due.values().flatten().copied().collect();
    let cards = room.record.cards(&unknown).await?;
    let is_usable = |release: &ReleaseId| {
        cards
            .get(release)
            .is_some_and(|card| card.state == Some(BuildState::Available))
    };
    for releases in due.values_mut() {
        releases.retain(is_usable);
    }
    due.retain(|_, releases| !releases.is_empty());
    Ok(due)
}
